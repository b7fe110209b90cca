/*
 * bench.h - a journal of its own with an engine on it, and members with real
 * keys who write, seal, chain and sign as agents do. Whom there is and what
 * they say comes from the small region of the rules' tests (world.h).
 *
 * setup and teardown go with cmocka_unit_test_setup_teardown; one bench at a
 * time. What is composed lies in bench.letters until bench_forget.
 */
#ifndef TESTS_ENGINE_BENCH_H
#define TESTS_ENGINE_BENCH_H

#include "tests/unit/core/world.h"

#include <fcntl.h>
#include <ftw.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/engine/internal.h"
#include "broker/lib/file.h"
#include "proto/chain.h"
#include "proto/command.h"
#include "proto/seal.h"

#define ACTORS_MAX 12
#define OPERATORS 2
#define PATH_SIZE 512
#define LETTERS_BYTES (16u << 20)
#define BENCH_VALID_TO 30000

struct sign_key {
	uint8_t public_key[32], secret_key[64];
};

struct actor {
	uint64_t participant;
	struct sign_key sign;
	struct seal_key seal, link;
	uint64_t last_number;
	uint8_t last_link[DIGEST_SIZE];
	uint8_t statement[DIGEST_SIZE];	/* in which its keys stand */
	uint64_t generation;
};

/* An envelope as it lies in the outbox. */
struct letter {
	struct envelope_ref ref;
	Sk__Envelope envelope;
	uint8_t nonce[NONCE_SIZE];
};

struct bench {
	char dir[PATH_SIZE];
	bool test;			/* a test journal */
	struct journal *journal;
	struct engine *engine;
	int64_t now, ticks;
	struct sign_key operator[OPERATORS], enrolment;
	uint64_t sequence[OPERATORS];	/* next */
	struct statement_head head;
	size_t actors;
	struct actor actor[ACTORS_MAX];
	struct arena letters, answers;
	uint8_t *letters_bytes, *answers_bytes;
	struct submit_answer answer;	/* of the last SUBMIT */
	struct command_answer told;	/* of the last command */
};

static struct bench b;
static struct world w;

#define OK(call) assert_int_equal((call), SK_OK)

static inline const char *
bench_path(const char *name)
{
	static char paths[4][PATH_SIZE + 64];
	static unsigned next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", b.dir, name);
	return path;
}

/* ---- directories */

