"""Accounts, organizations and quotas: changed on a running server by whoever owns its data folder, with a record of each."""
import json
import os
import re
import subprocess

import pytest

from support.aws import Aws, refused
from support.bootstrap import ACCOUNT, ADMIN, Keys, NOBODY, OTHER_ACCOUNT, OTHER_ADMIN
from support.data_folder import home, serve, server  # noqa: F401 (fixtures)
from support.server import BINARY

OK, FAILURE = 0, 3
DENY_USERS = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "iam:CreateUser", "Resource": "*"}]}


@pytest.fixture
def aws(server, home):
    return Aws(server.url, home)


def signet(home, *arguments, code=OK):
    """Runs a command on the folder; what it printed, or said on standard error where it must fail."""
    done = subprocess.run([str(BINARY), *map(str, arguments), "--data", home / "data"], capture_output=True, text=True, timeout=60,
                          env={"PATH": os.environ["PATH"], "HOME": str(home)}, cwd=home, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout if code == OK else done.stderr


def keys_in(text):
    """Every key that a command showed."""
    return [Keys(*found) for found in re.findall(r"access key  (\S+)\n\s+secret key  (\S+)", text)]


def records(home, event):
    lines = [json.loads(line) for line in (home / "data" / "audit.jsonl").read_text().splitlines()]
    return [line["serviceEventDetails"]["message"] for line in lines if line["eventName"] == event]


def account_of(aws, keys):
    return aws.sts(keys).get_caller_identity()["Account"]


def test_a_lost_key_is_replaced_while_the_server_runs(server, aws, home):
    said = signet(home, "account", "recover", "--id", ACCOUNT)

    (key,) = keys_in(said)
    assert aws.sts(key).get_caller_identity()["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/admin"
    aws.iam(key).create_user(UserName="made-with-it")
    assert account_of(aws, ADMIN) == ACCOUNT, "the old key is not taken away"
    (record,) = records(home, "RecoverAccount")
    assert record.startswith(f"uid {os.getuid()}: account {ACCOUNT}: made access key {key.access_key} for user admin")
    assert key.secret_key not in (home / "data" / "audit.jsonl").read_text()


def test_a_user_without_rights_becomes_an_administrator_by_name_only(server, aws, home):
    assert keys_in(signet(home, "account", "recover", "--id", ACCOUNT, "--user", "nobody"))
    aws.iam(NOBODY).list_users()
    assert "attached AdministratorAccess" in records(home, "RecoverAccount")[0]


def test_recovered_credentials_go_to_a_file_that_aws_tools_read(server, aws, home):
    file = home / "rescue"
    said = signet(home, "account", "recover", "--id", ACCOUNT, "--user", "rescue", "--save-credentials", file)
    assert not keys_in(said)
    done = aws.cli(None, "sts", "get-caller-identity", AWS_SHARED_CREDENTIALS_FILE=str(file))
    assert json.loads(done.stdout)["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/rescue", done.stderr
    assert re.search(f"^# console: account {ACCOUNT}, user rescue, password \\S+$", file.read_text(), re.M)
    assert "nothing was changed" in signet(home, "account", "recover", "--id", ACCOUNT, "--save-credentials", file, code=FAILURE)


def test_accounts_are_made_listed_and_deleted_while_the_server_runs(server, aws, home):
    made = signet(home, "account", "create", "--id", "777788889999", "--alias", "staging")
    root, admin = keys_in(made)
    assert account_of(aws, root) == account_of(aws, admin) == "777788889999"
    assert re.search(r"console     user admin, password \S+", made)
    listed = {account["id"]: account for account in json.loads(signet(home, "account", "list", "--output", "json"))}
    assert set(listed) == {ACCOUNT, OTHER_ACCOUNT, "777788889999"}
    assert listed["777788889999"]["alias"] == "staging"
    assert "staging" in signet(home, "account", "list")

    signet(home, "account", "delete", "--id", "777788889999")

    with refused("InvalidClientTokenId"):
        account_of(aws, admin)
    assert account_of(aws, ADMIN) == ACCOUNT
    assert "there is no account 777788889999" in signet(home, "account", "delete", "--id", "777788889999", code=FAILURE)


def test_refusals_do_not_speak_of_bootstrap(server, home):
    taken = signet(home, "account", "create", "--id", ACCOUNT, code=FAILURE)
    assert taken == f"signet: account {ACCOUNT} exists already\n"
    assert signet(home, "account", "create", "--id", "12", code=FAILURE) == "signet: account 12: id must have twelve digits\n"


def test_an_account_with_objects_is_deleted_only_when_told(server, aws, home):
    s3 = aws.s3(OTHER_ADMIN)
    s3.create_bucket(Bucket="theirs")
    for number in range(150):
        s3.put_object(Bucket="theirs", Key=f"k{number}", Body=b"bytes")
    s3.create_multipart_upload(Bucket="theirs", Key="unfinished")
    aws.s3(ADMIN).create_bucket(Bucket="ours")
    aws.s3(ADMIN).put_object(Bucket="ours", Key="k", Body=b"kept")

    said = signet(home, "account", "delete", "--id", OTHER_ACCOUNT, code=FAILURE)
    assert "has objects in 1 bucket (theirs): nothing was changed; --with-objects deletes them too" in said
    assert s3.get_object(Bucket="theirs", Key="k1")["Body"].read() == b"bytes"
    assert records(home, "DeleteAccount") == []

    signet(home, "account", "delete", "--id", OTHER_ACCOUNT, "--with-objects")
    server.kill()
    again = serve(home).start()
    try:
        aws = Aws(again.url, home)
        with refused("InvalidAccessKeyId"):
            aws.s3(OTHER_ADMIN).list_buckets()
        aws.s3(ADMIN).create_bucket(Bucket="theirs")
        assert "Contents" not in aws.s3(ADMIN).list_objects_v2(Bucket="theirs")
        assert aws.s3(ADMIN).get_object(Bucket="ours", Key="k")["Body"].read() == b"kept"
    finally:
        assert again.stop() == 0
    assert len(records(home, "DeleteAccount")) == 1
    done = subprocess.run([str(BINARY), "verify", "--data", home / "data"], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == OK, done.stderr


@pytest.mark.parametrize("step", range(4))
def test_a_deletion_that_is_killed_has_happened_or_not(home, step):
    """Whenever the kill comes, the account is whole with its objects or gone."""
    server = serve(home).start()
    s3 = Aws(server.url, home).s3(OTHER_ADMIN)
    s3.create_bucket(Bucket="theirs")
    for number in range(70):
        s3.put_object(Bucket="theirs", Key=f"k{number}", Body=b"bytes")
    command = subprocess.Popen([str(BINARY), "account", "delete", "--id", OTHER_ACCOUNT, "--with-objects", "--data", home / "data"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    for _ in range(step * 2):
        signet(home, "account", "list")  # so that the kill comes later each time; it waits for its turn behind the deletion
    server.kill()
    command.communicate(timeout=60)

    again = serve(home).start()
    try:
        listed = {account["id"]: account for account in json.loads(signet(home, "account", "list", "--output", "json"))}
        if OTHER_ACCOUNT in listed:
            assert listed[OTHER_ACCOUNT]["buckets"] == 1
            s3 = Aws(again.url, home).s3(OTHER_ADMIN)
            assert s3.list_objects_v2(Bucket="theirs")["KeyCount"] == 70
            s3.put_object(Bucket="theirs", Key="more", Body=b"open again")
        else:
            assert len(records(home, "DeleteAccount")) == 1
            with refused("InvalidClientTokenId"):
                account_of(Aws(again.url, home), OTHER_ADMIN)
    finally:
        assert again.stop() == 0


def test_organization_policies_are_in_force_from_the_next_request(server, aws, home):
    (home / "deny.json").write_text(json.dumps(DENY_USERS))
    iam = aws.iam(ADMIN)
    iam.create_user(UserName="before")

    said = signet(home, "org", "set-scp", "--account", ACCOUNT, "FullAWSAccess", "FullAWSAccess,deny.json")
    assert "2 levels of service control policies" in said
    with refused("AccessDenied", "with an explicit deny in a service control policy"):
        iam.create_user(UserName="during")
    iam.list_users()
    aws.iam(OTHER_ADMIN).create_user(UserName="of-others")

    signet(home, "org", "clear", "--account", ACCOUNT)
    iam.create_user(UserName="after")
    assert f"uid {os.getuid()}: account {ACCOUNT} has 2 levels" in records(home, "SetOrganizationPolicies")[0]
    assert len(records(home, "LeaveOrganization")) == 1


def test_quotas_are_in_force_from_the_next_request(server, aws, home):
    signet(home, "account", "quota", "--id", ACCOUNT, "GroupsPerAccount=1")
    aws.iam(ADMIN).create_group(GroupName="one")
    with refused("LimitExceeded", "GroupsPerAccount: 1"):
        aws.iam(ADMIN).create_group(GroupName="two")
    signet(home, "account", "quota", "--id", ACCOUNT, "GroupsPerAccount=default")
    aws.iam(ADMIN).create_group(GroupName="two")


def test_a_bootstrap_file_that_is_not_looked_at_says_so(home):
    assert serve(home).start().stop() == 0
    assert "was not looked at" not in (home / "server.log").read_text()
    assert serve(home).start().stop() == 0
    said = (home / "server.log").read_text()
    assert f"--bootstrap {home}/bootstrap.json was not looked at: {home}/data has accounts already" in said


def test_changes_to_a_stopped_folder_are_there_at_the_next_start(home):
    assert serve(home).start().stop() == 0
    (key,) = keys_in(signet(home, "account", "recover", "--id", ACCOUNT, "--user", "rescue"))
    server = serve(home).start()
    try:
        assert account_of(Aws(server.url, home), key) == ACCOUNT
    finally:
        assert server.stop() == 0
    assert records(home, "RecoverAccount")[0].startswith(f"uid {os.getuid()} on the stopped folder: ")
