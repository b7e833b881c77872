"""AssumeRoleWithWebIdentity: tokens of PyJWT, keys fetched over TLS, and an unmodified boto3 with
AWS_WEB_IDENTITY_TOKEN_FILE."""
import base64
import contextlib
import json
import random
import re
import string
import subprocess
import sys

import pytest

from support import bootstrap
from support.aws import Aws, refused
from support.bootstrap import ACCOUNT, Keys
from support.certificates import Certificate
from support.issuer import Issuer, SigningKey, served
from support.people import LIST_BUCKETS, allow, policy
from support.server import ROOT, Server
from support.trail import Trail

GITHUB = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"
NO_KEYS = "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation"
NOT_VALID = "The web identity token provided could not be validated."
DENIED = "Not authorized to perform sts:AssumeRoleWithWebIdentity"


def provider_arn(name):
    return f"arn:aws:iam::{ACCOUNT}:oidc-provider/{name}"


def trust_provider(provider, actions=("sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity"), **condition):
    statement = {"Effect": "Allow", "Principal": {"Federated": provider}, "Action": list(actions)}
    return policy(statement | ({"Condition": condition} if condition else {}))


class Scene:
    """A server whose issuers are on loopback, and what every test needs of them."""

    def __init__(self, server, aws, issuers, trail):
        self.server, self.aws, self.trail = server, aws, trail
        self.issuer, self.github, self.cluster = issuers
        self.iam = aws.iam(bootstrap.ADMIN)
        self.sts = aws.sts(None)
        self.role = None

    def reset(self):
        self.server.post("/_signet/reset")
        self.iam.create_open_id_connect_provider(Url=self.issuer.url, ClientIDList=[AUDIENCE])
        self.role = self.make_role("workload", trust_provider(provider_arn("idp.example.com/tenant")))

    def make_role(self, name, trust):
        arn = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        self.iam.put_role_policy(RoleName=name, PolicyName="list", PolicyDocument=policy(LIST_BUCKETS))
        return arn

    def assume(self, token, role=None, **more):
        return self.sts.assume_role_with_web_identity(RoleArn=role or self.role, RoleSessionName="job", WebIdentityToken=token, **more)

    def refuse(self, token, code, *texts, status=400, **more):
        with refused(code, *texts, status=status):
            self.assume(token, **more)


@pytest.fixture(scope="module")
def federation(tmp_path_factory):
    folder = tmp_path_factory.mktemp("web-identity")
    issuers = (Issuer("https://idp.example.com/tenant"), Issuer(f"https://{GITHUB}", SigningKey("gh-1", "RS256")),
               Issuer("https://kubernetes.default.svc.cluster.local", SigningKey("k8s-1", "RS256")))
    certificate = Certificate(folder / "tls", "ec", names=["idp.example.com", GITHUB])
    (folder / "cluster.json").write_text(json.dumps(issuers[2].key_set()))
    (folder / "bootstrap.json").write_text(json.dumps(bootstrap.document()))
    (folder / "trail").mkdir()
    trail = Trail(folder / "trail" / "audit.jsonl")
    with served(certificate, *issuers) as port:
        server = Server(["--dev", "--listen", "127.0.0.1:0", "--bootstrap", folder / "bootstrap.json", "--audit", trail.path,
                         "--oidc-ca-file", certificate.chain, "--oidc-connect", f"idp.example.com=127.0.0.1:{port}",
                         "--oidc-connect", f"{GITHUB}=127.0.0.1:{port}",
                         "--oidc-jwks", f"{issuers[2].url}={folder / 'cluster.json'}"], folder).start()
        yield Scene(server, Aws(server.url, folder), issuers, trail)
        assert server.stop() == 0


@pytest.fixture
def scene(federation):
    federation.reset()
    return federation


