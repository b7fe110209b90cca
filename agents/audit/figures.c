/*
 * figures.c - the journal walked once, each event into the total and into the
 * cell that it belongs to; then what is too few is hidden.
 */
#include "agents/audit/figures.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* A case's memory lies in blocks, so that it grows without a copy. */
#define BLOCK 1024u

struct walk {
	struct report report;
	struct keys *keys[BYS];
	struct families *families;
	struct rights *rights;
	struct figures_case **block;
	size_t blocks;
	uint64_t cases;			/* highest number seen */
	bool finished;
	enum sk_error rc;		/* the first that went wrong */
};

static struct figures_case *
memory_of(struct walk *w, uint64_t case_number)
{
	size_t at = (size_t)(case_number / BLOCK), n = w->blocks;
	struct figures_case **grown;

	while (n <= at)
		n = n * 2 + 16;
	if (n > w->blocks) {
		if ((grown = realloc(w->block, n * sizeof(*grown))) == NULL)
			return NULL;
		memset(grown + w->blocks, 0, (n - w->blocks) * sizeof(*grown));
		w->block = grown;
		w->blocks = n;
	}
	if (w->block[at] == NULL)
		w->block[at] = calloc(BLOCK, sizeof(**w->block));
	if (case_number > w->cases)
		w->cases = case_number;
	return w->block[at] == NULL ? NULL : &w->block[at][case_number % BLOCK];
}

