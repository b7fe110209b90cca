#include "agents/audit/book.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/chain.h"
#include "proto/text.h"

void
book_clear(struct book *book)
{
	for (size_t i = 0; i < book->n; i++)
		free(book->party[i]);
	free(book->party);
	memset(book, 0, sizeof(*book));
}

/* Index of the first party that is not below participant. */
static size_t
place(const struct book *book, uint64_t participant)
{
	size_t low = 0, high = book->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (book->party[middle]->participant < participant)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct booked *
book_find(const struct book *book, uint64_t participant)
{
	size_t at = place(book, participant);

	if (at < book->n && book->party[at]->participant == participant)
		return book->party[at];
	return NULL;
}

static struct booked *
make(struct book *book, const struct founding *founding,
    uint64_t participant)
{
	size_t at = place(book, participant);
	struct booked *party, **grown;

	if (book->n == book->room) {
		grown = realloc(book->party,
		    (book->room * 2 + 16) * sizeof(*grown));
		if (grown == NULL)
			return NULL;
		book->party = grown;
		book->room = book->room * 2 + 16;
	}
	if ((party = calloc(1, sizeof(*party))) == NULL)
		return NULL;
	party->participant = participant;
	party->mailbox_next = 1;
	chain_first_link(party->last_link, founding->digest, participant);
	memmove(&book->party[at + 1], &book->party[at],
	    (book->n - at) * sizeof(*book->party));
	book->party[at] = party;
	book->n++;
	return party;
}

struct charter *
book_charter(struct book *book, const struct founding *founding)
{
	struct charter *c = &book->charter;

	if (c->generation != 0)
		return c;
	memcpy(c->founding, founding->digest, DIGEST_SIZE);
	c->test = founding->test;
	c->generation = 1;
	memcpy(c->enrolment_key, founding->enrolment_key, 32);
	c->operators = founding->operators;
	memcpy(c->operator_key, founding->operator_key,
	    sizeof(c->operator_key));
	return c;
}

enum sk_error
book_apply(struct book *book, const struct founding *founding,
    const struct entry *entry, struct fault *fault)
{
	const Sk__Statement *statement = (const Sk__Statement *)entry->body;
	struct statement decoded;
	struct member broker, *member = &broker;
	struct booked *party;
	enum sk_error rc;

	if (charter_is_change(statement->body.data, statement->body.len)) {
		rc = charter_apply(book_charter(book, founding), &book->head,
		    statement, fault);
		book->statements += rc == SK_OK;
		return rc;
	}
	if (statement->signature.len != SIGNATURE_SIZE)
		return fault_set(fault, SK_SIGNATURE_WRONG,
		    "statement.signature", "64 bytes");
	if ((rc = statement_decode(statement->body.data, statement->body.len,
	    &decoded, fault)) != SK_OK)
		return rc;
	(void)book_charter(book, founding);
	if (decoded.type == STATEMENT_BROKER) {
		member_init_broker(&broker, 1 + book->broker_keys,
		    founding->broker_link_key, founding->broker_sign_key);
	} else {
		if ((party = book_find(book, decoded.participant)) == NULL &&
		    (party = make(book, founding,
		    decoded.participant)) == NULL)
			return fault_set(fault, SK_NO_MEMORY, "", NULL);
		member = &party->member;
	}
	if ((rc = statement_apply(statement->body.data, statement->body.len,
	    statement->signature.data, founding->digest,
	    book->charter.enrolment_key, &book->head, member,
	    fault)) != SK_OK)
		return rc;
	book->broker_keys += decoded.type == STATEMENT_BROKER;
	book->statements++;
	return SK_OK;
}

void
book_name(const struct book *book, uint64_t participant,
    char text[BOOK_NAME_MAX])
{
	const struct booked *party = book_find(book, participant);

	if (party == NULL || party->member.current.name[0] == '\0')
		snprintf(text, BOOK_NAME_MAX, "(%" PRIu64 ")", participant);
	else
		snprintf(text, BOOK_NAME_MAX, "%s (%" PRIu64 ")",
		    party->member.current.name, participant);
	/* A name must not steer the terminal of who looks. */
	text_tame(text);
}
