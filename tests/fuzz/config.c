/*
 * config.c - what operators write: region profiles, users files; and facts as
 * JSON, as people's programs say them.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "agents/agent/people.h"
#include "broker/core/policy.h"
#include "broker/lib/json.h"
#include "broker/lib/yaml.h"
#include "tests/fuzz/fuzz.h"

/* A file without a disk. */
static int
file_of(const uint8_t *bytes, size_t size, char path[64])
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	MUST(fd >= 0);
	MUST(write(fd, bytes, size) == (ssize_t)size);
	snprintf(path, 64, "/proc/self/fd/%d", fd);
	return fd;
}

void
fuzz_policy(const uint8_t *bytes, size_t size)
{
	struct arena *arena = fuzz_arena();
	struct yaml_fault said = { 0 }, where = { 0 };
	ProtobufCMessage *message = NULL;
	struct fault fault = { 0 };
	struct yaml *yaml = NULL;
	char path[64];
	int fd = file_of(bytes, size, path);
	enum sk_error rc;

	rc = yaml_read(path, &sk__policy__descriptor, arena, &message, &yaml,
	    &said);
	/* What is refused is refused in words. */
	MUST(rc == SK_OK || (said.code == rc && said.text[0] != '\0'));
	if (rc == SK_OK && policy_check((const Sk__Policy *)message, &fault) !=
	    SK_OK)
		MUST(yaml_complain(yaml, &where, fault.field, "%s",
		    fault.hint) == SK_CONFIG);
	yaml_close(yaml);
	close(fd);
}

void
fuzz_users(const uint8_t *bytes, size_t size)
{
	struct yaml_fault said = { 0 };
	struct people *people = NULL;
	const Sk__AgentUser *user;
	char path[64];
	int fd = file_of(bytes, size, path);
	enum sk_error rc;

	rc = people_open(path, &people, &said);
	MUST(rc == SK_OK || (said.code == rc && said.text[0] != '\0'));
	if (rc == SK_OK && people_find(people, 1000, 20500, &user) == SK_OK)
		MUST(user->person != 0);
	people_close(people);
	close(fd);
}

void
fuzz_json(const uint8_t *bytes, size_t size)
{
	struct arena *arena = fuzz_arena();
	ProtobufCMessage *message = NULL;
	struct fault fault = { 0 };
	json_error_t error;
	json_t *json, *back;
	enum sk_error rc;

	json = json_loadb((const char *)bytes, size, JSON_REJECT_DUPLICATES,
	    &error);
	if (json == NULL)
		return;
	rc = json_to_message(json, "facts", &sk__facts__descriptor, arena,
	    &message, &fault);
	MUST(rc == SK_OK || fault.code == rc);
	if (rc == SK_OK) {
		back = json_from_message(message);
		MUST(back != NULL);
		rc = json_to_message(back, "facts", &sk__facts__descriptor,
		    fuzz_arena_beside(), &message, &fault);
		MUST(rc == SK_OK || rc == SK_OVERSIZED);
		json_decref(back);
	}
	json_decref(json);
}
