#include "broker/lib/yaml.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "broker/lib/field.h"
#include "broker/lib/file.h"

#define DEPTH_MAX 16		/* messages within messages */
#define FIELDS_MAX 64		/* of one message: what `seen` has bits for */

struct yaml {
	yaml_document_t document;
	bool loaded;
	char file[PATH_MAX];
};

struct reading {
	struct yaml *yaml;
	struct arena *arena;
	struct yaml_fault *fault;
	unsigned depth;
	char path[256];
};

static enum sk_error message_from_node(struct reading *reading,
    const yaml_node_t *node, const ProtobufCMessageDescriptor *descriptor,
    ProtobufCMessage **message);

/* ---- faults */

static void
set_text(struct yaml_fault *fault, enum sk_error code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void
set_text(struct yaml_fault *fault, enum sk_error code, const char *format, ...)
{
	va_list ap;

	fault->code = code;
	va_start(ap, format);
	vsnprintf(fault->text, sizeof(fault->text), format, ap);
	va_end(ap);
	/* It may quote the file, and goes to a terminal. */
	for (char *c = fault->text; *c != '\0'; c++)
		if (iscntrl((unsigned char)*c))
			*c = '?';
}

static enum sk_error
complain_at(struct yaml_fault *fault, const struct yaml *yaml,
    yaml_mark_t mark, const char *path, const char *what)
{
	set_text(fault, SK_CONFIG, "%s:%zu:%zu: %s%s%s", yaml->file,
	    mark.line + 1, mark.column + 1, path, path[0] == '\0' ? "" : ": ",
	    what);
	return SK_CONFIG;
}

static bool
is_plain(const yaml_node_t *node)
{
	return node->type == YAML_SCALAR_NODE &&
	    node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

static const char *
scalar_text(const yaml_node_t *node)
{
	return (const char *)node->data.scalar.value;
}

/* "want a list (got \"x\")", at the node's place. */
static enum sk_error
complain(struct reading *reading, const yaml_node_t *node, const char *want)
{
	char what[400], got[64];

	if (node->type == YAML_MAPPING_NODE)
		snprintf(got, sizeof(got), "a group of fields");
	else if (node->type == YAML_SEQUENCE_NODE)
		snprintf(got, sizeof(got), "a list");
	else if (node->data.scalar.length == 0 && is_plain(node))
		snprintf(got, sizeof(got), "nothing");
	else
		snprintf(got, sizeof(got), "\"%.40s%s", scalar_text(node),
		    node->data.scalar.length > 40 ? "...\"" : "\"");
	snprintf(what, sizeof(what), "want %.320s (got %s)", want, got);
	return complain_at(reading->fault, reading->yaml, node->start_mark,
	    reading->path, what);
}

static enum sk_error
complain_spent(struct reading *reading, const yaml_node_t *node)
{
	return complain_at(reading->fault, reading->yaml, node->start_mark,
	    reading->path, "want less: this does not fit in memory");
}

/* ---- values */

static bool
parse_number(const char *text, int64_t *number)
{
	const char *digits = text[0] == '-' ? text + 1 : text;
	char *end;

	/* 0193 is a municipality to one reader and 123 to another. */
	if (!isdigit((unsigned char)digits[0]) ||
	    (digits[0] == '0' && digits[1] != '\0'))
		return false;
	errno = 0;
	*number = strtoll(text, &end, 10);
	return *end == '\0' && errno == 0;
}

static enum sk_error
parse_scalar(struct reading *reading, const yaml_node_t *node,
    const ProtobufCFieldDescriptor *field, void *value)
{
	const char *text = scalar_text(node);
	size_t size = node->data.scalar.length;
	int64_t number;

	if (size == 0 && is_plain(node))
		return SK_FIELD_INVALID;
	if (field->type == PROTOBUF_C_TYPE_BOOL) {
		if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
			return SK_FIELD_INVALID;
		*(protobuf_c_boolean *)value = text[0] == 't';
		return SK_OK;
	}
	/* By the field, not by the look of it: 0193 stays text where text is
	 * wanted, quoted or not. */
	if (strlen(text) == size && parse_number(text, &number) &&
	    field_from_number(field, value, number) == SK_OK)
		return SK_OK;
	return field_from_text(field, value, text, size, true, reading->arena);
}

static enum sk_error
value_from_node(struct reading *reading, const yaml_node_t *node,
    const ProtobufCFieldDescriptor *field, void *value)
{
	enum sk_error code = SK_FIELD_INVALID;
	char want[320];

	if (field->type == PROTOBUF_C_TYPE_MESSAGE)
		return message_from_node(reading, node, field->descriptor,
		    value);
	if (node->type == YAML_SCALAR_NODE)
		code = parse_scalar(reading, node, field, value);
	if (code == SK_OVERSIZED)
		return complain_spent(reading, node);
	if (code != SK_OK) {
		field_want(field, want, sizeof(want));
		return complain(reading, node, want);
	}
	return SK_OK;
}

static enum sk_error
list_from_node(struct reading *reading, const yaml_node_t *node,
    const ProtobufCFieldDescriptor *field, ProtobufCMessage *message)
{
	size_t at = strlen(reading->path), n;
	enum sk_error code = SK_OK;
	const yaml_node_item_t *items;
	void *values;

	if (node->type != YAML_SEQUENCE_NODE)
		return complain(reading, node, "a list");
	items = node->data.sequence.items.start;
	n = (size_t)(node->data.sequence.items.top - items);
	if (field_make(message, field, reading->arena, n, &values) != SK_OK)
		return complain_spent(reading, node);
	for (size_t i = 0; i < n && code == SK_OK; i++) {
		snprintf(reading->path + at, sizeof(reading->path) - at,
		    "[%zu]", i);
		code = value_from_node(reading, yaml_document_get_node(
		    &reading->yaml->document, items[i]), field,
		    field_at(field, values, i));
		if (code == SK_OK)
			reading->path[at] = '\0';
	}
	return code;
}

/* ---- messages */

static enum sk_error
complain_name(struct reading *reading, const yaml_node_t *key,
    const ProtobufCMessageDescriptor *descriptor)
{
	bool scalar = key->type == YAML_SCALAR_NODE;
	char names[320], want[340];

	field_want_name(descriptor, scalar ? scalar_text(key) : "", names,
	    sizeof(names));
	snprintf(want, sizeof(want), "%s", names);
	if (!scalar)
		snprintf(want, sizeof(want), "a field name, %s", names);
	return complain(reading, key, want);
}

static enum sk_error
field_from_pair(struct reading *reading, const yaml_node_t *key,
    const yaml_node_t *node, ProtobufCMessage *message, uint64_t *seen)
{
	const ProtobufCMessageDescriptor *descriptor = message->descriptor;
	const ProtobufCFieldDescriptor *field = NULL;
	size_t at = strlen(reading->path);
	enum sk_error code;
	unsigned index;
	void *value;

	if (key->type == YAML_SCALAR_NODE &&
	    strlen(scalar_text(key)) == key->data.scalar.length)
		field = protobuf_c_message_descriptor_get_field_by_name(
		    descriptor, scalar_text(key));
	if (field == NULL ||
	    (index = (unsigned)(field - descriptor->fields)) >= FIELDS_MAX)
		return complain_name(reading, key, descriptor);
	snprintf(reading->path + at, sizeof(reading->path) - at, "%s%s",
	    at == 0 ? "" : ".", field->name);
	if ((*seen >> index & 1) != 0)
		return complain(reading, key, "each field once");
	*seen |= (uint64_t)1 << index;
	if (field->label == PROTOBUF_C_LABEL_REPEATED) {
		code = list_from_node(reading, node, field, message);
	} else {
		code = field_make(message, field, reading->arena, 1, &value);
		if (code == SK_OK)
			code = value_from_node(reading, node, field, value);
	}
	/* A fault keeps its path. */
	if (code == SK_OK)
		reading->path[at] = '\0';
	return code;
}

static enum sk_error
message_from_node(struct reading *reading, const yaml_node_t *node,
    const ProtobufCMessageDescriptor *descriptor, ProtobufCMessage **message)
{
	yaml_document_t *document = &reading->yaml->document;
	enum sk_error code = SK_OK;
	uint64_t seen = 0;

	if (node->type != YAML_MAPPING_NODE)
		return complain(reading, node, "a group of fields");
	/* An alias can make a document deeper than it looks. */
	if (reading->depth >= DEPTH_MAX)
		return complain(reading, node, "fewer groups within groups");
	*message = arena_take(reading->arena, descriptor->sizeof_message);
	if (*message == NULL)
		return complain_spent(reading, node);
	descriptor->message_init(*message);
	reading->depth++;
	for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
	    pair < node->data.mapping.pairs.top && code == SK_OK; pair++)
		code = field_from_pair(reading,
		    yaml_document_get_node(document, pair->key),
		    yaml_document_get_node(document, pair->value), *message,
		    &seen);
	reading->depth--;
	return code;
}

/* ---- the document */

static enum sk_error
complain_parser(struct yaml_fault *fault, const struct yaml *yaml,
    const yaml_parser_t *parser)
{
	const char *problem = parser->problem == NULL ? "cannot be read" :
	    parser->problem;

	if (parser->error == YAML_MEMORY_ERROR) {
		set_text(fault, SK_NO_MEMORY, "%s: out of memory", yaml->file);
		return SK_NO_MEMORY;
	}
	if (parser->error == YAML_READER_ERROR) {
		set_text(fault, SK_CONFIG, "%s: byte %zu: want UTF-8 text (%s)",
		    yaml->file, parser->problem_offset + 1, problem);
		return SK_CONFIG;
	}
	return complain_at(fault, yaml, parser->problem_mark, "", problem);
}

/* A second document in the file would be read by no one. */
static enum sk_error
check_end(struct yaml *yaml, yaml_parser_t *parser, struct yaml_fault *fault)
{
	enum sk_error code = SK_OK;
	yaml_document_t more;

	if (!yaml_parser_load(parser, &more))
		return complain_parser(fault, yaml, parser);
	if (yaml_document_get_root_node(&more) != NULL)
		code = complain_at(fault, yaml, more.start_mark, "",
		    "want one document in a file");
	yaml_document_delete(&more);
	return code;
}

static enum sk_error
load(struct yaml *yaml, const uint8_t *text, size_t size,
    struct yaml_fault *fault)
{
	yaml_parser_t parser;
	enum sk_error code;

	if (!yaml_parser_initialize(&parser)) {
		set_text(fault, SK_NO_MEMORY, "%s: out of memory", yaml->file);
		return SK_NO_MEMORY;
	}
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, text, size);
	if (!yaml_parser_load(&parser, &yaml->document)) {
		code = complain_parser(fault, yaml, &parser);
	} else {
		yaml->loaded = true;
		code = yaml_document_get_root_node(&yaml->document) == NULL ?
		    SK_OK : check_end(yaml, &parser, fault);
	}
	yaml_parser_delete(&parser);
	return code;
}

