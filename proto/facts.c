#include "proto/message.h"

#include <stdio.h>
#include <string.h>

#include "proto/civil.h"
#include "proto/facts.h"
#include "proto/fault.h"
#include "proto/text.h"

#define FACTS_FIRST 100	/* field number of a kind's facts: kind + 100 */
#define VERSION_FIELD 1u
#define MUNICIPALITY_SIZE 4u
#define OFFERING_SIZE_MAX 32u
#define ORDER_REFERENCE_SIZE 16u
#define PSEUDONYM_SIZE 32u
#define PERSONS_MAX 8u
#define GOALS_MAX 32u
#define SECTION_CHARACTERS_MAX 65536u
#define CONTENT_KEY_SIZE 32u

static enum sk_error
need(int has, const char *path, struct fault *fault)
{
	return has ? SK_OK : fault_at(fault, SK_FIELD_MISSING, NULL, "%s", path);
}

enum sk_error
facts_need_date(int has, int32_t date, const char *path, struct fault *fault)
{
	if (!has)
		return fault_at(fault, SK_FIELD_MISSING, NULL, "%s", path);
	if (date < CIVIL_DATE_MIN || date > CIVIL_DATE_MAX)
		return fault_at(fault, SK_DATE_INVALID, "1900 to 2199", "%s",
		    path);
	return SK_OK;
}

static enum sk_error
may_date(int has, int32_t date, const char *path, struct fault *fault)
{
	return has ? facts_need_date(has, date, path, fault) : SK_OK;
}

static enum sk_error
need_count(int has, uint32_t count, const char *path, struct fault *fault)
{
	if (!has)
		return fault_at(fault, SK_FIELD_MISSING, NULL, "%s", path);
	if (count == 0)
		return fault_at(fault, SK_FIELD_INVALID, "1 or more", "%s", path);
	return SK_OK;
}

static enum sk_error
need_bytes(int has, size_t size, size_t due, const char *path,
    struct fault *fault)
{
	if (!has)
		return fault_at(fault, SK_FIELD_MISSING, NULL, "%s", path);
	if (size != due)
		return fault_set(fault, SK_FIELD_INVALID, path, "%zu bytes",
		    due);
	return SK_OK;
}

enum sk_error
facts_need_offering(const char *code, const char *path, struct fault *fault)
{
	size_t size;

	if (code == NULL)
		return fault_at(fault, SK_FIELD_MISSING, NULL, "%s", path);
	size = strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789.-");
	if (code[size] != '\0' || size < 1 || size > OFFERING_SIZE_MAX)
		return fault_at(fault, SK_FIELD_INVALID,
		    "1 to 32 letters, digits, dots and hyphens", "%s", path);
	return SK_OK;
}

/* All our enumerations are below 32; what is not has no bit. */
static uint32_t
bit_of(int value)
{
	return value >= 0 && value < 32 ? 1u << value : 0;
}

/* Values of an enumeration, each once. */
static enum sk_error
each_once(uint32_t *seen, int value, const char *path, size_t index,
    const char *field, struct fault *fault)
{
	uint32_t bit = bit_of(value);

	if ((*seen & bit) != 0)
		return fault_at(fault, SK_FIELD_INVALID, "each once",
		    "%s[%zu]%s", path, index, field);
	*seen |= bit;
	return SK_OK;
}

/* A goal's number, 1 to 32, each once. */
static enum sk_error
goal_number(uint32_t *seen, int has, uint32_t number, const char *path,
    size_t index, struct fault *fault)
{
	if (!has)
		return fault_at(fault, SK_FIELD_MISSING, NULL, "%s[%zu].number",
		    path, index);
	if (number < 1 || number > GOALS_MAX)
		return fault_at(fault, SK_FIELD_INVALID, "1 to 32",
		    "%s[%zu].number", path, index);
	return each_once(seen, (int)number - 1, path, index, ".number", fault);
}

