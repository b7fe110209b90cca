#include "tests/unit/agents/fixture.h"

static bool
passes(struct world *world, unsigned at, unsigned whose,
    const uint8_t key_id[DIGEST_SIZE])
{
	uint8_t key[32];

	return directory_sign_key(world->agent[at].archive, whose + 1, key_id,
	    key) == SK_OK;
}

static void
test_members_are_known_after_their_statements(void **state)
{
	struct world *world = *state;
	struct archive *archive = world->agent[COURT].archive;
	struct member member;

	assert_int_equal(directory_member(archive, 2, &member),
	    SK_RECIPIENT_UNKNOWN);
	world_tell(world, COURT);
	assert_int_equal(directory_member(archive, 2, &member), SK_OK);
	assert_string_equal(member.current.name, "Toegang");
	assert_true(member_serves(&member, 193));
	assert_false(member_serves(&member, 194));
	assert_int_equal(archive_meta(archive)->head.serial, MEMBERS);
	assert_int_equal(directory_role(archive, 1), SK__ROLE__COURT);
	assert_int_equal(directory_role(archive, 99), 0);
}

static void
test_gap_changes_nothing(void **state)
{
	struct world *world = *state;
	struct meta *meta = archive_meta(world->agent[COURT].archive);

	assert_int_equal(world_apply(world, COURT, 1, &world->statement[1]),
	    SK_STATEMENT_ORDER);
	assert_int_equal(world_apply(world, COURT, 0, &world->statement[1]),
	    SK_STATEMENT_ORDER);
	assert_int_equal(meta->directory_count, 0);
	assert_int_equal(meta->head.serial, 0);
}

static void
test_same_statement_again_changes_nothing(void **state)
{
	struct world *world = *state;
	struct meta *meta = archive_meta(world->agent[COURT].archive);

	world_tell(world, COURT);
	for (size_t i = 0; i < world->statements; i++)
		assert_int_equal(world_apply(world, COURT, i,
		    &world->statement[i]), SK_OK);
	assert_int_equal(meta->directory_count, world->statements);
}

static void
test_forged_signature_is_refused(void **state)
{
	struct world *world = *state;
	struct signed_statement s = world->statement[0];

	s.signature[0] ^= 1;
	assert_int_equal(world_apply(world, COURT, 0, &s),
	    SK_SIGNATURE_WRONG);
	s = world->statement[0];
	s.body[s.size - 1] ^= 1;	/* another sealing key */
	assert_int_equal(world_apply(world, COURT, 0, &s),
	    SK_SIGNATURE_WRONG);
}

/* The enrolment key itself says two things under one serial. */
static void
test_two_statements_under_one_serial_are_a_fork(void **state)
{
	struct world *world = *state;
	struct statement_head head = world->head;
	struct statement s;
	struct archive *archive = world->agent[COURT].archive;

	world_tell(world, COURT);
	assert_int_equal(statement_decode(world->statement[3].body,
	    world->statement[3].size, &s, NULL), SK_OK);
	world->head.serial = 3;
	statement_digest(world->head.digest, world->statement[2].body,
	    world->statement[2].size);
	s.keys.seal[0] ^= 1;
	world_sign(world, &s);
	world->head = head;
	/* in its own place, and as the next one */
	assert_int_equal(world_apply(world, COURT, 3, &world->statement[4]),
	    SK_CHAIN_FORK);
	assert_int_equal(world_apply(world, COURT, 4, &world->statement[4]),
	    SK_CHAIN_FORK);
	assert_int_equal(archive_count(archive, TABLE_FORKS), 1);
	assert_int_equal(archive_meta(archive)->directory_count, 4);
}

static void
sign_rotation(struct world *world, unsigned who, const struct identity *old,
    struct signed_statement *out)
{
	struct statement s = { .type = STATEMENT_ROTATE };
	struct member member;

	assert_int_equal(directory_member(world->agent[who].archive, who + 1,
	    &member), SK_OK);
	memcpy(s.founding, world->founding, DIGEST_SIZE);
	s.participant = who + 1;
	s.generation = member.current.generation + 1;
	memcpy(s.replaces, member.digest, DIGEST_SIZE);
	identity_public(&world->agent[who].identity, &s.keys);
	assert_int_equal(statement_encode(&s, out->body, &out->size), SK_OK);
	assert_int_equal(statement_sign(out->signature, out->body, out->size,
	    old->sign_secret), SK_OK);
}

