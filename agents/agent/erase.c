#include "agents/agent/erase.h"

#include <stdlib.h>

#include "agents/agent/cases.h"
#include "agents/agent/compose.h"
#include "agents/agent/inbox.h"
#include "agents/agent/outbox.h"
#include "agents/agent/receive.h"
#include "proto/wire.h"
#include "broker/lib/log.h"
#include "proto/restore.h"

struct found {
	struct timeline_entry *entry;
	size_t n, room;
	bool whole;		/* false: out of memory */
};

static bool
collect(void *context, const struct timeline_entry *entry)
{
	struct found *found = context;
	struct timeline_entry *grown;

	if (found->n == found->room) {
		grown = realloc(found->entry,
		    (found->room * 2 + 64) * sizeof(*grown));
		if (grown == NULL)
			return found->whole = false;
		found->entry = grown;
		found->room = found->room * 2 + 64;
	}
	found->entry[found->n++] = *entry;
	return true;
}

/* ---- who says so */

static bool
says_so(Sk__Kind kind, const Sk__Facts *facts)
{
	return kind == SK__KIND__VOID ||
	    (kind == SK__KIND__ERASURE_ANSWER &&
	    facts->erasure_answer != NULL && facts->erasure_answer->granted);
}

static bool
is_candidate(Sk__Kind kind)
{
	return kind == SK__KIND__VOID || kind == SK__KIND__ERASURE_ANSWER;
}

static bool
received_says_so(struct agent *agent, uint64_t arrival)
{
	struct inbox_row row;
	struct header header;
	Sk__Deliver *deliver;
	Sk__Facts *facts;

	arena_reset(&agent->scratch);
	if (inbox_get(agent->archive, arrival, &row) != SK_OK)
		return false;
	/* It came erased: its header is its sender's word, and says enough. */
	if (row.trouble == SK_ERASED && row.erased_by != 0)
		return row.kind == SK__KIND__VOID;
	return row.trouble == 0 && is_candidate(row.kind) &&
	    inbox_deliver(agent->archive, arrival, &agent->scratch,
	    &deliver) == SK_OK && receive_verify(agent, deliver, &header,
	    &facts, NULL) == SK_OK && says_so(row.kind, facts);
}

static bool
own_says_so(struct agent *agent, const struct envelope_id *id)
{
	struct own_row row;
	Sk__Envelope *envelope;
	Sk__Facts *facts;

	arena_reset(&agent->scratch);
	return own_get(agent->archive, id, &row) == SK_OK && row.accepted &&
	    is_candidate(row.kind) && own_envelope(agent->archive, id,
	    &agent->scratch, &envelope) == SK_OK &&
	    facts_decode(kind_info(row.kind), envelope->facts.data,
	    envelope->facts.len, &agent->scratch, &facts, NULL) == SK_OK &&
	    says_so(row.kind, facts);
}

static bool
is_signed_for(struct agent *agent, const struct found *found)
{
	for (size_t i = 0; i < found->n; i++)
		if (found->entry[i].out ?
		    own_says_so(agent, &found->entry[i].id) :
		    received_says_so(agent, found->entry[i].arrival))
			return true;
	return false;
}

static bool
is_gone(struct agent *agent, const struct timeline_entry *entry)
{
	struct inbox_row row;
	Sk__Envelope *envelope;

	arena_reset(&agent->scratch);
	if (entry->out)
		return own_envelope(agent->archive, &entry->id,
		    &agent->scratch, &envelope) == SK_ERASED;
	return inbox_get(agent->archive, entry->arrival, &row) == SK_OK &&
	    (row.trouble == SK_ERASED || row.kind == 0);
}

/* Nothing is lost by it, whoever asks: it came erased, or a restored broker
 * tells it once more. */
static bool
holds_nothing(struct agent *agent, const struct found *found)
{
	for (size_t i = 0; i < found->n; i++)
		if (!is_gone(agent, &found->entry[i]))
			return false;
	return true;
}

/* ---- what goes */

static bool
keeps_own_dossier(const struct agent *agent)
{
	Sk__Role role;

	if (agent->dossier_is_said)
		return agent->own_dossier;
	role = directory_role(agent->archive, agent_self(agent));
	return role == SK__ROLE__PROVIDER || role == SK__ROLE__GI;
}

static void
erase_all(struct agent *agent, const struct found *found,
    const struct inbox_row *notice)
{
	for (size_t i = 0; i < found->n; i++)
		if (found->entry[i].out)
			own_erase(agent->archive, &found->entry[i].id,
			    &agent->scratch);
		else
			inbox_erase(agent->archive, found->entry[i].arrival,
			    notice);
	archive_renew(agent->archive);
}

