#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cmocka.h>

#include "broker/lib/control.h"
#include "broker/lib/log.h"
#include "tests/unit/lib/scratch.h"

/*
 * The server runs here, its callers in a thread each (control_ask blocks) or
 * as bare sockets. What the handler got is written down.
 */
enum how { ECHO, LATER, OVERSIZED };

struct host {
	struct loop *loop;
	struct control_server *server;
	enum how how;
	unsigned requests, went;
	uid_t uid;
	uint8_t last[64];
	size_t last_size;
	struct control_client *waiting[2];
	struct control_client *gone;
	char path[PATH_MAX];
};

static void
handle(void *context, struct control_client *client, uid_t uid,
    struct span request)
{
	struct host *host = context;

	host->uid = uid;
	host->last_size = request.size;
	memcpy(host->last, request.bytes,
	    request.size < sizeof(host->last) ? request.size :
	    sizeof(host->last));
	if (host->how == ECHO)
		control_answer(client, request.bytes, request.size);
	else if (host->how == OVERSIZED)
		control_answer(client, request.bytes, CONTROL_BYTES_MAX + 1);
	else
		host->waiting[host->requests % 2] = client;
	host->requests++;
}

static void
went_away(void *context, struct control_client *client)
{
	struct host *host = context;

	host->went++;
	host->gone = client;
}

static void
host_open(struct host *host, void **state, unsigned mode)
{
	struct fault fault;

	*host = (struct host){ .how = ECHO };
	snprintf(host->path, sizeof(host->path), "%s/socket",
	    (const char *)*state);
	assert_int_equal(loop_open(&host->loop), SK_OK);
	assert_int_equal(control_listen(host->loop, host->path, mode, handle,
	    went_away, host, &host->server, &fault), SK_OK);
}

static void
host_close(struct host *host)
{
	control_close(host->server);
	loop_close(host->loop);
}

static int
caller(const struct host *host)
{
	struct fault fault;
	int fd;

	assert_int_equal(control_connect(host->path, 1000, &fd, &fault), SK_OK);
	return fd;
}

static void
turns(struct host *host, unsigned n)
{
	while (n-- > 0)
		assert_int_equal(loop_turn(host->loop, 0), SK_OK);
}

/* One control_ask in a thread of its own. */
struct asking {
	pthread_t thread;
	int fd;
	const void *request;
	size_t size;
	int timeout_ms;
	enum sk_error code;
	uint8_t *answer;
	size_t answer_size;
	volatile bool done;
};

static void *
ask(void *context)
{
	struct asking *asking = context;
	struct fault fault;

	asking->code = control_ask(asking->fd, asking->request, asking->size,
	    asking->timeout_ms, &asking->answer, &asking->answer_size, &fault);
	__atomic_store_n(&asking->done, true, __ATOMIC_RELEASE);
	return NULL;
}

static void
ask_begin(struct asking *asking, int fd, const void *request, size_t size)
{
	*asking = (struct asking){ .fd = fd, .request = request, .size = size,
	    .timeout_ms = 20000 };
	assert_int_equal(pthread_create(&asking->thread, NULL, ask, asking), 0);
}

static void
ask_end(struct asking *asking, struct host *host)
{
	while (!__atomic_load_n(&asking->done, __ATOMIC_ACQUIRE))
		assert_int_equal(loop_turn(host->loop, 1), SK_OK);
	pthread_join(asking->thread, NULL);
}

static void
test_a_request_gets_its_answer_and_the_callers_uid_is_known(void **state)
{
	static const size_t sizes[] = { 0, 1, 4095, 4096, 4097, 300000,
	    CONTROL_BYTES_MAX };
	uint8_t *bytes = malloc(CONTROL_BYTES_MAX);
	struct asking asking;
	struct host host;
	int fd;

	host_open(&host, state, 0600);
	fd = caller(&host);
	for (size_t i = 0; i < CONTROL_BYTES_MAX; i++)
		bytes[i] = (uint8_t)(i * 7 >> 3);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		ask_begin(&asking, fd, bytes, sizes[i]);
		ask_end(&asking, &host);
		assert_int_equal(asking.code, SK_OK);
		assert_int_equal(asking.answer_size, sizes[i]);
		assert_memory_equal(asking.answer, bytes, sizes[i]);
		free(asking.answer);
	}
	assert_int_equal(host.requests, sizeof(sizes) / sizeof(*sizes));
	assert_int_equal(host.uid, getuid());
	assert_int_equal(host.went, 0);
	close(fd);
	host_close(&host);
	free(bytes);
}

