/*
 * broker.c - a participant that may speak and says anything: facts as they
 * come, in an envelope that is numbered, sealed, chained and signed well, to
 * an engine with a case in the midst of its life. A program of its own: agent
 * and broker do not link together.
 */
#include "tests/unit/engine/bench.h"

#include "tests/fuzz/fuzz.h"

#define HEAD_SIZE 4	/* sender, recipient and seal, kind */

static const uint64_t parties[] = { COURT, TEAM, OTHER_TEAM, HELP_A, HELP_B };
#define PARTIES (sizeof(parties) / sizeof(parties[0]))

static void
leave(void)
{
	bench_remove(b.dir);
}

/* The same engine for each run: what was accepted is forgotten, and it begins
 * again with a referral that waits for its answer. */
static void
open_case(void)
{
	static bool opened;

	if (opened)
		bench_teardown(NULL);
	else
		atexit(leave);
	opened = true;
	bench_setup(NULL);
	bench_bring_to(K(REFERRAL));
	bench_forget();
}

static struct letter *
letter_of(const uint8_t *bytes, size_t size)
{
	struct letter *l = arena_take(&b.letters, sizeof(*l));
	struct message m = { 0 };
	struct fault fault = { 0 };
	Sk__Envelope *v;

	MUST(l != NULL);
	v = &l->envelope;
	m.sender = parties[bytes[0] % PARTIES];
	m.to[0] = parties[(bytes[1] >> 1) % PARTIES];
	if (m.to[0] == m.sender)
		m.to[0] = 0;
	m.kind = kind_at(((size_t)bytes[2] << 8 | bytes[3]) %
	    kind_count())->kind;
	w.now = b.now;
	make_header(&w, &m);
	sk__envelope__init(v);
	if (header_encode(&w.header, &b.letters, &v->header.data,
	    &v->header.len, &fault) != SK_OK)
		return NULL;
	memset(l->nonce, 5, NONCE_SIZE);
	v->nonce = bench_bytes(l->nonce, NONCE_SIZE);
	v->facts = bench_bytes(bytes + HEAD_SIZE, size - HEAD_SIZE);
	v->has_header = v->has_nonce = v->has_facts = 1;
	if (bytes[1] & 1)
		bench_seal(l, &w.header);
	return l;
}

void
fuzz_submit(const uint8_t *bytes, size_t size)
{
	static bool stands;
	struct letter *l;

	if (!stands)
		open_case();
	stands = true;
	if (size < HEAD_SIZE || (l = letter_of(bytes, size)) == NULL)
		return;
	bench_send(parties[bytes[0] % PARTIES], &l, 1);
	/* Numbered and signed as it should be, it is taken: with an outcome. */
	if (b.answer.code == SK_OK)
		stands = !bench_outcome(0)->accepted;
	bench_commit();
	bench_forget();
}

/* A bench opened anew, with room for the largest SUBMITs. */
#define BROKER_HEAP ((size_t)96 << 20)

const struct fuzz_target fuzz_targets[] = {
	{ "submit", fuzz_submit, FACTS_BYTES_MAX + HEAD_SIZE, BROKER_HEAP },
};
const size_t fuzz_targets_n = sizeof(fuzz_targets) / sizeof(fuzz_targets[0]);
