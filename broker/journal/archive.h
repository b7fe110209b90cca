/*
 * archive.h - a closed year is moved out of the journal into an environment of
 * its own, segments/YEAR beside it, a bounded step at a time while the broker
 * goes on.
 *
 * 1. copying: rows as they lie into segments/YEAR.new, which nobody reads.
 * 2. checking: all of it is read back. Each leaf is hashed anew, the root over
 *    it and what lies before and behind must be the one under a signed
 *    checkpoint, and what lies beside each entry must be what the journal has.
 * 3. The copy is synced, takes its name, and the journal's list of segments
 *    says so in one commit: from here on it is read and the rows that it took
 *    over are not.
 * 4. removing: these are deleted; the journal's pages are free for new entries.
 *
 * Up to 3 the journal has every entry, from 3 on the segment has; a crash
 * begins again at 1, or goes on at 4. An erasure meanwhile reaches wherever a
 * row lies (FORMATS section 9 has its order: keys first, then the rows here).
 * The rows that were deleted lie in free pages under keys that are gone.
 *
 * How many erasures reached into it stands in the segment and in the
 * journal's list: a segment that says less is an older copy. A writer carries
 * all of erasures.log out in it again; a reader is told.
 */
#ifndef JOURNAL_ARCHIVE_H
#define JOURNAL_ARCHIVE_H

#include "broker/journal/journal.h"

enum archive_phase {
	ARCHIVE_NONE,		/* nothing is under way */
	ARCHIVE_COPYING,
	ARCHIVE_CHECKING,
	ARCHIVE_REMOVING,
};

/* Where a move stands: at goes from info.from to info.to, when checking from
 * 0 to the entries under the checkpoint. */
struct archive_state {
	enum archive_phase phase;
	struct segment_info info;
	uint64_t at;
};

/*
 * May this year go, by a clock that says now? SK_YEAR_RUNS: it is not over;
 * SK_YEAR_NOT_NEXT: another year comes first, or it has gone, or a move is
 * under way, or there are JOURNAL_SEGMENTS_MAX. info: year, from and to.
 */
enum sk_error archive_check(struct journal *journal, int year, int64_t now,
    struct segment_info *info, struct fault *fault);
/* In the open batch, which this opens: from its commit on the move is under
 * way, whatever crashes. */
enum sk_error archive_begin(struct journal *journal,
    const struct segment_info *info);
/*
 * Look at or move at most so many entries. No batch may be open. What fails of
 * the copy stands in *fault, and the copy is begun again at the next step: a
 * disk with less than low_bytes free, an entry that does not hold. An error
 * returned is the journal's own: reopen it.
 */
enum sk_error archive_step(struct journal *journal, uint64_t entries_max,
    uint64_t low_bytes, struct fault *fault);
void archive_state(const struct journal *journal, struct archive_state *state);

/* Tests: called before each thing that a crash could come before, by its
 * name: "make", "copied", "checked", "named", "listed", "removed". */
extern void (*journal_archiving)(const char *step);

#endif
