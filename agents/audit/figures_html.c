/*
 * One page that needs nothing else: no script, no font, no other file. Each
 * plot has its numbers in words beside it or in its text alternative, and
 * nothing is said by colour alone.
 */
#include "agents/audit/figures.h"

#include <errno.h>
#include <string.h>

#define WEEKS 11u		/* the last is all from day 71 on */
#define PLOT_WIDTH 680
#define PLOT_HEIGHT 220
#define PLOT_LEFT 40
#define PLOT_BASE 176
#define LEG_LEFT 250		/* x where the bars of the legs begin */
#define LEG_HEIGHT 30

static const char style[] =
    "body{font:17px/1.5 system-ui,sans-serif;color:#1b1b1b;background:#fff;"
    "max-width:62rem;margin:0 auto;padding:1.5rem}"
    "h1{font-size:1.8rem;margin:0 0 .25rem}h2{font-size:1.25rem;"
    "margin:2.2rem 0 .4rem;border-top:2px solid #154273;padding-top:.7rem}"
    ".en{color:#4a4a4a;font-weight:400;font-size:.86em}"
    "table{border-collapse:collapse;margin:.5rem 0;width:100%}"
    "th,td{text-align:left;padding:.24rem .6rem .24rem 0;"
    "border-bottom:1px solid #d5d5d5;vertical-align:top}"
    "td.n,th.n{text-align:right;white-space:nowrap;"
    "font-variant-numeric:tabular-nums}"
    "tr.part th{padding-left:1.4rem;font-weight:400}"
    "th[scope=row]{width:52%}td.bar{width:24%}"
    ".key{display:flex;flex-wrap:wrap;gap:1rem;margin:1rem 0}"
    ".key div{flex:1 1 12rem;background:#eef3f8;padding:.7rem 1rem;"
    "border-left:5px solid #154273}.key b{display:block;font-size:1.7rem;"
    "line-height:1.2}"
    ".gap{background:#f4f4f4;padding:.4rem .8rem;border-left:5px solid #767676}"
    "caption{text-align:left;font-weight:700;padding:.4rem 0}"
    "svg{max-width:100%;height:auto}.wide{overflow-x:auto}"
    ".wide:focus-visible,a:focus-visible,summary:focus-visible{outline:3px "
    "solid #154273;outline-offset:2px}"
    "summary{cursor:pointer;padding:.4rem 0;color:#154273;"
    "text-decoration:underline}"
    "a{color:#154273}nav ol{columns:2 18rem;padding-left:1.6rem}"
    ".skip{position:absolute;left:-99rem}.skip:focus{position:static}"
    /* for who hears the page: what a sign stands for */
    ".vh{position:absolute;width:1px;height:1px;overflow:hidden;"
    "clip-path:inset(50%);white-space:nowrap}"
    ".four{display:grid;grid-template-columns:repeat(auto-fit,minmax(14rem,"
    "1fr));gap:1rem}.four h3{margin:.2rem 0;font-size:1.05rem}"
    ".four>div{border-top:3px solid #154273;padding-top:.3rem}"
    ".four p{margin:.2rem 0}.draft{border-left-color:#a1150a}"
    "@page{margin:15mm}@media print{body{font-size:11pt;padding:0;"
    "max-width:none}summary,nav,.skip{display:none}section{break-before:"
    "auto}tr,figure{break-inside:avoid}thead{display:table-header-group}"
    ".wide{overflow:visible}details::details-content{content-visibility:"
    "visible;height:auto}}";

