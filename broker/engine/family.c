/*
 * family.c - which family a case belongs to: person -> cases, family -> cases.
 *
 * Numbers of families and children come from open effects and stay. Persons
 * come from closed effects: the state keeps a keyed hash of each, never a
 * pseudonym, and forgets it with the case that named it.
 *
 *   families  number      -> struct family_row, used part alone
 *   children  number      -> the number that it goes by since it was joined
 *   persons   hash, case  -> role in that case
 *   named     case        -> the hashes that it put there
 */
#include "broker/engine/internal.h"

#include <sodium.h>
#include <string.h>

#define HASH_SIZE 16u
/* A person that was linked stays known under what it was before. */
#define NAMED_MAX (4u * CASE_PERSONS_MAX)
#define PERSON_KEY_SIZE (HASH_SIZE + 8)

struct family_row {
	uint64_t joined;	/* goes on as this one; 0: it is itself */
	uint64_t cases;
	uint64_t number[FAMILY_CASES_MAX];	/* the newest, ascending */
};

/* ---- rows */

static enum sk_error
family_load(struct engine *engine, uint64_t number, struct family_row *row)
{
	struct span value;
	enum sk_error rc;

	memset(row, 0, sizeof(*row));
	if ((rc = state_txn(engine)) != SK_OK)
		return rc;
	rc = store_get(engine->txn, STATE_FAMILIES, SPAN_U64(number), &value);
	if (rc != SK_OK)
		return rc == SK_NOT_FOUND ? SK_OK : rc;
	if (value.size > sizeof(*row) ||
	    value.size < offsetof(struct family_row, number))
		return SK_STORE_CORRUPT;
	memcpy(row, value.bytes, value.size);
	return row->cases <= FAMILY_CASES_MAX && value.size ==
	    offsetof(struct family_row, number) + row->cases * 8 ? SK_OK :
	    SK_STORE_CORRUPT;
}

static enum sk_error
family_store(struct engine *engine, uint64_t number,
    const struct family_row *row)
{
	size_t size = offsetof(struct family_row, number) + row->cases * 8;

	return store_put(engine->txn, STATE_FAMILIES, SPAN_U64(number),
	    (struct span){ row, size }, PUT_ANY, NULL);
}

/* In order, each once; past the bound the oldest go. */
static void
add_case(struct family_row *row, uint64_t number)
{
	uint64_t *n = row->number;
	size_t at = row->cases;

	while (at > 0 && n[at - 1] > number)
		at--;
	if (at > 0 && n[at - 1] == number)
		return;
	if (row->cases == FAMILY_CASES_MAX) {
		if (at == 0)
			return;
		at--;
		memmove(n, n + 1, at * sizeof(*n));
	} else {
		memmove(n + at + 1, n + at,
		    (row->cases - at) * sizeof(*n));
		row->cases++;
	}
	n[at] = number;
}

/* What this family goes by now. Joins go to a lower number each time. */
static enum sk_error
family_resolve(struct engine *engine, uint64_t *number)
{
	struct family_row row;
	enum sk_error rc;

	while (*number != 0) {
		rc = family_load(engine, *number, &row);
		if (rc != SK_OK || row.joined == 0)
			return rc;
		if (row.joined >= *number)
			return SK_STORE_CORRUPT;
		*number = row.joined;
	}
	return SK_OK;
}

static enum sk_error
child_resolve(struct engine *engine, uint64_t *number)
{
	struct span value;
	uint64_t joined;
	enum sk_error rc;

	while (*number != 0) {
		rc = store_get(engine->txn, STATE_CHILDREN, SPAN_U64(*number),
		    &value);
		if (rc != SK_OK)
			return rc == SK_NOT_FOUND ? SK_OK : rc;
		if (value.size != sizeof(joined))
			return SK_STORE_CORRUPT;
		memcpy(&joined, value.bytes, sizeof(joined));
		if (joined >= *number)
			return SK_STORE_CORRUPT;
		*number = joined;
	}
	return SK_OK;
}

/* ---- an entry takes effect */

static enum sk_error
join_one(struct engine *engine, uint64_t joined, uint64_t number,
    struct family_row *into)
{
	struct family_row row;
	enum sk_error rc = family_load(engine, joined, &row);

	if (rc != SK_OK)
		return rc;
	if (joined <= number || row.joined != 0)
		return SK_STORE_CORRUPT;
	for (size_t i = 0; i < row.cases; i++)
		add_case(into, row.number[i]);
	memset(&row, 0, sizeof(row));
	row.joined = number;
	return family_store(engine, joined, &row);
}

static enum sk_error
follow_family(struct engine *engine, const Sk__Effects *effects)
{
	struct family_row row;
	enum sk_error rc = family_load(engine, effects->family, &row);

	if (rc == SK_OK && row.joined != 0)
		rc = SK_STORE_CORRUPT;
	for (size_t i = 0; i < effects->n_family_joined && rc == SK_OK; i++)
		rc = join_one(engine, effects->family_joined[i],
		    effects->family, &row);
	if (rc != SK_OK)
		return rc;
	add_case(&row, effects->case_number);
	return family_store(engine, effects->family, &row);
}

