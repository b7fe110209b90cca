/*
 * figures.h - the figures of a quarter as they are shown: one cell a region,
 * court and so on, and what of each may be seen.
 */
#ifndef AUDIT_FIGURES_H
#define AUDIT_FIGURES_H

#include <stdio.h>

#include "agents/audit/audit.h"
#include "broker/core/quarter.h"
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

/* What the journal's own entries say of this quarter, by the same key. */
struct closed {
	uint8_t *part[QUARTER_PARTS_MAX];	/* packed QuarterFigures */
	size_t size[QUARTER_PARTS_MAX];
	uint32_t parts, have;
	uint64_t erased;
	uint64_t position;		/* of the first */
};
enum source {
	COUNTED,		/* from the journal; not closed, or in part */
	COUNTED_SAME,		/* and its entries say the same */
	COUNTED_OTHERWISE,	/* and its entries say something else */
	CLOSED			/* what they count is erased: the entries */
};

/* All cells of one key, each event in exactly one of them. */
struct table {
	struct cell **cell;		/* sorted by id, then by name */
	size_t cells, room;
};
/* Which municipalities were counted under which region, court and area: what
 * adds up to what when reports are laid beside each other. */
struct link {
	uint64_t municipality, of[BYS];	/* of[BY_MUNICIPALITY]: itself */
};
struct report {
	enum by by;
	const char *quarter;
	struct figures_period period;
	uint64_t erased;		/* messages without their facts */
	uint64_t erased_before;		/* and those of before the quarter */
	bool over;			/* an entry of after the quarter */
	uint64_t counted;		/* entries, for what was put right */
	struct closed closed;
	enum source source;
	struct cell all;
	struct table table[BYS];	/* all six: what one hides the others do */
	struct link *link;
	size_t links, link_room;
	struct cell **cell;		/* those of by: report_choose */
	size_t cells;
};
void report_choose(struct report *report, enum by by);

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

/* ---- figures_family.c: who belongs together, as the broker found it */
struct families;
struct families *families_make(void);
void families_free(struct families *families);
/* Families that turned out to be one. */
enum sk_error families_join(struct families *families,
    const Sk__Effects *effects);
/* By the number that a case names; *family NULL for 0: not known. */
enum sk_error families_of(struct families *families, uint64_t number,
    struct figures_family **family);

/* ---- figures_right.c: what was put right before the quarter was closed */
struct rights;
/* *rights is freed by the caller, also after an error. */
enum sk_error rights_find(struct journal *journal, const char *quarter,
    struct rights **rights, struct fault *fault);
void rights_free(struct rights *rights);
/* How many entries of the journal count for what was put right. */
uint64_t rights_until(const struct rights *rights);
/* NULL: it stands as it was said. */
const struct figures_right *rights_of(const struct rights *rights,
    uint64_t sender, const struct envelope_id *id);
bool rights_voided(const struct rights *rights, uint64_t case_number);

/* ---- figures_hide.c */
/*
 * Hide what is few in all six tables, and as much beside it that nothing few
 * follows from any of them, alone or together, by adding and subtracting.
 * Tables are sorted by id.
 */
enum sk_error figures_hide_all(struct report *report);

/* ---- figures_close.c: a quarter's figures as entries */
/* The parts, of this key or of all six, in a file for schakel-admin close-quarter. */
enum sk_error figures_close(struct report *report, bool every_key,
    const char *path, struct fault *fault);
/* One entry that the walk came by. */
enum sk_error figures_closed_keep(struct report *report,
    const struct observation *seen);
/* Which of the two is shown; takes over what the entries say when facts were
 * erased since. Once the cells are sorted and hidden. */
enum sk_error figures_closed_settle(struct report *report);
void figures_closed_clear(struct report *report);

/* ---- figures_print.c, figures_html.c */
/* "" when the quarter is not closed. */
const char *source_nl(const struct report *report);
const char *source_en(const struct report *report);
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
