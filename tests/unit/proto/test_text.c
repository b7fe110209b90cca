#include "proto/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_form_of_text_travels),
		cmocka_unit_test(test_broken_utf8_is_neither),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
