#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <sodium.h>

#include "proto/lines.h"
#include "proto/note.h"

/* The published example of signed notes (golang.org/x/mod/sumdb/note); its
 * second key comes from a seed of zeroes. */
#define PETER "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
#define ENOCH "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
#define PETER_SEED "gQoUAtUUbI2E8kQzMPVAgOv5juF9nHT2JS/F1ccoMXM="
#define TEXT \
	"If you think cryptography is the answer to your problem,\n" \
	"then you don't know what your problem is.\n"
#define PETER_LINE \
	"— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUg" \
	"YN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
#define ENOCH_LINE \
	"— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+v" \
	"AF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"
#define NOTE TEXT "\n" PETER_LINE
#define ORIGIN "regio-oost/journal/1"

static struct note_key peter, enoch;
static uint8_t peter_secret[64], enoch_secret[64];
static struct note_key log_key, witness;
static uint8_t log_secret[64], witness_secret[64];

static struct span
text(const char *string)
{
	return (struct span){ string, strlen(string) };
}

static void
make_key(struct note_key *key, uint8_t secret[64], const char *name,
    enum note_type type, uint8_t first)
{
	uint8_t public_key[32], seed[32] = { first };

	crypto_sign_seed_keypair(public_key, secret, seed);
	assert_int_equal(note_key_init(key, name, type, public_key), SK_OK);
}

static int
make_keys(void **state)
{
	uint8_t zeroes[32] = { 0 }, public_key[32], seed[32];
	size_t size;

	(void)state;
	if (sodium_init() < 0)
		return -1;
	assert_int_equal(note_key_parse(&peter, text(PETER)), SK_OK);
	assert_int_equal(note_key_parse(&enoch, text(ENOCH)), SK_OK);
	crypto_sign_seed_keypair(public_key, enoch_secret, zeroes);
	assert_memory_equal(public_key, enoch.public_key, 32);
	assert_true(lines_base64(text(PETER_SEED), seed, 32, &size));
	crypto_sign_seed_keypair(public_key, peter_secret, seed);
	assert_memory_equal(public_key, peter.public_key, 32);
	make_key(&log_key, log_secret, ORIGIN, NOTE_ED25519, 1);
	make_key(&witness, witness_secret, "witness.example/w1",
	    NOTE_COSIGNATURE, 2);
	return 0;
}

/* ---- the published vectors */

static void
test_the_published_note_verifies(void **state)
{
	struct note note;
	uint64_t time = 9;

	(void)state;
	assert_int_equal(note_open(&note, NOTE, strlen(NOTE)), SK_OK);
	assert_int_equal(note.n, 1);
	assert_int_equal(note.text.size, strlen(TEXT));
	assert_memory_equal(note.text.bytes, TEXT, strlen(TEXT));
	assert_int_equal(note_check(&note, &peter, &time), SK_OK);
	assert_int_equal(time, 0);
	assert_int_equal(note_check(&note, &enoch, NULL), SK_NOT_FOUND);
}

static void
test_the_published_signatures_come_out_the_same(void **state)
{
	char bytes[1024];
	struct writer w;

	(void)state;
	writer_init(&w, bytes, sizeof(bytes));
	note_write_text(&w, text(TEXT));
	assert_int_equal(note_sign(&w, text(TEXT), &peter, peter_secret, 0),
	    SK_OK);
	assert_int_equal(note_sign(&w, text(TEXT), &enoch, enoch_secret, 0),
	    SK_OK);
	assert_int_equal(w.size, strlen(NOTE ENOCH_LINE));
	assert_memory_equal(bytes, NOTE ENOCH_LINE, w.size);
}

static void
test_a_vkey_comes_back(void **state)
{
	char vkey[NOTE_VKEY_MAX + 1];
	struct note_key back;

	(void)state;
	note_key_format(&peter, vkey);
	assert_string_equal(vkey, PETER);
	note_key_format(&enoch, vkey);
	assert_string_equal(vkey, ENOCH);
	note_key_format(&witness, vkey);
	assert_int_equal(note_key_parse(&back, text(vkey)), SK_OK);
	assert_memory_equal(&back, &witness, sizeof(back));
}

