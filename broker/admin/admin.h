/*
 * admin.h - schakel-admin: what an operator tells the broker.
 *
 * Every verb is a row in main.c. Nothing here decides: commands are signed
 * with operators' keys and the broker judges them.
 */
#ifndef ADMIN_ADMIN_H
#define ADMIN_ADMIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/control.pb-c.h"
#include "proto/digest.h"
#include "proto/error.h"

#define OPERATORS_MAX 8
#define ABSENT_MAX 1024	/* named at the end of a recovery */
#define COMMAND_LIFE_MS 600000	/* a signed command is good for ten minutes */

struct options {
	const char *control, *journal, *keys, *name, *enrolment_key, *request,
	    *words, *area, *from, *until, *address, *out, *file, *to, *ground,
	    *statement, *reason, *request_position, *as;
	const char *operators[OPERATORS_MAX];
	size_t n_operators;
	const char *add[OPERATORS_MAX], *remove[OPERATORS_MAX];
	size_t n_add, n_remove;
	const char *enrolment_pub;
	uint64_t participant, person, number, settle;
	uint64_t absent[ABSENT_MAX];
	size_t n_absent;
	uint64_t erase_later[ABSENT_MAX];
	size_t n_erase_later;
	bool end;
	bool test, json;
	char **rest;		/* operands */
	int n_rest;
};

struct sign_key {
	uint8_t public_key[32];
	uint8_t secret_key[64];
};

/* 0, or the exit code after the fault was printed. */
int admin_fail(const struct options *options, const struct fault *fault);

/* keys.c */
enum sk_error key_read_sign(const char *path, struct sign_key *key,
    struct fault *fault);
enum sk_error key_read_public(const char *path, uint8_t key[32],
    struct fault *fault);
enum sk_error key_write_public(const char *path, const uint8_t key[32],
    struct fault *fault);
int verb_operator_key(const struct options *options);
int verb_enrolment_key(const struct options *options);
int verb_found(const struct options *options);

/* renew.c */
int verb_broker_keys(const struct options *options);
int verb_renew_broker(const struct options *options);

/* charter.c */
int verb_operators(const struct options *options);
int verb_renew_region(const struct options *options);

/* ask.c: the control socket. The answer is freed with answer_free. */
enum sk_error ask_status(const struct options *options,
    Sk__ControlAnswer **answer, struct fault *fault);
/* Sign with every --operator, send, wait. A refusal by the broker comes back
 * as its code with field and hint. */
enum sk_error ask_command(const struct options *options,
    const Sk__Command *command, Sk__ControlAnswer **answer,
    struct fault *fault);
void answer_free(Sk__ControlAnswer *answer);
int verb_status(const struct options *options);
int verb_drain(const struct options *options);
int verb_confirm_clock(const struct options *options);
int verb_step(const struct options *options);
int verb_erase(const struct options *options);
int verb_archive(const struct options *options);
int verb_close_quarter(const struct options *options);
int verb_policy(const struct options *options);

/* enrol.c */
int verb_enrol(const struct options *options);
int verb_revoke(const struct options *options);
int verb_enter(const struct options *options);

/* Any question that changes nothing. */
enum sk_error ask_question(const struct options *options,
    const Sk__ControlRequest *request, Sk__ControlAnswer **answer,
    struct fault *fault);

/* export.c */
int verb_export(const struct options *options);

/* backup.c, restore.c, recovery.c */
int verb_backup(const struct options *options);
int verb_restore(const struct options *options);
int verb_recovery(const struct options *options);

#endif
