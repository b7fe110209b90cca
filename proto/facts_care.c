/*
 * Facts of the kinds beside the main line: entry, transfer, change, direction,
 * crisis, escalation, learning. Most of them have only to be there.
 */
#include "proto/facts.h"

#include <string.h>

#include "proto/fault.h"

#define OVERRIDES_MAX 8u
#define PSEUDONYM_SIZE 32u
#define SCORE_MAX 5u
#define PARTIES_MIN 2u
#define WAITING_MAX 128u	/* cases asked about in one message */
#define INFORMATION_MAX 16u	/* asked in one message */

/* clang-format off: the columns are the point */
#define HAS(kind, part, Type, field) { SK__KIND__##kind, \
	offsetof(Sk__Facts, part), offsetof(Sk__##Type, has_##field), \
	"facts." #part "." #field }
static const struct {
	Sk__Kind kind;
	size_t part, has;
	const char *path;
} needed[] = {
	HAS(ACCESS_REQUEST,     access_request,     AccessRequestFacts,     ground),
	HAS(ACCESS_REQUEST,     access_request,     AccessRequestFacts,     theme),
	HAS(SIGNAL,             signal,             SignalFacts,            ground),
	HAS(WITHDRAW,           withdraw,           WithdrawFacts,          reason),
	HAS(CHANGE_REQUEST,     change_request,     ChangeRequestFacts,     wanted),
	HAS(CHANGE_ANSWER,      change_answer,      ChangeAnswerFacts,      verdict),
	HAS(REQUEST_ASSIGNMENT, request_assignment, RequestAssignmentFacts, referrer),
	HAS(INVOLVEMENT_NOTICE, involvement_notice, InvolvementNoticeFacts, participant),
	HAS(INVOLVEMENT_NOTICE, involvement_notice, InvolvementNoticeFacts, left),
	HAS(DIRECTOR_CHANGE,    director_change,    DirectorChangeFacts,    director),
	HAS(DIRECTOR_ACCEPT,    director_accept,    DirectorAcceptFacts,    accepted),
	HAS(STUCK,              stuck,              StuckFacts,             reason),
	HAS(RET_REQUEST,        ret_request,        RetRequestFacts,        reason),
	HAS(RET_ADVICE,         ret_advice,         RetAdviceFacts,         tailor_made_plan),
	HAS(BOEG_REQUEST,       boeg_request,       BoegRequestFacts,       follow_up_failed),
	HAS(BOEG_ADVICE,        boeg_advice,        BoegAdviceFacts,        tailor_made_plan),
	HAS(STORY,              story,              StoryFacts,             teller),
	HAS(FEEDBACK,           feedback,           FeedbackFacts,          teller),
	HAS(CORRECTION,         correction,         CorrectionFacts,        removed),
	HAS(UNMET_NEED,         unmet_need,         UnmetNeedFacts,         domain),
	HAS(CRISIS_ALERT,       crisis_alert,       CrisisAlertFacts,       crisis),
	HAS(CRISIS_REVIEW,      crisis_review,      CrisisReviewFacts,      over),
	HAS(CONTACT_ATTEMPT,    contact_attempt,    ContactAttemptFacts,    reached),
	HAS(CASE_CONFERENCE,    case_conference,    CaseConferenceFacts,    parents),
	HAS(ASSIGNED,           assigned,           AssignedFacts,          responsible),
	HAS(ASSIGNED,           assigned,           AssignedFacts,          cause),
	HAS(NOTIFIED,           notified,           NotifiedFacts,          of),
	HAS(NOTIFIED,           notified,           NotifiedFacts,          channel),
	HAS(NOTIFIED,           notified,           NotifiedFacts,          attempts),
	HAS(ORDER_WITHDRAWN,    order_withdrawn,    OrderWithdrawnFacts,    help_may_go_on),
	HAS(ERASURE_REQUEST,    erasure_request,    ErasureRequestFacts,    ground),
	HAS(ERASURE_ANSWER,     erasure_answer,     ErasureAnswerFacts,     granted),
	HAS(ERASURE_DONE,       erasure_done,       ErasureDoneFacts,       said),
	HAS(AUDIT_LOOK,         audit_look,         AuditLookFacts,         from),
	HAS(AUDIT_LOOK,         audit_look,         AuditLookFacts,         count),
	HAS(AUDIT_LOOK,         audit_look,         AuditLookFacts,         ground),
};
#undef HAS
/* clang-format on */

static enum sk_error
check_needed(Sk__Kind kind, const Sk__Facts *facts, struct fault *fault)
{
	protobuf_c_boolean has;
	const char *part;

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		if (needed[i].kind != kind)
			continue;
		memcpy(&part, (const char *)facts + needed[i].part,
		    sizeof(part));
		memcpy(&has, part + needed[i].has, sizeof(has));
		if (!has)
			return fault_at(fault, SK_FIELD_MISSING, NULL, "%s",
			    needed[i].path);
	}
	return SK_OK;
}

