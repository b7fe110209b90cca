#include "proto/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
	enum sk_error code;
	const char *name;
	const char *nl;
	const char *en;
} errors[] = {
#define X(name, number, nl, en) { SK_##name, #name, nl, en },
	SK_ERROR_LIST(X)
#undef X
};

#define ERRORS (sizeof(errors) / sizeof(errors[0]))

const char *
error_name(enum sk_error code)
{
	for (size_t i = 0; i < ERRORS; i++)
		if (errors[i].code == code)
			return errors[i].name;
	return "UNKNOWN";
}

enum sk_error
error_by_name(const char *name)
{
	for (size_t i = 0; i < ERRORS; i++)
		if (strcmp(errors[i].name, name) == 0)
			return errors[i].code;
	return SK_OK;
}

const char *
error_text(enum sk_error code)
{
	for (size_t i = 0; i < ERRORS; i++)
		if (errors[i].code == code)
			return errors[i].en;
	return "an error that this build does not know";
}

const char *
error_text_nl(enum sk_error code)
{
	for (size_t i = 0; i < ERRORS; i++)
		if (errors[i].code == code)
			return errors[i].nl;
	return "een fout die deze versie niet kent";
}

int
error_is_refusal(enum sk_error code)
{
	return code > SK_OK && code < SK_NOT_FOUND;
}

enum sk_error
fault_set(struct fault *fault, enum sk_error code, const char *field,
    const char *hint, ...)
{
	va_list ap;

	if (fault == NULL)
		return code;
	fault->code = code;
	snprintf(fault->field, sizeof(fault->field), "%s",
	    field == NULL ? "" : field);
	fault->hint[0] = '\0';
	if (hint != NULL) {
		va_start(ap, hint);
		vsnprintf(fault->hint, sizeof(fault->hint), hint, ap);
		va_end(ap);
	}
	return code;
}