static void
test_a_request_past_the_limit_is_not_taken(void **state)
{
	struct asking asking;
	struct fault fault;
	struct host host;
	uint8_t *answer;
	size_t size;
	int fd;

	host_open(&host, state, 0600);
	fd = caller(&host);
	assert_int_equal(control_ask(fd, "", CONTROL_BYTES_MAX + 1, 10,
	    &answer, &size, &fault), SK_OVERSIZED);
	/* Its announcement is enough to end the connection. */
	assert_int_equal(write(fd, "\x01\x00\x00\x01", 4), 4);
	turns(&host, 3);
	assert_int_equal(read(fd, &size, 1), 0);
	close(fd);
	/* So it is with an answer: our own limit holds for us too. */
	host.how = OVERSIZED;
	fd = caller(&host);
	ask_begin(&asking, fd, "x", 1);
	ask_end(&asking, &host);
	assert_int_equal(asking.code, SK_NOT_CONNECTED);
	close(fd);
	assert_int_equal(host.requests, 1);
	host_close(&host);
}

static long
heap_kib(void)
{
	long pages = 0;
	FILE *statm = fopen("/proc/self/statm", "r");

	assert_non_null(statm);
	assert_int_equal(fscanf(statm, "%*s %ld", &pages), 1);
	fclose(statm);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static void
test_an_announced_size_costs_nothing(void **state)
{
	int fds[CONTROL_CLIENTS_MAX];
	struct host host;
	long before;

	host_open(&host, state, 0600);
	before = heap_kib();
	for (int i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		fds[i] = caller(&host);
		assert_int_equal(write(fds[i], "\x00\xff\xff\xff" "x", 5), 5);
		turns(&host, 2);
	}
	/* They announced 1 GiB. */
	assert_true(heap_kib() - before < 16 * 1024);
	for (int i = 0; i < CONTROL_CLIENTS_MAX; i++)
		close(fds[i]);
	turns(&host, 3);
	assert_int_equal(host.requests, 0);
	assert_int_equal(host.went, 0);
	host_close(&host);
}

static void
test_requests_in_pieces_and_several_at_once_are_served_in_order(void **state)
{
	static const uint8_t three[] = { 0, 0, 0, 2, 'a', 'b', 0, 0, 0, 0,
	    0, 0, 0, 1, 'c' };
	uint8_t back[32];
	struct host host;
	int fd;

	host_open(&host, state, 0600);
	fd = caller(&host);
	for (size_t i = 0; i < sizeof(three); i++) {
		assert_int_equal(write(fd, three + i, 1), 1);
		turns(&host, 2);
	}
	assert_int_equal(host.requests, 3);
	assert_int_equal(read(fd, back, sizeof(back)), sizeof(three));
	assert_memory_equal(back, three, sizeof(three));
	assert_int_equal(write(fd, three, sizeof(three)), sizeof(three));
	turns(&host, 6);
	assert_int_equal(host.requests, 6);
	assert_int_equal(read(fd, back, sizeof(back)), sizeof(three));
	assert_memory_equal(back, three, sizeof(three));
	close(fd);
	host_close(&host);
}

static void
test_an_answer_may_come_later_and_the_next_request_waits(void **state)
{
	struct control_client *first;
	uint8_t back[16];
	struct host host;
	int fd;

	host_open(&host, state, 0600);
	host.how = LATER;
	fd = caller(&host);
	assert_int_equal(write(fd, "\0\0\0\1a\0\0\0\1b", 10), 10);
	turns(&host, 4);
	assert_int_equal(host.requests, 1);
	assert_int_equal(recv(fd, back, 1, MSG_DONTWAIT), -1);
	first = host.waiting[0];
	control_answer(first, "A", 1);
	turns(&host, 3);
	assert_int_equal(host.requests, 2);
	assert_ptr_equal(host.waiting[1], first);
	control_answer(first, "B", 1);
	assert_int_equal(read(fd, back, sizeof(back)), 10);
	assert_memory_equal(back, "\0\0\0\1A\0\0\0\1B", 10);
	close(fd);
	turns(&host, 2);
	assert_int_equal(host.went, 0);
	host_close(&host);
}

static void
test_who_hangs_up_while_it_waits_is_told_about(void **state)
{
	struct host host;
	int fds[3];

	host_open(&host, state, 0600);
	host.how = LATER;
	for (int i = 0; i < 3; i++) {
		fds[i] = caller(&host);
		/* The third hangs up within its request: no one waits. */
		assert_int_equal(write(fds[i], "\0\0\0\1a", i < 2 ? 5 : 4),
		    i < 2 ? 5 : 4);
		turns(&host, 2);
	}
	assert_int_equal(host.requests, 2);
	close(fds[2]);
	close(fds[0]);
	turns(&host, 3);
	assert_int_equal(host.went, 1);
	assert_ptr_equal(host.gone, host.waiting[0]);
	/* Nor does closing the server leave anyone with a dead pointer. */
	host_close(&host);
	assert_int_equal(host.went, 2);
	assert_ptr_equal(host.gone, host.waiting[1]);
	close(fds[1]);
}

static void
test_a_caller_that_only_stopped_sending_gets_its_answer(void **state)
{
	uint8_t back[8];
	struct host host;
	int fd;

	host_open(&host, state, 0600);
	host.how = LATER;
	fd = caller(&host);
	assert_int_equal(write(fd, "\0\0\0\1a", 5), 5);
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	turns(&host, 4);
	assert_int_equal(host.went, 0);
	control_answer(host.waiting[0], "A", 1);
	turns(&host, 2);
	assert_int_equal(read(fd, back, sizeof(back)), 5);
	assert_int_equal(read(fd, back, sizeof(back)), 0);
	close(fd);
	host_close(&host);
}

static void
test_who_hangs_up_before_it_reads_its_answer_is_dropped(void **state)
{
	struct control_client *client;
	char *large = calloc(1, CONTROL_BYTES_MAX);
	struct host host;
	int fd;

	host_open(&host, state, 0600);
	host.how = LATER;
	/* More than the kernel takes at once; the rest waits for room. */
	fd = caller(&host);
	assert_int_equal(write(fd, "\0\0\0\1a", 5), 5);
	turns(&host, 2);
	control_answer(host.waiting[0], large, CONTROL_BYTES_MAX);
	turns(&host, 3);
	close(fd);
	turns(&host, 2);
	/* It is gone when the answer comes, but no one has seen it yet. */
	fd = caller(&host);
	assert_int_equal(write(fd, "\0\0\0\1a", 5), 5);
	turns(&host, 2);
	client = host.waiting[1];
	close(fd);
	control_answer(client, "A", 1);
	turns(&host, 2);
	assert_int_equal(host.went, 0);
	host_close(&host);
	free(large);
}

static void
test_one_caller_too_many_is_turned_away(void **state)
{
	int fds[CONTROL_CLIENTS_MAX + 1];
	struct asking asking;
	struct host host;
	char byte;

	host_open(&host, state, 0600);
	for (int i = 0; i <= CONTROL_CLIENTS_MAX; i++) {
		fds[i] = caller(&host);
		turns(&host, 1);
	}
	assert_int_equal(recv(fds[CONTROL_CLIENTS_MAX], &byte, 1, 0), 0);
	assert_int_equal(recv(fds[CONTROL_CLIENTS_MAX - 1], &byte, 1,
	    MSG_DONTWAIT), -1);
	/* A place that comes free is taken again. */
	close(fds[0]);
	turns(&host, 2);
	fds[0] = caller(&host);
	ask_begin(&asking, fds[0], "x", 1);
	ask_end(&asking, &host);
	assert_int_equal(asking.code, SK_OK);
	free(asking.answer);
	for (int i = 0; i <= CONTROL_CLIENTS_MAX; i++)
		close(fds[i]);
	host_close(&host);
}

static void
test_without_descriptors_a_caller_is_turned_away_too(void **state)
{
	struct rlimit before, now;
	struct host host;
	char byte;
	int fd;

	host_open(&host, state, 0600);
	fd = caller(&host);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	now = before;
	now.rlim_cur = (rlim_t)fd + 1;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &now), 0);
	turns(&host, 1);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(recv(fd, &byte, 1, 0), 0);
	close(fd);
	host_close(&host);
}

