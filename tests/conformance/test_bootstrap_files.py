"""Bootstrap files: everything they can describe is there, their schema and the server agree, and a fault has a place."""
import copy
import json
import re
import subprocess

import jsonschema
import pytest

from support.aws import Aws, refused
from support.bootstrap import Keys
from support.server import BINARY, ROOT, Clock, Server
from support.totp import code

SCHEMA = json.loads((ROOT / "docs" / "reference" / "bootstrap.schema.json").read_text(encoding="utf-8"))
EVERYTHING = ROOT / "testdata" / "bootstrap" / "everything.json"
ADMIN = Keys("ADMINKEY000000000001", "admin secret")
ALICE = Keys("ALICEKEY000000000001", "alice secret")
ACCOUNT = "123456789012"
FAILED = 3  # exit code


def everything():
    return json.loads(EVERYTHING.read_text(encoding="utf-8"))


def one_account(**members):
    return {"accounts": [{"id": ACCOUNT, **members}]}


def run(folder, text, *command):
    """(exit code, what it said) of a command with a bootstrap file of this text."""
    file = folder / "bootstrap.json"
    file.write_text(text, encoding="utf-8")
    done = subprocess.run([BINARY, *command, "--bootstrap", file], capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stderr.replace(str(file), "FILE")


def refused_start(folder, text):
    """The same of a start that is refused: one that is not serves until it is ended."""
    return run(folder, text, "serve", "--dev", "--listen", "127.0.0.1:0")


def fits_schema(value):
    return jsonschema.Draft202012Validator(SCHEMA).is_valid(value)


@pytest.fixture(scope="module")
def described(tmp_path_factory):
    folder = tmp_path_factory.mktemp("everything")
    server = Server(["--dev", "--listen", "127.0.0.1:0", "--quiet", "--bootstrap", EVERYTHING], folder).start()
    yield server
    server.stop()


@pytest.fixture
def from_file(described, tmp_path):
    described.post("/_signet/reset")
    return Aws(described.url, tmp_path)


def test_the_samples_of_the_repository_fit_the_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert fits_schema(everything())


def state_of(aws):
    """What calls see of the file's first account."""
    iam, s3 = aws.iam(ADMIN), aws.s3(ADMIN)
    details = iam.get_account_authorization_details()
    return {
        "details": {name: details[name] for name in ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")},
        "summary": iam.get_account_summary()["SummaryMap"],
        "password policy": iam.get_account_password_policy()["PasswordPolicy"],
        "alias": iam.list_account_aliases()["AccountAliases"],
        "profiles": iam.list_instance_profiles()["InstanceProfiles"],
        "providers": iam.list_open_id_connect_providers()["OpenIDConnectProviderList"],
        "devices": iam.list_mfa_devices(UserName="alice")["MFADevices"],
        "buckets": s3.list_buckets()["Buckets"],
        "tags": s3.get_bucket_tagging(Bucket="reports-of-acme")["TagSet"],
        "policy": s3.get_bucket_policy(Bucket="reports-of-acme")["Policy"],
    }


def test_users_groups_roles_and_policies_are_as_described(from_file):
    state = state_of(from_file)
    users = {user["UserName"]: user for user in state["details"]["UserDetailList"]}
    alice = users["alice"]
    assert alice["Path"] == "/team/"
    assert alice["GroupList"] == ["developers"]
    assert alice["PermissionsBoundary"]["PermissionsBoundaryArn"] == f"arn:aws:iam::{ACCOUNT}:policy/ceiling"
    assert [policy["PolicyName"] for policy in alice["AttachedManagedPolicies"]] == ["reports"]
    assert [policy["PolicyName"] for policy in alice["UserPolicyList"]] == ["own-keys"]
    assert alice["Tags"] == [{"Key": "team", "Value": "reports"}]
    (group,) = state["details"]["GroupDetailList"]
    assert [policy["PolicyName"] for policy in group["GroupPolicyList"]] == ["sessions"]
    roles = {role["RoleName"]: role for role in state["details"]["RoleDetailList"]}
    reader = roles["reader"]
    assert reader["Path"] == "/team/" and reader["Tags"] == [{"Key": "team", "Value": "reports"}]
    assert [profile["InstanceProfileName"] for profile in roles["writer"]["InstanceProfileList"]] == ["web"]
    trusted = [statement["Principal"]["AWS"] for statement in reader["AssumeRolePolicyDocument"]["Statement"]]
    assert trusted == [f"arn:aws:iam::{ACCOUNT}:user/team/alice", f"arn:aws:iam::{ACCOUNT}:role/writer",
                       "arn:aws:iam::210987654321:role/visitor"]
    assert from_file.iam(ADMIN).get_role(RoleName="reader")["Role"]["MaxSessionDuration"] == 7200
    assert state["alias"] == ["acme"]
    assert state["password policy"]["MinimumPasswordLength"] == 10
    assert [provider["Arn"].rpartition("/")[2] for provider in state["providers"]] == ["token.actions.example.com"]
    assert state["tags"] == [{"Key": "team", "Value": "reports"}]
    assert [bucket["Name"] for bucket in state["buckets"]] == ["plain-of-acme", "reports-of-acme"]


def test_the_described_rights_decide(from_file):
    alice = from_file.sts(ALICE)
    session = alice.assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/team/reader", RoleSessionName="test")
    s3 = from_file.s3(Keys.of(session["Credentials"]))
    s3.put_object(Bucket="reports-of-acme", Key="a", Body=b"text")
    with refused("AccessDenied", "explicit deny in a resource-based policy"):
        s3.delete_object(Bucket="reports-of-acme", Key="a")
    with refused("AccessDenied"):
        alice.assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/writer", RoleSessionName="test")


def test_a_described_mfa_device_answers_with_the_codes_of_its_seed(from_file, described):
    serial = f"arn:aws:iam::{ACCOUNT}:mfa/alice-phone"
    token = code("KRSXG5CTMVSWIZLTORSXG5DTMVSWI", Clock(described).now())
    assert from_file.sts(ALICE).get_session_token(SerialNumber=serial, TokenCode=token)["Credentials"]
    with refused("AccessDenied"):
        from_file.sts(ALICE).get_session_token(SerialNumber=serial, TokenCode="000000" if token != "000000" else "111111")


def test_reset_brings_back_all_that_was_described(from_file, described):
    before = state_of(from_file)
    iam, s3 = from_file.iam(ADMIN), from_file.s3(ADMIN)
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=before["providers"][0]["Arn"])
    iam.remove_user_from_group(GroupName="developers", UserName="alice")
    iam.update_assume_role_policy(RoleName="reader", PolicyDocument=json.dumps(everything()["accounts"][1]["roles"][0]["trust_policy"])
                                  .replace("210987654321", ACCOUNT))
    iam.deactivate_mfa_device(UserName="alice", SerialNumber=f"arn:aws:iam::{ACCOUNT}:mfa/alice-phone")
    iam.delete_account_password_policy()
    s3.delete_bucket_policy(Bucket="reports-of-acme")
    s3.put_object(Bucket="plain-of-acme", Key="a", Body=b"text")
    assert state_of_or_none(from_file) != before

    described.post("/_signet/reset")

    assert state_of(from_file) == before
    assert "Contents" not in s3.list_objects_v2(Bucket="plain-of-acme")


def state_of_or_none(aws):
    try:
        return state_of(aws)
    except Exception:  # the policies are gone
        return None


def test_a_first_start_in_a_folder_makes_the_same(tmp_path):
    server = Server(["--data", tmp_path / "data", "--listen", "127.0.0.1:0", "--quiet", "--bootstrap", EVERYTHING], tmp_path).start()
    assert len(state_of(Aws(server.url, tmp_path))["details"]["RoleDetailList"]) == 2
    assert server.stop() == 0
    stored = b"".join(path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file())
    assert b"Correct-horse-1" not in stored and b"alice secret" not in stored
    server = Server(["--data", tmp_path / "data", "--listen", "127.0.0.1:0", "--quiet"], tmp_path).start()
    assert state_of(Aws(server.url, tmp_path))["details"]["UserDetailList"]
    assert server.stop() == 0


# Objects of the schema whose members are closed, with a value of each in the sample.

def closed_objects(schema, value, path=()):
    """(path, members of the schema) of each object in `value` that the schema closes."""
    schema = resolved(schema)
    if isinstance(value, dict) and schema.get("additionalProperties") is False:
        yield path, set(schema["properties"])
    if isinstance(value, dict):
        for name, member in value.items():
            inner = schema.get("properties", {}).get(name)
            if inner:
                yield from closed_objects(inner, member, (*path, name))
    if isinstance(value, list) and "items" in schema:
        for index, item in enumerate(value):
            yield from closed_objects(schema["items"], item, (*path, index))


def resolved(schema):
    while "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]]
    return schema


def one_of_each_kind():
    kinds = {}
    for path, members in closed_objects(SCHEMA, everything()):
        kinds.setdefault(frozenset(members), path)
    return list(kinds.values())


def at(value, path):
    for step in path:
        value = value[step]
    return value


@pytest.mark.parametrize("path", one_of_each_kind(), ids=lambda path: ".".join(str(step) for step in path) or "document")
def test_schema_and_server_know_the_same_members(tmp_path, path):
    value = everything()
    target = at(value, path)
    target["zzzzzzzzzzzz"] = 1
    exit_code, said = refused_start(tmp_path, json.dumps(value, indent=2))
    assert exit_code == FAILED and not fits_schema(value)
    known = re.search(r'unknown member "zzzzzzzzzzzz"; known here: ([\w$, ]+)', said)
    assert known, said
    members = next(members for at_path, members in closed_objects(SCHEMA, everything()) if at_path == path)
    assert set(known.group(1).split(", ")) == members


def test_the_sample_uses_every_member_of_the_schema():
    used, known = {}, {}
    for path, members in closed_objects(SCHEMA, everything()):
        known[frozenset(members)] = members
        used.setdefault(frozenset(members), set()).update(at(everything(), path))
    for kind, members in known.items():
        assert members == used[kind]
    assert len(known) == sum(1 for schema in (SCHEMA, *SCHEMA["$defs"].values()) if schema.get("additionalProperties") is False)


ROLE = {"name": "r", "trust_policy": {"Version": "2012-10-17", "Statement": []}}

# What neither takes, and what the server says of it.
BOTH_REFUSE = {
    "no accounts": ({"accounts": []}, "must list at least one account"),
    "number as id": (one_account() | {"accounts": [{"id": 123456789012}]}, "accounts[0].id: expected a string"),
    "short id": ({"accounts": [{"id": "12"}]}, "accounts[0].id: expected 12 digits in quotes"),
    "policy name for its ARN": (one_account(users=[{"name": "a", "policies": ["AdministratorAccess"]}]),
                                "arn:aws:iam::aws:policy/AdministratorAccess if it is AWS's"),
    "role without trust": (one_account(roles=[{"name": "r"}]), 'accounts[0].roles[0]: "trust_policy" is missing'),
    "half a key": (one_account(users=[{"name": "a", "access_keys": [{"access_key_id": "ALICEKEY000000000001"}]}]),
                   "accounts[0].users[0].access_keys[0]: an access key needs both"),
    "short key": (one_account(users=[{"name": "a", "access_keys": [{"access_key_id": "A", "secret_access_key": "s"}]}]),
                  "must have 16 to 128 word characters"),
    "nameless user": (one_account(users=[{}]), 'accounts[0].users[0]: "name" is missing'),
    "user with a space": (one_account(users=[{"name": "a b"}]), "accounts[0].users[0]: user name 'a b' is not valid"),
    "seed not base32": (one_account(users=[{"name": "a", "mfa_devices": [{"name": "m", "seed": "not a seed"}]}]), "in base32"),
    "long session": (one_account(roles=[dict(ROLE, max_session_duration=1)]), "at 'maxSessionDuration' failed to satisfy constraint"),
    "tag as a number": (one_account(buckets=[{"name": "abc", "tags": {"a": 1}}]), "expected a string"),
    "bucket name too short": (one_account(buckets=[{"name": "ab"}]), "accounts[0].buckets[0]: InvalidBucketName"),
    "bad alias": (one_account(alias="a--b"), "accounts[0]: alias 'a--b'"),
}


@pytest.mark.parametrize("name", BOTH_REFUSE)
def test_schema_and_server_refuse(tmp_path, name):
    value, message = BOTH_REFUSE[name]
    exit_code, said = refused_start(tmp_path, json.dumps(value))
    assert exit_code == FAILED
    assert said.startswith("signet: FILE:1:") and message in said, said
    assert not fits_schema(value)


# What only the server can tell.
SERVER_REFUSES = {
    "policy that is none": (one_account(managed_policies=[{"name": "p", "document": {"Statement": []}}]),
                            "managed_policies[0]: CreatePolicy: MalformedPolicyDocument"),
    "policy that is not there": (one_account(groups=[{"name": "g", "policies": ["arn:aws:iam::aws:policy/None"]}]),
                                 "accounts[0].groups[0].policies[0]: AttachGroupPolicy: NoSuchEntity"),
    "group that is not there": (one_account(users=[{"name": "a", "groups": ["g"]}]),
                                "accounts[0].users[0].groups[0]: AddUserToGroup: NoSuchEntity"),
    "user twice": (one_account(users=[{"name": "a"}, {"name": "A"}]), "accounts[0].users[1]: user A is given twice"),
    "role twice": (one_account(roles=[everything()["accounts"][1]["roles"][0] | {"trust_policy": everything()["accounts"][0]["roles"][1]
                                                                                  ["trust_policy"]}] * 2),
                   "accounts[0].roles[1]: CreateRole: EntityAlreadyExists"),
    "principal that is not there": (one_account(roles=[{"name": "r", "trust_policy": {
        "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/no"},
                                                "Action": "sts:AssumeRole"}]}}]),
                                    "accounts[0].roles[0].trust_policy: UpdateAssumeRolePolicy: MalformedPolicyDocument"),
    "short password": (one_account(users=[{"name": "a", "password": "a"}]),
                       "accounts[0].users[0]: password: Password should have a minimum length of 8"),
    "password against the file's policy": (one_account(password_policy={"minimum_password_length": 20},
                                                       users=[{"name": "a", "password": "Correct-horse-1"}]),
                                           "Password should have a minimum length of 20"),
    "bucket twice": ({"accounts": [{"id": ACCOUNT, "buckets": [{"name": "abc"}]}, {"id": "210987654321", "buckets": [{"name": "abc"}]}]},
                     "accounts[1].buckets[0]: BucketAlreadyExists"),
    "bucket in no region": (one_account(buckets=[{"name": "abc", "region": "mars-1"}]), "InvalidLocationConstraint"),
    "key twice": (one_account(users=[{"name": name, "access_keys": [{"access_key_id": "ALICEKEY000000000001", "secret_access_key": "s"}]}
                                     for name in "ab"]), "accounts[0].users[1].access_keys[0]: access_key_id"),
    "device twice": (one_account(users=[{"name": name, "mfa_devices": [{"name": "m", "seed": "JBSWY3DPEHPK3PXP"}]} for name in "ab"]),
                     "accounts[0].users[1].mfa_devices[0]: MFA device m is given twice"),
    "scp that is none": (one_account(scps=[[{"Statement": []}]]), "accounts[0].scps, level 1, policy 1"),
}


