#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <sodium.h>

#include "proto/chain.h"
#include "proto/wire.h"

#define ORIGIN "regio-oost/journal/1"
#define SENDER 12
#define COUNT 5
#define FIRST 40

static uint8_t public_key[32], secret_key[64], other_key[32];
static uint8_t previous_link[DIGEST_SIZE];
static char facts[] = "facts";

/* A SUBMIT of five, and the third of it as its recipient gets it. */
struct delivered {
	char header[COUNT][8];
	uint8_t nonce[NONCE_SIZE];
	uint8_t key_id[DIGEST_SIZE];
	uint8_t signature[SIGNATURE_SIZE];
	uint8_t path[TREE_PATH_MAX][DIGEST_SIZE];
	ProtobufCBinaryData path_data[TREE_PATH_MAX + 1];
	char origin[CHAIN_ORIGIN_MAX + 2];
	Sk__Envelope envelope;
	Sk__Provenance provenance;
};

static int
make_keys(void **state)
{
	uint8_t seed[32] = { 1 }, unused[64];

	(void)state;
	if (sodium_init() < 0)
		return -1;
	crypto_sign_seed_keypair(public_key, secret_key, seed);
	seed[0] = 2;
	crypto_sign_seed_keypair(other_key, unused, seed);
	memset(previous_link, 7, DIGEST_SIZE);
	return 0;
}

static void
set(ProtobufCBinaryData *data, protobuf_c_boolean *has, void *bytes,
    size_t size)
{
	data->data = bytes;
	data->len = size;
	*has = 1;
}

static void
fill_provenance(struct delivered *d, size_t path_size)
{
	Sk__Provenance *p = &d->provenance;

	sk__provenance__init(p);
	p->has_sender = p->has_number = p->has_first_number = 1;
	p->has_count = 1;
	p->sender = SENDER;
	p->number = FIRST + 2;
	p->first_number = FIRST;
	p->count = COUNT;
	strcpy(d->origin, ORIGIN);
	p->origin = d->origin;
	for (size_t i = 0; i <= TREE_PATH_MAX; i++) {
		d->path_data[i].data = d->path[i % TREE_PATH_MAX];
		d->path_data[i].len = DIGEST_SIZE;
	}
	p->n_path = path_size;
	p->path = d->path_data;
	set(&p->previous_link, &p->has_previous_link, previous_link,
	    DIGEST_SIZE);
	set(&p->key_id, &p->has_key_id, d->key_id, DIGEST_SIZE);
	set(&p->signature, &p->has_signature, d->signature, SIGNATURE_SIZE);
}

static void
deliver(struct delivered *d)
{
	uint8_t e[COUNT][DIGEST_SIZE], digest[3][DIGEST_SIZE];
	uint8_t root[DIGEST_SIZE], link[DIGEST_SIZE];
	Sk__Envelope *v = &d->envelope;
	size_t path_size;

	memset(d, 0, sizeof(*d));
	for (size_t i = 0; i < COUNT; i++) {
		strcpy(d->header[i], "header0");
		d->header[i][6] = (char)('0' + i);
		chain_envelope(d->header[i], 7, d->nonce, facts, 5, NULL, 0,
		    digest[0], digest[1], digest[2], e[i]);
	}
	digest_tree_root(root, e, COUNT);
	digest_tree_path(e, COUNT, 2, d->path, &path_size);
	chain_next_link(link, previous_link, FIRST, COUNT, root);
	assert_int_equal(chain_sign(d->signature, ORIGIN, SENDER, public_key,
	    secret_key, link), SK_OK);
	digest_key_id(d->key_id, public_key);
	sk__envelope__init(v);
	set(&v->header, &v->has_header, d->header[2], 7);
	set(&v->nonce, &v->has_nonce, d->nonce, NONCE_SIZE);
	set(&v->facts, &v->has_facts, facts, 5);
	fill_provenance(d, path_size);
}

static enum sk_error
judge(const struct delivered *d, struct fault *fault)
{
	memset(fault, 0, sizeof(*fault));
	return chain_check_provenance(&d->provenance, &d->envelope, public_key,
	    fault);
}

static void
test_what_the_sender_said_passes(void **state)
{
	struct delivered d;
	struct fault fault;

	(void)state;
	deliver(&d);
	assert_int_equal(judge(&d, &fault), SK_OK);
	/* Absent and empty are one: both have the digest of no bytes. */
	set(&d.envelope.sealed, &d.envelope.has_sealed, NULL, 0);
	assert_int_equal(judge(&d, &fault), SK_OK);
}

/* ---- what a broker could try; clang-format off: the columns are the point */

