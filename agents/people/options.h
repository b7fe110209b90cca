/*
 * options.h - the options of the verbs, a list a kind of message. Those of the
 * main line stand in options.c, all others in options_care.c.
 */
#ifndef PEOPLE_OPTIONS_H
#define PEOPLE_OPTIONS_H

#include "agents/people/verbs.h"
#include "proto/envelope.pb-c.h"

#define MUST true
#define MAY false
#define CODES(name) &sk__##name##__descriptor

extern const struct option options_nothing[];

/* options.c */
extern const struct option options_extend_order[], options_withdraw_order[];
extern const struct option options_extend_order[], options_withdraw_order[],
    options_order[], options_triage[],
    options_analysis[], options_route[], options_plan[], options_refer[],
    options_accept[], options_decline[], options_wait_place[],
    options_start[], options_report[], options_hearing[],
    options_ask_report[], options_court_report[], options_stop[],
    options_close[], options_send[];
/* options_care.c */
extern const struct option options_request_access[], options_signal[],
    options_request_assignment[], options_not_mine[], options_withdraw[],
    options_pause[], options_change_request[], options_change_answer[],
    options_investigate[], options_notice[], options_director[],
    options_director_accept[], options_consult[], options_stuck[],
    options_ret_request[], options_ret_advice[],
    options_boeg_request[], options_lesson[], options_story[],
    options_ask[], options_tell[], options_waiting[],
    options_feedback[], options_correct[], options_link_person[],
    options_unmet_need[], options_crisis[], options_crisis_review[],
    options_contact_attempt[], options_conference[],
    options_erasure_request[], options_erasure_answer[],
    options_erasure_done[], options_audit_look[],
    options_person[], options_consent[], options_consent_answer[];
/* options_catalogue.c */
extern const struct option options_catalogue[], options_propose[],
    options_decide_offering[], options_capacity[], options_side_taken[];

#endif
