"""A refusal explains itself to the operator, in the audit record; the caller learns what AWS says and no more."""
import json
import subprocess

import botocore.exceptions
import pytest

from support import bootstrap
from support.aws import Aws
from support.bootstrap import Keys
from support.people import WITH_MFA, allow, create_user, deny, enrol, policy, trust
from support.server import BINARY, Clock, Server
from support.trail import Trail

ACCOUNT = bootstrap.ACCOUNT


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("refusals")
    file = folder / "bootstrap.json"
    file.write_text(json.dumps(bootstrap.document()))
    (folder / "trail").mkdir()
    trail = Trail(folder / "trail" / "audit.jsonl")
    server = Server(["--dev", "--listen", "127.0.0.1:0", "--bootstrap", file, "--audit", trail.path], folder).start()
    yield server, Aws(server.url, folder), trail, folder / "server.log"
    assert server.stop() == 0


@pytest.fixture(scope="module")
def cast(recorded):
    """A user who may assume roles, and a role for each way to be refused."""
    server, aws, _, _ = recorded
    iam = aws.iam(bootstrap.ADMIN)
    user, keys = create_user(iam, "worker", allow("sts:AssumeRole"))
    _, without = create_user(iam, "unable")
    _, fenced = create_user(iam, "fenced", allow("sts:AssumeRole"))
    boundary = iam.create_policy(PolicyName="fence", PolicyDocument=policy(allow("s3:*")))["Policy"]["Arn"]
    iam.put_user_permissions_boundary(UserName="fenced", PermissionsBoundary=boundary)
    _, barred = create_user(iam, "barred", allow("sts:*"), deny("sts:AssumeRole"))
    serial, _ = enrol(iam, "worker", Clock(server))
    everybody = f"arn:aws:iam::{ACCOUNT}:root"
    for name, document in {
            "Open": trust(everybody), "forgets": trust(f"arn:aws:iam::{ACCOUNT}:user/admin"),
            "external": trust(user["Arn"], StringEquals={"sts:ExternalId": "acme-42"}), "with-mfa": trust(user["Arn"], **WITH_MFA)}.items():
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)
    aws.iam(bootstrap.OTHER_ADMIN).create_role(RoleName="theirs", AssumeRolePolicyDocument=trust(
        f"arn:aws:iam::{bootstrap.OTHER_ACCOUNT}:root"))
    return {"worker": keys, "unable": without, "fenced": fenced, "barred": barred, "serial": serial}


def refusal_of(trail, call, **arguments):
    """What the record of a refused call says, and what the caller was told."""
    with pytest.raises(botocore.exceptions.ClientError) as error:
        call(**arguments)
    request_id = error.value.response["ResponseMetadata"]["RequestId"]
    is_of_stranger = error.value.response["Error"]["Code"] not in ("AccessDenied", "AccessDeniedException")
    record = trail.await_records(lambda record: record["requestID"] == request_id, strangers=is_of_stranger)[0]
    return record["additionalEventData"]["refusal"], error.value.response["Error"]["Message"]


def unmet(refusal):
    return {part["part"]: (part["wanted"], part["given"]) for statement in refusal["nearest"] for part in statement["unmet"]}


NO_TRUST = "because no role trust policy allows the sts:AssumeRole action"


@pytest.mark.parametrize("who, role, arguments, reason, more", [
    ("worker", "none", {}, "there is no such role", None),
    ("worker", "open", {}, f"ARNs are exact, case and path included, and there is arn:aws:iam::{ACCOUNT}:role/Open", None),
    ("worker", "arn:aws:iam::999999999999:role/x", {}, "there is no account 999999999999 here", None),
    ("worker", "forgets", {}, NO_TRUST, "Principal"),
    ("worker", "external", {}, NO_TRUST, "Condition StringEquals sts:ExternalId"),
    ("worker", "external", {"ExternalId": "acme-43"}, NO_TRUST, "Condition StringEquals sts:ExternalId"),
    ("worker", "with-mfa", {}, NO_TRUST, "Condition Bool aws:MultiFactorAuthPresent"),
    ("worker", f"arn:aws:iam::{bootstrap.OTHER_ACCOUNT}:role/theirs", {}, NO_TRUST, "Principal"),
    ("unable", "Open", {}, "because no identity-based policy allows the sts:AssumeRole action", None),
    ("fenced", "Open", {}, "because no permissions boundary allows the sts:AssumeRole action", None),
    ("barred", "Open", {}, "with an explicit deny in an identity-based policy", None),
])
def test_each_reason_of_a_refused_assume_role_is_in_the_record_alone(recorded, cast, who, role, arguments, reason, more):
    _, aws, trail, _ = recorded
    arn = role if role.startswith("arn:") else f"arn:aws:iam::{ACCOUNT}:role/{role}"

    refusal, told = refusal_of(trail, aws.sts(cast[who]).assume_role, RoleArn=arn, RoleSessionName="night", **arguments)

    assert told == f"User: arn:aws:iam::{ACCOUNT}:user/{who} is not authorized to perform: sts:AssumeRole on resource: {arn}"
    assert reason in refusal["reason"]
    if "no such" not in reason and "account" not in reason and "exact" not in reason:
        assert refusal["context"]["sts:RoleSessionName"] == "night"
        assert refusal["context"].get("sts:ExternalId") == arguments.get("ExternalId")
    if more:
        assert list(unmet(refusal)) == [more]
        assert refusal["policyType"] == "trust"
    if "explicit deny" in reason:
        assert refusal["denials"] == [{"policy": "inline", "statement": 1}]


