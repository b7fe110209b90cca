/*
 * main.c - schakel-agent: options, configuration, one loop.
 */
#include <getopt.h>
#include <limits.h>
#include <malloc.h>
#include <sodium.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "agents/agent/charters.h"
#include "agents/agent/daemon.h"
#include "agents/agent/evidence.h"
#include "agents/agent/init.h"
#include "agents/agent/witness.h"
#include "broker/lib/file.h"
#include "broker/lib/log.h"
#include "broker/lib/notify.h"
#include "broker/lib/yaml.h"
#include "proto/message.h"
#include "proto/words.h"

#define CONFIG_ARENA (256u * 1024)

static const char usage[] =
    "usage: schakel-agent -c FILE [-n]\n"
    "       schakel-agent init DIR --role ROLE --name NAME --code CODE\n"
    "       schakel-agent join DIR --invitation FILE\n"
    "       schakel-agent rotate DIR\n"
    "       schakel-agent witness-key DIR --name NAME\n"
    "       schakel-agent trust-region DIR --key FILE --words WORDS\n"
    "       schakel-agent clear-fork DIR [--forget]\n"
    "  -c, --config FILE      configuration (YAML)\n"
    "  -n, --check            check the configuration, start nothing\n"
    "      --role ROLE        ACCESS, PROVIDER, COURT, GI, RVDK, RET, BOEG,\n"
    "                         AUDITOR or REGION\n"
    "      --name NAME        of the organisation unit, at most 80 bytes\n"
    "      --code CODE        OIN, AGB, CBS or CORV code\n"
    "      --invitation FILE  from the region's operator\n"
    "      --key FILE         the region's new enrolment key, public\n"
    "      --words WORDS      its eight words, as the region reads them\n"
    "      --forget           take the broker's next checkpoint as the first\n"
    "  -V, --version\n"
    "  -h, --help             schakel-agent(8) has the rest\n";

struct options {
	const char *config, *role, *name, *code, *invitation, *key, *words;
	bool check, forget;
	const char *verb, *dir;
};

/* 0: go on; else the exit code plus one. */
static int
read_options(int argc, char **argv, struct options *options)
{
	static const struct option longs[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "check", no_argument, NULL, 'n' },
		{ "role", required_argument, NULL, 'r' },
		{ "name", required_argument, NULL, 'N' },
		{ "code", required_argument, NULL, 'C' },
		{ "invitation", required_argument, NULL, 'i' },
		{ "key", required_argument, NULL, 'k' },
		{ "words", required_argument, NULL, 'w' },
		{ "forget", no_argument, NULL, 'f' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "c:nVh", longs, NULL)) != -1) {
		switch (c) {
		case 'c': options->config = optarg; break;
		case 'n': options->check = true; break;
		case 'r': options->role = optarg; break;
		case 'N': options->name = optarg; break;
		case 'C': options->code = optarg; break;
		case 'i': options->invitation = optarg; break;
		case 'k': options->key = optarg; break;
		case 'w': options->words = optarg; break;
		case 'f': options->forget = true; break;
		case 'V':
			puts("schakel-agent " AGENT_VERSION);
			return 1;
		case 'h':
			fputs(usage, stdout);
			return 1;
		default:
			fputs(usage, stderr);
			return 3;
		}
	}
	if (optind < argc)
		options->verb = argv[optind++];
	if (optind < argc)
		options->dir = argv[optind++];
	if (optind == argc && (options->verb == NULL) ==
	    (options->config != NULL) && (options->verb == NULL) ==
	    (options->dir == NULL))
		return 0;
	fputs(usage, stderr);
	return 3;
}

/* ---- init, join, rotate */

static int
complain(const char *what, const struct fault *fault)
{
	fprintf(stderr, "schakel-agent %s: %s%s%s (%s)\n", what, fault->field,
	    fault->field[0] == '\0' || fault->hint[0] == '\0' ? "" : ": ",
	    fault->hint, error_name(fault->code));
	fprintf(stderr, "  %s\n  %s\n", error_text_nl(fault->code),
	    error_text(fault->code));
	return EXIT_FAILURE;
}

