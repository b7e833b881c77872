"""Signet's own API: what policies mean, by the engine that decides requests, under permissions of AWS's."""
import json
import re
import subprocess
import sys

import pytest

from support import bootstrap
from support.aws import Aws
from support.bootstrap import ACCOUNT, ADMIN, ADMINISTRATOR, NOBODY, OTHER_ACCOUNT, OTHER_ADMIN, Keys
from support.operations import FACTS
from support.people import allow, deny, policy, trust
from support.server import ROOT, Server
from support.wire import Wire

USER = f"arn:aws:iam::{ACCOUNT}:user/asked"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/asked-role"

# Of each operation a good request and the permissions that it takes.
CALLS = {
    "DescribePolicyDocument": ("/describe-policy-document", {"policyDocument": policy(allow("s3:GetObject"))}, ["access-analyzer:ValidatePolicy"]),
    "EvaluateAccess": ("/evaluate-access", {"principalArns": [USER], "actions": ["s3:GetObject"]}, ["iam:SimulatePrincipalPolicy"]),
    "FindNewAccess": ("/find-new-access", {"newPolicyDocument": policy(allow("s3:GetObject")), "policyType": "IDENTITY_POLICY"}, ["access-analyzer:CheckNoNewAccess"]),
    "ListBecoming": ("/list-becoming", {"principalArns": [USER]}, ["iam:SimulatePrincipalPolicy", "iam:GetAccountAuthorizationDetails"]),
}

# Those that some requests of it take.
MORE = {"EvaluateAccess": ["iam:GetAccountAuthorizationDetails?", "s3:GetBucketPolicy?"]}


class World:
    def __init__(self, wire, aws):
        self.wire, self.iam, self.s3 = wire, aws.iam(ADMIN), aws.s3(ADMIN)
        self.iam.create_user(UserName="asked")
        self.iam.create_role(RoleName="asked-role", AssumeRolePolicyDocument=trust(USER))
        self.iam.create_user(UserName="denied")
        self.iam.attach_user_policy(UserName="denied", PolicyArn=ADMINISTRATOR)
        self.denied = Keys.of_user(self.iam.create_access_key(UserName="denied")["AccessKey"])

    def send(self, target, body, keys=ADMIN, tamper=False):
        return self.wire.json("insight", "POST", target, json.dumps(body), keys, tamper)

    def describe(self, document, kind="IDENTITY_POLICY", **more):
        return self.ok("/describe-policy-document", {"policyDocument": document, "policyType": kind, **more})

    def decisions(self, actions, principals=(USER,), resource="*"):
        body = {"principalArns": list(principals), "actions": actions, "resourceArn": resource}
        return {row["principalArn"]: row["decisions"] for row in self.ok("/evaluate-access", body)["results"]}

    def ok(self, target, body):
        answer = self.send(target, body)
        assert answer.is_ok, answer
        return json.loads(answer.body)

    def put(self, *statements):
        self.iam.put_user_policy(UserName="asked", PolicyName="p", PolicyDocument=policy(*statements))


@pytest.fixture
def world(server, aws):
    return World(Wire(server), aws)


def test_every_operation_is_asked_for_here():
    rows = [line.split("\t") for line in (FACTS / "operations" / "curated.tsv").read_text(encoding="utf-8").splitlines()]
    assert {row[1]: row[5] for row in rows if row[0] == "insight"} == {name: ",".join(actions + MORE.get(name, [])) for name, (_, _, actions) in CALLS.items()}


@pytest.mark.parametrize("name", CALLS)
def test_who_may_not_is_refused(world, name):
    target, body, actions = CALLS[name]
    assert world.send(target, body).is_ok
    wrong = world.send(target, body, tamper=True)
    assert (wrong.status, wrong.code) == (403, "InvalidSignatureException")
    nobody = world.send(target, body, NOBODY)
    assert (nobody.status, nobody.code) == (403, "AccessDeniedException")
    assert f"is not authorized to perform: {actions[0]} " in nobody.message
    for action in actions:
        world.iam.put_user_policy(UserName="denied", PolicyName="deny", PolicyDocument=policy(deny(action)))
        refused = world.send(target, body, world.denied)
        assert f"{action} " in refused.message and "with an explicit deny" in refused.message


