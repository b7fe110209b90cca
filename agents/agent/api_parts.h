/*
 * api_parts.h - the API's own structures, for api.c (who asks, who waits),
 * api_look.c (reading), api_say.c (send, show), api_prove.c (prove),
 * api_work.c (who does what) and api_json.c (rows as JSON).
 */
#ifndef AGENT_API_PARTS_H
#define AGENT_API_PARTS_H

#include <jansson.h>

#include "agents/agent/api.h"
#include "broker/lib/control.h"

enum waiting_for {
	WAIT_NOTHING,		/* a free place */
	WAIT_COMMIT,		/* the answer is ready */
	WAIT_RECEIPT,
	WAIT_INBOX,
	WAIT_CONNECTED,
	WAIT_IDLE,
	WAIT_NOW,
	WAIT_PROOF,
	WAIT_LOOK
};

struct waiter {
	enum waiting_for what;
	struct control_client *client;
	json_t *answer;		/* WAIT_COMMIT */
	struct envelope_id id;	/* WAIT_RECEIPT */
	struct envelope_ref ref;	/* WAIT_PROOF */
	size_t ticket;		/* WAIT_PROOF */
	bool queued_is_fine;	/* WAIT_RECEIPT: a send, no refusal in time */
	uint64_t inbox;
	int64_t instant;
	int64_t until;		/* ticks */
	bool fresh;		/* of this turn: rests on its commit */
};

struct api {
	struct agent *agent;
	struct uplink *uplink;
	struct control_server *server;
	struct waiter waiter[CONTROL_CLIENTS_MAX];
};

/* One request under way. Whoever answers later fills `wait`. */
struct asking {
	struct api *api;
	const json_t *request;
	const Sk__AgentUser *user;	/* NULL: unknown; only status and wait */
	json_t *answer;			/* an object to fill */
	struct waiter wait;
	struct fault fault;
};

/* api_look.c, api_say.c, api_prove.c: one a verb. */
enum sk_error api_status(struct asking *ask);
enum sk_error api_receipt(struct asking *ask);
enum sk_error api_outbox(struct asking *ask);
enum sk_error api_inbox(struct asking *ask);
enum sk_error api_case(struct asking *ask);
enum sk_error api_cases(struct asking *ask);
enum sk_error api_directory(struct asking *ask);
enum sk_error api_send(struct asking *ask);
enum sk_error api_show(struct asking *ask);
enum sk_error api_prove(struct asking *ask);
/* api_work.c */
enum sk_error api_assign(struct asking *ask);
enum sk_error api_hand_over(struct asking *ask);
enum sk_error api_take(struct asking *ask);
enum sk_error api_work(struct asking *ask);
/* "responsible", "responsible_name" and so on of this row. */
void put_duty(struct agent *agent, json_t *row, const struct duty_row *duty);
struct work_case;
/* "urgency", "crisis", "state", "director", "deadlines" and so on. */
void put_work(struct agent *agent, json_t *row, const struct work_case *work);
void put_contact(struct agent *agent, json_t *row);
int32_t api_today(const struct asking *ask);
enum sk_error api_extract(struct asking *ask);	/* api_extract.c */
enum sk_error api_look(struct asking *ask);	/* api_prove.c */
json_t *api_looked(struct api *api);
/* The answer to api_prove; NULL while it is not there. */
json_t *api_proven(struct api *api, const struct waiter *waiter);

/* api_json.c: fields of requests. A value of the wrong type is
 * SK_FIELD_INVALID, an absent one leaves *out as it is. */
enum sk_error ask_string(struct asking *ask, const char *name,
    const char **out);
enum sk_error ask_number(struct asking *ask, const char *name, uint64_t *out);
enum sk_error ask_flag(struct asking *ask, const char *name, bool *out);
enum sk_error ask_ref(struct asking *ask, const char *name,
    struct envelope_ref *out);
enum sk_error ask_case(struct asking *ask, struct case_card *card,
    bool *given);
/* Only these names may stand in the request, beside "do". */
enum sk_error ask_only(struct asking *ask, const char *const *names);

/* Answers. */
json_t *json_error(const struct fault *fault);
json_t *json_ref(const struct envelope_ref *ref);	/* null for none */
json_t *json_instant(int64_t instant);
json_t *json_date(int32_t date);
const char *kind_label(Sk__Kind kind);		/* "NOTICE" for 0 */
const char *kind_label_nl(Sk__Kind kind);
const char *enum_label(const ProtobufCEnumDescriptor *descriptor,
    uint32_t number);
/* "case" and "case_ref" of this row. */
void put_case(struct agent *agent, json_t *row,
    const struct envelope_ref *ref, uint64_t number);
json_t *json_inbox_row(struct agent *agent, const struct inbox_row *row);
json_t *json_own_row(struct agent *agent, const struct own_row *row);
/* "ref", "case_ref", "to", "state", "receipt". */
void put_sent(struct agent *agent, json_t *answer, const struct own_row *row);

#endif
