"""The condition keys of IAM's actions (facts/catalogue) are in the checks of the operations that are implemented: by the form of
the check (facts/README.md), or, where a person wrote it, by the file that names the key."""
import csv
import pathlib

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
IAM = ROOT / "src" / "iam"

# What no request that this server takes can have. Each needs a reason.
NOT_HERE = {
    "iam:FIDO-certification": "security keys are no MFA devices here",
    "iam:FIDO-FIPS-140-2-certification": "security keys are no MFA devices here",
    "iam:FIDO-FIPS-140-3-certification": "security keys are no MFA devices here",
    "iam:RegisterSecurityKey": "security keys are no MFA devices here",
}
# In the checks of AcquireRole only, which is where a role has a template.
OF_ROLE_TEMPLATES = "iam:RoleTemplateARN"


def rows(path):
    lines = [line for line in (ROOT / "facts" / path).read_text(encoding="utf-8").splitlines()
             if line and not line.startswith("#")]
    return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def wanted():
    """(row of curated.tsv, key) for each key of IAM's own and each key of tags that an implemented operation may be asked for."""
    keys = {row["action"]: row["keys"].split(",") for row in rows("catalogue/actions.tsv") if row["action"].startswith("iam:")}
    for row in rows("operations/curated.tsv"):
        if row["service"] == "iam" and row["status"] == "implemented":
            for key in keys.get(f"iam:{row['name']}", []):
                name = f"iam{key}" if key.startswith(":") else key
                if name and name not in NOT_HERE and name != OF_ROLE_TEMPLATES:
                    yield row, name


def keys_of_form(row):
    form, *additions = row["check"].split("+")
    keys = set()
    if form.startswith("permission:") or "boundary" in additions:
        keys.add("iam:PermissionsBoundary")
    if "policy" in additions:
        keys.add("iam:PolicyARN")
    if "tags" in additions or (form.startswith("create:") and "Tag" in row["more"]):
        keys |= {"aws:RequestTag/*", "aws:TagKeys"}
    if "tag-keys" in additions:
        keys.add("aws:TagKeys")
    return keys


def is_in_written_checks(row, key):
    """A file that has the operation's checks() names the key, or passes tags on."""
    signature = f"checks(const {row['name']}Request& request,"
    for path in IAM.glob("*.cc"):
        text = path.read_text(encoding="utf-8")
        if signature in text:
            return f'"{key}"' in text or (key.startswith("aws:") and "with_creation_tags(" in text)
    return False


@pytest.mark.parametrize("row, key", list(wanted()), ids=lambda value: value["name"] if isinstance(value, dict) else value)
def test_key_is_in_the_checks(row, key):
    is_written = row["check"].startswith("custom")
    assert is_in_written_checks(row, key) if is_written else key in keys_of_form(row), row["check"]


def test_there_are_keys_to_look_for():
    found = {key for _, key in wanted()}
    assert {"iam:PermissionsBoundary", "iam:PolicyARN", "iam:AWSServiceName", "iam:OrganizationsPolicyId"} <= found


def test_a_passed_role_says_for_whom_and_for_what():
    text = (IAM / "instance_profiles.cc").read_text(encoding="utf-8")
    assert '"iam:PassedToService"' in text and '"iam:AssociatedResourceArn"' in text
