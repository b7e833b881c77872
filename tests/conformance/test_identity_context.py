"""A user of IAM Identity Center behind a role session: CreateTokenWithIAM with the token of a trusted issuer, AssumeRole with the context that
it answers, and what such a session may do."""
import base64
import contextlib
import json

import pytest

from support import bootstrap
from support.aws import Aws, refused
from support.bootstrap import ACCOUNT, ADMIN, Keys
from support.certificates import Certificate
from support.issuer import Issuer, SigningKey, served
from support.people import policy
from support.server import Server
from support.trail import Trail

CENTER = "arn:aws:iam::aws:contextProvider/IdentityCenter"
INSTANCE = "ssoins-1234567890abcdef"
APPLICATION = f"arn:aws:sso::{ACCOUNT}:application/{INSTANCE}/apl-1234567890abcdef"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
NOT_SERVED = ("authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:token-exchange")


class Scene:
    def __init__(self, aws, issuer, trail):
        self.aws, self.issuer, self.trail = aws, issuer, trail
        self.iam = aws.iam(ADMIN)

    def token(self, **changes):
        return self.issuer.token(**{"email": "jane@example.com", "aud": "app"} | changes)

    def create(self, keys=ADMIN, **changes):
        request = {"clientId": APPLICATION, "grantType": JWT_BEARER, "assertion": self.token()} | changes
        return self.aws.client("sso-oidc", keys).create_token_with_iam(**{k: v for k, v in request.items() if v is not None})

    def refuse(self, code, status, *texts, **changes):
        with refused(code, *texts, status=status):
            self.create(**changes)

    def assume(self, context, keys=ADMIN, role="app"):
        return self.aws.sts(keys).assume_role(
            RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{role}", RoleSessionName="jane",
            ProvidedContexts=[{"ProviderArn": CENTER, "ContextAssertion": context}])  # fmt: skip


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    folder = tmp_path_factory.mktemp("identity-context")
    issuer = Issuer("https://idp.example.com", SigningKey("k-1", "RS256"))
    other = Issuer("https://other.example.com", SigningKey("k-2", "RS256"))
    certificate = Certificate(folder / "tls", "ec", names=[issuer.host, other.host])
    (folder / "bootstrap.json").write_text(json.dumps(bootstrap.document()))
    (folder / "trail").mkdir()
    trail = Trail(folder / "trail" / "audit.jsonl")
    with contextlib.ExitStack() as stack:
        port = stack.enter_context(served(certificate, issuer, other))
        server = stack.enter_context(Server([
            "--dev", "--listen", "127.0.0.1:0", "--bootstrap", folder / "bootstrap.json", "--audit", trail.path, "--oidc-ca-file", certificate.chain,
            "--oidc-connect", f"{issuer.host}=127.0.0.1:{port}", "--oidc-connect", f"{other.host}=127.0.0.1:{port}"], folder).start())  # fmt: skip
        made = Scene(Aws(server.url, folder), issuer, trail)
        made.other = other
        made.iam.create_open_id_connect_provider(
            Url=issuer.url, ClientIDList=["app"], ContextProvider={"SubjectSourceKey": "email"},
            IdentityCenterInstanceArn=f"arn:aws:sso:::instance/{INSTANCE}")  # fmt: skip
        made.iam.create_open_id_connect_provider(Url=other.url, ClientIDList=["app"])
        trust = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": ["sts:AssumeRole", "sts:SetContext"]}
        for name, user in (("app", "jane@example.com"), ("joes", "joe@example.com")):
            condition = {"StringEquals": {"sts:RequestContext/identitystore:UserId": user},
                         "ForAllValues:ArnEquals": {"sts:RequestContextProviders": CENTER}}  # fmt: skip
            made.iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust | {"Condition": condition}))
        made.iam.create_role(RoleName="plain", AssumeRolePolicyDocument=policy(trust | {"Action": "sts:AssumeRole"}))
        made.iam.attach_role_policy(RoleName="app", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
        yield made


def test_a_trusted_issuers_user_stands_behind_the_session(scene):
    answer = scene.create()
    context = answer["awsAdditionalDetails"]["identityContext"]
    payload = answer["idToken"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert claims["sts:identity_context"] == context and claims["sub"] == "jane@example.com" and claims["aud"] == APPLICATION
    assert answer["tokenType"] == "Bearer" and answer["expiresIn"] == 3600 and "sts:identity_context" in answer["scope"]

    keys = Keys.of(scene.assume(context)["Credentials"])
    assert scene.aws.sts(keys).get_caller_identity()["Arn"].endswith(":assumed-role/app/jane")
    # What STS attaches denies what knows nothing of such users, whatever the role may do.
    with refused("AccessDenied", "iam:ListUsers", "explicit deny in an identity-based policy", status=403):
        scene.aws.iam(keys).list_users()
    behind = scene.trail.event("ListUsers", keys.access_key)["userIdentity"]["onBehalfOf"]
    store = scene.iam.get_open_id_connect_provider(
        OpenIDConnectProviderArn=f"arn:aws:iam::{ACCOUNT}:oidc-provider/idp.example.com")["IdentityStoreArn"]  # fmt: skip
    assert behind == {"userId": "jane@example.com", "identityStoreArn": store}


def test_roles_decide_who_may_stand_behind_them(scene):
    context = scene.create()["awsAdditionalDetails"]["identityContext"]
    with refused("AccessDenied", "sts:AssumeRole", status=403):
        scene.assume(context, role="joes")
    with refused("AccessDenied", "sts:SetContext", status=403):
        scene.assume(context, role="plain")
    for text in ("abcd", context[:-1], context + "A", "B" + context[1:]):
        with refused("InvalidContextAssertion", status=400):
            scene.assume(text)


def test_who_is_not_vouched_for_gets_no_context(scene):
    scene.refuse("InvalidGrantException", 400, assertion=scene.token(aud="other"))
    scene.refuse("InvalidGrantException", 400, assertion=scene.token(email=None))
    scene.refuse("InvalidGrantException", 400, assertion=scene.other.token(aud="app", email="jane@example.com"))
    scene.refuse("InvalidGrantException", 400, assertion=Issuer("https://nobody.example.com").token())
    scene.refuse("InvalidGrantException", 400, assertion=scene.token()[:-4] + "AAAA")
    scene.refuse("InvalidGrantException", 400, assertion="x")
    scene.refuse("ExpiredTokenException", 400, assertion=scene.token(exp=1_700_000_000))
    scene.refuse("InvalidRequestException", 400, assertion=None)
    scene.refuse("InvalidGrantException", 400, clientId=APPLICATION.replace(INSTANCE, "ssoins-fedcba0987654321"))
    for wrong in (APPLICATION.replace(ACCOUNT, "444455556666"), "client", f"arn:aws:iam::{ACCOUNT}:role/app", APPLICATION.replace("/apl-", "/x-")):
        scene.refuse("InvalidClientException", 401, clientId=wrong)
    for grant in NOT_SERVED:
        scene.refuse("UnsupportedGrantTypeException", 400, grant, grantType=grant)


def test_the_applications_permission_decides(scene):
    scene.iam.create_user(UserName="clerk")
    made = scene.iam.create_access_key(UserName="clerk")["AccessKey"]
    clerk = Keys(made["AccessKeyId"], made["SecretAccessKey"])
    scene.refuse("AccessDeniedException", 400, "sso-oauth:CreateTokenWithIAM", keys=clerk)
    statement = {"Effect": "Allow", "Action": "sso-oauth:CreateTokenWithIAM", "Resource": APPLICATION + "x"}
    scene.iam.put_user_policy(UserName="clerk", PolicyName="p", PolicyDocument=policy(statement))
    scene.refuse("AccessDeniedException", 400, keys=clerk)
    scene.iam.put_user_policy(UserName="clerk", PolicyName="p", PolicyDocument=policy(statement | {"Resource": APPLICATION}))
    assert scene.create(keys=clerk)["idToken"]

