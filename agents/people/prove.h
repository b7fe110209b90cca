/*
 * prove.h - schakel prove: the broker's proof that a message stands in its
 * journal, as a file that anyone checks without a broker.
 */
#ifndef PEOPLE_PROVE_H
#define PEOPLE_PROVE_H

#include "agents/people/verbs.h"

int prove_run(const struct call *call, struct draft *draft);

#endif
