/*
 * Who is a family the broker found when it decided, and says by number (core
 * family.h): a case joins one, and two may turn out to be one. No pseudonym is
 * looked at here.
 */
#include "agents/audit/figures.h"

#include <stdlib.h>
#include <string.h>

struct families {
	struct figures_family **of;	/* by number; NULL: joined no other */
	uint64_t *goes_as;		/* 0: as itself */
	size_t room;
};

struct families *
families_make(void)
{
	return calloc(1, sizeof(struct families));
}

void
families_free(struct families *f)
{
	if (f == NULL)
		return;
	for (size_t i = 0; i < f->room; i++)
		free(f->of[i]);
	free(f->of);
	free(f->goes_as);
	free(f);
}

static enum sk_error
make_room(struct families *f, uint64_t number)
{
	size_t room = f->room == 0 ? 1024 : f->room;
	struct figures_family **of;
	uint64_t *goes_as;

	while (room <= number)
		room *= 2;
	if (room == f->room)
		return SK_OK;
	if ((of = realloc(f->of, room * sizeof(*of))) == NULL)
		return SK_NO_MEMORY;
	f->of = of;
	if ((goes_as = realloc(f->goes_as, room * sizeof(*goes_as))) == NULL)
		return SK_NO_MEMORY;
	f->goes_as = goes_as;
	memset(of + f->room, 0, (room - f->room) * sizeof(*of));
	memset(goes_as + f->room, 0, (room - f->room) * sizeof(*goes_as));
	f->room = room;
	return SK_OK;
}

static uint64_t
resolve(const struct families *f, uint64_t number)
{
	while (f->goes_as[number] != 0)
		number = f->goes_as[number];
	return number;
}

/* Its starts in the order of their dates: those of both, the last so many. */
static void
merge(struct figures_family *to, const struct figures_family *from)
{
	int32_t all[2 * FIGURES_STARTS_MAX];
	size_t n = 0, a = 0, b = 0, skip;

	while (a < to->starts || b < from->starts)
		all[n++] = b == from->starts || (a < to->starts &&
		    to->start[a] <= from->start[b]) ? to->start[a++] :
		    from->start[b++];
	skip = n > FIGURES_STARTS_MAX ? n - FIGURES_STARTS_MAX : 0;
	to->starts = (uint8_t)(n - skip);
	memcpy(to->start, all + skip, (n - skip) * sizeof(*all));
}

enum sk_error
families_join(struct families *f, const Sk__Effects *effects)
{
	enum sk_error rc = SK_OK;

	for (size_t i = 0; i < effects->n_family_joined && rc == SK_OK; i++) {
		uint64_t from = effects->family_joined[i];
		uint64_t to = effects->family;

		if ((rc = make_room(f, from > to ? from : to)) != SK_OK)
			break;
		from = resolve(f, from);
		to = resolve(f, to);
		if (from == to)
			continue;
		if (f->of[to] == NULL) {
			f->of[to] = f->of[from];
			f->of[from] = NULL;
		} else if (f->of[from] != NULL)
			merge(f->of[to], f->of[from]);
		f->goes_as[from] = to;
	}
	return rc;
}

enum sk_error
families_of(struct families *f, uint64_t number, struct figures_family **family)
{
	enum sk_error rc;

	*family = NULL;
	if (number == 0)
		return SK_OK;
	if ((rc = make_room(f, number)) != SK_OK)
		return rc;
	number = resolve(f, number);
	if (f->of[number] == NULL)
		f->of[number] = calloc(1, sizeof(**f->of));
	*family = f->of[number];
	return *family == NULL ? SK_NO_MEMORY : SK_OK;
}