def test_the_record_shows_what_a_condition_wanted_and_got(recorded, cast):
    _, aws, trail, _ = recorded
    refusal, _ = refusal_of(trail, aws.sts(cast["worker"]).assume_role, RoleArn=f"arn:aws:iam::{ACCOUNT}:role/external",
                            RoleSessionName="night", ExternalId="acme-43")
    assert unmet(refusal) == {"Condition StringEquals sts:ExternalId": ("acme-42", "acme-43")}


@pytest.mark.parametrize("code, serial, reason", [
    ("000000", None, "the MFA code is wrong"),
    ("000000", "arn:aws:iam::123456789012:mfa/none", "there is no MFA device")])
def test_a_refused_mfa_code_says_why(recorded, cast, code, serial, reason):
    _, aws, trail, _ = recorded
    refusal, told = refusal_of(trail, aws.unchecked("sts", cast["worker"]).assume_role, RoleArn=f"arn:aws:iam::{ACCOUNT}:role/Open",
                               RoleSessionName="night", SerialNumber=serial or cast["serial"], TokenCode=code)
    assert told.startswith("MultiFactorAuthentication failed")
    assert refusal["reason"].startswith(reason)


def test_a_used_mfa_code_says_so(recorded):
    server, aws, trail, _ = recorded
    iam = aws.iam(bootstrap.ADMIN)
    _, keys = create_user(iam, "twice")
    serial, otp = enrol(iam, "twice", Clock(server))
    code = otp.next_code()
    aws.sts(keys).get_session_token(SerialNumber=serial, TokenCode=code)

    refusal, told = refusal_of(trail, aws.sts(keys).get_session_token, SerialNumber=serial, TokenCode=code)

    assert "verify your MFA serial number is valid" in told
    assert refusal["reason"] == "the MFA code was used before: each works once, enabling the device included"


def test_a_session_policy_that_refuses_is_named(recorded):
    _, aws, trail, _ = recorded
    iam = aws.iam(bootstrap.ADMIN)
    role = iam.create_role(RoleName="narrowed", AssumeRolePolicyDocument=trust(f"arn:aws:iam::{ACCOUNT}:root"))["Role"]["Arn"]
    iam.attach_role_policy(RoleName="narrowed", PolicyArn=bootstrap.ADMINISTRATOR)
    session = aws.sts(bootstrap.ADMIN).assume_role(RoleArn=role, RoleSessionName="work", Policy=policy(allow("s3:*")))["Credentials"]

    refusal, told = refusal_of(trail, aws.iam(Keys.of(session)).list_users)

    assert refusal["reason"] == "because no session policy allows the iam:ListUsers action"
    assert told.endswith(refusal["reason"])
    assert (refusal["policyType"], refusal["policyAccount"]) == ("session", ACCOUNT)


def test_a_stranger_who_is_refused_an_object_has_a_reason_too(recorded):
    _, aws, trail, _ = recorded
    aws.s3(bootstrap.ADMIN).create_bucket(Bucket="not-public")
    with pytest.raises(botocore.exceptions.ClientError) as error:
        aws.s3(None).list_objects_v2(Bucket="not-public")
    assert error.value.response["Error"]["Message"] == "Access Denied"
    record = trail.await_records(lambda record: "not-public" in json.dumps(record), strangers=True)[0]
    assert record["additionalEventData"]["refusal"]["reason"] == "because no resource-based policy allows the s3:ListBucket action"


