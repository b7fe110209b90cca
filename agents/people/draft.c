#include "agents/people/draft.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "proto/civil.h"
#include "proto/ids.h"
#include "proto/message.h"

#define TEXT_BYTES_MAX (256u * 1024)
#define CODE_MAX 48
#define HEX_MAX 256
#define ORDER_REFERENCE_SIZE 16
#define LIST_MAX 64

enum sk_error
draft_init(struct draft *draft, const struct verb *verb, struct fault *fault)
{
	memset(draft, 0, sizeof(*draft));
	draft->verb = verb;
	draft->request = json_object();
	draft->facts = json_object();
	draft->sections = json_object();
	if (draft->request == NULL || draft->facts == NULL ||
	    draft->sections == NULL || json_object_set_new(draft->request, "do",
	    json_string(verb->kind != NULL ? "send" : verb->name)) != 0)
		return fault_set(fault, SK_NO_MEMORY, "", NULL);
	if (verb->kind != NULL && (json_object_set_new(draft->request,
	    "wait_ms", json_integer(WAIT_MS_DEFAULT)) != 0 ||
	    (verb->kind[0] != '\0' && json_object_set_new(draft->request,
	    "kind", json_string(verb->kind)) != 0)))
		return fault_set(fault, SK_NO_MEMORY, "", NULL);
	return SK_OK;
}

void
draft_clear(struct draft *draft)
{
	json_decref(draft->request);
	json_decref(draft->facts);
	json_decref(draft->sections);
	json_decref(draft->others);
	memset(draft, 0, sizeof(*draft));
}

/* ---- values */

struct taking {
	struct draft *draft;
	const struct option *option;
	const char *value;
	json_t *object;		/* where it goes */
	const char *path;	/* and under which key there */
	struct fault *fault;
};

static enum sk_error
wrong(const struct taking *t, const char *want)
{
	char field[64];

	snprintf(field, sizeof(field), "--%s", t->option->name);
	return fault_set(t->fault, SK_USAGE, field, "%s", want);
}

/* value is taken over; NULL is no memory, or text that is not UTF-8. */
static enum sk_error
put(const struct taking *t, const char *key, json_t *value)
{
	if (value == NULL)
		return wrong(t, "text in UTF-8");
	if (json_object_get(t->object, key) != NULL && t->object !=
	    t->draft->request) {
		json_decref(value);
		return wrong(t, "once");
	}
	return json_object_set_new(t->object, key, value) == 0 ? SK_OK :
	    fault_set(t->fault, SK_NO_MEMORY, "", NULL);
}

/* Into the list at the option's path. */
static enum sk_error
add(const struct taking *t, json_t *value)
{
	json_t *list = json_object_get(t->object, t->path);

	if (list == NULL) {
		list = json_array();
		json_object_set_new(t->object, t->path, list);
	}
	if (value != NULL && json_array_size(list) >= LIST_MAX) {
		json_decref(value);
		return wrong(t, "fewer of them");
	}
	return value != NULL && json_array_append_new(list, value) == 0 ?
	    SK_OK : wrong(t, "text in UTF-8");
}

/* A number from 0 up to at most 15 digits, which JSON keeps exactly. */
static bool
read_number(const char *text, size_t size, json_int_t *number)
{
	if (size == 0 || size > 15 || strspn(text, "0123456789") < size)
		return false;
	*number = strtoll(text, NULL, 10);
	return true;
}

/* A code in any case and with hyphens; the last part alone when only one
 * code ends in it: RELATION is OWNER_RELATION. */
static const char *
find_code(const ProtobufCEnumDescriptor *codes, const char *text, size_t size)
{
	const char *found = NULL, *name;
	char code[CODE_MAX];
	size_t length;

	if (size == 0 || size >= sizeof(code))
		return NULL;
	for (size_t i = 0; i < size; i++)
		code[i] = text[i] == '-' ? '_' :
		    (char)toupper((unsigned char)text[i]);
	code[size] = '\0';
	for (unsigned i = 0; i < codes->n_values; i++) {
		name = codes->values[i].name;
		if (strcmp(name, code) == 0)
			return name;
		length = strlen(name);
		if (length <= size + 1 || name[length - size - 1] != '_' ||
		    strcmp(name + length - size, code) != 0)
			continue;
		if (found != NULL)
			return NULL;
		found = name;
	}
	return found;
}

