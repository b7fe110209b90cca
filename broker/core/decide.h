/*
 * decide.h - inside the core: one decision in the making.
 *
 * Gates return SK_OK or, after fault_set on the decision's refusal, its code.
 * Effects are collected in the decision; an arena that is spent is remembered
 * and turns the decision into a refusal at the end.
 */
#ifndef CORE_DECIDE_H
#define CORE_DECIDE_H

#include "broker/core/policy.h"
#include "broker/core/rules.h"

/* Refuse: REFUSE(d, SK_X, "field", "hint %u", n) is the code. */
#define REFUSE(d, ...) fault_set(&(d)->decision->refusal, __VA_ARGS__)

struct deciding {
	const struct view *view;
	const struct event *event;
	const struct case_row *row;	/* NULL: an opening */
	const struct transition *rule;
	struct arena *arena;
	struct decision *decision;
	Sk__Kind kind;
	Sk__Role role;			/* of the sender */
	uint64_t owner;
	uint32_t municipality;
	uint64_t family, child;		/* what the case's go by now; 0: none */
	const struct family *looked;	/* decide_family */
	int32_t today;			/* civil date of the event */
	bool spent;
};

/* ---- decide.c */
uint32_t decide_term(const struct deciding *d, enum term term);
/* Enrolled and current today, NULL otherwise. */
const struct member *decide_member(const struct deciding *d,
    uint64_t participant);
/* The day on which it took place: the header's, else today. */
int32_t decide_date(const struct deciding *d);
/* SK_DATE_INVALID when that day is still to come. */
enum sk_error decide_date_past(struct deciding *d);
/* What the case became; NULL when erased. */
const struct case_closed *decide_closed(const struct deciding *d);

/* ---- recipients.c */
bool decide_has_recipient(const struct deciding *d, uint64_t participant);
/* The provider among the recipients, 0 for none. */
uint64_t decide_recipient_provider(const struct deciding *d);
enum sk_error decide_recipients(struct deciding *d);
/* Does everyone who takes part get this? Not a provider that never helped. */
enum sk_error decide_all_told(struct deciding *d, const char *hint);
/* Takes part, or has. */
bool decide_is_listed(const struct deciding *d, uint64_t participant);
/* May it come in by a notice of involvement? */
bool decide_may_join(const struct deciding *d, uint64_t participant);

/* ---- replies.c */
enum sk_error decide_reply(struct deciding *d);

/* ---- handoffs.c */
/* The sender's handoff that this message is about. */
enum sk_error decide_handoff(struct deciding *d,
    const struct case_handoff **handoff, unsigned *index);
/* The live handoff whose referral this names, when its provider is enrolled
 * no more: nobody is left to answer for it, so the team ends it. NULL: none. */
const struct case_handoff *decide_left_behind(const struct deciding *d,
    unsigned *index);
bool handoff_runs(Sk__HandoffStatus status);	/* accepted, waiting, helps */
bool handoff_helps(Sk__HandoffStatus status);	/* started, also when paused */
bool handoff_is_live(Sk__HandoffStatus status);	/* that, or an open offer */
/* Was its last offer declined or lapsed? Such a provider is not told more of
 * the family. */
bool handoff_came_to_nothing(const struct case_row *row, uint64_t provider);
/* The state of the case once handoff index (0: a new one) has this status;
 * rest when nothing runs then and no offer is open. */
Sk__CaseState handoff_settle(const struct case_row *row, unsigned index,
    Sk__HandoffStatus status, Sk__CaseState rest);

/* ---- gates.c: REFUSE or pass; what is passed by an override is recorded */
bool gate_is_soft(enum sk_error code);
/* SK_OVERRIDE_REFUSED for a gate that cannot be passed. */
enum sk_error gate_overrides_allowed(struct deciding *d);
bool gate_passed(struct deciding *d, enum sk_error code);
enum sk_error gate_route(struct deciding *d);
enum sk_error gate_referral(struct deciding *d, const Sk__Offering *offering);
enum sk_error gate_start(struct deciding *d);
enum sk_error gate_stop(struct deciding *d,
    const struct case_handoff *handoff);
enum sk_error gate_decline(struct deciding *d);
bool gate_is_complex(const struct deciding *d);	/* R69 */
enum sk_error gate_close(struct deciding *d);

