"""The policy simulator, context keys, encoded authorization messages, and organization policies, through boto3."""
import json
import subprocess

import pytest

from support import bootstrap
from support.aws import Aws, refused
from support.bootstrap import ACCOUNT, ADMIN, NOBODY, OTHER_ADMIN
from support.people import allow, create_user, deny, error_code, policy, trust
from support.server import BINARY, ROOT, Server

OBJECT = "arn:aws:s3:::reports/q3.csv"
HEADER = "x-signet-authorization-message"


def user_arn(name):
    return f"arn:aws:iam::{ACCOUNT}:user/{name}"


def only(answer):
    assert not answer["IsTruncated"]
    assert len(answer["EvaluationResults"]) == 1
    return answer["EvaluationResults"][0]


def message_of(call, **arguments):
    """The encoded message that a refusal carries."""
    with refused("AccessDenied") as error:
        call(**arguments)
    return error.response["ResponseMetadata"]["HTTPHeaders"].get(HEADER)


def test_custom_policy_in_full(admin_iam):
    text = policy(allow("s3:GetObject", "arn:aws:s3:::reports/*"))
    result = only(admin_iam.simulate_custom_policy(PolicyInputList=[text], ActionNames=["s3:GetObject"], ResourceArns=[OBJECT]))

    assert result["EvalActionName"] == "s3:GetObject"
    assert result["EvalResourceName"] == OBJECT
    assert result["EvalDecision"] == "allowed"
    statement = result["MatchedStatements"][0]
    assert statement["SourcePolicyId"] == "PolicyInputList.1"
    assert statement["SourcePolicyType"] == "IAM Policy"
    assert statement["StartPosition"] == {"Line": 1, "Column": text.index('{"Effect"') + 2}
    assert statement["EndPosition"] == {"Line": 1, "Column": len(text) - 1}
    assert result["MissingContextValues"] == []
    assert result.get("EvalDecisionDetails", {}) == {}
    assert result["ResourceSpecificResults"][0]["EvalResourceDecision"] == "allowed"
    assert "EvalDecisionDetails" not in result["ResourceSpecificResults"][0]


def test_custom_policy_denials_and_missing_keys(admin_iam):
    guarded = policy(allow("s3:*", IpAddress={"aws:SourceIp": "192.0.2.0/24"}))
    entry = {"ContextKeyName": "aws:SourceIp", "ContextKeyType": "ip", "ContextKeyValues": ["192.0.2.1"]}

    silent = only(admin_iam.simulate_custom_policy(PolicyInputList=[guarded], ActionNames=["s3:GetObject"]))
    given = only(admin_iam.simulate_custom_policy(PolicyInputList=[guarded], ActionNames=["s3:GetObject"], ContextEntries=[entry]))
    denied = only(admin_iam.simulate_custom_policy(PolicyInputList=[guarded, policy(deny("s3:GetObject"))],
                                                   ActionNames=["s3:GetObject"], ContextEntries=[entry]))

    assert (silent["EvalDecision"], silent["MissingContextValues"]) == ("implicitDeny", ["aws:SourceIp"])
    assert (given["EvalDecision"], given["MissingContextValues"]) == ("allowed", [])
    assert denied["EvalDecision"] == "explicitDeny"
    assert [s["SourcePolicyId"] for s in denied["MatchedStatements"]] == ["PolicyInputList.2"]