@pytest.mark.parametrize("name", SERVER_REFUSES)
def test_what_only_the_server_can_tell_has_a_place_too(tmp_path, name):
    value, message = SERVER_REFUSES[name]
    exit_code, said = refused_start(tmp_path, json.dumps(value))
    assert exit_code == FAILED
    assert said.startswith("signet: FILE:1:") and message in said, said
    assert fits_schema(value)


def test_a_refused_file_leaves_no_account(tmp_path):
    value = copy.deepcopy(SERVER_REFUSES["bucket twice"][0])
    assert run(tmp_path, json.dumps(value), "init", "--data", tmp_path / "data")[0] == FAILED
    value["accounts"][1]["buckets"][0]["name"] = "abcd"
    assert run(tmp_path, json.dumps(value), "init", "--data", tmp_path / "data")[0] == 0


def test_lines_and_columns_are_those_of_an_editor(tmp_path):
    text = '{"accounts": [\n  {"id": "123456789012",\n   "roles": [\n      {"nmae": "\u00e9"}]}]}'
    assert refused_start(tmp_path, text)[1] == 'signet: FILE:4:8: accounts[0].roles[0]: unknown member "nmae"; did you mean "name"?\n'
    assert refused_start(tmp_path, "{\n  // mine\n}")[1] == "signet: FILE:2:3: JSON has no comments; take this one out\n"
    assert "byte-order mark" in refused_start(tmp_path, "\ufeff{}")[1]
