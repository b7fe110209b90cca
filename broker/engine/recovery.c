/*
 * recovery.c - a journal that was restored: what lies behind the backup comes
 * back from the agents, waits until all have spoken, and is decided again in
 * the order that it had.
 */
#include "broker/engine/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/lib/file.h"
#include "proto/chain.h"
#include "proto/civil.h"

#define STAGING_KEY 24u
#define STAGING_COMMIT 256	/* frames in one transaction */
#define DECIDE_COMMIT 1024	/* entries in one commit */
#define CONFLICT_ROW 16u

static const struct store_table staging_tables[] = {
	{ "resent", false },	/* n || position || participant -> Resend */
};

bool
engine_in_recovery(const struct engine *engine)
{
	return engine->meta.recovery != 0;
}

/* ---- what waits lies beside the state, and is worth nothing after a stop:
 * its senders were promised nothing, and send it again */

static void
remove_staging(const char *path)
{
	static const char *const names[] = { "data.mdb", "lock.mdb", "owner" };
	char file[4096];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		file_path(file, sizeof(file), path, names[i]);
		unlink(file);
	}
	rmdir(path);
}

enum sk_error
recovery_open(struct engine *engine, const char *state_path)
{
	size_t size = strlen(state_path) + sizeof(".resent");

	if ((engine->staging_path = malloc(size)) == NULL)
		return SK_NO_MEMORY;
	snprintf(engine->staging_path, size, "%s.resent", state_path);
	remove_staging(engine->staging_path);
	return SK_OK;
}

void
recovery_close(struct engine *engine)
{
	store_abort(engine->staging_txn);
	engine->staging_txn = NULL;
	store_close(engine->staging);
	engine->staging = NULL;
	if (engine->staging_path != NULL)
		remove_staging(engine->staging_path);
	free(engine->staging_path);
	engine->staging_path = NULL;
}

static enum sk_error
staging_write(struct engine *engine)
{
	const struct store_options options = { .path = engine->staging_path,
		.tables_max = 1 };
	enum sk_error rc = SK_OK;

	if (engine->staging == NULL)
		rc = store_open(&options, staging_tables, 1, &engine->staging);
	if (rc == SK_OK && engine->staging_txn != NULL &&
	    engine->staging_puts >= STAGING_COMMIT) {
		rc = store_commit(engine->staging_txn);
		engine->staging_txn = NULL;
		engine->staging_puts = 0;
	}
	if (rc == SK_OK && engine->staging_txn == NULL)
		rc = store_write(engine->staging, &engine->staging_txn);
	return rc;
}

/* ---- who has spoken */

void
engine_heard(struct engine *engine, uint64_t participant,
    uint64_t former_last)
{
	struct party *party = party_find(engine, participant);

	if (party == NULL)
		return;
	party->heard = true;
	party->former_last = former_last;
}

uint64_t
engine_staged(const struct engine *engine, uint64_t participant)
{
	const struct party *party = party_find(engine, participant);

	if (party == NULL)
		return 0;
	return party->staged > party->row.sender.last_number ? party->staged :
	    party->row.sender.last_number;
}

bool
engine_reported(const struct engine *engine, uint64_t participant,
    uint64_t *waiting)
{
	const struct party *party = party_find(engine, participant);

	*waiting = party == NULL ? 0 : party->waiting;
	return party != NULL && party->heard &&
	    engine_staged(engine, participant) >= party->former_last;
}

/* Its case here, when it stands with its content and this one has part in it;
 * else 0. */
static uint64_t
told_case(struct engine *engine, uint64_t participant,
    const Sk__ErasureDone *done)
{
	struct envelope_ref ref;
	struct case_row row;
	uint64_t position, case_number = 0;

	if (done->case_ref == NULL ||
	    !ref_from_message(done->case_ref, &ref) ||
	    done->journal >= journal_founding(engine->journal)->number ||
	    journal_id(engine->journal, ref.participant, &ref.id, &position,
	    &case_number) != SK_OK || case_number == 0 ||
	    row_load(engine, case_number, &row) != SK_OK ||
	    !ref_equal(&row.ref, &ref) || row.erased != 0 ||
	    !case_has_participant(&row, participant))
		return 0;
	return case_number;
}

