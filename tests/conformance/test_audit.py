"""The audit trail: every door and every refusal leaves one record, that says what was done, and nobody can push it out."""
import json
import os
import signal
import socket
import subprocess
import time
import urllib.request

import pytest

from support import bootstrap
from support.aws import Aws
from support.bootstrap import Keys
from support.browser import Browser
from support.people import allow, create_user, enrol, error_code, policy, trust
from support.server import BINARY, Clock, Server
from support.trail import Trail, files_of, recording_server
from support.wire import Wire
from test_console_federation import SignIn

DENIED = "AccessDenied"
KEY = "\u00e9/k"


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """A dev server that records, for the whole module; tests tell their records by names of their own."""
    with recording_server(tmp_path_factory.mktemp("audit")) as parts:
        yield parts
    trail = parts[2]
    assert trail.verify()[0] == 0, trail.verify()[1]


def named(text, records):
    """Event name -> the record of that event that mentions the text."""
    return {record["eventName"]: record for record in records if text in json.dumps(record)}


def test_a_write_is_recorded_with_parameters_and_answer_before_it_is_answered(recorded):
    _, aws, trail = recorded
    iam = aws.iam(bootstrap.ADMIN)
    document = policy(allow("s3:GetObject", "arn:aws:s3:::evidence/*"))

    iam.create_user(UserName="audited", Path="/a/", Tags=[{"Key": "team", "Value": "x"}])
    iam.put_user_policy(UserName="audited", PolicyName="inline", PolicyDocument=document)
    iam.attach_user_policy(UserName="audited", PolicyArn=bootstrap.ADMINISTRATOR)
    records = named("audited", trail.records())  # no waiting

    created = records["CreateUser"]
    assert created["requestParameters"] == {"path": "/a/", "userName": "audited", "tags": [{"key": "team", "value": "x"}]}
    assert created["responseElements"]["user"]["arn"] == "arn:aws:iam::123456789012:user/a/audited"
    assert created["readOnly"] is False and created["eventSource"] == "iam.amazonaws.com"
    assert created["userIdentity"]["userName"] == "admin"
    assert {check["action"] for check in created["additionalEventData"]["checkedActions"]} == {"iam:CreateUser", "iam:TagUser"}
    assert records["PutUserPolicy"]["requestParameters"]["policyDocument"] == document
    assert records["AttachUserPolicy"]["requestParameters"] == {"userName": "audited", "policyArn": bootstrap.ADMINISTRATOR}
    assert records["AttachUserPolicy"]["responseElements"] is None
    assert records["AttachUserPolicy"]["resources"][0]["type"] == "AWS::IAM::User"


def test_a_refusal_is_recorded_with_what_was_wanted(recorded):
    _, aws, trail = recorded

    assert error_code(aws.iam(bootstrap.NOBODY).create_role, RoleName="wanted", AssumeRolePolicyDocument=trust("*")) == DENIED

    record = trail.event("CreateRole", DENIED)
    assert record["requestParameters"]["roleName"] == "wanted"
    assert record["responseElements"] is None
    assert record["userIdentity"]["userName"] == "nobody"
    assert record["errorMessage"].startswith("User: arn:aws:iam::123456789012:user/nobody is not authorized")


def test_assume_role_ties_the_later_call_to_the_person(recorded):
    _, aws, trail = recorded
    iam = aws.iam(bootstrap.ADMIN)
    user, keys = create_user(iam, "tied", allow("sts:AssumeRole"))
    role = iam.create_role(RoleName="tied-role", AssumeRolePolicyDocument=trust(user["Arn"]))["Role"]
    answer = aws.sts(keys).assume_role(RoleArn=role["Arn"], RoleSessionName="evidence")
    session = Keys.of(answer["Credentials"])
    aws.sts(session).get_caller_identity()

    issued = trail.event("AssumeRole", "evidence")
    used = trail.await_records(lambda record: record.get("userIdentity", {}).get("accessKeyId") == session.access_key)[0]

    assert issued["userIdentity"]["arn"] == user["Arn"]
    assert issued["requestParameters"] == {"roleArn": role["Arn"], "roleSessionName": "evidence"}
    assert issued["responseElements"]["credentials"]["accessKeyId"] == session.access_key
    assert issued["resources"] == [{"ARN": role["Arn"], "accountId": "123456789012", "type": "AWS::IAM::Role"}]
    assert used["userIdentity"]["type"] == "AssumedRole"
    assert used["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"] == role["Arn"]
    for secret in (session.secret_key, session.token, keys.secret_key):
        assert secret not in trail.text()