static void
rotate(struct world *world, unsigned who, struct identity *old)
{
	*old = world->agent[who].identity;
	assert_int_equal(identity_draw(&world->agent[who].identity), SK_OK);
	world->agent[who].identity.invitation = old->invitation;
	sign_rotation(world, who, old, &world->statement[world->statements]);
	world->statements++;
}

static void
test_rotated_key_still_passes_and_the_new_one_too(void **state)
{
	struct world *world = *state;
	struct identity old;
	struct member member;

	for (unsigned who = 0; who < MEMBERS; who++)
		world_tell(world, who);
	rotate(world, TEAM, &old);
	world_tell(world, COURT);
	assert_true(passes(world, COURT, TEAM, old.sign_id));
	assert_true(passes(world, COURT, TEAM,
	    world->agent[TEAM].identity.sign_id));
	/* but what is sealed is sealed to the new one */
	directory_member(world->agent[COURT].archive, TEAM + 1, &member);
	assert_memory_equal(member.current.keys.seal,
	    world->agent[TEAM].identity.seal.public_key, 32);
	assert_int_equal(member.current.generation, 2);
}

static void
test_key_of_another_participant_or_use_does_not_pass(void **state)
{
	struct world *world = *state;

	world_tell(world, COURT);
	assert_false(passes(world, COURT, PROVIDER,
	    world->agent[TEAM].identity.sign_id));
	assert_false(passes(world, COURT, TEAM,
	    world->agent[TEAM].identity.seal_id));
}

static void
sign_revocation(struct world *world, unsigned who,
    const uint8_t replaces[DIGEST_SIZE])
{
	struct statement s = { .type = STATEMENT_REVOKE };

	s.participant = who + 1;
	s.reason = 3;
	memcpy(s.replaces, replaces, DIGEST_SIZE);
	world_sign(world, &s);
}

static void
test_revoked_enrolment_takes_its_rotations_with_it(void **state)
{
	struct world *world = *state;
	struct identity old;
	struct member member;

	for (unsigned who = 0; who < MEMBERS; who++)
		world_tell(world, who);
	rotate(world, TEAM, &old);
	world_tell(world, COURT);
	directory_member(world->agent[COURT].archive, TEAM + 1, &member);
	sign_revocation(world, TEAM, member.enrolment);
	world_tell(world, COURT);
	assert_false(passes(world, COURT, TEAM, old.sign_id));
	assert_false(passes(world, COURT, TEAM,
	    world->agent[TEAM].identity.sign_id));
	assert_true(passes(world, COURT, PROVIDER,
	    world->agent[PROVIDER].identity.sign_id));
	directory_member(world->agent[COURT].archive, TEAM + 1, &member);
	assert_false(member_is_current(&member, 20532));
}

static void
test_revoked_rotation_leaves_what_was_said_before_it(void **state)
{
	struct world *world = *state;
	struct identity old;
	struct member member;

	for (unsigned who = 0; who < MEMBERS; who++)
		world_tell(world, who);
	rotate(world, TEAM, &old);
	world_tell(world, COURT);
	directory_member(world->agent[COURT].archive, TEAM + 1, &member);
	sign_revocation(world, TEAM, member.digest);
	world_tell(world, COURT);
	assert_true(passes(world, COURT, TEAM, old.sign_id));
	assert_false(passes(world, COURT, TEAM,
	    world->agent[TEAM].identity.sign_id));
}

static void
test_access_team_is_found_by_area_and_date(void **state)
{
	struct world *world = *state;
	struct archive *archive = world->agent[COURT].archive;

	world_tell(world, COURT);
	assert_int_equal(directory_access_team(archive, 193, 20532), TEAM + 1);
	assert_int_equal(directory_access_team(archive, 193, 18262), TEAM + 1);
	assert_int_equal(directory_access_team(archive, 193, 18261), 0);
	assert_int_equal(directory_access_team(archive, 193, 25567), TEAM + 1);
	assert_int_equal(directory_access_team(archive, 193, 25568), 0);
	assert_int_equal(directory_access_team(archive, 150, 20532), 0);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, world_untold, world_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_members_are_known_after_their_statements),
		TEST(test_gap_changes_nothing),
		TEST(test_same_statement_again_changes_nothing),
		TEST(test_forged_signature_is_refused),
		TEST(test_two_statements_under_one_serial_are_a_fork),
		TEST(test_rotated_key_still_passes_and_the_new_one_too),
		TEST(test_key_of_another_participant_or_use_does_not_pass),
		TEST(test_revoked_enrolment_takes_its_rotations_with_it),
		TEST(test_revoked_rotation_leaves_what_was_said_before_it),
		TEST(test_access_team_is_found_by_area_and_date),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
