/*
 * The figures as text, CSV and JSON. What is hidden is hidden in each.
 */
#include "agents/audit/figures.h"

#include <string.h>

const char *
shown_text(const struct cell *cell, enum figure figure,
    char text[SHOWN_TEXT_MAX])
{
	if (cell->shown[figure] == SHOWN_FEW)
		snprintf(text, SHOWN_TEXT_MAX, "<%u", FIGURES_SHOWN_MIN);
	else if (cell->shown[figure] == SHOWN_NOT)
		snprintf(text, SHOWN_TEXT_MAX, ".");
	else
		snprintf(text, SHOWN_TEXT_MAX, "%u",
		    cell->figures.count[figure]);
	return text;
}

bool
spread_shown(const struct cell *cell, enum spread spread)
{
	return spread_total(cell->figures.spread[spread]) >= FIGURES_SHOWN_MIN;
}

bool
share_shown(const struct cell *cell, enum figure figure, unsigned *percent)
{
	const struct figure_info *info = figure_info(figure);
	uint64_t whole = cell->figures.count[info->of];

	if (info->of == figure || whole == 0 ||
	    cell->shown[figure] != SHOWN || cell->shown[info->of] != SHOWN)
		return false;
	*percent = (unsigned)((cell->figures.count[figure] * 200u + whole) /
	    (2 * whole));
	return true;
}

bool
group_has_data(const struct report *report, unsigned group)
{
	for (int f = 0; f < FIGURE_COUNT; f++)
		if (figure_info((enum figure)f)->group == group &&
		    report->all.figures.count[f] > 0)
			return true;
	for (int s = 0; s < SPREAD_COUNT; s++)
		if (spread_info((enum spread)s)->group == group &&
		    spread_total(report->all.figures.spread[s]) > 0)
			return true;
	return false;
}

static void
dates(const struct report *report, char from[CIVIL_DATE_TEXT_MAX],
    char to[CIVIL_DATE_TEXT_MAX])
{
	civil_date_text(report->period.from, from);
	civil_date_text(report->period.to, to);
}

/* ---- text: the totals, and of each cell the first group */

static void
text_group(const struct report *r, unsigned group)
{
	char text[SHOWN_TEXT_MAX];
	unsigned percent;

	for (int f = 0; f < FIGURE_COUNT; f++) {
		const struct figure_info *info = figure_info((enum figure)f);

		if (info->group != group)
			continue;
		printf("  %s%-58.58s %9s", info->of == (enum figure)f ? "" :
		    "  ", info->en, shown_text(&r->all, (enum figure)f, text));
		if (share_shown(&r->all, (enum figure)f, &percent))
			printf("  %3u%%", percent);
		printf("\n");
	}
	for (int s = 0; s < SPREAD_COUNT; s++) {
		const struct figure_info *info = spread_info((enum spread)s);
		const uint32_t *spread = r->all.figures.spread[s];

		if (info->group != group)
			continue;
		printf("  %-58.58s ", info->en);
		if (spread_shown(&r->all, (enum spread)s))
			printf("mediaan / median %u, p90 %u\n",
			    spread_at(spread, 50), spread_at(spread, 90));
		else
			printf("%9s\n", spread_total(spread) == 0 ? "-" : "<5");
	}
}

static void
text_gaps(unsigned group)
{
	size_t n;
	const struct figure_gap *gaps = figure_gaps(&n);

	for (size_t i = 0; i < n; i++)
		if (gaps[i].group == group)
			printf("  geen gegevens / no data: %s (%s) / %s (%s)\n",
			    gaps[i].nl, gaps[i].why_nl, gaps[i].en,
			    gaps[i].why_en);
}

static void
text_cells(const struct report *r)
{
	static const enum figure columns[] = { FIGURE_FIRST_STARTS,
		FIGURE_START_14, FIGURE_START_28, FIGURE_START_LATE };
	char text[SHOWN_TEXT_MAX];

	printf("\nPer %s / by %s: eerste starts, <=14, 15-28, >28, mediaan / "
	    "first starts, <=14, 15-28, >28, median\n", by_info(r->by)->nl,
	    by_info(r->by)->en);
	for (size_t i = 0; i < r->cells; i++) {
		const struct cell *cell = r->cell[i];

		printf("  %-40.40s", cell->name);
		for (size_t k = 0; k < 4; k++)
			printf(" %6s", shown_text(cell, columns[k], text));
		if (spread_shown(cell, SPREAD_ORDER_START))
			printf(" %6u\n", spread_at(
			    cell->figures.spread[SPREAD_ORDER_START], 50));
		else
			printf(" %6s\n", "-");
	}
}