/* Whose child it is and where: all that opens a case without an order. */
static enum sk_error
check_entry(const char *municipality, Sk__Person *const *persons, size_t n,
    const char *municipality_path, const char *persons_path,
    struct fault *fault)
{
	enum sk_error rc;

	if ((rc = facts_need_municipality(municipality, municipality_path,
	    fault)) != SK_OK)
		return rc;
	return facts_check_persons(persons, n, persons_path, fault);
}
#define CHECK_ENTRY(facts, part, fault) check_entry( \
	(facts)->part->municipality, (facts)->part->persons, \
	(facts)->part->n_persons, "facts." #part ".municipality", \
	"facts." #part ".persons", (fault))

static enum sk_error
check_assignment(const Sk__Facts *facts, struct fault *fault)
{
	enum sk_error rc;

	if ((rc = CHECK_ENTRY(facts, request_assignment, fault)) != SK_OK)
		return rc;
	return facts_need_offering(facts->request_assignment->offering,
	    "facts.request_assignment.offering", fault);
}

static enum sk_error
check_change(const Sk__ChangeRequestFacts *change, struct fault *fault)
{
	enum sk_error rc;

	if (change->has_wanted_date && (rc = facts_need_date(1,
	    change->wanted_date, "facts.change_request.wanted_date",
	    fault)) != SK_OK)
		return rc;
	return change->offering == NULL ? SK_OK : facts_need_offering(
	    change->offering, "facts.change_request.offering", fault);
}

static enum sk_error
check_lesson(const Sk__LessonFacts *lesson, struct fault *fault)
{
	uint32_t seen = 0, bit;

	if (lesson->n_themes == 0)
		return fault_at(fault, SK_FIELD_MISSING, NULL,
		    "facts.lesson.themes");
	for (size_t i = 0; i < lesson->n_themes; i++) {
		bit = 1u << (lesson->themes[i] & 31);
		if ((seen & bit) != 0)
			return fault_at(fault, SK_FIELD_INVALID, "each once",
			    "facts.lesson.themes[%zu]", i);
		seen |= bit;
	}
	return SK_OK;
}

static enum sk_error
check_link(const Sk__LinkPersonFacts *link, struct fault *fault)
{
	const Sk__Person *person = link->person;

	if (!link->has_former || link->former.len != PSEUDONYM_SIZE)
		return fault_at(fault, link->has_former ? SK_FIELD_INVALID :
		    SK_FIELD_MISSING, "32 bytes", "facts.link_person.former");
	if (person == NULL || !person->has_pseudonym || !person->has_role)
		return fault_at(fault, SK_FIELD_MISSING, NULL,
		    "facts.link_person.person");
	if (person->pseudonym.len != PSEUDONYM_SIZE)
		return fault_at(fault, SK_FIELD_INVALID, "32 bytes",
		    "facts.link_person.person.pseudonym");
	return SK_OK;
}

/* Who asks is a person; the broker and the region have terms of their own. */
static enum sk_error
check_erasure_request(const Sk__ErasureRequestFacts *request,
    struct fault *fault)
{
	if (request->ground != SK__ERASURE_GROUND__DESTRUCTION_REQUESTED &&
	    request->ground != SK__ERASURE_GROUND__RIGHT_TO_ERASURE)
		return fault_at(fault, SK_FIELD_INVALID,
		    "DESTRUCTION_REQUESTED or RIGHT_TO_ERASURE",
		    "facts.erasure_request.ground");
	return facts_need_date(request->has_requested_date,
	    request->requested_date, "facts.erasure_request.requested_date",
	    fault);
}

/* A closed list: another's substantial interest, or a statute by its name. */
static enum sk_error
check_erasure_answer(const Sk__ErasureAnswerFacts *answer,
    struct fault *fault)
{
	static const char term[] = "7.3.8";
	size_t size;
	enum sk_error rc;

