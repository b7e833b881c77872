"""Tests of the generators: a fact that does not fit stops them. Each test changes one cell of a copy of facts/."""
import functools
import pathlib
import shutil
import sys
import tempfile
import unittest

TOOLS = pathlib.Path(__file__).resolve().parent.parent
FACTS = TOOLS.parent / "facts"
sys.path.insert(0, str(TOOLS / "gen"))

import checks  # noqa: E402
import dispatch  # noqa: E402


@functools.cache
def query_actions():
    """The catalogue's actions of IAM and STS: all of it would be most of the tests' time."""
    text = (FACTS / "catalogue" / "actions.tsv").read_text(encoding="utf-8")
    return "".join(line for line in text.splitlines(True) if line.startswith(("action\t", "iam:", "sts:")))


class FactsCopy(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.facts = pathlib.Path(self.folder.name) / "facts"
        for part in ("operations", "shapes"):
            shutil.copytree(FACTS / part, self.facts / part)
        (self.facts / "catalogue").mkdir()
        (self.facts / "catalogue" / "actions.tsv").write_text(query_actions(), encoding="utf-8")

    def tearDown(self):
        self.folder.cleanup()

    def replace(self, file, old, new):
        path = self.facts / file
        text = path.read_text(encoding="utf-8")
        self.assertEqual(text.count(old), 1, old)
        path.write_text(text.replace(old, new), encoding="utf-8")


class ChecksTest(FactsCopy):
    def set_check(self, name, old, new):
        file = "operations/curated.tsv"
        row = next(line for line in (self.facts / file).read_text(encoding="utf-8").splitlines() if f"\t{name}\t" in line)
        self.assertEqual(row.split("\t")[4], old)
        self.replace(file, row, row.replace(f"\t{old}\t", f"\t{new}\t"))

    def assert_refused(self, name, old, new, why):
        self.set_check(name, old, new)
        with self.assertRaises(SystemExit) as caught:
            checks.generate(self.facts)
        self.assertIn(why, str(caught.exception))

    def test_facts_as_they_are(self):
        made = checks.generate(self.facts)["iam/fact_checks.inc"]
        self.assertIn('entity_check<identity::User>("iam:DeleteUser", context, request.user_name)', made)
        self.assertNotIn("checks(const UpdateUserRequest&", made)

    def test_unknown_form(self):
        self.assert_refused("DeleteUser", "entity:user:UserName", "thing:user:UserName", "bad check")

    def test_form_without_its_member(self):
        self.assert_refused("DeleteUser", "entity:user:UserName", "entity:user", "bad check")

    def test_unknown_addition(self):
        self.assert_refused("TagUser", "entity:user:UserName+tags", "entity:user:UserName+tag", "bad check")

    def test_unknown_type(self):
        self.assert_refused("DeleteUser", "entity:user:UserName", "entity:users:UserName", "bad check")

    def test_type_that_aws_does_not_ask_for(self):
        self.assert_refused("DeleteUser", "entity:user:UserName", "entity:role:UserName", "AWS's types are ['user']")

    def test_account_where_aws_knows_a_type(self):
        self.assert_refused("DeleteUser", "entity:user:UserName", "account", "AWS's types are ['user']")

    def test_entity_where_aws_knows_none(self):
        self.assert_refused("CreateAccountAlias", "account", "entity:user:AccountAlias", "AWS's types are []")

    def test_member_that_the_request_has_not(self):
        self.assert_refused("DeleteUser", "entity:user:UserName", "entity:user:RoleName", "no member RoleName")

    def test_optional_member_as_a_name(self):
        self.assert_refused("ListAccessKeys", "subject:user:UserName", "entity:user:UserName", "UserName is not required")

    def test_required_member_as_a_subject(self):
        self.assert_refused("DeleteUser", "entity:user:UserName", "subject:user:UserName", "UserName is required")

    def test_more_permissions_than_a_form_can_ask_for(self):
        self.assert_refused("AddRoleToInstanceProfile", "custom:instance-profile",
                            "entity:instance-profile:InstanceProfileName", "only custom checks")

    def test_custom_checks_are_declared_and_left_to_people(self):
        self.set_check("DeleteUser", "entity:user:UserName", "custom:user")

        self.assertNotIn("DeleteUserRequest", checks.generate(self.facts)["iam/fact_checks.inc"])
        self.assertIn("checks(const DeleteUserRequest&", dispatch.generate(self.facts)["iam/handlers.h"])


if __name__ == "__main__":
    unittest.main()
