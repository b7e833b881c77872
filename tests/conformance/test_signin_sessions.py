"""Sign-in sessions through boto3's `signin` client: who is signed in, and what ends when a session is revoked."""
import base64
import re
import time
import urllib.parse

import boto3
import pytest

from support import bootstrap
from support.bootstrap import Keys
from support.browser import Browser
from support.login_client import LoginClient
from support.people import allow, create_user, error_code, policy, trust
from support.server import ROOT
from support.signin import signin_client

PASSWORD = "Correct-horse-1"
ACCOUNT = bootstrap.ACCOUNT
ADMIN_ARN = f"arn:aws:iam::{ACCOUNT}:user/admin"
EVERYBODY = f"arn:aws:iam::{ACCOUNT}:*"


@pytest.fixture
def signin(aws):
    return signin_client(aws, bootstrap.ADMIN)


@pytest.fixture
def browser(server):
    signed_in = Browser(server)
    assert signed_in.sign_in(password=PASSWORD).status == 303
    return signed_in


def login(server, browser, clock):
    """(client, answer) of an `aws login`."""
    client = LoginClient(server)
    page = browser.request("GET", client.authorize_path())
    answer = browser.request("POST", "/v1/authorize", {"step": browser.step(page), "allow": "yes"})
    code = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(answer.headers["Location"]).query))["code"]
    status, _, given = client.redeem(code, clock.now())
    assert status == 200, given
    return client, given


def keys_of(given):
    token = given["accessToken"]
    return Keys(token["accessKeyId"], token["secretAccessKey"], token["sessionToken"])


def arns(signin, **filters):
    return [item["sessionArn"] for item in signin.list_sessions(**filters)["items"]]


def sign_in_jane(admin_iam, server):
    if "jane" not in [user["UserName"] for user in admin_iam.list_users()["Users"]]:
        admin_iam.create_user(UserName="jane", Path="/team/")
        admin_iam.create_login_profile(UserName="jane", Password=PASSWORD)
    browser = Browser(server)
    assert browser.sign_in(user="jane", password=PASSWORD).status == 303
    return browser


# What works

def test_the_sessions_of_a_browser_and_of_a_program(signin, server, browser, clock):
    [console] = signin.list_sessions()["items"]
    assert console["principalArn"] == ADMIN_ARN and console["status"] == "ACTIVE" and "clientId" not in console and "role" not in console
    assert console["sessionArn"].startswith(f"arn:aws:signin:us-east-1:{ACCOUNT}:session/")
    assert abs(console["issuedAt"] - time.time()) < 60 and console["expiresAt"] - console["issuedAt"] == 12 * 3600
    client, _ = login(server, browser, clock)
    [program] = [item for item in signin.list_sessions()["items"] if "clientId" in item]
    assert (program["clientId"], program["clientType"], program["status"]) == (client.client_id, "CLI", "ACTIVE")
    told = signin.get_session(sessionArn=program["sessionArn"])
    assert told["originSessionArn"] == console["sessionArn"] and told["issuedInRegion"] == "us-east-1"
    assert told["lastUsedAt"] >= told["issuedAt"] and told["clientId"] == client.client_id
    assert "originSessionArn" not in signin.get_session(sessionArn=console["sessionArn"])


def test_a_session_is_the_same_while_its_cookie_changes(signin, browser, admin_iam):
    before = arns(signin)
    admin_iam.create_role(RoleName="auditor", AssumeRolePolicyDocument=trust(ADMIN_ARN))
    assert browser.request("POST", "/_console/switchrole", {"account": ACCOUNT, "roleName": "auditor"}).status == 303
    assert arns(signin) == before


def test_of_others_and_of_all(signin, server, browser, admin_iam):
    sign_in_jane(admin_iam, server)
    [own] = arns(signin)
    [of_jane] = arns(signin, principalArn=f"arn:aws:iam::{ACCOUNT}:user/jane")
    assert own != of_jane and sorted(arns(signin, principalArn=EVERYBODY)) == sorted([own, of_jane])
    assert signin.get_session(sessionArn=of_jane, principalArn=EVERYBODY)["principalArn"] == f"arn:aws:iam::{ACCOUNT}:user/jane"
    assert arns(signin, principalArn=f"arn:aws:iam::{ACCOUNT}:user/nobody-of-that-name") == []
    assert arns(signin, principalArn=f"arn:aws:iam::{ACCOUNT}:root") == []