/* ---- offering.c: what the catalogue says of a referral */
/* NULL in item->offering: the region has no catalogue. */
enum sk_error gate_offering(struct deciding *d, uint64_t provider,
    struct catalogue_item *item);
/* R22: help of a narrower scale that is there comes first. */
enum sk_error gate_scale(struct deciding *d,
    const struct catalogue_item *item);
/* R27: whom to ask after this provider declined; a notice to the team. */
void offering_next_partner(struct deciding *d, unsigned index);
/* ---- persons.c */
/* Is what is declared of each section possible, and a secret address withheld? */
enum sk_error gate_sections(struct deciding *d);
/* Were the parents told (R40), where the region asks for it? */
enum sk_error gate_informed(struct deciding *d);
/* Index of this person in the case, -1 for none. */
int person_in_case(const struct case_closed *closed,
    const ProtobufCBinaryData *pseudonym);

/* ---- consent.c */
/* Does this kind rest on a consent that is not there? */
enum sk_error gate_consent(struct deciding *d);
/* The separation route, which both parents agree to. */
enum sk_error consent_route(struct deciding *d, Sk__Route route);

/* ---- escalate.c */
void escalate_stuck(struct deciding *d);
/* Is anybody left once this handoff has this status? Else it is stuck. */
void escalate_if_no_taker(struct deciding *d, unsigned index,
    Sk__HandoffStatus status);
void escalate_taken(struct deciding *d);

/* ---- involve.c */
void involve_direct(struct deciding *d, uint64_t director);
enum sk_error decide_directed(struct deciding *d);	/* R33 */
void involve_due(struct deciding *d, uint64_t provider);
void involve_leaves(struct deciding *d, uint64_t provider);
void involve_receipt(struct deciding *d, unsigned owed, Sk__DeadlineKind kind);

/* ---- family.c */
/* The family of a new case, and of one in which a person turned out to be
 * another (LINK_PERSON). */
void family_opens(struct deciding *d, Sk__Person *const *persons, size_t n);
void family_links(struct deciding *d, const Sk__Person *person, bool is_child);
/* The other cases of this one's family; NULL when none is known. */
const struct family *decide_family(struct deciding *d);
/* The help of this case's child, in all its cases. */
struct child_help decide_child(struct deciding *d);
/* R42. category 0: not known. *takes_over: it names running help. */
enum sk_error gate_stacking(struct deciding *d, uint64_t provider,
    uint32_t category, bool *takes_over);
enum sk_error gate_handover(struct deciding *d, unsigned index);
/* R43: what this start is beside the child's other help. */
void family_starts(struct deciding *d, unsigned index,
    Sk__HandoffChange *change);
bool family_warns_of_hop(const struct deciding *d);
/* Whose help FAMILY_WARNING is about; 0: it is no more. */
uint64_t family_warned_of(struct deciding *d);
/* And to who directs the case of the help that runs beside, where that is
 * another. */
void family_warn_elsewhere(struct deciding *d, const Sk__Notice *notice);

/* ---- merger.c */
/* The team that serves this municipality today; 0 for none, also where the
 * profile says that it has ended or is not there yet. */
uint64_t decide_team(const struct deciding *d, uint32_t municipality);
/* MUNICIPALITY_UNKNOWN, which says what it is part of now. */
enum sk_error refuse_municipality(struct deciding *d, uint32_t municipality,
    const char *field);
enum sk_error decide_merger(struct deciding *d);

/* ---- information.c */
enum sk_error decide_information_request(struct deciding *d);

/* ---- entry.c: the municipality in the facts of what opens a case */
const char *entry_municipality(const struct deciding *d);
/* and the persons in them */
Sk__Person **entry_persons(const struct deciding *d, size_t *n);

/* ---- one function a kind: its gates, then its effects */
enum sk_error decide_court_order(struct deciding *d);	/* court.c */
enum sk_error decide_hearing_notice(struct deciding *d);
enum sk_error decide_order_extended(struct deciding *d);
enum sk_error decide_order_withdrawn(struct deciding *d);
enum sk_error decide_triage(struct deciding *d);	/* access.c */
enum sk_error decide_analysis(struct deciding *d);
enum sk_error decide_route_decision(struct deciding *d);
enum sk_error decide_family_plan(struct deciding *d);
enum sk_error decide_close(struct deciding *d);
enum sk_error decide_referral(struct deciding *d);	/* referral.c */
enum sk_error decide_accept(struct deciding *d);	/* provider.c */
enum sk_error decide_decline(struct deciding *d);
enum sk_error decide_wait_place(struct deciding *d);
enum sk_error decide_start(struct deciding *d);
enum sk_error decide_stop(struct deciding *d);
/* What its end means for what comes next: after effect_handoff. */
void decide_help_ended(struct deciding *d, unsigned index,
    Sk__EndReason reason);
