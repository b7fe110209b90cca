/*
 * message.h - the catalogue of kinds, and header and facts with all checks.
 */
#ifndef PROTO_MESSAGE_H
#define PROTO_MESSAGE_H

#include <stdbool.h>

#include "proto/digest.h"
#include "proto/envelope.pb-c.h"
#include "proto/ids.h"
#include "proto/session.pb-c.h"
#include "proto/wire.h"

#define MESSAGE_VERSION 1u
#define LOOK_COUNT_MAX 10000u	/* that one look opens */

/* What the broker answers to a CATALOGUE_QUERY, packed: 64 of them and their
 * receipts fit a frame. */
#define CATALOGUE_ANSWER_BYTES_MAX 3072u

enum sealed_rule { SEALED_NEVER, SEALED_MAY, SEALED_MUST };

/* What both ends agree on about a kind; who may say it to whom when is the
 * core's. */
struct kind_info {
	Sk__Kind kind;
	const char *name;	/* "COURT_ORDER" */
	const char *dutch;	/* "beschikking" */
	bool opens_case;
	bool replies;		/* reply_to is mandatory */
	bool dated;		/* event_date is mandatory */
	enum sealed_rule sealed;
	uint32_t sections_must;	/* bit (1 << section) */
	uint32_t sections_may;
};
/* The kinds of the catalogue are about no case: they open none. */
bool kind_has_no_case(const struct kind_info *info);
/* Its case_ref is its own id: an opening, or what is about no case. */
bool kind_names_itself(const struct kind_info *info);
const struct kind_info *kind_info(Sk__Kind kind);	/* NULL: unknown */
/* A record of the sender's own work: told to nobody, journalled for proof. */
bool kind_is_own_record(Sk__Kind kind);
const struct kind_info *kind_by_name(const char *name);	/* any case; NULL */
size_t kind_count(void);
const struct kind_info *kind_at(size_t index);

/* What a warning says; never NULL. */
const char *warning_english(Sk__Warning warning);
const char *warning_dutch(Sk__Warning warning);

/* Is an earlier message of this kind sealed anew for who comes in later in this
 * role? What a role has no need of it does not get. */
bool kind_reseals_to(Sk__Kind kind, Sk__Role role);

/* A header as the rules and the engine use it. */
struct header {
	const struct kind_info *info;
	struct envelope_id id;
	struct envelope_ref case_ref;
	struct envelope_ref reply_to;	/* none: all zero */
	uint64_t person;
	uint64_t on_behalf_of;
	int64_t written_at;
	int32_t event_date;		/* 0 with has_event_date false */
	bool has_event_date;
	size_t recipients;
	struct {
		uint64_t participant;
		uint8_t key_id[DIGEST_SIZE];
	} recipient[RECIPIENTS_MAX];
};

/*
 * Decode and check all that can be checked without knowing the sender:
 * version, kind, sizes, grammar, mandatory fields, dates within 1900-2199,
 * recipients not twice. SK_VERSION_UNKNOWN names the range in the hint.
 * The arena is scratch.
 */
enum sk_error header_decode(const void *bytes, size_t size, struct arena *arena,
    struct header *header, struct fault *fault);
/* The same checks on the way out, so that nothing leaves that would be
 * refused. Zero stands for absent in person, on_behalf_of and reply_to. */
enum sk_error header_encode(const struct header *header, struct arena *arena,
    uint8_t **bytes, size_t *size, struct fault *fault);

/*
 * Facts of this kind and of no other, every mandatory field there and in
 * range, declared sections as the kind needs. *facts lies in the arena.
 */
enum sk_error facts_decode(const struct kind_info *info, const void *bytes,
    size_t size, struct arena *arena, Sk__Facts **facts, struct fault *fault);
enum sk_error facts_check(const struct kind_info *info, const Sk__Facts *facts,
    struct fault *fault);

/*
 * The sealed content against what the facts declare: same sections, same
 * lengths; text UTF-8, NFC, LF, no control characters but TAB and LF.
 * content NULL: nothing is sealed. SK_CONTENT_MISMATCH, SK_TEXT_INVALID with
 * the section's path.
 */
enum sk_error content_check(const Sk__Facts *facts, const Sk__Content *content,
    struct fault *fault);
enum sk_error content_decode(const void *bytes, size_t size,
    struct arena *arena, Sk__Content **content, struct fault *fault);

const char *section_name(Sk__Section section);	/* "FAMILY_VIEW"; "?" */
const char *role_name(Sk__Role role);		/* "ACCESS"; "?" */
const char *role_dutch(Sk__Role role);		/* "lokale toegang" */
bool role_by_name(const char *name, Sk__Role *role);	/* any case */

#endif