bool
engine_told_erased(struct engine *engine, uint64_t participant,
    const Sk__ErasureDone *done, struct told_erased *row)
{
	uint64_t case_number = told_case(engine, participant, done);

	if (case_number == 0 || engine->n_told_erased == TOLD_ERASED_MAX)
		return false;
	for (size_t i = 0; i < engine->n_told_erased; i++)
		if (engine->told_erased[i].case_number == case_number)
			return false;
	*row = (struct told_erased){ .case_number = case_number,
		.participant = participant, .journal = done->journal,
		.position = done->position, .ground = done->ground };
	engine->told_erased[engine->n_told_erased++] = *row;
	return true;
}

bool
engine_told_erased_at(struct engine *engine, size_t index,
    struct told_erased *row)
{
	struct case_row state;

	for (size_t i = 0; i < engine->n_told_erased; i++) {
		*row = engine->told_erased[i];
		if (row_load(engine, row->case_number, &state) == SK_OK &&
		    state.erased == 0 && index-- == 0)
			return true;
	}
	return false;
}

static bool
is_for_later(const Sk__EndRecovery *end, uint64_t case_number)
{
	for (size_t i = 0; i < end->n_erase_later; i++)
		if (end->erase_later[i] == case_number)
			return true;
	return false;
}

/* What was erased may not come back unseen. */
static enum sk_error
check_told_erased(struct engine *engine, const Sk__EndRecovery *end,
    struct fault *fault)
{
	struct told_erased row;

	for (size_t i = 0; engine_told_erased_at(engine, i, &row); i++)
		if (!is_for_later(end, row.case_number))
			return fault_set(fault, SK_IN_RECOVERY,
			    "command.end_recovery.erase_later", "%llu was "
			    "told to erase case %llu: erase it, or name it to "
			    "be erased afterwards",
			    (unsigned long long)row.participant,
			    (unsigned long long)row.case_number);
	return SK_OK;
}

static bool
is_absent(const Sk__EndRecovery *end, uint64_t participant)
{
	for (size_t i = 0; i < end->n_absent; i++)
		if (end->absent[i] == participant)
			return true;
	return false;
}

enum sk_error
recovery_check_end(struct engine *engine, const Sk__EndRecovery *end,
    struct fault *fault)
{
	const int32_t today = civil_date_at(engine->last_instant);
	uint64_t waiting;

	if (!engine_in_recovery(engine))
		return fault_set(fault, SK_NOTHING_PENDING,
		    "command.end_recovery", "the journal is not in recovery");
	for (size_t i = 0; i < end->n_absent; i++)
		if (party_find(engine, end->absent[i]) == NULL)
			return fault_set(fault, SK_NOT_ENROLLED,
			    "command.end_recovery.absent", "%llu",
			    (unsigned long long)end->absent[i]);
	for (size_t i = 0; i < engine->n_parties; i++) {
		const struct party *party = engine->parties[i];

		if (member_is_current(&party->row.member, today) &&
		    !is_absent(end, party->participant) &&
		    !engine_reported(engine, party->participant, &waiting))
			return fault_set(fault, SK_IN_RECOVERY,
			    "command.end_recovery.absent", "%llu has not "
			    "reported: wait, or name it as absent",
			    (unsigned long long)party->participant);
	}
	return check_told_erased(engine, end, fault);
}

/* ---- what they send again */

/* The last entry that a restore kept; what was lost came after it. */
static enum sk_error
instant_before(struct engine *engine, uint64_t restored_at, int64_t *instant)
{
	struct span bytes;
	struct leaf leaf;
	enum sk_error rc;

	rc = journal_leaf(engine->journal, restored_at - 1, &bytes);
	if (rc == SK_OK)
		rc = leaf_decode(bytes.bytes, bytes.size, &leaf);
	*instant = rc == SK_OK ? leaf.instant : INT64_MAX;
	return rc;
}

