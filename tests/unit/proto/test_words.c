#include "proto/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define WORDS 2048u

static void
test_there_are_2048_words_sorted_and_distinct(void **state)
{
	(void)state;
	/* Strictly rising is both; a slot left empty would fall. */
	for (unsigned i = 1; i < WORDS; i++)
		if (strcmp(words_at(i - 1), words_at(i)) >= 0)
			fail_msg("%u: %s, then %s", i, words_at(i - 1),
			    words_at(i));
}

static void
test_a_word_is_3_to_8_small_letters(void **state)
{
	(void)state;
	for (unsigned i = 0; i < WORDS; i++) {
		const char *word = words_at(i);
		size_t letters = strspn(word, "abcdefghijklmnopqrstuvwxyz");

		if (word[letters] != '\0' || letters < 3 || letters > 8)
			fail_msg("%u: \"%s\"", i, word);
	}
}

/* "boek" and "boer", "kano" and "kanon" are one word on a bad line. */
static void
test_no_two_words_differ_in_the_last_letter_alone(void **state)
{
	(void)state;
	for (unsigned i = 0; i < WORDS; i++)
		for (unsigned k = i + 1; k < WORDS; k++) {
			const char *a = words_at(i), *b = words_at(k);
			size_t na = strlen(a), nb = strlen(b);
			size_t same = na == nb ? na - 1 : na < nb ? na : nb;

			if ((na > nb ? na - nb : nb - na) <= 1 &&
			    strncmp(a, b, same) == 0)
				fail_msg("%s and %s", a, b);
		}
}

/* Worked out apart from this code, from the whole number's eleven-bit digits. */
static void
test_eleven_bits_a_word_most_significant_first(void **state)
{
	static const struct {
		uint8_t digest[32];
		const char *text;
	} cases[] = {
		{ { 0 }, "aaien aaien aaien aaien aaien aaien aaien aaien" },
		{ { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
			0xff },
		    "zwieren zwieren zwieren zwieren zwieren zwieren zwieren "
		    "zwieren" },
		/* indices 1, 2, 4, 12, 16, 0, 0, 0 */
		{ { 0x00, 0x20, 0x08, 0x02, 0x00, 0xc0, 0x20 },
		    "aanbod aandeel aankomst aard abdij aaien aaien aaien" },
		/* SHA-256("schakel") */
		{ { 0xa8, 0xbb, 0x2e, 0xaa, 0xc4, 0x00, 0x0d, 0xf2, 0x5b, 0x1f,
			0x3d, 0x50 },
		    "pomp tillen praat mikken aanpak zagen knippen verzoek" },
	};
	char text[WORDS_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		words_text(cases[i].digest, text);
		assert_string_equal(text, cases[i].text);
	}
}

static void
test_bits_past_the_88th_do_not_count(void **state)
{
	uint8_t digest[32] = { 0xa8 };
	char before[WORDS_TEXT_MAX], after[WORDS_TEXT_MAX];

	(void)state;
	words_text(digest, before);
	memset(digest + 11, 0xff, sizeof(digest) - 11);
	words_text(digest, after);
	assert_string_equal(before, after);
	digest[10] ^= 1;
	words_text(digest, after);
	assert_string_not_equal(before, after);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_are_2048_words_sorted_and_distinct),
		cmocka_unit_test(test_a_word_is_3_to_8_small_letters),
		cmocka_unit_test(
		    test_no_two_words_differ_in_the_last_letter_alone),
		cmocka_unit_test(
		    test_eleven_bits_a_word_most_significant_first),
		cmocka_unit_test(test_bits_past_the_88th_do_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