def test_filters_and_pages(signin, server, browser, admin_iam, clock):
    for _ in range(3):
        sign_in_jane(admin_iam, server)
    whole = arns(signin, principalArn=EVERYBODY)
    assert len(whole) == 4
    paged, token = [], {}
    while True:
        page = signin.list_sessions(principalArn=EVERYBODY, maxResults=1, **token)
        paged += [item["sessionArn"] for item in page["items"]]
        if "nextToken" not in page:
            break
        token = {"nextToken": page["nextToken"]}
    assert paged == whole
    now = int(time.time())
    assert arns(signin, principalArn=EVERYBODY, issuedAfter=now + 100) == []
    assert arns(signin, principalArn=EVERYBODY, issuedBefore=now - 100) == []
    assert arns(signin, principalArn=EVERYBODY, issuedAfter=now - 100, issuedBefore=now + 100) == whole
    assert arns(signin, principalArn=EVERYBODY, status="REVOKED") == []
    assert arns(signin, principalArn=EVERYBODY, clientId="arn:aws:signin:::devtools/same-device") == []


def test_who_acts_as_a_role_gives_a_session_of_the_role(signin, server, browser, admin_iam, clock):
    admin_iam.create_role(RoleName="auditor", Path="/team/", AssumeRolePolicyDocument=trust(ADMIN_ARN))
    admin_iam.put_role_policy(RoleName="auditor", PolicyName="p", PolicyDocument=policy(allow("signin:*")))
    assert browser.request("POST", "/_console/switchrole", {"account": ACCOUNT, "roleName": "team/auditor"}).status == 303
    login(server, browser, clock)
    role = f"arn:aws:iam::{ACCOUNT}:role/auditor"
    [item] = signin.list_sessions(principalArn=role)["items"]
    assert item["principalArn"] == role and item["role"] == role


def test_revoking_ends_everything_at_once(signin, server, browser, clock, aws):
    client, given = login(server, browser, clock)
    [console] = [item["sessionArn"] for item in signin.list_sessions()["items"] if "clientId" not in item]
    assert aws.sts(keys_of(given)).get_caller_identity()["Arn"] == ADMIN_ARN
    answer = signin.batch_revoke_sessions(sessionArns=[console], reason="a lost laptop")
    assert answer["revokedSessions"] == [{"sessionArn": console}] and answer["errors"] == []
    assert browser.request("GET", "/_console/").status == 401
    assert client.refresh(given["refreshToken"], clock.now())[2]["error"] == "TOKEN_EXPIRED", "what came from it ends with it"
    assert error_code(aws.iam(keys_of(given)).list_users) == "InvalidClientTokenId"
    assert {item["status"] for item in signin.list_sessions()["items"]} == {"REVOKED"}
    assert signin.get_session(sessionArn=console)["status"] == "REVOKED"
    assert signin.batch_revoke_sessions(sessionArns=[console])["errors"] == [], "again"


def test_revoking_a_programs_session_leaves_the_browser(signin, server, browser, clock, aws):
    client, given = login(server, browser, clock)
    other, kept = login(server, browser, clock)
    first = min((item for item in signin.list_sessions()["items"] if "clientId" in item), key=lambda item: item["issuedAt"])
    assert signin.batch_revoke_sessions(sessionArns=[first["sessionArn"]])["errors"] == []
    results = [one.refresh(answer["refreshToken"], clock.now())[0] for one, answer in ((client, given), (other, kept))]
    assert sorted(results) == [200, 401] and browser.request("GET", "/_console/").status == 200


def test_a_policy_can_end_one_session(signin, server, browser, clock, aws, admin_iam):
    """aws:SignInSessionArn, on each request with credentials of the session."""
    _, given = login(server, browser, clock)
    [program] = [item["sessionArn"] for item in signin.list_sessions()["items"] if "clientId" in item]
    admin_iam.put_user_policy(UserName="admin", PolicyName="end", PolicyDocument=policy(
        {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"ArnEquals": {"aws:SignInSessionArn": program}}}))
    assert error_code(aws.iam(keys_of(given)).list_users) == "AccessDenied"
    assert admin_iam.list_users()["Users"], "long-term keys are of no session"


def test_tokens_are_looked_at_and_revoked(signin, server, browser, clock):
    client, given = login(server, browser, clock)
    token = given["refreshToken"]
    assert token.startswith("ASOR")
    told = signin.introspect_oauth2_token_with_iam(token=token, tokenTypeHint="access_token")
    assert told["active"] and told["tokenType"] == "refresh_token" and told["clientId"] == client.client_id
    assert told["sub"] == ADMIN_ARN and told["accountId"] == ACCOUNT and told["iss"] == "signin.amazonaws.com" and "aud" not in told
    assert told["signinSession"] in arns(signin)
    for other in ("ASOAsomething", "ASORsomething", token[:-1]):
        assert signin.introspect_oauth2_token_with_iam(token=other)["active"] is False
    signin.revoke_oauth2_token_with_iam(token=token)
    signin.revoke_oauth2_token_with_iam(token=token)
    assert signin.introspect_oauth2_token_with_iam(token=token)["active"] is False
    assert client.refresh(token, clock.now())[2]["error"] == "TOKEN_EXPIRED"
    assert browser.request("GET", "/_console/").status == 200