/*
 * Its restore is the one that ended journal n. The receipt of before is its
 * sender's word alone: as of long ago it could make good what came too late.
 */
static enum sk_error
check_place(struct engine *engine, uint64_t journal,
    const Sk__Receipt *receipt, struct fault *fault)
{
	const struct founding *founding = journal_founding(engine->journal);
	size_t restores = journal_restores(engine->journal);
	uint64_t first = founding->number - restores, restored_at;
	int64_t kept;
	enum sk_error rc;

	if (journal < first || journal >= founding->number)
		return fault_set(fault, SK_FIELD_INVALID, "resend.journal",
		    "a journal before %llu",
		    (unsigned long long)founding->number);
	restored_at = journal_restored_at(engine->journal,
	    (size_t)(journal - first));
	if (receipt->position < restored_at)
		return fault_set(fault, SK_FIELD_INVALID,
		    "resend.receipts.position", "behind the backup");
	if ((rc = instant_before(engine, restored_at, &kept)) != SK_OK)
		return fault_set(fault, rc, "resend", NULL);
	if (receipt->instant < kept)
		return fault_set(fault, SK_FIELD_INVALID,
		    "resend.receipts.instant",
		    "not before the last entry of the backup");
	return SK_OK;
}

static enum sk_error
check_receipt(const Sk__Resend *resend, size_t i, struct fault *fault)
{
	const Sk__Receipt *receipt = resend->receipts[i];
	const Sk__Receipt *first = resend->receipts[0];

	if (receipt->number != resend->submit->first_number + i ||
	    !receipt->has_position || !receipt->has_instant ||
	    receipt->instant <= 0 || receipt->leaf_hash.len != DIGEST_SIZE ||
	    receipt->outcome == NULL)
		return fault_set(fault, SK_FIELD_INVALID, "resend.receipts",
		    "the receipt of each envelope");
	/* A SUBMIT was journalled whole and at one instant. */
	if (receipt->position != first->position + i ||
	    receipt->instant != first->instant)
		return fault_set(fault, SK_FIELD_INVALID, "resend.receipts",
		    "one SUBMIT as it was taken");
	return SK_OK;
}

static enum sk_error
check_resend(struct engine *engine, const Sk__Resend *resend, int64_t now,
    struct fault *fault)
{
	enum sk_error rc;

	if (resend->submit == NULL)
		return fault_set(fault, SK_FIELD_MISSING, "resend.submit",
		    NULL);
	if ((rc = submit_shape(resend->submit, true, fault)) != SK_OK)
		return rc;
	if (resend->n_receipts != resend->submit->n_envelopes)
		return fault_set(fault, SK_FIELD_INVALID, "resend.receipts",
		    "one an envelope");
	for (size_t i = 0; i < resend->n_receipts && rc == SK_OK; i++)
		rc = check_receipt(resend, i, fault);
	if (rc != SK_OK)
		return rc;
	if (resend->receipts[0]->instant > now)
		return fault_set(fault, SK_FIELD_INVALID,
		    "resend.receipts.instant", "not in the future");
	return check_place(engine, resend->journal, resend->receipts[0],
	    fault);
}

static void
link_of(const Sk__Submit *submit, const uint8_t previous[DIGEST_SIZE],
    uint8_t link[DIGEST_SIZE])
{
	uint8_t header[DIGEST_SIZE], facts[DIGEST_SIZE], sealed[DIGEST_SIZE];
	uint8_t e[SUBMIT_ENVELOPES_MAX][DIGEST_SIZE], root[DIGEST_SIZE];

	for (size_t i = 0; i < submit->n_envelopes; i++) {
		const Sk__Envelope *v = submit->envelopes[i];

		if (chain_is_remains(v))
			(void)chain_e_of(v, e[i], NULL);	/* of good shape */
		else
			chain_envelope(v->header.data, v->header.len,
			    v->nonce.data, v->facts.data, v->facts.len,
			    v->sealed.data, v->sealed.len, header, facts,
			    sealed, e[i]);
	}
	digest_tree_root(root, (const uint8_t (*)[DIGEST_SIZE])e,
	    submit->n_envelopes);
	chain_next_link(link, previous, submit->first_number,
	    submit->n_envelopes, root);
}