static void
test_the_socket_has_its_mode_and_goes_with_the_server(void **state)
{
	static const unsigned modes[] = { 0600, 0660, 0666 };
	struct host host;
	struct stat st;

	for (size_t i = 0; i < 3; i++) {
		host_open(&host, state, modes[i]);
		assert_int_equal(stat(host.path, &st), 0);
		assert_int_equal(st.st_mode & 07777, modes[i]);
		host_close(&host);
		assert_int_equal(access(host.path, F_OK), -1);
	}
	control_close(NULL);
}

static enum sk_error
listen_at(struct host *host, const char *path, struct fault *fault)
{
	struct control_server *server;
	enum sk_error code = control_listen(host->loop, path, 0600, handle,
	    went_away, host, &server, fault);

	control_close(server);
	return code;
}

static void
test_a_name_is_taken_over_only_from_the_dead(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct fault fault;
	struct host host;
	int fd;

	host_open(&host, state, 0600);
	assert_int_equal(listen_at(&host, host.path, &fault), SK_STORE_BUSY);
	assert_int_equal(access(host.path, F_OK), 0);
	/* A socket that no one answers on any more. */
	snprintf(address.sun_path, sizeof(address.sun_path), "%s",
	    scratch_path(state, "stale"));
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address,
	    sizeof(address)), 0);
	close(fd);
	assert_int_equal(listen_at(&host, address.sun_path, &fault), SK_OK);
	/* A file is not ours to remove. */
	fd = open(scratch_path(state, "file"), O_CREAT | O_WRONLY, 0600);
	close(fd);
	assert_int_equal(listen_at(&host, scratch_path(state, "file"),
	    &fault), SK_FILE_IO);
	assert_int_equal(access(scratch_path(state, "file"), F_OK), 0);
	assert_int_equal(listen_at(&host, scratch_path(state, "no/dir"),
	    &fault), SK_FILE_IO);
	host_close(&host);
}