static size_t
place(const struct table *table, uint64_t id)
{
	size_t low = 0, high = table->cells;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (table->cell[middle]->id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Its cell in one table; NULL: no memory. */
static struct cell *
cell_of(struct walk *w, enum by by, uint64_t id, const struct engine *engine,
    const Sk__Policy *policy)
{
	struct table *t = &w->report.table[by];
	size_t at = place(t, id);
	struct cell **grown, *cell;

	if (at < t->cells && t->cell[at]->id == id)
		return t->cell[at];
	if (t->cells == t->room) {
		grown = realloc(t->cell, (t->room * 2 + 64) * sizeof(*grown));
		if (grown == NULL)
			return NULL;
		t->cell = grown;
		t->room = t->room * 2 + 64;
	}
	if ((cell = calloc(1, sizeof(*cell))) == NULL)
		return NULL;
	cell->id = id;
	keys_name(w->keys[by], id, engine, policy, cell->name);
	memmove(&t->cell[at + 1], &t->cell[at],
	    (t->cells - at) * sizeof(*t->cell));
	t->cell[at] = cell;
	t->cells++;
	return cell;
}

static enum sk_error
link_up(struct report *r, const uint64_t id[BYS])
{
	struct link *grown;

	/* the newest first: cases of one place come one after another */
	for (size_t i = r->links; i-- > 0;)
		if (r->link[i].municipality == id[BY_MUNICIPALITY] &&
		    r->link[i].of[BY_REGION] == id[BY_REGION] &&
		    r->link[i].of[BY_COURT] == id[BY_COURT] &&
		    r->link[i].of[BY_AREA] == id[BY_AREA])
			return SK_OK;
	if (r->links == r->link_room) {
		grown = realloc(r->link, (r->link_room * 2 + 512) *
		    sizeof(*grown));
		if (grown == NULL)
			return SK_NO_MEMORY;
		r->link = grown;
		r->link_room = r->link_room * 2 + 512;
	}
	r->link[r->links].municipality = id[BY_MUNICIPALITY];
	memcpy(r->link[r->links++].of, id, sizeof(r->link->of));
	return SK_OK;
}

/* The six cells that this belongs to. */
static enum sk_error
cells_of(struct walk *w, const struct engine *engine, const Sk__Policy *policy,
    const struct figures_case *now, uint64_t provider,
    struct cell *cells[BYS])
{
	uint64_t id[BYS];

	for (int by = 0; by < BYS; by++) {
		id[by] = keys_of(w->keys[by], now, provider, policy);
		cells[by] = cell_of(w, (enum by)by, id[by], engine, policy);
		if (cells[by] == NULL)
			return SK_NO_MEMORY;
	}
	return link_up(&w->report, id);
}

/* How many answers a message holds, lists counted by their items. */
static uint32_t
count_fields(const ProtobufCMessage *message)
{
	const ProtobufCMessageDescriptor *d = message->descriptor;
	uint32_t n = 0;

	for (unsigned i = 0; i < d->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &d->fields[i];
		const uint8_t *at = (const uint8_t *)message + f->offset;
		const uint8_t *has = (const uint8_t *)message +
		    f->quantifier_offset;
		bool is_message = f->type == PROTOBUF_C_TYPE_MESSAGE;

		if (f->label == PROTOBUF_C_LABEL_REPEATED) {
			size_t items = *(const size_t *)(const void *)has;
			void *const *list =
			    *(void *const *const *)(const void *)at;

			for (size_t k = 0; k < items; k++)
				n += is_message ? count_fields(list[k]) : 1;
		} else if (is_message) {
			const ProtobufCMessage *part =
			    *(ProtobufCMessage *const *)(const void *)at;

			n += part == NULL ? 0 : count_fields(part);
		} else if (f->type == PROTOBUF_C_TYPE_STRING)
			n += *(char *const *)(const void *)at != NULL;
		else
			n += *(const protobuf_c_boolean *)(const void *)has != 0;
	}
	return n;
}

static void
fill_event(const struct walk *w, const struct observation *seen,
    struct figures_event *event)
{
	memset(event, 0, sizeof(*event));
	event->event = seen->event;
	event->instant = seen->instant;
	event->before = seen->before;
	event->after = seen->after;
	event->sender = seen->sender;
	if (seen->member != NULL)
		event->role = seen->member->current.role;
	event->header = seen->header;
	event->facts = seen->facts;
	event->effects = seen->effects;
	event->policy = seen->policy;
	event->catalogue = seen->catalogue;
	if (seen->header != NULL)
		event->right = rights_of(w->rights, seen->sender,
		    &seen->header->id);
	if (seen->outcome != NULL && !seen->outcome->accepted)
		event->refusal = (enum sk_error)seen->outcome->code;
	if (seen->facts != NULL && event->refusal == SK_OK)
		event->fields = count_fields(&seen->facts->base);
	if (seen->deadline != NULL) {
		event->deadline = seen->deadline->kind;
		event->breach = seen->deadline->breach;
	}
}

/* Into the total and into its cell; then the memory follows. */
static enum sk_error
count(struct walk *w, const struct engine *engine,
    const struct observation *seen, struct figures_case *past,
    struct figures_family *family)
{
	struct figures_family family_then = { 0 };
	struct figures_case then = *past;
	struct figures_event event;
	struct cell *cells[BYS];
	enum sk_error rc;

	fill_event(w, seen, &event);
	if (family != NULL)
		family_then = *family;
	figures_remember(&then, family == NULL ? NULL : &family_then, &event);
	if (figures_in_period(&w->report.period, seen->instant)) {
		rc = cells_of(w, engine, seen->policy, &then,
		    figures_provider(past, &event), cells);
		if (rc != SK_OK)
			return rc;
		figures_feed(&w->report.all.figures, past, family, &event);
		for (int by = 0; by < BYS; by++)
			figures_feed(&cells[by]->figures, past, family,
			    &event);
		w->report.erased += seen->erased;
	} else
		w->report.erased_before += seen->erased;
	*past = then;
	if (family != NULL)
		*family = family_then;
	return SK_OK;
}

/* With each provider that it waits for, and with its last. */
static enum sk_error
stand_with_providers(struct walk *w, const struct engine *engine,
    const Sk__Policy *policy, const struct figures_case *now)
{
	uint64_t done[CASE_HANDOFFS_MAX + 1];
	size_t n = 0;

	for (size_t i = 0; i <= now->waits; i++) {
		uint64_t provider = i == 0 ? now->provider :
		    now->waits_for[i - 1];
		struct cell *cell;
		bool again = false;

		for (size_t k = 0; k < n; k++)
			again = again || done[k] == provider;
		if (again)
			continue;
		done[n++] = provider;
		cell = cell_of(w, BY_PROVIDER, keys_of(w->keys[BY_PROVIDER],
		    now, provider, policy), engine, policy);
		if (cell == NULL)
			return SK_NO_MEMORY;
		figures_stand(&cell->figures, now, w->report.period.to,
		    provider);
	}
	return SK_OK;
}

static enum sk_error
stand(struct walk *w, const struct engine *engine, const Sk__Policy *policy,
    const struct figures_case *now)
{
	struct cell *cells[BYS];
	enum sk_error rc = cells_of(w, engine, policy, now, now->provider,
	    cells);

	if (rc != SK_OK)
		return rc;
	figures_stand(&w->report.all.figures, now, w->report.period.to, 0);
	for (int by = 0; by < BYS; by++)
		if (by != BY_PROVIDER)
			figures_stand(&cells[by]->figures, now,
			    w->report.period.to, 0);
	return stand_with_providers(w, engine, policy, now);
}

/* The quarter is over: with the first entry after it, or with the last. */
static enum sk_error
finish(struct walk *w, const struct engine *engine,
    const struct observation *seen)
{
	const Sk__Policy *policy = engine_policy(engine);
	enum sk_error rc = SK_OK;

	if (w->finished)
		return SK_OK;
	w->finished = true;
	for (uint64_t n = 1; n <= w->cases && rc == SK_OK; n++) {
		const struct figures_case *now = memory_of(w, n);

		if (now == NULL)
			return SK_NO_MEMORY;
		if (now->state != 0 &&
		    now->state < SK__CASE_STATE__CASE_CLOSED)
			rc = stand(w, engine, policy, now);
	}
	figures_oldest(&w->report.all.figures);
	for (int by = 0; by < BYS; by++)
		for (size_t i = 0; i < w->report.table[by].cells; i++)
			figures_oldest(&w->report.table[by].cell[i]->figures);
	figures_coverage(&w->report.all.figures, policy);
	figures_places(&w->report.all.figures, seen->catalogue, policy,
	    w->report.period.to);
	return rc;
}

/* Mail that went out again belongs to who it went to. */
static enum sk_error
take_mail(struct walk *w, const struct engine *engine,
    const struct observation *seen)
{
	const struct member *member = engine_member(engine,
	    seen->mailbox->participant);
	struct figures_case to = { 0 };
	uint64_t provider = 0;
	struct cell *cells[BYS];
	uint32_t n;

	if (seen->mailbox->again == 0 || member == NULL ||
	    !figures_in_period(&w->report.period, seen->instant))
		return SK_OK;
	if (member->current.role == SK__ROLE__ACCESS) {
		to.owner = seen->mailbox->participant;
		to.municipality = member->current.area[0];
	} else if (member->current.role == SK__ROLE__PROVIDER)
		provider = seen->mailbox->participant;
	if (cells_of(w, engine, seen->policy, &to, provider, cells) != SK_OK)
		return SK_NO_MEMORY;
	n = (uint32_t)seen->mailbox->again;
	figures_resent(&w->report.all.figures, n);
	for (int by = 0; by < BYS; by++)
		figures_resent(&cells[by]->figures, n);
	return SK_OK;
}

static enum sk_error
take_case(struct walk *w, const struct engine *engine,
    const struct observation *seen)
{
	struct figures_case none = { 0 }, *past = &none;
	struct figures_family *family = NULL;
	const Sk__Effects *effects = seen->effects;
	enum sk_error rc = SK_OK;

	if (seen->case_number != 0 &&
	    (past = memory_of(w, seen->case_number)) == NULL)
		return SK_NO_MEMORY;
	if (effects != NULL && effects->opening != NULL)
		past->voided = rights_voided(w->rights, seen->case_number);
	if (seen->case_number == 0 && effects != NULL &&
	    effects->unmet != NULL && effects->unmet->municipality != NULL)
		none.municipality = policy_municipality(
		    effects->unmet->municipality);
	if (effects != NULL && effects->n_family_joined > 0)
		rc = families_join(w->families, effects);
	if (rc == SK_OK && seen->after != NULL)
		rc = families_of(w->families, seen->after->family, &family);
	return rc == SK_OK ? count(w, engine, seen, past, family) : rc;
}

static enum sk_error
take(struct walk *w, const struct engine *engine,
    const struct observation *seen)
{
	if (seen->event == SK__EVENT_KIND__CONTROL_EVENT)
		for (int by = 0; by < BYS; by++)
			keys_forget(w->keys[by]);
	if (seen->quarter != NULL)
		return figures_closed_keep(&w->report, seen);
	if (civil_date_at(seen->instant) > w->report.period.to) {
		w->report.over = true;
		return finish(w, engine, seen);
	}
	if (seen->mailbox != NULL)
		return take_mail(w, engine, seen);
	if (seen->event != SK__EVENT_KIND__ENVELOPE_EVENT &&
	    seen->event != SK__EVENT_KIND__DEADLINE_EVENT)
		return SK_OK;
	return take_case(w, engine, seen);
}

static void
observe(void *context, const struct engine *engine,
    const struct observation *seen)
{
	struct walk *w = context;

	if (w->rc != SK_OK)
		return;
	if (seen->event == 0)
		w->rc = finish(w, engine, seen);
	else
		w->rc = take(w, engine, seen);
}

static int
compare_names(const void *a, const void *b)
{
	const struct cell *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

void
report_choose(struct report *r, enum by by)
{
	r->by = by;
	r->cell = r->table[by].cell;
	r->cells = r->table[by].cells;
}

static void
walk_clear(struct walk *w)
{
	for (int by = 0; by < BYS; by++) {
		for (size_t i = 0; i < w->report.table[by].cells; i++)
			free(w->report.table[by].cell[i]);
		free(w->report.table[by].cell);
		keys_free(w->keys[by]);
	}
	free(w->report.link);
	figures_closed_clear(&w->report);
	for (size_t i = 0; i < w->blocks; i++)
		free(w->block[i]);
	free(w->block);
	families_free(w->families);
	rights_free(w->rights);
}

static enum sk_error
walk_run(struct walk *w, struct journal *journal,
    const struct request *request, struct fault *fault)
{
	char base[PATH_MAX], state[PATH_MAX];
	enum sk_error rc;

	w->families = families_make();
	if (w->families == NULL)
		return fault_set(fault, SK_NO_MEMORY, "", NULL);
	for (int by = 0; by < BYS; by++)
		if ((w->keys[by] = keys_make((enum by)by)) == NULL)
			return fault_set(fault, SK_NO_MEMORY, "", NULL);
	rc = rights_find(journal, w->report.quarter, &w->rights, fault);
	if (rc != SK_OK)
		return rc;
	w->report.counted = rights_until(w->rights);
	rc = audit_scratch_make(request, base, state, fault);
	if (rc != SK_OK)
		return rc;
	rc = engine_watch(journal, state, observe, w, fault);
	audit_scratch_remove(base, state);
	if (rc == SK_OK && (rc = w->rc) == SK_OK)
		rc = figures_hide_all(&w->report);
	for (int by = 0; by < BYS; by++)
		if (rc == SK_OK && w->report.table[by].cells > 0)
			qsort(w->report.table[by].cell,
			    w->report.table[by].cells,
			    sizeof(*w->report.table[by].cell), compare_names);
	report_choose(&w->report, w->report.by);
	if (rc == SK_OK)
		rc = figures_closed_settle(&w->report);
	if (rc != SK_OK && fault->code == SK_OK)
		fault_set(fault, rc, "", NULL);
	return rc;
}

enum verdict_code
audit_figures(struct journal *journal, const struct request *request)
{
	static struct walk w;	/* a cell is 40 KiB */
	struct report *r = &w.report;
	struct fault fault = { 0 };
	bool every_key = false;
	enum sk_error rc = SK_OK;

	memset(&w, 0, sizeof(w));
	r->quarter = request->period;
	snprintf(r->all.name, sizeof(r->all.name), "%s", "alles / all");
	if (request->close != NULL && strcmp(request->by, "all") == 0)
		every_key = true;
	else if (!by_parse(request->by, &r->by))
		rc = fault_set(&fault, SK_USAGE, "--by", "area, municipality, "
		    "region, court, provider or theme; all with --close");
	if (rc == SK_OK && !figures_period_parse(request->period, &r->period))
		rc = fault_set(&fault, SK_USAGE, "--period", "as 2026Q1");
	if (rc == SK_OK)
		rc = walk_run(&w, journal, request, &fault);
	if (rc == SK_OK) {
		if (request->close != NULL)
			rc = figures_close(r, every_key, request->close,
			    &fault);
		else if (request->json)
			figures_print_json(r);
		else if (request->csv)
			figures_print_csv(r);
		else if (request->html != NULL)
			rc = figures_write_html(r, request->html, &fault);
		else
			figures_print_text(r);
	}
	walk_clear(&w);
	if (rc == SK_OK)
		return AUDIT_HOLDS;
	audit_blind(request->dir, &fault);
	return rc == SK_STORE_CORRUPT ? AUDIT_WRONG : AUDIT_BLIND;
}