	if (answer->granted == answer->has_refusal)
		return fault_at(fault, answer->granted ? SK_FIELD_UNEXPECTED :
		    SK_FIELD_MISSING, "with a refusal and only then",
		    "facts.erasure_answer.refusal");
	if ((answer->statute != NULL) != (answer->has_refusal &&
	    answer->refusal == SK__ERASURE_REFUSAL__NAMED_STATUTE))
		return fault_at(fault, answer->statute != NULL ?
		    SK_FIELD_UNEXPECTED : SK_FIELD_MISSING,
		    "with NAMED_STATUTE and only then",
		    "facts.erasure_answer.statute");
	if (answer->statute == NULL)
		return SK_OK;
	if ((rc = facts_need_offering(answer->statute,
	    "facts.erasure_answer.statute", fault)) != SK_OK)
		return rc;
	size = strlen(answer->statute);
	if (size >= sizeof(term) - 1 &&
	    strcmp(answer->statute + size - (sizeof(term) - 1), term) == 0)
		return fault_at(fault, SK_FIELD_INVALID, "the twenty years of "
		    "Jeugdwet 7.3.8 are no ground to refuse",
		    "facts.erasure_answer.statute");
	return SK_OK;
}

static enum sk_error
check_look(const Sk__AuditLookFacts *look, struct fault *fault)
{
	if (look->count < 1 || look->count > LOOK_COUNT_MAX)
		return fault_at(fault, SK_FIELD_INVALID, "1 to 10,000",
		    "facts.audit_look.count");
	if (look->from > INT64_MAX)
		return fault_at(fault, SK_FIELD_INVALID, "a position",
		    "facts.audit_look.from");
	return facts_need_offering(look->dossier, "facts.audit_look.dossier",
	    fault);
}

static enum sk_error
check_extended(const Sk__OrderExtendedFacts *extended, struct fault *fault)
{
	enum sk_error rc = facts_need_date(extended->has_hearing_date,
	    extended->hearing_date, "facts.order_extended.hearing_date",
	    fault);

	return rc != SK_OK ? rc : facts_check_court_goals(extended->goals,
	    extended->n_goals, "facts.order_extended.goals", fault);
}

static enum sk_error
check_information(const Sk__InformationRequestFacts *asked,
    struct fault *fault)
{
	const char *field = "facts.information_request.records";

	if (asked->n_sections == 0 && asked->n_records == 0)
		return fault_at(fault, SK_FIELD_MISSING,
		    "sections or records", "%s", field);
	if (asked->n_sections + asked->n_records > INFORMATION_MAX)
		return fault_at(fault, SK_FIELD_INVALID,
		    "at most 16 sections and records", "%s", field);
	return SK_OK;
}

static enum sk_error
check_numbers(Sk__Kind kind, const Sk__Facts *facts, struct fault *fault)
{
	if (kind == SK__KIND__FEEDBACK && facts->feedback->has_score &&
	    (facts->feedback->score < 1 || facts->feedback->score > SCORE_MAX))
		return fault_at(fault, SK_FIELD_INVALID, "1 to 5",
		    "facts.feedback.score");
	if (kind == SK__KIND__CASE_CONFERENCE &&
	    facts->case_conference->parties < PARTIES_MIN)
		return fault_at(fault, SK_FIELD_INVALID, "2 or more",
		    "facts.case_conference.parties");
	if (kind == SK__KIND__ASSIGNED && (facts->assigned->responsible == 0 ||
	    (facts->assigned->has_former && facts->assigned->former == 0)))
		return fault_at(fault, SK_FIELD_INVALID, "1 or more",
		    "facts.assigned.%s", facts->assigned->responsible == 0 ?
		    "responsible" : "former");
	if (kind == SK__KIND__NOTIFIED && facts->notified->attempts == 0)
		return fault_at(fault, SK_FIELD_INVALID, "1 or more",
		    "facts.notified.attempts");
	return SK_OK;
}

static enum sk_error
check_correction(const Sk__CorrectionFacts *c, struct fault *fault)
{
	enum sk_error rc;

	if (c->has_right_date && (rc = facts_need_date(1, c->right_date,
	    "facts.correction.right_date", fault)) != SK_OK)
		return rc;
	for (size_t i = 0; i < c->n_goals; i++)
		if (!c->goals[i]->has_number || !c->goals[i]->has_status)
			return fault_at(fault, SK_FIELD_MISSING, NULL,
			    "facts.correction.goals[%zu].%s", i,
			    c->goals[i]->has_number ? "status" : "number");
	return SK_OK;
}