static enum sk_error
wrong_code(const struct taking *t, const ProtobufCEnumDescriptor *codes)
{
	char want[600] = "one of";
	size_t used = strlen(want);

	for (unsigned i = 0; i < codes->n_values && used < sizeof(want); i++)
		used += (size_t)snprintf(want + used, sizeof(want) - used,
		    " %s", codes->values[i].name);
	return wrong(t, used < sizeof(t->fault->hint) ? want :
	    "see the codes in its --help");
}

static enum sk_error
take_text(const struct taking *t)
{
	return put(t, t->path, json_string(t->value));
}

static enum sk_error
take_date(const struct taking *t)
{
	int32_t date;

	if (!civil_date_parse(t->value, &date))
		return wrong(t, "a date such as 2026-03-31");
	return put(t, t->path, json_string(t->value));
}

static enum sk_error
take_instant(const struct taking *t)
{
	int64_t instant;

	if (!civil_instant_parse(t->value, &instant))
		return wrong(t, "an instant such as 2026-03-31T12:00:00Z");
	return put(t, t->path, json_string(t->value));
}

static enum sk_error
take_number(const struct taking *t)
{
	json_int_t number;

	if (!read_number(t->value, strlen(t->value), &number))
		return wrong(t, "a whole number");
	return put(t, t->path, json_integer(number));
}

static enum sk_error
take_numbers(const struct taking *t)
{
	const char *text = t->value;
	enum sk_error rc = SK_OK;
	json_int_t number;
	size_t size;

	do {
		size = strcspn(text, ",");
		if (!read_number(text, size, &number))
			return wrong(t, "the number of a participant");
		rc = add(t, json_integer(number));
		text += size + (text[size] == ',');
	} while (rc == SK_OK && *text != '\0');
	return rc;
}

static enum sk_error
take_yes(const struct taking *t)
{
	return put(t, t->path, json_true());
}

static enum sk_error
take_no(const struct taking *t)
{
	return put(t, t->path, json_false());
}

static enum sk_error
take_yes_no(const struct taking *t)
{
	bool yes = strcasecmp(t->value, "yes") == 0;

	if (!yes && strcasecmp(t->value, "no") != 0)
		return wrong(t, "YES or NO");
	return put(t, t->path, json_boolean(yes));
}

/* Where JSON knows no date: days since 1970. */
static enum sk_error
take_day(const struct taking *t)
{
	int32_t date;

	if (!civil_date_parse(t->value, &date))
		return wrong(t, "a date such as 2026-03-31");
	return put(t, t->path, json_integer(date));
}

/* GATE=REASON, the gate by its name or its number (RULES.md, Soft gates). */
static enum sk_error
take_override(const struct taking *t)
{
	char name[CODE_MAX] = "";
	size_t size = strcspn(t->value, "=");
	const char *reason;
	json_int_t gate;

	if (t->value[size] != '=' || size >= sizeof(name))
		return wrong(t, "GATE=REASON, such as PLAN_MISSING=URGENT");
	for (size_t i = 0; i < size; i++)
		name[i] = t->value[i] == '-' ? '_' :
		    (char)toupper((unsigned char)t->value[i]);
	if (!read_number(name, size, &gate))
		gate = error_by_name(name);
	if (gate <= 0)
		return wrong(t, "a soft gate, such as PLAN_MISSING");
	reason = find_code(t->option->codes, t->value + size + 1,
	    strlen(t->value + size + 1));
	if (reason == NULL)
		return wrong_code(t, t->option->codes);
	return add(t, json_pack("{s:I, s:s}", "gate", gate, "reason",
	    reason));
}

static enum sk_error
take_code(const struct taking *t)
{
	const char *code = find_code(t->option->codes, t->value,
	    strlen(t->value));

	return code == NULL ? wrong_code(t, t->option->codes) :
	    put(t, t->path, json_string(code));
}

static enum sk_error
take_codes(const struct taking *t)
{
	const char *text = t->value, *code;
	enum sk_error rc = SK_OK;
	size_t size;

	do {
		size = strcspn(text, ",");
		code = find_code(t->option->codes, text, size);
		if (code == NULL)
			return wrong_code(t, t->option->codes);
		rc = add(t, json_string(code));
		text += size + (text[size] == ',');
	} while (rc == SK_OK && *text != '\0');
	return rc;
}