static void alter_header(struct delivered *d) { d->header[2][0] ^= 1; }
static void other_envelope(struct delivered *d) { d->envelope.header.data = (uint8_t *)d->header[1]; }
static void alter_nonce(struct delivered *d) { d->nonce[0] ^= 1; }
static void drop_facts(struct delivered *d) { d->envelope.has_facts = 0; }
static void add_sealed(struct delivered *d) { set(&d->envelope.sealed, &d->envelope.has_sealed, d->header[0], 7); }
static void other_sender(struct delivered *d) { d->provenance.sender++; }
static void other_number(struct delivered *d) { d->provenance.number++; }
static void other_first(struct delivered *d) { d->provenance.first_number--; d->provenance.number--; }
static void other_count(struct delivered *d) { d->provenance.count++; }
static void other_origin(struct delivered *d) { d->origin[strlen(d->origin) - 1] = '2'; }
static void alter_path(struct delivered *d) { d->path[0][0] ^= 1; }
static void short_path(struct delivered *d) { d->provenance.n_path--; }
static void long_path(struct delivered *d) { d->provenance.n_path = TREE_PATH_MAX; }
static void too_long_path(struct delivered *d) { d->provenance.n_path = TREE_PATH_MAX + 1; }
static void odd_path(struct delivered *d) { d->path_data[1].len--; }
static void alter_link(struct delivered *d) { set(&d->provenance.previous_link, &d->provenance.has_previous_link, d->path[0], DIGEST_SIZE); }
static void alter_key_id(struct delivered *d) { d->key_id[0] ^= 1; }
static void alter_signature(struct delivered *d) { d->signature[0] ^= 1; }
static void no_header(struct delivered *d) { d->envelope.has_header = 0; }
static void empty_header(struct delivered *d) { d->envelope.header.len = 0; }
static void large_header(struct delivered *d) { d->envelope.header.len = HEADER_BYTES_MAX + 1; }
static void no_nonce(struct delivered *d) { d->envelope.has_nonce = 0; }
static void short_nonce(struct delivered *d) { d->envelope.nonce.len--; }
static void large_facts(struct delivered *d) { d->envelope.facts.len = FACTS_BYTES_MAX + 1; }
static void large_sealed(struct delivered *d) { set(&d->envelope.sealed, &d->envelope.has_sealed, d->header[0], SEALED_BYTES_MAX + 1); }
static void no_sender(struct delivered *d) { d->provenance.has_sender = 0; }
static void no_origin(struct delivered *d) { d->provenance.origin = NULL; }
static void long_origin(struct delivered *d) { memset(d->origin, 'a', CHAIN_ORIGIN_MAX + 1); }
static void no_first(struct delivered *d) { d->provenance.has_first_number = 0; }
static void no_count(struct delivered *d) { d->provenance.has_count = 0; }
static void count_zero(struct delivered *d) { d->provenance.count = 0; }
static void count_65(struct delivered *d) { d->provenance.count = 65; }
static void no_number(struct delivered *d) { d->provenance.has_number = 0; }
static void number_before(struct delivered *d) { d->provenance.number = FIRST - 1; }
static void number_after(struct delivered *d) { d->provenance.number = FIRST + COUNT; }
static void no_link(struct delivered *d) { d->provenance.has_previous_link = 0; }
static void short_link(struct delivered *d) { d->provenance.previous_link.len--; }
static void no_key_id(struct delivered *d) { d->provenance.has_key_id = 0; }
static void no_signature(struct delivered *d) { d->provenance.has_signature = 0; }
static void long_signature(struct delivered *d) { d->provenance.signature.len++; }
/* clang-format on */

static void
test_nothing_else_passes_and_the_fault_names_where(void **state)
{
	static const struct {
		void (*alter)(struct delivered *d);
		enum sk_error code;
		const char *field;
	} cases[] = {
		{ alter_header, SK_SIGNATURE_WRONG, "provenance.signature" },
		{ other_envelope, SK_SIGNATURE_WRONG, "provenance.signature" },
		{ alter_nonce, SK_SIGNATURE_WRONG, "provenance.signature" },
		{ drop_facts, SK_SIGNATURE_WRONG, "provenance.signature" },
		{ add_sealed, SK_SIGNATURE_WRONG, "provenance.signature" },
		{ other_sender, SK_SIGNATURE_WRONG, "provenance.signature" },
		{ other_number, SK_SIGNATURE_WRONG, "provenance.signature" },
		{ other_first, SK_SIGNATURE_WRONG, "provenance.signature" },
		{ other_count, SK_SIGNATURE_WRONG, "provenance.signature" },
		{ other_origin, SK_SIGNATURE_WRONG, "provenance.signature" },
		{ alter_path, SK_SIGNATURE_WRONG, "provenance.signature" },
		{ short_path, SK_SIGNATURE_WRONG, "provenance.path" },
		{ long_path, SK_SIGNATURE_WRONG, "provenance.path" },
		{ too_long_path, SK_FIELD_INVALID, "provenance.path" },
		{ odd_path, SK_FIELD_INVALID, "provenance.path[1]" },
		{ alter_link, SK_SIGNATURE_WRONG, "provenance.signature" },
		{ alter_key_id, SK_SIGNATURE_WRONG, "provenance.key_id" },
		{ alter_signature, SK_SIGNATURE_WRONG, "provenance.signature" },
		{ no_header, SK_FIELD_MISSING, "envelope.header" },
		{ empty_header, SK_FIELD_MISSING, "envelope.header" },
		{ large_header, SK_OVERSIZED, "envelope.header" },
		{ no_nonce, SK_FIELD_MISSING, "envelope.nonce" },
		{ short_nonce, SK_FIELD_INVALID, "envelope.nonce" },
		{ large_facts, SK_OVERSIZED, "envelope.facts" },
		{ large_sealed, SK_OVERSIZED, "envelope.sealed" },
		{ no_sender, SK_FIELD_MISSING, "provenance.sender" },
		{ no_origin, SK_FIELD_MISSING, "provenance.origin" },
		{ long_origin, SK_OVERSIZED, "provenance.origin" },
		{ no_first, SK_FIELD_MISSING, "provenance.first_number" },
		{ no_count, SK_FIELD_INVALID, "provenance.count" },
		{ count_zero, SK_FIELD_INVALID, "provenance.count" },
		{ count_65, SK_FIELD_INVALID, "provenance.count" },
		{ no_number, SK_FIELD_INVALID, "provenance.number" },
		{ number_before, SK_FIELD_INVALID, "provenance.number" },
		{ number_after, SK_FIELD_INVALID, "provenance.number" },
		{ no_link, SK_FIELD_MISSING, "provenance.previous_link" },
		{ short_link, SK_FIELD_INVALID, "provenance.previous_link" },
		{ no_key_id, SK_FIELD_MISSING, "provenance.key_id" },
		{ no_signature, SK_FIELD_MISSING, "provenance.signature" },
		{ long_signature, SK_FIELD_INVALID, "provenance.signature" },
	};
	struct delivered d;
	struct fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		deliver(&d);
		cases[i].alter(&d);
		if (judge(&d, &fault) != cases[i].code)
			fail_msg("case %zu: %s %s", i, error_name(fault.code),
			    fault.field);
		assert_string_equal(fault.field, cases[i].field);
		assert_int_equal(fault.code, cases[i].code);
	}
}