static void
html_text(FILE *out, const char *text)
{
	for (; *text != '\0'; text++) {
		switch (*text) {
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '&':
			fputs("&amp;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		default:
			fputc(*text, out);
		}
	}
}

static void
both(FILE *out, const char *nl, const char *en)
{
	html_text(out, nl);
	fputs(" <span class=en lang=en>", out);
	html_text(out, en);
	fputs("</span>", out);
}

static void
number(FILE *out, const struct cell *cell, enum figure figure)
{
	char text[SHOWN_TEXT_MAX];

	if (cell->shown[figure] == SHOWN)
		html_text(out, shown_text(cell, figure, text));
	else if (cell->shown[figure] == SHOWN_FEW)
		fputs("<span aria-hidden=true>&lt;5</span><span class=vh>"
		    "minder dan 5</span>", out);
	else
		fputs("<span aria-hidden=true>.</span><span class=vh>niet "
		    "getoond</span>", out);
}

/* ---- the histogram of the first group */

static void
weeks_of(const struct report *r, uint32_t week[WEEKS],
    enum shown shown[WEEKS])
{
	static const struct {
		size_t first, n;
		enum figure whole;
	} parts[] = { { 0, 2, FIGURE_START_14 }, { 2, 2, FIGURE_START_28 },
		{ 4, WEEKS - 4, FIGURE_START_LATE } };
	const uint32_t *days = r->all.figures.spread[SPREAD_ORDER_START];

	memset(week, 0, WEEKS * sizeof(*week));
	for (size_t i = 0; i < WEEKS; i++)
		shown[i] = SHOWN;
	/* day 0 lies in the first week, so that days 14 and 28 end theirs */
	for (size_t day = 0; day <= FIGURES_DAYS_MAX; day++) {
		size_t at = day == 0 ? 0 : (day - 1) / 7;

		week[at < WEEKS ? at : WEEKS - 1] += days[day];
	}
	/* bars of a whole that is known must not give each other away */
	for (size_t i = 0; i < 3; i++) {
		enum shown whole = r->all.shown[parts[i].whole];

		figures_hide(week + parts[i].first, shown + parts[i].first,
		    parts[i].n, r->all.figures.count[parts[i].whole], &whole);
	}
}

static void
mark(FILE *out, int x, const char *text)
{
	fprintf(out, "<line x1=\"%d\" y1=\"12\" x2=\"%d\" y2=\"%d\" "
	    "stroke=\"#a1150a\" stroke-width=\"2\" stroke-dasharray=\"6 4\"/>"
	    "<text x=\"%d\" y=\"22\" fill=\"#a1150a\" font-weight=\"700\">%s"
	    "</text>", x, x, PLOT_BASE, x + 6, text);
}

/* span weeks from the i-th; a bar of two is as high as their mean. */
static void
bar(FILE *out, size_t i, size_t span, uint32_t count, enum shown shown,
    uint32_t most)
{
	const int step = (PLOT_WIDTH - PLOT_LEFT) / (int)WEEKS;
	int x = PLOT_LEFT + (int)i * step + 3, height;
	int width = (int)span * step - 6;
	char text[32];

	height = shown != SHOWN ? 3 : (int)((uint64_t)count *
	    (PLOT_BASE - 50) / most / span);
	snprintf(text, sizeof(text), "%u%s", count,
	    span == 1 ? "" : " in 2 weken");
	fprintf(out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" "
	    "fill=\"%s\"/>", x, PLOT_BASE - height, width, height,
	    shown == SHOWN ? "#154273" : "#767676");
	fprintf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>",
	    x + width / 2, PLOT_BASE - height - 5, shown == SHOWN ? text :
	    shown == SHOWN_FEW ? "&lt;5" : ".");
	if (i + span < WEEKS)
		snprintf(text, sizeof(text), "%zu-%zu", i * 7 + (i > 0),
		    (i + span) * 7);
	else
		snprintf(text, sizeof(text), "%zu+", i * 7 + 1);
	fprintf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>",
	    x + width / 2, PLOT_BASE + 17, text);
}

/* Two weeks of which one is too few are drawn as one bar. */
static void
bars(FILE *out, const struct report *r)
{
	static const enum figure pair[] = { FIGURE_START_14, FIGURE_START_28 };
	uint32_t week[WEEKS], most = 1;
	enum shown shown[WEEKS];

	weeks_of(r, week, shown);
	/* a bar that is hidden must not show in the scale of the others */
	for (size_t i = 0; i < WEEKS; i++)
		if (shown[i] == SHOWN && week[i] > most)
			most = week[i];
	for (size_t i = 0; i < 2; i++)
		if (r->all.figures.count[pair[i]] / 2 > most)
			most = r->all.figures.count[pair[i]] / 2;
	for (size_t i = 0; i < WEEKS; i++) {
		if (i < 4 && i % 2 == 0 && (shown[i] != SHOWN ||
		    shown[i + 1] != SHOWN)) {
			bar(out, i, 2, r->all.figures.count[pair[i / 2]],
			    r->all.shown[pair[i / 2]], most);
			i++;
		} else
			bar(out, i, 1, week[i], shown[i], most);
	}
}