/* One's own word: the broker passes it on and cannot check it. */
static void
say(struct agent *agent, const struct envelope_ref *ref, Sk__ErasureSaid what)
{
	Sk__ErasureDoneFacts done = SK__ERASURE_DONE_FACTS__INIT;
	Sk__Facts facts = SK__FACTS__INIT;
	struct draft draft = {
		.info = kind_info(SK__KIND__ERASURE_DONE),
		.case_ref = *ref,
		.facts = &facts,
	};
	struct own_row own;
	struct fault fault = { 0 };

	done.has_said = 1;
	done.said = what;
	facts.erasure_done = &done;
	if (compose(agent, &draft, &own, &fault) != SK_OK)
		log_event(LOG_WARN, "statement on the erasure not written",
		    "code=%s field=%s", error_name(fault.code), fault.field);
}

/* ---- that it was told */

#define ERASED_ROW 24u

static void
remember(struct archive *archive, const struct envelope_ref *ref,
    uint64_t journal, uint64_t position, uint64_t ground)
{
	uint8_t key[REF_KEY_SIZE], row[ERASED_ROW];

	ref_key(key, ref);
	be64_put(row, journal);
	be64_put(row + 8, position);
	be64_put(row + 16, ground);
	archive_put(archive, TABLE_ERASED, (struct span){ key, sizeof(key) },
	    (struct span){ row, sizeof(row) });
}

struct told {
	uint64_t journal;	/* the present one */
	uint64_t kept;		/* in the one before it */
	struct arena *arena;	/* NULL: those that stand are listed */
	Sk__ErasureDone **list;
	struct envelope_ref stands[ERASURES_TOLD_MAX];
	uint64_t row[ERASURES_TOLD_MAX][2];
	size_t n;
};

static Sk__ErasureDone *
done_of(struct arena *arena, const struct envelope_ref *ref,
    const uint8_t *row)
{
	Sk__ErasureDone *done = arena_new(arena, Sk__ErasureDone,
	    sk__erasure_done__init);

	if (done == NULL ||
	    (done->case_ref = ref_to_message(ref, arena)) == NULL)
		return NULL;
	done->has_journal = done->has_position = done->has_ground = 1;
	done->journal = be64_get(row);
	done->position = be64_get(row + 8);
	done->ground = (Sk__ErasureGround)be64_get(row + 16);
	return done;
}

/* Told by a journal before this one, of what the backup has not. */
static bool
see_told(void *context, struct span key, struct span value)
{
	struct told *told = context;
	const uint8_t *row = value.bytes;
	struct envelope_ref ref;

	if (key.size != REF_KEY_SIZE || value.size != ERASED_ROW ||
	    be64_get(row) >= told->journal)
		return true;
	ref_from_key(&ref, key.bytes);
	if (told->arena != NULL) {
		told->list[told->n] = done_of(told->arena, &ref, row);
		told->n += told->list[told->n] != NULL;
	} else if (be64_get(row + 8) < told->kept) {
		told->stands[told->n] = ref;
		told->row[told->n][0] = be64_get(row + 8);
		told->row[told->n++][1] = be64_get(row + 16);
	}
	return told->n < ERASURES_TOLD_MAX;
}

void
erase_restored(struct agent *agent, uint64_t journal, uint64_t kept)
{
	struct told told = { .journal = journal, .kept = kept };

	do {
		told.n = 0;
		if (archive_walk(agent->archive, TABLE_ERASED,
		    (struct span){ NULL, 0 }, see_told, &told) != SK_OK)
			return;
		for (size_t i = 0; i < told.n; i++)
			remember(agent->archive, &told.stands[i], journal,
			    told.row[i][0], told.row[i][1]);
	} while (told.n == ERASURES_TOLD_MAX);
}

size_t
erase_list(struct agent *agent, struct arena *arena,
    Sk__ErasureDone *list[ERASURES_TOLD_MAX])
{
	struct told told = { .journal = origin_number(agent_origin(agent)),
		.arena = arena, .list = list };

	if (archive_walk(agent->archive, TABLE_ERASED,
	    (struct span){ NULL, 0 }, see_told, &told) != SK_OK)
		return 0;
	return told.n;
}

void
erase_case(struct agent *agent, const struct inbox_row *notice)
{
	const struct envelope_ref *ref = &notice->case_ref;
	struct found found = { .whole = true };
	bool keeps = keeps_own_dossier(agent);

	if (cases_timeline(agent->archive, ref, collect, &found) != SK_OK ||
	    !found.whole || (!is_signed_for(agent, &found) &&
	    !holds_nothing(agent, &found))) {
		log_event(LOG_WARN, "told to erase, and no participant has "
		    "signed for it", "participant=%llu case=%llu",
		    (unsigned long long)ref->participant,
		    (unsigned long long)ref->id.number);
		free(found.entry);
		return;
	}
	remember(agent->archive, ref, archive_meta(agent->archive)->
	    mailbox_journal, notice->position, notice->erased_ground);
	if (!keeps)
		erase_all(agent, &found, notice);
	say(agent, ref, keeps ? SK__ERASURE_SAID__OWN_DOSSIER_KEPT :
	    SK__ERASURE_SAID__COPY_ERASED);
	log_event(LOG_INFO, keeps ? "own dossier kept after an erasure" :
	    "case erased", "messages=%zu", found.n);
	free(found.entry);
}
