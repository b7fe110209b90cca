#include "agents/people/pseudonym.h"

#include <ctype.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agents/people/ask.h"
#include "agents/people/draft.h"
#include "broker/lib/file.h"

#define LINE_MAX_BYTES 64

/* The 11-check: nine digits, weights 9 to 2 and minus 1, sum a multiple of
 * eleven. All zeros pass it and are nobody's. */
static bool
passes_check(const char bsn[BSN_DIGITS])
{
	int sum = 0;
	bool zero = true;

	for (int i = 0; i < BSN_DIGITS; i++) {
		int digit = bsn[i] - '0';

		sum += digit * (i == BSN_DIGITS - 1 ? -1 : BSN_DIGITS - i);
		zero = zero && digit == 0;
	}
	return !zero && sum % 11 == 0;
}

bool
bsn_read(const char *text, char bsn[BSN_DIGITS])
{
	size_t digits = 0;

	for (; *text != '\0'; text++) {
		if (isspace((unsigned char)*text) || *text == '.')
			continue;
		if (*text < '0' || *text > '9' || digits == BSN_DIGITS)
			return false;
		bsn[digits++] = *text;
	}
	if (digits == BSN_DIGITS - 1) {
		memmove(bsn + 1, bsn, BSN_DIGITS - 1);
		bsn[0] = '0';
		digits++;
	}
	return digits == BSN_DIGITS && passes_check(bsn);
}

/* init and update, because the one-step call wants a key of 32 bytes. */
void
bsn_pseudonym(const uint8_t *secret, size_t secret_size,
    const char bsn[BSN_DIGITS], uint8_t pseudonym[PSEUDONYM_SIZE])
{
	crypto_auth_hmacsha256_state state;

	crypto_auth_hmacsha256_init(&state, secret, secret_size);
	crypto_auth_hmacsha256_update(&state, (const uint8_t *)bsn, BSN_DIGITS);
	crypto_auth_hmacsha256_final(&state, pseudonym);
	sodium_memzero(&state, sizeof(state));
}

/* How long the secret is follows from its file: a line of hex. */
static enum sk_error
read_secret(const char *path, uint8_t secret[FILE_SECRET_MAX], size_t *size,
    struct fault *fault)
{
	struct stat status;

	if (path == NULL)
		return fault_set(fault, SK_USAGE, "--secret",
		    "the file with the region's secret");
	if (stat(path, &status) != 0)
		return fault_set(fault, SK_FILE_IO, path, NULL);
	*size = (size_t)status.st_size / 2;
	if (*size < SECRET_SIZE_MIN || *size > FILE_SECRET_MAX)
		return fault_set(fault, SK_CONFIG, path, "one line of hex, %d "
		    "to %d bytes", SECRET_SIZE_MIN, FILE_SECRET_MAX);
	return file_read_secret(path, secret, *size, fault);
}

static enum sk_error
read_bsn(char bsn[BSN_DIGITS], struct fault *fault)
{
	char line[LINE_MAX_BYTES];
	bool good;

	if (isatty(STDIN_FILENO))
		fputs("BSN: ", stderr);
	/* no copy in a buffer that nobody wipes */
	setvbuf(stdin, NULL, _IONBF, 0);
	good = fgets(line, sizeof(line), stdin) != NULL && bsn_read(line, bsn);
	sodium_memzero(line, sizeof(line));
	return good ? SK_OK : fault_set(fault, SK_FIELD_INVALID, "BSN",
	    "nine digits on stdin that pass the 11-check");
}

static enum sk_error
make(const json_t *request, uint8_t pseudonym[PSEUDONYM_SIZE],
    struct fault *fault)
{
	uint8_t secret[FILE_SECRET_MAX];
	char bsn[BSN_DIGITS];
	size_t size = 0;
	enum sk_error rc;

	rc = read_secret(json_string_value(json_object_get(request, "secret")),
	    secret, &size, fault);
	if (rc == SK_OK && (rc = read_bsn(bsn, fault)) == SK_OK)
		bsn_pseudonym(secret, size, bsn, pseudonym);
	sodium_memzero(secret, sizeof(secret));
	sodium_memzero(bsn, sizeof(bsn));
	return rc;
}

int
pseudonym_run(const struct call *call, struct draft *draft)
{
	const json_t *request = draft->request;
	bool random = json_is_true(json_object_get(request, "random"));
	const json_t *given = json_object_get(request, "version");
	json_int_t version = random ? 0 :
	    given == NULL ? 1 : json_integer_value(given);
	uint8_t pseudonym[PSEUDONYM_SIZE];
	char hex[2 * PSEUDONYM_SIZE + 1];
	struct fault fault = { 0 };
	enum sk_error rc = SK_OK;

	if (!random && version == 0)
		rc = fault_set(&fault, SK_USAGE, "--version",
		    "from 1; 0 is for what was drawn at random");
	else if (random)
		randombytes_buf(pseudonym, sizeof(pseudonym));
	else
		rc = make(request, pseudonym, &fault);
	if (rc != SK_OK) {
		ask_tell_fault(&fault);
		return rc == SK_USAGE ? EXIT_NO_USE : EXIT_REFUSED;
	}
	sodium_bin2hex(hex, sizeof(hex), pseudonym, sizeof(pseudonym));
	if (call->json)
		printf("{\"secret_version\": %lld, \"pseudonym\": \"%s\"}\n",
		    (long long)version, hex);
	else
		puts(hex);
	return EXIT_DONE;
}
