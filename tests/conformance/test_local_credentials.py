"""Credentials of a role for programs of this machine: the container endpoint, version 2 of instance metadata, credential_process;
and unmodified SDKs that get and renew them by themselves."""
import contextlib
import datetime
import http.client
import json
import os
import re
import stat
import subprocess
import sys

import boto3
import botocore.session
import pytest

from support.bootstrap import ACCOUNT, ADMIN, NOBODY
from support.people import trust
from support.server import BINARY, ROOT

ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/local"
MODULES = ROOT / "build" / "js" / "node_modules"
WHO = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/local/signet"


@pytest.fixture
def role(admin_iam):
    admin_iam.create_role(RoleName="local", AssumeRolePolicyDocument=trust(f"arn:aws:iam::{ACCOUNT}:root"))


def environment(aws, keys):
    return aws.environment(keys, SIGNET_ENDPOINT=aws.url)


def process(aws, *flags, keys=ADMIN, role="role/local"):
    return subprocess.run([str(BINARY), "credential-process", "--as", role, *flags], env=environment(aws, keys), capture_output=True,
                          text=True, timeout=30, check=False)


class Endpoints:
    """`signet credential-endpoints` while it runs."""

    def __init__(self, aws, *flags):
        self._process = subprocess.Popen([str(BINARY), "credential-endpoints", "--as", "role/local", *flags], env=environment(aws, ADMIN),
                                         stdout=subprocess.PIPE, text=True)
        lines = [self._process.stdout.readline() for _ in range(5)]
        self.variables = dict(re.match(r"export (\w+)='(.*)'\n", line).groups() for line in lines)
        self.port = int(self.variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"].rpartition(":")[2])
        self.token_file = self.variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"]

    def container(self):
        return {name: value for name, value in self.variables.items() if "CONTAINER" in name}

    def instance(self):
        return {name: value for name, value in self.variables.items() if "METADATA" in name}

    def ask(self, method, path, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request(method, path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    def stop(self):
        self._process.terminate()
        return self._process.wait(timeout=20)


@contextlib.contextmanager
def endpoints(aws, *flags):
    served = Endpoints(aws, *flags)
    try:
        yield served
    finally:
        assert served.stop() == 0
        assert not os.path.exists(served.token_file)


# credential_process


def test_a_profile_gets_credentials_from_the_process(aws, role):
    (aws.home / "config").write_text(f"[profile local]\ncredential_process = {BINARY} credential-process --as role/local\n")
    (aws.home / "keys").write_text(f"[default]\naws_access_key_id = {ADMIN.access_key}\naws_secret_access_key = {ADMIN.secret_key}\n")
    with open(aws.home / "config", "a", encoding="utf-8") as config:
        config.write(f"[profile of-a-file]\ncredential_process = {BINARY} credential-process --credentials {aws.home}/keys --as {ROLE_ARN}\n")
    for profile, keys in (("local", ADMIN), ("of-a-file", None)):
        env = environment(aws, keys)
        program = f"import boto3; print(boto3.Session(profile_name='{profile}').client('sts').get_caller_identity()['Arn'])"
        done = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, timeout=60, check=False)
        assert done.stdout.strip() == SESSION, done.stderr


def test_the_process_prints_version_1(aws, role):
    made = json.loads(process(aws).stdout)
    assert made.keys() == {"Version", "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"}
    assert made["Version"] == 1 and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", made["Expiration"])


@pytest.mark.parametrize("flags, keys, name, said", [
    ((), NOBODY, "role/absent", "cannot assume arn:aws:iam::123456789012:role/absent: AccessDenied: "),
    ((), ADMIN, "arn:aws:iam::123456789012:role/absent", "AccessDenied"),
    ((), None, "role/local", "there are no keys to assume the role with"),
    (("--endpoint", "http://127.0.0.1:1"), ADMIN, "role/local", "cannot connect"),
    (("--duration", "43200"), ADMIN, "role/local", "DurationSeconds exceeds the MaxSessionDuration"),
], ids=str)
def test_what_cannot_be_given_is_said(aws, role, flags, keys, name, said):
    done = process(aws, *flags, keys=keys, role=name)
    assert (done.returncode, done.stdout) == (3, "") and said in done.stderr, done


def test_a_server_whose_clock_was_moved_is_followed(aws, role, server):
    server.post("/_signet/clock", {"shift_seconds": 7200})
    made = json.loads(process(aws).stdout)
    assert made["Expiration"] > json.loads(json.dumps(server.get("/_signet/clock")))["now"]


# The endpoints


def test_the_container_endpoint_wants_its_token(aws, role):
    with endpoints(aws) as served:
        token = open(served.token_file, encoding="utf-8").read()
        assert stat.S_IMODE(os.stat(served.token_file).st_mode) == 0o600
        for headers in ({}, {"Authorization": "wrong"}, {"Authorization": token + "x"}, {"Authorization": ""}):
            assert served.ask("GET", "/credentials", headers)[0] == 401
        status, body = served.ask("GET", "/credentials", {"Authorization": token})
        assert status == 200 and json.loads(body).keys() == {"RoleArn", "AccessKeyId", "SecretAccessKey", "Token", "Expiration"}
        assert json.loads(body)["RoleArn"] == ROLE_ARN
        for method, path in (("POST", "/credentials"), ("GET", "/"), ("GET", "/credentials/x"), ("GET", "/latest")):
            assert served.ask(method, path, {"Authorization": token})[0] in (404, 405)


def test_instance_metadata_is_version_2(aws, role):
    ttl, session = "X-aws-ec2-metadata-token-ttl-seconds", "X-aws-ec2-metadata-token"
    roles = "/latest/meta-data/iam/security-credentials/"
    with endpoints(aws) as served:
        for path in (roles, f"{roles}local", "/latest/meta-data/placement/region"):
            assert served.ask("GET", path)[0] == 401
            assert served.ask("GET", path, {session: "wrong"})[0] == 401
        for bad in ({}, {ttl: "0"}, {ttl: "21601"}, {ttl: "soon"}, {ttl: "-1"}):
            assert served.ask("PUT", "/latest/api/token", bad)[0] == 400
        assert served.ask("PUT", "/latest/api/token", {ttl: "60", "X-Forwarded-For": "192.0.2.1"})[0] == 403
        assert served.ask("GET", "/latest/api/token", {ttl: "60"})[0] == 405
        status, token = served.ask("PUT", "/latest/api/token", {ttl: "60"})
        assert status == 200
        assert served.ask("GET", roles, {session: token}) == (200, "local")
        assert served.ask("GET", "/latest/meta-data/placement/region", {session: token}) == (200, "us-east-1")
        status, body = served.ask("GET", f"{roles}local", {session: token})
        assert status == 200 and json.loads(body).keys() == {"Code", "LastUpdated", "Type", "AccessKeyId", "SecretAccessKey", "Token",
                                                            "Expiration"}
        assert json.loads(body)["Code"] == "Success"
        assert served.ask("GET", f"{roles}another", {session: token})[0] == 404
        assert served.ask("GET", "/latest/user-data", {session: token})[0] == 404
        assert served.ask("PUT", f"{roles}local", {session: token})[0] == 405


@pytest.mark.parametrize("kind", ["container", "instance"])
def test_boto3_finds_them(aws, role, kind):
    with endpoints(aws) as served:
        env = environment(aws, None) | getattr(served, kind)()
        done = subprocess.run([sys.executable, "-c", WHO], env=env, capture_output=True, text=True, timeout=60, check=False)
        assert done.stdout.strip() == SESSION, done.stderr


@pytest.mark.parametrize("kind", ["container", "instance"])
def test_javascript_finds_them(aws, role, kind, tmp_path):
    assert MODULES.is_dir(), "run ./test --conformance: it installs the JavaScript packages into build/js"
    (tmp_path / "node_modules").symlink_to(MODULES)
    (tmp_path / "who.mjs").write_text('import { STSClient, GetCallerIdentityCommand } from "@aws-sdk/client-sts";\n'
                                      "console.log((await new STSClient({}).send(new GetCallerIdentityCommand({}))).Arn);\n")
    with endpoints(aws) as served:
        env = environment(aws, None) | getattr(served, kind)()
        done = subprocess.run(["node", "who.mjs"], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60, check=False)
        assert done.stdout.strip() == SESSION, done.stderr


@pytest.mark.parametrize("kind", ["container", "instance"])
def test_boto3_renews_them_by_itself(aws, role, server, kind, monkeypatch):
    """The clocks of the SDK and of the server go fifty minutes on: the SDK asks again, and is given another key."""
    with endpoints(aws) as served:
        for name, value in (environment(aws, None) | getattr(served, kind)()).items():
            monkeypatch.setenv(name, value)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            monkeypatch.delenv(name, raising=False)
        session = boto3.Session(botocore_session=botocore.session.Session(), region_name="us-east-1")
        assert session.client("sts", endpoint_url=aws.url).get_caller_identity()["Arn"] == SESSION
        credentials = session.get_credentials()
        first = credentials.get_frozen_credentials().access_key
        assert credentials.get_frozen_credentials().access_key == first
        server.post("/_signet/clock", {"shift_seconds": 3000})
        now = credentials._time_fetcher
        monkeypatch.setattr(credentials, "_time_fetcher", lambda: now() + datetime.timedelta(seconds=3000))
        second = credentials.get_frozen_credentials().access_key
        assert second != first
        assert credentials.get_frozen_credentials().access_key == second


def test_when_the_role_is_gone_the_endpoints_say_so(aws, role, server, admin_iam):
    with endpoints(aws, "--duration", "900") as served:
        admin_iam.delete_role(RoleName="local")
        server.post("/_signet/clock", {"shift_seconds": 600})
        token = open(served.token_file, encoding="utf-8").read()
        status, body = served.ask("GET", "/credentials", {"Authorization": token})
        assert status == 500 and "AccessDenied" in json.loads(body)["message"]