void
figures_print_text(const struct report *r)
{
	char from[CIVIL_DATE_TEXT_MAX], to[CIVIL_DATE_TEXT_MAX];

	dates(r, from, to);
	printf("Cijfers / figures %s (%s - %s), per %s\n", r->quarter, from,
	    to, by_info(r->by)->nl);
	if (!r->over)
		printf("VOORLOPIG, niet om te publiceren: dit kwartaal loopt nog."
		    "\nPROVISIONAL, not to be published: this quarter is not "
		    "over.\n");
	if (r->erased > 0)
		printf("Van %llu berichten is de inhoud gewist: zij tellen "
		    "zonder antwoorden mee.\n%llu messages are erased: they "
		    "count without their answers.\n",
		    (unsigned long long)r->erased,
		    (unsigned long long)r->erased);
	if (r->source != COUNTED)
		printf("%s (%llu).\n%s (%llu).\n", source_nl(r),
		    (unsigned long long)r->closed.position, source_en(r),
		    (unsigned long long)r->closed.position);
	for (unsigned group = 1; group <= FIGURE_GROUPS; group++) {
		printf("\n%u. %s / %s\n", group, figure_group_nl(group),
		    figure_group_en(group));
		if (group_has_data(r, group))
			text_group(r, group);
		else
			printf("  geen gegevens / no data: niets in deze "
			    "periode / nothing in this period\n");
		text_gaps(group);
	}
	text_cells(r);
}

/* ---- CSV */

static void
csv_text(const char *text)
{
	/* a name that begins so would be a formula in a spreadsheet */
	putchar('"');
	if (strchr("=+-@", *text) != NULL)
		putchar('\'');
	for (; *text != '\0'; text++) {
		if (*text == '"')
			putchar('"');
		putchar(*text);
	}
	putchar('"');
}

static void
csv_cell(const struct report *r, const struct cell *cell)
{
	char text[SHOWN_TEXT_MAX];

	for (int f = 0; f < FIGURE_COUNT; f++) {
		const struct figure_info *info = figure_info((enum figure)f);

		if (info->sort == FIGURE_THING && cell != &r->all)
			continue;
		csv_text(cell->name);
		printf(",%u,%s,", info->group, info->id);
		csv_text(info->nl);
		printf(",%s,,\n", shown_text(cell, (enum figure)f, text));
	}
	for (int s = 0; s < SPREAD_COUNT; s++) {
		const struct figure_info *info = spread_info((enum spread)s);
		const uint32_t *spread = cell->figures.spread[s];

		csv_text(cell->name);
		printf(",%u,%s,", info->group, info->id);
		csv_text(info->nl);
		if (spread_shown(cell, (enum spread)s))
			printf(",,%u,%u\n", spread_at(spread, 50),
			    spread_at(spread, 90));
		else
			printf(",,,\n");
	}
}

void
figures_print_csv(const struct report *r)
{
	size_t n;
	const struct figure_gap *gaps = figure_gaps(&n);

	printf("%s,group,id,figure,count,median,p90\n", by_info(r->by)->name);
	csv_cell(r, &r->all);
	for (size_t i = 0; i < r->cells; i++)
		csv_cell(r, r->cell[i]);
	for (size_t i = 0; i < n; i++) {
		printf("\"alles / all\",%u,NO_DATA,", gaps[i].group);
		csv_text(gaps[i].nl);
		printf(",geen gegevens / no data,,\n");
	}
}

/* ---- JSON */

static json_t *
json_count(const struct cell *cell, enum figure figure)
{
	char text[SHOWN_TEXT_MAX];

	if (cell->shown[figure] == SHOWN)
		return json_integer((json_int_t)cell->figures.count[figure]);
	return json_string(shown_text(cell, figure, text));
}

static json_t *
json_spread(const struct cell *cell, enum spread spread)
{
	const uint32_t *counts = cell->figures.spread[spread];

	if (!spread_shown(cell, spread))
		return spread_total(counts) == 0 ? json_null() :
		    json_string("<5");
	return json_pack("{s:I, s:I}", "median",
	    (json_int_t)spread_at(counts, 50), "p90",
	    (json_int_t)spread_at(counts, 90));
}