static int
run_init(const struct options *options)
{
	char words[WORDS_TEXT_MAX];
	struct fault fault = { 0 };
	Sk__Role role;

	if (options->role == NULL || options->name == NULL ||
	    options->code == NULL || !role_by_name(options->role, &role)) {
		fputs(usage, stderr);
		return 2;
	}
	if (init_make(options->dir, options->name, options->code, role, words,
	    &fault) != SK_OK)
		return complain("init", &fault);
	printf("Aanvraag: %s/request\n"
	    "Stuur dat bestand aan de regio en lees deze acht woorden voor "
	    "aan de telefoon:\n"
	    "Send that file to the region and read these eight words over the "
	    "telephone:\n\n  %s\n", options->dir, words);
	return EXIT_SUCCESS;
}

static int
run_join(const struct options *options)
{
	char words[WORDS_TEXT_MAX];
	struct fault fault = { 0 };

	if (options->invitation == NULL) {
		fputs(usage, stderr);
		return 2;
	}
	if (init_join(options->dir, options->invitation, words, &fault) !=
	    SK_OK)
		return complain("join", &fault);
	printf("Uitnodiging: %s/invitation\n"
	    "De regio leest deze acht woorden voor; vergelijk ze:\n"
	    "The region reads these eight words; compare them:\n\n  %s\n",
	    options->dir, words);
	return EXIT_SUCCESS;
}

static int
run_witness_key(const struct options *options)
{
	char keys[PATH_MAX], vkey[NOTE_VKEY_MAX + 1];
	struct fault fault = { 0 };

	if (options->name == NULL) {
		fputs(usage, stderr);
		return 2;
	}
	file_path(keys, sizeof(keys), options->dir, "keys");
	if (witness_make(keys, options->name, vkey, &fault) != SK_OK)
		return complain("witness-key", &fault);
	printf("Sleutel van een getuige. Geef de regio deze regel voor het "
	    "beleid, en start de agent opnieuw.\n"
	    "Key of a witness. Give the region this line for its policy, and "
	    "start the agent again.\n\n%s\n", vkey);
	return EXIT_SUCCESS;
}

static int
run_rotate(const struct options *options)
{
	struct fault fault = { 0 };

	if (init_rotate(options->dir, &fault) != SK_OK)
		return complain("rotate", &fault);
	printf("Nieuwe sleutels. Stuur %s/rotation aan de regio; tot die is "
	    "ingevoerd, laat de broker deze agent niet toe.\n"
	    "New keys. Send %s/rotation to the region; until it is entered the "
	    "broker does not admit this agent.\n", options->dir, options->dir);
	return EXIT_SUCCESS;
}

static int
run_trust_region(const struct options *options)
{
	char store[PATH_MAX];
	struct fault fault = { 0 };

	if (options->key == NULL) {
		fputs(usage, stderr);
		return 2;
	}
	file_path(store, sizeof(store), options->dir, "store");
	if (charters_trust(store, options->key, options->words, &fault) !=
	    SK_OK)
		return complain("trust-region", &fault);
	printf("Deze sleutel van de regio wordt vertrouwd zodra haar "
	    "beheerders ervoor tekenden; start de agent opnieuw.\n"
	    "This key of the region is trusted once its operators signed for "
	    "it; start the agent again.\n");
	return EXIT_SUCCESS;
}

static int
run_clear_fork(const struct options *options)
{
	char kept_as[PATH_MAX];
	struct fault fault = { 0 };

	if (evidence_clear(options->dir, options->forget, kept_as,
	    sizeof(kept_as), &fault) != SK_OK)
		return complain("clear-fork", &fault);
	printf("Deze agent mag weer verzenden. Wat hij bewaarde, blijft: %s\n"
	    "This agent may send again. What it kept stays: %s\n", kept_as,
	    kept_as);
	return EXIT_SUCCESS;
}

static int
run_verb(const struct options *options)
{
	static const struct {
		const char *name;
		int (*run)(const struct options *options);
	} verbs[] = {
		{ "init", run_init },
		{ "join", run_join },
		{ "rotate", run_rotate },
		{ "witness-key", run_witness_key },
		{ "trust-region", run_trust_region },
		{ "clear-fork", run_clear_fork },
	};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].name, options->verb) == 0)
			return verbs[i].run(options);
	fputs(usage, stderr);
	return 2;
}

/* ---- the daemon */