static enum sk_error
check_goals(Sk__Goal *const *goals, size_t n, Sk__GoalSetter setter,
    const char *path, struct fault *fault)
{
	enum sk_error rc;
	char date_path[64];
	uint32_t seen = 0;

	for (size_t i = 0; i < n; i++) {
		const Sk__Goal *goal = goals[i];

		rc = goal_number(&seen, goal->has_number, goal->number, path,
		    i, fault);
		if (rc != SK_OK)
			return rc;
		if (!goal->has_setter)
			return fault_at(fault, SK_FIELD_MISSING, NULL,
			    "%s[%zu].setter", path, i);
		if (goal->setter != setter)
			return fault_at(fault, SK_FIELD_INVALID,
			    setter == SK__GOAL_SETTER__SET_BY_COURT ?
			    "SET_BY_COURT" : "SET_BY_ACCESS", "%s[%zu].setter",
			    path, i);
		snprintf(date_path, sizeof(date_path), "%s[%zu].due_date",
		    path, i);
		rc = facts_need_date(goal->has_due_date, goal->due_date, date_path,
		    fault);
		if (rc != SK_OK)
			return rc;
	}
	return SK_OK;
}

enum sk_error
facts_check_court_goals(Sk__Goal *const *goals, size_t n, const char *path,
    struct fault *fault)
{
	return check_goals(goals, n, SK__GOAL_SETTER__SET_BY_COURT, path,
	    fault);
}

static enum sk_error
check_goal_states(Sk__GoalState *const *goals, size_t n, const char *path,
    struct fault *fault)
{
	enum sk_error rc;
	uint32_t seen = 0;

	for (size_t i = 0; i < n; i++) {
		rc = goal_number(&seen, goals[i]->has_number, goals[i]->number,
		    path, i, fault);
		if (rc != SK_OK)
			return rc;
		if (!goals[i]->has_status)
			return fault_at(fault, SK_FIELD_MISSING, NULL,
			    "%s[%zu].status", path, i);
	}
	return SK_OK;
}

static enum sk_error
check_person(Sk__Person *const *persons, size_t index, size_t *children,
    const char *path, struct fault *fault)
{
	const Sk__Person *person = persons[index];
	char pseudonym_path[64];
	enum sk_error rc;

	if (!person->has_role)
		return fault_at(fault, SK_FIELD_MISSING, NULL, "%s[%zu].role",
		    path, index);
	if (person->role == SK__PERSON_ROLE__CHILD && ++*children > 1)
		return fault_at(fault, SK_FIELD_INVALID, "one child a case",
		    "%s[%zu].role", path, index);
	snprintf(pseudonym_path, sizeof(pseudonym_path), "%s[%zu].pseudonym",
	    path, index);
	rc = need_bytes(person->has_pseudonym, person->pseudonym.len,
	    PSEUDONYM_SIZE, pseudonym_path, fault);
	for (size_t i = 0; rc == SK_OK && i < index; i++)
		if (memcmp(persons[i]->pseudonym.data, person->pseudonym.data,
		    PSEUDONYM_SIZE) == 0)
			rc = fault_at(fault, SK_FIELD_INVALID,
			    "each person once", "%s", pseudonym_path);
	snprintf(pseudonym_path, sizeof(pseudonym_path), "%s[%zu]", path,
	    index);
	return rc != SK_OK ? rc : facts_check_person(person, pseudonym_path,
	    fault);
}

enum sk_error
facts_check_persons(Sk__Person *const *persons, size_t n, const char *path,
    struct fault *fault)
{
	enum sk_error rc = SK_OK;
	size_t children = 0;

	if (n == 0)
		return fault_at(fault, SK_FIELD_MISSING, NULL, "%s", path);
	if (n > PERSONS_MAX)
		return fault_at(fault, SK_FIELD_INVALID, "at most 8", "%s",
		    path);
	for (size_t i = 0; rc == SK_OK && i < n; i++)
		rc = check_person(persons, i, &children, path, fault);
	if (rc == SK_OK && children == 0)
		rc = fault_at(fault, SK_FIELD_MISSING, "one person is the child",
		    "%s", path);
	return rc;
}

