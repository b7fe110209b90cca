/*
 * resend.c - after a restore: who comes from the journal before this one is
 * shown why it goes on under another name, and brings what the backup lacks.
 */
#include <string.h>

#include "broker/edge/internal.h"

bool
resend_knows_origin(const struct broker *broker, const char *origin)
{
	const struct founding *founding = journal_founding(broker->journal);

	return origin_is_of(origin, founding->origin, founding->number -
	    journal_restores(broker->journal));
}

static enum sk_error
copy_leaf(struct broker *broker, uint64_t position, bool body,
    ProtobufCBinaryData *out)
{
	struct span bytes;
	struct leaf leaf;
	enum sk_error rc;

	rc = journal_leaf(broker->journal, position, &bytes);
	if (rc == SK_OK && body) {
		rc = leaf_decode(bytes.bytes, bytes.size, &leaf);
		bytes = leaf.body;
	}
	if (rc != SK_OK)
		return rc;
	out->len = bytes.size;
	out->data = arena_copy(&broker->frame, bytes.bytes, bytes.size);
	return out->data == NULL ? SK_NO_MEMORY : SK_OK;
}

enum sk_error
resend_welcome(struct broker *broker, Sk__Welcome *welcome)
{
	size_t n = journal_restores(broker->journal);
	ProtobufCBinaryData *list = arena_take(&broker->frame,
	    n * sizeof(*list));
	enum sk_error rc;

	if (list == NULL)
		return SK_NO_MEMORY;
	rc = copy_leaf(broker, 0, false, &welcome->founding_leaf);
	for (size_t i = 0; i < n && rc == SK_OK; i++)
		rc = copy_leaf(broker, journal_restored_at(broker->journal, i),
		    true, &list[i]);
	welcome->has_founding_leaf = rc == SK_OK;
	welcome->n_restores = n;
	welcome->restores = list;
	journal_read_end(broker->journal);
	return rc;
}

static void
say_staged(struct broker *broker, struct session *session)
{
	Sk__Frame frame = SK__FRAME__INIT;
	Sk__Staged staged = SK__STAGED__INIT;

	staged.has_number = 1;
	staged.number = engine_staged(broker->engine, session->participant);
	frame.staged = &staged;
	session_queue(broker, session, &frame);
}

enum sk_error
resend_take(struct broker *broker, struct session *session,
    const Sk__Resend *resend, size_t size)
{
	struct submit_answer answer;
	int64_t now = clock_now(&broker->clock);
	uint64_t first = resend->submit == NULL ? 0 :
	    resend->submit->first_number;
	struct fault fault = { 0 };
	enum sk_error rc;

	rc = intake_state(broker);
	if (rc != SK_OK && rc != SK_IN_RECOVERY) {
		fault_set(&fault, rc, "", NULL);
		intake_rejected(broker, session, first, &fault, now + 1000);
		return SK_OK;
	}
	rc = engine_resend(broker->engine, session->participant, now, resend,
	    &broker->frame, &answer);
	if (rc != SK_OK)
		return rc;
	if (answer.code == SK_SENDER_REVOKED) {
		session_bye(broker, session, answer.code, NULL);
		return SK_OK;
	}
	if (answer.code != SK_OK) {
		intake_rejected(broker, session, first, &answer.fault, 0);
		return SK_OK;
	}
	if (engine_in_recovery(broker->engine)) {
		say_staged(broker, session);
		resend_reported(broker, session);
		return SK_OK;
	}
	session->taken_messages += answer.count;
	session->taken_bytes += size;
	return intake_receipts(broker, session, &answer);
}

void
resend_reported(struct broker *broker, struct session *session)
{
	uint64_t waiting;

	if (session->told || !engine_in_recovery(broker->engine) ||
	    !engine_reported(broker->engine, session->participant, &waiting))
		return;
	session->told = true;
	log_event(LOG_INFO, "reported", "participant=%llu waiting=%llu",
	    (unsigned long long)session->participant,
	    (unsigned long long)waiting);
}

enum sk_error
resend_known(struct broker *broker, struct session *session,
    const Sk__Directory *known)
{
	size_t taken = 0;
	enum sk_error rc;

	rc = engine_known(broker->engine, clock_now(&broker->clock), known,
	    &taken);
	if (rc != SK_OK || taken == 0)
		return rc;
	broker->directory_changed = true;
	log_event(LOG_INFO, "statements came back", "participant=%llu n=%zu",
	    (unsigned long long)session->participant, taken);
	return SK_OK;
}

void
resend_end(struct broker *broker)
{
	for (size_t i = 0; i < broker->n_sessions; i++)
		session_bye(broker, broker->sessions[i], SK_IN_RECOVERY,
		    "the recovery has ended");
	log_event(LOG_INFO, "recovery ended", "entries=%llu",
	    (unsigned long long)journal_size(broker->journal));
}
