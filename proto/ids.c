#include "proto/ids.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

bool
ref_equal(const struct envelope_ref *a, const struct envelope_ref *b)
{
	return a->participant == b->participant &&
	    a->id.number == b->id.number &&
	    memcmp(a->id.boot, b->id.boot, BOOT_SIZE) == 0;
}

bool
ref_is_none(const struct envelope_ref *ref)
{
	static const struct envelope_ref none;

	return ref_equal(ref, &none);
}

bool
ref_from_message(const Sk__Ref *message, struct envelope_ref *ref)
{
	const Sk__EnvelopeId *id = message == NULL ? NULL : message->id;

	*ref = (struct envelope_ref){ 0 };
	if (id == NULL || !message->has_participant ||
	    message->participant == 0 || !id->has_number || id->number == 0 ||
	    !id->has_boot || id->boot.len != BOOT_SIZE)
		return false;
	ref->participant = message->participant;
	ref->id.number = id->number;
	memcpy(ref->id.boot, id->boot.data, BOOT_SIZE);
	return true;
}

Sk__Ref *
ref_to_message(const struct envelope_ref *ref, struct arena *arena)
{
	Sk__Ref *message = arena_new(arena, Sk__Ref, sk__ref__init);
	Sk__EnvelopeId *id = arena_new(arena, Sk__EnvelopeId,
	    sk__envelope_id__init);
	uint8_t *boot = arena_copy(arena, ref->id.boot, BOOT_SIZE);

	if (message == NULL || id == NULL || boot == NULL)
		return NULL;
	id->has_boot = 1;
	id->boot.data = boot;
	id->boot.len = BOOT_SIZE;
	id->has_number = 1;
	id->number = ref->id.number;
	message->has_participant = 1;
	message->participant = ref->participant;
	message->id = id;
	return message;
}

void
ref_text(const struct envelope_ref *ref, char text[REF_TEXT_MAX])
{
	char boot[2 * BOOT_SIZE + 1];

	for (size_t i = 0; i < BOOT_SIZE; i++)
		snprintf(boot + 2 * i, 3, "%02x", ref->id.boot[i]);
	snprintf(text, REF_TEXT_MAX, "%" PRIu64 "-%s-%" PRIu64,
	    ref->participant, boot, ref->id.number);
}

/* One spelling of a number: decimal, no sign, no leading zero, not zero. */
static bool
parse_number(const char **at, uint64_t *number)
{
	const char *p = *at;
	uint64_t value = 0;

	if (*p < '1' || *p > '9')
		return false;
	for (; *p >= '0' && *p <= '9'; p++) {
		uint64_t digit = (uint64_t)(*p - '0');

		if (value > (UINT64_MAX - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*at = p;
	*number = value;
	return true;
}

static bool
parse_char(const char **at, char expected)
{
	if (**at != expected)
		return false;
	(*at)++;
	return true;
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

static bool
parse_boot(const char **at, uint8_t boot[BOOT_SIZE])
{
	for (size_t i = 0; i < BOOT_SIZE; i++) {
		int high = hex_value((*at)[0]);
		int low = high < 0 ? -1 : hex_value((*at)[1]);

		if (low < 0)
			return false;
		boot[i] = (uint8_t)(high << 4 | low);
		*at += 2;
	}
	return true;
}

enum sk_error
ref_parse(const char *text, struct envelope_ref *ref)
{
	struct envelope_ref parsed;

	if (!parse_number(&text, &parsed.participant) ||
	    !parse_char(&text, '-') || !parse_boot(&text, parsed.id.boot) ||
	    !parse_char(&text, '-') || !parse_number(&text, &parsed.id.number) ||
	    *text != '\0')
		return SK_FIELD_INVALID;
	*ref = parsed;
	return SK_OK;
}

static unsigned
digits_mod_97(const char *digits, unsigned remainder)
{
	for (; *digits != '\0'; digits++)
		remainder = (remainder * 10 + (unsigned)(*digits - '0')) % 97;
	return remainder;
}

/* ISO 7064 MOD 97-10: with these two digits behind, the rest is 1. */
static unsigned
check_digits(uint64_t journal_number, uint64_t number)
{
	char digits[CASE_TEXT_MAX];

	snprintf(digits, sizeof(digits), "%" PRIu64 "%" PRIu64,
	    journal_number, number);
	return 98 - digits_mod_97("00", digits_mod_97(digits, 0));
}

void
case_text(uint64_t journal_number, uint64_t number, char text[CASE_TEXT_MAX])
{
	snprintf(text, CASE_TEXT_MAX, "%" PRIu64 "-%" PRIu64 "-%02u",
	    journal_number, number, check_digits(journal_number, number));
}

enum sk_error
case_parse(const char *text, uint64_t *journal_number, uint64_t *number)
{
	char expected[CASE_TEXT_MAX];
	const char *at = text;
	uint64_t n, dense;

	if (!parse_number(&at, &n) || !parse_char(&at, '-') ||
	    !parse_number(&at, &dense))
		return SK_FIELD_INVALID;
	case_text(n, dense, expected);
	if (strcmp(text, expected) != 0)
		return SK_FIELD_INVALID;
	*journal_number = n;
	*number = dense;
	return SK_OK;
}
