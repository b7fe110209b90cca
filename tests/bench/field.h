/*
 * field.h - a journal, a real broker on it, three participants and the cases
 * that the load goes through.
 */
#ifndef BENCH_FIELD_H
#define BENCH_FIELD_H

#include <sys/types.h>

#include "tests/bench/party.h"

enum { COURT, ACCESS, PROVIDER };

struct field {
	char dir[256];
	char address[64];
	char origin[96];
	uint8_t founding[DIGEST_SIZE];
	uint8_t broker_link[32], broker_link_secret[32];
	uint8_t broker_sign[32], broker_sign_secret[64];
	uint8_t enrolment[32], enrolment_secret[64];
	uint8_t operator_key[32], operator_secret[64];
	uint64_t sequence;
	struct statement_head head;
	pid_t broker;
	struct party party[PARTIES];
	size_t cases;
	struct envelope_ref *case_ref, *referral;
	int64_t now;
	int32_t today;
};

/* Found a test journal under dir, start the program, enrol the three and join
 * them. Ends the program when anything fails. */
void field_open(struct field *field, const char *dir, const char *program);
/* Bring so many cases to CASE_STARTED. */
void field_start_cases(struct field *field, size_t cases);
/* A progress report in one of the cases, round robin by i. */
void field_write_report(struct field *field, size_t i, size_t body,
    struct envelope *envelope);
void field_close(struct field *field);

#endif
