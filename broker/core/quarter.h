/*
 * quarter.h - the shape of a quarter's figures that stay when what they count
 * is erased: what an entry of it may hold.
 *
 * The counts are the auditor's, who counted them from the journal; whoever
 * takes them in sees only that nothing in them could be someone.
 */
#ifndef CORE_QUARTER_H
#define CORE_QUARTER_H

#include "broker/core/figures.h"

#define QUARTER_ROWS_MAX 16u	/* of one part: it fits one command */
#define QUARTER_PARTS_MAX 384u
#define QUARTER_NAME_MAX 200u	/* bytes */
/* counts, medians and p90s: the number itself, and 2 more */
enum { QUARTER_FEW = 0, QUARTER_NOT = 1, QUARTER_FROM = 2 };

/* By its name; FIGURE_COUNT, SPREAD_COUNT: this build has none such. */
enum figure figure_named(const char *name);
enum spread spread_named(const char *name);

/*
 * May these figures stand in the journal on this day? SK_QUARTER_RUNS,
 * SK_FIELD_MISSING, SK_FIELD_INVALID with the field's path under
 * command.close_quarter.
 */
enum sk_error quarter_check(const Sk__QuarterFigures *figures, int32_t today,
    struct fault *fault);

#endif
