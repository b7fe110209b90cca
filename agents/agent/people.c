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
#define OFFICE_FROM 8u		/* hours, local */
#define OFFICE_UNTIL 18u

struct people {
	char path[PATH_MAX];
	struct stat seen;
	const Sk__AgentUsers *users;	/* in the memory of `current` */
	unsigned current;
	uint8_t *memory[2];		/* the good one, and one to read into */
};

static uint32_t
from_hour(const Sk__AgentContact *contact)
{
	return contact->has_from_hour ? contact->from_hour : OFFICE_FROM;
}

static uint32_t
until_hour(const Sk__AgentContact *contact)
{
	return contact->has_until_hour ? contact->until_hour : OFFICE_UNTIL;
}

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

static bool
has_person(const Sk__AgentUsers *users, uint64_t person)
{
	for (size_t i = 0; i < users->n_users; i++)
		if (users->users[i]->person == person)
			return true;
	return false;
}

static enum sk_error
check_absence(const Sk__AgentUsers *users, size_t index,
    const struct yaml *yaml, struct yaml_fault *fault)
{
	const Sk__AgentAbsence *a = users->absences[index];
	char path[64];

	snprintf(path, sizeof(path), "absences[%zu]", index);
	if (!has_person(users, a->person) ||
	    !has_person(users, a->substitute) || a->person == a->substitute)
		return yaml_complain(yaml, fault, path,
		    "person, substitute: want two persons of this file");
	if (!a->has_from_date || !a->has_until_date ||
	    a->from_date > a->until_date)
		return yaml_complain(yaml, fault, path,
		    "from_date, until_date: want the first and the last day");
	return SK_OK;
}

static enum sk_error
check_contact(const Sk__AgentUsers *users, const struct yaml *yaml,
    struct yaml_fault *fault)
{
	const Sk__AgentContact *c = users->out_of_hours;

	if (c == NULL)
		return SK_OK;
	if (!has_person(users, c->person))
		return yaml_complain(yaml, fault, "out_of_hours",
		    "person: want a person of this file");
	if (from_hour(c) >= until_hour(c) || until_hour(c) > 24)
		return yaml_complain(yaml, fault, "out_of_hours",
		    "from_hour, until_hour: want hours of a day, 8 and 18");
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
	for (size_t i = 0; rc == SK_OK && i < users->n_absences; i++)
		rc = check_absence(users, i, yaml, fault);
	if (rc == SK_OK)
		rc = check_contact(users, yaml, fault);
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

static bool
is_valid(const Sk__AgentUser *user, int32_t today)
{
	return (!user->has_from_date || today >= user->from_date) &&
	    (!user->has_until_date || today <= user->until_date);
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

		if (u->uid != uid || !is_valid(u, today))
			continue;
		*user = u;
		return SK_OK;
	}
	return SK_PERSON_UNKNOWN;
}

const Sk__AgentUser *
people_by_person(struct people *people, uint64_t person, int32_t today)
{
	for (size_t i = 0; people != NULL && i < people->users->n_users; i++)
		if (people->users->users[i]->person == person &&
		    is_valid(people->users->users[i], today))
			return people->users->users[i];
	return NULL;
}

/* NULL: this person is not away. */
static const Sk__AgentAbsence *
absence_of(const struct people *people, uint64_t person, int32_t today)
{
	for (size_t i = 0; people != NULL && i < people->users->n_absences;
	    i++) {
		const Sk__AgentAbsence *a = people->users->absences[i];

		if (a->person == person && today >= a->from_date &&
		    today <= a->until_date)
			return a;
	}
	return NULL;
}

bool
people_is_absent(struct people *people, uint64_t person, int32_t today)
{
	return absence_of(people, person, today) != NULL;
}

bool
people_stands_in(struct people *people, const Sk__AgentUser *user,
    uint64_t other, int32_t today)
{
	const Sk__AgentAbsence *absence = absence_of(people, other, today);

	return (user->has_substitute_of && user->substitute_of == other) ||
	    (absence != NULL && absence->substitute == user->person);
}

const Sk__AgentContact *
people_out_of_hours(struct people *people, int64_t now)
{
	static const struct civil_holidays plain = { false, false };
	const Sk__AgentContact *contact;
	char local[CIVIL_INSTANT_TEXT_MAX];
	uint32_t hour;

	if (people == NULL || people->users->out_of_hours == NULL)
		return NULL;
	contact = people->users->out_of_hours;
	civil_local_text(now, local);
	hour = (uint32_t)strtoul(local + strlen("31-03-2026 "), NULL, 10);
	return civil_is_workday(civil_date_at(now), &plain) &&
	    hour >= from_hour(contact) && hour < until_hour(contact) ? NULL :
	    contact;
}

enum sk_error
people_may_send(struct people *people, const Sk__AgentUser *user,
    const struct kind_info *info, uint64_t on_behalf_of, int32_t today,
    struct fault *fault)
{
	if (on_behalf_of != 0 &&
	    !people_stands_in(people, user, on_behalf_of, today))
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
