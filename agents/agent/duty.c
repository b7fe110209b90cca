#include "agents/agent/duty.h"

#include <stdio.h>
#include <string.h>

#include "agents/agent/cases.h"
#include "agents/agent/compose.h"
#include "agents/agent/inbox.h"
#include "broker/lib/log.h"

#define DUTY_KEY_SIZE (1 + REF_KEY_SIZE)

static struct span
key_of(const struct duty_of *of, uint8_t key[DUTY_KEY_SIZE])
{
	bool message = !ref_is_none(&of->message);

	key[0] = message ? 'm' : 'c';
	ref_key(key + 1, message ? &of->message : &of->case_ref);
	return (struct span){ key, DUTY_KEY_SIZE };
}

void
duty_get(struct archive *archive, const struct duty_of *of,
    struct duty_row *row)
{
	uint8_t key[DUTY_KEY_SIZE];
	struct span value;

	if (archive_get(archive, TABLE_DUTY, key_of(of, key), &value) !=
	    SK_OK || duty_decode(value, row) != SK_OK)
		memset(row, 0, sizeof(*row));
}

static void
put(struct archive *archive, const struct duty_of *of,
    const struct duty_row *row)
{
	uint8_t key[DUTY_KEY_SIZE], bytes[ROW_BYTES_MAX];
	size_t size = duty_encode(row, bytes);

	archive_put(archive, TABLE_DUTY, key_of(of, key),
	    (struct span){ bytes, size });
}

uint64_t
duty_responsible(struct archive *archive, const struct duty_of *of)
{
	struct duty_of whole = { .case_ref = of->case_ref };
	struct duty_row row;

	duty_get(archive, of, &row);
	if (row.responsible == 0 && !ref_is_none(&of->message))
		duty_get(archive, &whole, &row);
	return row.responsible;
}

static enum sk_error
journal(struct agent *agent, const struct duty_of *of, uint64_t responsible,
    uint64_t former, const struct duty_by *by, struct fault *fault)
{
	Sk__AssignedFacts assigned = SK__ASSIGNED_FACTS__INIT;
	Sk__Facts facts = SK__FACTS__INIT;
	struct draft draft = {
		.info = kind_info(SK__KIND__ASSIGNED),
		.case_ref = of->case_ref,
		.reply_to = of->message,
		.person = by->person,
		.on_behalf_of = by->on_behalf_of,
		.facts = &facts,
	};
	struct own_row own;

	assigned.has_responsible = assigned.has_cause = 1;
	assigned.responsible = responsible;
	assigned.has_former = former != 0;
	assigned.former = former;
	assigned.cause = by->cause;
	facts.assigned = &assigned;
	arena_reset(&agent->scratch);
	return compose(agent, &draft, &own, fault);
}

enum sk_error
duty_assign(struct agent *agent, const struct duty_of *of,
    uint64_t responsible, const struct duty_by *by, struct fault *fault)
{
	struct duty_row row;
	enum sk_error rc;

	duty_get(agent->archive, of, &row);
	if (row.responsible != responsible) {
		rc = journal(agent, of, responsible, row.responsible, by,
		    fault);
		if (rc != SK_OK)
			return rc;
		row.since = agent_now(agent);
	}
	row.responsible = responsible;
	row.proposed = row.proposed_by = 0;
	row.proposed_at = 0;
	row.note[0] = '\0';
	put(agent->archive, of, &row);
	return SK_OK;
}

void
duty_propose(struct agent *agent, const struct duty_of *of, uint64_t person,
    uint64_t by, const char *note)
{
	struct duty_row row;

	duty_get(agent->archive, of, &row);
	row.proposed = person;
	row.proposed_by = person == 0 ? 0 : by;
	row.proposed_at = person == 0 ? 0 : agent_now(agent);
	snprintf(row.note, sizeof(row.note), "%s", note);
	put(agent->archive, of, &row);
}

struct walking {
	struct archive *archive;
	duty_visit visit;
	void *context;
	enum sk_error rc;
};

static bool
walk_row(void *context, struct span key, struct span value)
{
	struct walking *walk = context;
	struct duty_of of = { 0 };
	struct duty_row row;
	const uint8_t *bytes = key.bytes;

	if (key.size != DUTY_KEY_SIZE ||
	    (walk->rc = duty_decode(value, &row)) != SK_OK) {
		walk->rc = SK_STORE_CORRUPT;
		return false;
	}
	ref_from_key(bytes[0] == 'm' ? &of.message : &of.case_ref, bytes + 1);
	return walk->visit(walk->context, &of, &row);
}

enum sk_error
duty_walk(struct archive *archive, duty_visit visit, void *context)
{
	struct walking walk = { archive, visit, context, SK_OK };
	enum sk_error rc;

	rc = archive_walk(archive, TABLE_DUTY, (struct span){ NULL, 0 },
	    walk_row, &walk);
	return rc == SK_OK ? walk.rc : rc;
}

void
duty_crisis(struct agent *agent, const struct inbox_row *row)
{
	const Sk__AgentContact *contact = people_out_of_hours(agent->people,
	    agent_now(agent));
	const struct duty_of of = { row->case_ref, row->ref };
	const struct duty_by by = { .cause = SK__ASSIGN_CAUSE__OUT_OF_HOURS };
	struct fault fault = { 0 };

	if (contact == NULL)
		return;
	if (duty_assign(agent, &of, contact->person, &by, &fault) != SK_OK)
		log_event(LOG_WARN, "crisis not given to its contact",
		    "position=%llu code=%s field=%s",
		    (unsigned long long)row->position,
		    error_name(fault.code), fault.field);
}
