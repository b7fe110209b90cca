#include "agents/audit/page.h"

#include <stdlib.h>
#include <string.h>

#define LANE_WIDTH 160
#define FIRST_LANE 210		/* x; left of it stand day and time */
#define ROW_HEIGHT 26
#define HEAD_HEIGHT 70
#define NAME_MAX 20		/* characters of a name over its lane */

/* Lane 0 is the broker; the last one takes those who found no place. */
struct lanes {
	size_t n;
	struct {
		json_int_t participant;
		const char *name;
	} lane[PAGE_LANES_MAX];
	bool others;
};

static void
put_text(FILE *file, const char *text)
{
	for (; *text != '\0'; text++) {
		switch (*text) {
		case '&':
			fputs("&amp;", file);
			break;
		case '<':
			fputs("&lt;", file);
			break;
		case '>':
			fputs("&gt;", file);
			break;
		case '"':
			fputs("&quot;", file);
			break;
		default:
			fputc(*text, file);
			break;
		}
	}
}

static const char *
text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text == NULL ? "" : text;
}

/* ---- lanes */

static size_t
lane_of(const struct lanes *lanes, const json_t *party)
{
	json_int_t participant = json_integer_value(json_object_get(party,
	    "participant"));

	if (!json_is_object(party))
		return 0;
	for (size_t i = 1; i < lanes->n; i++)
		if (lanes->lane[i].participant == participant)
			return i;
	return lanes->n;	/* the others */
}

static void
take_party(struct lanes *lanes, const json_t *party)
{
	if (!json_is_object(party) || lane_of(lanes, party) < lanes->n)
		return;
	if (lanes->n == PAGE_LANES_MAX) {
		lanes->others = true;
		return;
	}
	lanes->lane[lanes->n].participant = json_integer_value(
	    json_object_get(party, "participant"));
	lanes->lane[lanes->n++].name = text_of(party, "name");
}

static void
find_lanes(struct lanes *lanes, const json_t *lines, size_t drawn)
{
	const json_t *line, *to;

	memset(lanes, 0, sizeof(*lanes));
	lanes->n = 1;
	lanes->lane[0].name = "broker";
	for (size_t i = 0; i < drawn; i++) {
		line = json_array_get(lines, i);
		take_party(lanes, json_object_get(line, "from"));
		to = json_object_get(line, "to");
		for (size_t j = 0; j < json_array_size(to); j++)
			take_party(lanes, json_array_get(to, j));
	}
}

static int
lane_x(size_t lane)
{
	return FIRST_LANE + LANE_WIDTH / 2 + (int)lane * LANE_WIDTH;
}

/* Cut between characters, never within one. */
static void
put_short(FILE *file, const char *name)
{
	char text[4 * NAME_MAX + 4];
	size_t at = 0, characters = 0;

	while (name[at] != '\0' && characters < NAME_MAX &&
	    at < 4 * NAME_MAX - 4) {
		do
			at++;
		while (((unsigned char)name[at] & 0xc0) == 0x80);
		characters++;
	}
	memcpy(text, name, at);
	strcpy(text + at, name[at] == '\0' ? "" : "…");
	put_text(file, text);
}

/* ---- the drawing */

static void
draw_lanes(FILE *file, const struct lanes *lanes, int height)
{
	size_t n = lanes->n + (lanes->others ? 1 : 0);

	for (size_t i = 0; i < n; i++) {
		fprintf(file, "<line class=\"lane\" x1=\"%d\" y1=\"44\" "
		    "x2=\"%d\" y2=\"%d\"/>\n<text class=\"name\" x=\"%d\" "
		    "y=\"30\">", lane_x(i), lane_x(i), height, lane_x(i));
		put_short(file, i < lanes->n ? lanes->lane[i].name :
		    "overigen");
		fputs("</text>\n", file);
	}
}

/* An arrow to each recipient; what came from the broker alone is a diamond,
 * what was refused a cross: never colour by itself. */
static void
draw_marks(FILE *file, const struct lanes *lanes, const json_t *line, int y)
{
	const json_t *from = json_object_get(line, "from");
	const bool refused = json_is_object(json_object_get(line, "refused"));
	const json_t *to = json_object_get(line, "to");
	int x = lane_x(lane_of(lanes, from)), to_x, tip;

	for (size_t i = 0; i < json_array_size(to); i++) {
		to_x = lane_x(lane_of(lanes, json_array_get(to, i)));
		tip = to_x < x ? 7 : -7;
		if (refused || to_x == x)
			continue;
		fprintf(file, "<path class=\"way\" d=\"M%d %dH%d\"/>"
		    "<path class=\"tip\" d=\"M%d %dl%d -4v8z\"/>\n", x, y,
		    to_x + tip, to_x, y, tip);
	}
	if (refused)
		fprintf(file, "<path class=\"no\" d=\"M%d %dl10 10m0 -10l-10 "
		    "10\"/>\n", x - 5, y - 5);
	else if (json_is_object(from))
		fprintf(file, "<circle class=\"dot\" cx=\"%d\" cy=\"%d\" "
		    "r=\"5\"/>\n", x, y);
	else
		fprintf(file, "<path class=\"dot\" d=\"M%d %dl6 6l-6 6l-6 -6z"
		    "\"/>\n", x, y - 6);
}

