#include "agents/agent/joiner.h"

#include <sodium.h>
#include <string.h>

#include "agents/agent/cases.h"
#include "agents/agent/compose.h"
#include "agents/agent/directory.h"
#include "agents/agent/household.h"
#include "agents/agent/inbox.h"
#include "agents/agent/outbox.h"
#include "agents/agent/reseal.h"
#include "agents/agent/show.h"
#include "broker/lib/log.h"
#include "proto/chain.h"
#include "proto/civil.h"
#include "proto/seal.h"

#define K(name) SK__KIND__##name
#define ROW_KEY_SIZE (8 + REF_KEY_SIZE)

/* Key: joiner (0: waits for a key) || message. Value: nothing. */
struct waiting {
	uint64_t joiner;
	struct envelope_ref ref;
};

static void
row_key(uint8_t key[ROW_KEY_SIZE], const struct waiting *row)
{
	be64_put(key, row->joiner);
	ref_key(key + 8, &row->ref);
}

static void
put(struct agent *agent, const struct waiting *row)
{
	uint8_t key[ROW_KEY_SIZE];

	row_key(key, row);
	archive_put(agent->archive, TABLE_RESEAL,
	    (struct span){ key, sizeof(key) }, (struct span){ "", 0 });
}

static void
drop(struct agent *agent, const struct waiting *row)
{
	uint8_t key[ROW_KEY_SIZE];

	row_key(key, row);
	archive_del(agent->archive, TABLE_RESEAL,
	    (struct span){ key, sizeof(key) });
}

void
joiner_wait_for_key(struct agent *agent, const struct envelope_id *id)
{
	struct waiting row = { 0, { agent_self(agent), *id } };

	put(agent, &row);
}

uint64_t
joiner_count(struct agent *agent)
{
	return archive_count(agent->archive, TABLE_RESEAL);
}

/* ---- who comes in */

struct finding {
	struct agent *agent;
	uint64_t joiner;
	Sk__Role role;
	bool own_alone;		/* only what was said here */
	struct arena arena;
	size_t found;
	struct envelope_ref ref[JOINER_MESSAGES_MAX];
};

static bool
was_sent_to(const struct header *header, uint64_t participant)
{
	for (size_t i = 0; i < header->recipients; i++)
		if (header->recipient[i].participant == participant)
			return true;
	return false;
}

/* Past the bound the oldest give way. */
static void
remember(struct finding *finding, const struct envelope_ref *ref)
{
	if (finding->found == JOINER_MESSAGES_MAX) {
		memmove(&finding->ref[0], &finding->ref[1],
		    (JOINER_MESSAGES_MAX - 1) * sizeof(finding->ref[0]));
		finding->found--;
	}
	finding->ref[finding->found++] = *ref;
}

static bool
find_row(void *context, const struct timeline_entry *entry)
{
	struct finding *finding = context;
	struct archive *archive = finding->agent->archive;
	struct envelope_ref ref;
	struct header header;
	Sk__Deliver *deliver;
	struct inbox_row in;
	struct own_row out;

	arena_reset(&finding->arena);
	if (finding->own_alone && !entry->out)
		return true;
	if (entry->out) {
		if (own_get(archive, &entry->id, &out) != SK_OK ||
		    !out.accepted ||
		    !kind_reseals_to(out.kind, finding->role))
			return true;
		for (size_t i = 0; i < out.recipients; i++)
			if (out.recipient[i] == finding->joiner)
				return true;
		ref = (struct envelope_ref){ agent_self(finding->agent),
			out.id };
		remember(finding, &ref);
	} else if (inbox_get(archive, entry->arrival, &in) == SK_OK &&
	    in.trouble == 0 && in.ref.participant != finding->joiner &&
	    kind_reseals_to(in.kind, finding->role) &&
	    inbox_deliver(archive, entry->arrival, &finding->arena,
	    &deliver) == SK_OK && deliver->envelope != NULL &&
	    header_decode(deliver->envelope->header.data,
	    deliver->envelope->header.len, &finding->arena, &header, NULL) ==
	    SK_OK && !was_sent_to(&header, finding->joiner)) {
		remember(finding, &in.ref);
	}
	return true;
}