@contextlib.contextmanager
def fresh(folder, issuer, *flags, trusted=True):
    """A server that has asked the issuer for nothing yet, with the provider and a role."""
    certificate = Certificate(folder / "tls", "ec", names=[issuer.host])
    (folder / "bootstrap.json").write_text(json.dumps(bootstrap.document()))
    with served(certificate, issuer) as port:
        connect = ["--oidc-connect", f"{issuer.host}=127.0.0.1:{port}", *(["--oidc-ca-file", certificate.chain] if trusted else [])]
        server = Server(["--dev", "--listen", "127.0.0.1:0", "--bootstrap", folder / "bootstrap.json", *(flags or connect)],
                        folder).start()
        try:
            made = Scene(server, Aws(server.url, folder), (issuer, None, None), None)
            made.iam.create_open_id_connect_provider(Url=issuer.url, ClientIDList=[AUDIENCE])
            made.role = made.make_role("workload", trust_provider(provider_arn(issuer.url.removeprefix("https://"))))
            yield made
        finally:
            assert server.stop() == 0


def test_a_token_becomes_credentials_of_the_role(scene):
    answer = scene.assume(scene.issuer.token())
    assert answer["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/workload/job"
    assert answer["SubjectFromWebIdentityToken"] == "subject-1"
    assert answer["Provider"] == provider_arn("idp.example.com/tenant")
    assert answer["Audience"] == AUDIENCE
    assert "PackedPolicySize" not in answer and "SourceIdentity" not in answer and "TrustedIdentityPropagationContext" not in answer
    assert answer["SessionTokenSize"] == len(answer["Credentials"]["SessionToken"])
    session = Keys.of(answer["Credentials"])
    assert scene.aws.sts(session).get_caller_identity()["Arn"] == answer["AssumedRoleUser"]["Arn"]
    scene.aws.s3(session).list_buckets()
    with refused("AccessDenied", "iam:ListUsers"):
        scene.aws.iam(session).list_users()


def test_a_signature_that_is_sent_along_is_not_looked_at(scene):
    client = scene.aws.sts(Keys("AKIAIOSFODNN7EXAMPLE", "wrong"))
    signed = client.meta.events
    signed.register("choose-signer.sts.AssumeRoleWithWebIdentity", lambda **_: "v4")
    answer = client.assume_role_with_web_identity(RoleArn=scene.role, RoleSessionName="job", WebIdentityToken=scene.issuer.token())
    assert answer["Audience"] == AUDIENCE


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"])
def test_each_algorithm(tmp_path, algorithm):
    issuer = Issuer("https://idp.example.com", SigningKey("k", algorithm))
    with fresh(tmp_path, issuer) as scene:
        assert scene.assume(issuer.token())["Provider"] == provider_arn("idp.example.com")
        header, payload, signature = issuer.token().split(".")
        other = base64.urlsafe_b64encode(payload.encode()).decode().rstrip("=")
        scene.refuse(f"{header}.{other}.{signature}", "InvalidIdentityToken")
        scene.refuse(f"{header}.{issuer.token(sub='x').split('.')[1]}.{signature}", "InvalidIdentityToken", NOT_VALID)


def test_what_tokens_are_refused_for(scene):
    issuer = scene.issuer
    scene.refuse("not-a-token-at-all", "InvalidIdentityToken", "is not a valid JWT. (You may see this error if you sent an Access Token)")
    scene.refuse(issuer.token(iss="https://idp.example.com/other"), "InvalidIdentityToken",
                 "No OpenIDConnect provider found in your account for https://idp.example.com/other")
    for claim in ("sub", "aud", "iat", "exp"):
        scene.refuse(issuer.token(**{claim: None}), "InvalidIdentityToken", f"Missing a required claim: {claim}.")
    scene.refuse(issuer.token(aud="other"), "InvalidIdentityToken", "Incorrect token audience")
    scene.refuse(issuer.token(aud=["a", AUDIENCE]), "InvalidIdentityToken", "Token audience contains more than one audience")
    assert scene.assume(issuer.token(aud=["a", "b"], azp=AUDIENCE))["Audience"] == AUDIENCE
    scene.refuse(issuer.token(exp=1_700_000_000), "ExpiredTokenException", "must be before the expiration date/time 1700000000")
    scene.refuse(SigningKey("key-1").sign({"iss": issuer.url}), "InvalidIdentityToken", "Missing a required claim: sub.")
    scene.refuse(issuer.token(SigningKey("key-1")), "InvalidIdentityToken", NOT_VALID)
    scene.refuse(issuer.token(**{"https://aws.amazon.com/roles": [f"arn:aws:iam::{ACCOUNT}:role/other"]}), "InvalidIdentityToken",
                 "The target role ARN is not present in the roles claim of the identity token")
    scene.refuse(issuer.token(), "ValidationError", "Request ARN is invalid", role=f"arn:aws:iam::{ACCOUNT}:user/workload")
    scene.refuse(issuer.token(), "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration", DurationSeconds=7200)
    scene.refuse(issuer.token(), "MalformedPolicyDocument", Policy="{}")
    scene.refuse(issuer.token(), "NotImplemented", "ProviderId", status=501, ProviderId="www.amazon.com")
    unchecked = scene.aws.unchecked("sts", None)
    with refused("ValidationError", "Value null at 'webIdentityToken' failed to satisfy constraint: Member must not be null"):
        unchecked.assume_role_with_web_identity(RoleArn=scene.role, RoleSessionName="job")


def test_a_trust_that_refuses_tells_nothing(scene):
    for role in (f"arn:aws:iam::{ACCOUNT}:role/no-such-role", scene.make_role("strict", trust_provider(
            provider_arn("idp.example.com/tenant"), StringEquals={"idp.example.com/tenant:sub": "somebody-else"}))):
        with refused("AccessDenied", status=403) as error:
            scene.assume(scene.issuer.token(), role=role)
        assert error.message == DENIED
    scene.refuse(scene.issuer.token(), "InvalidIdentityToken", "No OpenIDConnect provider found in your account",
                 role=f"arn:aws:iam::{bootstrap.OTHER_ACCOUNT}:role/workload")


def test_claims_become_tags_and_source_identity(scene):
    role = scene.make_role("tagged", trust_provider(provider_arn("idp.example.com/tenant"),
                                                    StringEquals={"aws:RequestTag/team": "red", "sts:SourceIdentity": "jane"}))
    scene.iam.put_role_policy(RoleName="tagged", PolicyName="by-tag", PolicyDocument=policy(
        allow("iam:ListUsers", StringEquals={"aws:PrincipalTag/team": "red", "aws:SourceIdentity": "jane",
                                             "idp.example.com/tenant:sub": "subject-1"})))
    claims = {"https://aws.amazon.com/tags": {"principal_tags": {"team": ["red"]}, "transitive_tag_keys": ["team"]},
              "https://aws.amazon.com/source_identity": "jane"}
    answer = scene.assume(scene.issuer.token(**claims), role=role)
    assert answer["SourceIdentity"] == "jane"
    assert answer["PackedPolicySize"] > 0
    assert scene.aws.iam(Keys.of(answer["Credentials"])).list_users()["Users"]
    scene.refuse(scene.issuer.token(), "AccessDenied", status=403, role=role)
    only = scene.make_role("plain", trust_provider(provider_arn("idp.example.com/tenant"), actions=["sts:AssumeRoleWithWebIdentity"]))
    scene.refuse(scene.issuer.token(**claims), "AccessDenied", status=403, role=only)


def test_the_session_keeps_who_it_was(scene):
    scene.iam.put_role_policy(RoleName="workload", PolicyName="keys", PolicyDocument=policy(allow(
        "iam:ListUsers", **{"StringEquals": {"aws:FederatedProvider": provider_arn("idp.example.com/tenant"),
                                             "idp.example.com/tenant:aud": AUDIENCE},
                            "ForAnyValue:StringEquals": {"idp.example.com/tenant:amr": "otp"}})))
    session = Keys.of(scene.assume(scene.issuer.token(amr=["pwd", "otp"]))["Credentials"])
    assert scene.aws.iam(session).list_users()["Users"]
    with refused("AccessDenied"):
        scene.aws.iam(Keys.of(scene.assume(scene.issuer.token(amr=["pwd"]))["Credentials"])).list_users()


def test_github_actions(scene):
    scene.iam.create_open_id_connect_provider(Url=scene.github.url, ClientIDList=[AUDIENCE])
    with refused("MalformedPolicyDocument", f"{GITHUB}:sub"):
        scene.iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=trust_provider(
            provider_arn(GITHUB), StringEquals={f"{GITHUB}:aud": AUDIENCE}))
    role = scene.make_role("deploy", trust_provider(provider_arn(GITHUB), StringEquals={
        f"{GITHUB}:aud": AUDIENCE, f"{GITHUB}:repository_id": "74", f"{GITHUB}:environment": "production"},
        StringLike={f"{GITHUB}:sub": "repo:octo-org/octo-repo:*"}))
    claims = {"sub": "repo:octo-org/octo-repo:environment:production", "repository": "octo-org/octo-repo", "repository_id": "74",
              "repository_owner": "octo-org", "environment": "production", "ref": "refs/heads/main", "actor": "octocat",
              "workflow": "deploy", "job_workflow_ref": "octo-org/octo-repo/.github/workflows/deploy.yml@refs/heads/main",
              "run_attempt": "1", "runner_environment": "github-hosted"}
    assert scene.assume(scene.github.token(**claims), role=role)["SubjectFromWebIdentityToken"] == claims["sub"]
    for changed in ({"repository_id": "75"}, {"environment": "staging"}, {"sub": "repo:evil/octo-repo:ref:refs/heads/main"},
                    {"environment": None}):
        scene.refuse(scene.github.token(**(claims | changed)), "AccessDenied", DENIED, status=403, role=role)


