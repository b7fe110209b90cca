#include "agents/agent/identity.h"

#include <dirent.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "broker/lib/file.h"
#include "broker/lib/link.h"

static void
fill_ids(struct identity *identity)
{
	digest_key_id(identity->sign_id, identity->sign_public);
	digest_key_id(identity->seal_id, identity->seal.public_key);
}

enum sk_error
identity_draw(struct identity *identity)
{
	enum sk_error rc;

	memset(identity, 0, sizeof(*identity));
	rc = link_keypair(identity->link_public, identity->link_secret);
	if (rc != SK_OK)
		return rc;
	if (crypto_sign_keypair(identity->sign_public,
	    identity->sign_secret) != 0 ||
	    crypto_box_keypair(identity->seal.public_key,
	    identity->seal.secret_key) != 0)
		return SK_CRYPTO;
	fill_ids(identity);
	return SK_OK;
}

static enum sk_error
write_pair(const char *dir, const char *name, const uint8_t *secret,
    size_t size, const uint8_t public_key[32], struct fault *fault)
{
	char path[PATH_MAX], file[64], hex[66];
	enum sk_error rc;

	snprintf(file, sizeof(file), "%s.key", name);
	file_path(path, sizeof(path), dir, file);
	if ((rc = file_write_secret(path, secret, size, fault)) != SK_OK)
		return rc;
	snprintf(file, sizeof(file), "%s.pub", name);
	file_path(path, sizeof(path), dir, file);
	sodium_bin2hex(hex, sizeof(hex), public_key, 32);
	hex[64] = '\n';
	return file_write(path, hex, 65, 0644, fault);
}

enum sk_error
identity_write_keys(const struct identity *identity, const char *dir,
    struct fault *fault)
{
	enum sk_error rc;

	if ((rc = file_make_dir(dir, 0700, fault)) != SK_OK)
		return rc;
	rc = write_pair(dir, "link", identity->link_secret,
	    sizeof(identity->link_secret), identity->link_public, fault);
	if (rc == SK_OK)
		rc = write_pair(dir, "sign", identity->sign_secret,
		    sizeof(identity->sign_secret), identity->sign_public,
		    fault);
	if (rc == SK_OK)
		rc = write_pair(dir, "seal", identity->seal.secret_key,
		    sizeof(identity->seal.secret_key),
		    identity->seal.public_key, fault);
	return rc;
}

static enum sk_error
read_secret(const char *dir, const char *name, uint8_t *secret, size_t size,
    struct fault *fault)
{
	char path[PATH_MAX];

	file_path(path, sizeof(path), dir, name);
	return file_read_secret(path, secret, size, fault);
}

static enum sk_error
read_retired(struct identity *identity, const char *dir, struct fault *fault)
{
	char path[PATH_MAX];
	struct dirent *entry;
	struct seal_key *key;
	enum sk_error rc = SK_OK;
	size_t length;
	DIR *list;

	file_path(path, sizeof(path), dir, "retired");
	if ((list = opendir(path)) == NULL)
		return SK_OK;	/* none was ever retired */
	while (rc == SK_OK && (entry = readdir(list)) != NULL) {
		length = strlen(entry->d_name);
		if (length < 5 ||
		    strcmp(entry->d_name + length - 4, ".key") != 0)
			continue;
		if (identity->retired == RETIRED_MAX) {
			rc = fault_set(fault, SK_CONFIG, "keys",
			    "more than %d retired keys", RETIRED_MAX);
			break;
		}
		key = &identity->retired_key[identity->retired].key;
		rc = read_secret(path, entry->d_name, key->secret_key,
		    sizeof(key->secret_key), fault);
		if (rc != SK_OK)
			break;
		crypto_scalarmult_base(key->public_key, key->secret_key);
		digest_key_id(identity->retired_key[identity->retired].id,
		    key->public_key);
		identity->retired++;
	}
	closedir(list);
	return rc;
}

enum sk_error
identity_read_keys(struct identity *identity, const char *dir,
    struct fault *fault)
{
	enum sk_error rc;

	memset(identity, 0, sizeof(*identity));
	rc = read_secret(dir, "link.key", identity->link_secret,
	    sizeof(identity->link_secret), fault);
	if (rc == SK_OK)
		rc = read_secret(dir, "sign.key", identity->sign_secret,
		    sizeof(identity->sign_secret), fault);
	if (rc == SK_OK)
		rc = read_secret(dir, "seal.key", identity->seal.secret_key,
		    sizeof(identity->seal.secret_key), fault);
	if (rc == SK_OK)
		rc = read_retired(identity, dir, fault);
	if (rc != SK_OK) {
		identity_clear(identity);
		return rc;
	}
	/* CURVE and X25519 are the same curve with the same base point. */
	crypto_scalarmult_base(identity->link_public, identity->link_secret);
	crypto_scalarmult_base(identity->seal.public_key,
	    identity->seal.secret_key);
	crypto_sign_ed25519_sk_to_pk(identity->sign_public,
	    identity->sign_secret);
	fill_ids(identity);
	return SK_OK;
}

enum sk_error
identity_retire(const struct identity *identity, const char *dir,
    struct fault *fault)
{
	char path[PATH_MAX], name[80], hex[65];
	uint8_t there[sizeof(identity->seal.secret_key)];
	bool same;
	enum sk_error rc;

	file_path(path, sizeof(path), dir, "retired");
	if ((rc = file_make_dir(path, 0700, fault)) != SK_OK)
		return rc;
	sodium_bin2hex(hex, sizeof(hex), identity->seal_id, DIGEST_SIZE);
	snprintf(name, sizeof(name), "retired/%.16s.key", hex);
	file_path(path, sizeof(path), dir, name);
	/* a stop came between this and what follows it */
	same = file_read_secret(path, there, sizeof(there), NULL) == SK_OK &&
	    sodium_memcmp(there, identity->seal.secret_key,
	    sizeof(there)) == 0;
	sodium_memzero(there, sizeof(there));
	return same ? SK_OK : file_write_secret(path,
	    identity->seal.secret_key, sizeof(identity->seal.secret_key),
	    fault);
}

enum sk_error
identity_read_invitation(struct identity *identity, const char *path,
    struct fault *fault)
{
	char text[INVITATION_TEXT_MAX * 2];
	enum sk_error rc;
	size_t size;

	rc = file_read(path, text, sizeof(text), &size, fault);
	if (rc != SK_OK)
		return rc;
	return invitation_decode(text, size, &identity->invitation, fault);
}

void
identity_public(const struct identity *identity, struct participant_keys *keys)
{
	memcpy(keys->link, identity->link_public, sizeof(keys->link));
	memcpy(keys->sign, identity->sign_public, sizeof(keys->sign));
	memcpy(keys->seal, identity->seal.public_key, sizeof(keys->seal));
}

const struct seal_key *
identity_seal_key(const struct identity *identity,
    const uint8_t key_id[DIGEST_SIZE])
{
	if (memcmp(identity->seal_id, key_id, DIGEST_SIZE) == 0)
		return &identity->seal;
	for (size_t i = 0; i < identity->retired; i++)
		if (memcmp(identity->retired_key[i].id, key_id,
		    DIGEST_SIZE) == 0)
			return &identity->retired_key[i].key;
	return NULL;
}

void
identity_clear(struct identity *identity)
{
	sodium_memzero(identity, sizeof(*identity));
}