def test_findings_have_their_place(world):
    text = policy({"Effect": "Allow", "Action": "s3:GetObjekt", "Resource": "*"})
    [finding] = [one for one in world.describe(text)["findings"] if one["issue"] == "InvalidAction"]
    assert finding["findingType"] == "ERROR"
    assert text[finding["start"]["column"] - 1:].startswith('"s3:GetObjekt"')
    assert world.describe(policy(allow("s3:GetObject", "arn:aws:s3:::a/*")))["findings"] == []


SAMPLES = [one for path in sorted((FACTS.parent / "testdata" / "policy" / "findings").glob("*.json")) for one in json.loads(path.read_text(encoding="utf-8"))]
TYPES = {"identity": "IDENTITY_POLICY", "trust": "TRUST_POLICY", "bucket": "BUCKET_POLICY", "scp": "SERVICE_CONTROL_POLICY", "rcp": "RESOURCE_CONTROL_POLICY"}


@pytest.mark.parametrize("locale", ["de", "ja", "zh"])
def test_every_finding_is_told_in_every_language(world, locale):
    told = 0
    for sample in SAMPLES:
        text = sample["policy"] if isinstance(sample["policy"], str) else json.dumps(sample["policy"])
        kind = TYPES.get(sample["profile"])
        if kind is None:
            continue
        english = world.describe(text, kind)["findings"]
        other = world.describe(text, kind, locale=locale)["findings"]
        assert [{**one, "message": ""} for one in english] == [{**one, "message": ""} for one in other]
        for ours, theirs in zip(english, other):
            assert ours["message"] != theirs["message"], ours
            told += 1
    assert told > 200


