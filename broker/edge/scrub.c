/*
 * scrub.c - the journal read again while the broker runs, so that a disk which
 * forgets is found out before the entry is needed. It names and never mends:
 * what is wrong is restored from a backup by operators.
 */
#include <string.h>

#include "broker/edge/internal.h"
#include "broker/journal/scrub.h"

#define SLICE_MS 1000
#define SLICE_MAX 256	/* entries in one turn of the loop */
#define PASS_MS (24 * 60 * 60 * 1000)
#define TOLD_MAX 100	/* lines in the log, of one start */

static void
found_wrong(struct scrubbing *s, const struct fault *fault)
{
	if (s->wrong++ == 0) {
		s->first_wrong = s->position;
		memcpy(s->what, fault->hint, sizeof(s->what) - 1);
	}
	if (s->wrong <= TOLD_MAX)
		log_event(LOG_ERROR, "an entry does not hold",
		    "position=%llu what=%s", (unsigned long long)s->position,
		    fault->hint);
}

void
scrub_turn(struct broker *broker, int64_t ticks)
{
	struct scrubbing *s = &broker->scrub;
	uint64_t rate = broker->config->scrub_per_second;
	uint64_t end = journal_committed(broker->journal);
	struct fault fault;

	if (rate == 0 || ticks < s->due)
		return;
	for (uint64_t i = 0; i < rate && i < SLICE_MAX && s->position < end;
	    i++, s->position++) {
		memset(&fault, 0, sizeof(fault));
		if (scrub_entry(broker->journal, s->position, &fault) != SK_OK)
			found_wrong(s, &fault);
	}
	journal_read_end(broker->journal);
	s->due = ticks + (rate <= SLICE_MAX ? SLICE_MS :
	    (int64_t)(SLICE_MS * SLICE_MAX / rate));
	if (s->position < end)
		return;
	s->passes++;
	s->position = 0;
	s->due = ticks + PASS_MS;
	log_event(s->wrong == 0 ? LOG_INFO : LOG_ERROR, "journal read again",
	    "entries=%llu wrong=%llu", (unsigned long long)end,
	    (unsigned long long)s->wrong);
}

int64_t
scrub_due(const struct broker *broker)
{
	return broker->config->scrub_per_second == 0 ? INT64_MAX :
	    broker->scrub.due;
}