def test_credentials_that_are_refused_say_why(recorded):
    _, aws, trail, _ = recorded
    iam = aws.iam(bootstrap.ADMIN)
    _, keys = create_user(iam, "keyed")
    session = Keys.of(aws.sts(keys).get_session_token()["Credentials"])
    identity = "get_caller_identity"

    def reason(service, some_keys, call, **arguments):
        return refusal_of(trail, getattr(aws.client(service, some_keys), call), **arguments)[0]["reason"]

    assert reason("sts", Keys("AKIANOSUCHKEY0000000", "x"), identity) == "there is no such access key"
    assert "without its session token" in reason("sts", Keys(session.access_key, session.secret_key), identity)
    assert "cannot be opened" in reason("sts", Keys(session.access_key, session.secret_key, session.token[:-9]), identity)
    assert "came with another access key" in reason("s3", Keys(keys.access_key, keys.secret_key, session.token), "list_buckets")
    assert "made with an MFA code" in refused_by_kind(aws, trail, session)
    iam.update_access_key(UserName="keyed", AccessKeyId=keys.access_key, Status="Inactive")
    assert reason("sts", keys, identity) == "the access key is inactive"


def refused_by_kind(aws, trail, session):
    """The caller is known here, though the code is that of a stranger."""
    with pytest.raises(botocore.exceptions.ClientError) as error:
        aws.iam(session).get_user()
    request_id = error.value.response["ResponseMetadata"]["RequestId"]
    record = trail.await_records(lambda record: record["requestID"] == request_id)[0]
    return record["additionalEventData"]["refusal"]["reason"]


def test_a_signature_that_differs_names_the_command_in_record_and_log(recorded):
    _, aws, trail, log = recorded
    refusal, _ = refusal_of(trail, aws.sts(Keys(bootstrap.ADMIN.access_key, "not it")).get_caller_identity)
    assert "`signet sigv4 explain`" in refusal["reason"]
    lines = [json.loads(line) for line in log.read_text().splitlines() if "signature_refused" in line]
    assert lines and lines[-1]["access_key_id"] == bootstrap.ADMIN.access_key
    assert "signet sigv4 explain" in lines[-1]["hint"]


def test_what_is_allowed_carries_no_refusal(recorded):
    _, aws, trail, _ = recorded
    aws.iam(bootstrap.ADMIN).create_user(UserName="plain")
    assert "refusal" not in json.dumps(trail.event("CreateUser", '"plain"'))


# --- `signet policy explain` on a data folder ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A durable folder with refused requests in its trail: (folder, server, {name: request id})."""
    folder = tmp_path_factory.mktemp("kept")
    file = folder / "bootstrap.json"
    file.write_text(json.dumps(bootstrap.document()))
    data = folder / "data"
    server = Server(["--data", data, "--listen", "127.0.0.1:0", "--bootstrap", file], folder).start()
    aws = Aws(server.url, folder)
    iam = aws.iam(bootstrap.ADMIN)
    user, keys = create_user(iam, "worker", allow("sts:AssumeRole"))
    iam.create_group(GroupName="readers")
    iam.add_user_to_group(GroupName="readers", UserName="worker")
    iam.put_group_policy(GroupName="readers", PolicyName="read", PolicyDocument=policy(allow("s3:Get*")))
    role = iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=trust(user["Arn"], StringEquals={"sts:ExternalId": "acme-42"}))
    iam.attach_role_policy(RoleName="deploy", PolicyArn=bootstrap.ADMINISTRATOR)
    arn = role["Role"]["Arn"]
    session = aws.sts(keys).assume_role(RoleArn=arn, RoleSessionName="work", ExternalId="acme-42", Policy=policy(allow("s3:*")))
    aws.s3(bootstrap.ADMIN).create_bucket(Bucket="kept-bucket")
    refused = {
        "trust": (aws.sts(keys).assume_role, {"RoleArn": arn, "RoleSessionName": "night", "ExternalId": "acme-43"}),
        "session": (aws.iam(Keys.of(session["Credentials"])).list_users, {}),
        "bucket": (aws.s3(bootstrap.OTHER_ADMIN).list_objects_v2, {"Bucket": "kept-bucket"}),
        "signature": (aws.sts(Keys(keys.access_key, "not it")).get_caller_identity, {}),
        "none": (aws.sts(keys).assume_role, {"RoleArn": arn.replace("deploy", "Deploy"), "RoleSessionName": "night"}),
    }
    ids = {}
    for name, (call, arguments) in refused.items():
        with pytest.raises(botocore.exceptions.ClientError) as error:
            call(**arguments)
        ids[name] = error.value.response["ResponseMetadata"]["RequestId"]
    ids["allowed"] = iam.list_users()["ResponseMetadata"]["RequestId"]
    trail = Trail(data / "audit.jsonl")
    trail.await_records(lambda record: record["requestID"] == ids["allowed"])
    trail.await_records(lambda record: record["requestID"] == ids["signature"], strangers=True)
    yield data, server, ids
    server.stop()


