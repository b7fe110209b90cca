/*
 * Who gets it: every recipient stands in the header with the key that the
 * content was sealed to, and the broker checks each of them.
 */
#include <stdio.h>
#include <string.h>

#include "broker/core/decide.h"

#define K(name) SK__KIND__##name

bool
decide_has_recipient(const struct deciding *d, uint64_t participant)
{
	const struct header *header = d->event->header;

	for (size_t i = 0; i < header->recipients; i++)
		if (header->recipient[i].participant == participant)
			return true;
	return false;
}

uint64_t
decide_recipient_provider(const struct deciding *d)
{
	const struct header *header = d->event->header;
	const struct member *member;

	for (size_t i = 0; i < header->recipients; i++) {
		uint64_t participant = header->recipient[i].participant;

		if (participant == d->event->sender)
			continue;
		member = decide_member(d, participant);
		if (member != NULL &&
		    member->current.role == SK__ROLE__PROVIDER)
			return participant;
	}
	return 0;
}

bool
decide_is_listed(const struct deciding *d, uint64_t participant)
{
	for (size_t i = 0; i < d->row->participants; i++)
		if (d->row->participant[i].participant == participant)
			return true;
	return false;
}

static enum sk_error
refuse_at(struct deciding *d, enum sk_error code, size_t i, const char *part,
    const char *hint)
{
	char field[96];

	snprintf(field, sizeof(field), "header.recipients[%zu].%s", i, part);
	return REFUSE(d, code, field, "%s", hint);
}

/* A correction says anew what it corrects: it goes no further than that. */
static Sk__Kind
content_kind(const struct deciding *d)
{
	return d->kind == K(CORRECTION) && d->view->replied.known ?
	    d->view->replied.kind : d->kind;
}

static bool
tells_of_the_family(Sk__Kind kind)
{
	return kind == K(TRIAGE) || kind == K(ANALYSIS) ||
	    kind == K(FAMILY_PLAN) || kind == K(PERSON_CHANGE) ||
	    kind == K(CONSENT_CHANGE) || kind == K(RESEAL);
}

bool
decide_may_join(const struct deciding *d, uint64_t participant)
{
	const struct member *member = decide_member(d, participant);

	return member != NULL && (member->current.role == SK__ROLE__GI ||
	    member->current.role == SK__ROLE__RVDK ||
	    (member->current.role >= SK__ROLE__SCHOOL &&
	    member->current.role <= SK__ROLE__CHILDCARE));
}

/* Kinds by which someone new comes in, beside the referral. */
static bool
comes_in(const struct deciding *d, uint64_t participant, Sk__Role role)
{
	switch (d->kind) {
	case K(RET_REQUEST):
		return role == SK__ROLE__RET;
	case K(BOEG_REQUEST):
		return role == SK__ROLE__BOEG;
	case K(NOT_MINE):
		return participant == decide_team(d, policy_municipality(
		    d->event->facts->not_mine->municipality));
	case K(CONSULT):
		return true;
	case K(CRISIS_ALERT):
		return decide_is_safety(d, participant);
	case K(INVOLVEMENT_NOTICE):
		return participant ==
		    d->event->facts->involvement_notice->participant &&
		    decide_may_join(d, participant);
	default:
		return false;
	}
}

/* May it get this message as someone who takes part, or comes in by it? */
static bool
takes_part(const struct deciding *d, uint64_t participant, Sk__Role role)
{
	if (kind_has_no_case(d->event->header->info))
		return true;
	if (d->row == NULL)	/* an opening: its team, or by a pilot a provider */
		return participant == d->owner || (role == SK__ROLE__PROVIDER &&
		    d->kind == K(COURT_ORDER));
	if (comes_in(d, participant, role))
		return true;
	/* who left holds a copy too */
	if (d->kind == K(ERASURE_ANSWER))
		return decide_is_listed(d, participant);
	if (role == SK__ROLE__PROVIDER && d->kind == K(REFERRAL))
		return participant == decide_recipient_provider(d);
	if (!case_has_participant(d->row, participant))
		return false;
	return role != SK__ROLE__PROVIDER || !tells_of_the_family(content_kind(d)) ||
	    !handoff_came_to_nothing(d->row, participant);
}

static enum sk_error
check_recipient(struct deciding *d, size_t i)
{
	uint64_t participant = d->event->header->recipient[i].participant;
	const struct member *member;

	if (participant == d->event->sender)
		return SK_OK;
	if ((member = decide_member(d, participant)) == NULL)
		return refuse_at(d, SK_RECIPIENT_UNKNOWN, i, "participant",
		    "a participant that is enrolled today");
	if (!rules_role_receives(content_kind(d), member->current.role)) {
		if (participant != d->owner && d->event->sender != d->owner)
			d->decision->use_participant = d->owner;
		return refuse_at(d, SK_RECIPIENT_WRONG, i, "participant",
		    "this kind does not go to that role");
	}
	if (!takes_part(d, participant, member->current.role))
		return refuse_at(d, SK_RECIPIENT_WRONG, i, "participant",
		    "one that takes part in this case");
	return SK_OK;
}

