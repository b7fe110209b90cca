/*
 * pseudonym.h - a person's pseudonym, HMAC-SHA-256(regional secret, BSN).
 */
#ifndef PEOPLE_PSEUDONYM_H
#define PEOPLE_PSEUDONYM_H

#include <stdbool.h>
#include <stdint.h>

#include "agents/people/verbs.h"

#define BSN_DIGITS 9
#define PSEUDONYM_SIZE 32
#define SECRET_SIZE_MIN 32	/* bytes of a regional secret */

/* Nine digits, eight with the zero in front left out; blanks around them and
 * dots and blanks between them are let through. bsn is nine ASCII digits
 * without an end. */
bool bsn_read(const char *text, char bsn[BSN_DIGITS]);
void bsn_pseudonym(const uint8_t *secret, size_t secret_size,
    const char bsn[BSN_DIGITS], uint8_t pseudonym[PSEUDONYM_SIZE]);

/* schakel pseudonym */
int pseudonym_run(const struct call *call, struct draft *draft);

#endif
