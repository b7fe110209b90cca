/*
 * Summer time before 1981 is left out (the Netherlands had it from 1977 on
 * other days): no date that the rules count with lies there but dates of
 * birth, which have no hours.
 */
#include "proto/civil.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define HOUR_MS 3600000LL
#define MARCH 3
#define SEPTEMBER 9
#define OCTOBER 10
#define SUNDAY 6
#define SUMMER_TIME_FROM 1981
#define OCTOBER_END_FROM 1996	/* it ended in September until 1995 */
#define KINGS_DAY_FROM 2014
#define YEAR_MIN 1900
#define YEAR_MAX 2199

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Days and dates by eras of 400 years that begin on 1 March, so that the leap
 * day is the last of its year. */
int32_t
civil_date(int year, int month, int day)
{
	int64_t y = (int64_t)year - (month <= 2);
	int64_t era = floor_div(y, 400);
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 +
	    day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 -
	    year_of_era / 100 + day_of_year;

	return (int32_t)(era * 146097 + day_of_era - 719468);
}

struct civil_day
civil_split(int32_t date)
{
	int64_t z = (int64_t)date + 719468;
	int64_t era = floor_div(z, 146097);
	int64_t day_of_era = z - era * 146097;
	int64_t year_of_era = (day_of_era - day_of_era / 1460 +
	    day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year = day_of_era -
	    (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t m = (5 * day_of_year + 2) / 153;
	struct civil_day split;

	split.day = (int)(day_of_year - (153 * m + 2) / 5 + 1);
	split.month = (int)(m < 10 ? m + 3 : m - 9);
	split.year = (int)(year_of_era + era * 400 + (split.month <= 2));
	return split;
}

bool
civil_date_valid(int year, int month, int day)
{
	struct civil_day split;

	if (year < YEAR_MIN || year > YEAR_MAX || month < 1 || month > 12 ||
	    day < 1 || day > 31)
		return false;
	split = civil_split(civil_date(year, month, day));
	return split.month == month && split.day == day;
}

int32_t
civil_add_months(int32_t date, int n)
{
	struct civil_day split = civil_split(date);
	int months = split.year * 12 + split.month - 1 + n;
	int year = months / 12, month = months % 12 + 1, day = split.day;

	while (!civil_date_valid(year, month, day) && day > 28)
		day--;
	return civil_date(year, month, day);
}

int
civil_weekday(int32_t date)
{
	/* 1970-01-01 was a Thursday. */
	return (int)((date % 7 + 7 + 3) % 7);
}

/* The Gregorian computus (Meeus, Jones, Butcher). */
int32_t
civil_easter(int year)
{
	int a = year % 19, b = year / 100, c = year % 100;
	int d = b / 4, e = b % 4;
	int g = (b - (b + 8) / 25 + 1) / 3;
	int h = (19 * a + b - d - g + 15) % 30;
	int l = (32 + 2 * e + 2 * (c / 4) - h - c % 4) % 7;
	int m = (a + 11 * h + 22 * l) / 451;
	int n = h + l - 7 * m + 114;

	return civil_date(year, n / 31, n % 31 + 1);
}

static int32_t
last_sunday(int year, int month)	/* of a month with 30 or 31 days */
{
	int32_t last = civil_date(year, month, month == SEPTEMBER ? 30 : 31);

	return last - (civil_weekday(last) + 1) % 7;
}

static int64_t
offset_at(int64_t instant)
{
	int year = civil_split((int32_t)floor_div(instant, DAY_MS)).year;
	int64_t from, to;

	if (year < SUMMER_TIME_FROM)
		return HOUR_MS;
	from = last_sunday(year, MARCH) * DAY_MS + HOUR_MS;
	to = last_sunday(year, year < OCTOBER_END_FROM ? SEPTEMBER : OCTOBER) *
	    DAY_MS + HOUR_MS;
	return instant >= from && instant < to ? 2 * HOUR_MS : HOUR_MS;
}

/* What a clock can say and a date can hold; a wild instant from outside must
 * not overflow before somebody refuses it. */
static int64_t
clamp(int64_t instant)
{
	const int64_t limit = (INT32_MAX - 1) * DAY_MS;

	return instant > limit ? limit : instant < -limit ? -limit : instant;
}

static int64_t
local_at(int64_t instant)
{
	instant = clamp(instant);
	return instant + offset_at(instant);
}

int32_t
civil_date_at(int64_t instant)
{
	return (int32_t)floor_div(local_at(instant), DAY_MS);
}

int64_t
civil_day_start(int32_t date)
{
	int64_t midnight = date * DAY_MS;

	/* The clock is never changed near midnight, so an hour more or less
	 * does not matter to which time is in force. */
	return midnight - offset_at(clamp(midnight - HOUR_MS));
}

int64_t
civil_day_end(int32_t date)
{
	return civil_day_start(date == INT32_MAX ? date : date + 1);
}

/* King's day, and Queen's day before; a day earlier on a Sunday. */
static int32_t
royal_day(int year)
{
	int32_t date = year < KINGS_DAY_FROM ? civil_date(year, 4, 30) :
	    civil_date(year, 4, 27);

	return civil_weekday(date) == SUNDAY ? date - 1 : date;
}

bool
civil_is_holiday(int32_t date, const struct civil_holidays *choice)
{
	struct civil_day d = civil_split(date);
	int32_t after_easter = date - civil_easter(d.year);

	switch (after_easter) {
	case 0:		/* Easter */
	case 1:
	case 39:	/* Ascension */
	case 49:	/* Whitsun */
	case 50:
		return true;
	case -2:	/* Good Friday */
		if (choice->good_friday)
			return true;
		break;
	default:
		break;
	}
	if (d.month == 5 && d.day == 5)
		return choice->liberation_day_yearly || d.year % 5 == 0;
	return date == royal_day(d.year) || (d.month == 1 && d.day == 1) ||
	    (d.month == 12 && (d.day == 25 || d.day == 26));
}

bool
civil_is_workday(int32_t date, const struct civil_holidays *choice)
{
	return civil_weekday(date) < 5 && !civil_is_holiday(date, choice);
}

int32_t
civil_add_workdays(int32_t date, int n, const struct civil_holidays *choice)
{
	while (n > 0 && date < CIVIL_DATE_MAX)
		n -= civil_is_workday(++date, choice);
	while (n < 0 && date > CIVIL_DATE_MIN)
		n += civil_is_workday(--date, choice);
	return date;
}

void
civil_date_text(int32_t date, char text[CIVIL_DATE_TEXT_MAX])
{
	struct civil_day d = civil_split(date);

	snprintf(text, CIVIL_DATE_TEXT_MAX, "%04d-%02d-%02d", d.year, d.month,
	    d.day);
}

/* Exactly this many digits. */
static bool
parse_digits(const char **at, int digits, int *value)
{
	*value = 0;
	for (; digits > 0; digits--, (*at)++) {
		if (**at < '0' || **at > '9')
			return false;
		*value = *value * 10 + (**at - '0');
	}
	return true;
}

static bool
parse_char(const char **at, char expected)
{
	if (**at != expected)
		return false;
	(*at)++;
	return true;
}

static bool
parse_day(const char **at, int32_t *date)
{
	int year, month, day;

	if (!parse_digits(at, 4, &year) || !parse_char(at, '-') ||
	    !parse_digits(at, 2, &month) || !parse_char(at, '-') ||
	    !parse_digits(at, 2, &day) || !civil_date_valid(year, month, day))
		return false;
	*date = civil_date(year, month, day);
	return true;
}

bool
civil_date_parse(const char *text, int32_t *date)
{
	int32_t parsed;

	if (!parse_day(&text, &parsed) || *text != '\0')
		return false;
	*date = parsed;
	return true;
}

void
civil_instant_text(int64_t instant, char text[CIVIL_INSTANT_TEXT_MAX])
{
	char date[CIVIL_DATE_TEXT_MAX];
	int64_t day;
	unsigned ms;

	instant = clamp(instant);
	day = floor_div(instant, DAY_MS);
	ms = (unsigned)(instant - day * DAY_MS);
	civil_date_text((int32_t)day, date);
	snprintf(text, CIVIL_INSTANT_TEXT_MAX, "%sT%02u:%02u:%02u.%03uZ", date,
	    ms / 3600000 % 24, ms / 60000 % 60, ms / 1000 % 60, ms % 1000);
}

bool
civil_instant_parse(const char *text, int64_t *instant)
{
	int hour, minute, second, ms = 0;
	int32_t date;

	if (!parse_day(&text, &date) || !parse_char(&text, 'T') ||
	    !parse_digits(&text, 2, &hour) || !parse_char(&text, ':') ||
	    !parse_digits(&text, 2, &minute) || !parse_char(&text, ':') ||
	    !parse_digits(&text, 2, &second))
		return false;
	if (*text == '.' && (text++, !parse_digits(&text, 3, &ms)))
		return false;
	if (strcmp(text, "Z") != 0 || hour > 23 || minute > 59 || second > 59)
		return false;
	*instant = date * DAY_MS + hour * HOUR_MS + minute * 60000LL +
	    second * 1000LL + ms;
	return true;
}

void
civil_local_text(int64_t instant, char text[CIVIL_INSTANT_TEXT_MAX])
{
	int64_t local = local_at(instant);
	int64_t day = floor_div(local, DAY_MS);
	int64_t minutes = (local - day * DAY_MS) / 60000;
	struct civil_day d = civil_split((int32_t)day);

	snprintf(text, CIVIL_INSTANT_TEXT_MAX, "%02d-%02d-%04d %02d:%02d",
	    d.day, d.month, d.year, (int)(minutes / 60), (int)(minutes % 60));
}
