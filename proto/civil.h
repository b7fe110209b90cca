/*
 * civil.h - civil dates and instants of Europe/Amsterdam, without tzdata.
 *
 * Dates are days since 1970-01-01, instants milliseconds UTC. Summer time by
 * the EU rule (Directive 2000/84/EC): from the last Sunday of March 01:00 UTC
 * to the last Sunday of October 01:00 UTC. All pure.
 */
#ifndef PROTO_CIVIL_H
#define PROTO_CIVIL_H

#include <stdbool.h>
#include <stdint.h>

#define DAY_MS 86400000LL
#define CIVIL_DATE_MIN (-25567)	/* 1900-01-01 */
#define CIVIL_DATE_MAX 84005	/* 2199-12-31 */

struct civil_day { int year; int month; int day; };

int32_t civil_date(int year, int month, int day);	/* no check */
/* So many calendar months later (n >= 0): the same day, or the last of a month
 * that has none such. */
int32_t civil_add_months(int32_t date, int n);
bool civil_date_valid(int year, int month, int day);
struct civil_day civil_split(int32_t date);
int civil_weekday(int32_t date);	/* 0 Monday .. 6 Sunday */
int32_t civil_easter(int year);

/* The civil date at an instant; the instant at which a civil date begins. */
int32_t civil_date_at(int64_t instant);
int64_t civil_day_start(int32_t date);
/* Day n after date ends here (24:00 local): civil_day_start(date + n + 1). */
int64_t civil_day_end(int32_t date);

/* Public holidays of the Netherlands. */
struct civil_holidays {
	bool good_friday;	/* a policy choice */
	bool liberation_day_yearly;	/* 5 May every year; else 1990, 1995, 2000.. */
};
bool civil_is_holiday(int32_t date, const struct civil_holidays *choice);
bool civil_is_workday(int32_t date, const struct civil_holidays *choice);
/* The n-th working day after date (n >= 1), which itself does not count;
 * negative n counts back; 0 is date itself. */
int32_t civil_add_workdays(int32_t date, int n,
    const struct civil_holidays *choice);

/* "2026-03-31" and back; "2026-03-31T23:59:59.999Z". */
#define CIVIL_DATE_TEXT_MAX 16
#define CIVIL_INSTANT_TEXT_MAX 32
void civil_date_text(int32_t date, char text[CIVIL_DATE_TEXT_MAX]);
bool civil_date_parse(const char *text, int32_t *date);
void civil_instant_text(int64_t instant, char text[CIVIL_INSTANT_TEXT_MAX]);
bool civil_instant_parse(const char *text, int64_t *instant);
/* Local time for people: "31-03-2026 23:59". */
void civil_local_text(int64_t instant, char text[CIVIL_INSTANT_TEXT_MAX]);

#endif