/* ":OWNED_BY_PARENTS:OWNER_CHILD", either left out from the right. */
static bool
goal_codes(const char *text, const char **owner, const char **helps)
{
	size_t size;

	if (*text == '\0')
		return true;
	size = strcspn(++text, ":");
	*owner = find_code(&sk__goal_owner__descriptor, text, size);
	if (*owner == NULL || text[size] == '\0')
		return *owner != NULL;
	text += size + 1;
	*helps = find_code(&sk__problem_owner__descriptor, text, strlen(text));
	return *helps != NULL;
}

static enum sk_error
take_texts(const struct taking *t)
{
	const char *text = t->value;
	enum sk_error rc = SK_OK;
	size_t size;

	do {
		size = strcspn(text, ",");
		if (size == 0)
			return wrong(t, t->option->form);
		rc = add(t, json_stringn(text, size));
		text += size + (text[size] == ',');
	} while (rc == SK_OK && *text != '\0');
	return rc;
}

static enum sk_error
take_places(const struct taking *t)
{
	size_t size = strcspn(t->value, "=");
	json_int_t places;

	if (size == 0 || t->value[size] != '=' || !read_number(
	    t->value + size + 1, strlen(t->value + size + 1), &places))
		return wrong(t, "offering=number, such as gezinshulp=3");
	return add(t, json_pack("{s:s%, s:I}", "offering", t->value, size,
	    "places", places));
}

static enum sk_error
take_goal(const struct taking *t)
{
	size_t size = strcspn(t->value, ":");
	const char *date = t->value + size + 1, *owner = NULL, *helps = NULL;
	char day[CIVIL_DATE_TEXT_MAX];
	json_int_t number;
	int32_t parsed;
	json_t *goal;

	if (t->value[size] != ':' || !read_number(t->value, size, &number))
		return wrong(t, "number:date, such as 1:2026-09-01");
	snprintf(day, sizeof(day), "%.*s", (int)strcspn(date, ":"), date);
	if (!civil_date_parse(day, &parsed) ||
	    !goal_codes(date + strcspn(date, ":"), &owner, &helps))
		return wrong(t, "number:date[:owner[:whom]], such as"
		    " 1:2026-09-01:OWNED_BY_PARENTS:OWNER_RELATION");
	goal = json_pack("{s:I, s:s, s:s}", "number", number, "setter",
	    t->option->fixed, "due_date", day);
	if (goal != NULL && owner != NULL)
		json_object_set_new(goal, "owner", json_string(owner));
	if (goal != NULL && helps != NULL)
		json_object_set_new(goal, "helps", json_string(helps));
	return add(t, goal);
}

static enum sk_error
take_goal_state(const struct taking *t)
{
	size_t size = strcspn(t->value, "=");
	json_int_t number;
	const char *code;

	if (t->value[size] != '=' || !read_number(t->value, size, &number))
		return wrong(t, "number=status, such as 1=REACHED");
	code = find_code(t->option->codes, t->value + size + 1,
	    strlen(t->value + size + 1));
	if (code == NULL)
		return wrong_code(t, t->option->codes);
	return add(t, json_pack("{s:I, s:s}", "number", number, "status",
	    code));
}

/* ---- triage */

static bool
is_answered(const json_t *domains, const char *domain)
{
	const json_t *row;
	size_t i;

	json_array_foreach (domains, i, row)
		if (strcmp(json_string_value(json_object_get(row, "domain")),
		    domain) == 0)
			return true;
	return false;
}

static enum sk_error
take_domain(const struct taking *t)
{
	size_t name = strcspn(t->value, "=");
	const char *answer = t->value + name + (t->value[name] == '=');
	size_t size = strcspn(answer, ":");
	const char *domain, *code, *owner = NULL;
	json_t *row;

	domain = find_code(&sk__life_domain__descriptor, t->value, name);
	if (domain == NULL)
		return wrong_code(t, &sk__life_domain__descriptor);
	code = find_code(&sk__answer__descriptor, answer, size);
	if (code == NULL)
		return wrong_code(t, &sk__answer__descriptor);
	if (answer[size] == ':' && (owner = find_code(
	    &sk__problem_owner__descriptor, answer + size + 1,
	    strlen(answer + size + 1))) == NULL)
		return wrong_code(t, &sk__problem_owner__descriptor);
	if ((strcmp(code, "YES") == 0) != (owner != NULL))
		return wrong(t, "DOMAIN=YES:OWNER, DOMAIN=NO or "
		    "DOMAIN=NOT_KNOWN");
	if (is_answered(json_object_get(t->object, "domains"), domain))
		return wrong(t, "each domain once");
	row = json_pack("{s:s, s:s}", "domain", domain, "answer", code);
	if (owner != NULL)
		json_object_set_new(row, "owner", json_string(owner));
	return add(t, row);
}

