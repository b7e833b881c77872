"""Each flow of each client (README.md) against one server that records."""
import contextlib
import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid

import pytest

from known_clients import BIN, CLIENTS, FLOWS, PROVIDERS, Absent
from matrix_world import BUCKET, ISSUER
from support.bootstrap import ACCOUNT
from support.people import trust
from support.server import BINARY

IS_QUICK = os.environ.get("SIGNET_CLIENTS") == "quick"
PAIRS = [(client, flow) for client in CLIENTS if client.is_quick or not IS_QUICK for flow in (*FLOWS, *PROVIDERS) if flow not in client.without]


def environment(world, keys, **more):
    """What any program for AWS finds, and nothing of the machine's user."""
    env = world.aws.environment(keys) | {f"AWS_ENDPOINT_URL_{name}": world.aws.url for name in ("STS", "IAM", "S3", "SIGNIN")}
    return env | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "NODE_NO_WARNINGS": "1"} | more


def ask(world, client, flow, env, typed=""):
    """What the program printed. Where it fails, what it said and what the server was asked and answered."""
    try:
        command, _ = client.ready()
    except Absent as reason:
        pytest.skip(str(reason))
    before = world.trail.stat().st_size
    done = subprocess.run([*map(str, command), flow], env=env, capture_output=True, text=True, timeout=120, check=False,
                          input=typed, cwd=world.folder)
    if done.returncode != 0:
        raise AssertionError(f"it ended with {done.returncode} and said:\n{done.stdout}{done.stderr}\n{exchange(world, before)}")
    return done.stdout.strip()


def exchange(world, before):
    """The records since then: what was sent, and what was answered."""
    time.sleep(0.3)  # records of reads are written within 200 ms
    lines = []
    for file in (world.trail, world.trail.with_name("audit-unauthenticated.jsonl")):
        text = file.read_bytes()[before if file == world.trail else 0:].decode() if file.exists() else ""
        for line in text.splitlines():
            record = json.loads(line)
            lines.append(" ".join(str(record.get(name, "")) for name in (
                "eventTime", "eventSource", "eventName", "requestParameters", "errorCode", "errorMessage", "userAgent")))
    return "what was asked and answered:\n" + "\n".join(lines[-20:])


def role(world, arn, **more):
    return environment(world, world.person, ROLE_ARN=arn, **more)


def session(name):
    return f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/matrix"


def check_identity(world, client):
    assert ask(world, client, "identity", environment(world, world.person)) == f"arn:aws:iam::{ACCOUNT}:user/person"


def check_assume_role(world, client):
    assert ask(world, client, "assume-role", role(world, world.role)) == session("plain")


def with_device(world, **more):
    return role(world, world.role_mfa, MFA_SERIAL=world.fresh_device(), MFA_CODE_URL=world.codes_url, **more)


def check_assume_role_mfa(world, client):
    assert ask(world, client, "assume-role-mfa", with_device(world)).split() == ["AccessDenied", BUCKET]


def check_session_token_mfa(world, client):
    assert ask(world, client, "session-token-mfa", with_device(world)).split() == ["AccessDenied", BUCKET]