static json_t *
json_rows(const struct report *r, int figure, int spread)
{
	json_t *rows = json_object();

	for (size_t i = 0; i < r->cells; i++)
		json_object_set_new(rows, r->cell[i]->name, figure >= 0 ?
		    json_count(r->cell[i], (enum figure)figure) :
		    json_spread(r->cell[i], (enum spread)spread));
	return rows;
}

static json_t *
json_figure(const struct figure_info *info, json_t *all)
{
	return json_pack("{s:s, s:s, s:s, s:o}", "id", info->id, "nl",
	    info->nl, "en", info->en, "all", all);
}

static json_t *
json_gaps(unsigned group)
{
	json_t *list = json_array();
	size_t n;
	const struct figure_gap *gaps = figure_gaps(&n);

	for (size_t i = 0; i < n; i++)
		if (gaps[i].group == group)
			json_array_append_new(list, json_pack(
			    "{s:s, s:s, s:s, s:s}", "nl", gaps[i].nl,
			    "why_nl", gaps[i].why_nl, "en", gaps[i].en,
			    "why_en", gaps[i].why_en));
	return list;
}

static json_t *
json_group(const struct report *r, unsigned group)
{
	json_t *counts = json_array(), *spreads = json_array(), *item;

	for (int f = 0; f < FIGURE_COUNT; f++) {
		const struct figure_info *info = figure_info((enum figure)f);

		if (info->group != group)
			continue;
		item = json_figure(info, json_count(&r->all, (enum figure)f));
		if (info->of != (enum figure)f)
			json_object_set_new(item, "of",
			    json_string(figure_info(info->of)->id));
		if (info->sort == FIGURE_PART)
			json_object_set_new(item, "part", json_true());
		if (info->sort != FIGURE_THING)
			json_object_set_new(item, "rows", json_rows(r, f, -1));
		json_array_append_new(counts, item);
	}
	for (int s = 0; s < SPREAD_COUNT; s++) {
		const struct figure_info *info = spread_info((enum spread)s);

		if (info->group != group)
			continue;
		item = json_figure(info,
		    json_spread(&r->all, (enum spread)s));
		json_object_set_new(item, "rows", json_rows(r, -1, s));
		json_array_append_new(spreads, item);
	}
	return json_pack("{s:i, s:s, s:s, s:b, s:o, s:o, s:o}", "group",
	    (int)group, "nl", figure_group_nl(group), "en",
	    figure_group_en(group), "data", group_has_data(r, group),
	    "counts", counts, "spreads", spreads, "no_data",
	    json_gaps(group));
}

static const char *
source_name(const struct report *r)
{
	static const char *const names[] = {
		[COUNTED] = "counted", [COUNTED_SAME] = "counted, as closed",
		[COUNTED_OTHERWISE] = "counted, not as closed",
		[CLOSED] = "closed" };

	return names[r->source];
}

const char *
source_nl(const struct report *r)
{
	static const char *const words[] = {
		[COUNTED] = "",
		[COUNTED_SAME] = "Dit kwartaal is afgesloten met dezelfde "
		    "cijfers",
		[COUNTED_OTHERWISE] = "LET OP: dit kwartaal is afgesloten met "
		    "andere cijfers",
		[CLOSED] = "Een deel van de inhoud is sindsdien gewist: dit "
		    "zijn de cijfers waarmee het kwartaal is afgesloten" };

	return words[r->source];
}

const char *
source_en(const struct report *r)
{
	static const char *const words[] = {
		[COUNTED] = "",
		[COUNTED_SAME] = "This quarter was closed with the same "
		    "figures",
		[COUNTED_OTHERWISE] = "NOTE: this quarter was closed with "
		    "other figures",
		[CLOSED] = "Some of what they count was erased since: these "
		    "are the figures with which the quarter was closed" };

	return words[r->source];
}

void
figures_print_json(const struct report *r)
{
	char from[CIVIL_DATE_TEXT_MAX], to[CIVIL_DATE_TEXT_MAX];
	json_t *groups = json_array();

	for (unsigned group = 1; group <= FIGURE_GROUPS; group++)
		json_array_append_new(groups, json_group(r, group));
	dates(r, from, to);
	audit_print_json(json_pack(
	    "{s:b, s:s, s:s, s:s, s:s, s:s, s:i, s:I, s:o}", "provisional",
	    !r->over, "source", source_name(r), "by", by_info(r->by)->name,
	    "period", r->quarter, "from", from, "to", to, "shown_from", (int)FIGURES_SHOWN_MIN, "erased",
	    (json_int_t)r->erased, "groups", groups));
}