static enum sk_error
take_others(const struct taking *t)
{
	const char *code = find_code(&sk__answer__descriptor, t->value,
	    strlen(t->value));

	if (code == NULL || strcmp(code, "YES") == 0)
		return wrong(t, "NO or NOT_KNOWN; YES needs an owner each");
	if (t->draft->others != NULL)
		return wrong(t, "once");
	t->draft->others = json_string(code);
	return SK_OK;
}

static enum sk_error
answer_others(struct draft *draft, struct fault *fault)
{
	const ProtobufCEnumDescriptor *all = &sk__life_domain__descriptor;
	json_t *domains = json_object_get(draft->facts, "domains");
	const char *name;

	if (domains == NULL) {
		domains = json_array();
		json_object_set_new(draft->facts, "domains", domains);
	}
	for (unsigned i = 0; i < all->n_values; i++) {
		name = all->values[i].name;
		if (is_answered(domains, name))
			continue;
		if (draft->others == NULL)
			return fault_set(fault, SK_TRIAGE_INCOMPLETE,
			    "--domain", "%s has no answer; --others NO answers "
			    "all that were not named", name);
		if (json_array_append_new(domains, json_pack("{s:s, s:O}",
		    "domain", name, "answer", draft->others)) != 0)
			return fault_set(fault, SK_NO_MEMORY, "", NULL);
	}
	return SK_OK;
}

/* ---- persons */

static bool
is_hex(const char *text, size_t size)
{
	return size > 0 && size % 2 == 0 && size <= HEX_MAX &&
	    strspn(text, "0123456789abcdefABCDEF") >= size;
}

static enum sk_error
take_hex(const struct taking *t)
{
	if (!is_hex(t->value, strlen(t->value)))
		return wrong(t, "hexadecimal digits, two a byte");
	return put(t, t->path, json_string(t->value));
}

/* [version:]pseudonym */
static const char *
read_pseudonym(const char *text, json_int_t *version, size_t *size)
{
	*version = 1;
	*size = strcspn(text, ":");
	if (*size < 16 && text[*size] == ':') {
		if (!read_number(text, *size, version))
			return NULL;
		text += *size + 1;
		*size = strcspn(text, ":");
	}
	return is_hex(text, *size) ? text : NULL;
}

/* [version:]pseudonym[:consent|:no-consent] */
static enum sk_error
take_person(const struct taking *t)
{
	bool is_parent = strcmp(t->option->fixed, "PARENT") == 0;
	const char *text, *word;
	json_int_t version;
	int32_t expected;
	size_t size;
	json_t *person;

	if ((text = read_pseudonym(t->value, &version, &size)) == NULL)
		return wrong(t, t->option->form);
	word = text[size] == ':' ? text + size + 1 : NULL;
	/* of a child that is not born yet: the day on which it is expected */
	if (!is_parent && word != NULL && civil_date_parse(word, &expected)) {
		person = json_pack("{s:s, s:I, s:s%, s:s}", "role",
		    t->option->fixed, "secret_version", version, "pseudonym",
		    text, size, "expected_birth_date", word);
		return add(t, person);
	}
	if (is_parent != (word != NULL) || (word != NULL &&
	    strcmp(word, "consent") != 0 && strcmp(word, "no-consent") != 0))
		return wrong(t, t->option->form);
	person = json_pack("{s:s, s:I, s:s%}", "role", t->option->fixed,
	    "secret_version", version, "pseudonym", text, size);
	if (word != NULL)
		json_object_set_new(person, "consent",
		    json_boolean(word[0] == 'c'));
	return add(t, person);
}

/* ROLE:[version:]pseudonym */
static enum sk_error
take_one_person(const struct taking *t)
{
	size_t role_size = strcspn(t->value, ":"), size;
	const char *role, *text;
	json_int_t version;

	role = find_code(&sk__person_role__descriptor, t->value, role_size);
	if (role == NULL || t->value[role_size] != ':' ||
	    (text = read_pseudonym(t->value + role_size + 1, &version,
	    &size)) == NULL || text[size] != '\0')
		return wrong(t, t->option->form);
	return put(t, t->path, json_pack("{s:s, s:I, s:s%}", "role", role,
	    "secret_version", version, "pseudonym", text, size));
}

