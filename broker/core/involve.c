/*
 * Who takes part knows of the others (R32), one of them directs (R33), and
 * anyone may be asked to think along without taking the case over (R46).
 */
#include "broker/core/decide.h"

#define D(name) SK__DEADLINE_KIND__##name
#define K(name) SK__KIND__##name
#define R(name) SK__ROLE__##name
#define WHOLE_CASE 0u

/* Helpers beside the one that joins or leaves; then all are to be told. */
void
involve_due(struct deciding *d, uint64_t provider)
{
	for (size_t i = 0; i < d->row->handoffs; i++)
		if (d->row->handoff[i].provider != provider &&
		    handoff_runs(d->row->handoff[i].status)) {
			deadline_begin(d, D(INVOLVEMENT_DUE), WHOLE_CASE, d->today);
			return;
		}
}

enum sk_error
decide_involvement_notice(struct deciding *d)
{
	const Sk__InvolvementNoticeFacts *notice =
	    d->event->facts->involvement_notice;
	struct envelope_ref self = { d->event->sender, d->event->header->id };
	const struct member *member = decide_member(d, notice->participant);
	enum sk_error rc;

	if (member == NULL)
		return REFUSE(d, SK_RECIPIENT_UNKNOWN,
		    "facts.involvement_notice.participant",
		    "a participant that is enrolled today");
	if (!notice->left && !case_has_participant(d->row,
	    notice->participant)) {
		if (!decide_may_join(d, notice->participant))
			return REFUSE(d, SK_RECIPIENT_WRONG,
			    "facts.involvement_notice.participant",
			    "a provider comes in by a REFERRAL");
		effect_participant(d, notice->participant,
		    member->current.role);
	}
	if ((rc = decide_all_told(d, "all who take part")) != SK_OK)
		return rc;
	d->decision->open->involvement_notice = effect_ref(d, &self);
	effect_owed_by_recipients(d, OWES_INVOLVEMENT);
	/* who came in by such a notice goes by one; helpers by their STOP */
	if (notice->left && decide_may_join(d, notice->participant)) {
		effect_leaves(d, notice->participant);
		involve_leaves(d, notice->participant);
	}
	deadline_begin(d, D(INVOLVEMENT_DUE), WHOLE_CASE, d->today);
	return SK_OK;
}

/* The term ends with the last receipt that was owed. */
void
involve_receipt(struct deciding *d, unsigned owed, Sk__DeadlineKind kind)
{
	bool others = false;

	for (size_t i = 0; i < d->row->participants; i++) {
		const struct case_participant *p = &d->row->participant[i];

		if ((p->owes & owed) == 0)
			continue;
		if (p->participant == d->event->sender)
			effect_owes(d, p, p->owes & ~owed);
		else if (!p->left)
			others = true;
	}
	if (!others)
		effect_timer_clear(d, kind, WHOLE_CASE);
}

/* ---- the director */

void
involve_direct(struct deciding *d, uint64_t director)
{
	Sk__Effects *open = d->decision->open;

	open->has_director = open->has_director_proposed = 1;
	open->director = director;
	open->director_proposed = 0;
	effect_timer_clear(d, D(DIRECTOR_DUE), WHOLE_CASE);
}

/* With two helpers or more there is exactly one director, who takes part. */
enum sk_error
decide_directed(struct deciding *d)
{
	uint64_t director = d->row->director;
	unsigned helpers = 0;

	for (size_t i = 0; i < d->row->participants; i++) {
		const struct case_participant *p = &d->row->participant[i];

		helpers += !p->left && p->role != R(COURT);
	}
	if (helpers < 2 || director == d->owner ||
	    (case_has_participant(d->row, director) &&
	    decide_member(d, director) != NULL))
		return SK_OK;
	return REFUSE(d, SK_DIRECTOR_MISSING, "header.kind",
	    "a DIRECTOR_CHANGE by the access team");
}

