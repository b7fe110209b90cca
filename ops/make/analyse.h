/*
 * analyse.h - given to the analyzer before each file, never to the compiler.
 *
 * The analyzer reads one file at a time and would think that fault_set may
 * return SK_OK; it returns its code.
 */
#include "proto/error.h"

#define fault_set(fault, code, ...) \
	((void)(fault_set)(fault, code, __VA_ARGS__), (code))