def test_policies_are_left_out_of_a_simulation(admin_iam):
    admin_iam.create_user(UserName="u")
    admin_iam.put_user_policy(UserName="u", PolicyName="own", PolicyDocument=policy(allow("s3:*")))
    arn = admin_iam.create_policy(PolicyName="queues", PolicyDocument=policy(allow("sqs:*")))["Policy"]["Arn"]
    admin_iam.attach_user_policy(UserName="u", PolicyArn=arn)

    def decision(action, *excluded):
        more = {"PolicyExclusionList": list(excluded)} if excluded else {}
        return only(admin_iam.simulate_principal_policy(PolicySourceArn=user_arn("u"), ActionNames=[action], **more))["EvalDecision"]

    own = {"InlinePolicyIdentifier": {"PolicyName": "own", "AttachmentType": "user", "AttachmentName": "u"}}
    assert decision("s3:GetObject") == decision("sqs:SendMessage") == "allowed"
    assert decision("s3:GetObject", {"PolicyType": "inline"}) == "implicitDeny"
    assert decision("s3:GetObject", own) == "implicitDeny"
    assert decision("s3:GetObject", {"PolicyArn": arn}, {"PolicyType": "rcp"}) == "allowed"
    assert decision("sqs:SendMessage", {"PolicyArn": arn}) == "implicitDeny"
    assert decision("sqs:SendMessage", {"PolicyType": "user-managed"}) == "implicitDeny"
    with refused("InvalidInput", "Invalid policy exclusion", status=400):
        decision("s3:GetObject", {"PolicyArn": f"arn:aws:iam::*:policy/{'x' * 10}"})


def test_levels_of_an_organization_are_given(admin_iam):
    everything, reads = policy(allow("*")), policy(allow("s3:Get*", OBJECT))

    def result(action, *levels):
        return only(admin_iam.simulate_custom_policy(
            PolicyInputList=[everything], ActionNames=[action], ResourceArns=[OBJECT],
            OrderedOrganizationPolicyInputList=[{"ServiceControlPolicyInputList": level} for level in levels]))

    allowed = result("s3:GetObject", [everything], [reads], [everything])
    assert allowed["EvalDecision"] == "allowed"
    assert allowed["OrganizationsDecisionDetail"] == {"AllowedByOrganizations": True}
    refusal = result("s3:PutObject", [everything], [reads])
    assert refusal["EvalDecision"] == "implicitDeny"
    assert refusal["OrganizationsDecisionDetail"] == {"AllowedByOrganizations": False}
    with refused("InvalidInput", "OrderedOrganizationPolicyInputList.2.1", status=400):
        result("s3:GetObject", [everything], ["{}"])


def test_refused_inputs(admin_iam):
    text = policy(allow("*"))
    with refused("InvalidInput", "s3:*"):
        admin_iam.simulate_custom_policy(PolicyInputList=[text], ActionNames=["s3:*"])
    with refused("InvalidInput", "Invalid caller - Caller must be an IAM user in this context."):
        admin_iam.simulate_custom_policy(PolicyInputList=[text], ActionNames=["s3:GetObject"], ResourcePolicy=trust("*"),
                                         CallerArn=f"arn:aws:iam::{ACCOUNT}:role/r")
    with refused("InvalidInput", "PolicyInputList.1"):
        admin_iam.simulate_custom_policy(PolicyInputList=["{}"], ActionNames=["s3:GetObject"])
    with refused("NoSuchEntity", "The user with name gone cannot be found.", status=404):
        admin_iam.simulate_principal_policy(PolicySourceArn=user_arn("gone"), ActionNames=["s3:GetObject"])


def test_paginator_reaches_every_pair(admin_iam):
    pages = admin_iam.get_paginator("simulate_custom_policy").paginate(
        PolicyInputList=[policy(allow("s3:GetObject"))], ActionNames=["s3:GetObject", "s3:PutObject"],
        ResourceArns=[f"{OBJECT}.{n}" for n in range(5)], PaginationConfig={"PageSize": 3})
    results = [result for page in pages for result in page["EvaluationResults"]]

    assert len(results) == 10
    assert len({(r["EvalActionName"], r["EvalResourceName"]) for r in results}) == 10
    assert all((r["EvalDecision"] == "allowed") == (r["EvalActionName"] == "s3:GetObject") for r in results)