static enum sk_error
put_staged(struct engine *engine, uint64_t participant,
    const Sk__Resend *resend)
{
	uint8_t key[STAGING_KEY], *bytes;
	size_t size;
	enum sk_error rc;

	be64_put(key, resend->journal);
	be64_put(key + 8, resend->receipts[0]->position);
	be64_put(key + 16, participant);
	arena_reset(&engine->arena);
	rc = wire_encode(&resend->base, &engine->arena, &bytes, &size);
	if (rc == SK_OK)
		rc = staging_write(engine);
	if (rc == SK_OK)
		rc = store_put(engine->staging_txn, 0,
		    (struct span){ key, sizeof(key) },
		    (struct span){ bytes, size }, PUT_ANY, NULL);
	engine->staging_puts++;
	return rc;
}

static enum sk_error
stage(struct engine *engine, struct party *party, const Sk__Resend *resend,
    struct submit_answer *answer)
{
	const Sk__Submit *submit = resend->submit;
	uint64_t last = engine_staged(engine, party->participant);
	uint8_t link[DIGEST_SIZE];
	enum sk_error rc;

	if (submit->first_number + submit->n_envelopes - 1 <= last)
		return SK_OK;	/* it waits already */
	if (submit->first_number != last + 1) {
		answer->code = fault_set(&answer->fault,
		    submit->first_number > last ? SK_CHAIN_GAP : SK_CHAIN_FORK,
		    "submit.first_number", "go on from %llu",
		    (unsigned long long)last + 1);
		return SK_OK;
	}
	link_of(submit, party->staged > party->row.sender.last_number ?
	    party->staged_link : party->row.sender.last_link, link);
	answer->code = submit_signed(engine, party, submit, link,
	    &answer->fault);
	if (answer->code != SK_OK)
		return SK_OK;
	rc = put_staged(engine, party->participant, resend);
	if (rc != SK_OK)
		return rc;
	party->staged = submit->first_number + submit->n_envelopes - 1;
	party->waiting += submit->n_envelopes;
	memcpy(party->staged_link, link, DIGEST_SIZE);
	return SK_OK;
}

static void
former_of(const Sk__Resend *resend, size_t i, struct former *former)
{
	const Sk__Receipt *receipt = resend->receipts[i];
	const Sk__Outcome *outcome = receipt->outcome;

	memset(former, 0, sizeof(*former));
	former->journal = resend->journal;
	former->position = receipt->position;
	former->instant = receipt->instant;
	former->erased = chain_is_remains(resend->submit->envelopes[i]);
	/* What operators were to look at is tried again. */
	if (outcome->accepted || outcome->code == SK_RECOVERY_CONFLICT)
		return;
	former->code = error_is_refusal((enum sk_error)outcome->code) ?
	    outcome->code : SK_MALFORMED;
	former->field = outcome->field;
	former->hint = outcome->hint;
	former->use_participant = outcome->use_participant;
}

static enum sk_error
decide_one(struct engine *engine, uint64_t participant, int64_t now,
    const Sk__Resend *resend, struct arena *arena,
    struct submit_answer *answer)
{
	struct former former[SUBMIT_ENVELOPES_MAX] = { { 0 } };
	enum sk_error rc;

	for (size_t i = 0; i < resend->n_receipts; i++)
		former_of(resend, i, &former[i]);
	rc = events_tick_former(engine, now, former[0].instant);
	return rc == SK_OK ? submit_take(engine, participant, now,
	    resend->submit, former, arena, answer) : rc;
}

enum sk_error
engine_resend(struct engine *engine, uint64_t participant, int64_t now,
    const Sk__Resend *resend, struct arena *arena,
    struct submit_answer *answer)
{
	struct party *party = party_find(engine, participant);
	enum sk_error rc;

