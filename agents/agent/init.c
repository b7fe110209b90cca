#include "agents/agent/init.h"

#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agents/agent/archive.h"
#include "agents/agent/directory.h"
#include "agents/agent/identity.h"
#include "broker/lib/file.h"
#include "proto/words.h"

static enum sk_error
make_request(const struct identity *identity, const char *name,
    const char *code, Sk__Role role, char text[REQUEST_TEXT_MAX],
    struct enrol_request *request, struct fault *fault)
{
	enum sk_error rc;

	memset(request, 0, sizeof(*request));
	if (strlen(name) > STATEMENT_NAME_MAX)
		return fault_set(fault, SK_OVERSIZED, "--name",
		    "at most %d bytes", STATEMENT_NAME_MAX);
	if (strlen(code) > STATEMENT_CODE_MAX)
		return fault_set(fault, SK_OVERSIZED, "--code",
		    "at most %d bytes", STATEMENT_CODE_MAX);
	memcpy(request->name, name, strlen(name));
	memcpy(request->code, code, strlen(code));
	request->role = role;
	identity_public(identity, &request->keys);
	rc = request_encode(request, identity->sign_secret, text);
	if (rc != SK_OK)
		fault_set(fault, rc, "request", "a name, and a code of "
		    "letters, digits, dot, dash, underscore");
	return rc;
}

enum sk_error
init_make(const char *dir, const char *name, const char *code, Sk__Role role,
    char *words, struct fault *fault)
{
	char path[PATH_MAX], text[REQUEST_TEXT_MAX];
	struct enrol_request request;
	struct identity identity;
	enum sk_error rc;

	if ((rc = identity_draw(&identity)) != SK_OK) {
		fault_set(fault, rc, "keys", NULL);
		goto done;
	}
	rc = make_request(&identity, name, code, role, text, &request, fault);
	if (rc != SK_OK)
		goto done;
	if ((rc = file_make_dir(dir, 0700, fault)) != SK_OK)
		goto done;
	file_path(path, sizeof(path), dir, "keys");
	if ((rc = identity_write_keys(&identity, path, fault)) != SK_OK)
		goto done;
	file_path(path, sizeof(path), dir, "request");
	rc = file_write(path, text, strlen(text), 0644, fault);
	words_text(request.digest, words);
done:
	identity_clear(&identity);
	return rc;
}

static enum sk_error
read_request(const char *dir, struct enrol_request *request,
    struct fault *fault)
{
	char path[PATH_MAX], text[REQUEST_TEXT_MAX * 2];
	enum sk_error rc;
	size_t size;

	file_path(path, sizeof(path), dir, "request");
	if ((rc = file_read(path, text, sizeof(text), &size, fault)) != SK_OK)
		return rc;
	return request_decode(text, size, request, fault);
}

enum sk_error
init_join(const char *dir, const char *file, char *words, struct fault *fault)
{
	char path[PATH_MAX], text[INVITATION_TEXT_MAX * 2];
	struct enrol_request request;
	struct invitation invitation;
	enum sk_error rc;
	size_t size;

	if ((rc = read_request(dir, &request, fault)) != SK_OK)
		return rc;
	rc = file_read(file, text, sizeof(text), &size, fault);
	if (rc == SK_OK)
		rc = invitation_decode(text, size, &invitation, fault);
	if (rc != SK_OK)
		return rc;
	if (memcmp(invitation.request_digest, request.digest,
	    DIGEST_SIZE) != 0)
		return fault_set(fault, SK_STATEMENT_WRONG, "invitation",
		    "it answers another request than %s/request", dir);
	words_text(invitation.digest, words);
	file_path(path, sizeof(path), dir, "invitation");
	return file_write(path, text, size, 0644, fault);
}

/* ---- rotation */

static enum sk_error
my_member(const char *dir, uint64_t participant, struct member *member,
    struct fault *fault)
{
	struct archive *archive = NULL;
	char path[PATH_MAX];
	enum sk_error rc;

	file_path(path, sizeof(path), dir, "store");
	if ((rc = archive_open(path, &archive, fault)) != SK_OK)
		return rc;
	rc = directory_member(archive, participant, member);
	if (rc != SK_OK)
		fault_set(fault, rc, "store",
		    "this agent has not seen its own enrolment yet");
	archive_close(archive);
	return rc;
}

static enum sk_error
write_rotation(const char *dir, const struct identity *old,
    const struct identity *fresh, const struct member *member,
    struct fault *fault)
{
	uint8_t body[STATEMENT_BYTES_MAX], signature[SIGNATURE_SIZE];
	static char text[STATEMENT_BYTES_MAX * 2 + 256];
	struct statement s = { .type = STATEMENT_ROTATE };
	char path[PATH_MAX];
	enum sk_error rc;
	size_t size, at;

	memcpy(s.founding, old->invitation.founding, DIGEST_SIZE);
	s.participant = old->invitation.participant;
	s.generation = member->current.generation + 1;
	memcpy(s.replaces, member->digest, DIGEST_SIZE);
	identity_public(fresh, &s.keys);
	if ((rc = statement_encode(&s, body, &size)) != SK_OK ||
	    (rc = statement_sign(signature, body, size, old->sign_secret)) !=
	    SK_OK)
		return fault_set(fault, rc, "rotation", NULL);
	sodium_bin2hex(text, sizeof(text), body, size);
	at = 2 * size;
	text[at++] = '\n';
	sodium_bin2hex(text + at, sizeof(text) - at, signature,
	    sizeof(signature));
	at += 2 * sizeof(signature);
	text[at++] = '\n';
	file_path(path, sizeof(path), dir, "rotation");
	return file_write(path, text, at, 0644, fault);
}