static void
hand_on(struct agent *agent, const struct envelope_ref *case_ref,
    uint64_t joiner, bool own_alone)
{
	static struct finding finding;

	memset(&finding, 0, sizeof(finding));
	finding.agent = agent;
	finding.joiner = joiner;
	finding.own_alone = own_alone;
	finding.role = directory_role(agent->archive, joiner);
	if (joiner == agent_self(agent) || finding.role == 0 ||
	    household_arena(&finding.arena) != SK_OK)
		return;
	cases_timeline(agent->archive, case_ref, find_row, &finding);
	household_arena_clear(&finding.arena);
	for (size_t i = 0; i < finding.found; i++) {
		struct waiting row = { joiner, finding.ref[i] };

		put(agent, &row);
	}
	if (finding.found > 0)
		log_event(LOG_INFO, "sealing anew for who came in",
		    "participant=%llu messages=%zu",
		    (unsigned long long)joiner, finding.found);
}

static void
comes_in(struct agent *agent, const struct envelope_ref *case_ref,
    uint64_t joiner)
{
	hand_on(agent, case_ref, joiner, false);
}

static void
role_comes_in(struct agent *agent, const struct envelope_ref *case_ref,
    const struct header *header, Sk__Role role)
{
	for (size_t i = 0; i < header->recipients; i++)
		if (directory_role(agent->archive,
		    header->recipient[i].participant) == role)
			comes_in(agent, case_ref,
			    header->recipient[i].participant);
}

static bool
is_team(struct agent *agent)
{
	return directory_role(agent->archive, agent_self(agent)) ==
	    SK__ROLE__ACCESS;
}

uint64_t
joiner_named(struct agent *agent, const struct envelope_ref *ref, bool *left)
{
	const struct kind_info *info = kind_info(K(INVOLVEMENT_NOTICE));
	Sk__Envelope *envelope = NULL;
	struct inbox_row row;
	struct arena arena;
	Sk__Deliver *deliver;
	Sk__Facts *facts;
	uint64_t who = 0;

	if (household_arena(&arena) != SK_OK)
		return 0;
	if (ref->participant == agent_self(agent)) {
		if (own_envelope(agent->archive, &ref->id, &arena,
		    &envelope) != SK_OK)
			envelope = NULL;
	} else if (inbox_by_ref(agent->archive, ref, &row) == SK_OK &&
	    row.trouble == 0 && inbox_deliver(agent->archive, row.arrival,
	    &arena, &deliver) == SK_OK) {
		envelope = deliver->envelope;
	}
	if (envelope != NULL && facts_decode(info, envelope->facts.data,
	    envelope->facts.len, &arena, &facts, NULL) == SK_OK) {
		who = facts->involvement_notice->participant;
		*left = facts->involvement_notice->left;
	}
	household_arena_clear(&arena);
	return who;
}

void
joiner_hear_own(struct agent *agent, const struct own_row *row)
{
	if (!row->accepted || !is_team(agent))
		return;
	if (row->kind == K(INVOLVEMENT_NOTICE)) {
		struct envelope_ref ref = { agent_self(agent), row->id };
		bool left = false;
		uint64_t who = joiner_named(agent, &ref, &left);

		if (who != 0 && !left)
			comes_in(agent, &row->case_ref, who);
		return;
	}
	if (row->kind != K(CONSULT) && row->kind != K(RET_REQUEST))
		return;
	for (size_t i = 0; i < row->recipients; i++)
		if (row->kind == K(CONSULT) || directory_role(
		    agent->archive, row->recipient[i]) == SK__ROLE__RET)
			comes_in(agent, &row->case_ref, row->recipient[i]);
}

/* Is there another team than the successor that can still hand on? */
static bool
a_team_is_left(struct agent *agent, const struct envelope_ref *case_ref,
    uint64_t successor)
{
	int32_t today = civil_date_at(agent_now(agent));
	struct member member;
	struct case_card card;

	if (cases_get(agent->archive, case_ref, &card) != SK_OK)
		return false;
	for (size_t i = 0; i < card.participants; i++)
		if (card.participant[i] != successor && directory_member(
		    agent->archive, card.participant[i], &member) == SK_OK &&
		    member.current.role == SK__ROLE__ACCESS &&
		    member_is_current(&member, today))
			return true;
	return false;
}