def cluster_token(scene, **changes):
    return scene.cluster.token(**({
        "aud": [AUDIENCE], "sub": "system:serviceaccount:shop:checkout", "nbf": 1,
        "kubernetes.io": {"namespace": "shop", "node": {"name": "n1", "uid": "1"}, "pod": {"name": "checkout-0", "uid": "2"},
                          "serviceaccount": {"name": "checkout", "uid": "3"}}} | changes))


@pytest.fixture
def cluster_role(scene):
    name = scene.cluster.url.removeprefix("https://")
    scene.iam.create_open_id_connect_provider(Url=scene.cluster.url, ClientIDList=[AUDIENCE])
    return scene.make_role("pod", trust_provider(provider_arn(name), StringEquals={
        f"{name}:sub": "system:serviceaccount:shop:checkout", f"{name}:aud": AUDIENCE}))


def test_kubernetes_with_keys_from_a_file(scene, cluster_role):
    assert scene.assume(cluster_token(scene), role=cluster_role)["Audience"] == AUDIENCE
    scene.refuse(cluster_token(scene, sub="system:serviceaccount:shop:other"), "AccessDenied", DENIED, status=403, role=cluster_role)
    assert scene.cluster.asked == [], "keys in a file are never asked for"


def test_an_unmodified_boto3_and_cli_read_the_token_file(scene, cluster_role, tmp_path):
    file = tmp_path / "token"
    file.write_text(cluster_token(scene))
    env = scene.aws.environment(None, AWS_WEB_IDENTITY_TOKEN_FILE=str(file), AWS_ROLE_ARN=cluster_role, AWS_ROLE_SESSION_NAME="checkout-0")
    program = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"
    done = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.strip() == f"arn:aws:sts::{ACCOUNT}:assumed-role/pod/checkout-0", done.stderr
    cli = scene.aws.cli(None, "sts", "get-caller-identity", "--query", "Arn", "--output", "text",
                        AWS_WEB_IDENTITY_TOKEN_FILE=str(file), AWS_ROLE_ARN=cluster_role, AWS_ROLE_SESSION_NAME="checkout-0")
    assert cli.stdout.strip() == f"arn:aws:sts::{ACCOUNT}:assumed-role/pod/checkout-0", cli.stderr
    file.write_text(cluster_token(scene, aud=["other"]))
    done = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, timeout=60, check=False)
    assert "Incorrect token audience" in done.stderr