def test_simulation_says_what_the_server_does(aws, admin_iam):
    """For a user with every kind of policy: simulated and real decisions agree, for assuming roles too."""
    _, keys = create_user(admin_iam, "ann", allow(["iam:List*", "sts:AssumeRole"]), deny("iam:ListRoles"))
    admin_iam.create_policy(PolicyName="edge", PolicyDocument=policy(allow(["iam:ListUsers", "iam:ListRoles", "sts:*"])))
    admin_iam.put_user_permissions_boundary(UserName="ann", PermissionsBoundary=f"arn:aws:iam::{ACCOUNT}:policy/edge")
    for name, principal in (("mine", user_arn("ann")), ("theirs", user_arn("admin"))):
        admin_iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(principal))
    caller = aws.iam(keys)
    real = {
        "iam:ListUsers": error_code(caller.list_users),
        "iam:ListRoles": error_code(caller.list_roles),
        "iam:ListGroups": error_code(caller.list_groups),
    }
    for action, code in real.items():
        resource = f"arn:aws:iam::{ACCOUNT}:{action[8:-1].lower()}/"
        result = only(admin_iam.simulate_principal_policy(PolicySourceArn=user_arn("ann"), ActionNames=[action],
                                                          ResourceArns=[resource]))
        assert (result["EvalDecision"] == "allowed") == (code is None), action
        assert result["PermissionsBoundaryDecisionDetail"]["AllowedByPermissionsBoundary"] == (action != "iam:ListGroups")
    for name in ("mine", "theirs", "gone"):
        arn = f"arn:aws:iam::{ACCOUNT}:role/{name}"
        code = error_code(aws.sts(keys).assume_role, RoleArn=arn, RoleSessionName="session")
        result = only(admin_iam.simulate_principal_policy(PolicySourceArn=user_arn("ann"), ActionNames=["sts:AssumeRole"],
                                                          ResourceArns=[arn]))
        assert (result["EvalDecision"] == "allowed") == (code is None) == (name == "mine"), name


def test_context_keys(admin_iam):
    create_user(admin_iam, "ann", allow("s3:*", "arn:aws:s3:::b/${aws:username}/*", Bool={"aws:SecureTransport": "true"}))
    more = policy(allow("s3:*", StringEquals={"aws:securetransport": "x", "s3:prefix": "p"}))

    own = admin_iam.get_context_keys_for_principal_policy(PolicySourceArn=user_arn("ann"))["ContextKeyNames"]
    both = admin_iam.get_context_keys_for_principal_policy(PolicySourceArn=user_arn("ann"), PolicyInputList=[more])
    custom = admin_iam.get_context_keys_for_custom_policy(PolicyInputList=[more])["ContextKeyNames"]

    assert sorted(own) == ["aws:SecureTransport", "aws:username"]
    assert sorted(both["ContextKeyNames"]) == ["aws:SecureTransport", "aws:username", "s3:prefix"]
    assert sorted(custom) == ["aws:securetransport", "s3:prefix"]


def test_refusals_carry_a_message_that_administrators_decode(aws, admin_iam):
    _, keys = create_user(admin_iam, "ann", deny("iam:ListUsers"))
    message = message_of(aws.iam(keys).list_users)
    assert message and len(message) <= 3072

    decoded = json.loads(aws.sts(ADMIN).decode_authorization_message(EncodedMessage=message)["DecodedMessage"])

    assert decoded["allowed"] is False
    assert decoded["explicitDeny"] is True
    statement = decoded["matchedStatements"]["items"][0]
    assert statement["effect"] == "DENY"
    assert statement["actions"]["items"] == [{"value": "iam:ListUsers"}]
    context = decoded["context"]
    assert context["principal"]["arn"] == user_arn("ann")
    assert context["action"] == "iam:ListUsers"
    keys_shown = {item["key"]: item["values"]["items"] for item in context["conditions"]["items"]}
    assert keys_shown["aws:username"] == [{"value": "ann"}]


def test_messages_open_for_the_permitted_of_the_same_account_only(aws):
    message = message_of(aws.iam(NOBODY).list_users)
    sts = aws.sts(ADMIN)
    invalid = ("InvalidAuthorizationMessageException", "Invalid Authorization Message")

    with refused("AccessDenied", "sts:DecodeAuthorizationMessage"):
        aws.sts(NOBODY).decode_authorization_message(EncodedMessage=message)
    with refused(*invalid, status=400):
        aws.sts(OTHER_ADMIN).decode_authorization_message(EncodedMessage=message)
    changed = message[:40] + ("A" if message[40] != "A" else "B") + message[41:]
    for text in ("nonsense", message[:-4], changed):
        with refused(*invalid, status=400):
            sts.decode_authorization_message(EncodedMessage=text)