enum sk_error
facts_need_municipality(const char *code, const char *path,
    struct fault *fault)
{
	if (code == NULL)
		return need(0, path, fault);
	if (strlen(code) != MUNICIPALITY_SIZE ||
	    strspn(code, "0123456789") != MUNICIPALITY_SIZE)
		return fault_at(fault, SK_FIELD_INVALID,
		    "a CBS code of four digits", "%s", path);
	return SK_OK;
}

static enum sk_error
check_court_order(const Sk__Facts *facts, struct fault *fault)
{
	const Sk__CourtOrderFacts *order = facts->court_order;
	enum sk_error rc;

	if ((rc = facts_need_municipality(order->municipality,
	    "facts.court_order.municipality", fault)) != SK_OK ||
	    (rc = need_bytes(order->has_order_reference,
	    order->order_reference.len, ORDER_REFERENCE_SIZE,
	    "facts.court_order.order_reference", fault)) != SK_OK ||
	    (rc = facts_check_persons(order->persons, order->n_persons,
	    "facts.court_order.persons", fault)) != SK_OK ||
	    (rc = need(order->has_theme, "facts.court_order.theme", fault)) !=
	    SK_OK ||
	    (rc = need(order->n_goals > 0, "facts.court_order.goals",
	    fault)) != SK_OK ||
	    (rc = check_goals(order->goals, order->n_goals,
	    SK__GOAL_SETTER__SET_BY_COURT, "facts.court_order.goals",
	    fault)) != SK_OK)
		return rc;
	return may_date(order->has_hearing_date, order->hearing_date,
	    "facts.court_order.hearing_date", fault);
}

static enum sk_error
check_triage(const Sk__Facts *facts, struct fault *fault)
{
	static const char path[] = "facts.triage.domains";
	const Sk__TriageFacts *triage = facts->triage;
	enum sk_error rc;
	uint32_t seen = 0;

	rc = need(triage->has_ground, "facts.triage.ground", fault);
	for (size_t i = 0; rc == SK_OK && i < triage->n_domains; i++) {
		const Sk__DomainAnswer *d = triage->domains[i];

		if (!d->has_domain)
			return fault_at(fault, SK_FIELD_MISSING, NULL,
			    "%s[%zu].domain", path, i);
		if (!d->has_answer)
			return fault_at(fault, SK_FIELD_MISSING, NULL,
			    "%s[%zu].answer", path, i);
		if (d->answer == SK__ANSWER__YES && !d->has_owner)
			return fault_at(fault, SK_FIELD_MISSING,
			    "whose problem it is", "%s[%zu].owner", path, i);
		rc = each_once(&seen, (int)d->domain, path, i, ".domain",
		    fault);
	}
	return rc;
}

static enum sk_error
check_analysis(const Sk__Facts *facts, struct fault *fault)
{
	const Sk__AnalysisFacts *analysis = facts->analysis;
	enum sk_error rc;
	uint32_t seen = 0;

	rc = need(analysis->n_support > 0, "facts.analysis.support", fault);
	for (size_t i = 0; rc == SK_OK && i < analysis->n_support; i++)
		rc = each_once(&seen, (int)analysis->support[i],
		    "facts.analysis.support", i, "", fault);
	if (rc == SK_OK)
		rc = need_count(analysis->has_authors, analysis->authors,
		    "facts.analysis.authors", fault);
	if (rc == SK_OK)
		rc = need_count(analysis->has_hypotheses, analysis->hypotheses,
		    "facts.analysis.hypotheses", fault);
	return rc;
}

static enum sk_error
check_route_decision(const Sk__Facts *facts, struct fault *fault)
{
	const Sk__RouteDecisionFacts *route = facts->route_decision;
	enum sk_error rc;
	uint32_t seen = 0;

	rc = need(route->has_main, "facts.route_decision.main", fault);
	if (rc != SK_OK)
		return rc;
	seen = bit_of((int)route->main);
	for (size_t i = 0; rc == SK_OK && i < route->n_side; i++)
		rc = each_once(&seen, (int)route->side[i],
		    "facts.route_decision.side", i, "", fault);
	return rc;
}

