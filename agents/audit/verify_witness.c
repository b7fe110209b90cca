/*
 * verify_witness.c - what witnesses signed beside the checkpoints: each line
 * under the key that a policy in the journal gave its participant.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agents/audit/verify.h"

static bool
know(struct verify *v, const Sk__Witness *witness)
{
	struct known_witness *known = &v->witness[v->witnesses];
	struct note_key key;

	if (witness->vkey == NULL || note_key_parse(&key, (struct span){
	    witness->vkey, strlen(witness->vkey) }) != SK_OK)
		return verify_wrong(v, "its policy names a witness without a "
		    "key");
	for (size_t i = 0; i < v->witnesses; i++)
		if (v->witness[i].participant == witness->participant &&
		    memcmp(v->witness[i].key.public_key, key.public_key,
		    sizeof(key.public_key)) == 0) {
			v->witness[i].current = true;
			return true;
		}
	if (v->witnesses == VERIFY_WITNESSES_MAX)
		return verify_wrong(v, "more than %u witnesses were named",
		    VERIFY_WITNESSES_MAX);
	known->participant = witness->participant;
	known->key = key;
	known->current = true;
	known->highest = 0;
	v->witnesses++;
	return true;
}

bool
verify_policy(struct verify *v, const Sk__Policy *policy)
{
	for (size_t i = 0; i < v->witnesses; i++)
		v->witness[i].current = false;
	v->quorum = policy->witness_quorum;
	for (size_t i = 0; i < policy->n_witnesses; i++)
		if (!know(v, policy->witnesses[i]))
			return false;
	return true;
}

static bool
check_row(struct verify *v, const struct cosigned *row)
{
	struct note ours, theirs;
	struct span bytes;
	uint64_t size = 0;
	int64_t from = verify_ticks();

	if (journal_checkpoint(v->journal, row->size, &size, &bytes) != SK_OK ||
	    size != row->size || note_open(&ours, bytes.bytes, bytes.size) !=
	    SK_OK || note_open_lines(&theirs, ours.text, row->line) != SK_OK)
		return verify_wrong_all(v, "a witness signed for %" PRIu64
		    " entries, and no checkpoint says so", row->size);
	for (size_t i = 0; i < v->witnesses; i++) {
		struct known_witness *known = &v->witness[i];

		if (known->participant != row->participant ||
		    note_check(&theirs, &known->key, NULL) != SK_OK)
			continue;
		if (row->size > known->highest)
			known->highest = row->size;
		verify_signed(v, from);
		v->report->cosignatures++;
		return true;
	}
	return verify_wrong_all(v, "the line of witness %" PRIu64 " under the "
	    "checkpoint of %" PRIu64 " entries does not verify",
	    row->participant, row->size);
}

/* The quorum-th highest of the present witnesses. */
static uint64_t
witnessed(const struct verify *v)
{
	uint64_t best = 0;

	for (size_t i = 0; i < v->witnesses; i++) {
		const uint64_t size = v->witness[i].highest;
		size_t enough = 0;

		for (size_t j = 0; j < v->witnesses; j++)
			enough += v->witness[j].current &&
			    v->witness[j].highest >= size;
		if (v->witness[i].current && enough >= v->quorum && size > best)
			best = size;
	}
	return v->quorum == 0 ? 0 : best;
}

bool
verify_witnesses(struct verify *v)
{
	struct cosigned row;
	uint64_t size = 0, participant = 0;
	enum sk_error rc;

	while ((rc = journal_cosigned_from(v->journal, size, participant,
	    &row)) == SK_OK) {
		if (!check_row(v, &row))
			return false;
		if (row.participant == UINT64_MAX)
			return verify_wrong_all(v, "a witness without a "
			    "number");
		size = row.size;
		participant = row.participant + 1;
	}
	v->report->witnessed = witnessed(v);
	return rc == SK_NOT_FOUND || verify_wrong_all(v,
	    "the cosignatures cannot be read: %s", error_text(rc));
}