static void
draw_line(FILE *file, const struct lanes *lanes, const json_t *line,
    const char *before, int y)
{
	const char *local = text_of(line, "local");
	size_t day = strcspn(local, " ");
	size_t n = lanes->n + (lanes->others ? 1 : 0);

	fputs("<g>", file);
	if (strncmp(local, before, day) != 0 || *before == '\0')
		fprintf(file, "<text class=\"day\" x=\"8\" y=\"%d\">%.*s"
		    "</text>", y + 4, (int)day, local);
	fprintf(file, "<text class=\"time\" x=\"104\" y=\"%d\">", y + 4);
	put_text(file, local[day] == '\0' ? "" : local + day + 1);
	fputs("</text>", file);
	draw_marks(file, lanes, line, y);
	fprintf(file, "<text x=\"%d\" y=\"%d\">#%" JSON_INTEGER_FORMAT " ",
	    lane_x(n) - LANE_WIDTH / 2 + 8, y + 4,
	    json_integer_value(json_object_get(line, "position")));
	put_text(file, text_of(line, "kind_nl"));
	fputs("</text></g>\n", file);
}

static void
draw(FILE *file, const json_t *lines)
{
	size_t all = json_array_size(lines);
	size_t drawn = all < PAGE_DRAWN_MAX ? all : PAGE_DRAWN_MAX, n;
	const char *before = "";
	const json_t *line;
	struct lanes lanes;
	int width, height = HEAD_HEIGHT + (int)drawn * ROW_HEIGHT;

	find_lanes(&lanes, lines, drawn);
	n = lanes.n + (lanes.others ? 1 : 0);
	width = lane_x(n) - LANE_WIDTH / 2 + 260;
	if (drawn < all)
		fprintf(file, "<p>Getekend zijn de eerste %zu van %zu regels; "
		    "de tabel heeft ze alle. <span lang=\"en\">Drawn are the "
		    "first %zu of %zu lines; the table has all.</span></p>\n",
		    drawn, all, drawn, all);
	fprintf(file, "<div class=\"drawing\" tabindex=\"0\" role=\"region\" "
	    "aria-label=\"Getekende tijdlijn\">\n<svg role=\"img\" "
	    "aria-labelledby=\"svg-title svg-what\" width=\"%d\" height=\"%d\""
	    " viewBox=\"0 0 %d %d\" xmlns=\"http://www.w3.org/2000/svg\">\n"
	    "<title id=\"svg-title\">Tijdlijn</title>\n<desc id=\"svg-what\">"
	    "Van boven naar beneden de tijd, naast elkaar de deelnemers; een "
	    "pijl gaat van afzender naar ontvanger. De tabel hieronder zegt "
	    "hetzelfde in woorden.</desc>\n", width, height, width, height);
	draw_lanes(file, &lanes, height);
	for (size_t i = 0; i < drawn; i++) {
		line = json_array_get(lines, i);
		draw_line(file, &lanes, line, before,
		    HEAD_HEIGHT + (int)i * ROW_HEIGHT);
		before = text_of(line, "local");
	}
	fputs("</svg>\n</div>\n<ul class=\"legend\">\n"
	    "<li>● met pijl: gestuurd aan / <span lang=\"en\">dot with arrow: "
	    "sent to</span></li>\n"
	    "<li>✕: geweigerd / <span lang=\"en\">cross: refused</span></li>\n"
	    "<li>◆: door de broker zelf / <span lang=\"en\">diamond: by the "
	    "broker itself</span></li>\n</ul>\n", file);
}

/* ---- the table */

static void
put_names(FILE *file, const json_t *parties)
{
	for (size_t i = 0; i < json_array_size(parties); i++) {
		fputs(i == 0 ? "" : ", ", file);
		put_text(file, text_of(json_array_get(parties, i), "name"));
	}
}

