#include "proto/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *text;
	bool plain, nfc;
} texts[] = {
	{ "", true, true },
	{ "Noor woont bij haar moeder.\n\tEn haar vader?", true, true },
	{ "Zo\xc3\xab en Andr\xc3\xa9", true, true },
	{ "Zoe\xcc\x88", true, false },		/* e, combining diaeresis */
	{ "\xe2\x84\xab", true, false },	/* the angstrom sign */
	{ "\xea\xb0\x80", true, true },		/* a Hangul syllable .. */
	{ "\xe1\x84\x80\xe1\x85\xa1", true, false },	/* .. and its parts */
	{ "q\xcc\x87\xcc\xa3", true, false },	/* marks in the wrong order */
	{ "a\r\nb", false, true },
	{ "a\x1b[31m", false, true },
	{ "\xc2\x9b", false, true },
	{ "\x7f", false, true },
};

static void
test_one_form_of_text_travels(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		size_t size = strlen(texts[i].text);

		assert_int_equal(text_is_plain(texts[i].text, size),
		    texts[i].plain);
		assert_int_equal(text_is_nfc(texts[i].text, size),
		    texts[i].nfc);
	}
}

static void
test_broken_utf8_is_neither(void **state)
{
	static const char *const broken[] = { "\xc3", "\xff", "a\xc0\xaf",
		"\xed\xa0\x80" };

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		assert_false(text_is_plain(broken[i], strlen(broken[i])));
		assert_false(text_is_nfc(broken[i], strlen(broken[i])));
	}
}

/* A name, and what becomes of it where it is shown all the same. */
static const struct {
	const char *text, *tame;
} names[] = {
	{ "Wijkteam Zuid\xc3\xa9", "Wijkteam Zuid\xc3\xa9" },
	{ "\xf0\x9f\x8f\xa0", "\xf0\x9f\x8f\xa0" },
	{ "", "" },
	{ "a\nb", "a?b" },
	{ "a\x1b[2Jb", "a?[2Jb" },
	{ "a\x7f", "a?" },
	{ "a\xc2\x9b" "2J", "a??2J" },		/* CSI in one character */
	{ "a\xe2\x80\xae" "b", "a???b" },	/* from right to left */
	{ "a\xe2\x80\x8b" "b", "a???b" },	/* no width */
	{ "a\xe2\x80", "a??" },		/* cut short */
	{ "\xff", "?" },
};

static void
test_a_name_steers_no_screen(void **state)
{
	char text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(text_is_name(names[i].text),
		    *names[i].text != '\0' &&
		    strcmp(names[i].text, names[i].tame) == 0);
		snprintf(text, sizeof(text), "%s", names[i].text);
		text_tame(text);
		assert_string_equal(text, names[i].tame);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_form_of_text_travels),
		cmocka_unit_test(test_broken_utf8_is_neither),
		cmocka_unit_test(test_a_name_steers_no_screen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
