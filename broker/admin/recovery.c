/*
 * recovery.c - after a restore: who has reported, its end, and what could not
 * be accepted again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/admin/admin.h"
#include "broker/journal/journal.h"

static int
look(const struct options *options)
{
	Sk__ControlAnswer *answer = NULL;
	struct fault fault = { 0 };
	const Sk__BrokerStatus *status;

	if (ask_status(options, &answer, &fault) != SK_OK)
		return admin_fail(options, &fault);
	status = answer->status;
	printf(status->recovery ? "in herstel / in recovery: %s\n" :
	    "niet in herstel / not in recovery: %s\n", status->origin);
	for (size_t i = 0; status->recovery && i < status->n_participants; i++)
		printf("  %-6llu %-30s %s, %llu wachten / waiting\n",
		    (unsigned long long)status->participants[i]->participant,
		    status->participants[i]->name,
		    status->participants[i]->reported ?
		    "gemeld / reported" : "NIET GEMELD / NOT REPORTED",
		    (unsigned long long)status->participants[i]->staged);
	for (size_t i = 0; i < status->n_conflicts; i++)
		printf("  regel / entry %llu: nr %llu van / of %llu kon niet "
		    "opnieuw worden aanvaard / could not be accepted again\n",
		    (unsigned long long)status->conflicts[i]->position,
		    (unsigned long long)status->conflicts[i]->number,
		    (unsigned long long)status->conflicts[i]->sender);
	for (size_t i = 0; i < status->n_told_erased; i++)
		printf("  zaak / case %llu: al gewist volgens / erased before, "
		    "says %llu: wis opnieuw / erase it again\n",
		    (unsigned long long)status->told_erased[i]->case_number,
		    (unsigned long long)status->told_erased[i]->participant);
	answer_free(answer);
	return EXIT_SUCCESS;
}

static int
tell(const struct options *options, const Sk__Command *command,
    const char *done)
{
	Sk__ControlAnswer *answer = NULL;
	struct fault fault = { 0 };

	if (ask_command(options, command, &answer, &fault) != SK_OK)
		return admin_fail(options, &fault);
	if (options->json)
		printf("{\"ok\": true, \"position\": %llu}\n",
		    (unsigned long long)answer->position);
	else
		printf("%s (%llu)\n", done,
		    (unsigned long long)answer->position);
	answer_free(answer);
	return EXIT_SUCCESS;
}

static bool
read_settled(const struct options *options, Sk__Settle *settle,
    struct fault *fault)
{
	static const struct { const char *name; Sk__SettledAs as; } words[] = {
		{ "again", SK__SETTLED_AS__SAY_IT_AGAIN },
		{ "arranged", SK__SETTLED_AS__ARRANGED },
		{ "not-needed", SK__SETTLED_AS__NOT_NEEDED },
	};

	for (size_t i = 0; options->as != NULL &&
	    i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].name, options->as) == 0) {
			settle->has_as = 1;
			settle->as = words[i].as;
			return true;
		}
	fault_set(fault, SK_USAGE, "--as", "again, arranged or not-needed: "
	    "what its sender is told");
	return false;
}

int
verb_recovery(const struct options *options)
{
	Sk__Command command = SK__COMMAND__INIT;
	Sk__EndRecovery end = SK__END_RECOVERY__INIT;
	Sk__Settle settle = SK__SETTLE__INIT;
	struct fault fault = { 0 };

	if (options->settle != 0) {
		settle.has_position = 1;
		settle.position = options->settle;
		if (!read_settled(options, &settle, &fault))
			return admin_fail(options, &fault);
		command.settle = &settle;
		return tell(options, &command, "afgehandeld / settled");
	}
	if (!options->end)
		return look(options);
	end.n_absent = options->n_absent;
	end.absent = (uint64_t *)(uintptr_t)options->absent;
	end.n_erase_later = options->n_erase_later;
	end.erase_later = (uint64_t *)(uintptr_t)options->erase_later;
	command.end_recovery = &end;
	return tell(options, &command, "herstel afgesloten / recovery ended");
}