static json_t *
json_of_ref(const struct envelope_ref *ref)
{
	char boot[2 * BOOT_SIZE + 1];

	sodium_bin2hex(boot, sizeof(boot), ref->id.boot, BOOT_SIZE);
	return json_pack("{s:I, s:{s:s, s:I}}", "participant",
	    (json_int_t)ref->participant, "id", "boot", boot, "number",
	    (json_int_t)ref->id.number);
}

static enum sk_error
take_ref(const struct taking *t)
{
	struct envelope_ref ref;

	if (ref_parse(t->value, &ref) != SK_OK)
		return wrong(t, "a reference such as 2-00112233445566aa-7");
	return put(t, t->path, json_of_ref(&ref));
}

static enum sk_error
take_refs(const struct taking *t)
{
	const char *text = t->value;
	struct envelope_ref ref;
	enum sk_error rc = SK_OK;
	char one[REF_TEXT_MAX];
	size_t size;

	do {
		size = strcspn(text, ",");
		snprintf(one, sizeof(one), "%.*s", (int)size, text);
		if (size >= sizeof(one) || ref_parse(one, &ref) != SK_OK)
			return wrong(t,
			    "references such as 2-00112233445566aa-7");
		rc = add(t, json_of_ref(&ref));
		text += size + (text[size] == ',');
	} while (rc == SK_OK && *text != '\0');
	return rc;
}

static enum sk_error
take_case(const struct taking *t)
{
	uint64_t journal, number;

	if (case_parse(t->value, &journal, &number) == SK_OK)
		return put(t, t->path, json_string(t->value));
	return take_ref(t);
}

/* ---- texts */

static enum sk_error
read_all(const struct taking *t, int fd, char **text, size_t *size)
{
	ssize_t n;

	*size = 0;
	if ((*text = malloc(TEXT_BYTES_MAX + 1)) == NULL)
		return fault_set(t->fault, SK_NO_MEMORY, "", NULL);
	do {
		n = read(fd, *text + *size, TEXT_BYTES_MAX + 1 - *size);
		if (n > 0)
			*size += (size_t)n;
	} while ((n > 0 && *size <= TEXT_BYTES_MAX) ||
	    (n < 0 && errno == EINTR));
	if (n < 0)
		return fault_set(t->fault, SK_FILE_IO, t->value, "%s",
		    strerror(errno));
	if (*size > TEXT_BYTES_MAX)
		return fault_set(t->fault, SK_OVERSIZED, t->value,
		    "at most %u bytes", TEXT_BYTES_MAX);
	return SK_OK;
}

/* Lines end in LF on the wire, and a text does not end in an empty line. */
static size_t
settle_lines(char *text, size_t size)
{
	size_t kept = 0;

	for (size_t i = 0; i < size; i++)
		if (text[i] != '\r' || i + 1 == size || text[i + 1] != '\n')
			text[kept++] = text[i];
	while (kept > 0 && text[kept - 1] == '\n')
		kept--;
	return kept;
}