static enum sk_error
read_text(struct yaml *yaml, struct yaml_fault *fault)
{
	struct fault why = { .code = SK_OK };
	enum sk_error code;
	uint8_t *text;
	size_t size;

	if ((text = malloc(YAML_FILE_BYTES_MAX + 1)) == NULL) {
		set_text(fault, SK_NO_MEMORY, "%s: out of memory", yaml->file);
		return SK_NO_MEMORY;
	}
	code = file_read(yaml->file, text, YAML_FILE_BYTES_MAX + 1, &size,
	    &why);
	if (code == SK_OK) {
		code = load(yaml, text, size, fault);
	} else {
		code = code == SK_OVERSIZED ? SK_CONFIG : code;
		set_text(fault, code, "%s: %s", yaml->file, why.hint);
	}
	free(text);
	return code;
}

/* A file without anything in it says nothing: every field is absent. */
static enum sk_error
read_root(struct reading *reading,
    const ProtobufCMessageDescriptor *descriptor, ProtobufCMessage **message)
{
	const yaml_node_t *root =
	    yaml_document_get_root_node(&reading->yaml->document);

	if (root != NULL)
		return message_from_node(reading, root, descriptor, message);
	*message = arena_take(reading->arena, descriptor->sizeof_message);
	if (*message == NULL) {
		set_text(reading->fault, SK_CONFIG,
		    "%s: does not fit in memory", reading->yaml->file);
		return SK_CONFIG;
	}
	descriptor->message_init(*message);
	return SK_OK;
}