/* The cases of the same package, and some. */
static void
test_a_bad_vkey_is_refused(void **state)
{
	static const struct {
		const char *vkey;
		enum sk_error rc;
	} cases[] = {
		{ "", SK_MALFORMED },
		{ "PeterNeumann", SK_MALFORMED },
		{ "PeterNeumann+c74f20a3", SK_MALFORMED },
		{ "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		    SK_MALFORMED },
		{ "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		    SK_MALFORMED },
		{ "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		    SK_MALFORMED },
		{ "PeterNeumann+c74f20a+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		    SK_MALFORMED },
		{ "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		    SK_SIGNATURE_WRONG },
		{ "PeterNeuman+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		    SK_SIGNATURE_WRONG },
		{ PETER "+", SK_MALFORMED },
		{ PETER "AAAA", SK_MALFORMED },
		{ "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
		    SK_MALFORMED },
		{ "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		    SK_KIND_UNKNOWN },
		{ "PeterNeumann+c74f20a3+", SK_MALFORMED },
	};
	struct note_key key;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(note_key_parse(&key, text(cases[i].vkey)),
		    cases[i].rc);
}

static void
test_a_name_is_one_word(void **state)
{
	static const char *const bad[] = {
		"", " ", "a b", "a\tb", "a\nb", "a+b", "a\xc2\xa0z",
		"a\xe2\x80\xa8z", "a\xe3\x80\x80", "\xff", "a\x01",
	};
	char name[NOTE_NAME_MAX + 2];
	struct note_key key;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(note_key_init(&key, bad[i], NOTE_ED25519,
		    peter.public_key), SK_FIELD_INVALID);
	assert_int_equal(note_key_init(&key, "caf\xc3\xa9/1", NOTE_ED25519,
	    peter.public_key), SK_OK);
	memset(name, 'a', sizeof(name));
	name[NOTE_NAME_MAX + 1] = '\0';
	assert_int_equal(note_key_init(&key, name, NOTE_ED25519,
	    peter.public_key), SK_FIELD_INVALID);
	name[NOTE_NAME_MAX] = '\0';
	assert_int_equal(note_key_init(&key, name, NOTE_ED25519,
	    peter.public_key), SK_OK);
}

/* ---- hostile notes */

static void
test_a_note_without_its_form_is_refused(void **state)
{
	static const struct {
		const char *note;
		enum sk_error rc;
	} cases[] = {
		{ "", SK_MALFORMED },
		{ "\n", SK_MALFORMED },
		{ "\n\n", SK_MALFORMED },
		{ TEXT, SK_MALFORMED },
		{ TEXT "\n", SK_MALFORMED },
		{ TEXT PETER_LINE, SK_MALFORMED },
		{ NOTE "\n", SK_MALFORMED },
		{ NOTE "x", SK_MALFORMED },
		{ NOTE "— PeterNeumann\n", SK_MALFORMED },
		{ NOTE "— PeterNeumann \n", SK_MALFORMED },
		{ NOTE "—  x08go/ZJkuBS\n", SK_MALFORMED },
		{ NOTE "- PeterNeumann x08go/ZJkuBS\n", SK_MALFORMED },
		{ NOTE "— PeterNeumann x08go/ZJkuB\n", SK_MALFORMED },
		{ NOTE "— PeterNeumann x08go/ZJkuBS \n", SK_MALFORMED },
		{ NOTE "— PeterNeumann x08go/ZJ kuBS\n", SK_MALFORMED },
		{ NOTE "— Peter+Neumann x08go/ZJkuBS\n", SK_MALFORMED },
		{ NOTE "— PeterNeumann x08gow==\n", SK_MALFORMED },
		{ NOTE "— PeterNeumann x08go/ZJkuBS\r\n", SK_TEXT_INVALID },
		{ "a\tb\n" NOTE, SK_TEXT_INVALID },
		{ "\xff\n" NOTE, SK_TEXT_INVALID },
		{ "\xc0\x8a\n" NOTE, SK_TEXT_INVALID },
	};
	struct note note;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(note_open(&note, cases[i].note,
		    strlen(cases[i].note)), cases[i].rc);
	assert_int_equal(note_open(&note, "a\0b\n\n" PETER_LINE,
	    5 + strlen(PETER_LINE)), SK_TEXT_INVALID);
}

/* The last line may break off anywhere, whatever stood before it. */
static void
test_every_truncation_and_every_flipped_bit_is_noticed(void **state)
{
	size_t size = strlen(NOTE);
	struct note note;

	(void)state;
	for (size_t n = 0; n < size; n++) {
		char *cut = malloc(n + 1);	/* so that a read past it shows */

		memcpy(cut, NOTE, n);
		cut = realloc(cut, n > 0 ? n : 1);
		assert_int_not_equal(note_open(&note, cut, n), SK_OK);
		free(cut);
	}
	for (size_t bit = 0; bit < size * 8; bit++) {
		char bytes[sizeof(NOTE)];

		memcpy(bytes, NOTE, sizeof(bytes));
		bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
		assert_true(note_open(&note, bytes, size) != SK_OK ||
		    note_check(&note, &peter, NULL) != SK_OK);
	}
}

static void
test_the_text_may_hold_empty_lines_and_signatures(void **state)
{
	static const char inner[] = "one\n\n" PETER_LINE "\nlast\n";
	char bytes[1024];
	struct note note;
	struct writer w;

	(void)state;
	writer_init(&w, bytes, sizeof(bytes));
	note_write_text(&w, text(inner));
	assert_int_equal(note_sign(&w, text(inner), &enoch, enoch_secret, 0),
	    SK_OK);
	assert_int_equal(note_open(&note, bytes, w.size), SK_OK);
	assert_int_equal(note.text.size, strlen(inner));
	assert_int_equal(note_check(&note, &enoch, NULL), SK_OK);
	/* What stands in the text signs nothing. */
	assert_int_equal(note_check(&note, &peter, NULL), SK_NOT_FOUND);
}

static void
test_a_wrong_line_of_a_known_key_spoils_the_note(void **state)
{
	static const char two[] = NOTE PETER_LINE;
	static const char wrong[] = NOTE
	    "— PeterNeumann x08gowAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
	static const char short_one[] = NOTE "— PeterNeumann x08go/ZJkuBS\n";
	static const char others[] = NOTE
	    "— CarmenSandiego x08go/ZJkuBS\n"	/* another's name */
	    "— PeterNeumann x08gpPZJkuBS\n";	/* another id */
	struct note note;

	(void)state;
	assert_int_equal(note_open(&note, two, strlen(two)), SK_OK);
	assert_int_equal(note_check(&note, &peter, NULL), SK_OK);
	assert_int_equal(note_open(&note, wrong, strlen(wrong)), SK_OK);
	assert_int_equal(note_check(&note, &peter, NULL), SK_SIGNATURE_WRONG);
	assert_int_equal(note_open(&note, short_one, strlen(short_one)),
	    SK_OK);
	assert_int_equal(note_check(&note, &peter, NULL), SK_SIGNATURE_WRONG);
	assert_int_equal(note_open(&note, others, strlen(others)), SK_OK);
	assert_int_equal(note.n, 3);
	assert_int_equal(note_check(&note, &peter, NULL), SK_OK);
}

static void
test_the_limits_hold_at_their_edge(void **state)
{
	char *bytes = malloc(NOTE_BYTES_MAX + 1);
	struct writer w;
	struct note note;

	(void)state;
	writer_init(&w, bytes, NOTE_BYTES_MAX + 1);
	write_text(&w, TEXT "\n");
	for (unsigned i = 0; i < NOTE_SIGNATURES_MAX; i++)
		write_text(&w, PETER_LINE);
	assert_int_equal(note_open(&note, bytes, w.size), SK_OK);
	assert_int_equal(note.n, NOTE_SIGNATURES_MAX);
	assert_int_equal(note_check(&note, &peter, NULL), SK_OK);
	write_text(&w, PETER_LINE);
	assert_int_equal(note_open(&note, bytes, w.size), SK_OVERSIZED);

	memset(bytes, 'a', NOTE_BYTES_MAX + 1);
	memcpy(bytes + NOTE_BYTES_MAX - strlen(PETER_LINE) - 2, "\n\n", 2);
	memcpy(bytes + NOTE_BYTES_MAX - strlen(PETER_LINE), PETER_LINE,
	    strlen(PETER_LINE));
	assert_int_equal(note_open(&note, bytes, NOTE_BYTES_MAX), SK_OK);
	assert_int_equal(note_check(&note, &peter, NULL), SK_SIGNATURE_WRONG);
	assert_int_equal(note_open(&note, bytes, NOTE_BYTES_MAX + 1),
	    SK_OVERSIZED);
	free(bytes);
}

/* A post-quantum signature has some 5,000 bytes: not ours, but no reason to
 * refuse the note. */
static void
test_a_long_signature_of_a_stranger_is_passed_over(void **state)
{
	uint8_t signature[4 + 2420] = { 1 };
	char bytes[8192];
	struct writer w;
	struct note note;

	(void)state;
	writer_init(&w, bytes, sizeof(bytes));
	write_text(&w, NOTE "— later.example ");
	write_base64(&w, signature, sizeof(signature));
	write_text(&w, "\n");
	assert_int_equal(note_open(&note, bytes, w.size), SK_OK);
	assert_int_equal(note.n, 2);
	assert_int_equal(note.signature[1].size, 2420);
	assert_int_equal(note_check(&note, &peter, NULL), SK_OK);
}

static void
test_what_could_not_be_opened_is_not_signed(void **state)
{
	static const char *const bad[] = { "", "no newline", "a\tb\n", "\xff\n" };
	char bytes[1024], small[100];
	struct writer w;

	(void)state;
	writer_init(&w, bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(note_sign(&w, text(bad[i]), &peter,
		    peter_secret, 0), SK_TEXT_INVALID);
	writer_init(&w, small, sizeof(small));
	assert_int_equal(note_sign(&w, text(TEXT), &peter, peter_secret, 0),
	    SK_OVERSIZED);
}

/* ---- checkpoints and witnesses */

static struct checkpoint
a_checkpoint(uint64_t size)
{
	struct checkpoint c = { .origin = ORIGIN, .size = size };

	memset(c.root, (int)size, DIGEST_SIZE);
	return c;
}

static size_t
signed_checkpoint(char *bytes, size_t size_max, uint64_t size)
{
	struct checkpoint c = a_checkpoint(size);
	struct writer w;

	writer_init(&w, bytes, size_max);
	assert_int_equal(checkpoint_sign(&w, &c, &log_key, log_secret), SK_OK);
	return w.size;
}

static void
test_a_checkpoint_comes_back(void **state)
{
	static const uint64_t sizes[] = { 0, 1, 255, 20852163, INT64_MAX,
	    UINT64_MAX };
	char bytes[CHECKPOINT_NOTE_MAX];
	struct checkpoint back, was;
	struct note note;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		size_t n = signed_checkpoint(bytes, sizeof(bytes), sizes[i]);

		was = a_checkpoint(sizes[i]);
		assert_int_equal(checkpoint_open(&back, &note, bytes, n,
		    &log_key), SK_OK);
		assert_string_equal(back.origin, ORIGIN);
		assert_true(back.size == sizes[i]);
		assert_memory_equal(back.root, was.root, DIGEST_SIZE);
		assert_int_equal(back.extensions.size, 0);
	}
}

#define ROOT "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"

static void
test_a_checkpoint_has_one_form(void **state)
{
	static const struct {
		const char *text;
		enum sk_error rc;
	} cases[] = {
		{ "example.com/log\n20852163\n" ROOT, SK_OK },
		{ "example.com/log\n20852163\n" ROOT "more\nand more\n", SK_OK },
		{ "a log\n0\n" ROOT, SK_OK },
		{ "\n1\n" ROOT, SK_MALFORMED },
		{ "example.com/log\n", SK_MALFORMED },
		{ "example.com/log\n1\n", SK_MALFORMED },
		{ "example.com/log\n\n" ROOT, SK_MALFORMED },
		{ "example.com/log\n01\n" ROOT, SK_MALFORMED },
		{ "example.com/log\n-1\n" ROOT, SK_MALFORMED },
		{ "example.com/log\n1 \n" ROOT, SK_MALFORMED },
		{ "example.com/log\n18446744073709551616\n" ROOT, SK_MALFORMED },
		{ "example.com/log\n1\nAAAA\n", SK_MALFORMED },
		{ "example.com/log\n1\n\n" ROOT, SK_MALFORMED },
		{ "example.com/log\n1\n" ROOT "\n", SK_MALFORMED },
		{ "example.com/log\n1\n" ROOT "more\n\n", SK_MALFORMED },
		{ "example.com/log\n1\n" ROOT "no newline", SK_MALFORMED },
		{ "example.com/log\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n",
		    SK_MALFORMED },
		{ "", SK_MALFORMED },
	};
	char longest[CHECKPOINT_ORIGIN_MAX + 100];
	struct checkpoint c;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(checkpoint_parse(&c, text(cases[i].text)),
		    cases[i].rc);
	memset(longest, 'a', sizeof(longest));
	strcpy(longest + CHECKPOINT_ORIGIN_MAX, "\n1\n" ROOT);
	assert_int_equal(checkpoint_parse(&c, text(longest)), SK_OK);
	longest[CHECKPOINT_ORIGIN_MAX] = 'a';
	strcpy(longest + CHECKPOINT_ORIGIN_MAX + 1, "\n1\n" ROOT);
	assert_int_equal(checkpoint_parse(&c, text(longest)), SK_OVERSIZED);
}

static void
test_extension_lines_are_kept(void **state)
{
	static const char body[] = "example.com/log\n1\n" ROOT "more\nlast\n";
	char bytes[512];
	struct checkpoint c;
	struct writer w;

	(void)state;
	assert_int_equal(checkpoint_parse(&c, text(body)), SK_OK);
	writer_init(&w, bytes, sizeof(bytes));
	checkpoint_write(&w, &c);
	assert_int_equal(w.size, strlen(body));
	assert_memory_equal(bytes, body, w.size);
}

static void
test_another_logs_checkpoint_is_refused(void **state)
{
	struct checkpoint other = { .origin = "regio-west/journal/1" }, back;
	char bytes[CHECKPOINT_NOTE_MAX];
	struct note_key stranger;
	uint8_t secret[64];
	struct writer w;
	struct note note;

	(void)state;
	/* The right key under another log's body. */
	writer_init(&w, bytes, sizeof(bytes));
	assert_int_equal(checkpoint_sign(&w, &other, &log_key, log_secret),
	    SK_OK);
	assert_int_equal(checkpoint_open(&back, &note, bytes, w.size,
	    &log_key), SK_ORIGIN_WRONG);
	/* The right name on another key. */
	make_key(&stranger, secret, ORIGIN, NOTE_ED25519, 3);
	other = a_checkpoint(4);
	writer_init(&w, bytes, sizeof(bytes));
	assert_int_equal(checkpoint_sign(&w, &other, &stranger, secret),
	    SK_OK);
	assert_int_equal(checkpoint_open(&back, &note, bytes, w.size,
	    &log_key), SK_NOT_FOUND);
}

static size_t
cosigned(char *bytes, size_t size_max, const struct note_key *key,
    const uint8_t secret[64], uint64_t time)
{
	size_t n = signed_checkpoint(bytes, size_max, 7);
	struct writer w;
	struct note note;

	assert_int_equal(note_open(&note, bytes, n), SK_OK);
	writer_init(&w, bytes + n, size_max - n);
	assert_int_equal(note_sign(&w, note.text, key, secret, time), SK_OK);
	return n + w.size;
}

static void
test_a_cosignature_says_when(void **state)
{
	char bytes[2 * CHECKPOINT_NOTE_MAX];
	size_t n = cosigned(bytes, sizeof(bytes), &witness, witness_secret,
	    1679315147);
	uint64_t time = 0;
	struct note note;

	(void)state;
	assert_int_equal(note_open(&note, bytes, n), SK_OK);
	assert_int_equal(note.n, 2);
	assert_int_equal(note.signature[1].size, 72);
	assert_int_equal(note_check(&note, &log_key, NULL), SK_OK);
	assert_int_equal(note_check(&note, &witness, &time), SK_OK);
	assert_int_equal(time, 1679315147);
	for (size_t bit = 0; bit < 72 * 8; bit++) {
		note.signature[1].bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(note_check(&note, &witness, NULL),
		    SK_SIGNATURE_WRONG);
		note.signature[1].bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_int_equal(note_check(&note, &witness, NULL), SK_OK);
}

/* The message of the specification, built here by hand. */
static void
test_a_cosignature_signs_two_lines_and_the_text(void **state)
{
	static const char message[] = "cosignature/v1\ntime 1679315147\n"
	    "example.com/behind-the-sofa\n20852163\n" ROOT;
	const char *body = strstr(message, "example");
	uint8_t signature[64];
	char line[NOTE_LINE_MAX];
	struct writer w;
	struct note note;

	(void)state;
	writer_init(&w, line, sizeof(line));
	assert_int_equal(note_sign(&w, text(body), &witness, witness_secret,
	    1679315147), SK_OK);
	assert_int_equal(note_open_lines(&note, text(body),
	    (struct span){ line, w.size }), SK_OK);
	assert_int_equal(be64_get(note.signature[0].bytes), 1679315147);
	crypto_sign_detached(signature, NULL, (const uint8_t *)message,
	    strlen(message), witness_secret);
	assert_memory_equal(note.signature[0].bytes + 8, signature, 64);
	assert_int_equal(note_check(&note, &witness, NULL), SK_OK);
}

static void
test_lines_without_a_text_are_checked_the_same(void **state)
{
	struct span lines = text(PETER_LINE), body = text(TEXT);
	struct note note;

	(void)state;
	assert_int_equal(note_open_lines(&note, body, lines), SK_OK);
	assert_int_equal(note_check(&note, &peter, NULL), SK_OK);
	assert_int_equal(note_open_lines(&note, text("other\n"), lines),
	    SK_OK);
	assert_int_equal(note_check(&note, &peter, NULL), SK_SIGNATURE_WRONG);
	assert_int_equal(note_open_lines(&note, body, text("")), SK_MALFORMED);
	assert_int_equal(note_open_lines(&note, body, text("\n")),
	    SK_MALFORMED);
	lines.size = (size_t)NOTE_BYTES_MAX + 1;
	assert_int_equal(note_open_lines(&note, body, lines), SK_OVERSIZED);
}

static void
test_the_time_of_a_cosignature_has_a_bound(void **state)
{
	char line[NOTE_LINE_MAX];
	struct span body = text("x\n1\n" ROOT);
	struct writer w;

	(void)state;
	writer_init(&w, line, sizeof(line));
	assert_int_equal(note_sign(&w, body, &witness, witness_secret,
	    NOTE_TIME_MAX + 1), SK_CLOCK);
	assert_int_equal(note_sign(&w, body, &witness, witness_secret,
	    NOTE_TIME_MAX), SK_OK);
}

static void
test_a_cosigned_text_has_a_bound(void **state)
{
	char body[COSIGNED_TEXT_MAX + 1], line[NOTE_LINE_MAX];
	struct writer w;

	(void)state;
	memset(body, 'a', sizeof(body));
	body[COSIGNED_TEXT_MAX] = body[COSIGNED_TEXT_MAX - 1] = '\n';
	writer_init(&w, line, sizeof(line));
	assert_int_equal(note_sign(&w, (struct span){ body, sizeof(body) },
	    &witness, witness_secret, 1), SK_OVERSIZED);
	assert_int_equal(note_sign(&w,
	    (struct span){ body, COSIGNED_TEXT_MAX }, &witness,
	    witness_secret, 1), SK_OK);
}

static void
test_a_witness_counts_once(void **state)
{
	char bytes[2 * CHECKPOINT_NOTE_MAX];
	size_t n = cosigned(bytes, sizeof(bytes), &witness, witness_secret, 5);
	struct note_key keys[3] = { witness, peter, witness };
	struct note note;
	size_t signed_by;
	bool who[3];

	(void)state;
	assert_int_equal(note_key_init(&keys[2], "second.name", NOTE_ED25519,
	    witness.public_key), SK_OK);
	assert_int_equal(note_open(&note, bytes, n), SK_OK);
	assert_int_equal(note_check_all(&note, keys, 3, &signed_by, who),
	    SK_OK);
	assert_int_equal(signed_by, 1);
	assert_true(who[0] && !who[1] && !who[2]);
	note.signature[1].bytes[20] ^= 1;
	assert_int_equal(note_check_all(&note, keys, 3, &signed_by, NULL),
	    SK_SIGNATURE_WRONG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_published_note_verifies),
		cmocka_unit_test(test_the_published_signatures_come_out_the_same),
		cmocka_unit_test(test_a_vkey_comes_back),
		cmocka_unit_test(test_a_bad_vkey_is_refused),
		cmocka_unit_test(test_a_name_is_one_word),
		cmocka_unit_test(test_a_note_without_its_form_is_refused),
		cmocka_unit_test(test_every_truncation_and_every_flipped_bit_is_noticed),
		cmocka_unit_test(test_the_text_may_hold_empty_lines_and_signatures),
		cmocka_unit_test(test_a_wrong_line_of_a_known_key_spoils_the_note),
		cmocka_unit_test(test_the_limits_hold_at_their_edge),
		cmocka_unit_test(test_a_long_signature_of_a_stranger_is_passed_over),
		cmocka_unit_test(test_what_could_not_be_opened_is_not_signed),
		cmocka_unit_test(test_a_checkpoint_comes_back),
		cmocka_unit_test(test_a_checkpoint_has_one_form),
		cmocka_unit_test(test_extension_lines_are_kept),
		cmocka_unit_test(test_another_logs_checkpoint_is_refused),
		cmocka_unit_test(test_a_cosignature_says_when),
		cmocka_unit_test(test_a_cosignature_signs_two_lines_and_the_text),
		cmocka_unit_test(test_lines_without_a_text_are_checked_the_same),
		cmocka_unit_test(test_the_time_of_a_cosignature_has_a_bound),
		cmocka_unit_test(test_a_cosigned_text_has_a_bound),
		cmocka_unit_test(test_a_witness_counts_once),
	};

	return cmocka_run_group_tests(tests, make_keys, NULL);
}