static inline int
bench_remove_one(const char *path, const struct stat *st, int kind,
    struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static inline void
bench_remove(const char *path)
{
	nftw(path, bench_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline void
bench_copy_file(const char *from, const char *to)
{
	static char bytes[1 << 16];
	int in = open(from, O_RDONLY), out;
	ssize_t n;

	if (in < 0)
		return;
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(out >= 0);
	while ((n = read(in, bytes, sizeof(bytes))) > 0)
		assert_int_equal(write(out, bytes, (size_t)n), n);
	close(in);
	close(out);
}

/* One environment, as a crash would leave it: what is not committed is not
 * in the file. */
static inline void
bench_copy_store(const char *from, const char *to)
{
	char source[PATH_SIZE * 2], target[PATH_SIZE * 2];

	mkdir(to, 0700);
	file_path(source, sizeof(source), from, "data.mdb");
	file_path(target, sizeof(target), to, "data.mdb");
	bench_copy_file(source, target);
}

/* The key of a case alone: no entry says so. */
static inline enum sk_error
bench_destroy_key(uint64_t case_number)
{
	const struct erasure erasure = { .position = UINT64_MAX / 2,
		.case_number = case_number };

	return journal_erase(b.journal, &erasure, 1);
}

/* ---- founding and opening */

static inline void
bench_sign_key(struct sign_key *key)
{
	crypto_sign_keypair(key->public_key, key->secret_key);
}

static inline void
bench_box_key(struct seal_key *key)
{
	crypto_box_keypair(key->public_key, key->secret_key);
}

static inline ProtobufCBinaryData
bench_bytes(const void *bytes, size_t size)
{
	return (ProtobufCBinaryData){ size, (uint8_t *)(uintptr_t)bytes };
}

static inline void
bench_found(const char *name, uint64_t number)
{
	Sk__FoundingBody body = SK__FOUNDING_BODY__INIT;
	ProtobufCBinaryData operators[OPERATORS];
	struct sign_key sign;
	struct seal_key link;
	struct fault fault = { 0 };
	char origin[96];

	bench_sign_key(&sign);
	bench_box_key(&link);
	for (size_t i = 0; i < OPERATORS; i++)
		operators[i] = bench_bytes(b.operator[i].public_key, 32);
	snprintf(origin, sizeof(origin), "veld/%s/%llu",
	    b.test ? "test" : "journal", (unsigned long long)number);
	body.name = (char *)(uintptr_t)"veld";
	body.origin = origin;
	body.has_number = body.has_test = body.has_broker_link_key =
	    body.has_broker_sign_key = body.has_enrolment_key =
	    body.has_instant = 1;
	body.number = number;
	body.test = b.test;
	body.broker_link_key = bench_bytes(link.public_key, 32);
	body.broker_sign_key = bench_bytes(sign.public_key, 32);
	body.enrolment_key = bench_bytes(b.enrolment.public_key, 32);
	body.n_operator_keys = OPERATORS;
	body.operator_keys = operators;
	body.instant = b.now;
	if (journal_found(bench_path(name), &body, &fault) != SK_OK)
		fail_msg("%s: %s %s", error_name(fault.code), fault.field,
		    fault.hint);
}

static inline void
bench_open_at(const char *journal, const char *state, struct journal **j,
    struct engine **e, bool *rebuilt)
{
	struct fault fault = { 0 };

	if (journal_open(bench_path(journal), NULL, false, j, &fault) != SK_OK ||
	    engine_open(*j, bench_path(state), e, rebuilt, &fault) != SK_OK)
		fail_msg("%s: %s %s", error_name(fault.code), fault.field,
		    fault.hint);
}

static inline void
bench_commit(void)
{
	b.ticks += STATE_COMMIT_MS;	/* the state follows at once */
	OK(engine_commit(b.engine, b.now, b.ticks));
}

static inline void
bench_open(void)
{
	bench_open_at("main", "state", &b.journal, &b.engine, NULL);
	OK(engine_start(b.engine, b.now, "test"));
	bench_commit();
}

static inline void
bench_close(void)
{
	engine_close(b.engine);
	journal_close(b.journal);
	b.engine = NULL;
	b.journal = NULL;
}

/* ---- commands */

/* Signed by the first `operators` of them, with their next numbers. */
static inline Sk__SignedCommand *
bench_sign_command(const Sk__Command *command, size_t operators,
    int64_t not_after)
{
	Sk__SignedCommand *s = arena_new(&b.letters, Sk__SignedCommand,
	    sk__signed_command__init);
	const char *origin = journal_founding(b.journal)->origin;
	uint8_t *bytes, *signature, *key_id;
	size_t size;

	OK(wire_encode(&command->base, &b.letters, &bytes, &size));
	s->has_command = s->has_not_after = 1;
	s->command = bench_bytes(bytes, size);
	s->not_after = not_after;
	for (size_t i = 0; i < operators; i++) {
		Sk__Approval *a = arena_new(&b.letters, Sk__Approval,
		    sk__approval__init);

		signature = made(arena_take(&b.letters, 64));
		key_id = made(arena_take(&b.letters, DIGEST_SIZE));
		digest_key_id(key_id, b.operator[i].public_key);
		OK(command_sign(signature, origin, b.operator[i].public_key,
		    b.operator[i].secret_key, b.sequence[i], not_after, bytes,
		    size));
		a->has_key_id = a->has_sequence = a->has_signature = 1;
		a->key_id = bench_bytes(key_id, DIGEST_SIZE);
		a->sequence = b.sequence[i];
		a->signature = bench_bytes(signature, 64);
		OK(arena_append(&b.letters, &s->n_approvals,
		    (void ***)(void *)&s->approvals, a));
	}
	return s;
}

/* The answer lies in b.told. */
static inline enum sk_error
bench_tell(const Sk__SignedCommand *command)
{
	OK(engine_command(b.engine, b.now, command, &b.answers, &b.told));
	for (size_t i = 0; i < command->n_approvals && i < OPERATORS; i++)
		b.sequence[i] = engine_operator_next(b.engine,
		    command->approvals[i]->key_id.data);
	return b.told.code;
}

static inline enum sk_error
bench_command(const Sk__Command *command)
{
	return bench_tell(bench_sign_command(command, b.test ? 1 : OPERATORS,
	    b.now + DAY_MS));
}

static inline enum sk_error
bench_enter(const uint8_t *body, size_t size, const uint8_t signature[64])
{
	Sk__Command command = SK__COMMAND__INIT;
	Sk__Enter enter = SK__ENTER__INIT;
	Sk__Statement statement = SK__STATEMENT__INIT;

	statement.has_body = statement.has_signature = 1;
	statement.body = bench_bytes(body, size);
	statement.signature = bench_bytes(signature, 64);
	enter.statement = &statement;
	command.enter = &enter;
	return bench_command(&command);
}

static inline void
bench_keys_of(const struct actor *actor, struct participant_keys *keys)
{
	memcpy(keys->link, actor->link.public_key, 32);
	memcpy(keys->sign, actor->sign.public_key, 32);
	memcpy(keys->seal, actor->seal.public_key, 32);
}

/* Sign by the enrolment key, enter, and go on from it when it was taken. */
static inline enum sk_error
bench_state(struct statement *s, struct actor *actor)
{
	uint8_t body[STATEMENT_BYTES_MAX], signature[64];
	enum sk_error code;
	size_t size;

	memcpy(s->founding, journal_founding(b.journal)->digest, DIGEST_SIZE);
	s->serial = b.head.serial + 1;
	memcpy(s->previous, b.head.digest, DIGEST_SIZE);
	OK(statement_encode(s, body, &size));
	OK(statement_sign(signature, body, size, b.enrolment.secret_key));
	if ((code = bench_enter(body, size, signature)) != SK_OK)
		return code;
	b.head.serial++;
	statement_digest(b.head.digest, body, size);
	memcpy(actor->statement, b.head.digest, DIGEST_SIZE);
	return SK_OK;
}

static inline struct actor *
bench_actor(uint64_t participant)
{
	for (size_t i = 0; i < b.actors; i++)
		if (b.actor[i].participant == participant)
			return &b.actor[i];
	fail_msg("no actor %llu", (unsigned long long)participant);
	return NULL;
}

static inline void
bench_enrol(uint64_t participant, Sk__Role role, const char *code,
    uint32_t area)
{
	struct actor *actor = &b.actor[b.actors++];
	struct statement s = { .type = STATEMENT_ENROL, .role = role,
		.participant = participant, .generation = 1 };

	memset(actor, 0, sizeof(*actor));
	actor->participant = participant;
	actor->generation = 1;
	bench_sign_key(&actor->sign);
	bench_box_key(&actor->seal);
	bench_box_key(&actor->link);
	snprintf(s.name, sizeof(s.name), "deelnemer %llu",
	    (unsigned long long)participant);
	snprintf(s.code, sizeof(s.code), "%s", code);
	s.areas = area != 0;
	s.area[0] = area;
	s.valid_from = CIVIL_DATE_MIN;
	s.valid_to = BENCH_VALID_TO;
	bench_keys_of(actor, &s.keys);
	OK(bench_state(&s, actor));
	chain_first_link(actor->last_link,
	    journal_founding(b.journal)->digest, participant);
	memcpy(w.member[participant].current.keys.seal,
	    actor->seal.public_key, 32);
}

static inline enum sk_error
bench_revoke(uint64_t participant)
{
	struct actor *actor = bench_actor(participant);
	struct statement s = { .type = STATEMENT_REVOKE,
		.participant = participant, .reason = 1 };

	memcpy(s.replaces, actor->statement, DIGEST_SIZE);
	return bench_state(&s, actor);
}

static inline void
bench_enrol_all(void)
{
	bench_enrol(COURT, SK__ROLE__COURT, "00000001", 0);
	bench_enrol(TEAM, SK__ROLE__ACCESS, "00000010", ZWOLLE);
	bench_enrol(OTHER_TEAM, SK__ROLE__ACCESS, "00000011", KAMPEN);
	bench_enrol(HELP_A, SK__ROLE__PROVIDER, "42420001", 0);
	bench_enrol(HELP_B, SK__ROLE__PROVIDER, "65656055", 0);
	bench_enrol(AUDIT, SK__ROLE__AUDITOR, "00000040", 0);
	bench_commit();
}

static inline enum sk_error
bench_set_policy(Sk__Policy *policy, uint32_t replaces)
{
	Sk__Command command = SK__COMMAND__INIT;
	Sk__SetPolicy set = SK__SET_POLICY__INIT;

	set.has_replaces = 1;
	set.replaces = replaces;
	set.policy = policy;
	command.set_policy = &set;
	return bench_command(&command);
}

static inline void
bench_forget(void)
{
	arena_reset(&b.letters);
	arena_reset(&b.answers);
	arena_reset(&w.facts_arena);
}

static inline int
bench_setup_as(bool test)
{
	struct arena letters, answers;

	memset(&b, 0, sizeof(b));
	world_init(&w);
	b.test = test;
	b.now = w.now;
	b.sequence[0] = b.sequence[1] = 1;
	b.letters_bytes = malloc(LETTERS_BYTES);
	b.answers_bytes = malloc(LETTERS_BYTES);
	arena_init(&letters, b.letters_bytes, LETTERS_BYTES);
	arena_init(&answers, b.answers_bytes, LETTERS_BYTES);
	b.letters = letters;
	b.answers = answers;
	b.letters.allocator.allocator_data = &b.letters;
	b.answers.allocator.allocator_data = &b.answers;
	snprintf(b.dir, sizeof(b.dir), "%s/schakel-engine-XXXXXX",
	    getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp");
	if (sodium_init() < 0 || mkdtemp(b.dir) == NULL)
		return -1;
	for (size_t i = 0; i < OPERATORS; i++)
		bench_sign_key(&b.operator[i]);
	bench_sign_key(&b.enrolment);
	bench_found("main", 1);
	bench_open();
	bench_enrol_all();
	return 0;
}

static inline int
bench_setup(void **state)
{
	(void)state;
	return bench_setup_as(true);
}

static inline int
bench_setup_real(void **state)
{
	(void)state;
	return bench_setup_as(false);
}

static inline int
bench_teardown(void **state)
{
	(void)state;
	store_inject = NULL;
	bench_close();
	free(b.letters_bytes);
	free(b.answers_bytes);
	bench_remove(b.dir);
	return 0;
}

#define bench_test(function) \
	cmocka_unit_test_setup_teardown(function, bench_setup, bench_teardown)
#define bench_test_real(function) \
	cmocka_unit_test_setup_teardown(function, bench_setup_real, \
	    bench_teardown)

/* ---- letters */

static inline void
bench_seal(struct letter *l, const struct header *h)
{
	static uint8_t keys[RECIPIENTS_MAX][32];
	uint8_t header[DIGEST_SIZE], commitment[DIGEST_SIZE],
	    sealed[DIGEST_SIZE], e[DIGEST_SIZE], plain[100] = { 'x' };
	Sk__Envelope *v = &l->envelope;
	size_t size = seal_size(sizeof(plain), h->recipients);

	for (size_t i = 0; i < h->recipients; i++)
		memcpy(keys[i], w.member[h->recipient[i].participant].current
		    .keys.seal, 32);
	chain_envelope(v->header.data, v->header.len, l->nonce, v->facts.data,
	    v->facts.len, NULL, 0, header, commitment, sealed, e);
	v->has_sealed = 1;
	v->sealed.data = made(arena_take(&b.letters, size));
	OK(seal_close((const uint8_t (*)[32])keys, h->recipients, header,
	    commitment, plain, sizeof(plain), v->sealed.data,
	    &v->sealed.len));
}

/* Header and facts that lie in w become an envelope. */
static inline struct letter *
bench_letter(const struct header *h, const Sk__Facts *facts)
{
	struct letter *l = made(arena_take(&b.letters, sizeof(*l)));
	Sk__Envelope *v = &l->envelope;
	struct fault fault = { 0 };

	sk__envelope__init(v);
	l->ref = (struct envelope_ref){ h->recipient[0].participant, h->id };
	if (header_encode(h, &b.letters, &v->header.data, &v->header.len,
	    &fault) != SK_OK)
		fail_msg("%s: %s %s", error_name(fault.code), fault.field,
		    fault.hint);
	randombytes_buf(l->nonce, NONCE_SIZE);
	v->nonce = bench_bytes(l->nonce, NONCE_SIZE);
	OK(wire_encode(&facts->base, &b.letters, &v->facts.data,
	    &v->facts.len));
	v->has_header = v->has_nonce = v->has_facts = 1;
	if (h->info->sealed == SEALED_MUST)
		bench_seal(l, h);
	return l;
}

static inline struct letter *
bench_compose(struct message m)
{
	struct letter *l;

	w.now = b.now;
	make_header(&w, &m);
	l = bench_letter(&w.header,
	    m.facts != NULL ? m.facts : good_facts(&w, m.kind));
	l->ref.participant = m.sender;
	arena_reset(&w.facts_arena);	/* packed by now */
	return l;
}
#define COMPOSE(...) bench_compose((struct message){ __VA_ARGS__ })

/* n letters as the next SUBMIT of this sender. */
static inline Sk__Submit *
bench_submission(uint64_t sender, struct letter *const *letters, size_t n,
    uint8_t link[DIGEST_SIZE])
{
	static uint8_t e[SUBMIT_ENVELOPES_MAX][DIGEST_SIZE];
	struct actor *actor = bench_actor(sender);
	Sk__Submit *s = arena_new(&b.letters, Sk__Submit, sk__submit__init);
	uint8_t header[DIGEST_SIZE], commitment[DIGEST_SIZE],
	    sealed[DIGEST_SIZE], root[DIGEST_SIZE];

	s->has_first_number = s->has_key_id = s->has_signature = 1;
	s->first_number = actor->last_number + 1;
	for (size_t i = 0; i < n; i++) {
		Sk__Envelope *v = &letters[i]->envelope;

		OK(arena_append(&b.letters, &s->n_envelopes,
		    (void ***)(void *)&s->envelopes, v));
		chain_envelope(v->header.data, v->header.len, v->nonce.data,
		    v->facts.data, v->facts.len, v->sealed.data,
		    v->sealed.len, header, commitment, sealed, e[i]);
	}
	digest_tree_root(root, (const uint8_t (*)[DIGEST_SIZE])e, n);
	chain_next_link(link, actor->last_link, s->first_number, n, root);
	s->key_id.len = DIGEST_SIZE;
	s->key_id.data = made(arena_take(&b.letters, DIGEST_SIZE));
	digest_key_id(s->key_id.data, actor->sign.public_key);
	s->signature.len = SIGNATURE_SIZE;
	s->signature.data = made(arena_take(&b.letters, SIGNATURE_SIZE));
	OK(chain_sign(s->signature.data, journal_founding(b.journal)->origin,
	    sender, actor->sign.public_key, actor->sign.secret_key, link));
	return s;
}

/* Hand it in as it is; the answer lies in b.answer. */
static inline enum sk_error
bench_hand_in(uint64_t sender, const Sk__Submit *submit)
{
	OK(engine_submit(b.engine, sender, b.now, submit, &b.answers,
	    &b.answer));
	return b.answer.code;
}

/* Number, sign, hand in; the sender goes on from it when it was taken. */
static inline Sk__Submit *
bench_send(uint64_t sender, struct letter *const *letters, size_t n)
{
	struct actor *actor = bench_actor(sender);
	uint8_t link[DIGEST_SIZE];
	Sk__Submit *s = bench_submission(sender, letters, n, link);

	if (bench_hand_in(sender, s) == SK_OK) {
		actor->last_number += n;
		memcpy(actor->last_link, link, DIGEST_SIZE);
	}
	return s;
}

static inline const Sk__Outcome *
bench_outcome(size_t index)
{
	ProtobufCMessage *message = NULL;

	assert_int_equal(b.answer.code, SK_OK);
	assert_true(index < b.answer.count);
	OK(wire_decode(&sk__outcome__descriptor, "outcome",
	    b.answer.receipt[index].outcome.bytes,
	    b.answer.receipt[index].outcome.size, LEAF_BYTES_MAX, &b.answers,
	    &message, NULL));
	return (const Sk__Outcome *)(const void *)message;
}

/* What reply-to and case_ref of later letters go by. */
static inline void
bench_remember(const struct letter *l, const Sk__Outcome *outcome)
{
	struct said *s = &w.log[w.said++];

	assert_true(w.said <= LOG_MAX);
	memset(s, 0, sizeof(*s));
	s->ref = l->ref;
	s->kind = w.header.info->kind;
	s->sender = l->ref.participant;
	s->case_number = outcome->case_number;
	s->recipients = w.header.recipients;
	for (size_t i = 0; i < s->recipients; i++)
		s->recipient[i] = w.header.recipient[i].participant;
	if (w.header.info->opens_case) {
		w.row.ref = l->ref;
		w.row.number = outcome->case_number;
	}
}

/* One letter in a SUBMIT of its own, not yet committed: what it came to. */
static inline enum sk_error
bench_say(struct message m)
{
	struct letter *l = bench_compose(m);
	const Sk__Outcome *outcome;

	bench_send(m.sender, &l, 1);
	outcome = bench_outcome(0);
	if (!outcome->accepted)
		return (enum sk_error)outcome->code;
	bench_remember(l, outcome);
	return SK_OK;
}
#define SAY(...) bench_say((struct message){ __VA_ARGS__ })
#define SAID(...) do { enum sk_error said_ = SAY(__VA_ARGS__); \
	if (said_ != SK_OK) fail_msg("%s: %s %s", error_name(said_), \
	    bench_outcome(0)->field, bench_outcome(0)->hint); } while (0)

/* ---- a case from order to closing, with a call after each step */

static const struct step_said {
	Sk__Kind kind;
	uint64_t sender, to[3];
	int days;	/* that pass first */
} main_line[] = {
	{ K(COURT_ORDER), COURT, { TEAM }, 0 },
	{ K(RECEIPT_OF), TEAM, { COURT }, 0 },
	{ K(OPENED), TEAM, { 0 }, 0 },
	{ K(TRIAGE), TEAM, { 0 }, 1 },
	{ K(ANALYSIS), TEAM, { 0 }, 0 },
	{ K(ROUTE_DECISION), TEAM, { COURT }, 0 },
	{ K(FAMILY_PLAN), TEAM, { 0 }, 0 },
	{ K(REFERRAL), TEAM, { HELP_A }, 0 },
	{ K(RECEIPT_OF), HELP_A, { TEAM }, 0 },
	{ K(ACCEPT), HELP_A, { TEAM }, 2 },
	{ K(WAIT_PLACE), HELP_A, { TEAM }, 0 },
	{ K(START), HELP_A, { TEAM, COURT }, 5 },
	{ K(PROGRESS_REPORT), HELP_A, { TEAM }, 0 },
	{ K(HEARING_NOTICE), COURT, { TEAM }, 0 },
	{ K(HEARING_REPORT_REQUEST), TEAM, { HELP_A }, 0 },
	{ K(HEARING_REPORT), HELP_A, { TEAM }, 0 },
	{ K(COURT_REPORT), TEAM, { COURT }, 0 },
	{ K(STOP), HELP_A, { TEAM, COURT }, 0 },
	{ K(CLOSE), TEAM, { COURT, HELP_A }, 0 },
};
#define MAIN_LINE (sizeof(main_line) / sizeof(main_line[0]))

static inline void
bench_step(size_t step)
{
	const struct step_said *s = &main_line[step];

	b.now += s->days * DAY_MS;
	OK(engine_tick(b.engine, b.now));
	SAID(.kind = s->kind, .sender = s->sender,
	    .to = { s->to[0], s->to[1], s->to[2] });
	b.now += 1000;
}

/* The steps up to and with this one, committed. */
static inline void
bench_bring_to(Sk__Kind kind)
{
	for (size_t i = 0; i < MAIN_LINE; i++) {
		bench_step(i);
		bench_commit();
		if (main_line[i].kind == kind)
			return;
	}
}

/* ---- comparing two states, table by table */

static inline void
bench_plain(struct engine *engine, unsigned table, struct span key,
    struct span value, uint8_t *plain, size_t *size)
{
	uint64_t number;

	*size = value.size;
	memcpy(plain, value.bytes, value.size);
	if (table != STATE_CLOSED)
		return;
	/* Their nonces differ; what lies inside must not. */
	memcpy(&number, key.bytes, sizeof(number));
	if (journal_open_row(engine->journal, number, key, value, plain,
	    size) != SK_OK)
		*size = 0;	/* erased */
}

static inline void
bench_same_table(struct engine *one, struct engine *two, unsigned table)
{
	static uint8_t a[1 << 16], c[1 << 16];
	struct store_cursor *first, *second;
	struct span key[2], value[2];
	size_t size[2], rows = 0;
	enum sk_error rc[2];

	OK(store_cursor_open(one->txn, table, &first));
	OK(store_cursor_open(two->txn, table, &second));
	for (;; rows++) {
		rc[0] = store_next(first, &key[0], &value[0]);
		rc[1] = store_next(second, &key[1], &value[1]);
		assert_int_equal(rc[0], rc[1]);
		if (rc[0] != SK_OK)
			break;
		assert_int_equal(key[0].size, key[1].size);
		assert_memory_equal(key[0].bytes, key[1].bytes, key[0].size);
		bench_plain(one, table, key[0], value[0], a, &size[0]);
		bench_plain(two, table, key[1], value[1], c, &size[1]);
		assert_int_equal(size[0], size[1]);
		if (memcmp(a, c, size[0]) != 0)
			fail_msg("row %zu of table %u differs", rows, table);
	}
	assert_int_equal(rc[0], SK_NOT_FOUND);
	store_cursor_close(first);
	store_cursor_close(second);
}

/* Both as their next own commit would write them. */
static inline void
bench_same_state(struct engine *one, struct engine *two)
{
	OK(state_txn(one));
	OK(state_txn(two));
	OK(party_store_dirty(one));
	OK(party_store_dirty(two));
	assert_memory_equal(&one->meta, &two->meta, sizeof(one->meta));
	for (unsigned table = STATE_CASES; table < STATE_TABLES; table++)
		bench_same_table(one, two, table);
}

/* ---- looking into the journal */

static inline Sk__EventKind
bench_kind_at(uint64_t position, struct leaf *leaf)
{
	struct span bytes;

	OK(journal_leaf(b.journal, position, &bytes));
	OK(leaf_decode(bytes.bytes, bytes.size, leaf));
	return leaf->kind;
}

static inline size_t
bench_count_from(uint64_t from, Sk__EventKind kind)
{
	struct leaf leaf;
	size_t n = 0;

	for (uint64_t i = from; i < journal_size(b.journal); i++)
		n += bench_kind_at(i, &leaf) == kind;
	return n;
}

static inline void
bench_replays(struct replay_report *report)
{
	struct fault fault = { 0 };

	bench_remove(bench_path("scratch"));
	if (engine_replay(b.journal, bench_path("scratch"), report, &fault) !=
	    SK_OK)
		fail_msg("%s: %s", error_name(fault.code), fault.hint);
	if (report->differences != 0)
		fail_msg("%s", report->what);
	assert_int_equal(report->entries, journal_size(b.journal));
}

#endif