def test_keys_are_fetched_once_and_not_for_every_bad_token(tmp_path):
    issuer = Issuer("https://idp.example.com")
    with fresh(tmp_path, issuer) as scene:
        for _ in range(3):
            scene.assume(issuer.token())
        asked = ["/.well-known/openid-configuration", "/keys"]
        assert issuer.asked == asked
        for i in range(4):
            scene.refuse(issuer.token(SigningKey(f"unknown-{i}")), "InvalidIdentityToken", NO_KEYS)
        assert issuer.asked == asked
        issuer.asked.clear()
        scene.refuse(issuer.token(iss="https://evil.example.com"), "InvalidIdentityToken", "No OpenIDConnect provider found")
        assert issuer.asked == []


def test_an_issuer_that_is_away_or_answers_nonsense(tmp_path):
    def with_answer(name, path, *answer, code="InvalidIdentityToken", text=NO_KEYS):
        issuer = Issuer("https://idp.example.com")
        issuer.answers[path] = answer
        with fresh(tmp_path / name, issuer) as scene:
            scene.refuse(issuer.token(), code, text)
        return issuer

    discovery, keys = "/.well-known/openid-configuration", "/keys"
    away = {"code": "IDPCommunicationError", "text": "could not be reached"}
    with_answer("error", discovery, 503, {}, "", **away)
    with_answer("missing", discovery, 404, {}, "")
    with_answer("html", discovery, 200, {}, "<html>")
    with_answer("long", keys, 200, {}, " " * 600_000, **away)
    moved = with_answer("moved", keys, 302, {"Location": "https://idp.example.com/elsewhere"}, "")
    assert "/elsewhere" not in moved.asked
    with_answer("other", discovery, 200, {}, json.dumps({"issuer": "https://evil.example.com", "jwks_uri": "https://idp.example.com/keys"}))
    with_answer("plain", discovery, 200, {}, json.dumps({"issuer": "https://idp.example.com", "jwks_uri": "http://idp.example.com/keys"}))