	memset(answer, 0, sizeof(*answer));
	now = engine_instant(engine, now);
	if (party == NULL || !member_is_current(&party->row.member,
	    civil_date_at(now))) {
		answer->code = fault_set(&answer->fault, SK_SENDER_REVOKED,
		    "", NULL);
		return SK_OK;
	}
	answer->code = check_resend(engine, resend, now, &answer->fault);
	if (answer->code != SK_OK)
		return SK_OK;
	if (engine_in_recovery(engine))
		rc = stage(engine, party, resend, answer);
	else
		rc = decide_one(engine, participant, now, resend, arena,
		    answer);
	return engine_done(engine, rc);
}

/* ---- in the order that it had */

static enum sk_error
decide_row(struct engine *engine, int64_t now, struct span key,
    struct span value, struct arena *arena)
{
	ProtobufCMessage *message = NULL;
	struct submit_answer answer;
	enum sk_error rc;

	arena_reset(arena);
	rc = wire_decode(&sk__resend__descriptor, "resend", value.bytes,
	    value.size, 2 * FRAME_BYTES_MAX, arena, &message, NULL);
	if (rc != SK_OK)
		return rc;
	rc = decide_one(engine, be64_get((const uint8_t *)key.bytes + 16),
	    now, (const Sk__Resend *)message, arena, &answer);
	/* It was checked when it came; a revocation may have come since, and
	 * then it stays with its sender. */
	if (rc == SK_OK && engine->entries_in_batch >= DECIDE_COMMIT)
		rc = engine_commit(engine, now, 0);
	return rc;
}

static enum sk_error
decide_all(struct engine *engine, int64_t now, struct arena *arena)
{
	struct store_cursor *cursor;
	struct span key, value;
	enum sk_error rc;

	rc = store_cursor_open(engine->staging_txn, 0, &cursor);
	if (rc != SK_OK)
		return rc;
	rc = store_seek_ge(cursor, (struct span){ NULL, 0 }, &key, &value);
	for (; rc == SK_OK; rc = store_next(cursor, &key, &value)) {
		rc = decide_row(engine, now, key, value, arena);
		if (rc != SK_OK)
			break;
	}
	store_cursor_close(cursor);
	return rc == SK_NOT_FOUND ? SK_OK : rc;
}

enum sk_error
recovery_decide(struct engine *engine, int64_t now)
{
	const size_t room = 4u << 20;
	void *bytes;
	struct arena arena;
	enum sk_error rc;

	if (engine->staging_txn == NULL)
		return SK_OK;
	if ((bytes = malloc(room)) == NULL)
		return SK_NO_MEMORY;
	arena_init(&arena, bytes, room);
	rc = decide_all(engine, now, &arena);
	free(bytes);
	store_abort(engine->staging_txn);
	engine->staging_txn = NULL;
	store_close(engine->staging);
	engine->staging = NULL;
	remove_staging(engine->staging_path);
	for (size_t i = 0; i < engine->n_parties; i++)
		engine->parties[i]->waiting = engine->parties[i]->staged = 0;
	return rc;
}

void
recovery_former(struct verdict *verdict, const struct former *former)
{
	struct fault fault;

	verdict->former = *former;
	if (former->code != 0) {
		fault_set(&fault, (enum sk_error)former->code, former->field ==
		    NULL ? "" : former->field, former->hint == NULL ? NULL :
		    "%s", former->hint);
		verdict->decision.refusal = fault;
		verdict->decision.use_participant = former->use_participant;
	} else if (former->erased) {
		/* It holds what was judged: there is nothing to settle. */
	} else if (verdict->decision.refusal.code != SK_OK) {
		fault = verdict->decision.refusal;
		fault_set(&verdict->decision.refusal, SK_RECOVERY_CONFLICT,
		    error_name(fault.code), "%s%s%s", fault.field,
		    fault.hint[0] == '\0' ? "" : ": ", fault.hint);
	} else {
		return;
	}
	verdict->decision.open = NULL;
	verdict->decision.closed = NULL;
	verdict->decision.answer = NULL;
	verdict->case_number = 0;
}

