/*
 * edge.h - what only the daemon has: sessions, intake, dispatch, control.
 */
#ifndef EDGE_EDGE_H
#define EDGE_EDGE_H

#include "broker/engine/engine.h"
#include "broker/lib/clock.h"
#include "broker/lib/config.pb-c.h"

#define SESSION_WINDOW 256		/* deliveries under way a session */
#define SUBMIT_CREDIT_MESSAGES 1024u	/* what a sender may have under way */
#define SUBMIT_CREDIT_BYTES (8u << 20)
/* What waits for a slow peer: an answer to each message that it may have under
 * way, come in one turn, and some frames more. */
#define SESSION_OUT_MAX (SUBMIT_CREDIT_MESSAGES + 64u)
#define SESSION_OUT_BYTES (4u << 20)
#define DIRECTORY_FRAME_STATEMENTS 100
#define REJECTED_SAID_MAX 20		/* lines in the log a session .. */
#define REJECTED_SAID_MS 60000		/* .. and minute; the rest as a number */
#define CONTEST_TAKEOVERS 3		/* evictions by another boot id .. */
#define CONTEST_MS 600000		/* .. within this time hold both */
#define CHECKPOINT_MS 1000		/* between two shown to one agent */
#define LOOK_ENTRIES_MAX 10000
#define LOOK_BYTES_MAX (8u << 20)
#define BROKER_VERSION "0.1.0"

struct broker;

struct broker_options {
	const Sk__BrokerConfig *config;	/* with defaults filled in */
	bool test_clock;
};

/* Open everything and journal the start. Nothing is bound when it fails; the
 * fault says what and where. */
enum sk_error broker_open(const struct broker_options *options,
    struct broker **broker, struct fault *fault);
/* Run until a signal or a drain. SK_OK after an orderly stop. */
enum sk_error broker_run(struct broker *broker);
void broker_close(struct broker *broker);
/* Make the state of the journal in this directory again and say on stdout how
 * it differs from the one that is there, which then stays beside it as
 * state.before. SK_STORE_MISMATCH when it differs. */
enum sk_error broker_rebuild(const char *journal);
/* The bound endpoint. */
const char *broker_endpoint(const struct broker *broker);

#endif