static enum sk_error
follow_child(struct engine *engine, const Sk__Effects *effects)
{
	uint64_t joined = effects->child_joined, child = effects->child;

	if (!effects->has_child_joined)
		return SK_OK;
	if (joined <= child || child == 0)
		return SK_STORE_CORRUPT;
	return store_put(engine->txn, STATE_CHILDREN, SPAN_U64(joined),
	    (struct span){ &child, sizeof(child) }, PUT_ANY, NULL);
}

static void
person_key(const struct engine *engine, const uint8_t pseudonym[32],
    uint32_t secret_version, uint64_t case_number,
    uint8_t key[PERSON_KEY_SIZE])
{
	crypto_generichash_state hash;
	uint8_t version[8];

	be64_put(version, secret_version);
	crypto_generichash_init(&hash, engine->person_key,
	    sizeof(engine->person_key), HASH_SIZE);
	crypto_generichash_update(&hash, version, sizeof(version));
	crypto_generichash_update(&hash, pseudonym, 32);
	crypto_generichash_final(&hash, key, HASH_SIZE);
	sodium_memzero(&hash, sizeof(hash));
	be64_put(key + HASH_SIZE, case_number);
}

static enum sk_error
name_person(struct engine *engine, uint64_t case_number,
    const uint8_t pseudonym[32], uint32_t secret_version, uint8_t role)
{
	uint8_t key[PERSON_KEY_SIZE], named[NAMED_MAX * HASH_SIZE];
	struct span value = { NULL, 0 };
	size_t size = 0;
	enum sk_error rc;

	person_key(engine, pseudonym, secret_version, case_number, key);
	rc = store_get(engine->txn, STATE_NAMED, SPAN_U64(case_number),
	    &value);
	if (rc == SK_OK && value.size > sizeof(named))
		rc = SK_STORE_CORRUPT;
	if (rc == SK_OK) {
		memcpy(named, value.bytes, value.size);
		size = value.size;
	} else if (rc != SK_NOT_FOUND) {
		return rc;
	}
	for (size_t at = 0; at < size; at += HASH_SIZE)
		if (memcmp(named + at, key, HASH_SIZE) == 0)
			return SK_OK;
	/* who was linked so often is known under names enough */
	if (size + HASH_SIZE > sizeof(named))
		return SK_OK;
	memcpy(named + size, key, HASH_SIZE);
	rc = store_put(engine->txn, STATE_NAMED, SPAN_U64(case_number),
	    (struct span){ named, size + HASH_SIZE }, PUT_ANY, NULL);
	if (rc != SK_OK)
		return rc;
	return store_put(engine->txn, STATE_PERSONS,
	    (struct span){ key, sizeof(key) }, (struct span){ &role, 1 },
	    PUT_ANY, NULL);
}

enum sk_error
family_follow(struct engine *engine, const Sk__Effects *effects,
    const struct case_closed *closed)
{
	enum sk_error rc = state_txn(engine);

	if (rc == SK_OK && effects->has_family)
		rc = follow_family(engine, effects);
	if (rc == SK_OK)
		rc = follow_child(engine, effects);
	for (size_t i = 0; closed != NULL && i < closed->persons &&
	    rc == SK_OK; i++)
		rc = name_person(engine, effects->case_number,
		    closed->person[i].pseudonym,
		    closed->person[i].secret_version, closed->person[i].role);
	return rc;
}

enum sk_error
family_forget(struct engine *engine, uint64_t case_number)
{
	uint8_t key[PERSON_KEY_SIZE], named[NAMED_MAX * HASH_SIZE];
	struct span value;
	size_t size;
	enum sk_error rc;

	if ((rc = state_txn(engine)) != SK_OK)
		return rc;
	rc = store_get(engine->txn, STATE_NAMED, SPAN_U64(case_number),
	    &value);
	if (rc != SK_OK)
		return rc == SK_NOT_FOUND ? SK_OK : rc;
	if ((size = value.size) > sizeof(named))
		return SK_STORE_CORRUPT;
	memcpy(named, value.bytes, size);
	be64_put(key + HASH_SIZE, case_number);
	for (size_t at = 0; at < size; at += HASH_SIZE) {
		memcpy(key, named + at, HASH_SIZE);
		rc = store_del(engine->txn, STATE_PERSONS,
		    (struct span){ key, sizeof(key) });
		if (rc != SK_OK && rc != SK_NOT_FOUND)
			return rc;
	}
	return store_del(engine->txn, STATE_NAMED, SPAN_U64(case_number));
}

/* ---- what decide asks */

