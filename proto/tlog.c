#include "proto/tlog.h"

#include <string.h>

#define FIRST_LINE "c2sp.org/tlog-proof@v1"
#define EXTRA "extra "
#define INDEX "index "

void
tlog_empty_root(uint8_t root[DIGEST_SIZE])
{
	digest_bytes(root, NULL, 0);
}

/* RFC 9162 section 2.1.3.2. */
bool
tlog_climb(uint8_t root[DIGEST_SIZE], const uint8_t leaf[DIGEST_SIZE],
    uint64_t index, uint64_t size, const uint8_t (*path)[DIGEST_SIZE],
    size_t n)
{
	uint64_t at = index, last = size - 1;

	if (index >= size || n > TLOG_PATH_MAX)
		return false;
	memmove(root, leaf, DIGEST_SIZE);
	for (size_t i = 0; i < n; i++) {
		if (last == 0)
			return false;
		if ((at & 1) != 0 || at == last) {
			digest_node(root, path[i], root);
			while ((at & 1) == 0 && at != 0) {
				at >>= 1;
				last >>= 1;
			}
		} else {
			digest_node(root, root, path[i]);
		}
		at >>= 1;
		last >>= 1;
	}
	return last == 0;
}

bool
tlog_includes(const uint8_t root[DIGEST_SIZE], uint64_t size, uint64_t index,
    const uint8_t leaf[DIGEST_SIZE], const uint8_t (*path)[DIGEST_SIZE],
    size_t n)
{
	uint8_t climbed[DIGEST_SIZE];

	return tlog_climb(climbed, leaf, index, size, path, n) &&
	    memcmp(climbed, root, DIGEST_SIZE) == 0;
}

/* RFC 9162 section 2.1.4.2, for 0 < old_size < new_size. */
static bool
climb_both(uint64_t old_size, const uint8_t old_root[DIGEST_SIZE],
    uint64_t new_size, const uint8_t new_root[DIGEST_SIZE],
    const uint8_t (*proof)[DIGEST_SIZE], size_t n)
{
	uint64_t at = old_size - 1, last = new_size - 1;
	/* A whole old tree is a node of the new one: it stands for itself. */
	bool whole = (old_size & (old_size - 1)) == 0;
	uint8_t was[DIGEST_SIZE], is[DIGEST_SIZE];

	if (n < (whole ? 0u : 1u) || n > TLOG_CONSISTENCY_MAX)
		return false;
	while ((at & 1) != 0) {
		at >>= 1;
		last >>= 1;
	}
	memcpy(was, whole ? old_root : proof[0], DIGEST_SIZE);
	memcpy(is, was, DIGEST_SIZE);
	for (size_t i = whole ? 0 : 1; i < n; i++) {
		if (last == 0)
			return false;
		if ((at & 1) != 0 || at == last) {
			digest_node(was, proof[i], was);
			digest_node(is, proof[i], is);
			while ((at & 1) == 0 && at != 0) {
				at >>= 1;
				last >>= 1;
			}
		} else {
			digest_node(is, is, proof[i]);
		}
		at >>= 1;
		last >>= 1;
	}
	return last == 0 && memcmp(was, old_root, DIGEST_SIZE) == 0 &&
	    memcmp(is, new_root, DIGEST_SIZE) == 0;
}

bool
tlog_is_consistent(uint64_t old_size, const uint8_t old_root[DIGEST_SIZE],
    uint64_t new_size, const uint8_t new_root[DIGEST_SIZE],
    const uint8_t (*proof)[DIGEST_SIZE], size_t n)
{
	uint8_t empty[DIGEST_SIZE];

	tlog_empty_root(empty);
	if (old_size > new_size ||
	    (new_size == 0 && memcmp(new_root, empty, DIGEST_SIZE) != 0))
		return false;
	if (old_size == new_size)
		return n == 0 && memcmp(old_root, new_root, DIGEST_SIZE) == 0;
	if (old_size == 0)
		return n == 0 && memcmp(old_root, empty, DIGEST_SIZE) == 0;
	return climb_both(old_size, old_root, new_size, new_root, proof, n);
}

