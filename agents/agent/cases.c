#include "agents/agent/cases.h"

#include <string.h>

#define TIMELINE_KEY_SIZE (REF_KEY_SIZE + 8)

enum sk_error
cases_get(struct archive *archive, const struct envelope_ref *ref,
    struct case_card *card)
{
	uint8_t key[REF_KEY_SIZE];
	struct span value;
	enum sk_error rc;

	ref_key(key, ref);
	rc = archive_get(archive, TABLE_CASES,
	    (struct span){ key, sizeof(key) }, &value);
	if (rc != SK_OK)
		return rc == SK_NOT_FOUND ? SK_CASE_UNKNOWN : rc;
	return card_decode(value, card);
}

enum sk_error
cases_by_number(struct archive *archive, uint64_t number,
    struct case_card *card)
{
	struct envelope_ref ref;
	struct span value;
	enum sk_error rc;

	rc = archive_get(archive, TABLE_CASE_NUMBERS, SPAN_U64(number),
	    &value);
	if (rc != SK_OK)
		return rc == SK_NOT_FOUND ? SK_CASE_UNKNOWN : rc;
	if (value.size != REF_KEY_SIZE)
		return SK_STORE_CORRUPT;
	ref_from_key(&ref, value.bytes);
	return cases_get(archive, &ref, card);
}

enum sk_error
cases_find(struct archive *archive, const char *text, struct case_card *card,
    struct fault *fault)
{
	struct envelope_ref ref;
	uint64_t journal, number;
	enum sk_error rc;

	if (ref_parse(text, &ref) == SK_OK) {
		rc = cases_get(archive, &ref, card);
	} else {
		if (case_parse(text, &journal, &number) != SK_OK)
			return fault_set(fault, SK_FIELD_INVALID, "case",
			    "want a case number such as 1-42-67, or a reference");
		rc = journal == archive_meta(archive)->mailbox_journal ?
		    cases_by_number(archive, number, card) : SK_CASE_UNKNOWN;
	}
	if (rc != SK_OK)
		fault_set(fault, rc, "case", NULL);
	return rc;
}

void
cases_put(struct archive *archive, const struct case_card *card)
{
	uint8_t key[REF_KEY_SIZE], bytes[ROW_BYTES_MAX];

	ref_key(key, &card->ref);
	archive_put(archive, TABLE_CASES, (struct span){ key, sizeof(key) },
	    (struct span){ bytes, card_encode(card, bytes) });
}

static enum sk_error
bind_number(struct archive *archive, struct case_card *card, uint64_t number)
{
	uint8_t key[REF_KEY_SIZE];
	struct case_card other;
	enum sk_error rc;

	if (card->number == number)
		return SK_OK;
	if (card->number != 0)
		return SK_MALFORMED;
	rc = cases_by_number(archive, number, &other);
	if (rc == SK_OK)
		return SK_MALFORMED;
	if (rc != SK_CASE_UNKNOWN)
		return rc;
	card->number = number;
	ref_key(key, &card->ref);
	archive_put(archive, TABLE_CASE_NUMBERS, SPAN_U64(number),
	    (struct span){ key, sizeof(key) });
	return SK_OK;
}

enum sk_error
cases_join(struct archive *archive, const struct envelope_ref *ref,
    uint64_t number, struct case_card *card)
{
	enum sk_error rc;

	rc = cases_get(archive, ref, card);
	if (rc == SK_CASE_UNKNOWN) {
		memset(card, 0, sizeof(*card));
		card->ref = *ref;
		cases_add_participant(card, ref->participant);
	} else if (rc != SK_OK) {
		return rc;
	}
	if (number != 0 &&
	    (rc = bind_number(archive, card, number)) != SK_OK)
		return rc;
	cases_put(archive, card);
	return SK_OK;
}

void
cases_add_participant(struct case_card *card, uint64_t participant)
{
	for (size_t i = 0; i < card->participants; i++)
		if (card->participant[i] == participant)
			return;
	if (card->participants < CASE_KNOWN_MAX)
		card->participant[card->participants++] = participant;
}

