/*
 * ids.h - how envelopes and cases are named.
 */
#ifndef PROTO_IDS_H
#define PROTO_IDS_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/arena.h"
#include "proto/envelope.pb-c.h"
#include "proto/error.h"

#define BOOT_SIZE 8

struct envelope_id {
	uint8_t boot[BOOT_SIZE];
	uint64_t number;	/* from 1 in that boot */
};

/* An envelope of a participant. All zero: none. */
struct envelope_ref {
	uint64_t participant;
	struct envelope_id id;
};

bool ref_equal(const struct envelope_ref *a, const struct envelope_ref *b);
bool ref_is_none(const struct envelope_ref *ref);
/* From a decoded message; false when a part is missing or of wrong size. */
bool ref_from_message(const Sk__Ref *message, struct envelope_ref *ref);
/* NULL when the arena is spent. */
Sk__Ref *ref_to_message(const struct envelope_ref *ref, struct arena *arena);

/* "12-0011223344556677-9": participant, boot in hex, number. */
#define REF_TEXT_MAX 64
void ref_text(const struct envelope_ref *ref, char text[REF_TEXT_MAX]);
enum sk_error ref_parse(const char *text, struct envelope_ref *ref);

/* The dense case number as people see it: "1-42-60", the journal's n, the
 * number and two check digits (ISO 7064 MOD 97-10 over "n" || number). */
#define CASE_TEXT_MAX 48
void case_text(uint64_t journal_number, uint64_t number,
    char text[CASE_TEXT_MAX]);
/* SK_FIELD_INVALID for a wrong form or check digits. */
enum sk_error case_parse(const char *text, uint64_t *journal_number,
    uint64_t *number);

#endif