static void
histogram(FILE *out, const struct report *r)
{
	const int step = (PLOT_WIDTH - PLOT_LEFT) / (int)WEEKS;

	fprintf(out, "<figure style=\"margin:1rem 0\"><svg viewBox=\"0 0 %d %d\" "
	    "role=img aria-labelledby=\"weken\" font-size=\"13\" "
	    "font-family=\"system-ui,sans-serif\"><title id=weken>Staafdiagram: "
	    "starts van hulp per week na de beschikking. De tabel hieronder "
	    "noemt de aantallen tot dag 14, tot dag 28 en daarna.</title>",
	    PLOT_WIDTH, PLOT_HEIGHT);
	bars(out, r);
	fprintf(out, "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" "
	    "stroke=\"#1b1b1b\"/>", PLOT_LEFT, PLOT_BASE, PLOT_WIDTH,
	    PLOT_BASE);
	mark(out, PLOT_LEFT + 2 * step, "14 dagen");
	mark(out, PLOT_LEFT + 4 * step, "28 dagen");
	fprintf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">dagen na de "
	    "beschikking (days after the order)</text></svg><figcaption>"
	    "Eerste start van hulp, per week na de beschikking. Streven: binnen "
	    "14 dagen; grens: 28 dagen.</figcaption></figure>\n",
	    (PLOT_WIDTH + PLOT_LEFT) / 2, PLOT_HEIGHT - 6);
}

/* ---- where the time goes: the legs of the second group */

static void
leg_bar(FILE *out, const struct report *r, enum spread s, int y, uint32_t most)
{
	const uint32_t *spread = r->all.figures.spread[s];
	const int room = PLOT_WIDTH - LEG_LEFT - 90;
	uint32_t median, p90;

	fprintf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">",
	    LEG_LEFT - 10, y + 15);
	html_text(out, spread_info(s)->nl);
	fputs("</text>", out);
	if (!spread_shown(&r->all, s)) {
		fprintf(out, "<text x=\"%d\" y=\"%d\">te weinig om te tonen"
		    "</text>", LEG_LEFT + 4, y + 15);
		return;
	}
	median = spread_at(spread, 50);
	p90 = spread_at(spread, 90);
	fprintf(out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"20\" "
	    "fill=\"#d3dde8\" stroke=\"#154273\"/><rect x=\"%d\" y=\"%d\" "
	    "width=\"%d\" height=\"20\" fill=\"#154273\"/><text x=\"%d\" "
	    "y=\"%d\">%u / %u</text>", LEG_LEFT, y,
	    (int)((uint64_t)p90 * (unsigned)room / most), LEG_LEFT, y,
	    (int)((uint64_t)median * (unsigned)room / most), LEG_LEFT +
	    (int)((uint64_t)p90 * (unsigned)room / most) + 6, y + 15, median,
	    p90);
}

static void
plot_of_legs(FILE *out, const struct report *r)
{
	const int legs = SPREAD_LEG_START - SPREAD_LEG_RECEIPT + 1;
	uint32_t most = 1;

	for (int i = 0; i < legs; i++) {
		enum spread s = (enum spread)(SPREAD_LEG_RECEIPT + i);
		uint32_t p90 = spread_at(r->all.figures.spread[s], 90);

		if (spread_shown(&r->all, s) && p90 > most)
			most = p90;
	}
	fprintf(out, "<figure style=\"margin:1rem 0\"><svg viewBox=\"0 0 %d %d\" "
	    "role=img aria-labelledby=\"stappen\" font-size=\"13\" "
	    "font-family=\"system-ui,sans-serif\"><title id=stappen>"
	    "Staafdiagram: dagen per stap. De tabel hieronder noemt dezelfde "
	    "getallen.</title>", PLOT_WIDTH, legs * LEG_HEIGHT + 6);
	for (int i = 0; i < legs; i++)
		leg_bar(out, r, (enum spread)(SPREAD_LEG_RECEIPT + i),
		    i * LEG_HEIGHT + 4, most);
	fputs("</svg><figcaption>Waar de tijd blijft, in dagen. Donker en het "
	    "eerste getal: bij de helft hoogstens zo lang. Licht en het tweede: "
	    "bij 9 op de 10. <span class=en lang=en>Where the time goes: "
	    "median and p90 of each leg.</span></figcaption></figure>\n", out);
}

/* ---- a group */

static void
share_bar(FILE *out, unsigned percent)
{
	fprintf(out, "<svg width=\"150\" height=\"14\" aria-hidden=true>"
	    "<rect width=\"150\" height=\"14\" fill=\"#e3e8ee\"/>"
	    "<rect width=\"%u\" height=\"14\" fill=\"#154273\"/></svg>",
	    percent * 150 / 100);
}

