#include "proto/fault.h"

#include <stdarg.h>
#include <stdio.h>

enum sk_error
fault_at(struct fault *fault, enum sk_error code, const char *hint,
    const char *path, ...)
{
	char field[sizeof(fault->field)];
	va_list ap;

	va_start(ap, path);
	vsnprintf(field, sizeof(field), path, ap);
	va_end(ap);
	return fault_set(fault, code, field, hint == NULL ? NULL : "%s", hint);
}