def test_nobody_else_gets_a_message(aws, admin_iam):
    admin_iam.create_role(RoleName="closed", AssumeRolePolicyDocument=trust(user_arn("admin")))
    for name in ("closed", "gone"):
        assert message_of(aws.sts(NOBODY).assume_role, RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{name}", RoleSessionName="session") is None
    aws.s3(ADMIN).create_bucket(Bucket="reports")
    assert message_of(aws.s3(None).get_object, Bucket="reports", Key="k") is None, "anonymous"
    assert message_of(aws.s3(OTHER_ADMIN).get_object, Bucket="reports", Key="k") is None, "another account"
    assert message_of(aws.s3(NOBODY).get_object, Bucket="reports", Key="k") is not None


@pytest.fixture
def organization(tmp_path):
    """A server of its own whose first account is under an SCP, and whose buckets are closed to other organizations."""
    document = bootstrap.document()
    document["accounts"][0] |= {
        "organization": {"id": "o-example", "path": "o-example/r-1/"},
        "scps": [[json.loads(policy(allow("*")))], [json.loads(policy(allow("*"))), json.loads(policy(deny("iam:CreateUser")))]],
        "rcps": [[json.loads(policy(allow("*") | {"Principal": "*"}))],
                 [json.loads(policy(allow("*") | {"Principal": "*"},
                                    deny("s3:*", StringNotEqualsIfExists={"aws:PrincipalOrgID": "o-example"}) | {"Principal": "*"}))]],
    }
    file = tmp_path / "bootstrap.json"
    file.write_text(json.dumps(document))
    with_org = Server(["--dev", "--listen", "127.0.0.1:0", "--bootstrap", file], tmp_path).start()
    yield Aws(with_org.url, tmp_path)
    assert with_org.stop() == 0


def test_organization_policies_hold_for_everyone(organization):
    for keys in (ADMIN, bootstrap.ROOT):
        with refused("AccessDenied", "with an explicit deny in a service control policy"):
            organization.iam(keys).create_user(UserName="ann")
        organization.iam(keys).create_group(GroupName=f"group-{keys.access_key}")
    organization.iam(OTHER_ADMIN).create_user(UserName="ann")

    own = organization.s3(ADMIN)
    own.create_bucket(Bucket="reports")
    own.put_bucket_policy(Bucket="reports", Policy=policy(
        allow("s3:GetObject", "arn:aws:s3:::reports/*") | {"Principal": {"AWS": bootstrap.OTHER_ACCOUNT}}))
    own.put_object(Bucket="reports", Key="k", Body=b"x")
    assert own.get_object(Bucket="reports", Key="k")["Body"].read() == b"x"
    assert error_code(organization.s3(OTHER_ADMIN).get_object, Bucket="reports", Key="k") == "AccessDenied"

    result = only(organization.iam(ADMIN).simulate_principal_policy(PolicySourceArn=user_arn("admin"),
                                                                    ActionNames=["iam:CreateUser"]))
    assert result["EvalDecision"] == "explicitDeny"
    assert result["OrganizationsDecisionDetail"] == {"AllowedByOrganizations": False}


def run(*arguments, stdin="", code=0):
    done = subprocess.run([BINARY, *arguments], input=stdin, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def test_org_commands(tmp_path):
    data = ["--data", tmp_path / "data"]
    bootstrap_file = tmp_path / "bootstrap.json"
    bootstrap_file.write_text(json.dumps(bootstrap.document()))
    run("init", *data, "--bootstrap", bootstrap_file, "--save-credentials", tmp_path / "keys")
    full, denial = tmp_path / "full.json", tmp_path / "deny.json"
    full.write_text(policy(allow("*")))
    denial.write_text(policy(deny("iam:CreateUser")))
    both = tmp_path / "both.json"
    both.write_text(json.dumps([json.loads(full.read_text()), {"name": "no-users", "document": json.loads(denial.read_text())}]))
    account = ["--account", ACCOUNT]

    assert json.loads(run("org", "show", *data, *account).stdout) == {}
    run("org", "set", *data, *account, "--organization", "o-abc", "--path", "o-abc/r-1/")
    run("org", "set-scp", *data, *account, full, both)
    shown = json.loads(run("org", "show", *data, *account).stdout)
    assert shown["organization"] == {"id": "o-abc", "path": "o-abc/r-1/", "management": False}
    assert [p["name"] for level in shown["scps"] for p in level] == ["scp.1.1", "scp.2.1", "no-users"]

    assert "allows nothing" in run("org", "set-scp", *data, *account, denial).stderr
    assert "MalformedPolicy" not in run("org", "set-rcp", *data, *account, full, code=3).stdout, "an RCP names principals"
    assert "another organization" in run("org", "set", *data, *account, "--path", "o-xyz/r-1/", code=3).stderr
    assert "there is no account" in run("org", "show", *data, "--account", "999999999999", code=3).stderr
    run("org", "clear", *data, *account)
    assert json.loads(run("org", "show", *data, *account).stdout) == {}


def test_why_denied_page_runs():
    done = subprocess.run(["sh", ROOT / "docs/guide/why-denied/run.sh"], env={"SIGNET": str(BINARY), "PATH": "/usr/bin:/bin"},
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    page = (ROOT / "docs/guide/why-denied.md").read_text(encoding="utf-8")
    trace = run("policy", "explain", ROOT / "docs/guide/why-denied/question.json").stdout
    for line in ("ExplicitlyDenied (resource)", "yes Condition BoolIfExists aws:MultiFactorAuthPresent: false  <-  (absent)"):
        assert line in page and line in trace, line


def test_policy_explain_from_flags(tmp_path):
    file = tmp_path / "ann.json"
    file.write_text('{"Version":"2012-10-17",\n "Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*",\n'
                    '  "Condition":{"StringEquals":{"aws:SourceIp":"x"}}}]}')
    flags = ["--principal", user_arn("ann"), "--action", "s3:GetObject", "--resource", OBJECT, "--policy", file]

    denied = json.loads(run("policy", "explain", "--format", "json", *flags).stdout)
    allowed = run("policy", "explain", *flags, "--context", "aws:SourceIp=x").stdout

    assert denied["verdict"] == "ImplicitlyDenied"
    assert denied["missing_keys"] == ["aws:SourceIp"]
    assert denied["statements"][0]["begin"] == {"line": 2, "column": 15}
    assert allowed.startswith("Allowed (identity)")
    run("policy", "explain", "-", stdin='{"action":7}', code=3)


def test_policy_eval_batch():
    allowed = {"id": 1, "principal": user_arn("ann"), "action": "svc:Anything", "resource": "*",
               "identity_policies": [json.loads(policy(allow("svc:*")))]}
    lines = [allowed, allowed | {"id": "b", "action": "other:Thing"}, {"id": 3, "action": "a:b", "identity_policies": ["{"]}]

    good = run("policy", "eval", "--batch", stdin="\n".join(json.dumps(line) for line in lines[:2]))
    bad = run("policy", "eval", "--batch", stdin="\n".join(json.dumps(line) for line in lines) + "\n", code=1)

    answers = [json.loads(line) for line in bad.stdout.splitlines()]
    assert bad.stdout.startswith(good.stdout)
    assert [(a["id"], a.get("verdict")) for a in answers] == [(1, "Allowed"), ("b", "ImplicitlyDenied"), (3, None)]
    assert "error" in answers[2]


def test_policy_check_formats(tmp_path):
    broad, broken, clean = (tmp_path / name for name in ("broad.json", "broken.json", "clean.json"))
    broad.write_text(policy(allow("iam:PassRole")))
    broken.write_text('{"Version":"2012-10-17","Statement":[{"Effect":"allow","Action":"s3:*","Resource":"*"}]}')
    clean.write_text(policy(allow("s3:GetObject", "arn:aws:s3:::reports/*")))

    assert "error" in run("policy", "check", broken, code=1).stdout
    run("policy", "check", clean)
    run("policy", "check", broad, code=1)
    run("policy", "check", "--fail-on", "error", broad)
    sarif = json.loads(run("policy", "check", "--format", "sarif", broad, broken, code=1).stdout)
    assert sarif["version"] == "2.1.0"
    assert sarif["runs"][0]["results"]
    run("policy", "check", tmp_path / "missing.json", code=3)