static void
row_of_figure(FILE *out, const struct report *r, enum figure f)
{
	const struct figure_info *info = figure_info(f);
	unsigned percent;

	fprintf(out, "<tr%s><th scope=row>", info->of == f ? "" :
	    " class=part");
	both(out, info->nl, info->en);
	fputs("</th><td class=n>", out);
	number(out, &r->all, f);
	fputs("</td><td class=n>", out);
	if (share_shown(&r->all, f, &percent)) {
		fprintf(out, "%u%%</td><td class=bar>", percent);
		share_bar(out, percent);
		fputs("</td></tr>\n", out);
	} else
		fputs("</td><td></td></tr>\n", out);
}

static void
table_of_counts(FILE *out, const struct report *r, unsigned group)
{
	fprintf(out, "<table><caption>%s: tellingen <span class=en lang=en>"
	    "counts</span></caption><thead><tr><th scope=col>Wat <span "
	    "class=en lang=en>what</span></th><th scope=col class=n>Aantal "
	    "<span class=en lang=en>number</span></th><th scope=col class=n>"
	    "Deel <span class=en lang=en>share</span></th><th scope=col><span "
	    "class=vh>Beeld van het deel</span></th></tr></thead><tbody>\n",
	    figure_group_nl(group));
	for (int f = 0; f < FIGURE_COUNT; f++)
		if (figure_info((enum figure)f)->group == group)
			row_of_figure(out, r, (enum figure)f);
	fputs("</tbody></table>\n", out);
}

static void
table_of_spreads(FILE *out, const struct report *r, unsigned group)
{
	bool open = false;

	for (int s = 0; s < SPREAD_COUNT; s++) {
		const struct figure_info *info = spread_info((enum spread)s);
		const uint32_t *spread = r->all.figures.spread[s];

		if (info->group != group)
			continue;
		if (!open)
			fprintf(out, "<table><caption>%s: verdelingen <span "
			    "class=en lang=en>spreads</span></caption><thead>"
			    "<tr><th scope=col>Verdeling <span class=en lang="
			    "en>spread</span></th><th scope=col class=n>Helft "
			    "hoogstens (mediaan)</th><th scope=col class=n>9 op "
			    "de 10 hoogstens</th></tr></thead><tbody>\n",
			    figure_group_nl(group));
		open = true;
		fputs("<tr><th scope=row>", out);
		both(out, info->nl, info->en);
		if (spread_shown(&r->all, (enum spread)s))
			fprintf(out, "</th><td class=n>%u</td><td class=n>%u"
			    "</td></tr>\n", spread_at(spread, 50),
			    spread_at(spread, 90));
		else
			fprintf(out, "</th><td class=n>%s</td><td></td></tr>\n",
			    spread_total(spread) == 0 ? "geen" :
			    "te weinig (&lt;5)");
	}
	if (open)
		fputs("</tbody></table>\n", out);
}

static void
gaps_of(FILE *out, unsigned group)
{
	size_t n;
	const struct figure_gap *gaps = figure_gaps(&n);

	for (size_t i = 0; i < n; i++) {
		if (gaps[i].group != group)
			continue;
		fputs("<p class=gap><b>Geen gegevens</b> over ", out);
		html_text(out, gaps[i].nl);
		fputs(": ", out);
		html_text(out, gaps[i].why_nl);
		fputs(". <span class=en lang=en>No data on ", out);
		html_text(out, gaps[i].en);
		fputs(": ", out);
		html_text(out, gaps[i].why_en);
		fputs(".</span></p>\n", out);
	}
}

/* ---- each cell: the wholes of a group beside each other */

static void
cell_row(FILE *out, const struct cell *cell, unsigned group)
{
	fputs("<tr><th scope=row>", out);
	html_text(out, cell->name);
	fputs("</th>", out);
	for (int f = 0; f < FIGURE_COUNT; f++) {
		const struct figure_info *info = figure_info((enum figure)f);

		if (info->group != group || info->sort == FIGURE_THING ||
		    (info->sort != FIGURE_WHOLE && group != 1))
			continue;
		fputs("<td class=n>", out);
		number(out, cell, (enum figure)f);
		fputs("</td>", out);
	}
	if (group == 1) {
		const uint32_t *days =
		    cell->figures.spread[SPREAD_ORDER_START];

		if (spread_shown(cell, SPREAD_ORDER_START))
			fprintf(out, "<td class=n>%u</td>",
			    spread_at(days, 50));
		else
			fputs("<td class=n>&nbsp;</td>", out);
	}
	fputs("</tr>\n", out);
}

