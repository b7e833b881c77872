"""Each flow of each client (README.md) against one server that records."""
import contextlib
import datetime
import json
import os
import pathlib
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid

import pytest

from known_clients import BIN, CLIENTS, FLOWS, PROVIDERS, RENEWALS, Absent
from matrix_world import BUCKET, DEVELOPER, ISSUER
from support.bootstrap import ACCOUNT
from support.people import trust
from support.server import BINARY

IS_QUICK = os.environ.get("SIGNET_CLIENTS") == "quick"
PAIRS = [(client, flow) for client in CLIENTS if client.is_quick or not IS_QUICK for flow in (*FLOWS, *PROVIDERS, *RENEWALS)
         if flow not in client.without]
FAKETIME = next(iter(pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")), None)  # Debian's libfaketime
LEFT = (1000, 700, 400, 200, 45, 5, -5)  # seconds left of the credentials when a client is asked to call again


def environment(world, keys, **more):
    """What any program for AWS finds, and nothing of the machine's user."""
    env = world.aws.environment(keys) | {f"AWS_ENDPOINT_URL{name}": world.relay.url for name in ("", "_STS", "_IAM", "_S3", "_SIGNIN")}
    return env | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "NODE_NO_WARNINGS": "1"} | more


def ask(world, client, flow, env, typed=""):
    """What the program printed."""
    try:
        command, _ = client.ready()
    except Absent as reason:
        pytest.skip(str(reason))
    if world.tested in client.intercepted:  # its provider knows AWS's hosts alone, which lead to the server by way of the relay
        metadata = [] if "AWS_EC2_METADATA_DISABLED" in env else ["env", "-u", "AWS_EC2_METADATA_DISABLED"]
        command = [BINARY, "run", "--endpoint", world.relay.url, "--intercept", "--", *metadata, *command]
    done = subprocess.run([*map(str, command), flow], env=env, capture_output=True, text=True, timeout=300, check=False,
                          input=typed, cwd=world.folder)
    if done.returncode != 0:
        raise AssertionError(f"it ended with {done.returncode} and said:\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


@contextlib.contextmanager
def shown(world, client, flow):
    """Whatever fails in here tells what the client sent and what the server answered."""
    before = world.relay.mark()
    try:
        yield
    except Exception as error:
        error.add_note(f"{client.name}, {flow}: what it sent (>) and was answered (<):\n{world.relay.told(before)}")
        raise


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


def of_profile(world, name, **settings):
    """An environment with this profile in force, which may take the keys of the profile `person`."""
    lines = "".join(f"{key} = {value}\n" for key, value in ({"region": "us-east-1"} | settings).items())
    person = f"[person]\naws_access_key_id = {world.person.access_key}\naws_secret_access_key = {world.person.secret_key}\n"
    (world.folder / "config").write_text(f"[profile {name}]\n{lines}")
    (world.folder / "credentials").write_text(person)
    (world.folder / "profiles").write_text(f"[{name}]\n{lines}{person}")  # the one file of Java 1.x
    return environment(world, None, AWS_PROFILE=name, AWS_SDK_LOAD_CONFIG="1", AWS_CREDENTIAL_PROFILES_FILE=str(world.folder / "profiles"))


def of_role(world, **more):
    return of_profile(world, "of-role", role_arn=world.role, source_profile="person", role_session_name="matrix", **more)


def check_profile(world, client):
    assert ask(world, client, "identity", of_role(world)) == session("plain")


def of_process(world):
    keys = world.folder / "person.keys"
    keys.write_text(f"[default]\naws_access_key_id = {world.person.access_key}\naws_secret_access_key = {world.person.secret_key}\n")
    return of_profile(world, "of-process", credential_process=f"{BINARY} credential-process --endpoint {world.aws.url} "
                                                              f"--credentials {keys} --as role/plain --session-name matrix")


def check_process(world, client):
    assert ask(world, client, "identity", of_process(world)) == session("plain")


def check_profile_mfa(world, client):
    """A code that is typed where the SDK asks for it; and a wrong one, which the server refuses."""
    env = of_profile(world, "with-mfa", role_arn=world.role_mfa, source_profile="person", role_session_name="matrix",
                     mfa_serial=world.fresh_device())
    with pytest.raises(AssertionError, match="MultiFactorAuthentication failed"):
        ask(world, client, "profile-mfa", env, typed="000000\n")
    assert ask(world, client, "profile-mfa", env, typed=f"{world.code()}\n").splitlines()[-1].endswith(session("mfa"))


def of_web_identity(world):
    now, token = int(world.now()), world.folder / "token"
    token.write_text(world.issuer_key.sign({"iss": ISSUER, "aud": "matrix", "sub": "somebody", "iat": now, "exp": now + 7200}))
    return environment(world, None, AWS_WEB_IDENTITY_TOKEN_FILE=str(token), AWS_ROLE_ARN=world.role_web, AWS_ROLE_SESSION_NAME="matrix")


def check_web_identity(world, client):
    assert ask(world, client, "identity", of_web_identity(world)) == session("web")


def of_login(world, ended_for=0):
    config, cache = world.log_in(ended_for)
    return environment(world, None, AWS_CONFIG_FILE=str(config), AWS_LOGIN_CACHE_DIRECTORY=str(cache),
                       AWS_LOGIN_IN_CACHE_DIRECTORY=str(cache))  # Kotlin's name for it


def check_login(world, client):
    """Of the profile and cache that `aws login` leaves, after the credentials in it have ended."""
    assert ask(world, client, "identity", of_login(world, ended_for=3600)) == DEVELOPER


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


def of_endpoint(world, variables, name):
    env = environment(world, None, **{key: value for key, value in variables.items() if name in key})
    if name == "METADATA":
        del env["AWS_EC2_METADATA_DISABLED"]
    return env


def check_container(world, client):
    with endpoints(world) as variables:
        assert ask(world, client, "identity", of_endpoint(world, variables, "CONTAINER")) == session("plain")


def check_instance(world, client):
    with endpoints(world) as variables:
        assert ask(world, client, "identity", of_endpoint(world, variables, "METADATA")) == session("plain")


def records(world):
    time.sleep(0.3)  # those of reads are written within 200 ms
    return [json.loads(line) for line in world.trail.read_text().splitlines()]


def sessions_used(world, count):
    """The ids of the temporary keys of the last calls of GetCallerIdentity, the oldest first."""
    keys = [record["userIdentity"]["accessKeyId"] for record in records(world) if record["eventName"] == "GetCallerIdentity"]
    return [key for key in keys if key.startswith("ASIA")][-count:]


def end_of(world, key):
    """When the session with this key ends, by the record of the call that made it; of `aws login`, which has none, a quarter of an hour from now."""
    for record in records(world):
        made = (record.get("responseElements") or {}).get("credentials") or {}
        if made.get("accessKeyId") == key:
            return datetime.datetime.strptime(made["expiration"] + " +0000", "%b %d, %Y, %I:%M:%S %p %z").timestamp()
    return world.now() + 900


def renewed(world, client, env, beside=0):
    """Runs `renewal`: one client that calls, and calls again as its credentials come to their end by clocks that are moved on; how
    many seconds were left when it first called with others. Calls with ended ones are refused. `beside`: seconds, by no clock that is
    moved, that it is given after each call for what it does beside it."""
    end, left = 0, list(LEFT)

    def later():
        nonlocal end
        if not end:
            end = end_of(world, sessions_used(world, 1)[0])
            left[:] = [seconds for seconds in LEFT if seconds < end - world.now()]
        if len(asked) == len(left):
            return "end"
        asked.append(left[len(asked)])
        time.sleep(beside)
        world.shift(int(end - asked[-1] - world.now()))
        return "again"

    asked, world.later = [], later
    # Waits of a program are by the monotonic clock, which stays as it is; unless told so, the library takes their ends for moments of the other.
    clock = {"LD_PRELOAD": str(FAKETIME), "FAKETIME_TIMESTAMP_FILE": str(world.clock_file), "FAKETIME_NO_CACHE": "1",
             "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1", "FAKETIME_FORCE_MONOTONIC_FIX": "0"}
    said = ask(world, client, "renewal", env | clock | {"LATER_URL": world.later_url, "CLOCK_FILE": str(world.clock_file)}).splitlines()
    assert len(set(said)) == 1 and len(said) == len(left) + 1, said
    first, *rest = sessions_used(world, len(said))
    return next(seconds for seconds, key in zip(left, rest, strict=True) if key != first)


def check_renewal_process(world, client):
    return renewed(world, client, of_process(world))


def check_renewal_profile(world, client):
    return renewed(world, client, of_role(world))


def check_renewal_web_identity(world, client):
    return renewed(world, client, of_web_identity(world))


def check_renewal_container(world, client):
    with endpoints(world) as variables:
        return renewed(world, client, of_endpoint(world, variables, "CONTAINER"))


def check_renewal_instance(world, client):
    with endpoints(world) as variables:
        return renewed(world, client, of_endpoint(world, variables, "METADATA"))


def check_renewal_login(world, client):
    """JavaScript's newest writes its cache beside a call, in place: who reads it at that moment finds half of it."""
    return renewed(world, client, of_login(world), beside=0.5)


@pytest.mark.parametrize("client, flow", PAIRS, ids=[f"{client.name}-{flow}" for client, flow in PAIRS])
def test_flow(request, client, flow, record_property):
    try:
        record_property("version", client.ready()[1])
    except Absent as reason:
        pytest.skip(str(reason))
    if flow in RENEWALS and FAKETIME is None:
        pytest.skip("there is no libfaketime (packages.txt)")
    world = request.getfixturevalue("later_world" if flow in RENEWALS else "world")
    world.tested = flow
    with shown(world, client, flow):
        found = globals()["check_" + flow.replace("-", "_")](world, client)
    if flow in RENEWALS:
        record_property("left", found)


# Whose chain of providers goes on to the machine's credentials when the role of the profile that AWS_PROFILE names is refused.
GO_ON = ("JavaScript v2", "Java 2.x", "Java 1.x", "Kotlin")
REFUSED = [client for client in CLIENTS if (client.is_quick or not IS_QUICK) and not {"profile", "instance"} & client.without.keys()]


@pytest.mark.parametrize("client", REFUSED, ids=[client.name for client in REFUSED])
def test_a_profile_whose_role_is_refused(world, client):
    """On a machine that has a role of its own."""
    world.tested = "profile"
    profile = of_profile(world, "refused", role_arn=world.role_web, source_profile="person", role_session_name="matrix")
    with endpoints(world) as variables:
        env = profile | {name: value for name, value in of_endpoint(world, variables, "METADATA").items() if "METADATA" in name}
        del env["AWS_EC2_METADATA_DISABLED"]
        if client.name in GO_ON:
            assert ask(world, client, "identity", env) == session("plain")
        else:
            with pytest.raises(AssertionError, match="not authorized to perform: sts:AssumeRole"):
                ask(world, client, "identity", env)


def test_a_failure_shows_what_was_sent_and_answered(world):
    """Of a client that is broken on purpose: it signs with a key that is not there."""
    env = environment(world, None, AWS_ACCESS_KEY_ID="AKIAIOSFODNN7EXAMPLE", AWS_SECRET_ACCESS_KEY="x")
    with pytest.raises(AssertionError, match="InvalidClientTokenId") as told, shown(world, CLIENTS[0], "identity"):
        ask(world, CLIENTS[0], "identity", env)
    assert re.search(r"> POST / HTTP/1.1\n(.*\n)*> Action=GetCallerIdentity&Version=2011-06-15\n"
                     r"< HTTP/1.1 403 Forbidden\n(.*\n)*<.*<Code>InvalidClientTokenId</Code>", told.value.__notes__[0])
