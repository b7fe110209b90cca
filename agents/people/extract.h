/*
 * extract.h - schakel extract: what one parent may read of a case, as text,
 * JSON, or a page that prints.
 */
#ifndef PEOPLE_EXTRACT_H
#define PEOPLE_EXTRACT_H

#include "agents/people/verbs.h"

int extract_run(const struct call *call, struct draft *draft);

#endif