/* The first case that names this person; as a child where any does. */
static enum sk_error
find_person(struct engine *engine, const uint8_t pseudonym[32],
    uint32_t secret_version, struct person_found *found)
{
	uint8_t from[PERSON_KEY_SIZE];
	struct store_cursor *cursor;
	struct span key, value;
	struct case_row row;
	uint64_t child = 0;
	enum sk_error rc;

	if ((rc = state_txn(engine)) != SK_OK)
		return rc;
	person_key(engine, pseudonym, secret_version, 0, from);
	rc = store_cursor_open(engine->txn, STATE_PERSONS, &cursor);
	if (rc != SK_OK)
		return rc;
	rc = store_seek_ge(cursor, (struct span){ from, sizeof(from) }, &key,
	    &value);
	for (unsigned looked = 0; rc == SK_OK && looked < FAMILY_CASES_MAX &&
	    child == 0; looked++) {
		if (key.size != sizeof(from) || value.size != 1) {
			rc = SK_STORE_CORRUPT;
			break;
		}
		if (memcmp(key.bytes, from, HASH_SIZE) != 0)
			break;
		rc = row_load(engine, be64_get((const uint8_t *)key.bytes +
		    HASH_SIZE), &row);
		if (rc != SK_OK)
			break;
		found->family = row.family;
		if (*(const uint8_t *)value.bytes == SK__PERSON_ROLE__CHILD)
			child = row.child;
		rc = store_next(cursor, &key, &value);
	}
	store_cursor_close(cursor);
	if (rc != SK_OK && rc != SK_NOT_FOUND)
		return rc;
	found->child = child;
	rc = family_resolve(engine, &found->family);
	return rc == SK_OK ? child_resolve(engine, &found->child) : rc;
}

/* decide knows no stores: what failed here fails the event after it. */
static bool
saw(struct engine *engine, enum sk_error rc)
{
	if (rc != SK_OK && engine->view_failed == SK_OK)
		engine->view_failed = rc;
	return rc == SK_OK;
}

bool
family_person(void *context, const uint8_t pseudonym[32],
    uint32_t secret_version, struct person_found *found)
{
	struct engine *engine = context;

	memset(found, 0, sizeof(*found));
	return saw(engine, find_person(engine, pseudonym, secret_version,
	    found)) && found->family != 0;
}

static enum sk_error
gather(struct engine *engine, uint64_t number, uint64_t but_case)
{
	struct family *family = &engine->family;
	struct family_row members;
	struct case_row row;
	uint64_t child;
	enum sk_error rc;

	memset(family, 0, offsetof(struct family, family_case));
	family->number = number;
	rc = family_load(engine, number, &members);
	for (size_t i = members.cases; i > 0 && rc == SK_OK; i--) {
		if (members.number[i - 1] == but_case)
			continue;
		rc = row_load(engine, members.number[i - 1], &row);
		if (rc != SK_OK)
			break;
		child = row.child;
		rc = child_resolve(engine, &child);
		family_add(family, &row, child);
	}
	return rc == SK_NOT_FOUND ? SK_STORE_CORRUPT : rc;
}

const struct family *
family_view(void *context, uint64_t number, uint64_t but_case)
{
	struct engine *engine = context;

	return saw(engine, gather(engine, number, but_case)) ?
	    &engine->family : NULL;
}

void
family_see(struct engine *engine, struct view *view)
{
	view->family_number = view->row->family;
	view->child_number = view->row->child;
	if (!saw(engine, state_txn(engine)) ||
	    !saw(engine, family_resolve(engine, &view->family_number)) ||
	    !saw(engine, child_resolve(engine, &view->child_number)))
		view->family_number = view->child_number = 0;
}

/* A case that is not the one at hand. What is only opened later in the
 * journal has no row yet, in replay neither. */
static enum sk_error
load_other(struct engine *engine, const struct envelope_ref *ref, bool *found)
{
	uint64_t position, case_number = 0;
	enum sk_error rc;

	rc = journal_id(engine->journal, ref->participant, &ref->id, &position,
	    &case_number);
	*found = rc == SK_OK && case_number != 0;
	if (!*found)
		return rc == SK_NOT_FOUND ? SK_OK : rc;
	rc = row_load(engine, case_number, &engine->other);
	*found = rc == SK_OK && ref_equal(&engine->other.ref, ref);
	return rc == SK_NOT_FOUND ? SK_OK : rc;
}

const struct case_row *
family_other(void *context, const struct envelope_ref *ref)
{
	struct engine *engine = context;
	bool found = false;

	return saw(engine, load_other(engine, ref, &found)) && found ?
	    &engine->other : NULL;
}

/* ---- replay */

static enum sk_error
any_erased(struct engine *engine, uint64_t number, bool *erased)
{
	struct family_row members;
	uint8_t key[32];
	enum sk_error rc = family_load(engine, number, &members);

	for (size_t i = 0; i < members.cases && rc == SK_OK; i++) {
		rc = journal_case_key(engine->journal, members.number[i], key);
		*erased = *erased || rc == SK_ERASED;
		if (rc == SK_ERASED)
			rc = SK_OK;
	}
	sodium_memzero(key, sizeof(key));
	return rc;
}

enum sk_error
family_told(struct engine *engine, const Sk__Effects *effects, bool *told)
{
	enum sk_error rc = SK_OK;

	*told = false;
	if (effects == NULL || !effects->has_family)
		return SK_OK;
	if ((rc = state_txn(engine)) != SK_OK)
		return rc;
	rc = any_erased(engine, effects->family, told);
	for (size_t i = 0; i < effects->n_family_joined && rc == SK_OK; i++)
		rc = any_erased(engine, effects->family_joined[i], told);
	return rc;
}