static void
test_another_key_does_not_pass(void **state)
{
	struct delivered d;
	struct fault fault;

	(void)state;
	deliver(&d);
	assert_int_equal(chain_check_provenance(&d.provenance, &d.envelope,
	    other_key, &fault), SK_SIGNATURE_WRONG);
	assert_int_equal(chain_check_provenance(NULL, &d.envelope, public_key,
	    &fault), SK_FIELD_MISSING);
	assert_int_equal(chain_check_provenance(&d.provenance, NULL,
	    public_key, NULL), SK_FIELD_MISSING);
}

static void
test_facts_and_closed_effects_never_share_a_commitment(void **state)
{
	static const uint8_t nonce[NONCE_SIZE] = { 5 };
	uint8_t coded[DIGEST_SIZE], closed[DIGEST_SIZE], empty[DIGEST_SIZE];

	(void)state;
	chain_commitment(coded, nonce, "a", 1);
	chain_closed_commitment(closed, nonce, "a", 1);
	chain_commitment(empty, nonce, NULL, 0);
	assert_memory_not_equal(coded, closed, DIGEST_SIZE);
	assert_memory_not_equal(coded, empty, DIGEST_SIZE);
}

static void
test_facts_past_every_limit_are_no_crash(void **state)
{
	static const uint8_t nonce[NONCE_SIZE] = { 5 };
	uint8_t commitment[DIGEST_SIZE], *large = calloc(1, 70000);

	(void)state;
	chain_commitment(commitment, nonce, large, 70000);
	free(large);
}

static void
test_each_participant_starts_its_own_chain(void **state)
{
	static const uint8_t founding[DIGEST_SIZE] = { 5 };
	uint8_t a[DIGEST_SIZE], b[DIGEST_SIZE];

	(void)state;
	chain_first_link(a, founding, 1);
	chain_first_link(b, founding, 2);
	assert_memory_not_equal(a, b, DIGEST_SIZE);
}

static void
test_an_origin_ends_at_95_characters(void **state)
{
	char origin[CHAIN_ORIGIN_MAX + 2] = { 0 };
	uint8_t signature[SIGNATURE_SIZE];

	(void)state;
	memset(origin, 'a', CHAIN_ORIGIN_MAX);
	assert_int_equal(chain_sign(signature, origin, 1, public_key,
	    secret_key, previous_link), SK_OK);
	assert_int_equal(chain_verify(signature, origin, 1, public_key,
	    previous_link), SK_OK);
	origin[CHAIN_ORIGIN_MAX] = 'a';
	assert_int_equal(chain_sign(signature, origin, 1, public_key,
	    secret_key, previous_link), SK_OVERSIZED);
	assert_int_equal(chain_verify(signature, origin, 1, public_key,
	    previous_link), SK_SIGNATURE_WRONG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_the_sender_said_passes),
		cmocka_unit_test(test_nothing_else_passes_and_the_fault_names_where),
		cmocka_unit_test(test_another_key_does_not_pass),
		cmocka_unit_test(test_facts_and_closed_effects_never_share_a_commitment),
		cmocka_unit_test(test_facts_past_every_limit_are_no_crash),
		cmocka_unit_test(test_each_participant_starts_its_own_chain),
		cmocka_unit_test(test_an_origin_ends_at_95_characters),
	};

	return cmocka_run_group_tests(tests, make_keys, NULL);
}