# What does not

def test_it_takes_permission(aws, admin_iam, browser, signin):
    [arn] = arns(signin)
    _, keys = create_user(admin_iam, "bob")
    bob = signin_client(aws, keys)
    calls = {"ListSessions": lambda: bob.list_sessions(), "GetSession": lambda: bob.get_session(sessionArn=arn),
             "BatchRevokeSessions": lambda: bob.batch_revoke_sessions(sessionArns=[arn]),
             "IntrospectOAuth2Token": lambda: bob.introspect_oauth2_token_with_iam(token="ASORx"),
             "RevokeOAuth2Token": lambda: bob.revoke_oauth2_token_with_iam(token="ASORx")}
    for action, call in calls.items():
        assert error_code(call) == "AccessDeniedException", action
    for action, call in calls.items():
        admin_iam.put_user_policy(UserName="bob", PolicyName="p", PolicyDocument=policy(allow(f"signin:{action}")))
        assert error_code(call) in (None, "ResourceNotFoundException"), action
    assert browser.request("GET", "/_console/").status == 200, "another's session is not found, and not revoked"


def test_what_is_another_ones_is_not_there(signin, server, browser, admin_iam, aws):
    sign_in_jane(admin_iam, server)
    [own] = arns(signin)
    [of_jane] = arns(signin, principalArn=f"arn:aws:iam::{ACCOUNT}:user/jane")
    foreign = signin_client(aws, bootstrap.OTHER_ADMIN)
    for client, arn, more in ((signin, of_jane, {}), (signin, own, {"principalArn": f"arn:aws:iam::{ACCOUNT}:user/jane"}),
                              (foreign, own, {}), (foreign, own, {"principalArn": ADMIN_ARN}), (foreign, own, {"principalArn": EVERYBODY}),
                              (signin, own[:-1], {}), (signin, own + "0", {}), (signin, own.replace("us-east-1", "eu-west-1"), {}),
                              (signin, "nothing", {})):
        assert error_code(lambda: client.get_session(sessionArn=arn, **more)) == "ResourceNotFoundException", (arn, more)
        answer = client.batch_revoke_sessions(sessionArns=[arn], **more)
        assert answer["revokedSessions"] == []
        assert [(one["sessionArn"], one["code"]) for one in answer["errors"]] == [(arn, "ResourceNotFoundException")]
    assert error_code(lambda: foreign.list_sessions(principalArn=ADMIN_ARN)) == "ValidationException"
    assert browser.request("GET", "/_console/").status == 200


def test_what_has_ended_is_not_listed(signin, server, browser, admin_iam, clock):
    sign_in_jane(admin_iam, server)
    admin_iam.update_login_profile(UserName="jane", Password="Another-battery-3")
    assert arns(signin, principalArn=f"arn:aws:iam::{ACCOUNT}:user/jane") == []
    browser.request("POST", "/_console/signout", {})
    assert arns(signin) == []


def test_nonsense_is_refused(signin):
    for parameters in ({"nextToken": "AAAA"}, {"nextToken": base64.urlsafe_b64encode(b"a/b/c").decode().rstrip("=")}):
        assert error_code(lambda: signin.list_sessions(**parameters)) == "ValidationException"


def test_another_accounts_tokens_are_inactive(signin, aws, server, browser, clock):
    client, given = login(server, browser, clock)
    foreign = signin_client(aws, bootstrap.OTHER_ADMIN)
    assert foreign.introspect_oauth2_token_with_iam(token=given["refreshToken"])["active"] is False
    foreign.revoke_oauth2_token_with_iam(token=given["refreshToken"])
    assert client.refresh(given["refreshToken"], clock.now())[0] == 200


def test_the_guide(server, browser, aws, monkeypatch, capsys):
    """Its programs: the client of the second, and the loop of the first with it."""
    blocks = re.findall(r"<!-- run by tests/conformance/test_signin_sessions.py -->\n```python\n(.*?)```", (ROOT / "docs/guide/sign-in.md").read_text(),
                        re.DOTALL)
    assert len(blocks) == 2
    for name, value in aws.environment(bootstrap.ADMIN).items():
        monkeypatch.setenv(name, value)
    names = {"boto3": boto3, "urllib": urllib, "endpoint": aws.url, "account": ACCOUNT}
    exec(blocks[1] + blocks[0], names)  # the guide's own text
    assert f"{ADMIN_ARN} ACTIVE a browser" in capsys.readouterr().out
    assert browser.request("GET", "/_console/").status == 401