static enum sk_error
check_family_plan(const Sk__Facts *facts, struct fault *fault)
{
	const Sk__FamilyPlanFacts *plan = facts->family_plan;
	enum sk_error rc;
	uint32_t seen = 0;

	rc = check_goals(plan->goals, plan->n_goals,
	    SK__GOAL_SETTER__SET_BY_ACCESS, "facts.family_plan.goals", fault);
	if (rc == SK_OK)
		rc = need(plan->n_agreed > 0, "facts.family_plan.agreed",
		    fault);
	for (size_t i = 0; rc == SK_OK && i < plan->n_agreed; i++)
		rc = each_once(&seen, (int)plan->agreed[i],
		    "facts.family_plan.agreed", i, "", fault);
	seen = 0;
	for (size_t i = 0; rc == SK_OK && i < plan->n_informal; i++)
		rc = each_once(&seen, (int)plan->informal[i],
		    "facts.family_plan.informal", i, "", fault);
	return rc;
}

static enum sk_error
check_referral(const Sk__Facts *facts, struct fault *fault)
{
	const Sk__ReferralFacts *referral = facts->referral;
	enum sk_error rc;

	rc = facts_need_offering(referral->offering, "facts.referral.offering",
	    fault);
	return rc != SK_OK ? rc : may_date(referral->has_wanted_date,
	    referral->wanted_date, "facts.referral.wanted_date", fault);
}

static enum sk_error
check_accept(const Sk__Facts *facts, struct fault *fault)
{
	return facts_need_date(facts->accept->has_intake_date,
	    facts->accept->intake_date, "facts.accept.intake_date", fault);
}

static enum sk_error
check_decline(const Sk__Facts *facts, struct fault *fault)
{
	return need(facts->decline->has_reason, "facts.decline.reason", fault);
}

static enum sk_error
check_wait_place(const Sk__Facts *facts, struct fault *fault)
{
	const Sk__WaitPlaceFacts *place = facts->wait_place;
	enum sk_error rc;

	rc = facts_need_date(place->has_expected_date, place->expected_date,
	    "facts.wait_place.expected_date", fault);
	return rc != SK_OK ? rc : need(place->has_bridge_help,
	    "facts.wait_place.bridge_help", fault);
}

static enum sk_error
check_progress_report(const Sk__Facts *facts, struct fault *fault)
{
	return check_goal_states(facts->progress_report->goals,
	    facts->progress_report->n_goals, "facts.progress_report.goals",
	    fault);
}

static enum sk_error
check_hearing_notice(const Sk__Facts *facts, struct fault *fault)
{
	return facts_need_date(facts->hearing_notice->has_hearing_date,
	    facts->hearing_notice->hearing_date,
	    "facts.hearing_notice.hearing_date", fault);
}

static enum sk_error
check_hearing_report_request(const Sk__Facts *facts, struct fault *fault)
{
	return facts_need_date(facts->hearing_report_request->has_due_date,
	    facts->hearing_report_request->due_date,
	    "facts.hearing_report_request.due_date", fault);
}

/* Both reports say the same things; path is "facts.hearing_report". */
static enum sk_error
check_report(Sk__GoalState *const *goals, size_t n, int has_advice,
    Sk__Advice advice, const char *offering, const char *path,
    struct fault *fault)
{
	enum sk_error rc;
	char field[64];

	snprintf(field, sizeof(field), "%s.goals", path);
	if ((rc = need(n > 0, field, fault)) != SK_OK ||
	    (rc = check_goal_states(goals, n, field, fault)) != SK_OK)
		return rc;
	snprintf(field, sizeof(field), "%s.advice", path);
	if ((rc = need(has_advice, field, fault)) != SK_OK)
		return rc;
	snprintf(field, sizeof(field), "%s.offering", path);
	if (advice == SK__ADVICE__ADVISE_OTHER_OFFERING)
		return facts_need_offering(offering, field, fault);
	return offering == NULL ? SK_OK : fault_at(fault, SK_FIELD_UNEXPECTED,
	    "only with ADVISE_OTHER_OFFERING", "%s", field);
}

