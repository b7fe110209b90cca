/*
 * field.h - a scratch journal with an engine on it, and a country of
 * participants with test keys who number, chain and sign as agents do.
 */
#ifndef FIGURES_FIELD_H
#define FIGURES_FIELD_H

#include "broker/engine/engine.h"
#include "proto/chain.h"
#include "tests/figures/script.h"

#define COURT_FIRST 1u
#define TEAM_FIRST 100u
#define PROVIDER_FIRST 1000u
#define EXPERTS 2000u
#define ACTORS_MAX 2048u

struct actor {
	uint8_t sign[32], sign_secret[64], seal[32], seal_key_id[32];
	uint64_t last_number, next_id;
	uint8_t last_link[DIGEST_SIZE];
};

/* What of a case later messages name. */
struct thread {
	struct envelope_ref opened, referral, request, question;
};

struct letter {
	const struct script *script;
	const struct step *step;
	struct thread *thread;
	uint64_t sender;
};

void field_die(const char *what, const char *why);
/* Found, open and enrol; the profile gives municipalities and courts. */
void field_open(const char *dir, const char *profile, int32_t day);
size_t field_municipalities(void);
const char *field_region(size_t municipality);
/* As a report names them. */
void field_names(size_t municipality, const char **code, const char **name,
    const char **court);
uint64_t field_sender(const struct script *script, const struct step *step);
/* The clock goes to this day at noon, terms that end fire. */
void field_day(int32_t day);
/* Up to 64 letters of one sender as one SUBMIT. */
void field_send(const struct letter *letters, size_t n);
/* All fetch what they have; then it is durable. */
void field_commit(void);
void field_close(void);
uint64_t field_entries(void);

#endif