/*
 * A municipality merged into another: whose team has the case now reads what
 * came before from the team that had it; where that is gone, from each who
 * said it.
 */
static void
hear_notice(struct agent *agent, const struct inbox_row *row)
{
	uint64_t successor = row->about_participant;

	if (row->notice_kind != SK__NOTICE_KIND__MUNICIPALITY_MERGED ||
	    successor == 0 || successor == agent_self(agent))
		return;
	if (is_team(agent))
		comes_in(agent, &row->case_ref, successor);
	else if (!a_team_is_left(agent, &row->case_ref, successor))
		hand_on(agent, &row->case_ref, successor, true);
}

void
joiner_hear_in(struct agent *agent, const struct inbox_row *row,
    const struct header *header)
{
	if (row->kind == 0)
		hear_notice(agent, row);
	if (row->kind == 0 || !is_team(agent))
		return;
	/* a certified institution asks the experts too (R66) */
	if (row->kind == K(RET_REQUEST))
		role_comes_in(agent, &row->case_ref, header, SK__ROLE__RET);
	else if (row->kind == K(BOEG_REQUEST))
		role_comes_in(agent, &row->case_ref, header, SK__ROLE__BOEG);
	else if ((row->kind == K(ACCEPT) || row->kind == K(TRANSFER_TAKEN)) &&
	    row->reply_to.participant == agent_self(agent))
		comes_in(agent, &row->case_ref, row->ref.participant);
}

/* ---- sealing anew */

/* A message as it lies here, in an arena of its own. */
struct original {
	struct arena arena;
	Sk__Envelope *envelope;
	struct header header;
	Sk__Facts *facts;
	uint8_t leaf_hash[DIGEST_SIZE];
};

static enum sk_error
read_original(struct agent *agent, const struct envelope_ref *ref,
    struct original *o)
{
	Sk__Deliver *deliver;
	struct inbox_row in;
	struct own_row out;
	enum sk_error rc;

	if (ref->participant == agent_self(agent)) {
		if ((rc = own_get(agent->archive, &ref->id, &out)) != SK_OK ||
		    (rc = own_envelope(agent->archive, &ref->id, &o->arena,
		    &o->envelope)) != SK_OK)
			return rc;
		memcpy(o->leaf_hash, out.leaf_hash, DIGEST_SIZE);
	} else {
		if ((rc = inbox_by_ref(agent->archive, ref, &in)) != SK_OK ||
		    (rc = inbox_deliver(agent->archive, in.arrival, &o->arena,
		    &deliver)) != SK_OK)
			return rc;
		o->envelope = deliver->envelope;
		memcpy(o->leaf_hash, in.leaf_hash, DIGEST_SIZE);
	}
	if (o->envelope == NULL)
		return SK_ERASED;
	rc = header_decode(o->envelope->header.data, o->envelope->header.len,
	    &o->arena, &o->header, NULL);
	return rc != SK_OK ? rc : facts_decode(o->header.info,
	    o->envelope->facts.data, o->envelope->facts.len, &o->arena,
	    &o->facts, NULL);
}

static bool
is_marked(const Sk__Facts *facts)
{
	for (size_t i = 0; i < facts->n_sections; i++)
		if (facts->sections[i]->n_withheld_from > 0)
			return true;
	return false;
}

/* The whole: its content key, so that the joiner opens the very bytes that
 * their sender sealed. */
static enum sk_error
take_key(struct agent *agent, const struct original *o, Sk__Content *content,
    uint8_t key[SEAL_KEY_SIZE])
{
	const struct seal_key *own = NULL;
	size_t index;

	for (index = 0; index < o->header.recipients; index++)
		if (o->header.recipient[index].participant ==
		    agent_self(agent))
			break;
	if (index == o->header.recipients || (own = identity_seal_key(
	    &agent->identity, o->header.recipient[index].key_id)) == NULL)
		return SK_KEY_NOT_CURRENT;
	content->has_key = 1;
	content->key.data = key;
	content->key.len = SEAL_KEY_SIZE;
	return seal_take_key(own, index, o->header.recipients,
	    o->envelope->sealed.data, o->envelope->sealed.len, key);
}

/* Where a household must not see a section it does not travel on by itself:
 * the others do, as this agent read them. */