static enum sk_error
check_hearing_report(const Sk__Facts *facts, struct fault *fault)
{
	const Sk__HearingReportFacts *r = facts->hearing_report;

	return check_report(r->goals, r->n_goals, r->has_advice, r->advice,
	    r->offering, "facts.hearing_report", fault);
}

static enum sk_error
check_court_report(const Sk__Facts *facts, struct fault *fault)
{
	const Sk__CourtReportFacts *r = facts->court_report;

	return check_report(r->goals, r->n_goals, r->has_advice, r->advice,
	    r->offering, "facts.court_report", fault);
}

static enum sk_error
check_stop(const Sk__Facts *facts, struct fault *fault)
{
	enum sk_error rc;

	rc = need(facts->stop->has_reason, "facts.stop.reason", fault);
	return rc != SK_OK ? rc : check_goal_states(facts->stop->goals,
	    facts->stop->n_goals, "facts.stop.goals", fault);
}

static enum sk_error
check_content_mismatch(const Sk__Facts *facts, struct fault *fault)
{
	return need(facts->content_mismatch_found->has_section,
	    "facts.content_mismatch_found.section", fault);
}

/* What a kind's own facts must hold; a kind that is not here has none, or
 * none that must be there. */
static const struct {
	Sk__Kind kind;
	enum sk_error (*check)(const Sk__Facts *facts, struct fault *fault);
} checks[] = {
	{ SK__KIND__COURT_ORDER, check_court_order },
	{ SK__KIND__TRIAGE, check_triage },
	{ SK__KIND__ANALYSIS, check_analysis },
	{ SK__KIND__ROUTE_DECISION, check_route_decision },
	{ SK__KIND__FAMILY_PLAN, check_family_plan },
	{ SK__KIND__REFERRAL, check_referral },
	{ SK__KIND__ACCEPT, check_accept },
	{ SK__KIND__DECLINE, check_decline },
	{ SK__KIND__WAIT_PLACE, check_wait_place },
	{ SK__KIND__PROGRESS_REPORT, check_progress_report },
	{ SK__KIND__HEARING_NOTICE, check_hearing_notice },
	{ SK__KIND__HEARING_REPORT_REQUEST, check_hearing_report_request },
	{ SK__KIND__HEARING_REPORT, check_hearing_report },
	{ SK__KIND__COURT_REPORT, check_court_report },
	{ SK__KIND__STOP, check_stop },
	{ SK__KIND__CONTENT_MISMATCH_FOUND, check_content_mismatch },
};

static enum sk_error
check_version(int has, uint64_t version, const char *path,
    struct fault *fault)
{
	if (!has)
		return fault_at(fault, SK_FIELD_MISSING, NULL, "%s", path);
	if (version != MESSAGE_VERSION)
		return fault_at(fault, SK_VERSION_UNKNOWN, "1 to 1", "%s", path);
	return SK_OK;
}

/* A later version may have fields that are unknown here: peek first. */
static enum sk_error
peek_version(const void *bytes, size_t size, const char *path,
    struct fault *fault)
{
	uint64_t version;

	if (!wire_peek(bytes, size, VERSION_FIELD, &version))
		return SK_OK;
	return check_version(1, version, path, fault);
}

/* By descriptor, so that a kind added to the schema is covered. */
static enum sk_error
check_presence(const struct kind_info *info, const Sk__Facts *facts,
    struct fault *fault)
{
	const ProtobufCMessageDescriptor *d = &sk__facts__descriptor;