static void
table_of_cells(FILE *out, const struct report *r, unsigned group)
{
	fprintf(out, "<details%s><summary>Per %s</summary><div class=wide "
	    "tabindex=0 role=region aria-label=\"%s per %s\"><table><caption>"
	    "%s, per %s</caption><thead><tr><th scope=col>", group == 1 &&
	    r->cells < 50 ? " open" : "", by_info(r->by)->nl,
	    figure_group_nl(group), by_info(r->by)->nl,
	    figure_group_nl(group), by_info(r->by)->nl);
	both(out, by_info(r->by)->nl, by_info(r->by)->en);
	fputs("</th>", out);
	for (int f = 0; f < FIGURE_COUNT; f++) {
		const struct figure_info *info = figure_info((enum figure)f);

		if (info->group != group || info->sort == FIGURE_THING ||
		    (info->sort != FIGURE_WHOLE && group != 1))
			continue;
		fputs("<th scope=col class=n style=\"white-space:normal\">",
		    out);
		html_text(out, info->nl);
		fputs("</th>", out);
	}
	if (group == 1)
		fputs("<th scope=col class=n>mediaan, dagen</th>", out);
	fputs("</tr></thead><tbody>\n", out);
	for (size_t i = 0; i < r->cells; i++)
		cell_row(out, r->cell[i], group);
	fputs("</tbody></table></div></details>\n", out);
}

static void
section(FILE *out, const struct report *r, unsigned group)
{
	fprintf(out, "<section id=g%u><h2>%u. ", group, group);
	both(out, figure_group_nl(group), figure_group_en(group));
	fputs("</h2>\n", out);
	if (group_has_data(r, group)) {
		if (group == 1)
			histogram(out, r);
		if (group == 2)
			plot_of_legs(out, r);
		table_of_counts(out, r, group);
		table_of_spreads(out, r, group);
		table_of_cells(out, r, group);
	} else
		fputs("<p class=gap><b>Geen gegevens</b>: in deze periode is "
		    "hierover niets vastgelegd. <span class=en lang=en>No data: "
		    "nothing was recorded in this period.</span></p>\n", out);
	gaps_of(out, group);
	fputs("</section>\n", out);
}

static void
key_figure(FILE *out, const char *value, const char *nl, const char *en)
{
	fputs("<div><b>", out);
	html_text(out, value);
	fputs("</b>", out);
	both(out, nl, en);
	fputs("</div>", out);
}

static void
key_figures(FILE *out, const struct report *r)
{
	char text[SHOWN_TEXT_MAX];
	unsigned percent;

	fputs("<div class=key>", out);
	key_figure(out, shown_text(&r->all, FIGURE_OPENED, text),
	    "nieuwe zaken", "new cases");
	snprintf(text, sizeof(text), ".");
	if (share_shown(&r->all, FIGURE_START_14, &percent))
		snprintf(text, sizeof(text), "%u%%", percent);
	key_figure(out, text, "van de hulp begon binnen 14 dagen",
	    "of help began within 14 days");
	snprintf(text, sizeof(text), ".");
	if (spread_shown(&r->all, SPREAD_ORDER_START))
		snprintf(text, sizeof(text), "%u", spread_at(
		    r->all.figures.spread[SPREAD_ORDER_START], 50));
	key_figure(out, text, "dagen tot de start, mediaan",
	    "days to the start, median");
	key_figure(out, shown_text(&r->all, FIGURE_WAITING, text),
	    "wachtplekken aan het eind", "waiting at the end");
	fputs("</div>\n", out);
}

/* ---- the four headings of a region's report (R78) */

static const struct {
	const char *nl, *en;
	enum figure figure[3];
} headings[] = {
	{ "Doelmatig", "efficient", { FIGURE_MESSAGES, FIGURE_ASKED_AGAIN,
	    FIGURE_CLOSED_LIGHT } },
	{ "Doeltreffend", "effective", { FIGURE_FIRST_MATCHED,
	    FIGURE_COURT_REACHED, FIGURE_RETURNED } },
	{ "Vraaggericht", "demand-led", { FIGURE_PLAN_PARENTS,
	    FIGURE_CHILD_VIEW, FIGURE_FEEDBACKS } },
	{ "Op tijd", "timely", { FIGURE_START_14, FIGURE_REPORTS_ON_TIME,
	    FIGURE_REVIEWED_7 } },
};

