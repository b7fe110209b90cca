/*
 * script.h - what happens in each made-up case, drawn from a seed before
 * anything is written, and the tally of it: counted here from the script and
 * never from the journal.
 */
#ifndef FIGURES_SCRIPT_H
#define FIGURES_SCRIPT_H

#include <stdbool.h>
#include <stdint.h>

#include "broker/core/figures.h"

#define STEPS_MAX 40
#define QUARTERS 5
#define REGIONS_MAX 64
#define PROVIDERS 40u
#define RESIDENTIAL 4u	/* the last of them: foster families */
#define FIRST_YEAR 2026

struct step {
	int32_t day;		/* a date */
	uint8_t kind;		/* Sk__Kind */
	uint8_t provider;	/* its index, where one takes part */
	uint8_t code;		/* reason, route, advice */
	uint8_t child_view;
	uint8_t refused;	/* held by a gate */
};

struct script {
	uint16_t municipality;	/* index in the profile */
	uint8_t region;
	uint8_t theme;
	uint8_t domains;
	uint8_t steps, next;
	struct step step[STEPS_MAX];
};

/* Of one quarter and one region, or of all. */
struct tally {
	uint32_t count[FIGURE_COUNT];
	uint32_t days[512];	/* from order to first start, sorted later */
};
struct tallies {
	struct tally all[QUARTERS];
	struct tally region[QUARTERS][REGIONS_MAX];
};
/* Which figures the tally knows. */
bool tally_knows(enum figure figure);
/* Median of the days, the slow way. */
uint32_t tally_median(const struct tally *tally);

uint32_t draw(uint32_t below);
void draw_seed(uint64_t seed);
void script_write(struct script *script, uint16_t municipality,
    uint8_t region, int32_t first, int32_t last);
void script_tally(const struct script *script, struct tallies *tallies);

#endif
