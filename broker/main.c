/*
 * main.c - schakel-broker: options, configuration, one loop.
 */
#include <getopt.h>
#include <malloc.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "broker/edge/edge.h"
#include "broker/lib/log.h"
#include "broker/lib/notify.h"
#include "broker/lib/yaml.h"

#define CONFIG_ARENA (256u * 1024)

static const char usage[] =
    "usage: schakel-broker -c FILE [-n] [--test-clock]\n"
    "  -c, --config FILE  configuration (YAML)\n"
    "  -n, --check        check the configuration, start nothing\n"
    "      --rebuild      make the state again from the journal, compare it\n"
    "                     row by row with the one that is there, and stop\n"
    "      --test-clock   a clock that stands until it is stepped;\n"
    "                     test journals only\n"
    "  -V, --version\n"
    "  -h, --help         schakel-broker(8) has the rest\n";

struct options {
	const char *config;
	bool check, test_clock, rebuild;
};

/* 0: go on; else the exit code plus one. */
static int
read_options(int argc, char **argv, struct options *options)
{
	static const struct option longs[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "check", no_argument, NULL, 'n' },
		{ "test-clock", no_argument, NULL, 't' },
		{ "rebuild", no_argument, NULL, 'r' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "c:nVh", longs, NULL)) != -1) {
		switch (c) {
		case 'c':
			options->config = optarg;
			break;
		case 'n':
			options->check = true;
			break;
		case 't':
			options->test_clock = true;
			break;
		case 'r':
			options->rebuild = true;
			break;
		case 'V':
			puts("schakel-broker " BROKER_VERSION);
			return 1;
		case 'h':
			fputs(usage, stdout);
			return 1;
		default:
			fputs(usage, stderr);
			return 3;
		}
	}
	if (options->config != NULL && optind == argc)
		return 0;
	fputs(usage, stderr);
	return 3;
}

static void
fill_defaults(Sk__BrokerConfig *config)
{
	static char level[] = "info";

	if (config->log_level == NULL)
		config->log_level = level;
	if (!config->has_low_water_mib)
		config->low_water_mib = 256;
	if (!config->has_batch_max)
		config->batch_max = 1024;
	if (!config->has_company_ms)
		config->company_ms = 5;
	if (!config->has_scrub_per_second)
		config->scrub_per_second = 100;
}

static enum sk_error
check_config(const struct yaml *yaml, const Sk__BrokerConfig *config,
    struct yaml_fault *fault)
{
	static const struct {
		const char *name;
		size_t offset;
	} needed[] = {
		{ "journal", offsetof(Sk__BrokerConfig, journal) },
		{ "keys", offsetof(Sk__BrokerConfig, keys) },
		{ "listen", offsetof(Sk__BrokerConfig, listen) },
		{ "control", offsetof(Sk__BrokerConfig, control) },
	};
	enum log_level level;

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (*(char *const *)(const void *)((const char *)config +
		    needed[i].offset) == NULL)
			return yaml_complain(yaml, fault, needed[i].name,
			    "missing; it has no default");
	if (strncmp(config->listen, "tcp://", 6) != 0)
		return yaml_complain(yaml, fault, "listen",
		    "want tcp://address:port");
	if (log_level_by_name(config->log_level, &level) != 0)
		return yaml_complain(yaml, fault, "log_level",
		    "want error, warn, info or debug");
	if (config->batch_max < 1 || config->batch_max > 65536)
		return yaml_complain(yaml, fault, "batch_max",
		    "want 1 to 65536");
	if (config->company_ms > 1000)
		return yaml_complain(yaml, fault, "company_ms",
		    "want 0 to 1000");
	if (config->scrub_per_second > 100000)
		return yaml_complain(yaml, fault, "scrub_per_second",
		    "want 0 to 100000");
	log_open("schakel-broker", level);
	return SK_OK;
}

static int
run(const struct options *options, const Sk__BrokerConfig *config)
{
	const struct broker_options open_options = { .config = config,
		.test_clock = options->test_clock };
	struct broker *broker = NULL;
	struct fault fault = { 0 };
	enum sk_error rc;

	rc = broker_open(&open_options, &broker, &fault);
	if (rc != SK_OK) {
		log_event(LOG_ERROR, "cannot start", "error=%s: %s; %s: %s",
		    error_name(rc), error_text(rc), fault.field, fault.hint);
		return EXIT_FAILURE;
	}
	log_event(LOG_INFO, "ready", "listen=%s", broker_endpoint(broker));
	notify_ready();
	rc = broker_run(broker);
	notify_stopping();
	broker_close(broker);
	log_event(LOG_INFO, "stopped", "error=%s", error_name(rc));
	return rc == SK_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
main(int argc, char **argv)
{
	static uint8_t bytes[CONFIG_ARENA];
	struct options options = { 0 };
	ProtobufCMessage *message = NULL;
	struct yaml_fault fault = { 0 };
	struct yaml *yaml = NULL;
	Sk__BrokerConfig *config;
	struct arena arena;
	int rc = read_options(argc, argv, &options);

	if (rc != 0)
		return rc - 1;
	mallopt(M_ARENA_MAX, 1);
	umask(0077);
	log_open("schakel-broker", LOG_INFO);
	if (sodium_init() < 0) {
		log_event(LOG_ERROR, "cannot start", "error=CRYPTO");
		return EXIT_FAILURE;
	}
	arena_init(&arena, bytes, sizeof(bytes));
	rc = EXIT_FAILURE;
	if (yaml_read(options.config, &sk__broker_config__descriptor, &arena,
	    &message, &yaml, &fault) == SK_OK) {
		config = (Sk__BrokerConfig *)message;
		fill_defaults(config);
		if (check_config(yaml, config, &fault) == SK_OK)
			rc = EXIT_SUCCESS;
	}
	yaml_close(yaml);
	if (rc != EXIT_SUCCESS)
		log_event(LOG_ERROR, "configuration refused", "%s", fault.text);
	else if (options.rebuild)
		rc = broker_rebuild(config->journal) == SK_OK ? EXIT_SUCCESS :
		    EXIT_FAILURE;
	else if (!options.check)
		rc = run(&options, config);
	else
		printf("%s: in orde / ok\n", options.config);
	return rc;
}
