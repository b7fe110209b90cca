#include "agents/agent/people.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "broker/lib/log.h"
#include "proto/civil.h"

#define PEOPLE_MEMORY ((size_t)1 << 20)

struct people {
	char path[PATH_MAX];
	struct stat seen;
	const Sk__AgentUsers *users;	/* in the memory of `current` */
	unsigned current;
	uint8_t *memory[2];		/* the good one, and one to read into */
};

static enum sk_error
check_user(const Sk__AgentUser *user, size_t index, const struct yaml *yaml,
    struct yaml_fault *fault)
{
	char path[64];

	snprintf(path, sizeof(path), "users[%zu]", index);
	if (!user->has_person || user->person == 0)
		return yaml_complain(yaml, fault, path,
		    "person: want a number from 1");
	if (!user->has_uid)
		return yaml_complain(yaml, fault, path,
		    "uid: want the number of a local user");
	for (size_t i = 0; i < user->n_kinds; i++) {
		if (kind_by_name(user->kinds[i]) != NULL)
			continue;
		snprintf(path, sizeof(path), "users[%zu].kinds[%zu]", index, i);
		return yaml_complain(yaml, fault, path,
		    "no such kind: %s; TRIAGE is one", user->kinds[i]);
	}
	return SK_OK;
}

static enum sk_error
load(struct people *people, struct yaml_fault *fault)
{
	unsigned other = people->current ^ 1u;
	struct yaml *yaml = NULL;
	ProtobufCMessage *message;
	const Sk__AgentUsers *users;
	struct arena arena;
	enum sk_error rc;

	arena_init(&arena, people->memory[other], PEOPLE_MEMORY);
	rc = yaml_read(people->path, &sk__agent_users__descriptor, &arena,
	    &message, &yaml, fault);
	if (rc != SK_OK)
		goto done;
	users = (const Sk__AgentUsers *)message;
	for (size_t i = 0; rc == SK_OK && i < users->n_users; i++)
		rc = check_user(users->users[i], i, yaml, fault);
	if (rc != SK_OK)
		goto done;
	people->users = users;
	people->current = other;
done:
	yaml_close(yaml);
	return rc;
}

enum sk_error
people_open(const char *path, struct people **out, struct yaml_fault *fault)
{
	struct people *people;
	enum sk_error rc = SK_NO_MEMORY;

	*out = NULL;
	if ((people = calloc(1, sizeof(*people))) == NULL)
		goto done;
	snprintf(people->path, sizeof(people->path), "%s", path);
	for (size_t i = 0; i < 2; i++)
		if ((people->memory[i] = malloc(PEOPLE_MEMORY)) == NULL)
			goto done;
	if (stat(path, &people->seen) != 0) {
		snprintf(fault->text, sizeof(fault->text),
		    "%s: cannot be read", path);
		rc = fault->code = SK_FILE_IO;
		goto done;
	}
	rc = load(people, fault);
done:
	if (rc != SK_OK) {
		people_close(people);
		return rc;
	}
	*out = people;
	return SK_OK;
}

void
people_close(struct people *people)
{
	if (people == NULL)
		return;
	free(people->memory[0]);
	free(people->memory[1]);
	free(people);
}

static void
reload(struct people *people)
{
	struct yaml_fault fault;
	struct stat now;

	if (stat(people->path, &now) != 0 ||
	    (now.st_mtim.tv_sec == people->seen.st_mtim.tv_sec &&
	    now.st_mtim.tv_nsec == people->seen.st_mtim.tv_nsec &&
	    now.st_ino == people->seen.st_ino &&
	    now.st_size == people->seen.st_size))
		return;
	people->seen = now;
	if (load(people, &fault) == SK_OK)
		log_event(LOG_INFO, "users file read", "users=%zu",
		    people->users->n_users);
	else
		log_event(LOG_ERROR, "users file not read, the last one holds",
		    "%s", fault.text);
}

enum sk_error
people_find(struct people *people, uid_t uid, int32_t today,
    const Sk__AgentUser **user)
{
	if (people == NULL)
		return SK_PERSON_UNKNOWN;
	reload(people);
	for (size_t i = 0; i < people->users->n_users; i++) {
		const Sk__AgentUser *u = people->users->users[i];

		if (u->uid != uid ||
		    (u->has_from_date && today < u->from_date) ||
		    (u->has_until_date && today > u->until_date))
			continue;
		*user = u;
		return SK_OK;
	}
	return SK_PERSON_UNKNOWN;
}

enum sk_error
people_may_send(const Sk__AgentUser *user, const struct kind_info *info,
    uint64_t on_behalf_of, struct fault *fault)
{
	if (on_behalf_of != 0 && on_behalf_of != user->substitute_of)
		return fault_set(fault, SK_MANDATE_MISSING, "on_behalf_of",
		    "the users file names no such substitution");
	if (user->n_kinds == 0)
		return SK_OK;
	for (size_t i = 0; i < user->n_kinds; i++)
		if (strcasecmp(user->kinds[i], info->name) == 0)
			return SK_OK;
	return fault_set(fault, SK_MANDATE_MISSING, "kind",
	    "the users file gives no mandate for %s", info->name);
}