void
recovery_read(const Sk__Outcome *outcome, struct former *former)
{
	memset(former, 0, sizeof(*former));
	former->journal = outcome->former_journal;
	former->position = outcome->former_position;
	former->instant = outcome->former_instant;
	former->erased = outcome->former_erased;
	former->code = outcome->former_code;
	if (former->code == 0)
		return;
	former->field = outcome->field;
	former->hint = outcome->hint;
	former->use_participant = outcome->use_participant;
}

/* ---- statements */

enum sk_error
engine_known(struct engine *engine, int64_t now, const Sk__Directory *known,
    size_t *taken)
{
	struct fault fault = { 0 };
	enum sk_error rc = SK_OK;

	*taken = 0;
	for (size_t i = 0; i < known->n_statements && rc == SK_OK; i++) {
		if (known->first + i < engine->meta.statements)
			continue;
		if (known->first + i > engine->meta.statements)
			break;
		rc = events_statement(engine, now, known->statements[i],
		    &fault);
		if (fault.code != SK_OK)
			return SK_OK;
		*taken += rc == SK_OK;
	}
	return engine_done(engine, rc);
}

/* ---- where the new journal begins */

/* Rows that were not stored come again under new numbers, from 1. */
static enum sk_error
restart_mailbox(struct engine *engine, struct party *party)
{
	struct mailbox_state *box = &party->row.box;
	uint64_t number, next = 1, position, case_number;
	uint8_t key[16];
	enum sk_error rc = SK_OK;

	for (number = box->stored + 1; number < box->next && rc == SK_OK;
	    number++, next++) {
		rc = engine_mailbox_row(engine, party->participant, number,
		    &position, &case_number);
		if (rc == SK_OK)
			rc = mailbox_put(engine, party->participant, next,
			    position, case_number);
	}
	/* What is past the new end is the old numbering's. */
	for (number = next; number < box->next && rc == SK_OK; number++) {
		be64_put(key, party->participant);
		be64_put(key + 8, number);
		rc = store_del(engine->txn, STATE_MAILBOX,
		    (struct span){ key, sizeof(key) });
		if (rc == SK_NOT_FOUND)
			rc = SK_OK;
	}
	party->row.reported = party->row.reported > box->stored ?
	    party->row.reported - box->stored : 0;
	box->next = next;
	box->delivered = box->stored = 0;
	party->dirty = true;
	return rc == SK_OK ? apply_watch(engine, party) : rc;
}

enum sk_error
recovery_begin(struct engine *engine, uint64_t position)
{
	enum sk_error rc = state_txn(engine);

	engine->meta.recovery = 1;
	engine->meta.restored_at = position;
	for (size_t i = 0; i < engine->n_parties && rc == SK_OK; i++)
		rc = restart_mailbox(engine, engine->parties[i]);
	return rc == SK_NOT_FOUND ? SK_STORE_CORRUPT : rc;
}

/* ---- conflicts */

enum sk_error
recovery_conflict(struct engine *engine, uint64_t position,
    const struct leaf *leaf)
{
	ProtobufCMessage *message = NULL;
	uint8_t row[CONFLICT_ROW];
	enum sk_error rc;

	rc = wire_decode(&sk__outcome__descriptor, "outcome",
	    leaf->outcome.bytes, leaf->outcome.size, LEAF_BYTES_MAX,
	    &engine->arena, &message, NULL);
	if (rc != SK_OK)
		return rc == SK_NO_MEMORY ? rc : SK_STORE_CORRUPT;
	if (((const Sk__Outcome *)message)->code != SK_RECOVERY_CONFLICT)
		return SK_OK;
	be64_put(row, leaf->sender);
	be64_put(row + 8, leaf->number);
	if ((rc = state_txn(engine)) != SK_OK)
		return rc;
	return store_put(engine->txn, STATE_CONFLICTS, SPAN_U64(position),
	    (struct span){ row, sizeof(row) }, PUT_ANY, NULL);
}

enum sk_error
recovery_settle(struct engine *engine, uint64_t position)
{
	enum sk_error rc = state_txn(engine);

	if (rc == SK_OK)
		rc = store_del(engine->txn, STATE_CONFLICTS,
		    SPAN_U64(position));
	return rc == SK_NOT_FOUND ? SK_OK : rc;
}