def test_no_secret_is_in_any_record(recorded):
    server, aws, trail = recorded
    iam = aws.iam(bootstrap.ADMIN)
    secrets = ["Correct-horse-1", "Zebra-crossing-77", "Zebra-crossing-78"]
    _, keys = create_user(iam, "secretive", allow(["iam:ChangePassword", "sts:*"]))
    iam.create_login_profile(UserName="secretive", Password=secrets[1])
    aws.iam(keys).change_password(OldPassword=secrets[1], NewPassword=secrets[2])
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="secretive")["VirtualMFADevice"]
    secrets += [device["Base32StringSeed"].decode(), keys.secret_key]
    serial, otp = enrol(iam, "secretive", Clock(server))
    code = otp.next_code()
    session = aws.sts(keys).get_session_token(SerialNumber=serial, TokenCode=code)["Credentials"]
    secrets += [session["SecretAccessKey"], session["SessionToken"]]
    link = aws.s3(keys).generate_presigned_url("get_object", Params={"Bucket": "b", "Key": "k"})
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(link, timeout=10)
    secrets.append(link.split("Signature=")[1].split("&")[0])
    trail.await_records(lambda record: record["eventName"] == "GetObject" and record["userIdentity"]["userName"] == "secretive")

    changed = trail.event("ChangePassword", "secretive")
    assert changed["requestParameters"] is None
    key = [record for record in trail.records() if record["eventName"] == "CreateAccessKey"][-1]
    assert key["responseElements"]["accessKey"]["accessKeyId"] == keys.access_key
    asked = trail.event("GetSessionToken", "secretive")
    assert asked["requestParameters"] == {"serialNumber": serial}
    assert asked["responseElements"]["credentials"]["accessKeyId"] == session["AccessKeyId"]
    text = trail.text()
    for secret in secrets:
        assert secret not in text