	for (unsigned i = 0; i < d->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &d->fields[i];
		const void *part;

		if (field->id <= FACTS_FIRST)
			continue;
		memcpy(&part, (const char *)facts + field->offset,
		    sizeof(part));
		if (field->id == FACTS_FIRST + (uint32_t)info->kind) {
			if (part == NULL)
				return fault_at(fault, SK_FIELD_MISSING, NULL,
				    "facts.%s", field->name);
		} else if (part != NULL) {
			return fault_at(fault, SK_FIELD_UNEXPECTED, NULL,
			    "facts.%s", field->name);
		}
	}
	return SK_OK;
}

static enum sk_error
check_section(const struct kind_info *info, const Sk__SectionLength *s,
    size_t index, uint32_t *seen, struct fault *fault)
{
	enum sk_error rc;
	uint32_t bit;

	if (!s->has_section)
		return fault_at(fault, SK_FIELD_MISSING, NULL,
		    "facts.sections[%zu].section", index);
	if (!s->has_characters)
		return fault_at(fault, SK_FIELD_MISSING, NULL,
		    "facts.sections[%zu].characters", index);
	bit = bit_of((int)s->section);
	if (((info->sections_must | info->sections_may) & bit) == 0)
		return fault_at(fault, SK_FIELD_UNEXPECTED,
		    section_name(s->section), "facts.sections[%zu]", index);
	if (s->characters > SECTION_CHARACTERS_MAX)
		return fault_at(fault, SK_FIELD_INVALID, "at most 65536",
		    "facts.sections[%zu].characters", index);
	/* The family's view with nothing in it is not their view. */
	if ((info->sections_must & bit) != 0 && s->characters == 0)
		return fault_at(fault, SK_SECTION_MISSING,
		    section_name(s->section), "facts.sections[%zu].characters",
		    index);
	if ((rc = facts_check_marking(s, index, fault)) != SK_OK)
		return rc;
	return each_once(seen, (int)s->section, "facts.sections", index,
	    ".section", fault);
}

static enum sk_error
check_sections(const struct kind_info *info, const Sk__Facts *facts,
    struct fault *fault)
{
	enum sk_error rc = SK_OK;
	uint32_t seen = 0, absent;
	int section = 0;

	for (size_t i = 0; rc == SK_OK && i < facts->n_sections; i++)
		rc = check_section(info, facts->sections[i], i, &seen, fault);
	if (rc != SK_OK)
		return rc;
	if ((absent = info->sections_must & ~seen) == 0)
		return SK_OK;
	while ((absent & bit_of(section)) == 0)
		section++;
	return fault_at(fault, SK_SECTION_MISSING,
	    section_name((Sk__Section)section), "facts.sections");
}

enum sk_error
facts_check(const struct kind_info *info, const Sk__Facts *facts,
    struct fault *fault)
{
	enum sk_error rc;

	if ((rc = check_version(facts->has_version, facts->version,
	    "facts.version", fault)) != SK_OK ||
	    (rc = check_presence(info, facts, fault)) != SK_OK)
		return rc;
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		if (checks[i].kind == info->kind &&
		    (rc = checks[i].check(facts, fault)) != SK_OK)
			return rc;
	if ((rc = facts_check_care(info, facts, fault)) != SK_OK ||
	    (rc = facts_check_catalogue(info, facts, fault)) != SK_OK ||
	    (rc = facts_check_family(info, facts, fault)) != SK_OK)
		return rc;
	return check_sections(info, facts, fault);
}

enum sk_error
facts_decode(const struct kind_info *info, const void *bytes, size_t size,
    struct arena *arena, Sk__Facts **facts, struct fault *fault)
{
	ProtobufCMessage *message;
	enum sk_error rc;

	*facts = NULL;
	if (size <= FACTS_BYTES_MAX && (rc = peek_version(bytes, size,
	    "facts.version", fault)) != SK_OK)
		return rc;
	rc = wire_decode(&sk__facts__descriptor, "facts", bytes, size,
	    FACTS_BYTES_MAX, arena, &message, fault);
	if (rc != SK_OK)
		return rc;
	rc = facts_check(info, (const Sk__Facts *)(void *)message, fault);
	if (rc == SK_OK)
		*facts = (Sk__Facts *)(void *)message;
	return rc;
}

