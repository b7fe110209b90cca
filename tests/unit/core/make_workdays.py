#!/usr/bin/python3
"""Writes workdays_table.h: the free days of the Netherlands, 2015 to 2035.

By another way than proto/civil.c, which computes Easter: here it is looked up,
as the Sunday after the paschal full moon in the table by golden numbers that
holds from 1900 to 2199. The days are those of the Algemene termijnenwet,
article 3: New Year, Easter Monday, the King's birthday, 5 May, Ascension, Whit
Monday and both days of Christmas; Good Friday is equal to them there, and a
choice for a region, as 5 May outside a lustrum is.
"""
import datetime
import sys

FIRST, LAST = 2015, 2035
# golden number 1 to 19: (month, day) of the paschal full moon
FULL_MOON = [(4, 14), (4, 3), (3, 23), (4, 11), (3, 31), (4, 18), (4, 8),
             (3, 28), (4, 16), (4, 5), (3, 25), (4, 13), (4, 2), (3, 22),
             (4, 10), (3, 30), (4, 17), (4, 7), (3, 27)]
ALWAYS, GOOD_FRIDAY, FIFTH_OF_MAY = "FREE", "GOOD_FRIDAY", "FIFTH_OF_MAY"


def easter(year):
    month, day = FULL_MOON[year % 19]
    moon = datetime.date(year, month, day)
    return moon + datetime.timedelta(days=(6 - moon.weekday()) % 7 or 7)


def free_days(year):
    sunday = easter(year)
    kings_day = datetime.date(year, 4, 27)
    if kings_day.weekday() == 6:
        kings_day = datetime.date(year, 4, 26)
    days = [(datetime.date(year, 1, 1), ALWAYS),
            (sunday - datetime.timedelta(days=2), GOOD_FRIDAY),
            (sunday, ALWAYS),
            (sunday + datetime.timedelta(days=1), ALWAYS),
            (kings_day, ALWAYS),
            (datetime.date(year, 5, 5),
             ALWAYS if year % 5 == 0 else FIFTH_OF_MAY),
            (sunday + datetime.timedelta(days=39), ALWAYS),
            (sunday + datetime.timedelta(days=49), ALWAYS),
            (sunday + datetime.timedelta(days=50), ALWAYS),
            (datetime.date(year, 12, 25), ALWAYS),
            (datetime.date(year, 12, 26), ALWAYS)]
    return sorted(days)


def main():
    out = sys.stdout
    out.write("/* Written by make_workdays.py, not by hand. */\n")
    out.write("#define WORKDAYS_FIRST %d\n#define WORKDAYS_LAST %d\n"
              % (FIRST, LAST))
    out.write("enum free_day { FREE, GOOD_FRIDAY, FIFTH_OF_MAY };\n")
    out.write("static const struct { const char *date; enum free_day why; }\n"
              "    free_days[] = {\n")
    for year in range(FIRST, LAST + 1):
        for day, why in free_days(year):
            out.write('\t{ "%s", %s },\n' % (day.isoformat(), why))
    out.write("};\n")


main()