static void
four_headings(FILE *out, const struct report *r)
{
	unsigned percent;

	fputs("<h2 id=vier>In het kort <span class=en lang=en>in short</span>"
	    "</h2><div class=four>\n", out);
	for (size_t i = 0; i < sizeof(headings) / sizeof(headings[0]); i++) {
		fprintf(out, "<div><h3>%s <span class=en lang=en>%s</span>"
		    "</h3>", headings[i].nl, headings[i].en);
		for (size_t k = 0; k < 3; k++) {
			enum figure f = headings[i].figure[k];
			const struct figure_info *info = figure_info(f);

			fputs("<p><b>", out);
			number(out, &r->all, f);
			if (share_shown(&r->all, f, &percent))
				fprintf(out, " (%u%%)", percent);
			fputs("</b> ", out);
			if (info->of != f) {
				html_text(out, figure_info(info->of)->nl);
				fputs(": ", out);
			}
			html_text(out, info->nl);
			fputs("</p>", out);
		}
		fputs("</div>\n", out);
	}
	fputs("</div>\n", out);
}

static void
contents(FILE *out)
{
	fputs("<nav aria-label=Inhoud><h2>Inhoud <span class=en lang=en>"
	    "contents</span></h2><ol>\n", out);
	for (unsigned group = 1; group <= FIGURE_GROUPS; group++)
		fprintf(out, "<li><a href=\"#g%u\">%s</a></li>\n", group,
		    figure_group_nl(group));
	fputs("</ol></nav>\n", out);
}

static void
page(FILE *out, const struct report *r)
{
	fprintf(out, "<!doctype html>\n<html lang=nl><head><meta charset=utf-8>"
	    "<meta name=viewport content=\"width=device-width\"><title>Cijfers "
	    "jeugdhulp %s</title><style>%s</style></head><body>\n<a class=skip "
	    "href=\"#vier\">Naar de cijfers</a><header><h1>"
	    "Cijfers over jeugdhulp, kwartaal %c van %.4s</h1><p>Geteld uit het "
	    "journaal, per %s. <span class=en lang=en>Counted from the journal, "
	    "by %s.</span></p></header>\n<main>", r->quarter, style,
	    r->quarter[5], r->quarter, by_info(r->by)->nl,
	    by_info(r->by)->en);
	if (!r->over)
		fputs("<p class=\"gap draft\"><b>Voorlopig, niet om te "
		    "publiceren</b>: dit kwartaal loopt nog. Twee tussenstanden "
		    "van elkaar aftrekken kan een enkel kind tonen. <span "
		    "class=en lang=en>Provisional, not to be published: this "
		    "quarter is not over.</span></p>\n", out);
	key_figures(out, r);
	fputs("<p><b>Hoe te lezen.</b> Een aantal van 1 tot en met 4 staat er "
	    "als &lt;5, zodat niemand te herkennen is. Een punt staat waar een "
	    "klein aantal anders uit te rekenen zou zijn. <span class=en "
	    "lang=en>Counts of 1 to 4 read &lt;5; a point stands where such a "
	    "count would follow from another.</span></p>\n", out);
	if (r->erased > 0)
		fprintf(out, "<p class=gap>Van %llu berichten is de inhoud "
		    "gewist: zij tellen zonder antwoorden mee.</p>\n",
		    (unsigned long long)r->erased);
	if (r->source != COUNTED)
		fprintf(out, "<p class=gap>%s. <span class=en lang=en>%s."
		    "</span></p>\n", source_nl(r), source_en(r));
	four_headings(out, r);
	contents(out);
	for (unsigned group = 1; group <= FIGURE_GROUPS; group++)
		section(out, r, group);
	fputs("</main></body></html>\n", out);
}

enum sk_error
figures_write_html(const struct report *r, const char *path,
    struct fault *fault)
{
	FILE *out = fopen(path, "we");

	if (out == NULL)
		return fault_set(fault, SK_FILE_IO, path, "%s",
		    strerror(errno));
	page(out, r);
	if (ferror(out) | fclose(out))
		return fault_set(fault, SK_FILE_IO, path, "%s",
		    strerror(errno));
	return SK_OK;
}