/* Text itself, what stands in @file, or on stdin for -. @@ is a plain @. */
static enum sk_error
read_text(const struct taking *t, const char *value, json_t **out)
{
	bool is_stdin = strcmp(value, "-") == 0;
	char *text = NULL;
	size_t size = 0;
	enum sk_error rc;
	int fd;

	if (!is_stdin && value[0] != '@')
		*out = json_string(value);
	else if (value[0] == '@' && value[1] == '@')
		*out = json_string(value + 1);
	else {
		if (is_stdin && t->draft->stdin_taken)
			return wrong(t, "stdin for one option only");
		fd = is_stdin ? STDIN_FILENO :
		    open(value + 1, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return fault_set(t->fault, SK_FILE_IO, value + 1, "%s",
			    strerror(errno));
		rc = read_all(t, fd, &text, &size);
		if (is_stdin)
			t->draft->stdin_taken = true;
		else
			close(fd);
		if (rc != SK_OK) {
			free(text);
			return rc;
		}
		*out = json_stringn(text, settle_lines(text, size));
		sodium_memzero(text, size);
		free(text);
	}
	return *out != NULL ? SK_OK : wrong(t, "text in UTF-8");
}

static enum sk_error
take_section(const struct taking *t)
{
	json_t *text = NULL;
	enum sk_error rc = read_text(t, t->value, &text);

	return rc != SK_OK ? rc : put(t, t->path, text);
}

static enum sk_error
take_any_section(const struct taking *t)
{
	size_t size = strcspn(t->value, "=");
	json_t *text = NULL;
	const char *section;
	enum sk_error rc;

	section = find_code(&sk__section__descriptor, t->value, size);
	if (section == NULL || t->value[size] != '=')
		return wrong_code(t, &sk__section__descriptor);
	rc = read_text(t, t->value + size + 1, &text);
	return rc != SK_OK ? rc : put(t, section, text);
}

static enum sk_error
take_facts(const struct taking *t)
{
	json_error_t error;
	json_t *text = NULL, *facts;
	enum sk_error rc;

	if ((rc = read_text(t, t->value, &text)) != SK_OK)
		return rc;
	facts = json_loadb(json_string_value(text), json_string_length(text),
	    JSON_REJECT_DUPLICATES, &error);
	json_decref(text);
	if (!json_is_object(facts))
		rc = wrong(t, "an object in JSON");
	else if (json_object_update(t->draft->facts, facts) != 0)
		rc = fault_set(t->fault, SK_NO_MEMORY, "", NULL);
	json_decref(facts);
	return rc;
}

/* SECTION=1,2 into {"SECTION": {"withheld_from": [1, 2]}}. */
static enum sk_error
take_marks(const struct taking *t)
{
	size_t size = strcspn(t->value, "=");
	const char *section = find_code(&sk__section__descriptor, t->value,
	    size);
	const char *at = t->value + size;
	json_t *marks = json_object_get(t->object, t->option->path);
	json_t *mark, *numbers;

	if (section == NULL)
		return wrong_code(t, &sk__section__descriptor);
	if (marks == NULL) {
		marks = json_object();
		json_object_set_new(t->object, t->option->path, marks);
	}
	if ((mark = json_object_get(marks, section)) == NULL) {
		mark = json_object();
		json_object_set_new(marks, section, mark);
	}
	numbers = json_array();
	json_object_set_new(mark, t->option->fixed, numbers);
	do {
		if (at[0] == '\0' || at[1] < '1' || at[1] > '8' ||
		    (at[2] != '\0' && at[2] != ','))
			return wrong(t, t->option->form);
		json_array_append_new(numbers, json_integer(at[1] - '0'));
		at += 2;
	} while (*at != '\0');
	return SK_OK;
}

static enum sk_error (*const takers[])(const struct taking *) = {
	[OF_TEXT] = take_text,
	[OF_DATE] = take_date,
	[OF_INSTANT] = take_instant,
	[OF_NUMBER] = take_number,
	[OF_NUMBERS] = take_numbers,
	[OF_YES] = take_yes,
	[OF_YES_ELSE_NO] = take_yes,
	[OF_NO_ELSE_YES] = take_no,
	[OF_YES_NO] = take_yes_no,
	[OF_DAY] = take_day,
	[OF_CODE] = take_code,
	[OF_CODES] = take_codes,
	[OF_GOAL] = take_goal,
	[OF_GOAL_STATE] = take_goal_state,
	[OF_DOMAIN] = take_domain,
	[OF_OTHERS] = take_others,
	[OF_PERSON] = take_person,
	[OF_ONE_PERSON] = take_one_person,
	[OF_HEX] = take_hex,
	[OF_REF] = take_ref,
	[OF_REFS] = take_refs,
	[OF_CASE] = take_case,
	[OF_TEXTS] = take_texts,
	[OF_PLACES] = take_places,
	[OF_OVERRIDE] = take_override,
	[OF_MARKS] = take_marks,
	[OF_SECTION] = take_section,
	[OF_ANY_SECTION] = take_any_section,
	[OF_FACTS] = take_facts,
};

/* "consideration.needed" is the key `needed` of the object beside it. */
static bool
go_inside(struct taking *t)
{
	const char *dot = t->path == NULL ? NULL : strchr(t->path, '.');
	char key[CODE_MAX];
	json_t *inner;

	if (dot == NULL)
		return true;
	snprintf(key, sizeof(key), "%.*s", (int)(dot - t->path), t->path);
	inner = json_object_get(t->object, key);
	if (inner == NULL && ((inner = json_object()) == NULL ||
	    json_object_set_new(t->object, key, inner) != 0))
		return false;
	t->object = inner;
	t->path = dot + 1;
	return true;
}

enum sk_error
draft_take(struct draft *draft, const struct option *option, const char *value,
    struct fault *fault)
{
	json_t *const places[] = {
		[IN_REQUEST] = draft->request,
		[IN_FACTS] = draft->facts,
		[IN_SECTIONS] = draft->sections,
	};
	struct taking taking = {
		.draft = draft,
		.option = option,
		.value = value,
		.object = places[option->place],
		.path = option->path,
		.fault = fault,
	};

	if (!go_inside(&taking))
		return fault_set(fault, SK_NO_MEMORY, "", NULL);
	return takers[option->type](&taking);
}

enum sk_error
draft_take_operand(struct draft *draft, const char *value, struct fault *fault)
{
	const char *key = draft->verb->operand;
	json_t *text;

	if (key == NULL || json_object_get(draft->request, key) != NULL)
		return fault_set(fault, SK_USAGE, value, "options begin with "
		    "two dashes");
	if ((text = json_string(value)) == NULL)
		return fault_set(fault, SK_USAGE, key, "text in UTF-8");
	json_object_set_new(draft->request, key, text);
	return SK_OK;
}

/* ---- the end */

/* A child among the persons, as every order must have one. */
static bool
has_role(const json_t *persons, const char *role)
{
	const json_t *person;
	size_t i;

	json_array_foreach (persons, i, person)
		if (strcmp(json_string_value(json_object_get(person, "role")),
		    role) == 0)
			return true;
	return false;
}

/* What stands at a path, inside too. */
static const json_t *
value_at(const json_t *object, const char *path)
{
	const char *dot = path == NULL ? NULL : strchr(path, '.');
	char key[CODE_MAX];

	if (dot == NULL)
		return path == NULL ? NULL : json_object_get(object, path);
	snprintf(key, sizeof(key), "%.*s", (int)(dot - path), path);
	return json_object_get(json_object_get(object, key), dot + 1);
}

static bool
is_there(const struct draft *draft, const struct option *option)
{
	const json_t *value = value_at(option->place == IN_FACTS ?
	    draft->facts : draft->request, option->path);

	return option->type == OF_PERSON ? has_role(value, option->fixed) :
	    value != NULL;
}

static enum sk_error
draw_reference(struct draft *draft, struct fault *fault)
{
	uint8_t bytes[ORDER_REFERENCE_SIZE];
	char hex[2 * ORDER_REFERENCE_SIZE + 1];

	randombytes_buf(bytes, sizeof(bytes));
	sodium_bin2hex(hex, sizeof(hex), bytes, sizeof(bytes));
	return json_object_set_new(draft->facts, "order_reference",
	    json_string(hex)) == 0 ? SK_OK :
	    fault_set(fault, SK_NO_MEMORY, "", NULL);
}

enum sk_error
draft_finish(struct draft *draft, struct fault *fault)
{
	const struct verb *verb = draft->verb;
	enum sk_error rc = SK_OK;
	char field[64];

	for (const struct option *o = verb->options; o->name != NULL; o++) {
		if (!is_there(draft, o) && o->type == OF_YES_ELSE_NO)
			json_object_set_new(draft->facts, o->path,
			    json_false());
		if (!is_there(draft, o) && o->type == OF_NO_ELSE_YES)
			json_object_set_new(draft->facts, o->path,
			    json_true());
		if (!o->must || is_there(draft, o))
			continue;
		snprintf(field, sizeof(field), "--%s", o->name);
		return fault_set(fault, SK_USAGE, field, "must be there");
	}
	if (verb->operand_must &&
	    json_object_get(draft->request, verb->operand) == NULL)
		return fault_set(fault, SK_USAGE, verb->operand,
		    "must be there");
	if (verb->kind == NULL)
		return SK_OK;
	if (strcmp(verb->kind, "TRIAGE") == 0)
		rc = answer_others(draft, fault);
	else if (strcmp(verb->kind, "COURT_ORDER") == 0 &&
	    json_object_get(draft->facts, "order_reference") == NULL)
		rc = draw_reference(draft, fault);
	if (rc != SK_OK)
		return rc;
	if (json_object_set(draft->request, "facts", draft->facts) != 0 ||
	    (json_object_size(draft->sections) > 0 && json_object_set(
	    draft->request, "sections", draft->sections) != 0))
		return fault_set(fault, SK_NO_MEMORY, "", NULL);
	return SK_OK;
}