def explain(data, *arguments):
    done = subprocess.run([str(BINARY), "policy", "explain", "--data", str(data), *arguments], capture_output=True, text=True, timeout=60,
                          check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_request_id_is_enough_for_the_whole_trace(kept):
    data, _, ids = kept
    text = explain(data, "--request-id", ids["trust"])
    recorded, now = text.split("With the policies of now:")
    assert NO_TRUST in recorded
    assert "no  Condition StringEquals sts:ExternalId: acme-42  <-  acme-43" in recorded
    assert "ImplicitlyDenied (trust)" in now
    assert "trust policy of role deploy" in now and "worker's inline policy inline" in now
    assert "group readers's inline policy read" in now
    assert "yes Principal" in now and "no  Condition StringEquals sts:ExternalId: acme-42  <-  acme-43" in now


def test_a_session_is_explained_with_the_policy_that_it_was_issued_with(kept):
    data, _, ids = kept
    text = explain(data, "--request-id", ids["session"])
    assert "ImplicitlyDenied (session)" in text
    assert "session_policy" in text and bootstrap.ADMINISTRATOR in text


def test_requests_across_accounts_and_without_a_decision_are_explained(kept):
    data, _, ids = kept
    assert "(resource)" in explain(data, "--request-id", ids["bucket"])
    assert "`signet sigv4 explain`" in explain(data, "--request-id", ids["signature"])
    assert "there is arn:aws:iam::123456789012:role/deploy" in explain(data, "--request-id", ids["none"])
    assert "No policy refused it." in explain(data, "--request-id", ids["allowed"])


def test_the_answer_for_programs_is_one_json_object(kept):
    data, _, ids = kept
    answer = json.loads(explain(data, "--request-id", ids["trust"], "--format", "json"))
    assert answer["record"]["requestID"] == ids["trust"]
    assert (answer["now"]["verdict"], answer["now"]["reason"]) == ("ImplicitlyDenied", "trust")
    assert json.loads(explain(data, "--request-id", ids["signature"], "--format", "json"))["now"] is None


def test_the_trail_of_a_trial_tells_the_recorded_part(recorded, cast):
    _, aws, trail, _ = recorded
    with pytest.raises(botocore.exceptions.ClientError) as error:
        aws.iam(cast["unable"]).list_users()
    request_id = error.value.response["ResponseMetadata"]["RequestId"]
    trail.await_records(lambda record: record["requestID"] == request_id)
    done = subprocess.run([str(BINARY), "policy", "explain", "--request-id", request_id, "--audit", str(trail.path)],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "because no identity-based policy allows the iam:ListUsers action" in done.stdout
    assert "With the policies of now" not in done.stdout


def ask_role(data, *context):
    return explain(data, "--principal", "worker", "--action", "sts:AssumeRole", "--resource",
                   f"arn:aws:iam::{ACCOUNT}:role/deploy", *[word for pair in context for word in ("--context", pair)])


def test_a_folder_fills_in_everything_but_the_request(kept):
    data, _, _ = kept
    assert ask_role(data).startswith("ImplicitlyDenied (trust)")
    assert ask_role(data, "sts:ExternalId=acme-42").startswith("Allowed")
    other = explain(data, "--principal", f"arn:aws:iam::{bootstrap.OTHER_ACCOUNT}:user/admin", "--action", "s3:GetObject",
                    "--resource", "arn:aws:s3:::kept-bucket/k")
    assert other.startswith("ImplicitlyDenied (resource)")
    assert "ExplainPolicy" in (data / "audit.jsonl").read_text()


def bytes_of(data):
    """All files of a folder but the one that says which process has it."""
    return {file.name: file.read_bytes() for file in data.iterdir() if file.is_file() and file.name != "lock"}


def test_a_stopped_folder_answers_the_same_and_is_not_changed(kept, tmp_path):
    data, server, ids = kept
    running = [ask_role(data, "sts:ExternalId=acme-42"), explain(data, "--request-id", ids["session"])]
    assert server.stop() == 0
    before = bytes_of(data)

    stopped = [ask_role(data, "sts:ExternalId=acme-42"), explain(data, "--request-id", ids["session"])]

    assert stopped == running
    assert bytes_of(data) == before
