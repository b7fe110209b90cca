/*
 * archive.c - a year moved out of the journal while the broker goes on: a
 * bounded step at a time, so that nobody waits for it longer than for a commit.
 */
#include <stdio.h>
#include <string.h>

#include "broker/edge/internal.h"
#include "broker/journal/archive.h"

#define STEP_ENTRIES 512u	/* in one turn of the loop */
#define BUSY_MS 20		/* between two steps while there is traffic */
#define HELD_MS (10 * 60 * 1000)	/* before what failed is tried again */

static void
tell_held(struct broker *broker, const struct archive_state *state,
    const struct fault *fault)
{
	snprintf(broker->archive.waits, sizeof(broker->archive.waits),
	    "%s: %s %s", error_text(fault->code), fault->field, fault->hint);
	broker->archive.held++;
	log_event(LOG_WARN, "archiving waits", "year=%d error=%s %s=%s",
	    state->info.year, error_name(fault->code), fault->field,
	    fault->hint);
}

static void
tell_step(const struct archive_state *was, const struct archive_state *is)
{
	if (was->phase == ARCHIVE_CHECKING && is->phase == ARCHIVE_REMOVING)
		log_event(LOG_INFO, "year archived, and verified",
		    "year=%d from=%llu to=%llu", was->info.year,
		    (unsigned long long)was->info.from,
		    (unsigned long long)was->info.to);
	if (was->phase == ARCHIVE_REMOVING && is->phase == ARCHIVE_NONE)
		log_event(LOG_INFO, "archived year removed from the journal",
		    "year=%d", was->info.year);
}

enum sk_error
archive_turn(struct broker *broker, int64_t ticks, bool busy)
{
	struct archive_state was, is;
	struct fault fault = { 0 };
	enum sk_error rc;

	archive_state(broker->journal, &was);
	if (was.phase == ARCHIVE_NONE || ticks < broker->archive.due ||
	    broker->draining || journal_in_batch(broker->journal))
		return SK_OK;
	rc = archive_step(broker->journal, STEP_ENTRIES,
	    (uint64_t)broker->config->low_water_mib << 20, &fault);
	if (rc != SK_OK)
		return rc;
	archive_state(broker->journal, &is);
	broker->archive.due = ticks + (fault.code != SK_OK ? HELD_MS :
	    busy ? BUSY_MS : 0);
	if (fault.code != SK_OK) {
		tell_held(broker, &was, &fault);
		return SK_OK;
	}
	broker->archive.waits[0] = '\0';
	tell_step(&was, &is);
	return SK_OK;
}

int64_t
archive_due(const struct broker *broker)
{
	struct archive_state state;

	archive_state(broker->journal, &state);
	return state.phase == ARCHIVE_NONE || broker->draining ? INT64_MAX :
	    broker->archive.due;
}

/* ---- status */

static Sk__ArchivePhase
phase_told(enum archive_phase phase)
{
	switch (phase) {
	case ARCHIVE_COPYING:
		return SK__ARCHIVE_PHASE__ARCHIVE_COPY;
	case ARCHIVE_CHECKING:
		return SK__ARCHIVE_PHASE__ARCHIVE_CHECK;
	case ARCHIVE_REMOVING:
		return SK__ARCHIVE_PHASE__ARCHIVE_REMOVE;
	case ARCHIVE_NONE:
		break;
	}
	return SK__ARCHIVE_PHASE__ARCHIVE_IDLE;
}

static enum sk_error
status_move(const struct broker *broker, struct arena *arena,
    Sk__BrokerStatus *status)
{
	struct archive_state state;
	Sk__ArchiveStatus *row;

	archive_state(broker->journal, &state);
	if (state.phase == ARCHIVE_NONE)
		return SK_OK;
	if ((row = arena_new(arena, Sk__ArchiveStatus,
	    sk__archive_status__init)) == NULL)
		return SK_NO_MEMORY;
	row->has_year = row->has_phase = row->has_position = row->has_from =
	    row->has_to = 1;
	row->year = (uint32_t)state.info.year;
	row->phase = phase_told(state.phase);
	row->position = state.at;
	row->from = state.info.from;
	row->to = state.info.to;
	if (broker->archive.waits[0] != '\0')
		row->waits = (char *)(uintptr_t)broker->archive.waits;
	status->archive = row;
	return SK_OK;
}

enum sk_error
archive_status(const struct broker *broker, struct arena *arena,
    Sk__BrokerStatus *status)
{
	const struct segment_info *info;

	for (size_t i = 0; (info = journal_segment(broker->journal, i)) != NULL;
	    i++) {
		Sk__SegmentStatus *row = arena_new(arena, Sk__SegmentStatus,
		    sk__segment_status__init);

		if (row == NULL)
			return SK_NO_MEMORY;
		row->has_year = row->has_from = row->has_to =
		    row->has_root = 1;
		row->year = (uint32_t)info->year;
		row->from = info->from;
		row->to = info->to;
		row->root.len = DIGEST_SIZE;
		row->root.data = (uint8_t *)(uintptr_t)info->root;
		if (arena_append(arena, &status->n_segments,
		    (void ***)&status->segments, row) != 0)
			return SK_NO_MEMORY;
	}
	return status_move(broker, arena, status);
}
