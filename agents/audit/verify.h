/*
 * verify.h - does the journal hold? Every digest, signature, chain and link
 * that can be checked without deciding anything again.
 */
#ifndef AUDIT_VERIFY_H
#define AUDIT_VERIFY_H

#include "agents/audit/audit.h"
#include "agents/audit/book.h"
#include "agents/audit/grow.h"
#include "proto/chain.h"
#include "proto/control.pb-c.h"

struct verify_report {
	uint64_t entries;	/* checked and right */
	uint64_t envelopes;
	uint64_t submits;
	uint64_t signatures;	/* of senders, enrolment, operators, log */
	int64_t signature_ns;	/* of processor: what those took, of total_ns */
	int64_t total_ns;
	uint64_t statements;
	uint64_t commands;
	uint64_t closed;	/* entries whose parts nobody opened: no keys */
	uint64_t erased;	/* entries without parts, as another entry says */
	uint64_t cases_erased;
	uint64_t tiles;
	uint64_t checkpoints;
	uint64_t cosignatures;	/* of witnesses */
	uint64_t witnessed;	/* entries that the policy's quorum vouches for */
	bool is_signed;		/* the last of them covers all entries */
	bool keys;		/* the key environment was there */
	bool holds;
	bool at_entry;		/* what is wrong is wrong at position */
	uint64_t position;
	char what[320];
};

/* The SUBMIT that is under way. */
struct submit_run {
	uint64_t sender;	/* 0: none is open */
	uint64_t first_number;
	uint64_t first_position;
	size_t n;
	uint8_t key_id[DIGEST_SIZE];
	uint8_t e[SUBMIT_ENVELOPES_MAX][DIGEST_SIZE];
};

/* What was found beside the entries of a case, or of a day. */
struct beside {
	uint64_t gone, there;	/* the first such entry, position + 1; 0: none */
	int64_t day;		/* of those that reached no case */
	uint8_t erased;		/* Sk__ErasureGround, once an entry says so */
};

/* What an accepted command asks for: the very next entry. */
struct promised {
	Sk__EventKind kind;	/* 0: nothing */
	uint8_t digest[DIGEST_SIZE];	/* of its body */
};

/* A key that some policy gave a witness. */
#define VERIFY_WITNESSES_MAX 256u
struct known_witness {
	uint64_t participant;
	struct note_key key;
	bool current;		/* in the last policy */
	uint64_t highest;	/* size that it signed for */
};

/* An operator's key, of whatever time, and its last sequence number. */
#define VERIFY_OPERATORS_MAX 1024u
struct known_operator {
	uint8_t key[32];
	uint64_t last;
};

struct verify {
	struct journal *journal;
	const struct founding *founding;
	struct verify_report *report;
	struct book book;
	struct submit_run run;
	struct journal_counts rows;	/* that the entries ask for */
	struct grow grow;
	struct span tile[TREE_LEVELS];	/* the ones at hand */
	char origin[ORIGIN_MAX];	/* under which the entry at hand stands */
	struct known_witness witness[VERIFY_WITNESSES_MAX];
	size_t witnesses;
	uint32_t quorum;
	bool pending;			/* a checkpoint not reached yet */
	uint64_t pending_size;
	struct span pending_note;
	uint64_t covered;		/* by the last checkpoint */
	uint64_t *case_last;		/* by case number: position + 1 */
	struct beside *case_beside;	/* the same */
	struct beside *day_beside;	/* in their order */
	size_t days, days_room;
	int64_t until_day;		/* that day and all before are erased */
	struct promised promised;
	uint64_t policy_version;	/* policies that were set so far */
	uint64_t cases, case_room;
	struct known_operator operator[VERIFY_OPERATORS_MAX];
	size_t operators;
	int64_t instant;
	uint64_t epoch;
	uint8_t nothing[DIGEST_SIZE];	/* digest of no bytes */
	struct entry entry;
	uint8_t parts[JOURNAL_PARTS_MAX];
};

/* Stops at the first wrong entry. SK_OK also when it does not hold: that
 * stands in the report. An error means that it could not be read. */
enum sk_error verify_journal(struct journal *journal,
    struct verify_report *report, struct fault *fault);

/* Note what is wrong at the entry at hand; false, so that checks can
 * `return wrong(..)`. Each check is true when it holds. */
bool verify_wrong(struct verify *v, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The same about no entry in particular. */
bool verify_wrong_all(struct verify *v, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Of processor, in ns. */
int64_t verify_ticks(void);
/* One more signature was checked, from those ticks on. */
void verify_signed(struct verify *v, int64_t from);
/* The tree: before the first entry, at each one before it is looked at and
 * after, and behind the last. */
bool verify_tree_begin(struct verify *v);
bool verify_tree_add(struct verify *v);
bool verify_tree_commit(struct verify *v);
bool verify_tree_end(struct verify *v);
bool verify_envelope(struct verify *v);
bool verify_parts(struct verify *v);
bool verify_statement(struct verify *v);
/* Has the journal no other keys for the broker than the entries name? */
bool verify_broker_keys(struct verify *v);
bool verify_command(struct verify *v);
/* From here on the journal goes by its next name. */
bool verify_restore(struct verify *v);
/* A policy that operators set: does it name witnesses? */
bool verify_policy(struct verify *v, const Sk__Policy *policy);
/* Is the entry at hand the one that the command before it asks for, and none
 * that only a command brings? */
bool verify_promised(struct verify *v);
/* Behind the last entry: none is owed. */
bool verify_all_carried_out(struct verify *v);
/* Was it decided under the policy that held? */
bool verify_policy_version(struct verify *v);
/* Behind the last entry: all that witnesses signed. */
bool verify_witnesses(struct verify *v);
bool verify_cases(struct verify *v);
bool verify_mailboxes(struct verify *v);
/* verify_erased.c: of what lies beside the entry at hand, is it right that it
 * is gone, or there? What is gone before an entry says so waits for that. */
bool verify_gone(struct verify *v);
bool verify_there(struct verify *v);
/* The entry at hand, where it says that something is erased. */
bool verify_erasure(struct verify *v);
/* Behind the last entry: is all that is gone accounted for? */
bool verify_all_gone(struct verify *v);
bool verify_destroyed(struct verify *v, enum sk_error *rc);

#endif
