/*
 * products.h - the product codes of the Youth Act and where such help is
 * given.
 *
 * Zorginstituut Nederland, product code list JZ21 (Productcodelijst Jeugdwet):
 * code, category and care form (hulpvorm), re-typed as facts.
 */
#ifndef CORE_PRODUCTS_H
#define CORE_PRODUCTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PRODUCT_CODE_SIZE 5
#define PRODUCTS 450

/*
 * With or without stay (verblijf). The number of a form says it only together
 * with its category: 11 is foster care under 43, but a supervision order under
 * 48, which leaves open where the child lives.
 */
enum product_stay { PRODUCT_STAY_UNKNOWN, PRODUCT_AT_HOME, PRODUCT_OUT_OF_HOME };

struct product {
	char code[PRODUCT_CODE_SIZE + 1];
	uint8_t category;	/* 40 to 53; 0: the heading of a category */
	uint8_t form;		/* 0: the list names none */
	uint8_t stay;		/* enum product_stay */
};

/* In order of code; NULL when i is past the last. */
const struct product *product_at(size_t i);
/* NULL when the list has no such code. */
const struct product *product_find(const char *code);
enum product_stay product_stay(const char *code);
/* False for what is at home and for what the list leaves open. */
bool product_is_out_of_home(const char *code);

#endif
