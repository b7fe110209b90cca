/*
 * show.h - one message for the eyes of one person.
 */
#ifndef AGENT_SHOW_H
#define AGENT_SHOW_H

#include "agents/agent/agent.h"
#include "proto/session.pb-c.h"

struct shown {
	bool own;
	struct inbox_row in;		/* when not own */
	struct own_row out;		/* when own */
	struct header header;
	Sk__Facts *facts;		/* in scratch */
	Sk__Content *content;		/* NULL: nothing sealed */
	Sk__Notice *notice;		/* the broker's word beside it; NULL: none */
	/* of a RESEAL: the message that it names, and content is that one's */
	struct header original;		/* info NULL: none */
	Sk__Facts *original_facts;
	/* Of a notice only `in` is filled. */
};

/*
 * Verify, open the seal, check the content against what the facts declare.
 * On success a message of another leaves an OPENED of this person in the
 * outbox, the first time. On CONTENT_MISMATCH the sender is told; nothing is
 * shown. Resets and takes agent->scratch. Wipe with show_clear.
 */
enum sk_error show_message(struct agent *agent, const struct envelope_ref *ref,
    uint64_t person, uint64_t on_behalf_of, struct shown *shown,
    struct fault *fault);
/* Open the own copy: NULL in *content when nothing is sealed. Takes scratch. */
enum sk_error show_open_seal(struct agent *agent, const struct header *header,
    const Sk__Envelope *envelope, Sk__Content **content, struct fault *fault);
/*
 * What a RESEAL brings: header and facts of the message that it names, proved
 * by receive_verify before, and of its content the whole, opened by its key, or
 * the sections that the resealer vouches for. SK_ERASED, SK_SEAL_BROKEN,
 * SK_CONTENT_MISMATCH. Takes scratch.
 */
enum sk_error show_open_reseal(struct agent *agent,
    const Sk__Deliver *deliver, const Sk__Content *sealed,
    struct header *original, Sk__Facts **facts, Sk__Content **content,
    struct fault *fault);
void show_clear(struct agent *agent);

#endif