def test_new_access_is_shown_by_a_request_for_each_statement_that_gives_it(world):
    old = policy(allow("s3:GetObject", "arn:aws:s3:::a/*"))
    new = policy(allow("s3:GetObject", "arn:aws:s3:::a/*"), {"Sid": "More", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/*"},
                 allow("s3:Get*", "arn:aws:s3:::a/*"))
    found = world.ok("/find-new-access", {"existingPolicyDocument": old, "newPolicyDocument": new, "policyType": "IDENTITY_POLICY"})
    assert found["result"] == "FOUND" and "reason" not in found
    put, get = found["grants"]
    assert (put["statementIndex"], put["sid"], put["action"]) == (1, "More", "s3:PutObject") and put["resource"].startswith("arn:aws:s3:::b/")
    assert get["statementIndex"] == 2 and "sid" not in get and get["action"].startswith("s3:Get") and get["action"] != "s3:GetObject"


def test_less_or_the_same_is_no_new_access(world):
    old = policy(allow("s3:*", "arn:aws:s3:::a/*"))
    for new in (old, policy(allow("s3:GetObject", "arn:aws:s3:::a/*")), policy(allow("s3:*", "arn:aws:s3:::a/*"), deny("s3:DeleteObject"))):
        found = world.ok("/find-new-access", {"existingPolicyDocument": old, "newPolicyDocument": new, "policyType": "IDENTITY_POLICY"})
        assert found == {"result": "NONE", "grants": []}


def test_a_denial_that_goes_is_new_access(world):
    old = policy(allow("s3:*"), deny("s3:DeleteObject"))
    found = world.ok("/find-new-access", {"existingPolicyDocument": old, "newPolicyDocument": policy(allow("s3:*")), "policyType": "IDENTITY_POLICY"})
    assert [(one["statementIndex"], one["action"].lower()) for one in found["grants"]] == [(0, "s3:deleteobject")]


def test_resource_policies_tell_who_gets_in_and_how(world):
    condition = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    public = policy({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/*", "Condition": condition})
    [grant] = world.ok("/find-new-access", {"newPolicyDocument": public, "policyType": "BUCKET_POLICY"})["grants"]
    assert grant["action"] == "s3:GetObject"
    [address] = [one["values"] for one in grant["contextEntries"] if one["key"].lower() == "aws:sourceip"]
    assert address[0].startswith("203.0.113.")
    anybody = policy({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/*"})
    [grant] = world.ok("/find-new-access", {"newPolicyDocument": anybody, "existingPolicyDocument": public, "policyType": "BUCKET_POLICY"})["grants"]
    assert "principalArn" not in grant, "who did not sign in says most"
    trusts = policy({"Effect": "Allow", "Principal": {"AWS": USER}, "Action": "sts:AssumeRole"})
    wider = trusts.replace(USER, f"arn:aws:iam::{OTHER_ACCOUNT}:root")
    [grant] = world.ok("/find-new-access", {"existingPolicyDocument": trusts, "newPolicyDocument": wider, "policyType": "TRUST_POLICY"})["grants"]
    assert OTHER_ACCOUNT in grant["principalArn"] and grant["action"] == "sts:AssumeRole"


def test_what_takes_too_long_is_unknown_and_says_why(world):
    many = policy(*({"Effect": "Allow", "Action": [f"s3:*{a}*{b}*{c}*" for a in "abcdefgh" for b in "ijklmnop" for c in "qrstuvw"],
                     "Resource": [f"arn:aws:s3:::*{a}*{b}*{n}*" for a in "abcdefgh" for b in "ijkl"]} for n in range(15)))
    found = world.ok("/find-new-access", {"existingPolicyDocument": policy(allow("s3:GetObject")), "newPolicyDocument": many, "policyType": "IDENTITY_POLICY"})
    assert found["result"] == "UNKNOWN" and found["reason"] and found["grants"] == []


@pytest.mark.parametrize("document", ["{", "[]", "{}", policy(allow("s3:GetObject")).replace("Allow", "Maybe")])
def test_documents_that_cannot_be_compared_are_refused(world, document):
    good = policy(allow("s3:GetObject"))
    for body in ({"newPolicyDocument": document}, {"newPolicyDocument": good, "existingPolicyDocument": document}):
        answer = world.send("/find-new-access", {**body, "policyType": "IDENTITY_POLICY"})
        assert (answer.status, answer.code) == (400, "ValidationException") and "cannot be compared: " in answer.message
    assert world.send("/find-new-access", {"newPolicyDocument": good, "policyType": "SERVICE_CONTROL_POLICY"}).code == "ValidationException"


def test_statements_are_told_in_words(world):
    text = policy({"Sid": "S", "Effect": "Deny", "NotAction": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}})
    assert world.describe(text)["statements"] == [{
        "sid": "S", "effect": "Deny", "start": {"line": 1, "column": text.index('{"Sid"') + 1},
        "text": "It may never do anything except s3:* on any resource, if Bool aws:SecureTransport false."}]


def test_a_text_that_is_no_policy_has_findings_and_no_statements(world):
    for text in ("{", "[]", '{"Statement": 1}', "\u00fc"):
        told = world.describe(text)
        assert told["statements"] == [] and told["findings"][0]["findingType"] == "ERROR", text


def test_the_kind_of_policy_decides_what_is_wrong(world):
    public = policy({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::site/*"})
    assert "PublicAccess" in [one["issue"] for one in world.describe(public, "BUCKET_POLICY", bucketName="site")["findings"]]
    assert "InvalidPolicy" in [one["issue"] for one in world.describe(public, "BUCKET_POLICY", bucketName="other")["findings"]]
    assert "InvalidPolicy" in [one["issue"] for one in world.describe(public, "IDENTITY_POLICY")["findings"]]
    assert world.send("/describe-policy-document", {"policyDocument": public, "policyType": "OTHER"}).code == "ValidationException"


def test_decisions_are_those_of_requests(world):
    world.put(allow("s3:GetObject"), deny("s3:DeleteObject"))
    assert world.decisions(["s3:GetObject", "s3:DeleteObject", "s3:PutObject"]) == {USER: ["allowed", "explicitDeny", "implicitDeny"]}


def test_boundaries_limit(world):
    arn = world.iam.create_policy(PolicyName="limit", PolicyDocument=policy(allow("sqs:*")))["Policy"]["Arn"]
    world.put(allow("s3:GetObject"))
    world.iam.put_user_permissions_boundary(UserName="asked", PermissionsBoundary=arn)
    assert world.decisions(["s3:GetObject"]) == {USER: ["implicitDeny"]}
    world.iam.delete_user_permissions_boundary(UserName="asked")
    assert world.decisions(["s3:GetObject"]) == {USER: ["allowed"]}


def test_bucket_policies_count(world):
    world.s3.create_bucket(Bucket="asked-bucket")
    world.put(allow("s3:GetObject"))
    shut = {"Effect": "Deny", "Principal": {"AWS": USER}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::asked-bucket/*"}
    world.s3.put_bucket_policy(Bucket="asked-bucket", Policy=policy(shut))
    assert world.decisions(["s3:GetObject"], resource="arn:aws:s3:::asked-bucket/a") == {USER: ["explicitDeny"]}
    assert world.decisions(["s3:GetObject"], resource="arn:aws:s3:::another/a") == {USER: ["allowed"]}


def test_trust_policies_count(world):
    world.put(allow("s3:GetObject"))
    other = f"arn:aws:iam::{ACCOUNT}:user/denied"
    found = world.decisions(["sts:AssumeRole"], [USER, other], ROLE)
    assert found == {USER: ["allowed"], other: ["implicitDeny"]}, "it trusts one of them by name"


def test_a_role_asks_as_a_session_of_it(world):
    world.iam.put_role_policy(RoleName="asked-role", PolicyName="p", PolicyDocument=policy(
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalArn": ROLE}}},
        {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}))
    assert world.decisions(["s3:GetObject", "s3:PutObject"], [ROLE]) == {ROLE: ["allowed", "explicitDeny"]}


@pytest.mark.parametrize("arn, code", [
    (f"arn:aws:iam::{ACCOUNT}:user/nobody-here", "ResourceNotFoundException"),
    ("arn:aws:iam::999999999999:user/asked", "AccessDeniedException"),
    (f"arn:aws:iam::{ACCOUNT}:group/asked", "ValidationException"),
    ("arn:aws:s3:::asked-bucket-arn", "ValidationException"),
])
def test_others_are_not_told_of(world, arn, code):
    assert world.send("/evaluate-access", {"principalArns": [arn], "actions": ["s3:GetObject"]}).code == code


@pytest.mark.parametrize("actions", [[], ["s3:*"], ["GetObject"], ["s3:Get Object"], ["s3:GetObject"] * 101])
def test_actions_are_names(world, actions):
    assert world.send("/evaluate-access", {"principalArns": [USER], "actions": actions}).code == "ValidationException"


OBJECT = "arn:aws:s3:::asked-bucket/a"


def everybody(effect, action="s3:GetObject", principal="*", **condition):
    statement = {"Effect": effect, "Principal": principal, "Action": action, "Resource": "arn:aws:s3:::asked-bucket/*"}
    return policy(statement | ({"Condition": condition} if condition else {}))


def explained(world, principal=USER, action="s3:GetObject", resource=OBJECT, **more):
    body = {"principalArns": [principal], "actions": [action], "resourceArn": resource, "explains": True, **more}
    [row] = world.ok("/evaluate-access", body)["results"]
    [decision], [told] = row["decisions"], row["explanations"]
    return decision, told


def stages(told):
    return {stage["policyType"]: stage["decision"] for stage in told["stages"]}


def test_an_explanation_names_the_statement_that_decided(world):
    world.s3.create_bucket(Bucket="asked-bucket")
    world.put(allow("sqs:*"), {"Sid": "Reading", **allow("s3:GetObject")})
    decision, told = explained(world)
    assert (decision, told["policyType"], stages(told)) == ("allowed", "identity", {"identity": "allowed"})
    [one] = told["policies"]
    assert one["name"] == "asked's inline policy p" and json.loads(one["document"])["Statement"][1]["Sid"] == "Reading"
    [statement] = one["statements"]
    assert (statement["index"], statement["sid"], statement["effect"]) == (1, "Reading", "Allow")
    assert statement["applies"] and statement["isDeciding"] and statement["failedParts"] == []
    assert one["document"][statement["start"]["column"] - 1:statement["end"]["column"]] == json.dumps(json.loads(one["document"])["Statement"][1])


def test_an_explanation_says_what_does_not_match(world):
    world.put(allow("s3:GetObject", "arn:aws:s3:::other/*", Bool={"aws:SecureTransport": "true"}))
    decision, told = explained(world)
    assert (decision, told["policyType"]) == ("implicitDeny", "identity")
    [statement] = told["policies"][0]["statements"]
    assert not statement["applies"] and not statement["isDeciding"]
    assert statement["failedParts"] == [
        {"part": "Resource", "wanted": "arn:aws:s3:::other/*", "given": OBJECT},
        {"part": "Condition Bool aws:SecureTransport", "wanted": "true", "given": "false"}]
    assert explained(world, resource="arn:aws:s3:::other/x", contextEntries=[{"key": "aws:SecureTransport", "values": ["true"]}])[0] == "allowed"


def test_who_has_no_policies_is_told_so(world):
    decision, told = explained(world, action="sqs:SendMessage", resource="*")
    assert (decision, stages(told), told["policies"]) == ("implicitDeny", {"identity": "implicitDeny"}, [])


def test_each_kind_of_policy_has_its_say(world):
    arn = world.iam.create_policy(PolicyName="limit", PolicyDocument=policy(allow("sqs:*")))["Policy"]["Arn"]
    world.put(allow("s3:GetObject"))
    world.iam.put_user_permissions_boundary(UserName="asked", PermissionsBoundary=arn)
    world.s3.create_bucket(Bucket="asked-bucket")
    world.s3.put_bucket_policy(Bucket="asked-bucket", Policy=everybody("Deny", "s3:DeleteObject"))
    decision, told = explained(world)
    assert (decision, told["policyType"]) == ("implicitDeny", "boundary")
    assert stages(told) == {"resource": "implicitDeny", "identity": "allowed", "boundary": "implicitDeny"}
    decision, told = explained(world, action="s3:DeleteObject")
    assert (decision, told["policyType"], stages(told)["resource"]) == ("explicitDeny", "resource", "explicitDeny")


def test_a_trust_policy_is_told_as_one(world):
    decision, told = explained(world, action="sts:AssumeRole", resource=ROLE)
    assert (decision, stages(told)["trust"]) == ("allowed", "allowed")
    decision, told = explained(world, DENIED, "sts:AssumeRole", ROLE)
    assert (decision, told["policyType"], stages(told)) == ("implicitDeny", "trust", {"trust": "implicitDeny", "identity": "allowed"})


def test_a_bucket_policy_that_is_written_decides_and_is_not_stored(world):
    world.s3.create_bucket(Bucket="asked-bucket")
    world.s3.put_bucket_policy(Bucket="asked-bucket", Policy=everybody("Deny", principal={"AWS": USER}))
    world.put(allow("s3:GetObject"))
    assert explained(world)[0] == "explicitDeny"
    decision, told = explained(world, bucketPolicy=everybody("Allow", "s3:PutObject", principal={"AWS": USER}), action="s3:PutObject")
    assert (decision, told["policyType"]) == ("allowed", "resource")
    [one] = told["policies"]
    assert one["statements"][0]["isDeciding"] and '"s3:PutObject"' in one["document"]
    body = {"principalArns": [USER], "actions": ["s3:GetObject"], "resourceArn": OBJECT}
    assert json.loads(world.send("/evaluate-access", {**body, "bucketPolicy": everybody("Allow")}).body)["results"][0]["decisions"] == ["allowed"]
    assert world.decisions(["s3:GetObject"], resource=OBJECT) == {USER: ["explicitDeny"]}, "what is stored counts as before"


def test_who_did_not_sign_in_is_asked_for_with_a_star(world):
    world.s3.create_bucket(Bucket="asked-bucket")
    assert explained(world, "*")[0] == "implicitDeny"
    decision, told = explained(world, "*", bucketPolicy=everybody("Allow"))
    assert (decision, stages(told)) == ("allowed", {"resource": "allowed"})
    assert explained(world, "*", bucketPolicy=everybody("Allow", principal={"AWS": ACCOUNT}))[0] == "implicitDeny"


@pytest.mark.parametrize("text, problem", [
    ("{", "The bucket policy is not valid: "),
    (everybody("Allow").replace("asked-bucket", "other"), "The bucket policy is not valid: Policy has invalid resource"),
    (everybody("Allow", principal={"AWS": f"{USER}-gone"}), "The bucket policy is not valid: Invalid principal in policy"),
])
def test_a_bucket_policy_that_could_not_be_stored_is_refused(world, text, problem):
    world.s3.create_bucket(Bucket="asked-bucket")
    answer = world.send("/evaluate-access", {"principalArns": [USER], "actions": ["s3:GetObject"], "resourceArn": OBJECT, "bucketPolicy": text})
    assert answer.code == "ValidationException" and problem in answer.message


def test_only_buckets_of_the_account_have_policies_that_are_written(world):
    for resource in (OBJECT, "arn:aws:s3:::", "*", "arn:aws:sqs:::asked-bucket"):
        body = {"principalArns": [USER], "actions": ["s3:GetObject"], "resourceArn": resource, "bucketPolicy": everybody("Allow")}
        assert world.send("/evaluate-access", body).code == "ResourceNotFoundException", resource


@pytest.mark.parametrize("more, action", [
    ({"explains": True}, "iam:GetAccountAuthorizationDetails"),
    ({"explains": True}, "s3:GetBucketPolicy"),
    ({"principalArns": ["*"]}, "iam:GetAccountAuthorizationDetails"),
    ({"principalArns": ["*"]}, "s3:GetBucketPolicy"),
])
def test_policies_are_told_to_whoever_may_read_them(world, more, action):
    world.s3.create_bucket(Bucket="asked-bucket")
    body = {"principalArns": [USER], "actions": ["s3:GetObject"], "resourceArn": OBJECT, **more}
    assert world.send("/evaluate-access", body, world.denied).is_ok
    world.iam.put_user_policy(UserName="denied", PolicyName="deny", PolicyDocument=policy(deny(action)))
    refused = world.send("/evaluate-access", body, world.denied)
    assert refused.code == "AccessDeniedException" and f"{action} " in refused.message


def test_few_decisions_are_explained_at_once(world):
    body = {"principalArns": [USER], "actions": ["s3:GetObject"] * 11}
    assert world.send("/evaluate-access", body).is_ok
    assert "At most 10 decisions" in world.send("/evaluate-access", {**body, "explains": True}).message


@pytest.mark.parametrize("locale, words", [
    ("en", "It may do s3:GetObject on every resource."),
    ("de", "Die Identit\u00e4t darf ausf\u00fchren: s3:GetObject auf allen Ressourcen."),
])
def test_words_come_in_the_language_that_is_asked_for(world, locale, words):
    assert world.describe(policy(allow("s3:GetObject")), locale=locale)["statements"][0]["text"] == words


def test_words_of_other_languages_are_not_there(world):
    body = {"policyDocument": policy(allow("s3:GetObject")), "locale": "fr"}
    assert world.send("/describe-policy-document", body).code == "ValidationException"


@pytest.fixture(scope="module")
def member(tmp_path_factory):
    """A server where OTHER_ACCOUNT lies under an organization's policies, and a call of it."""
    folder, path = tmp_path_factory.mktemp("member"), "o-exampleorgid/r-ab12/"
    document = bootstrap.document()
    own, other = document["accounts"][:2]
    own["organization"] = {"id": "o-exampleorgid", "path": path, "management": True}
    no_users = {"name": "no-users", "document": json.loads(policy(deny("iam:CreateUser")))}
    other["organization"] = {"id": "o-exampleorgid", "path": f"{path}ou-ab12-11111111/"}
    other["scps"] = [["FullAWSAccess"], ["FullAWSAccess", no_users], ["FullAWSAccess"]]
    (folder / "bootstrap.json").write_text(json.dumps(document))
    with Server(["--dev", "--listen", "127.0.0.1:0", "--bootstrap", folder / "bootstrap.json"], folder).start() as server:
        world = World.__new__(World)
        world.wire, world.aws = Wire(server), Aws(server.url, folder)
        yield world


def explained_to_other(world, action, resource):
    body = {"principalArns": [f"arn:aws:iam::{OTHER_ACCOUNT}:user/admin"], "actions": [action], "resourceArn": resource, "explains": True}
    answer = world.send("/evaluate-access", body, OTHER_ADMIN)
    assert answer.is_ok, answer
    [row] = json.loads(answer.body)["results"]
    return row["decisions"][0], row["explanations"][0]


def test_an_organization_has_its_say_and_keeps_its_texts(member):
    decision, told = explained_to_other(member, "iam:CreateUser", "*")
    assert (decision, told["policyType"]) == ("explicitDeny", "scp")
    assert stages(told) == {"scp": "explicitDeny", "identity": "allowed"}
    assert [one["policyType"] for one in told["policies"]] == ["identity"]
    decision, told = explained_to_other(member, "iam:CreateRole", "*")
    assert (decision, stages(told)) == ("allowed", {"scp": "allowed", "identity": "allowed"})


def test_the_policy_of_another_accounts_bucket_is_not_told(member):
    s3 = member.aws.s3(ADMIN)
    s3.create_bucket(Bucket="asked-bucket")
    s3.put_bucket_policy(Bucket="asked-bucket", Policy=everybody("Deny"))
    body = {"principalArns": [f"arn:aws:iam::{OTHER_ACCOUNT}:user/admin"], "actions": ["s3:GetObject"], "resourceArn": OBJECT, "explains": True}
    refused = member.send("/evaluate-access", body, OTHER_ADMIN)
    assert refused.code == "AccessDeniedException" and "s3:GetBucketPolicy" in refused.message
    s3.put_bucket_policy(Bucket="asked-bucket", Policy=json.dumps({"Version": "2012-10-17", "Statement": [
        json.loads(everybody("Deny"))["Statement"][0],
        {"Effect": "Allow", "Principal": {"AWS": OTHER_ACCOUNT}, "Action": "s3:GetBucketPolicy", "Resource": "arn:aws:s3:::asked-bucket"}]}))
    decision, told = explained_to_other(member, "s3:GetObject", OBJECT)
    assert (decision, told["policyType"], stages(told)["resource"]) == ("explicitDeny", "resource", "explicitDeny")
    assert "resource" not in [one["policyType"] for one in told["policies"]]


DENIED = f"arn:aws:iam::{ACCOUNT}:user/denied"
ADMIN_USER = f"arn:aws:iam::{ACCOUNT}:user/admin"


def becoming(world, arn=USER):
    [row] = world.ok("/list-becoming", {"principalArns": [arn]})["results"]
    assert row["principalArn"] == arn
    return row["isAdministrator"], {step["principalArn"]: (step["action"], step["needsMfa"]) for step in row["steps"]}


def test_who_may_nothing_becomes_those_that_trust_it(world):
    assert becoming(world) == (False, {ROLE: ("sts:AssumeRole", False)})
    world.iam.update_assume_role_policy(RoleName="asked-role", PolicyDocument=trust(DENIED))
    assert becoming(world) == (False, {})


def test_trust_in_the_account_takes_a_policy_of_ones_own(world):
    world.iam.update_assume_role_policy(RoleName="asked-role", PolicyDocument=trust(f"arn:aws:iam::{ACCOUNT}:root"))
    assert becoming(world) == (False, {})
    world.put(allow("sts:AssumeRole", ROLE))
    assert becoming(world) == (False, {ROLE: ("sts:AssumeRole", False)})


def test_a_step_that_takes_mfa_says_so(world):
    world.iam.update_assume_role_policy(RoleName="asked-role", PolicyDocument=trust(USER, Bool={"aws:MultiFactorAuthPresent": "true"}))
    assert becoming(world) == (False, {ROLE: ("sts:AssumeRole", True)})


def test_who_can_change_a_trust_policy_becomes_the_role(world):
    world.iam.update_assume_role_policy(RoleName="asked-role", PolicyDocument=trust(DENIED))
    world.put(allow("iam:UpdateAssumeRolePolicy", ROLE))
    assert becoming(world) == (False, {ROLE: ("iam:UpdateAssumeRolePolicy", False)})


@pytest.mark.parametrize("action", ["iam:CreateAccessKey", "iam:UpdateLoginProfile", "iam:CreateLoginProfile"])
def test_who_can_make_credentials_of_a_user_becomes_them(world, action):
    world.iam.update_assume_role_policy(RoleName="asked-role", PolicyDocument=trust(DENIED))
    world.put(allow(action, DENIED))
    assert becoming(world) == (False, {} if action == "iam:UpdateLoginProfile" else {DENIED: (action, False)}), "there is no password to replace"
    world.iam.create_login_profile(UserName="denied", Password="Long-Enough-1")
    try:
        assert becoming(world) == (False, {} if action == "iam:CreateLoginProfile" else {DENIED: (action, False)}), "there is a password"
    finally:
        world.iam.delete_login_profile(UserName="denied")


def test_steps_tell_their_calls_and_conditions(world):
    external = {"StringEquals": {"sts:ExternalId": "x7"}}
    world.iam.update_assume_role_policy(RoleName="asked-role", PolicyDocument=trust(USER, **external))
    [row] = world.ok("/list-becoming", {"principalArns": [USER]})["results"]
    [step] = row["steps"]
    assert (step["condition"], step["needsMfa"]) == ("CONDITIONAL", False)
    [call] = step["calls"]
    assert (call["action"], call["resourceArn"], [json.loads(block) for block in call["conditionBlocks"]]) == ("sts:AssumeRole", ROLE, [external])
    assert call["command"].startswith("aws sts assume-role ") and "--external-id 'x7'" in call["command"]


def test_an_administrator_is_told_how(world):
    world.put(allow("*"))
    [row] = world.ok("/list-becoming", {"principalArns": [USER]})["results"]
    assert (row["isAdministrator"], row["administratorCondition"], row["administratorCalls"]) == (True, "ALWAYS", [])
    world.put(allow("iam:PutUserPolicy", USER))
    [row] = world.ok("/list-becoming", {"principalArns": [USER]})["results"]
    assert [call["action"] for call in row["administratorCalls"]] == ["iam:PutUserPolicy"]


def test_whom_one_can_make_an_administrator_is_told(world):
    world.put(allow("iam:AttachUserPolicy", DENIED))
    [row] = world.ok("/list-becoming", {"principalArns": [USER]})["results"]
    assert row["isAdministrator"] is False
    assert [(step["principalArn"], step["action"]) for step in row["strengthens"]] == [(DENIED, "iam:AttachUserPolicy")]


@pytest.mark.parametrize("statement", [allow("iam:PutUserPolicy", USER), allow("iam:AttachUserPolicy", USER), allow("*")])
def test_who_can_give_itself_everything_is_an_administrator(world, statement):
    world.put(statement)
    assert becoming(world) == (True, {})


def test_a_limit_on_what_can_be_attached_counts(world):
    only = {"ArnEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/ReadOnlyAccess"}}
    world.put(allow("iam:AttachUserPolicy", USER, **only))
    assert becoming(world)[0] is False


def test_own_policies_and_groups_are_ways_as_well(world):
    arn = world.iam.create_policy(PolicyName="own", PolicyDocument=policy(allow("sqs:*")))["Policy"]["Arn"]
    world.put(allow("iam:CreatePolicyVersion", arn))
    assert becoming(world)[0] is False, "it is not the user's"
    world.iam.attach_user_policy(UserName="asked", PolicyArn=arn)
    assert becoming(world)[0] is True
    world.iam.create_group(GroupName="g")
    world.put(allow("iam:PutGroupPolicy", f"arn:aws:iam::{ACCOUNT}:group/g"))
    assert becoming(world)[0] is False
    world.iam.add_user_to_group(GroupName="g", UserName="asked")
    assert becoming(world)[0] is True


def test_a_boundary_stops_what_policies_would_let(world):
    arn = world.iam.create_policy(PolicyName="limit", PolicyDocument=policy(allow("sqs:*")))["Policy"]["Arn"]
    world.put(allow("*"))
    world.iam.put_user_permissions_boundary(UserName="asked", PermissionsBoundary=arn)
    assert becoming(world)[0] is False


GUIDE = ROOT / "docs/guide/escalation.md"
IN_PYTHON = """
import boto3, json, sys
client = boto3.client("insight")
[becoming] = client.list_becoming(principalArns=[sys.argv[1]])["results"]
[matrix] = client.evaluate_access(principalArns=[sys.argv[1]], actions=["s3:GetObject", "iam:PassRole"], resourceArn="*")["results"]
allows = lambda action: json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]})
[grant] = client.find_new_access(existingPolicyDocument=allows("s3:Get*"), newPolicyDocument=allows("s3:*Object"), policyType="IDENTITY_POLICY")["grants"]
assert grant["statementIndex"] == 0 and not grant["action"].startswith("s3:Get"), grant
try:
    client.list_becoming(principalArns=[sys.argv[1] + "-gone"])
except client.exceptions.ResourceNotFoundException as error:
    refusal = error.response["Error"]["Code"]
print(json.dumps([[step["principalArn"] for step in becoming["steps"]], matrix["decisions"], refusal]))
"""


def test_the_guide_and_boto3_with_the_model(world, aws):
    world.put(allow("s3:*"))
    [block] = re.findall(r"<!-- run by tests/conformance/test_insight.py -->\n```sh\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    environment = aws.environment(ADMIN, AWS_DEFAULT_OUTPUT="json")
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", block], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert f'"{ADMIN_USER}",\n        true' in done.stdout and done.stdout.count('"allowed"') == 2
    done = subprocess.run([sys.executable, "-c", IN_PYTHON, USER], env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [[ROLE], ["allowed", "implicitDeny"], "ResourceNotFoundException"]


def test_roles_of_other_accounts_are_not_told(world, aws):
    # The other account's role trusts the user, who may assume roles anywhere: a way, which is that account's to tell.
    there = aws.iam(OTHER_ADMIN)
    there.create_role(RoleName="lent", AssumeRolePolicyDocument=trust(USER, StringEquals={"sts:ExternalId": "theirs"}))
    world.put(allow("sts:AssumeRole"))
    [row] = world.ok("/list-becoming", {"principalArns": [USER]})["results"]
    assert [step["principalArn"] for step in row["steps"]] == [ROLE]
    assert OTHER_ACCOUNT not in json.dumps(row) and "theirs" not in json.dumps(row)


def test_administrators_of_other_accounts_are_no_starts(world):
    assert world.send("/list-becoming", {"principalArns": ["arn:aws:iam::999999999999:user/asked"]}).code == "AccessDeniedException"
    assert world.send("/list-becoming", {"principalArns": [f"{USER}-gone"]}).code == "ResourceNotFoundException"
    assert world.send("/list-becoming", {"principalArns": [USER] * 11}).code == "ValidationException"
    assert becoming(world, ADMIN_USER)[0] is True