def test_an_issuer_that_is_slow_keeps_nobody_else_waiting(tmp_path):
    issuer = Issuer("https://idp.example.com")
    issuer.delay = 20
    with fresh(tmp_path, issuer) as scene:
        scene.refuse(issuer.token(), "IDPCommunicationError", "could not be reached")
        assert scene.aws.sts(bootstrap.ADMIN).get_caller_identity()["Account"] == ACCOUNT
        scene.refuse(issuer.token(), "IDPCommunicationError")  # at once: it was asked a moment ago
        assert len(issuer.asked) == 1


def test_a_certificate_that_nobody_vouches_for(tmp_path):
    issuer = Issuer("https://idp.example.com")
    with fresh(tmp_path, issuer, trusted=False) as scene:
        scene.refuse(issuer.token(), "InvalidIdentityToken", "HTTPS certificate doesn't match configured thumbprint")
    assert issuer.asked == []


def test_addresses_of_this_machine_are_not_asked_unless_allowed(tmp_path):
    issuer = Issuer("https://localhost")
    with fresh(tmp_path / "no", issuer, "--quiet") as scene:
        scene.refuse(issuer.token(), "InvalidIdentityToken", NO_KEYS)
    with fresh(tmp_path / "yes", issuer, "--oidc-allow-private") as scene:
        with refused("IDPCommunicationError"):  # nobody is at port 443; or somebody with another certificate
            scene.assume(issuer.token())
    assert issuer.asked == []