static enum sk_error
check_config(const struct yaml *yaml, Sk__AgentConfig *config,
    struct yaml_fault *fault)
{
	static const struct {
		const char *name;
		size_t offset;
	} needed[] = {
		{ "store", offsetof(Sk__AgentConfig, store) },
		{ "keys", offsetof(Sk__AgentConfig, keys) },
		{ "invitation", offsetof(Sk__AgentConfig, invitation) },
		{ "socket", offsetof(Sk__AgentConfig, socket) },
	};
	enum log_level level = LOG_INFO;

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (*(char *const *)(const void *)((const char *)config +
		    needed[i].offset) == NULL)
			return yaml_complain(yaml, fault, needed[i].name,
			    "missing; it has no default");
	if (config->broker != NULL && strncmp(config->broker, "tcp://", 6) != 0)
		return yaml_complain(yaml, fault, "broker",
		    "want tcp://host:port");
	if (config->log_level != NULL &&
	    log_level_by_name(config->log_level, &level) != 0)
		return yaml_complain(yaml, fault, "log_level",
		    "want error, warn, info or debug");
	log_open("schakel-agent", level);
	return SK_OK;
}

/* The files that the configuration names, as far as they can be checked
 * without starting. */
static enum sk_error
check_files(const Sk__AgentConfig *config, struct fault *fault)
{
	struct yaml_fault yaml = { 0 };
	struct people *people = NULL;
	struct identity identity;
	enum sk_error rc;

	rc = identity_read_keys(&identity, config->keys, fault);
	if (rc == SK_OK)
		rc = identity_read_invitation(&identity, config->invitation,
		    fault);
	if (rc == SK_OK && identity.invitation.test && !config->allow_test)
		rc = fault_set(fault, SK_CONFIG, "allow_test",
		    "this invitation is for a test journal: set it to true");
	identity_clear(&identity);
	if (rc == SK_OK && config->users != NULL &&
	    (rc = people_open(config->users, &people, &yaml)) != SK_OK)
		fault_set(fault, rc, "users", "%.150s", yaml.text);
	people_close(people);
	return rc;
}

static int
refuse_start(const struct fault *fault)
{
	log_event(LOG_ERROR, "cannot start",
	    "error=%s text=\"%s\" where=\"%s\" hint=\"%s\"",
	    error_name(fault->code), error_text(fault->code), fault->field,
	    fault->hint);
	return EXIT_FAILURE;
}

static int
run(const Sk__AgentConfig *config)
{
	struct daemon *daemon = NULL;
	struct fault fault = { 0 };
	enum sk_error rc;

	if (daemon_open(config, &daemon, &fault) != SK_OK)
		return refuse_start(&fault);
	log_event(LOG_INFO, "ready", "socket=%s", config->socket);
	notify_ready();
	rc = daemon_run(daemon);
	notify_stopping();
	daemon_close(daemon);
	log_event(LOG_INFO, "stopped", "error=%s", error_name(rc));
	return rc == SK_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int
run_daemon(const struct options *options)
{
	static uint8_t bytes[CONFIG_ARENA];
	ProtobufCMessage *message = NULL;
	struct yaml_fault yaml_fault = { 0 };
	struct fault fault = { 0 };
	struct yaml *yaml = NULL;
	Sk__AgentConfig *config = NULL;
	struct arena arena;
	enum sk_error rc;

	log_open("schakel-agent", LOG_INFO);
	arena_init(&arena, bytes, sizeof(bytes));
	rc = yaml_read(options->config, &sk__agent_config__descriptor, &arena,
	    &message, &yaml, &yaml_fault);
	if (rc == SK_OK) {
		config = (Sk__AgentConfig *)message;
		rc = check_config(yaml, config, &yaml_fault);
	}
	yaml_close(yaml);
	if (rc != SK_OK) {
		log_event(LOG_ERROR, "configuration refused", "%s",
		    yaml_fault.text);
		return EXIT_FAILURE;
	}
	if (!options->check)
		return run(config);
	if (check_files(config, &fault) != SK_OK)
		return refuse_start(&fault);
	printf("%s: in orde / ok\n", options->config);
	return EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
	struct options options = { 0 };
	int rc = read_options(argc, argv, &options);

	if (rc != 0)
		return rc - 1;
	mallopt(M_ARENA_MAX, 1);
	umask(0077);
	if (sodium_init() < 0) {
		fprintf(stderr, "schakel-agent: libsodium does not start\n");
		return EXIT_FAILURE;
	}
	return options.verb != NULL ? run_verb(&options) :
	    run_daemon(&options);
}