/* The message is named as its sender named it; who left is not told. */
static enum sk_error
settled_notice(struct engine *engine, const Sk__Settle *settle,
    uint64_t *sender, Sk__Notice *notice)
{
	struct header *header = arena_take(&engine->arena, sizeof(*header));
	struct envelope_ref ref = { .participant = 0 };
	struct leaf leaf;
	struct span bytes;
	enum sk_error rc;

	if (header == NULL)
		return SK_NO_MEMORY;
	rc = journal_leaf(engine->journal, settle->position, &bytes);
	if (rc == SK_OK)
		rc = leaf_decode(bytes.bytes, bytes.size, &leaf);
	if (rc != SK_OK)
		return rc;
	*sender = leaf.sender;
	notice->has_kind = notice->has_settled = 1;
	notice->kind = SK__NOTICE_KIND__SETTLED;
	notice->settled = settle->as;
	if (!leaf.header_whole || header_decode(leaf.header.bytes,
	    leaf.header.size, &engine->arena, header, NULL) != SK_OK)
		return SK_STORE_CORRUPT;	/* it was accepted once */
	ref.participant = leaf.sender;
	ref.id = header->id;
	notice->about = ref_to_message(&ref, &engine->arena);
	return notice->about == NULL ? SK_NO_MEMORY : SK_OK;
}

enum sk_error
recovery_tell_settled(struct engine *engine, const Sk__Settle *settle,
    Sk__Effects **open)
{
	Sk__Effects *effects = arena_new(&engine->arena, Sk__Effects,
	    sk__effects__init);
	Sk__Notice *notice = arena_new(&engine->arena, Sk__Notice,
	    sk__notice__init);
	Sk__Posting *posting = arena_new(&engine->arena, Sk__Posting,
	    sk__posting__init);
	uint64_t sender = 0;
	enum sk_error rc;

	if (effects == NULL || notice == NULL || posting == NULL)
		return SK_NO_MEMORY;
	rc = settled_notice(engine, settle, &sender, notice);
	if (rc != SK_OK || party_find(engine, sender) == NULL)
		return rc;
	posting->has_participant = 1;
	posting->participant = sender;
	effects->notice = notice;
	if (arena_append(&engine->arena, &effects->n_postings,
	    (void ***)&effects->postings, posting) != 0)
		return SK_NO_MEMORY;
	*open = effects;
	return SK_OK;
}

enum sk_error
recovery_check_settle(struct engine *engine, const Sk__Settle *settle,
    struct fault *fault)
{
	uint64_t position = settle->position;
	struct span row;

	if (!settle->has_as)
		return fault_set(fault, SK_FIELD_MISSING, "command.settle.as",
		    "SAY_IT_AGAIN, ARRANGED or NOT_NEEDED: its sender is told");
	if (state_txn(engine) != SK_OK || store_get(engine->txn,
	    STATE_CONFLICTS, SPAN_U64(position), &row) != SK_OK)
		return fault_set(fault, SK_NOTHING_PENDING,
		    "command.settle.position", "no conflict stands there");
	return SK_OK;
}

enum sk_error
engine_conflict(struct engine *engine, size_t index, uint64_t *position,
    uint64_t *sender, uint64_t *number)
{
	struct store_cursor *cursor;
	struct span key, row;
	enum sk_error rc;

	if ((rc = state_txn(engine)) != SK_OK || (rc = store_cursor_open(
	    engine->txn, STATE_CONFLICTS, &cursor)) != SK_OK)
		return rc;
	rc = store_seek_ge(cursor, (struct span){ NULL, 0 }, &key, &row);
	while (rc == SK_OK && index-- > 0)
		rc = store_next(cursor, &key, &row);
	if (rc == SK_OK && row.size != CONFLICT_ROW)
		rc = SK_STORE_CORRUPT;
	if (rc == SK_OK) {
		memcpy(position, key.bytes, sizeof(*position));
		*sender = be64_get(row.bytes);
		*number = be64_get((const uint8_t *)row.bytes + 8);
	}
	store_cursor_close(cursor);
	return rc;
}