/* ---- the file */

static bool
take_prefix(struct span *line, const char *prefix)
{
	size_t size = strlen(prefix);

	if (line->size < size || memcmp(line->bytes, prefix, size) != 0)
		return false;
	*line = (struct span){ (const char *)line->bytes + size,
	    line->size - size };
	return true;
}

static bool
parse_extra(struct tlog_proof *proof, struct span *rest, struct span *line)
{
	size_t size;

	if (!take_prefix(line, EXTRA))
		return true;
	proof->extra = *line;
	return lines_base64(*line, NULL, 0, &size) &&
	    size <= TLOG_EXTRA_MAX && lines_next(rest, line);
}

static bool
parse_path(struct tlog_proof *proof, struct span *rest)
{
	struct span line;

	while (lines_next(rest, &line)) {
		if (line.size == 0)
			return true;
		if (proof->n == TLOG_PATH_MAX ||
		    !lines_digest(line, proof->path[proof->n]))
			return false;
		proof->n++;
	}
	return false;
}

enum sk_error
tlog_proof_parse(struct tlog_proof *proof, const void *bytes, size_t size)
{
	struct span rest = { bytes, size }, line;

	memset(proof, 0, sizeof(*proof));
	if (size > TLOG_PROOF_MAX)
		return SK_OVERSIZED;
	if (!lines_next(&rest, &line))
		return SK_MALFORMED;
	if (line.size != strlen(FIRST_LINE) ||
	    memcmp(line.bytes, FIRST_LINE, line.size) != 0)
		return take_prefix(&line, "c2sp.org/tlog-proof@") ?
		    SK_VERSION_UNKNOWN : SK_MALFORMED;
	if (!lines_next(&rest, &line) || !parse_extra(proof, &rest, &line) ||
	    !take_prefix(&line, INDEX) ||
	    !lines_decimal(line, &proof->index) || !parse_path(proof, &rest) ||
	    rest.size == 0)
		return SK_MALFORMED;
	proof->checkpoint = rest;
	return SK_OK;
}

enum sk_error
tlog_proof_extra(const struct tlog_proof *proof, uint8_t *out, size_t out_max,
    size_t *size)
{
	*size = 0;
	if (proof->extra.size == 0)
		return SK_NOT_FOUND;
	if (!lines_base64(proof->extra, out, out_max, size))
		return SK_MALFORMED;
	return *size <= out_max ? SK_OK : SK_OVERSIZED;
}

void
tlog_proof_write(struct writer *w, const struct tlog_proof *proof,
    struct span extra)
{
	write_text(w, FIRST_LINE "\n");
	if (extra.size > 0) {
		write_text(w, EXTRA);
		write_base64(w, extra.bytes, extra.size);
		write_text(w, "\n");
	}
	write_text(w, INDEX);
	write_decimal(w, proof->index);
	write_text(w, "\n");
	for (size_t i = 0; i < proof->n; i++) {
		write_base64(w, proof->path[i], DIGEST_SIZE);
		write_text(w, "\n");
	}
	write_text(w, "\n");
	write_raw(w, proof->checkpoint.bytes, proof->checkpoint.size);
}

enum sk_error
tlog_proof_check(const struct tlog_proof *proof,
    const uint8_t leaf[DIGEST_SIZE], const struct note_key *key,
    struct checkpoint *checkpoint, struct note *note, struct fault *fault)
{
	enum sk_error rc = checkpoint_open(checkpoint, note,
	    proof->checkpoint.bytes, proof->checkpoint.size, key);

	if (rc != SK_OK)
		return fault_set(fault, rc, "checkpoint", NULL);
	if (!tlog_includes(checkpoint->root, checkpoint->size, proof->index,
	    leaf, (const uint8_t (*)[DIGEST_SIZE])proof->path, proof->n))
		return fault_set(fault, SK_SIGNATURE_WRONG, "path",
		    "one that leads to the root of the checkpoint");
	return SK_OK;
}