static enum sk_error
check_waiting(const Sk__WaitingQueryFacts *query, struct fault *fault)
{
	struct envelope_ref ref;

	if (query->n_cases > WAITING_MAX)
		return fault_at(fault, SK_FIELD_INVALID, "at most 128",
		    "facts.waiting_query.cases");
	for (size_t i = 0; i < query->n_cases; i++)
		if (!ref_from_message(query->cases[i], &ref))
			return fault_at(fault, SK_FIELD_INVALID,
			    "the reference of a case",
			    "facts.waiting_query.cases[%zu]", i);
	return SK_OK;
}

static enum sk_error
check_part(Sk__Kind kind, const Sk__Facts *facts, struct fault *fault)
{
	switch (kind) {
	case SK__KIND__ACCESS_REQUEST:
		return CHECK_ENTRY(facts, access_request, fault);
	case SK__KIND__SIGNAL:
		return CHECK_ENTRY(facts, signal, fault);
	case SK__KIND__REQUEST_ASSIGNMENT:
		return check_assignment(facts, fault);
	case SK__KIND__NOT_MINE:
		return facts_need_municipality(facts->not_mine->municipality,
		    "facts.not_mine.municipality", fault);
	case SK__KIND__PAUSE:
		return facts_need_date(facts->pause->has_expected_date,
		    facts->pause->expected_date, "facts.pause.expected_date",
		    fault);
	case SK__KIND__INVESTIGATE:
		return facts_need_date(facts->investigate->has_until_date,
		    facts->investigate->until_date,
		    "facts.investigate.until_date", fault);
	case SK__KIND__CONTACT_ATTEMPT:
		return facts_need_date(facts->contact_attempt->has_date,
		    facts->contact_attempt->date,
		    "facts.contact_attempt.date", fault);
	case SK__KIND__CHANGE_REQUEST:
		return check_change(facts->change_request, fault);
	case SK__KIND__CORRECTION:
		return check_correction(facts->correction, fault);
	case SK__KIND__WAITING_QUERY:
		return check_waiting(facts->waiting_query, fault);
	case SK__KIND__INFORMATION_REQUEST:
		return check_information(facts->information_request, fault);
	case SK__KIND__LESSON:
		return check_lesson(facts->lesson, fault);
	case SK__KIND__ORDER_EXTENDED:
		return check_extended(facts->order_extended, fault);
	case SK__KIND__LINK_PERSON:
		return check_link(facts->link_person, fault);
	case SK__KIND__ERASURE_REQUEST:
		return check_erasure_request(facts->erasure_request, fault);
	case SK__KIND__AUDIT_LOOK:
		return check_look(facts->audit_look, fault);
	case SK__KIND__ERASURE_ANSWER:
		return check_erasure_answer(facts->erasure_answer, fault);
	default:
		return check_numbers(kind, facts, fault);
	}
}

static enum sk_error
check_overrides(const Sk__Facts *facts, struct fault *fault)
{
	if (facts->n_overrides > OVERRIDES_MAX)
		return fault_at(fault, SK_FIELD_INVALID, "at most 8",
		    "facts.overrides");
	for (size_t i = 0; i < facts->n_overrides; i++) {
		const Sk__Override *o = facts->overrides[i];

		if (!o->has_gate || !o->has_reason)
			return fault_at(fault, SK_FIELD_MISSING, NULL,
			    "facts.overrides[%zu].%s", i,
			    o->has_gate ? "reason" : "gate");
		for (size_t j = 0; j < i; j++)
			if (facts->overrides[j]->gate == o->gate)
				return fault_at(fault, SK_FIELD_INVALID,
				    "each once", "facts.overrides[%zu].gate",
				    i);
	}
	return SK_OK;
}

enum sk_error
facts_check_care(const struct kind_info *info, const Sk__Facts *facts,
    struct fault *fault)
{
	enum sk_error rc;

	if ((rc = check_overrides(facts, fault)) != SK_OK ||
	    (rc = check_needed(info->kind, facts, fault)) != SK_OK)
		return rc;
	return check_part(info->kind, facts, fault);
}