def test_flags_that_are_wrong_stop_the_start(tmp_path):
    for flags in (["--oidc-jwks", "https://idp.example.com=/no/such/file"], ["--oidc-jwks", "idp.example.com=x"],
                  ["--oidc-connect", "idp.example.com=localhost:443"], ["--oidc-ca-file", "/no/such/file"]):
        with pytest.raises(AssertionError, match="oidc"):
            Server(["--dev", "--listen", "127.0.0.1:0", *flags], tmp_path).start()


def test_context_provider(scene):
    arn = provider_arn("idp.example.com/tenant")
    wanted = {"SubjectSourceKey": "oid", "SubjectTypeValue": "user", "KeyDefinitionList": [{"SourceKey": "tid", "TargetKey": "tenant"}]}
    scene.iam.update_open_id_connect_provider(OpenIDConnectProviderArn=arn, ContextProvider=wanted)
    assert scene.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)["ContextProvider"] == wanted
    listed = scene.iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    assert listed == [{"Arn": arn, "IsTrustedIdentityPropagationEnabled": False}]

    scene.iam.put_role_policy(RoleName="workload", PolicyName="by-origin", PolicyDocument=policy(allow(
        "iam:ListUsers", StringEquals={"aws:OriginIdentity/Subject": "object-7", "aws:OriginIdentity/SubjectType": "user",
                                       "aws:TransactionContext/IdentityProvider/tenant": "t-1"})))
    answer = scene.assume(scene.issuer.token(oid="object-7", tid="t-1"))
    assert answer["TrustedIdentityPropagationContext"] == {
        "OriginIdentity": {"Subject": "object-7", "SubjectType": "user", "Issuer": "idp.example.com/tenant", "FederatedProviderArn": arn},
        "TransactionContext": {"IdentityProvider": {"tenant": "t-1"}}}
    assert scene.aws.iam(Keys.of(answer["Credentials"])).list_users()["Users"]
    other = Keys.of(scene.assume(scene.issuer.token(oid="object-8", tid="t-1"))["Credentials"])
    with refused("AccessDenied"):
        scene.aws.iam(other).list_users()
    refusal = scene.trail.event("ListUsers", "object-8")["additionalEventData"]["refusal"]
    assert refusal["context"]["aws:OriginIdentity/Subject"] == "object-8", "what the decision was made on"
    assert "object-8" not in json.dumps(scene.trail.event("AssumeRoleWithWebIdentity", other.access_key))

    update = scene.iam.update_open_id_connect_provider
    with refused("InvalidInput", "Give either", status=400):
        update(OpenIDConnectProviderArn=arn)
    with refused("InvalidInput", "exclude each other"):
        update(OpenIDConnectProviderArn=arn, ContextProvider=wanted | {"SubjectTypeSourceKey": "kind"})
    with refused("InvalidInput", "is not the ARN of an IAM Identity Center instance", status=400):
        update(OpenIDConnectProviderArn=arn, IdentityCenterInstanceArn="arn:aws:sso:::instance/ssoins-1")
    instance = "arn:aws:sso:::instance/ssoins-1234567890abcdef"
    update(OpenIDConnectProviderArn=arn, IdentityCenterInstanceArn=instance)
    assert scene.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)["IdentityCenterInstanceArn"] == instance
    listed = {entry["Arn"]: entry for entry in scene.iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]}
    assert listed[arn]["IsTrustedIdentityPropagationEnabled"] is True
    with refused("InvalidInput", "Remove the association", status=400):
        update(OpenIDConnectProviderArn=arn, RemoveContextProvider=True)
    update(OpenIDConnectProviderArn=arn, RemoveIdentityCenterInstance=True)
    with refused("NoSuchEntity", "OpenIDConnect Provider not found for arn", status=404):
        update(OpenIDConnectProviderArn=provider_arn("none.example.com"), RemoveContextProvider=True)
    update(OpenIDConnectProviderArn=arn, RemoveContextProvider=True)
    assert "ContextProvider" not in scene.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    assert "TrustedIdentityPropagationContext" not in scene.assume(scene.issuer.token(oid="object-7"))

    made = scene.iam.create_open_id_connect_provider(Url="https://second.example.com", ContextProvider={"SubjectSourceKey": "sub"})
    got = scene.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=made["OpenIDConnectProviderArn"])
    assert got["ContextProvider"]["SubjectSourceKey"] == "sub"