static const Sk__SectionLength *
declared_length(const Sk__Facts *facts, Sk__Section section)
{
	for (size_t i = 0; i < facts->n_sections; i++)
		if (facts->sections[i]->section == section)
			return facts->sections[i];
	return NULL;
}

static enum sk_error
check_text(const Sk__Facts *facts, const Sk__SectionText *s, size_t index,
    uint32_t *seen, struct fault *fault)
{
	const Sk__SectionLength *declared;
	char path[64];
	size_t characters;

	snprintf(path, sizeof(path), "content.sections[%zu]", index);
	if (!s->has_section || s->text == NULL)
		return fault_at(fault, SK_FIELD_MISSING, NULL, "%s.%s", path,
		    s->has_section ? "text" : "section");
	declared = declared_length(facts, s->section);
	if (declared == NULL || (*seen & bit_of((int)s->section)) != 0)
		return fault_set(fault, SK_CONTENT_MISMATCH, path,
		    "%s: %s", section_name(s->section),
		    declared == NULL ? "not declared" : "twice");
	*seen |= bit_of((int)s->section);
	if (!text_is_plain(s->text, strlen(s->text)))
		return fault_at(fault, SK_TEXT_INVALID,
		    "UTF-8, LF, no control characters but TAB and LF",
		    "%s.text", path);
	if (!text_is_nfc(s->text, strlen(s->text)))
		return fault_at(fault, SK_TEXT_INVALID,
		    "Unicode in its composed form, NFC", "%s.text", path);
	characters = wire_text_characters(s->text, strlen(s->text));
	if (characters != declared->characters)
		return fault_set(fault, SK_CONTENT_MISMATCH, path,
		    "%s: %u characters declared, %zu found",
		    section_name(s->section), declared->characters,
		    characters);
	return SK_OK;
}

/* A key goes with a RESEAL of the whole, and with nothing else. */
static enum sk_error
check_content_key(const Sk__Facts *facts, const Sk__Content *content,
    struct fault *fault)
{
	bool has = content != NULL && content->has_key;
	bool due = facts->reseal != NULL && facts->reseal->whole;

	if (has == due && (!has || content->key.len == CONTENT_KEY_SIZE))
		return SK_OK;
	return fault_set(fault, SK_CONTENT_MISMATCH, "content.key",
	    "the 32 bytes of the key of what is sealed anew, and only there");
}

enum sk_error
content_check(const Sk__Facts *facts, const Sk__Content *content,
    struct fault *fault)
{
	enum sk_error rc = SK_OK;
	uint32_t seen = 0;

	if (content != NULL)
		rc = check_version(content->has_version, content->version,
		    "content.version", fault);
	if (rc == SK_OK)
		rc = check_content_key(facts, content, fault);
	for (size_t i = 0; rc == SK_OK && content != NULL &&
	    i < content->n_sections; i++)
		rc = check_text(facts, content->sections[i], i, &seen, fault);
	if (rc != SK_OK)
		return rc;
	for (size_t i = 0; i < facts->n_sections; i++)
		if ((seen & bit_of((int)facts->sections[i]->section)) == 0)
			return fault_set(fault, SK_CONTENT_MISMATCH,
			    "content.sections", "%s: declared, not there",
			    section_name(facts->sections[i]->section));
	return SK_OK;
}

enum sk_error
content_decode(const void *bytes, size_t size, struct arena *arena,
    Sk__Content **content, struct fault *fault)
{
	ProtobufCMessage *message;
	enum sk_error rc;

	*content = NULL;
	if (size <= SEALED_BYTES_MAX && (rc = peek_version(bytes, size,
	    "content.version", fault)) != SK_OK)
		return rc;
	rc = wire_decode(&sk__content__descriptor, "content", bytes, size,
	    SEALED_BYTES_MAX, arena, &message, fault);
	if (rc == SK_OK)
		*content = (Sk__Content *)(void *)message;
	return rc;
}