enum sk_error
yaml_read(const char *path, const ProtobufCMessageDescriptor *descriptor,
    struct arena *arena, ProtobufCMessage **message, struct yaml **out,
    struct yaml_fault *fault)
{
	struct yaml *yaml = calloc(1, sizeof(*yaml));
	struct reading reading = { .yaml = yaml, .arena = arena,
	    .fault = fault };
	enum sk_error code;

	*message = NULL;
	if (out != NULL)
		*out = NULL;
	if (yaml == NULL) {
		set_text(fault, SK_NO_MEMORY, "%s: out of memory", path);
		return SK_NO_MEMORY;
	}
	fault->code = SK_OK;
	fault->text[0] = '\0';
	snprintf(yaml->file, sizeof(yaml->file), "%s", path);
	if ((code = read_text(yaml, fault)) == SK_OK)
		code = read_root(&reading, descriptor, message);
	if (code != SK_OK)
		*message = NULL;
	if (code != SK_OK || out == NULL)
		yaml_close(yaml);
	else
		*out = yaml;
	return code;
}

void
yaml_close(struct yaml *yaml)
{
	if (yaml == NULL)
		return;
	if (yaml->loaded)
		yaml_document_delete(&yaml->document);
	free(yaml);
}

/* ---- finding a place again */

