/*
 * Ask once (R35): families need not tell their story again. Who takes part
 * asks for what it needs by section or by record; what the case holds already
 * the broker names, with who holds it, and the question goes there.
 */
#include "broker/core/decide.h"

struct question {
	const struct held *held;
	Sk__Section section;	/* 0: a record */
	Sk__Kind record;
};

/* Who has it and still takes part; else the team, which links them all. */
static uint64_t
holder_of(const struct deciding *d, const struct held *held)
{
	uint64_t holder = held->ref.participant;

	return case_has_participant(d->row, holder) &&
	    decide_member(d, holder) != NULL ? holder : d->owner;
}

static void
name_it(struct deciding *d, Sk__Information *information,
    const struct question *q, uint64_t holder)
{
	Sk__KnownRecord *known = arena_new(d->arena, Sk__KnownRecord,
	    sk__known_record__init);

	if (known == NULL || arena_append(d->arena, &information->n_known,
	    (void ***)(void *)&information->known, known) != 0) {
		d->spent = true;
		return;
	}
	known->has_section = q->section != 0;
	known->section = q->section;
	known->has_record = q->section == 0;
	known->record = q->record;
	known->ref = effect_ref(d, &q->held->ref);
	known->has_position = known->has_holder = known->has_yours = 1;
	known->position = q->held->position;
	known->holder = holder;
	known->yours = q->held->yours;
	information->named++;
}

static enum sk_error
ask(struct deciding *d, Sk__Information *information,
    const struct question *q)
{
	uint64_t holder;

	information->asked++;
	information->again += q->held->asked;
	if (ref_is_none(&q->held->ref))
		return SK_OK;
	holder = holder_of(d, q->held);
	if (!q->held->yours && !decide_has_recipient(d, holder)) {
		d->decision->use_participant = holder;
		return REFUSE(d, SK_RECIPIENT_MISSING, "header.recipients",
		    "participant %llu, who holds what is at position %llu",
		    (unsigned long long)holder,
		    (unsigned long long)q->held->position);
	}
	name_it(d, information, q, holder);
	return SK_OK;
}

/* ---- the term of the answer */

unsigned
information_slot(const struct deciding *d)
{
	unsigned slot = d->event->handoff;

	return slot >= 1 && slot <= CASE_QUESTIONS_MAX ? slot : 1;
}

uint64_t
information_holder(const struct deciding *d)
{
	return d->row->question[information_slot(d) - 1].holder;
}

/* First who holds it; then who waits for it, and who can see to it. */
void
information_tell(struct deciding *d)
{
	uint64_t holder = information_holder(d);
	uint64_t asker = d->row->question[information_slot(d) -
	    1].request.participant;

	if (case_has_participant(d->row, holder))
		effect_post(d, holder);
	else
		effect_post(d, d->row->owner);
	if (!d->event->breach)
		return;
	effect_post(d, d->row->owner);
	effect_post(d, d->row->director);
	if (case_has_participant(d->row, asker))
		effect_post(d, asker);
}

/* Who is to answer: who holds what was named first and is not the sender's
 * already, else whoever was asked. 0: nobody has to. */
static uint64_t
who_answers(const struct deciding *d, const Sk__Information *information)
{
	const struct header *header = d->event->header;

	for (size_t i = 0; i < information->n_known; i++)
		if (!information->known[i]->yours)
			return information->known[i]->holder;
	if (information->n_known == information->asked)
		return 0;
	for (size_t i = 0; i < header->recipients; i++)
		if (header->recipient[i].participant != d->event->sender)
			return header->recipient[i].participant;
	return 0;
}

static enum sk_error
begin_term(struct deciding *d, uint64_t holder)
{
	struct envelope_ref self = { d->event->sender, d->event->header->id };
	Sk__Question *question;
	unsigned slot = 0;

	while (slot < CASE_QUESTIONS_MAX &&
	    !ref_is_none(&d->row->question[slot].request))
		slot++;
	if (slot == CASE_QUESTIONS_MAX)
		return REFUSE(d, SK_QUESTIONS_OPEN, "header.kind",
		    "an INFORMATION_ANSWER to one of the %d that wait first",
		    CASE_QUESTIONS_MAX);
	question = arena_new(d->arena, Sk__Question, sk__question__init);
	if (question == NULL) {
		d->spent = true;
		return SK_OK;
	}
	question->has_slot = question->has_holder = 1;
	question->slot = slot + 1;
	question->request = effect_ref(d, &self);
	question->holder = holder;
	d->decision->open->question = question;
	deadline_begin(d, SK__DEADLINE_KIND__INFORMATION_DUE, slot + 1,
	    d->today);
	return SK_OK;
}

/* Also that it is withheld is an answer. */
enum sk_error
decide_information_answer(struct deciding *d)
{
	Sk__Effects *open = d->decision->open;

	for (unsigned i = 0; i < CASE_QUESTIONS_MAX; i++) {
		if (!ref_equal(&d->row->question[i].request,
		    &d->event->header->reply_to))
			continue;
		open->has_question_settled = 1;
		open->question_settled = i + 1;
		effect_timer_clear(d, SK__DEADLINE_KIND__INFORMATION_DUE,
		    i + 1);
	}
	return SK_OK;
}

enum sk_error
decide_information_request(struct deciding *d)
{
	const Sk__InformationRequestFacts *asked =
	    d->event->facts->information_request;
	const struct held_index *index = d->view->held == NULL ? NULL :
	    d->view->held(d->view->context, d->event->sender);
	Sk__Information *information = arena_new(d->arena, Sk__Information,
	    sk__information__init);
	struct question q = { .section = 0 };
	enum sk_error rc = SK_OK;
	uint64_t holder;

	if (information == NULL || index == NULL) {
		d->spent = information == NULL;
		return SK_OK;
	}
	information->has_asked = information->has_named =
	    information->has_again = 1;
	for (size_t i = 0; i < asked->n_records && rc == SK_OK; i++) {
		q.record = asked->records[i];
		q.held = &index->record[(unsigned)q.record % HELD_RECORDS];
		rc = ask(d, information, &q);
	}
	for (size_t i = 0; i < asked->n_sections && rc == SK_OK; i++) {
		q.section = asked->sections[i];
		q.held = &index->section[(unsigned)q.section % HELD_SECTIONS];
		rc = ask(d, information, &q);
	}
	d->decision->open->information = information;
	if (rc != SK_OK || (holder = who_answers(d, information)) == 0)
		return rc;
	return begin_term(d, holder);
}