static void
test_a_successors_socket_is_left_alone(void **state)
{
	struct host host, successor;

	host_open(&host, state, 0600);
	assert_int_equal(unlink(host.path), 0);
	host_open(&successor, state, 0600);
	host_close(&host);
	assert_int_equal(access(successor.path, F_OK), 0);
	host_close(&successor);
}

static void
test_a_path_has_to_fit_a_socket_address(void **state)
{
	char path[128];
	struct fault fault;
	struct host host;
	int fd;

	host_open(&host, state, 0600);
	memset(path, 'p', sizeof(path));
	path[108] = '\0';
	assert_int_equal(listen_at(&host, path, &fault), SK_CONFIG);
	assert_int_equal(listen_at(&host, "", &fault), SK_CONFIG);
	assert_int_equal(control_connect(path, 100, &fd, &fault), SK_CONFIG);
	/* One byte less is a name, if of nothing. */
	path[107] = '\0';
	assert_int_equal(control_connect(path, 100, &fd, &fault),
	    SK_NOT_CONNECTED);
	host_close(&host);
}

static void
test_waiting_has_an_end(void **state)
{
	struct fault fault;
	struct host host;
	uint8_t *answer;
	size_t size;
	int fd;

	host_open(&host, state, 0600);
	/* No one turns the loop: connected by the kernel, never answered. */
	fd = caller(&host);
	assert_int_equal(control_ask(fd, "x", 1, 20, &answer, &size, &fault),
	    SK_TIMEOUT);
	assert_string_equal(fault.hint, "no answer within 20 ms");
	assert_null(answer);
	close(fd);
	/* Nor is there for ever room to wait in. */
	for (int i = 0; i < 64; i++) {
		enum sk_error code = control_connect(host.path, 10, &fd,
		    &fault);

		if (code == SK_TIMEOUT)
			break;
		assert_int_equal(code, SK_OK);
		assert_int_not_equal(i, 63);
		close(fd);
	}
	host_close(&host);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(test_a_request_gets_its_answer_and_the_callers_uid_is_known),
		scratch_test(test_a_request_past_the_limit_is_not_taken),
		scratch_test(test_an_announced_size_costs_nothing),
		scratch_test(test_requests_in_pieces_and_several_at_once_are_served_in_order),
		scratch_test(test_an_answer_may_come_later_and_the_next_request_waits),
		scratch_test(test_who_hangs_up_while_it_waits_is_told_about),
		scratch_test(test_a_caller_that_only_stopped_sending_gets_its_answer),
		scratch_test(test_who_hangs_up_before_it_reads_its_answer_is_dropped),
		scratch_test(test_one_caller_too_many_is_turned_away),
		scratch_test(test_without_descriptors_a_caller_is_turned_away_too),
		scratch_test(test_the_socket_has_its_mode_and_goes_with_the_server),
		scratch_test(test_a_name_is_taken_over_only_from_the_dead),
		scratch_test(test_a_successors_socket_is_left_alone),
		scratch_test(test_a_path_has_to_fit_a_socket_address),
		scratch_test(test_waiting_has_an_end),
	};

	log_open("test_control", LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
