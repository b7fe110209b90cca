/*
 * looking.c - an auditor's agent reads the live journal, a frame at a time.
 */
#include <stdlib.h>
#include <string.h>

#include "agents/agent/session.h"

enum sk_error
uplink_look(struct uplink *uplink, uint64_t look, uint64_t from)
{
	struct looking *l = &uplink->looking;

	if (uplink->state != UPLINK_UP)
		return SK_NOT_CONNECTED;
	if (l->used)
		return SK_THROTTLED;
	*l = (struct looking){ .used = true, .look = look, .from = from };
	return SK_OK;
}

const struct looked *
uplink_looked(const struct uplink *uplink)
{
	return uplink->looking.done ? &uplink->looking.looked : NULL;
}

void
uplink_look_end(struct uplink *uplink)
{
	free(uplink->looking.looked.rows);
	memset(&uplink->looking, 0, sizeof(uplink->looking));
}

bool
looking_send(struct uplink *uplink)
{
	struct looking *l = &uplink->looking;
	Sk__Frame frame = SK__FRAME__INIT;
	Sk__AskLook ask = SK__ASK_LOOK__INIT;
	size_t size;

	if (!l->used || l->sent || l->done)
		return false;
	ask.has_look = ask.has_from = 1;
	ask.look = l->look;
	ask.from = l->from;
	frame.look = &ask;
	arena_reset(&uplink->agent->frame);
	l->sent = session_send(uplink, &frame, &size) == SK_OK;
	return l->sent;
}

void
looking_take(struct uplink *uplink, const Sk__LookRows *rows)
{
	struct looking *l = &uplink->looking;
	size_t size = sk__look_rows__get_packed_size(rows);

	/* What nobody waits for any more is of a caller that went away. */
	if (!l->used || l->done || rows->look != l->look ||
	    rows->from != l->from)
		return;
	l->done = true;
	l->looked.code = (enum sk_error)rows->code;
	if ((l->looked.rows = malloc(size + 1)) == NULL)
		l->looked.code = SK_NO_MEMORY;
	else
		l->looked.size = sk__look_rows__pack(rows, l->looked.rows);
}
