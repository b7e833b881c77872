"""The AWS command line: the published forms, profiles that assume roles, scripting output, exit codes."""
import json
import subprocess

import pytest

from support import bootstrap
from support.bootstrap import Keys
from support.people import LIST_BUCKETS, WITH_MFA, allow, create_user, enrol, policy, trust

# What version 1 of the command line exits with when the service refuses (version 2: 254).
REFUSED = 255
READ_S3 = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"


@pytest.fixture
def scene(admin_iam, clock):
    """(Keys, serial, Device, role ARN): a user with MFA who may assume an S3-reading role with it."""
    user, keys = create_user(admin_iam, "cli-user", LIST_BUCKETS | {"Condition": WITH_MFA})
    serial, device = enrol(admin_iam, "cli-user", clock)
    role = admin_iam.create_role(RoleName="s3-access", AssumeRolePolicyDocument=trust(user["Arn"], **WITH_MFA))["Role"]
    admin_iam.attach_role_policy(RoleName="s3-access", PolicyArn=READ_S3)
    return keys, serial, device, role["Arn"]


def ok(done):
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout.strip() else None


def test_get_session_token_with_mfa(aws, scene):
    keys, serial, device, _ = scene

    answer = ok(aws.cli(keys, "sts", "get-session-token", "--duration-seconds", "900", "--serial-number", serial,
                        "--token-code", device.next_code()))

    assert set(answer["Credentials"]) == {"AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"}
    assert ok(aws.cli(Keys.of(answer["Credentials"]), "s3api", "list-buckets"))["Buckets"] == []


def test_assume_role(aws, scene):
    keys, serial, device, role = scene

    answer = ok(aws.cli(keys, "sts", "assume-role", "--role-arn", role, "--role-session-name", "s3-access-example",
                        "--serial-number", serial, "--token-code", device.next_code()))

    assert answer["AssumedRoleUser"]["Arn"] == "arn:aws:sts::123456789012:assumed-role/s3-access/s3-access-example"
    assert answer["AssumedRoleUser"]["AssumedRoleId"].endswith(":s3-access-example")
    assert set(answer["Credentials"]) == {"AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"}


def test_refusal_is_told_by_exit_code_and_message(aws, scene):
    keys, _, _, role = scene

    done = aws.cli(keys, "sts", "assume-role", "--role-arn", role, "--role-session-name", "s3-access-example")

    assert done.returncode == REFUSED
    assert "(AccessDenied)" in done.stderr and "sts:AssumeRole" in done.stderr


def test_text_output_for_shell_scripts(aws, scene):
    keys, serial, device, role = scene

    done = aws.cli(keys, "sts", "assume-role", "--role-arn", role, "--role-session-name", "script", "--serial-number", serial,
                   "--token-code", device.next_code(), "--output", "text",
                   "--query", "Credentials.[AccessKeyId, SecretAccessKey, SessionToken]")

    assert done.returncode == 0, done.stderr
    session = Keys(*done.stdout.strip().split("\t"))
    assert aws.sts(session).get_caller_identity()["Arn"].endswith("/s3-access/script")


def write_profiles(aws, keys, role, mfa_serial=None):
    aws.home.joinpath("credentials").write_text(
        f"[base]\naws_access_key_id = {keys.access_key}\naws_secret_access_key = {keys.secret_key}\n")
    serial = f"mfa_serial = {mfa_serial}\n" if mfa_serial else ""
    aws.home.joinpath("config").write_text(
        f"[profile reader]\nrole_arn = {role}\nsource_profile = base\nrole_session_name = profile\n{serial}"
        f"endpoint_url = {aws.url}\n[profile base]\nregion = us-east-1\n")


def test_profile_assumes_the_role_with_mfa(aws, scene):
    keys, serial, device, role = scene
    write_profiles(aws, keys, role, serial)

    answer = ok(aws.cli(None, "--profile", "reader", "sts", "get-caller-identity", stdin=device.next_code() + "\n"))

    assert answer["Arn"] == "arn:aws:sts::123456789012:assumed-role/s3-access/profile"


def test_profile_without_mfa_is_refused(aws, scene):
    keys, _, _, role = scene
    write_profiles(aws, keys, role)

    done = aws.cli(None, "--profile", "reader", "sts", "get-caller-identity")

    assert done.returncode != 0
    assert "(AccessDenied)" in done.stderr


def test_bash_script_assumes_a_role(aws, admin_iam, tmp_path):
    user, keys = create_user(admin_iam, "scripted")
    role = admin_iam.create_role(RoleName="scripted-role", AssumeRolePolicyDocument=trust(user["Arn"]))["Role"]["Arn"]
    script = tmp_path / "assume.sh"
    script.write_text("""
set -eu
read -r id secret token < <(aws sts assume-role --role-arn "$1" --role-session-name bash --output text \\
  --query "Credentials.[AccessKeyId, SecretAccessKey, SessionToken]")
AWS_ACCESS_KEY_ID=$id AWS_SECRET_ACCESS_KEY=$secret AWS_SESSION_TOKEN=$token \\
  aws sts get-caller-identity --output text --query Arn
""")

    done = subprocess.run(["bash", script, role], env=aws.environment(keys), capture_output=True, text=True, timeout=60,
                          check=False)

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "arn:aws:sts::123456789012:assumed-role/scripted-role/bash"


def test_iam_commands(aws):
    admin = bootstrap.ADMIN
    user = ok(aws.cli(admin, "iam", "create-user", "--user-name", "made-by-cli", "--path", "/team/"))["User"]
    assert user["Arn"] == "arn:aws:iam::123456789012:user/team/made-by-cli"
    document = policy(allow("s3:GetObject", "arn:aws:s3:::b/*"))
    ok(aws.cli(admin, "iam", "put-user-policy", "--user-name", "made-by-cli", "--policy-name", "p", "--policy-document", document))

    stored = ok(aws.cli(admin, "iam", "get-user-policy", "--user-name", "made-by-cli", "--policy-name", "p"))

    assert stored["PolicyDocument"] == json.loads(document)
    again = aws.cli(admin, "iam", "create-user", "--user-name", "made-by-cli")
    assert again.returncode == REFUSED and "(EntityAlreadyExists)" in again.stderr
    missing = aws.cli(admin, "iam", "get-user", "--user-name", "no-such-user")
    assert missing.returncode == REFUSED and "(NoSuchEntity)" in missing.stderr


def test_s3_commands(aws, tmp_path):
    admin = bootstrap.ADMIN
    file = tmp_path / "a file.txt"
    file.write_text("content\n" * 1000)
    for arguments in (["mb", "s3://cli-bucket"], ["cp", str(file), "s3://cli-bucket/folder/a file.txt"],
                      ["ls", "s3://cli-bucket/folder/"], ["cp", "s3://cli-bucket/folder/a file.txt", str(tmp_path / "back")]):
        done = aws.cli(admin, "s3", *arguments)
        assert done.returncode == 0, done.stderr

    assert (tmp_path / "back").read_text() == file.read_text()
    refused = aws.cli(bootstrap.NOBODY, "s3", "ls", "s3://cli-bucket/")
    assert refused.returncode != 0 and "(AccessDenied)" in refused.stderr
    assert aws.cli(admin, "s3", "rb", "--force", "s3://cli-bucket").returncode == 0


def test_wrong_secret_is_told(aws):
    keys = Keys(bootstrap.ADMIN.access_key, "not the secret")
    done = aws.cli(keys, "sts", "get-caller-identity")
    assert done.returncode == REFUSED
    assert "(SignatureDoesNotMatch)" in done.stderr