/* Where several domains or safety are at stake the team directs (R34), until
 * it hands that over itself. */
static bool
team_directs(const struct deciding *d)
{
	const struct case_closed *closed = decide_closed(d);

	return closed != NULL && (case_domains(closed) >=
	    decide_term(d, TERM_DIRECTOR_DOMAINS) ||
	    closed->domain[SK__LIFE_DOMAIN__SAFETY] == SK__ANSWER__YES);
}

enum sk_error
decide_director_change(struct deciding *d)
{
	uint64_t director = d->event->facts->director_change->director;
	const struct member *member = decide_member(d, director);
	Sk__Effects *open = d->decision->open;

	if (d->event->sender != d->owner &&
	    d->event->sender != d->row->director)
		return REFUSE(d, SK_ROLE_WRONG, "header.kind",
		    "the access team, or who directs now");
	if (member == NULL || !case_has_participant(d->row, director) ||
	    (member->current.role != R(ACCESS) &&
	    member->current.role != R(PROVIDER) &&
	    member->current.role != R(GI)))
		return REFUSE(d, SK_RECIPIENT_WRONG,
		    "facts.director_change.director",
		    "a helper that takes part in this case");
	if (d->event->sender != d->owner && director != d->owner &&
	    team_directs(d))
		return REFUSE(d, SK_ROLE_WRONG, "header.kind",
		    "the access team: several domains, or safety");
	if (director == d->event->sender) {
		involve_direct(d, director);	/* taken back by the team itself */
		return SK_OK;
	}
	if (!decide_has_recipient(d, director)) {
		d->decision->use_participant = director;
		return REFUSE(d, SK_RECIPIENT_MISSING, "header.recipients",
		    "the proposed director");
	}
	open->has_director_proposed = 1;
	open->director_proposed = director;
	deadline_begin(d, D(DIRECTOR_DUE), WHOLE_CASE, d->today);
	return SK_OK;
}

enum sk_error
decide_director_accept(struct deciding *d)
{
	if (d->row->director_proposed == 0 ||
	    d->row->director_proposed != d->event->sender)
		return REFUSE(d, SK_NOTHING_PENDING, "header.reply_to",
		    "a DIRECTOR_CHANGE that names this participant");
	involve_direct(d, d->event->facts->director_accept->accepted ?
	    d->event->sender : d->row->director);
	return SK_OK;
}

/* Who directed and goes leaves the direction with the team. */
void
involve_leaves(struct deciding *d, uint64_t provider)
{
	if (d->row->director == provider)
		involve_direct(d, d->owner);
	else if (d->row->director_proposed == provider)
		involve_direct(d, d->row->director);
}

/* ---- thinking along */

enum sk_error
decide_consult(struct deciding *d)
{
	const struct header *header = d->event->header;
	const struct member *member;
	bool asked = false;

	for (size_t i = 0; i < header->recipients; i++) {
		uint64_t participant = header->recipient[i].participant;

		if (participant == d->event->sender)
			continue;
		asked = asked || participant != d->owner ||
		    d->event->sender != d->owner;
		member = decide_member(d, participant);
		effect_participant(d, participant, member->current.role);
	}
	if (!asked)
		return REFUSE(d, SK_RECIPIENT_MISSING, "header.recipients",
		    "who is asked to think along");
	deadline_begin(d, D(CONSULT_DUE), WHOLE_CASE, d->today);
	return SK_OK;
}

/* Who only thought along sees no more of the case. */
enum sk_error
decide_consult_answer(struct deciding *d)
{
	effect_timer_clear(d, D(CONSULT_DUE), WHOLE_CASE);
	if (d->role == R(PROVIDER) && d->event->sender !=
	    d->row->ref.participant && case_handoff_of(d->row,
	    d->event->sender, NULL) == NULL) {
		effect_leaves(d, d->event->sender);
		involve_leaves(d, d->event->sender);
	}
	return SK_OK;
}
