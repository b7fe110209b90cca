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
	return rc;
}