static const yaml_node_t *
member(yaml_document_t *document, const yaml_node_t *node, const char *name,
    size_t size)
{
	if (node->type != YAML_MAPPING_NODE)
		return NULL;
	for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
	    pair < node->data.mapping.pairs.top; pair++) {
		const yaml_node_t *key = yaml_document_get_node(document,
		    pair->key);

		if (key->type == YAML_SCALAR_NODE &&
		    key->data.scalar.length == size &&
		    memcmp(key->data.scalar.value, name, size) == 0)
			return yaml_document_get_node(document, pair->value);
	}
	return NULL;
}

static const yaml_node_t *
item(yaml_document_t *document, const yaml_node_t *node, unsigned long i)
{
	const yaml_node_item_t *items;

	if (node->type != YAML_SEQUENCE_NODE)
		return NULL;
	items = node->data.sequence.items.start;
	if (i >= (size_t)(node->data.sequence.items.top - items))
		return NULL;
	return yaml_document_get_node(document, items[i]);
}

/* The node of one step of a path, NULL when the document ends before it. */
static const yaml_node_t *
follow(yaml_document_t *document, const yaml_node_t *node, const char **path)
{
	const char *at = *path;
	char *end;
	size_t size;

	if (*at == '[') {
		unsigned long i = strtoul(at + 1, &end, 10);

		*path = *end == ']' ? end + 1 : "";
		return item(document, node, i);
	}
	if (*at == '.')
		at++;
	size = strcspn(at, ".[");
	*path = at + size;
	return member(document, node, at, size);
}

enum sk_error
yaml_complain(const struct yaml *yaml, struct yaml_fault *fault,
    const char *path, const char *format, ...)
{
	/* libyaml's getters are not const, though they change nothing. */
	yaml_document_t *document =
	    (yaml_document_t *)(uintptr_t)&yaml->document;
	const yaml_node_t *node = yaml_document_get_root_node(document);
	yaml_mark_t mark = { 0, 0, 0 };
	const char *rest = path;
	char what[400];
	va_list ap;

	while (node != NULL) {
		mark = node->start_mark;
		if (*rest == '\0')
			break;
		node = follow(document, node, &rest);
	}
	va_start(ap, format);
	vsnprintf(what, sizeof(what), format, ap);
	va_end(ap);
	return complain_at(fault, yaml, mark, path, what);
}