enum sk_error decide_progress_report(struct deciding *d);
enum sk_error decide_hearing_report_request(struct deciding *d); /* reports.c */
enum sk_error decide_hearing_report(struct deciding *d);
enum sk_error decide_court_report(struct deciding *d);
enum sk_error decide_receipt_of(struct deciding *d);	/* replies.c */
enum sk_error decide_opened(struct deciding *d);
enum sk_error decide_content_mismatch(struct deciding *d);
enum sk_error decide_entry(struct deciding *d);		/* entry.c */
enum sk_error decide_not_mine(struct deciding *d);	/* transfer.c */
enum sk_error decide_transfer_taken(struct deciding *d);
enum sk_error decide_correction(struct deciding *d);	/* correct.c */
enum sk_error decide_void(struct deciding *d);
enum sk_error decide_link_person(struct deciding *d);
enum sk_error decide_withdraw(struct deciding *d);	/* change.c */
enum sk_error decide_investigate(struct deciding *d);
enum sk_error decide_pause(struct deciding *d);
enum sk_error decide_resume(struct deciding *d);
enum sk_error decide_change_request(struct deciding *d);
enum sk_error decide_change_answer(struct deciding *d);
enum sk_error decide_contact_attempt(struct deciding *d);
enum sk_error decide_recorded(struct deciding *d);
enum sk_error decide_involvement_notice(struct deciding *d); /* involve.c */
enum sk_error decide_director_change(struct deciding *d);
enum sk_error decide_director_accept(struct deciding *d);
enum sk_error decide_consult(struct deciding *d);
enum sk_error decide_consult_answer(struct deciding *d);
/* Is it the safety specialist of an area of this case? (R59) */
bool decide_is_safety(const struct deciding *d, uint64_t participant);
enum sk_error decide_crisis_alert(struct deciding *d);	/* crisis.c */
enum sk_error decide_crisis_taken(struct deciding *d);
enum sk_error decide_crisis_review(struct deciding *d);
enum sk_error decide_erasure_request(struct deciding *d); /* erasure.c */
enum sk_error decide_erasure_answer(struct deciding *d);
enum sk_error decide_erasure_done(struct deciding *d);
enum sk_error decide_stuck(struct deciding *d);		/* escalate.c */
enum sk_error decide_ret_request(struct deciding *d);
enum sk_error decide_ret_advice(struct deciding *d);
enum sk_error decide_boeg_request(struct deciding *d);
enum sk_error decide_boeg_advice(struct deciding *d);
enum sk_error decide_lesson(struct deciding *d);
enum sk_error decide_case_conference(struct deciding *d);
enum sk_error decide_audit_look(struct deciding *d);	/* access.c */
enum sk_error decide_information_answer(struct deciding *d); /* information.c */
enum sk_error decide_waiting_query(struct deciding *d);	/* waits.c */
enum sk_error decide_catalogue_query(struct deciding *d);	/* offerings.c */
enum sk_error decide_offering_proposal(struct deciding *d);
enum sk_error decide_offering_decision(struct deciding *d);
enum sk_error decide_capacity_update(struct deciding *d);
enum sk_error decide_side_taken(struct deciding *d);	/* access.c */

enum sk_error decide_person_change(struct deciding *d);	/* persons.c */
enum sk_error decide_extract_made(struct deciding *d);
enum sk_error decide_reseal(struct deciding *d);	/* reseal.c */
enum sk_error decide_consent_change(struct deciding *d);	/* consent.c */
enum sk_error decide_consent_answer(struct deciding *d);

/* ---- deadlines.c: terms, and what their end does */
void deadline_set_order(struct deciding *d, int32_t order_date);
void deadline_set_referral(struct deciding *d, unsigned index);
/* Reviews at a part, and at most, of the help from start to end (R53). */
void deadline_set_review(struct deciding *d, unsigned handoff, int32_t start,
    int32_t end);