static enum sk_error
check_has(struct deciding *d, uint64_t participant, const char *hint)
{
	if (participant != 0 && decide_has_recipient(d, participant))
		return SK_OK;
	d->decision->use_participant = participant;
	return REFUSE(d, SK_RECIPIENT_MISSING, "header.recipients", "%s", hint);
}

static bool
has_role(const struct deciding *d, Sk__Role role)
{
	const struct header *header = d->event->header;
	const struct member *member;

	for (size_t i = 0; i < header->recipients; i++) {
		member = decide_member(d, header->recipient[i].participant);
		if (member != NULL && member->current.role == role)
			return true;
	}
	return false;
}

/* A provider, or none is left to have it. */
static enum sk_error
check_provider(struct deciding *d)
{
	unsigned index;

	if (decide_recipient_provider(d) != 0 || (d->kind == K(WITHDRAW) &&
	    decide_left_behind(d, &index) != NULL))
		return SK_OK;
	return check_has(d, 0, "a provider");
}

static enum sk_error
check_mandatory(struct deciding *d)
{
	const char *team = "the access team of the case";
	enum sk_error rc = SK_OK;

	switch (d->rule->to) {
	case SK__ROLE__ACCESS:
		rc = check_has(d, d->owner, team);
		break;
	case SK__ROLE__COURT:
		rc = check_has(d, d->row->court, "the court of the case");
		break;
	case SK__ROLE__PROVIDER:
		rc = check_provider(d);
		break;
	case SK__ROLE__RET:
	case SK__ROLE__BOEG:
		if (!has_role(d, d->rule->to))
			rc = check_has(d, 0, "the experts who are asked");
		break;
	default:
		break;
	}
	if (rc == SK_OK && (d->kind == K(RECEIPT_OF) ||
	    d->kind == K(INFORMATION_ANSWER) ||
	    d->kind == K(CONTENT_MISMATCH_FOUND)))
		rc = check_has(d, d->view->replied.sender,
		    "the sender of what this answers");
	/* R36: the team is the link between all others. A record of one's own
	 * work is told to nobody. */
	if (rc == SK_OK && d->event->sender != d->owner &&
	    !kind_is_own_record(d->kind) &&
	    !kind_has_no_case(d->event->header->info))
		rc = check_has(d, d->owner, team);
	return rc;
}

static enum sk_error
check_keys(struct deciding *d)
{
	const struct header *header = d->event->header;
	uint8_t key_id[DIGEST_SIZE];
	const struct member *member;

	for (size_t i = 0; i < header->recipients; i++) {
		member = decide_member(d, header->recipient[i].participant);
		digest_key_id(key_id, member->current.keys.seal);
		if (memcmp(key_id, header->recipient[i].key_id,
		    sizeof(key_id)) != 0)
			return refuse_at(d, SK_KEY_NOT_CURRENT, i, "key_id",
			    "the current sealing key of this recipient");
	}
	return SK_OK;
}

/* Whoever comes in by this message needs a place; a referral has its own
 * check, beside that of its terms. */
static enum sk_error
check_room(struct deciding *d)
{
	const struct header *header = d->event->header;
	size_t total;

	if (d->row == NULL || d->kind == K(REFERRAL))
		return SK_OK;
	total = d->row->participants;
	for (size_t i = 0; i < header->recipients; i++)
		total += !decide_is_listed(d,
		    header->recipient[i].participant);
	if (total <= CASE_PARTICIPANTS_MAX)
		return SK_OK;
	return REFUSE(d, SK_CASE_FULL, "header.recipients",
	    "at most %d take part", CASE_PARTICIPANTS_MAX);
}

enum sk_error
decide_recipients(struct deciding *d)
{
	enum sk_error rc;

	if (!decide_has_recipient(d, d->event->sender))
		return REFUSE(d, SK_RECIPIENT_MISSING, "header.recipients",
		    "the sender's own copy");
	for (size_t i = 0; i < d->event->header->recipients; i++)
		if ((rc = check_recipient(d, i)) != SK_OK)
			return rc;
	if ((rc = check_room(d)) != SK_OK ||
	    (rc = check_mandatory(d)) != SK_OK)
		return rc;
	return check_keys(d);
}

enum sk_error
decide_all_told(struct deciding *d, const char *hint)
{
	for (size_t i = 0; i < d->row->participants; i++) {
		uint64_t participant = d->row->participant[i].participant;

		if (d->row->participant[i].left ||
		    handoff_came_to_nothing(d->row, participant) ||
		    decide_member(d, participant) == NULL ||
		    decide_has_recipient(d, participant))
			continue;
		d->decision->use_participant = participant;
		return REFUSE(d, SK_RECIPIENT_MISSING, "header.recipients",
		    "%s", hint);
	}
	return SK_OK;
}