bool
cases_has_message(struct archive *archive, const struct envelope_ref *ref,
    uint64_t position)
{
	uint8_t key[TIMELINE_KEY_SIZE];
	struct span there;

	ref_key(key, ref);
	be64_put(key + REF_KEY_SIZE, position);
	return archive_get(archive, TABLE_TIMELINE,
	    (struct span){ key, sizeof(key) }, &there) == SK_OK;
}

void
cases_add_message(struct archive *archive, struct case_card *card,
    const struct timeline_entry *entry, Sk__Kind kind, int64_t instant)
{
	uint8_t key[TIMELINE_KEY_SIZE], value[1 + ID_KEY_SIZE];
	size_t size = 9;

	ref_key(key, &card->ref);
	be64_put(key + REF_KEY_SIZE, entry->position);
	value[0] = entry->out ? 'o' : 'i';
	if (entry->out) {
		id_key(value + 1, &entry->id);
		size = sizeof(value);
	} else {
		be64_put(value + 1, entry->arrival);
	}
	if (!cases_has_message(archive, &card->ref, entry->position))
		card->messages++;
	archive_put(archive, TABLE_TIMELINE, (struct span){ key, sizeof(key) },
	    (struct span){ value, size });
	if (entry->position >= card->last_position) {
		card->last_position = entry->position;
		card->last_instant = instant;
		card->last_kind = kind;
	}
	cases_put(archive, card);
}

struct timeline_walk {
	uint8_t key[REF_KEY_SIZE];
	timeline_visit visit;
	void *context;
	enum sk_error rc;
};

static bool
timeline_row(void *context, struct span key, struct span value)
{
	struct timeline_walk *walk = context;
	struct timeline_entry entry = { 0 };
	const uint8_t *bytes = value.bytes;

	if (key.size != TIMELINE_KEY_SIZE ||
	    memcmp(key.bytes, walk->key, REF_KEY_SIZE) != 0)
		return false;
	entry.position = be64_get((const uint8_t *)key.bytes + REF_KEY_SIZE);
	if (value.size == 1 + ID_KEY_SIZE && bytes[0] == 'o') {
		entry.out = true;
		id_from_key(&entry.id, bytes + 1);
	} else if (value.size == 9 && bytes[0] == 'i') {
		entry.arrival = be64_get(bytes + 1);
	} else {
		walk->rc = SK_STORE_CORRUPT;
		return false;
	}
	return walk->visit(walk->context, &entry);
}

enum sk_error
cases_timeline(struct archive *archive, const struct envelope_ref *ref,
    timeline_visit visit, void *context)
{
	struct timeline_walk walk = {
		.visit = visit,
		.context = context,
	};
	enum sk_error rc;

	ref_key(walk.key, ref);
	rc = archive_walk(archive, TABLE_TIMELINE,
	    (struct span){ walk.key, sizeof(walk.key) }, timeline_row, &walk);
	return rc == SK_OK ? walk.rc : rc;
}

struct cases_walking {
	case_visit visit;
	void *context;
	enum sk_error rc;
};

static bool
case_row(void *context, struct span key, struct span value)
{
	struct cases_walking *walk = context;
	struct case_card card;

	(void)key;
	if ((walk->rc = card_decode(value, &card)) != SK_OK)
		return false;
	return walk->visit(walk->context, &card);
}

enum sk_error
cases_walk(struct archive *archive, case_visit visit, void *context)
{
	struct cases_walking walk = { visit, context, SK_OK };
	enum sk_error rc;

	rc = archive_walk(archive, TABLE_CASES, (struct span){ NULL, 0 },
	    case_row, &walk);
	return rc == SK_OK ? walk.rc : rc;
}

/* ---- after a restore */

