"""AssumeRoleWithWebIdentity with the tokens of two real OpenID providers over TLS: npm's oidc-provider (a workload's, by client credentials)
and zitadel/oidc in Go (a person's, who signs in by a form and comes back with a code)."""
import contextlib
import http.cookiejar
import json
import os
import pathlib
import ssl
import subprocess
import urllib.error
import urllib.parse
import urllib.request

import pytest

from support import bootstrap, golang
from support.aws import Aws, refused
from support.bootstrap import ACCOUNT, Keys
from support.certificates import Certificate
from support.people import LIST_BUCKETS, policy
from support.server import ROOT, Server

HERE = pathlib.Path(__file__).parent
MODULES = ROOT / "build" / "js" / "node_modules"
HOST = "op.example.com"
CALLBACK = "http://localhost:9999/callback"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class OpenIdProvider:
    """A provider on loopback, asked under its own name."""

    def __init__(self, told, certificate):
        self.told, self.certificate, self.port = told, certificate, told["port"]
        tls = ssl.create_default_context(cafile=certificate.chain)
        self._opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=tls), _NoRedirect(),
                                                   urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def ask(self, path, form=None):
        """(where it sends us, what it says)."""
        data = None if form is None else urllib.parse.urlencode(form).encode()
        request = urllib.request.Request(f"https://127.0.0.1:{self.port}{path}", data=data, headers={"Host": HOST})
        try:
            with self._opener.open(request, timeout=20) as answer:
                return "", answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                assert error.code in (302, 303), (error.code, error.read())
                return error.headers["Location"], ""


@contextlib.contextmanager
def running(folder, command, issuer):
    """The provider that the command starts; its first line is a JSON object with its port."""
    certificate = Certificate(folder / "tls", "ec", names=[HOST])
    env = {"PATH": os.environ["PATH"], "ISSUER": issuer, "CERTIFICATE": str(certificate.chain), "KEY": str(certificate.key)}
    process = subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        yield OpenIdProvider(json.loads(process.stdout.readline()), certificate)
    finally:
        process.terminate()
        process.wait(timeout=20)
        process.stdout.close()


@contextlib.contextmanager
def trusting(folder, provider, client, subject):
    """(Aws, a role that the subject may have) of a server that has the provider, for that client."""
    (folder / "bootstrap.json").write_text(json.dumps(bootstrap.document()))
    with Server(["--dev", "--listen", "127.0.0.1:0", "--bootstrap", folder / "bootstrap.json", "--oidc-ca-file", provider.certificate.chain,
                 "--oidc-connect", f"{HOST}=127.0.0.1:{provider.port}"], folder).start() as server:
        aws = Aws(server.url, folder)
        iam = aws.iam(bootstrap.ADMIN)
        arn = iam.create_open_id_connect_provider(Url=f"https://{HOST}", ClientIDList=[client])["OpenIDConnectProviderArn"]
        trust = {"Effect": "Allow", "Principal": {"Federated": arn}, "Condition": {"StringEquals": {f"{HOST}:sub": subject}},
                 "Action": ["sts:AssumeRoleWithWebIdentity", "sts:SetSourceIdentity"]}
        role = iam.create_role(RoleName="op", AssumeRolePolicyDocument=policy(trust))["Role"]["Arn"]
        iam.put_role_policy(RoleName="op", PolicyName="list", PolicyDocument=policy(LIST_BUCKETS))
        yield aws, role


def assume(aws, role, token):
    return aws.sts(None).assume_role_with_web_identity(RoleArn=role, RoleSessionName="job", WebIdentityToken=token)


def check(aws, role, token):
    """What the role's session says of itself; the same claims under another signature are refused."""
    answer = assume(aws, role, token)
    keys = Keys.of(answer["Credentials"])
    assert aws.sts(keys).get_caller_identity()["Arn"].endswith(":assumed-role/op/job")
    aws.s3(keys).list_buckets()
    header, payload, signature = token.split(".")
    with refused("InvalidIdentityToken", status=400):
        assume(aws, role, f"{header}.{payload}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}")
    return answer


def test_a_workload_of_the_provider_from_npm(tmp_path):
    assert MODULES.is_dir(), "run ./test --conformance: it installs the JavaScript packages into build/js"
    (tmp_path / "oidc_provider.mjs").write_text((HERE / "js" / "oidc_provider.mjs").read_text())
    (tmp_path / "node_modules").symlink_to(MODULES)
    with running(tmp_path, ["node", "oidc_provider.mjs"], f"https://{HOST}") as provider:
        _, said = provider.ask("/token", {
            "grant_type": "client_credentials", "resource": provider.told["resource"], "scope": "assume",
            "client_id": "workload", "client_secret": "workload-secret"})  # fmt: skip
        with trusting(tmp_path, provider, "sts.amazonaws.com", "workload") as (aws, role):
            assert check(aws, role, json.loads(said)["access_token"])["SourceIdentity"] == "workload-7"


def code_of_a_person(provider, user):
    """Signs in as a browser would; the code that it comes back with."""
    query = {"client_id": "web", "redirect_uri": CALLBACK, "response_type": "code", "scope": "openid email", "state": "s"}
    login, _ = provider.ask("/auth?" + urllib.parse.urlencode(query))
    request = urllib.parse.parse_qs(urllib.parse.urlsplit(login).query)["authRequestID"][0]
    _, page = provider.ask(login)
    assert 'name="password"' in page
    back, _ = provider.ask("/login/username", {"username": user, "password": "verysecure", "id": request})
    address = urllib.parse.urlsplit(back)
    callback, _ = provider.ask(f"{address.path}?{address.query}")
    answer = urllib.parse.parse_qs(urllib.parse.urlsplit(callback).query)
    assert answer["state"] == ["s"], callback
    return answer["code"][0]


@pytest.fixture(scope="module")
def in_go():
    return golang.build(HERE / "go", "openid_provider")


def test_a_person_of_the_provider_in_go(tmp_path, in_go):
    with running(tmp_path, [in_go], f"https://{HOST}/") as provider:
        _, said = provider.ask("/oauth/token", {
            "grant_type": "authorization_code", "code": code_of_a_person(provider, "test-user2"), "redirect_uri": CALLBACK,
            "client_id": "web", "client_secret": "secret"})  # fmt: skip
        token = json.loads(said)["id_token"]
        with trusting(tmp_path, provider, "web", "id2") as (aws, role):
            answer = check(aws, role, token)
            assert answer["SubjectFromWebIdentityToken"] == "id2" and answer["Audience"] == "web"
            arn = answer["Provider"]
            assert arn == f"arn:aws:iam::{ACCOUNT}:oidc-provider/{HOST}"
            iam = aws.iam(bootstrap.ADMIN)
            iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="other")
            iam.remove_client_id_from_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="web")
            with refused("InvalidIdentityToken", "Incorrect token audience", status=400):
                assume(aws, role, token)
