/*
 * enrol.c - who may enter: enrolment and revocation statements, signed by the
 * region's enrolment key, and the invitation that goes back.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/admin/place.h"
#include "broker/lib/file.h"
#include "proto/civil.h"
#include "proto/leaf.h"
#include "proto/statement.h"
#include "proto/wire.h"
#include "proto/words.h"

/* ---- enrol */

static enum sk_error
read_areas(const char *text, struct statement *statement,
    struct fault *fault)
{
	size_t digits;

	while (text != NULL && *text != '\0') {
		digits = strspn(text, "0123456789");
		if (digits != 4 || (text[4] != ',' && text[4] != '\0') ||
		    statement->areas == STATEMENT_AREA_MAX)
			return fault_set(fault, SK_FIELD_INVALID, "--area",
			    "CBS codes with commas: 0193,0150");
		statement->area[statement->areas++] =
		    (uint32_t)strtoul(text, NULL, 10);
		text += text[4] == ',' ? 5 : 4;
	}
	return SK_OK;
}

static enum sk_error
read_validity(const struct options *options, struct statement *statement,
    struct fault *fault)
{
	if (options->from == NULL ||
	    !civil_date_parse(options->from, &statement->valid_from))
		return fault_set(fault, SK_USAGE, "--from", "2026-01-01");
	if (options->until == NULL ||
	    !civil_date_parse(options->until, &statement->valid_to) ||
	    statement->valid_to < statement->valid_from)
		return fault_set(fault, SK_USAGE, "--until",
		    "2027-12-31, not before --from");
	return SK_OK;
}

/* The eight words come over the telephone, from the one who made the
 * request: whoever changed the file on its way is found out here. */
static enum sk_error
check_words(const struct options *options, const struct enrol_request *request,
    struct fault *fault)
{
	char words[WORDS_TEXT_MAX];

	words_text(request->digest, words);
	if (options->words == NULL)
		return fault_set(fault, SK_USAGE, "--words",
		    "the eight words that the other side reads to you");
	if (strcmp(options->words, words) != 0)
		return fault_set(fault, SK_STATEMENT_WRONG, "--words",
		    "this request has: %s", words);
	return SK_OK;
}

static enum sk_error
read_request(const struct options *options, struct enrol_request *request,
    struct fault *fault)
{
	char text[REQUEST_TEXT_MAX + 1];
	size_t size = 0;
	enum sk_error rc;

	if (options->request == NULL || options->participant == 0 ||
	    options->address == NULL || options->out == NULL)
		return fault_set(fault, SK_USAGE, "enrol", "--request, "
		    "--participant, --address and --out");
	rc = file_read(options->request, text, sizeof(text), &size, fault);
	if (rc == SK_OK)
		rc = request_decode(text, size, request, fault);
	if (rc == SK_OK)
		rc = check_words(options, request, fault);
	return rc;
}

static enum sk_error
write_invitation(const struct options *options, const struct place *place,
    const struct enrol_request *request, struct fault *fault)
{
	struct invitation invitation = { 0 };
	char text[INVITATION_TEXT_MAX], words[WORDS_TEXT_MAX];
	enum sk_error rc;

	memcpy(invitation.founding, place->founding, DIGEST_SIZE);
	snprintf(invitation.origin, sizeof(invitation.origin), "%s",
	    place->origin);
	snprintf(invitation.address, sizeof(invitation.address), "%s",
	    options->address);
	memcpy(invitation.broker_link_key, place->link_key, 32);
	memcpy(invitation.broker_sign_key, place->sign_key, 32);
	memcpy(invitation.enrolment_key, place->enrolment_key, 32);
	memcpy(invitation.request_digest, request->digest, DIGEST_SIZE);
	invitation.participant = options->participant;
	invitation.test = place->test;
	if ((rc = invitation_encode(&invitation, text)) != SK_OK)
		return fault_set(fault, rc, "invitation", NULL);
	rc = file_write(options->out, text, strlen(text), 0644, fault);
	if (rc != SK_OK)
		return rc;
	words_text(invitation.digest, words);
	printf("%s: deelnemer %llu toegelaten / enrolled\n"
	    "lees voor / read out: %s\n", request->name,
	    (unsigned long long)options->participant, words);
	return SK_OK;
}