static bool
timeline_take(struct archive *archive, const struct envelope_ref *ref,
    uint64_t position, uint8_t value[1 + ID_KEY_SIZE], size_t *size)
{
	uint8_t key[TIMELINE_KEY_SIZE];
	struct span there;

	ref_key(key, ref);
	be64_put(key + REF_KEY_SIZE, position);
	if (archive_get(archive, TABLE_TIMELINE,
	    (struct span){ key, sizeof(key) }, &there) != SK_OK ||
	    there.size > 1 + ID_KEY_SIZE)
		return false;
	memcpy(value, there.bytes, there.size);
	*size = there.size;
	archive_del(archive, TABLE_TIMELINE,
	    (struct span){ key, sizeof(key) });
	return true;
}

void
cases_forget(struct archive *archive, const struct envelope_ref *ref,
    uint64_t position)
{
	uint8_t value[1 + ID_KEY_SIZE];
	struct case_card card;
	size_t size;

	if (!timeline_take(archive, ref, CASES_FORMER | position, value,
	    &size) || cases_get(archive, ref, &card) != SK_OK)
		return;
	if (card.messages > 0)
		card.messages--;
	cases_put(archive, &card);
}

#define FORMER_AT_ONCE 128u

/* Rows of the timeline that are to stand aside, and cases of which the first
 * that this agent knows does. */
struct aside {
	uint64_t kept;
	uint8_t key[TIMELINE_KEY_SIZE];	/* of the last row looked at */
	bool more;
	uint8_t of[REF_KEY_SIZE];	/* the case at hand */
	size_t n;
	struct {
		struct envelope_ref ref;
		uint64_t position;
		bool first;
	} row[FORMER_AT_ONCE];
};

static bool
find_aside(void *context, struct span key, struct span value)
{
	struct aside *aside = context;
	uint64_t position;
	bool first;

	(void)value;
	if (key.size != TIMELINE_KEY_SIZE ||
	    memcmp(key.bytes, aside->key, TIMELINE_KEY_SIZE) == 0)
		return true;
	if (aside->n == FORMER_AT_ONCE) {
		aside->more = true;
		return false;
	}
	memcpy(aside->key, key.bytes, TIMELINE_KEY_SIZE);
	first = memcmp(aside->of, key.bytes, REF_KEY_SIZE) != 0;
	memcpy(aside->of, key.bytes, REF_KEY_SIZE);
	position = be64_get((const uint8_t *)key.bytes + REF_KEY_SIZE);
	if (position < aside->kept || (position & CASES_FORMER) != 0)
		return true;
	ref_from_key(&aside->row[aside->n].ref, key.bytes);
	aside->row[aside->n].position = position;
	aside->row[aside->n++].first = first;
	return true;
}

static void
put_aside(struct archive *archive, const struct envelope_ref *ref,
    uint64_t position, bool first)
{
	uint8_t key[TIMELINE_KEY_SIZE], value[1 + ID_KEY_SIZE];
	struct case_card card;
	size_t size;

	if (!timeline_take(archive, ref, position, value, &size))
		return;
	ref_key(key, ref);
	be64_put(key + REF_KEY_SIZE, CASES_FORMER | position);
	archive_put(archive, TABLE_TIMELINE, (struct span){ key, sizeof(key) },
	    (struct span){ value, size });
	if (cases_get(archive, ref, &card) != SK_OK)
		return;
	/* Its number may be another's now: the broker tells it again. */
	if (first && card.number != 0) {
		archive_del(archive, TABLE_CASE_NUMBERS,
		    SPAN_U64(card.number));
		card.number = 0;
	}
	card.last_position = 0;
	cases_put(archive, &card);
}

enum sk_error
cases_restored(struct archive *archive, uint64_t kept)
{
	struct aside aside = { .kept = kept, .more = true };
	enum sk_error rc = SK_OK;

	while (rc == SK_OK && aside.more) {
		aside.more = false;
		aside.n = 0;
		rc = archive_walk(archive, TABLE_TIMELINE,
		    (struct span){ aside.key, sizeof(aside.key) }, find_aside,
		    &aside);
		for (size_t i = 0; i < aside.n; i++)
			put_aside(archive, &aside.row[i].ref,
			    aside.row[i].position, aside.row[i].first);
	}
	return rc;
}