static enum sk_error
take_sections(struct agent *agent, struct original *o, Sk__Content *content)
{
	Sk__Content *all;
	size_t kept = 0;
	enum sk_error rc;

	rc = show_open_seal(agent, &o->header, o->envelope, &all, NULL);
	if (rc != SK_OK || all == NULL)
		return rc != SK_OK ? rc : SK_NOT_FOUND;
	for (size_t i = 0; i < all->n_sections; i++)
		for (size_t j = 0; j < o->facts->n_sections; j++)
			if (o->facts->sections[j]->section ==
			    all->sections[i]->section &&
			    o->facts->sections[j]->n_withheld_from == 0)
				all->sections[kept++] = all->sections[i];
	content->n_sections = kept;
	content->sections = all->sections;
	return kept > 0 ? SK_OK : SK_NOT_FOUND;
}

static enum sk_error
send_anew(struct agent *agent, const struct waiting *row, struct original *o)
{
	Sk__ResealFacts reseal = SK__RESEAL_FACTS__INIT;
	Sk__Content content = SK__CONTENT__INIT;
	Sk__Facts facts = SK__FACTS__INIT;
	uint8_t key[SEAL_KEY_SIZE];
	struct draft draft = {
		.info = kind_info(K(RESEAL)),
		.case_ref = o->header.case_ref,
		.reply_to = row->ref,
		.recipients = 1,
		.recipient = { row->joiner },
		.facts = &facts,
		.content = &content,
	};
	struct fault fault = { 0 };
	struct own_row own;
	enum sk_error rc;

	if (o->envelope->sealed.len == 0)
		return SK_NOT_FOUND;
	reseal.has_kind = reseal.has_leaf_hash = reseal.has_whole = 1;
	reseal.kind = o->header.info->kind;
	reseal.leaf_hash.data = o->leaf_hash;
	reseal.leaf_hash.len = DIGEST_SIZE;
	reseal.whole = !is_marked(o->facts);
	facts.reseal = &reseal;
	content.has_version = 1;
	content.version = MESSAGE_VERSION;
	arena_reset(&agent->scratch);
	rc = reseal.whole ? take_key(agent, o, &content, key) :
	    take_sections(agent, o, &content);
	if (rc == SK_OK)
		rc = compose(agent, &draft, &own, &fault);
	sodium_memzero(key, sizeof(key));
	show_clear(agent);
	return rc;
}

static void
seal_for(struct agent *agent, const struct waiting *row)
{
	struct original o = { 0 };
	enum sk_error rc;

	if (household_arena(&o.arena) != SK_OK)
		return;
	if ((rc = read_original(agent, &row->ref, &o)) == SK_OK)
		rc = send_anew(agent, row, &o);
	household_arena_clear(&o.arena);
	drop(agent, row);
	if (rc == SK_OK)
		log_event(LOG_INFO, "sealed anew for who came in",
		    "participant=%llu", (unsigned long long)row->joiner);
	else if (rc != SK_NOT_FOUND)
		log_event(LOG_WARN, "not sealed anew",
		    "participant=%llu code=%s",
		    (unsigned long long)row->joiner, error_name(rc));
}

struct gathering {
	struct waiting row[JOINER_TURN_MAX];
	size_t n;
	bool keys;
};

static bool
gather(void *context, struct span key, struct span value)
{
	struct gathering *g = context;
	struct waiting *row = &g->row[g->n];

	(void)value;
	if (key.size != ROW_KEY_SIZE)
		return true;
	row->joiner = be64_get(key.bytes);
	if (row->joiner == 0 && !g->keys)
		return true;
	ref_from_key(&row->ref, (const uint8_t *)key.bytes + 8);
	return ++g->n < JOINER_TURN_MAX;
}

bool
joiner_work(struct agent *agent, bool keys)
{
	struct gathering g = { .keys = keys };

	if (joiner_count(agent) == 0 || archive_walk(agent->archive,
	    TABLE_RESEAL, (struct span){ NULL, 0 }, gather, &g) != SK_OK)
		return false;
	for (size_t i = 0; i < g.n; i++) {
		if (g.row[i].joiner != 0)
			seal_for(agent, &g.row[i]);
		else if (reseal_message(agent, &g.row[i].ref.id))
			drop(agent, &g.row[i]);
	}
	return g.n == JOINER_TURN_MAX;
}