def test_the_trail_names_whom_the_issuer_vouches_for(scene):
    answer = scene.assume(scene.issuer.token())
    with refused("AccessDenied", status=403) as error:
        scene.assume(scene.issuer.token(sub="somebody-else"), role=scene.make_role("picky", trust_provider(
            answer["Provider"], StringEquals={"idp.example.com/tenant:sub": "subject-1"})))
    good = scene.trail.event("AssumeRoleWithWebIdentity", answer["Credentials"]["AccessKeyId"])
    assert good["userIdentity"] == {"type": "WebIdentityUser", "principalId": f"{answer['Provider']}:{AUDIENCE}:subject-1",
                                    "userName": "subject-1", "identityProvider": answer["Provider"]}
    refusal = scene.trail.event("AssumeRoleWithWebIdentity", error.response["ResponseMetadata"]["RequestId"], strangers=True)
    assert refusal["userIdentity"]["userName"] == "somebody-else" and refusal["errorCode"] == "AccessDenied"


def test_session_tags_fit_or_are_refused(scene):
    letters = random.Random(10)
    tags = {f"k{number}": ["".join(letters.choices(string.ascii_letters, k=250))] for number in range(35)}
    with refused("PackedPolicyTooLarge", status=400):
        scene.assume(scene.issuer.token(**{"https://aws.amazon.com/tags": {"principal_tags": tags}}))


def test_no_token_is_in_the_trail(scene):
    good, bad = scene.issuer.token(), scene.issuer.token(aud="other")
    access_key = scene.assume(good)["Credentials"]["AccessKeyId"]
    with refused("InvalidIdentityToken", status=400) as error:
        scene.assume(bad)
    scene.trail.event("AssumeRoleWithWebIdentity", access_key)
    refusal = scene.trail.event("AssumeRoleWithWebIdentity", error.response["ResponseMetadata"]["RequestId"], strangers=True)
    assert refusal["errorCode"] == "InvalidIdentityToken"
    text = scene.trail.text()
    assert '"eventName":"AssumeRoleWithWebIdentity"' in text and '"subjectFromWebIdentityToken":"subject-1"' in text
    for token in (good, bad):
        for part in token.split("."):
            assert part not in text or len(part) < 60


def test_the_commands_of_the_guide(scene, tmp_path):
    page = (ROOT / "docs/guide/web-identity.md").read_text(encoding="utf-8")
    scripts = re.findall(r"<!-- run by tests/conformance/test_web_identity.py -->\n```sh\n(.*?)```", page, re.DOTALL)
    assert len(scripts) == 2
    for script in scripts:
        done = subprocess.run(["bash", "-eu"], input=script, env=scene.aws.environment(bootstrap.ADMIN), capture_output=True, text=True,
                              timeout=120, check=False)
        assert done.returncode == 0, done.stderr
    deploy, checkout = (f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ("deploy", "checkout"))
    assert scene.assume(scene.github.token(sub="repo:octo-org/octo-repo:ref:refs/heads/main", repository_id="74"), role=deploy)
    scene.refuse(scene.github.token(sub="repo:octo-org/octo-repo:ref:refs/heads/main", repository_id="75"), "AccessDenied", status=403,
                 role=deploy)
    file = tmp_path / "token"
    file.write_text(cluster_token(scene))
    cli = scene.aws.cli(None, "sts", "get-caller-identity", AWS_WEB_IDENTITY_TOKEN_FILE=str(file), AWS_ROLE_ARN=checkout)
    assert ":assumed-role/checkout/" in cli.stdout, cli.stderr