static enum sk_error
enrol(const struct options *options, struct fault *fault)
{
	static struct statement statement;
	struct enrol_request request;
	struct place place;
	enum sk_error rc;

	memset(&statement, 0, sizeof(statement));
	if ((rc = read_request(options, &request, fault)) != SK_OK ||
	    (rc = read_areas(options->area, &statement, fault)) != SK_OK ||
	    (rc = read_validity(options, &statement, fault)) != SK_OK ||
	    (rc = place_find(options, &place, fault)) != SK_OK)
		return rc;
	statement.type = STATEMENT_ENROL;
	memcpy(statement.founding, place.founding, DIGEST_SIZE);
	statement.serial = place.head.serial + 1;
	memcpy(statement.previous, place.head.digest, DIGEST_SIZE);
	statement.participant = options->participant;
	statement.role = request.role;
	memcpy(statement.name, request.name, sizeof(statement.name));
	memcpy(statement.code, request.code, sizeof(statement.code));
	statement.generation = 1;
	statement.keys = request.keys;
	rc = place_sign_and_send(options, &place, &statement, fault);
	if (rc == SK_OK)
		rc = write_invitation(options, &place, &request, fault);
	return rc;
}

int
verb_enrol(const struct options *options)
{
	struct fault fault = { 0 };

	return enrol(options, &fault) == SK_OK ? EXIT_SUCCESS :
	    admin_fail(options, &fault);
}

/* ---- revoke and enter */

static enum sk_error
read_reason(const struct options *options, uint64_t *reason,
    struct fault *fault)
{
	static const char *const reasons[] = { "left", "lost", "stolen",
		"error" };

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (options->reason != NULL &&
		    strcmp(options->reason, reasons[i]) == 0) {
			*reason = i + 1;
			return SK_OK;
		}
	}
	return fault_set(fault, SK_USAGE, "--reason",
	    "left, lost, stolen or error");
}

/* The statement in which the participant's keys stand now. */
static enum sk_error
find_standing(const struct options *options, uint8_t digest[DIGEST_SIZE],
    struct fault *fault)
{
	Sk__ControlAnswer *answer = NULL;
	enum sk_error rc = ask_status(options, &answer, fault);
	bool found = false;

	if (rc != SK_OK)
		return rc;
	for (size_t i = 0; i < answer->status->n_participants; i++) {
		const Sk__SessionStatus *row = answer->status->participants[i];

		if (row->participant == options->participant &&
		    place_copy_key(digest, row->standing))
			found = true;
	}
	answer_free(answer);
	return found ? SK_OK : fault_set(fault, SK_NOT_FOUND,
	    "--participant", "not enrolled");
}

static enum sk_error
revoke(const struct options *options, struct fault *fault)
{
	static struct statement statement;
	struct place place;
	enum sk_error rc;

	memset(&statement, 0, sizeof(statement));
	if ((rc = read_reason(options, &statement.reason, fault)) != SK_OK ||
	    (rc = find_standing(options, statement.replaces, fault)) != SK_OK ||
	    (rc = place_find(options, &place, fault)) != SK_OK)
		return rc;
	statement.type = STATEMENT_REVOKE;
	memcpy(statement.founding, place.founding, DIGEST_SIZE);
	statement.serial = place.head.serial + 1;
	memcpy(statement.previous, place.head.digest, DIGEST_SIZE);
	statement.participant = options->participant;
	return place_sign_and_send(options, &place, &statement, fault);
}

int
verb_revoke(const struct options *options)
{
	struct fault fault = { 0 };

	if (revoke(options, &fault) != SK_OK)
		return admin_fail(options, &fault);
	printf("deelnemer %llu ingetrokken / revoked\n",
	    (unsigned long long)options->participant);
	return EXIT_SUCCESS;
}

/* A rotation comes from the participant itself, signed by its old key: the
 * file holds body and signature, one line of hex each. */
static enum sk_error
enter(const struct options *options, struct fault *fault)
{
	static char text[STATEMENT_BYTES_MAX * 2 + 256];
	uint8_t body[STATEMENT_BYTES_MAX], signature[64];
	const char *end = NULL;
	size_t size = 0, body_size = 0, signature_size = 0;
	enum sk_error rc;

	if (options->statement == NULL)
		return fault_set(fault, SK_USAGE, "--statement",
		    "a rotation by a participant");
	rc = file_read(options->statement, text, sizeof(text), &size, fault);
	if (rc != SK_OK)
		return rc;
	if (sodium_hex2bin(body, sizeof(body), text, size, NULL, &body_size,
	    &end) != 0 || *end != '\n' || sodium_hex2bin(signature, 64, end + 1,
	    strcspn(end + 1, "\n"), NULL, &signature_size, NULL) != 0 ||
	    signature_size != 64)
		return fault_set(fault, SK_MALFORMED, options->statement,
		    "two lines of hex: statement and signature");
	return place_send(options, body, body_size, signature, fault);
}

int
verb_enter(const struct options *options)
{
	struct fault fault = { 0 };

	if (enter(options, &fault) != SK_OK)
		return admin_fail(options, &fault);
	puts("verklaring opgenomen / statement entered");
	return EXIT_SUCCESS;
}
