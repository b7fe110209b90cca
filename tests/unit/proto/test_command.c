#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <sodium.h>

#include "proto/bytes.h"
#include "proto/chain.h"
#include "proto/command.h"

#define ORIGIN "regio-oost/test/1"

static uint8_t public_key[32], secret_key[64], other_key[32];

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
	return 0;
}

static void
test_a_signature_holds_for_its_command_alone(void **state)
{
	uint8_t signature[64];

	(void)state;
	assert_int_equal(command_sign(signature, ORIGIN, public_key,
	    secret_key, 7, -1, "drain", 5), SK_OK);
	assert_int_equal(command_verify(signature, ORIGIN, public_key, 7, -1,
	    "drain", 5), SK_OK);
	assert_int_equal(command_verify(signature, "regio-oost/test/2",
	    public_key, 7, -1, "drain", 5), SK_SIGNATURE_WRONG);
	assert_int_equal(command_verify(signature, ORIGIN, other_key, 7, -1,
	    "drain", 5), SK_SIGNATURE_WRONG);
	assert_int_equal(command_verify(signature, ORIGIN, public_key, 8, -1,
	    "drain", 5), SK_SIGNATURE_WRONG);
	assert_int_equal(command_verify(signature, ORIGIN, public_key, 7, 0,
	    "drain", 5), SK_SIGNATURE_WRONG);
	assert_int_equal(command_verify(signature, ORIGIN, public_key, 7, -1,
	    "drain", 4), SK_SIGNATURE_WRONG);
	signature[63] ^= 1;
	assert_int_equal(command_verify(signature, ORIGIN, public_key, 7, -1,
	    "drain", 5), SK_SIGNATURE_WRONG);
}

static void
test_a_command_ends_at_65535_bytes(void **state)
{
	static uint8_t command[VAR_SIZE_MAX + 1];
	uint8_t signature[64];

	(void)state;
	assert_int_equal(command_sign(signature, ORIGIN, public_key,
	    secret_key, 1, 0, command, VAR_SIZE_MAX), SK_OK);
	assert_int_equal(command_verify(signature, ORIGIN, public_key, 1, 0,
	    command, VAR_SIZE_MAX), SK_OK);
	assert_int_equal(command_sign(signature, ORIGIN, public_key,
	    secret_key, 1, 0, command, VAR_SIZE_MAX + 1), SK_OVERSIZED);
	assert_int_equal(command_verify(signature, ORIGIN, public_key, 1, 0,
	    command, VAR_SIZE_MAX + 1), SK_SIGNATURE_WRONG);
}

static void
test_an_origin_that_is_too_long_is_never_signed(void **state)
{
	char origin[CHAIN_ORIGIN_MAX + 2];
	static uint8_t command[VAR_SIZE_MAX];
	uint8_t signature[64];

	(void)state;
	memset(origin, 'a', sizeof(origin));
	origin[CHAIN_ORIGIN_MAX] = '\0';
	assert_int_equal(command_sign(signature, origin, public_key,
	    secret_key, 1, 0, command, sizeof(command)), SK_OK);
	origin[CHAIN_ORIGIN_MAX] = 'a';
	origin[CHAIN_ORIGIN_MAX + 1] = '\0';
	assert_int_equal(command_sign(signature, origin, public_key,
	    secret_key, 1, 0, "drain", 5), SK_OVERSIZED);
	assert_int_equal(command_verify(signature, origin, public_key, 1, 0,
	    "drain", 5), SK_SIGNATURE_WRONG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_signature_holds_for_its_command_alone),
		cmocka_unit_test(test_a_command_ends_at_65535_bytes),
		cmocka_unit_test(test_an_origin_that_is_too_long_is_never_signed),
	};

	return cmocka_run_group_tests(tests, make_keys, NULL);
}
