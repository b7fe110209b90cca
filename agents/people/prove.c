#include "agents/people/prove.h"

#include <stdio.h>
#include <string.h>

#include "agents/people/ask.h"
#include "agents/people/draft.h"
#include "agents/people/screen.h"
#include "broker/lib/file.h"

static json_int_t
number(const json_t *answer, const char *key)
{
	return json_integer_value(json_object_get(answer, key));
}

/* To whoever reads: on stderr when stdout is the proof itself. */
static void
tell(FILE *file, const json_t *answer, const char *out)
{
	fprintf(file, "regel %lld van %lld staat in het journaal / entry %lld "
	    "of %lld is in the journal\n  sleutel / key: ",
	    (long long)number(answer, "position"),
	    (long long)number(answer, "size"),
	    (long long)number(answer, "position"),
	    (long long)number(answer, "size"));
	screen_text(file, screen_string(answer, "vkey"));
	fputs("\n  nagaan / check: schakel-audit check ", file);
	screen_text(file, out == NULL ? "FILE" : out);
	fputs(" --key '", file);
	screen_text(file, screen_string(answer, "vkey"));
	fputs("'\n", file);
}

static int
give(const struct call *call, const json_t *answer, const char *out)
{
	const char *proof = screen_string(answer, "proof");
	struct fault fault = { 0 };

	if (out != NULL && file_write(out, proof, strlen(proof), 0644,
	    &fault) != SK_OK) {
		ask_tell_fault(&fault);
		return EXIT_REFUSED;
	}
	if (call->json) {
		json_dumpf(answer, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII);
		fputs("\n", stdout);
		return EXIT_DONE;
	}
	if (out == NULL)
		fputs(proof, stdout);
	tell(out == NULL ? stderr : stdout, answer, out);
	return EXIT_DONE;
}

int
prove_run(const struct call *call, struct draft *draft)
{
	json_t *out = json_incref(json_object_get(draft->request, "out"));
	json_t *answer = NULL;
	struct fault fault = { 0 };
	int code = EXIT_REFUSED;

	/* Where it goes is no business of the agent's. */
	json_object_del(draft->request, "out");
	if (ask(call, draft->request, &answer, &fault) != SK_OK) {
		ask_tell_fault(&fault);
		code = EXIT_NO_USE;
	} else if (json_is_true(json_object_get(answer, "ok"))) {
		code = give(call, answer, json_string_value(out));
	} else if (call->json) {
		json_dumpf(answer, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII);
		fputs("\n", stdout);
	} else {
		ask_tell_error(json_object_get(answer, "error"));
	}
	json_decref(out);
	json_decref(answer);
	return code;
}