static void
put_row(FILE *file, const json_t *line)
{
	const json_t *from = json_object_get(line, "from");
	const json_t *happened = json_object_get(line, "happened");
	size_t i;

	fprintf(file, "<tr%s><th scope=\"row\">%" JSON_INTEGER_FORMAT
	    "</th><td><time datetime=\"%s\">",
	    json_is_object(json_object_get(line, "refused")) ?
	    " class=\"refused\"" : "",
	    json_integer_value(json_object_get(line, "position")),
	    text_of(line, "at"));
	put_text(file, text_of(line, "local"));
	fputs("</time></td><td>", file);
	put_text(file, text_of(line, "case"));
	fputs("</td><td>", file);
	put_text(file, json_is_object(from) ? text_of(from, "name") :
	    "broker");
	fputs("</td><td>", file);
	put_names(file, json_object_get(line, "to"));
	fputs("</td><td>", file);
	put_text(file, text_of(line, "kind_nl"));
	fputs(" <span lang=\"en\">", file);
	put_text(file, text_of(line, "kind"));
	fputs("</span></td><td>", file);
	for (i = 0; i < json_array_size(happened); i++) {
		fputs(i == 0 ? "<ul><li>" : "</li><li>", file);
		put_text(file, json_string_value(json_array_get(happened,
		    i)));
	}
	fputs(i == 0 ? "</td></tr>\n" : "</li></ul></td></tr>\n", file);
}

static void
put_table(FILE *file, const json_t *lines)
{
	fputs("<h2 id=\"regels\">Regels <span lang=\"en\">Entries</span></h2>\n"
	    "<div class=\"drawing\" tabindex=\"0\" role=\"region\" "
	    "aria-labelledby=\"regels\">\n<table>\n<caption>Wat er gebeurde, "
	    "in volgorde / <span lang=\"en\">What happened, in order</span>"
	    "</caption>\n<thead><tr>"
	    "<th scope=\"col\">Regel</th><th scope=\"col\">Tijd</th>"
	    "<th scope=\"col\">Zaak</th><th scope=\"col\">Van</th>"
	    "<th scope=\"col\">Aan</th><th scope=\"col\">Wat</th>"
	    "<th scope=\"col\">Gevolg</th></tr></thead>\n<tbody>\n", file);
	for (size_t i = 0; i < json_array_size(lines); i++)
		put_row(file, json_array_get(lines, i));
	fputs("</tbody>\n</table>\n</div>\n", file);
}

/* Every pair of colours here contrasts at least 4.5 to 1. */
static const char style[] =
    "body{font:16px/1.5 sans-serif;color:#1a1a1a;background:#fff;"
    "margin:1.5rem}"
    "h1,h2{line-height:1.2}"
    ".drawing{overflow-x:auto;border:1px solid #767676}"
    ".drawing:focus-visible{outline:3px solid #154273;outline-offset:2px}"
    "svg text{font:13px sans-serif;fill:#1a1a1a}"
    "svg .name{text-anchor:middle;font-weight:bold}"
    "svg .day{font-weight:bold}svg .time{fill:#4a4a4a}"
    ".lane{stroke:#949494;stroke-dasharray:2 3}"
    ".way{stroke:#154273;stroke-width:2;fill:none}.tip,.dot{fill:#154273}"
    ".no{stroke:#b3261e;stroke-width:3;fill:none}"
    ".legend{list-style:none;padding:0}"
    "table{border-collapse:collapse;min-width:60rem}"
    "caption{text-align:left;padding:.5rem;font-weight:bold}"
    "th,td{border:1px solid #767676;padding:.25rem .5rem;text-align:left;"
    "vertical-align:top}"
    "thead th{background:#154273;color:#fff}"
    "td:nth-child(-n+3){white-space:nowrap}"
    "td ul{margin:0;padding-left:1.1rem}"
    ".refused td{background:#fdecea}"
    "span[lang=en]{color:#4a4a4a;font-weight:400}"
    "@page{size:A4 landscape;margin:12mm}"
    "@media print{.drawing{overflow:visible;border:0}svg{max-width:100%;"
    "height:auto}thead{display:table-header-group}tr{break-inside:avoid}"
    "table{min-width:0;font-size:9pt}}";

bool
page_write(FILE *file, const char *origin, const char *subject,
    const json_t *lines)
{
	if (lines == NULL)
		return false;
	fputs("<!DOCTYPE html>\n<html lang=\"nl\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
	    "content=\"width=device-width, initial-scale=1\">\n<title>"
	    "Tijdlijn: ", file);
	put_text(file, subject);
	fprintf(file, "</title>\n<style>%s</style>\n</head>\n<body>\n<main>\n"
	    "<h1>Tijdlijn: ", style);
	put_text(file, subject);
	fputs("</h1>\n<p>Journaal ", file);
	put_text(file, origin);
	fprintf(file, ", %zu regels. Namen en nummers; geen feiten, geen "
	    "verzegelde tekst. <span lang=\"en\">Names and numbers; no facts, "
	    "no sealed text.</span></p>\n", json_array_size(lines));
	draw(file, lines);
	put_table(file, lines);
	fputs("</main>\n</body>\n</html>\n", file);
	return true;
}
