/*
 * play.h - made-up cases across the country, played day by day into a journal.
 */
#ifndef FIGURES_PLAY_H
#define FIGURES_PLAY_H

#include "tests/figures/script.h"

/* A journal under dir/journal (its state under dir/state) with that many
 * cases, so many SUBMITs to a commit (0: a day). tallies: NULL, or zeroed. Once
 * a process; draw_seed comes first. */
void play(const char *dir, uint32_t cases, unsigned submits,
    struct tallies *tallies);
/* Write down what happens in each case, a JSON object a line, for who counts it
 * in another way; before play. */
void play_plant(const char *path);
/* The youth regions of the profile that was played. */
size_t play_regions(void);
const char *play_region(size_t index);
/* Monotone, in seconds. */
double play_clock(void);

#endif