/* A term as its table says, counted from this day (hours: from now); handoff
 * 0: of the whole case. It replaces one that runs. */
void deadline_begin(struct deciding *d, Sk__DeadlineKind kind,
    unsigned handoff, int32_t from);
enum sk_error decide_deadline(struct deciding *d);

/* ---- information.c: of the term that ends now */
unsigned information_slot(const struct deciding *d);	/* from 1 */
uint64_t information_holder(const struct deciding *d);
void information_tell(struct deciding *d);

/* ---- persons.c */
/* The child is not born yet: its day, and the term that runs from it. */
enum sk_error decide_unborn(struct deciding *d, Sk__Person *const *persons,
    size_t n, const char *field);

/* ---- erasure.c */
/* What operators command. */
enum sk_error decide_erase(struct deciding *d);
/* The case has no content from here on. */
void erase_case(struct deciding *d, Sk__ErasureGround ground);
/* It ends today: no term runs any more but that of what the broker keeps. */
void decide_ends(struct deciding *d);

/* ---- goals.c */
/* Does every reported goal exist? field is the path of the list. */
enum sk_error decide_goals_known(struct deciding *d,
    Sk__GoalState *const *goals, size_t n, const char *field);
void effect_goal_states(struct deciding *d, Sk__GoalState *const *goals,
    size_t n);
enum sk_error decide_goals_final(struct deciding *d,
    Sk__GoalState *const *goals, size_t n, const char *field);
/* A goal that is new or whose date changes. */
void effect_goal(struct deciding *d, const Sk__Goal *goal,
    Sk__GoalSetter setter, bool is_new);

/* ---- effects.c */
/* Accepted all the same, and said to the sender. */
void effect_warning(struct deciding *d, Sk__Warning warning);
bool effects_begin(struct deciding *d);
Sk__ClosedEffects *effects_closed(struct deciding *d);	/* NULL: spent */
void effect_state(struct deciding *d, Sk__CaseState state);	/* 0: stays */
void effect_opening(struct deciding *d, const char *municipality,
    int32_t order_date);
void effect_participant(struct deciding *d, uint64_t participant,
    Sk__Role role);
/* date 0: unknown. NULL when spent. */
Sk__HandoffChange *effect_handoff(struct deciding *d, unsigned index,
    Sk__HandoffStatus status, int32_t date);
void effect_timer(struct deciding *d, Sk__DeadlineKind kind, unsigned handoff,
    int64_t warn, int64_t breach);
/* Nothing when it does not run. */
void effect_timer_clear(struct deciding *d, Sk__DeadlineKind kind,
    unsigned handoff);
void effect_timers_clear(struct deciding *d);
void effect_erasure_said(struct deciding *d, Sk__ErasureSaid said);
void effect_timer_change(struct deciding *d, const Sk__TimerChange *change);
void effect_handoff_timers_clear(struct deciding *d, unsigned handoff);
void effect_override(struct deciding *d, const Sk__Override *override);
/* Class and vulnerability by what is known of the child (waiting.c). */
void effect_priority(struct deciding *d, const struct case_closed *closed,
    bool crisis);
/* All recipients but the sender owe a receipt: OWES_ bits. */
void effect_owed_by_recipients(struct deciding *d, unsigned owes);
void effect_owes(struct deciding *d, const struct case_participant *p,
    unsigned owes);
void effect_leaves(struct deciding *d, uint64_t participant);
/* Recipients in this role come in. */
void effect_joining_recipients(struct deciding *d, Sk__Role role);
char *effect_municipality(struct deciding *d, uint32_t municipality);
void effect_link(struct deciding *d, Sk__LinkPersonFacts *link);
void effect_person_change(struct deciding *d, Sk__PersonChangeFacts *change);
void effect_consent(struct deciding *d, const Sk__ConsentChangeFacts *change,
    Sk__ConsentPurpose purpose);
void effect_post(struct deciding *d, uint64_t participant);	/* once each */
/* Of a case of its own, in which others of this one have no part. */
void effect_post_elsewhere(struct deciding *d, uint64_t participant,
    uint64_t case_number);
void effect_post_recipients(struct deciding *d);
Sk__Ref *effect_ref(struct deciding *d, const struct envelope_ref *ref);

#endif
