/*
 * figures.h - the figures of a quarter as they are shown: one cell a region,
 * court and so on, and what of each may be seen.
 */
#ifndef AUDIT_FIGURES_H
#define AUDIT_FIGURES_H

#include <stdio.h>

#include "agents/audit/audit.h"
#include "broker/core/figures.h"
#include "broker/engine/engine.h"

#define CELL_NAME_MAX (STATEMENT_NAME_MAX + 32)
#define SHOWN_TEXT_MAX 16

enum by {
	BY_AREA, BY_MUNICIPALITY, BY_REGION, BY_COURT, BY_PROVIDER, BY_THEME,
	BYS
};
struct by_info {
	const char *name, *nl, *en;
};
const struct by_info *by_info(enum by by);
bool by_parse(const char *text, enum by *by);

struct cell {
	uint64_t id;			/* of what it is by; 0: not known */
	char name[CELL_NAME_MAX];
	struct figures figures;
	enum shown shown[FIGURE_COUNT];
};

struct report {
	enum by by;
	const char *quarter;
	struct figures_period period;
	uint64_t erased;		/* messages without their facts */
	struct cell all;
	struct cell **cell;		/* sorted by id, then by name */
	size_t cells, room;
};

/* ---- figures_keys.c: which cell an event belongs to */
struct keys;
struct keys *keys_make(enum by by);	/* NULL: no memory */
void keys_free(struct keys *keys);
/* Another policy may hold from here. */
void keys_forget(struct keys *keys);
/* Its number, and its name in *name when it is new to the caller. */
uint64_t keys_of(struct keys *keys, const struct figures_case *now,
    uint64_t provider, const Sk__Policy *policy);
void keys_name(const struct keys *keys, uint64_t id,
    const struct engine *engine, const Sk__Policy *policy,
    char name[CELL_NAME_MAX]);

/* ---- figures_family.c: who belongs together, by pseudonym */
struct families;
struct families *families_make(void);
void families_free(struct families *families);
/* The family of a new case, by the persons in its opening; NULL: not known. */
enum sk_error families_open(struct families *families, uint64_t case_number,
    const Sk__Facts *facts);
struct figures_family *families_of(const struct families *families,
    uint64_t case_number);

/* ---- figures_print.c, figures_html.c */
/* "<5" and "." for what is not shown. */
const char *shown_text(const struct cell *cell, enum figure figure,
    char text[SHOWN_TEXT_MAX]);
/* False: fewer than five behind it. */
bool spread_shown(const struct cell *cell, enum spread spread);
/* Both of which are shown, and the whole is not 0. */
bool share_shown(const struct cell *cell, enum figure figure,
    unsigned *percent);
/* Does anything in this group count? */
bool group_has_data(const struct report *report, unsigned group);
void figures_print_text(const struct report *report);
void figures_print_csv(const struct report *report);
void figures_print_json(const struct report *report);
enum sk_error figures_write_html(const struct report *report,
    const char *path, struct fault *fault);

#endif
