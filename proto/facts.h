/*
 * facts.h - inside proto: what the checks of facts share. path is that of the
 * field, e.g. "facts.signal.persons".
 */
#ifndef PROTO_FACTS_H
#define PROTO_FACTS_H

#include "proto/message.h"

enum sk_error facts_need_date(int has, int32_t date, const char *path,
    struct fault *fault);
enum sk_error facts_need_offering(const char *code, const char *path,
    struct fault *fault);
enum sk_error facts_need_municipality(const char *code, const char *path,
    struct fault *fault);
/* 1 to 8 persons, each once, exactly one of them the child. */
enum sk_error facts_check_persons(Sk__Person *const *persons, size_t n,
    const char *path, struct fault *fault);
/* Numbers 1 to 32, each once, set by the court. */
enum sk_error facts_check_court_goals(Sk__Goal *const *goals, size_t n,
    const char *path, struct fault *fault);
/* The kinds of the care beside the main line, and overrides (facts_care.c). */
enum sk_error facts_check_care(const struct kind_info *info,
    const Sk__Facts *facts, struct fault *fault);
/* The kinds of the catalogue, and what a referral says of it
 * (facts_catalogue.c). */
enum sk_error facts_check_catalogue(const struct kind_info *info,
    const Sk__Facts *facts, struct fault *fault);
/* Authority, household and consent, and who may see what (facts_family.c). */
enum sk_error facts_check_family(const struct kind_info *info,
    const Sk__Facts *facts, struct fault *fault);
/* path is that of the person. */
enum sk_error facts_check_person(const Sk__Person *person, const char *path,
    struct fault *fault);
enum sk_error facts_check_marking(const Sk__SectionLength *section,
    size_t index, struct fault *fault);

#endif