def check_role_life(world, client):
    env = environment(world, world.person, ROLE_NAME=f"matrix-{uuid.uuid4().hex[:8]}", TRUST=trust(f"arn:aws:iam::{ACCOUNT}:root"),
                      POLICY_ARN="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
    assert ask(world, client, "role-life", env).split() == ["AmazonS3ReadOnlyAccess", "NoSuchEntity"]


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def check_federation(world, client):
    link = ask(world, client, "federation", role(world, world.role))
    with pytest.raises(urllib.error.HTTPError) as moved:
        urllib.request.build_opener(NoRedirect).open(link, timeout=10)
    assert moved.value.code == 302 and "/_console/" in moved.value.headers["Location"]


def check_denied(world, client):
    said = ask(world, client, "denied", role(world, world.role_web)).splitlines()
    assert said[0] == "AccessDenied"
    assert re.search(rf"User: arn:aws:iam::{ACCOUNT}:user/person is not authorized to perform: (iam:ListUsers|sts:AssumeRole)", said[1]), said


def check_profile(world, client):
    (world.folder / "config").write_text(f"[profile of-role]\nrole_arn = {world.role}\nsource_profile = person\nregion = us-east-1\n"
                                         "role_session_name = matrix\n")
    (world.folder / "credentials").write_text(f"[person]\naws_access_key_id = {world.person.access_key}\n"
                                              f"aws_secret_access_key = {world.person.secret_key}\n")
    assert ask(world, client, "identity", environment(world, None, AWS_PROFILE="of-role", AWS_SDK_LOAD_CONFIG="1")) == session("plain")


def check_process(world, client):
    keys = world.folder / "person.keys"
    keys.write_text(f"[default]\naws_access_key_id = {world.person.access_key}\naws_secret_access_key = {world.person.secret_key}\n")
    (world.folder / "config").write_text(
        f"[profile of-process]\nregion = us-east-1\ncredential_process = {BINARY} credential-process --endpoint {world.aws.url} "
        f"--credentials {keys} --as role/plain --session-name matrix\n")
    (world.folder / "credentials").write_text("")
    assert ask(world, client, "identity", environment(world, None, AWS_PROFILE="of-process", AWS_SDK_LOAD_CONFIG="1")) == session("plain")


def check_profile_mfa(world, client):
    """A code that is typed where the SDK asks for it; and a wrong one, which the server refuses."""
    serial = world.fresh_device()
    (world.folder / "config").write_text(f"[profile with-mfa]\nrole_arn = {world.role_mfa}\nsource_profile = person\nregion = us-east-1\n"
                                         f"role_session_name = matrix\nmfa_serial = {serial}\n")
    (world.folder / "credentials").write_text(f"[person]\naws_access_key_id = {world.person.access_key}\n"
                                              f"aws_secret_access_key = {world.person.secret_key}\n")
    env = environment(world, None, AWS_PROFILE="with-mfa", AWS_SDK_LOAD_CONFIG="1")
    with pytest.raises(AssertionError, match="MultiFactorAuthentication failed"):
        ask(world, client, "profile-mfa", env, typed="000000\n")
    assert ask(world, client, "profile-mfa", env, typed=f"{world.code()}\n").splitlines()[-1].endswith(session("mfa"))


RENEWING = """
import datetime, json, os, pathlib, subprocess, sys
count = pathlib.Path("{count}")
number = len(count.read_text()) if count.exists() else 0
count.write_text("x" * (number + 1))
made = json.loads(subprocess.run(["{binary}", "credential-process", "--endpoint", "{url}", "--credentials", "{keys}", "--as", "role/plain",
                                  "--session-name", f"number-{{number}}"], check=True, capture_output=True).stdout)
made["Expiration"] = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds={seconds})).strftime("%Y-%m-%dT%H:%M:%SZ")
print(json.dumps(made))
"""


def check_renewal(world, client):
    """Credentials of a process that end 15 s after they were handed out: one client asks twice, 20 s apart."""
    keys, count = world.folder / "person.keys", world.folder / f"renewals-{uuid.uuid4().hex}"
    keys.write_text(f"[default]\naws_access_key_id = {world.person.access_key}\naws_secret_access_key = {world.person.secret_key}\n")
    (world.folder / "renewing.py").write_text(RENEWING.format(count=count, binary=BINARY, url=world.aws.url, keys=keys, seconds=15))
    (world.folder / "config").write_text(f"[profile renewing]\nregion = us-east-1\ncredential_process = {sys.executable} {world.folder / 'renewing.py'}\n")
    (world.folder / "credentials").write_text("")
    env = environment(world, None, AWS_PROFILE="renewing", AWS_SDK_LOAD_CONFIG="1", PAUSE="20")
    first, second = ask(world, client, "renewal", env).splitlines()
    assert re.fullmatch(rf"arn:aws:sts::{ACCOUNT}:assumed-role/plain/number-\d", first) and re.fullmatch(r".*/plain/number-\d", second)
    assert first != second, f"{len(count.read_text())} times the process ran"


def check_web_identity(world, client):
    now = int(time.time())
    token = world.folder / "token"
    token.write_text(world.issuer_key.sign({"iss": ISSUER, "aud": "matrix", "sub": "somebody", "iat": now, "exp": now + 600}))
    env = environment(world, None, AWS_WEB_IDENTITY_TOKEN_FILE=str(token), AWS_ROLE_ARN=world.role_web, AWS_ROLE_SESSION_NAME="matrix")
    assert ask(world, client, "identity", env) == session("web")


@contextlib.contextmanager
def endpoints(world):
    """The variables of `signet credential-endpoints` while it runs."""
    process = subprocess.Popen([str(BINARY), "credential-endpoints", "--endpoint", world.aws.url, "--as", "role/plain", "--session-name",
                                "matrix"], env=world.aws.environment(world.person), stdout=subprocess.PIPE, text=True)
    try:
        yield dict(re.match(r"export (\w+)='(.*)'\n", process.stdout.readline()).groups() for _ in range(4))
    finally:
        process.terminate()
        process.wait(timeout=20)


def check_container(world, client):
    with endpoints(world) as variables:
        more = {name: value for name, value in variables.items() if "CONTAINER" in name}
        assert ask(world, client, "identity", environment(world, None, **more)) == session("plain")


def check_instance(world, client):
    with endpoints(world) as variables:
        more = {name: value for name, value in variables.items() if "METADATA" in name}
        env = environment(world, None, **more)
        del env["AWS_EC2_METADATA_DISABLED"]
        assert ask(world, client, "identity", env) == session("plain")


@pytest.mark.parametrize("client, flow", PAIRS, ids=[f"{client.name}-{flow}" for client, flow in PAIRS])
def test_flow(world, client, flow, record_property):
    try:
        record_property("version", client.ready()[1])
    except Absent as reason:
        pytest.skip(str(reason))
    globals()["check_" + flow.replace("-", "_")](world, client)
