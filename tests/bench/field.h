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
	double ready_ms;	/* from its start until it answered */
	struct party party[PARTIES];
	size_t cases;
	struct envelope_ref *case_ref, *referral;
	int64_t now;
	int32_t today;
};

/* Found a test journal under dir, start the program and enrol the three. Ends
 * the program when anything fails. */
void field_open(struct field *field, const char *dir, const char *program);
/* All three take their session. */
void field_join(struct field *field);
/* Is this participant connected now? */
bool field_is_connected(struct field *field, uint64_t participant);
/* Run program -c config and wait until it answers on socket: milliseconds. */
double field_start(const char *program, const char *config,
    const char *socket, pid_t *pid);
void field_stop(const char *name, pid_t pid);
/* Bring so many cases to CASE_STARTED. */
void field_start_cases(struct field *field, size_t cases);
/* A progress report in one of the cases, round robin by i. */
void field_write_report(struct field *field, size_t i, size_t body,
    struct envelope *envelope);
void field_close(struct field *field);

#endif