def test_objects_are_recorded_before_the_answer(recorded):
    _, aws, trail = recorded
    s3 = aws.s3(bootstrap.ADMIN)
    s3.create_bucket(Bucket="audited-bucket")
    s3.put_object(Bucket="audited-bucket", Key=KEY, Body=b"12345", StorageClass="STANDARD")
    s3.put_bucket_policy(Bucket="audited-bucket", Policy=policy(
        {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::audited-bucket/x"}))
    s3.delete_objects(Bucket="audited-bucket", Delete={"Objects": [{"Key": KEY}, {"Key": "none"}]})
    records = named("audited-bucket", trail.records())  # no waiting

    assert records["CreateBucket"]["requestParameters"]["bucketName"] == "audited-bucket"
    assert records["CreateBucket"]["eventCategory"] == "Management"
    put = records["PutObject"]
    assert put["requestParameters"]["key"] == KEY and put["requestParameters"]["x-amz-storage-class"] == "STANDARD"
    assert put["additionalEventData"]["bytesTransferredIn"] == 5
    assert put["additionalEventData"]["SignatureVersion"] == "SigV4"
    assert put["eventCategory"] == "Data" and put["readOnly"] is False
    assert put["resources"][0]["ARN"] == f"arn:aws:s3:::audited-bucket/{KEY}"
    assert "audited-bucket/x" in records["PutBucketPolicy"]["requestParameters"]["bucketPolicy"]
    assert records["DeleteObjects"]["requestParameters"]["delete"] == {"objects": [{"key": KEY}, {"key": "none"}]}


def test_operations_that_are_not_written_keep_their_names(recorded):
    _, aws, trail = recorded
    assert error_code(aws.s3(bootstrap.ADMIN).get_object_torrent, Bucket="no-such-bucket-at-all", Key="k")

    record = trail.event("GetObjectTorrent", "no-such-bucket")
    assert record["errorCode"] == "NotImplemented"
    assert record["requestParameters"]["bucketName"] == "no-such-bucket-at-all"


def test_the_web_door_is_recorded_under_awss_names(recorded):
    server, aws, trail = recorded
    iam = aws.iam(bootstrap.ADMIN)
    user, keys = create_user(iam, "guest", allow("sts:AssumeRole"))
    role = iam.create_role(RoleName="guest-role", AssumeRolePolicyDocument=trust(user["Arn"]))["Role"]
    session = Keys.of(aws.sts(keys).assume_role(RoleArn=role["Arn"], RoleSessionName="guests")["Credentials"])
    sign_in = SignIn(server.port)

    token = sign_in.token(session)
    assert sign_in.token_answer(Keys(session.access_key, "wrong", session.token))[0] == 400
    status, headers, _ = sign_in.login(token)
    assert status == 302
    assert sign_in.login(token)[0] == 400
    cookie = headers["Set-Cookie"].split(";")[0]
    assert sign_in.request("GET", {"Action": "logout"}, cookie=cookie)[0] == 200

    arn = "arn:aws:sts::123456789012:assumed-role/guest-role/guests"
    given = trail.event("GetSigninToken", arn)
    assert given["eventType"] == "AwsConsoleSignIn" and given["eventSource"] == "signin.amazonaws.com"
    assert given["userIdentity"]["arn"] == arn and given["responseElements"] == {"GetSigninToken": "Success"}
    login = trail.event("ConsoleLogin", arn)
    assert login["userIdentity"]["arn"] == arn and login["responseElements"] == {"ConsoleLogin": "Success"}
    assert login["additionalEventData"]["MFAUsed"] == "No"
    assert login["additionalEventData"]["LoginTo"] == "https://console.aws.amazon.com/"
    assert trail.event("Logout", arn)["userIdentity"]["arn"] == arn
    bad = trail.event("GetSigninToken", "Failure", strangers=True)
    assert bad["responseElements"] == {"GetSigninToken": "Failure"} and bad["errorMessage"] == "Failed authentication"
    assert trail.event("ConsoleLogin", "Failure", strangers=True)["responseElements"] == {"ConsoleLogin": "Failure"}
    assert token not in trail.text() and cookie.split("=")[1] not in trail.text()


def test_what_nobody_vouches_for_has_a_file_of_its_own_and_short_quotes(recorded):
    server, aws, trail = recorded
    before = len(trail.strangers())
    wire = Wire(server)
    long = "x" * 1500
    assert wire.send("POST", "/", {"User-Agent": long, "X-Amz-Date": long}, f"Action={long}", None, "sts", False).status >= 400
    assert not wire.query("iam", "ListUsers", {}, bootstrap.ADMIN, tamper=True).is_ok
    assert not wire.query("iam", "ListUsers", {}, Keys("AKIANOSUCHKEY0000000", "secret")).is_ok
    assert not wire.s3("GET", "/some-bucket/key", None).is_ok
    assert not wire.s3("GET", "/some-bucket/key", bootstrap.ADMIN, tamper=True).is_ok
    wire.close()
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as raw:
        raw.sendall(b"GARBAGE\r\n\r\n")
        assert b"400" in raw.recv(1000)

    trail.await_records(lambda record: record["eventName"] == "MalformedRequest", strangers=True)
    fresh = trail.strangers()[before:]
    assert len(fresh) == 6, [record["eventName"] for record in fresh]
    assert all(len(str(value)) <= 300 for record in fresh for value in record.values() if isinstance(value, str))
    assert not [record for record in trail.records() if record.get("errorCode") in ("SignatureDoesNotMatch", "MissingAuthenticationToken")]
    assert error_code(aws.sts(bootstrap.ADMIN).get_caller_identity) is None


def start(home, *more):
    home.mkdir(exist_ok=True)
    file = home / "bootstrap.json"
    file.write_text(json.dumps(bootstrap.document()))
    server = Server(["--listen", "127.0.0.1:0", "--data", home / "data", "--bootstrap", file, *more], home).start()
    return server, Aws(server.url, home), Trail(home / "data" / "audit.jsonl")


def test_a_flood_without_credentials_leaves_every_earlier_record(tmp_path):
    server, aws, trail = start(tmp_path, "--audit-rotate", "1")
    aws.iam(bootstrap.ADMIN).create_user(UserName="evidence-user")
    line = b"POST / HTTP/1.1\r\nHost: x\r\nUser-Agent: " + b"u" * 1024 + b"\r\nX-Amz-Date: " + b"d" * 1900
    request = line + b"\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1507\r\n\r\nAction=" + b"a" * 1500
    for _ in range(10):
        with socket.create_connection(("127.0.0.1", server.port), timeout=30) as raw:
            raw.sendall(request * 300)
            raw.shutdown(socket.SHUT_WR)
            while raw.recv(65536):
                pass
    size = sum(file.stat().st_size for file in trail.path.parent.glob("audit*"))

    assert len([record for record in trail.records() if record["eventName"] == "CreateUser"]) == 1
    assert size < 20_000_000
    assert server.stop() == 0
    assert trail.verify()[0] == 0


def test_files_are_kept_and_chained_over_rotation_restart_and_kill(tmp_path):
    for round_number in range(3):
        server, aws, trail = start(tmp_path, "--audit-rotate", "1")
        iam = aws.iam(bootstrap.ADMIN)
        for number in range(12):  # 120 KB of policy each
            name = f"r{round_number}n{number}"
            iam.create_user(UserName=name)
            assert error_code(iam.put_user_policy, UserName=name, PolicyName="p",
                              PolicyDocument=policy(allow("s3:GetObject", "arn:aws:s3:::b/" + "x" * 120_000))) == "LimitExceeded"
        server.kill()
    assert len(files_of(trail.path)) >= 2

    code, text = trail.verify()
    assert code == 0, text
    made = [record["requestParameters"]["userName"] for record in trail.records() if record["eventName"] == "CreateUser"]
    assert sorted(made) == sorted(f"r{r}n{n}" for r in range(3) for n in range(12))

    filled = max(files_of(trail.path), key=lambda file: file.stat().st_size)  # the newest may hold one record only
    lines = filled.read_text(encoding="utf-8").splitlines(keepends=True)
    middle = len(lines) // 2
    for damaged in ([], [lines[middle].replace("admin", "nobody")]):
        filled.write_text("".join(lines[:middle] + damaged + lines[middle + 1:]), encoding="utf-8")
        code, text = trail.verify()
        assert code == 1 and f"{filled}:{middle + 1}:" in text


def start_dev(home, *more):
    file = home / "bootstrap.json"
    file.write_text(json.dumps(bootstrap.document()))
    server = Server(["--dev", "--listen", "127.0.0.1:0", "--bootstrap", file, *more], home).start()
    return server, Aws(server.url, home)


def metric(server, name):
    """The value of one metric."""
    with urllib.request.urlopen(server.url + "/_signet/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(f"signet_{name} ")))


def test_work_that_must_be_recorded_and_cannot_be_is_refused(tmp_path):
    server, aws = start_dev(tmp_path, "--audit", "/dev/full", "--audit-required")
    iam, sts, s3 = aws.iam(bootstrap.ADMIN), aws.sts(bootstrap.ADMIN), aws.s3(bootstrap.ADMIN)

    assert error_code(sts.get_caller_identity) == "ServiceUnavailable"
    assert error_code(iam.create_user, UserName="unrecorded") == "ServiceUnavailable"
    assert error_code(s3.create_bucket, Bucket="unrecorded") == "ServiceUnavailable"
    assert SignIn(server.port).token_answer(Keys("ASIAX", "x", "x"))[0] == 503
    assert metric(server, "audit_well") == 0
    assert server.stop() == 0


def test_without_that_demand_work_goes_on_and_the_trouble_shows(tmp_path):
    server, aws = start_dev(tmp_path, "--audit", "/dev/full")

    assert error_code(aws.iam(bootstrap.ADMIN).create_user, UserName="unrecorded") is None
    assert metric(server, "audit_well") == 0
    assert server.stop() == 0
    assert "audit_lost" in (tmp_path / "server.log").read_text()


def test_a_file_that_was_moved_away_is_begun_anew_on_sighup(tmp_path):
    server, aws, trail = start(tmp_path)
    iam = aws.iam(bootstrap.ADMIN)
    iam.create_user(UserName="before")
    trail.path.rename(trail.path.with_name("audit.jsonl.000000000001"))
    os.kill(server.pid, signal.SIGHUP)
    deadline = time.monotonic() + 10
    while not trail.path.exists():
        assert time.monotonic() < deadline, "the file was not begun anew"

    iam.create_user(UserName="after")

    assert [record["requestParameters"]["userName"] for record in trail.records()] == ["before", "after"]
    assert server.stop() == 0
    assert trail.verify()[0] == 0


def test_verify_says_what_cannot_be_read(tmp_path):
    done = subprocess.run([str(BINARY), "audit", "verify", str(tmp_path / "absent")], capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 3
    assert "absent" in done.stderr


def test_a_sign_in_with_a_password_is_recorded(recorded):
    server, _, trail = recorded
    browser = Browser(server)
    password = "Correct-horse-1"
    before = len(trail.strangers())
    assert browser.sign_in(password="wrong-but-long-enough").status == 401
    assert browser.sign_in(user="nobody-has-this-name", password=password).status == 401
    assert browser.sign_in(password=password).status == 303

    arn = "arn:aws:iam::123456789012:user/admin"

    def is_of_admin(record):
        return record["eventName"] == "ConsoleLogin" and record.get("userIdentity", {}).get("arn") == arn

    trail.await_records(lambda record: is_of_admin(record) and record["responseElements"] == {"ConsoleLogin": "Success"})
    failure, success = trail.await_records(is_of_admin)
    assert failure["responseElements"] == {"ConsoleLogin": "Failure"} and failure["errorMessage"] == "Failed authentication"
    assert success["responseElements"] == {"ConsoleLogin": "Success"} and success["eventType"] == "AwsConsoleSignIn"
    assert success["additionalEventData"] == {"LoginTo": "/_console/", "MobileVersion": "No", "MFAUsed": "No"}
    assert success["userIdentity"]["type"] == "IAMUser" and success["userIdentity"]["userName"] == "admin"
    (stranger,) = trail.await_records(lambda record: record["eventName"] == "ConsoleLogin" and record["sequence"] > before, strangers=True)
    assert stranger["responseElements"] == {"ConsoleLogin": "Failure"} and "admin" not in json.dumps(stranger)
    for secret in (password, "wrong-but-long-enough", *browser.cookies.values()):
        assert secret not in trail.text()
