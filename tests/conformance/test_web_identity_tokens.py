"""Outbound web identity federation: tokens that STS issues, verified by a foreign library with what the issuer publishes."""
import json
import os
import subprocess
import time
import urllib.error
import urllib.request

import jwt
import pytest

from support import bootstrap
from support.aws import Aws, refused
from support.bootstrap import ACCOUNT, ADMIN, NOBODY, OTHER_ADMIN, Keys
from support.people import allow, create_user, deny, error_code, policy, trust
from support.server import BINARY, Server

AUDIENCE = "https://relying.example.com"
NAMESPACE = "https://sts.amazonaws.com/"


@pytest.fixture
def issuer(admin_iam):
    return admin_iam.enable_outbound_web_identity_federation()["IssuerIdentifier"]


def token_of(aws, keys=ADMIN, algorithm="ES384", audience=(AUDIENCE,), **more):
    return aws.sts(keys).get_web_identity_token(Audience=list(audience), SigningAlgorithm=algorithm, **more)["WebIdentityToken"]


def document(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        assert answer.headers["Content-Type"] == "application/json"
        return json.loads(answer.read())


def verify(token, issuer, audience=AUDIENCE):
    """As a relying party does it: discovery, key set, signature, issuer, audience, times."""
    configuration = document(f"{issuer}/.well-known/openid-configuration")
    assert configuration["issuer"] == issuer
    key = jwt.PyJWKClient(configuration["jwks_uri"]).get_signing_key_from_jwt(token)
    return jwt.decode(token, key, algorithms=configuration["id_token_signing_alg_values_supported"], audience=audience,
                      issuer=issuer, options={"require": ["exp", "iat", "sub", "aud", "iss", "jti"]})


def role_session(aws, admin_iam, **more):
    user, keys = create_user(admin_iam, "u", allow("sts:*"))
    admin_iam.create_role(RoleName="r", Path="/team/", Tags=[{"Key": "Team", "Value": "role"}, {"Key": "dept", "Value": "x"}],
                          AssumeRolePolicyDocument=trust(user["Arn"]).replace(
                              '"sts:AssumeRole"', '["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]'))
    admin_iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=policy(allow("sts:*")))
    return Keys.of(aws.sts(keys).assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/team/r", RoleSessionName="s1", **more)["Credentials"])


def test_the_feature_is_turned_on_and_off_with_the_same_issuer(aws, admin_iam):
    with refused("FeatureDisabled", f"Outbound identity federation is disabled for account {ACCOUNT}", status=404):
        admin_iam.get_outbound_web_identity_federation_info()
    with refused("FeatureDisabled", f"Outbound identity federation is already disabled for account {ACCOUNT}", status=404):
        admin_iam.disable_outbound_web_identity_federation()
    with refused("OutboundWebIdentityFederationDisabledException", "OutboundWebIdentityFederation is disabled.", status=403):
        token_of(aws)
    issuer = admin_iam.enable_outbound_web_identity_federation()["IssuerIdentifier"]
    assert admin_iam.get_outbound_web_identity_federation_info()["IssuerIdentifier"] == issuer
    assert admin_iam.get_outbound_web_identity_federation_info()["JwtVendingEnabled"] is True
    with refused("FeatureEnabled", f"Outbound identity federation is already enabled for account {ACCOUNT}", status=409):
        admin_iam.enable_outbound_web_identity_federation()
    token = token_of(aws)
    admin_iam.disable_outbound_web_identity_federation()
    with refused("OutboundWebIdentityFederationDisabledException"):
        token_of(aws)
    assert verify(token, issuer)["aud"] == AUDIENCE, "keys stay published"
    assert admin_iam.enable_outbound_web_identity_federation()["IssuerIdentifier"] == issuer
    verify(token, issuer)
    assert aws.iam(OTHER_ADMIN).enable_outbound_web_identity_federation()["IssuerIdentifier"] != issuer


def test_keys_that_may_have_leaked_are_replaced_at_once(tmp_path):
    (tmp_path / "bootstrap.json").write_text(json.dumps(bootstrap.document()))
    server = Server(["--listen", "127.0.0.1:0", "--data", tmp_path / "data", "--bootstrap", tmp_path / "bootstrap.json"], tmp_path).start()

    def rotate(*arguments, code=0):
        done = subprocess.run([str(BINARY), "keys", "rotate-issuer", "--data", tmp_path / "data", *arguments], capture_output=True,
                              text=True, timeout=60, env={"PATH": os.environ["PATH"]}, check=False)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    try:
        clients = Aws(server.url, tmp_path)
        assert "no web identity issuer" in rotate(code=3)
        issuer = clients.iam(ADMIN).enable_outbound_web_identity_federation()["IssuerIdentifier"]
        before = token_of(clients)
        assert "sign in a day" in rotate("--account", ACCOUNT)
        assert jwt.get_unverified_header(token_of(clients))["kid"] == jwt.get_unverified_header(before)["kid"]
        verify(before, issuer)

        assert f"{ACCOUNT} EC384_2" in rotate("--account", ACCOUNT, "--at-once")
        after = token_of(clients)
        assert jwt.get_unverified_header(after)["kid"] == "EC384_2"
        verify(after, issuer)
        with pytest.raises(jwt.PyJWKClientError):
            verify(before, issuer)
        assert {key["kid"] for key in document(f"{issuer}/.well-known/jwks.json")["keys"]} == {"RSA_2", "EC384_2"}
        assert '"eventName":"RotateIssuerKeys"' in (tmp_path / "data" / "audit.jsonl").read_text()
    finally:
        assert server.stop() == 0


@pytest.mark.parametrize("name", ["enable_outbound_web_identity_federation", "disable_outbound_web_identity_federation",
                                  "get_outbound_web_identity_federation_info"])
def test_the_switches_need_permission(aws, name):
    assert error_code(getattr(aws.iam(NOBODY), name)) == "AccessDenied"


@pytest.mark.parametrize("algorithm, kid", [("RS256", "RSA_0"), ("ES384", "EC384_0")])
def test_a_foreign_verifier_accepts_the_token(aws, issuer, algorithm, kid):
    token = token_of(aws, algorithm=algorithm)

    claims = verify(token, issuer)

    assert jwt.get_unverified_header(token) == {"kid": kid, "typ": "JWT", "alg": algorithm}
    assert claims["sub"] == f"arn:aws:iam::{ACCOUNT}:user/admin"
    assert claims["exp"] - claims["iat"] == 300
    assert claims[NAMESPACE]["aws_account"] == ACCOUNT
    assert claims[NAMESPACE]["source_region"] == "us-east-1"
    assert claims[NAMESPACE]["principal_id"] == f"arn:aws:iam::{ACCOUNT}:user/admin"
    assert set(claims) == {"aud", "sub", NAMESPACE, "iss", "exp", "iat", "jti"}
    head, body, signature = token.split(".")
    with pytest.raises(jwt.InvalidTokenError):
        verify(f"{head}.{body}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}", issuer)
    with pytest.raises(jwt.InvalidAudienceError):
        verify(token, issuer, audience="https://another.example.com")


def test_documents_are_as_aws_writes_them(issuer):
    configuration = document(f"{issuer}/.well-known/openid-configuration")
    assert configuration == {
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "jti", NAMESPACE],
        "id_token_signing_alg_values_supported": ["RS256", "ES384"], "issuer": issuer, "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "response_types_supported": ["id_token"], "subject_types_supported": ["public"]}
    keys = document(configuration["jwks_uri"])["keys"]
    assert [sorted(key) for key in keys] == [["alg", "crv", "kid", "kty", "use", "x", "y"], ["alg", "e", "kid", "kty", "n", "use"]]
    assert all(key["use"] == "sig" for key in keys)
    for path, code in [("/.well-known/other", 404), ("", 404)]:
        with pytest.raises(urllib.error.HTTPError) as refusal:
            urllib.request.urlopen(issuer + path)
        assert refusal.value.code == code
    for url, data, code in [(issuer[:-1] + "x/.well-known/jwks.json", None, 404), (configuration["jwks_uri"], b"x", 405)]:
        with pytest.raises(urllib.error.HTTPError) as refusal:
            urllib.request.urlopen(url, data=data)
        assert refusal.value.code == code


def test_a_role_session_is_its_role_with_tags(aws, admin_iam, issuer):
    keys = role_session(aws, admin_iam, SourceIdentity="ann", Tags=[{"Key": "team", "Value": "session"}])

    claims = verify(token_of(aws, keys, audience=[AUDIENCE, "b"], Tags=[{"Key": "aws:x", "Value": "1"}]), issuer)

    assert claims["aud"] == [AUDIENCE, "b"]
    assert claims["sub"] == f"arn:aws:iam::{ACCOUNT}:role/team/r"
    more = claims[NAMESPACE]
    assert more["principal_tags"] == {"team": "session", "dept": "x"}
    assert more["request_tags"] == {"aws:x": "1"}
    assert more["source_identity"] == "ann"
    assert more["original_session_exp"].endswith("Z")


def test_sessions_bound_the_token(aws, admin_iam, issuer):
    keys = role_session(aws, admin_iam, DurationSeconds=900)
    answer = aws.sts(keys).get_web_identity_token(Audience=[AUDIENCE], SigningAlgorithm="RS256", DurationSeconds=600)
    assert abs(answer["Expiration"].timestamp() - time.time() - 600) < 10
    with refused("SessionDurationEscalationException",
                 "Requested token expiry time must be before the original session's expiry time.", status=403):
        token_of(aws, keys, DurationSeconds=3600)


def test_who_may_have_one(aws, admin_iam, issuer):
    session = Keys.of(aws.sts(ADMIN).get_session_token()["Credentials"])
    verify(token_of(aws, session), issuer)
    guest = Keys.of(aws.sts(ADMIN).get_federation_token(Name="guest", Policy=policy(allow("*")))["Credentials"])
    with refused("AccessDenied", "GetWebIdentityToken does not support federated user sessions", status=403):
        token_of(aws, guest)
    with refused("AccessDenied", status=403):
        token_of(aws, bootstrap.ROOT)
    with refused("AccessDenied", "sts:GetWebIdentityToken", f"arn:aws:sts::{ACCOUNT}:self", "because no identity-based policy allows"):
        token_of(aws, NOBODY)
    _, keys = create_user(admin_iam, "self", allow("sts:GetWebIdentityToken", f"arn:aws:sts::{ACCOUNT}:self"))
    token_of(aws, keys)
    with refused("AccessDenied", "sts:TagGetWebIdentityToken"):
        token_of(aws, keys, Tags=[{"Key": "k", "Value": "v"}])


def test_condition_keys(aws, admin_iam, issuer):
    _, keys = create_user(admin_iam, "u", allow("sts:*"), deny("sts:GetWebIdentityToken", **{
        "ForAnyValue:StringNotLike": {"sts:IdentityTokenAudience": "https://*"}}), deny(
            "sts:GetWebIdentityToken", NumericGreaterThan={"sts:DurationSeconds": "300"}), deny(
                "sts:GetWebIdentityToken", StringNotEquals={"sts:SigningAlgorithm": "ES384"}))
    token_of(aws, keys)
    assert error_code(token_of, aws=aws, keys=keys, audience=[AUDIENCE, "x"]) == "AccessDenied"
    assert error_code(token_of, aws=aws, keys=keys, DurationSeconds=301) == "AccessDenied"
    assert error_code(token_of, aws=aws, keys=keys, algorithm="RS256") == "AccessDenied"


def test_what_is_asked_for_is_checked_before_the_feature(aws):
    sts = aws.unchecked("sts", ADMIN)
    with refused("ValidationError", "Requested SigningAlgorithm is not supported.", status=400):
        token_of(aws, algorithm="ES256")
    with refused("InvalidParameterValue", "Duplicate tag keys found.", status=400):
        token_of(aws, Tags=[{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}])
    with refused("ValidationError", "Value null at 'audience' failed to satisfy constraint: Member must not be null", status=400):
        sts.get_web_identity_token(SigningAlgorithm="RS256")
    for arguments, text in [({"DurationSeconds": 59}, "durationSeconds"), ({"Audience": ["a"] * 11}, "audience"),
                            ({"SubjectMode": "Other"}, "subjectMode"), ({"Scope": "a  b"}, "scope"),
                            ({"Scope": "a", "SubjectMode": "AWSIdentity"}, "Scope")]:
        with refused("ValidationError", text, status=400):
            sts.get_web_identity_token(**({"Audience": ["a"], "SigningAlgorithm": "RS256"} | arguments))


def test_origin_identity_needs_a_session_that_carries_one(aws, issuer):
    with refused("ValidationError", "origin identity", status=400):
        token_of(aws, SubjectMode="OriginIdentity")


def test_a_payload_that_is_too_large(aws, issuer):
    token_of(aws, audience=["a" * 1000] * 10)
    with refused("JWTPayloadSizeExceededException", status=400):
        token_of(aws, audience=["a" * 1000] * 10, Tags=[{"Key": f"k{i}", "Value": "v" * 256} for i in range(50)])


def test_the_issuer_url_is_a_setting_and_keys_are_sealed(tmp_path):
    (tmp_path / "bootstrap.json").write_text(json.dumps(bootstrap.document()))

    def serve(*more):
        return Server(["--listen", "127.0.0.1:0", "--data", tmp_path / "data", "--bootstrap", tmp_path / "bootstrap.json", *more],
                      tmp_path).start()

    server = serve("--issuer-url", "https://id.example.com/signet")
    aws = Aws(server.url, tmp_path)
    issuer = aws.iam(ADMIN).enable_outbound_web_identity_federation()["IssuerIdentifier"]
    token = token_of(aws)
    assert issuer.startswith("https://id.example.com/signet/_issuer/")
    assert jwt.decode(token, options={"verify_signature": False})["iss"] == issuer
    assert server.stop() == 0

    server = serve()
    aws = Aws(server.url, tmp_path)
    local = aws.iam(ADMIN).get_outbound_web_identity_federation_info()["IssuerIdentifier"]
    assert local == server.url + issuer.removeprefix("https://id.example.com/signet")
    keys = {key["kid"]: key for key in document(f"{local}/.well-known/jwks.json")["keys"]}
    jwt.decode(token, jwt.PyJWK(keys["EC384_0"]), algorithms=["ES384"], audience=AUDIENCE)
    assert server.stop() == 0
    of_strangers = (tmp_path / "data" / "audit-unauthenticated.jsonl").read_text()
    (fetched,) = [record for record in map(json.loads, of_strangers.splitlines()) if record["eventName"] == "GetJsonWebKeySet"]
    assert (fetched["eventSource"], fetched["readOnly"]) == ("sts.amazonaws.com", True)
    assert fetched["additionalEventData"]["issuer"] == issuer.rsplit("/", 1)[1]
    assert token not in (tmp_path / "data" / "audit.jsonl").read_text()