static const char *const key_names[] = { "link.key", "link.pub", "sign.key",
	"sign.pub", "seal.key", "seal.pub" };
#define KEY_NAMES (sizeof(key_names) / sizeof(key_names[0]))

/* The statement and the retired key are on disk before a key changes, so a
 * stop in between loses nothing: what is still in next is moved then. */
static enum sk_error
replace_keys(const char *keys, const char *next, struct fault *fault)
{
	char from[PATH_MAX], to[PATH_MAX];
	enum sk_error rc = SK_OK;

	for (size_t i = 0; i < KEY_NAMES && rc == SK_OK; i++) {
		file_path(from, sizeof(from), next, key_names[i]);
		file_path(to, sizeof(to), keys, key_names[i]);
		if (access(from, F_OK) == 0)
			rc = file_rename(from, to, fault);
	}
	if (rc == SK_OK)
		rmdir(next);
	return rc;
}

/* ---- one that a stop cut short */

static bool
read_public(const char *dir, const char *name, uint8_t key[32])
{
	char path[PATH_MAX], text[80];
	size_t size, decoded;

	file_path(path, sizeof(path), dir, name);
	return file_read(path, text, sizeof(text), &size, NULL) == SK_OK &&
	    sodium_hex2bin(key, 32, text, strcspn(text, "\n"), NULL, &decoded,
	    NULL) == 0 && decoded == 32;
}

/* Does the statement name the keys that wait? The sealing key's public half
 * is moved last. */
static bool
is_named(const char *dir, const char *next)
{
	static char text[STATEMENT_BYTES_MAX * 2 + 256];
	static uint8_t body[STATEMENT_BYTES_MAX];
	static struct statement s;
	uint8_t seal[32];
	char path[PATH_MAX];
	size_t size;

	file_path(path, sizeof(path), dir, "rotation");
	return read_public(next, "seal.pub", seal) &&
	    file_read(path, text, sizeof(text), &size, NULL) == SK_OK &&
	    sodium_hex2bin(body, sizeof(body), text, strcspn(text, "\n"), NULL,
	    &size, NULL) == 0 &&
	    statement_decode(body, size, &s, NULL) == SK_OK &&
	    s.type == STATEMENT_ROTATE &&
	    memcmp(s.keys.seal, seal, sizeof(seal)) == 0;
}

static enum sk_error
go_on(const char *keys, const char *next, struct fault *fault)
{
	struct identity old;
	char path[PATH_MAX];
	enum sk_error rc = SK_OK;

	file_path(path, sizeof(path), next, "seal.key");
	if (access(path, F_OK) == 0) {	/* the old one still stands */
		rc = identity_read_keys(&old, keys, fault);
		if (rc == SK_OK)
			rc = identity_retire(&old, keys, fault);
		identity_clear(&old);
	}
	return rc == SK_OK ? replace_keys(keys, next, fault) : rc;
}

/* Nobody was told of them. */
static void
remove_keys(const char *next)
{
	char path[PATH_MAX];

	for (size_t i = 0; i < KEY_NAMES; i++) {
		file_path(path, sizeof(path), next, key_names[i]);
		unlink(path);
	}
	rmdir(next);
}

enum sk_error
init_rotate(const char *dir, struct fault *fault)
{
	char keys[PATH_MAX], next[PATH_MAX], path[PATH_MAX];
	struct identity old, fresh;
	struct member member;
	enum sk_error rc;

	memset(&old, 0, sizeof(old));
	memset(&fresh, 0, sizeof(fresh));
	file_path(keys, sizeof(keys), dir, "keys");
	file_path(next, sizeof(next), dir, "keys/next");
	file_path(path, sizeof(path), dir, "invitation");
	if (is_named(dir, next))
		return go_on(keys, next, fault);
	remove_keys(next);
	if ((rc = identity_read_keys(&old, keys, fault)) != SK_OK ||
	    (rc = identity_read_invitation(&old, path, fault)) != SK_OK ||
	    (rc = my_member(dir, old.invitation.participant, &member,
	    fault)) != SK_OK)
		goto done;
	if (memcmp(member.current.keys.sign, old.sign_public, 32) != 0) {
		rc = fault_set(fault, SK_STATEMENT_ORDER, "keys",
		    "a rotation is under way: enrol it first");
		goto done;
	}
	if ((rc = identity_draw(&fresh)) != SK_OK) {
		fault_set(fault, rc, "keys", NULL);
		goto done;
	}
	if ((rc = identity_write_keys(&fresh, next, fault)) != SK_OK ||
	    (rc = write_rotation(dir, &old, &fresh, &member, fault)) != SK_OK ||
	    (rc = identity_retire(&old, keys, fault)) != SK_OK)
		goto done;
	rc = replace_keys(keys, next, fault);
done:
	identity_clear(&old);
	identity_clear(&fresh);
	return rc;
}
