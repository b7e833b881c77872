"""`aws login`: a browser says yes, a program gets credentials, and every SDK refreshes them; botocore's own login provider does here."""
import base64
import http.client
import json
import os
import subprocess
import sys
import urllib.parse

import pytest

from support import bootstrap
from support.bootstrap import Keys
from support.browser import Browser
from support.login_client import LoginClient
from support.people import error_code, trust

PASSWORD = "Correct-horse-1"
ADMIN_ARN = f"arn:aws:iam::{bootstrap.ACCOUNT}:user/admin"


@pytest.fixture
def browser(server):
    signed_in = Browser(server)
    assert signed_in.sign_in(password=PASSWORD).status == 303
    return signed_in


@pytest.fixture
def client(server):
    return LoginClient(server)


def answer_consent(browser, client, allow="yes"):
    page = browser.request("GET", client.authorize_path())
    assert page.status == 200, page.text
    return browser.request("POST", "/v1/authorize", {"step": browser.step(page), "allow": allow})


def query_of(answer):
    assert answer.status == 303, answer.text
    url = urllib.parse.urlsplit(answer.headers["Location"])
    return f"{url.scheme}://{url.netloc}{url.path}", dict(urllib.parse.parse_qsl(url.query))


def code_of(browser, client):
    return query_of(answer_consent(browser, client))[1]["code"]


@pytest.fixture
def login(browser, client, clock):
    """The answer that a program got."""
    status, _, answer = client.redeem(code_of(browser, client), clock.now())
    assert status == 200, answer
    return answer


def keys_of(answer):
    token = answer["accessToken"]
    return Keys(token["accessKeyId"], token["secretAccessKey"], token["sessionToken"])


# What works

def test_a_program_gets_the_persons_credentials(browser, client, clock, aws):
    where, query = query_of(answer_consent(browser, client))
    assert where == client.redirect and query["state"] == client.state
    status, _, answer = client.redeem(query["code"], clock.now())
    assert status == 200, answer
    assert answer["tokenType"] == "aws_sigv4" and answer["expiresIn"] == 900
    assert aws.sts(keys_of(answer)).get_caller_identity()["Arn"] == ADMIN_ARN
    assert aws.iam(keys_of(answer)).list_users()["Users"], "IAM is open to it, unlike to GetSessionToken's credentials"
    header, payload, signature = answer["idToken"].split(".")
    assert json.loads(base64.urlsafe_b64decode(payload + "=="))["sub"] == ADMIN_ARN and header and signature


def test_a_refresh_gives_more_and_may_be_repeated(login, client, clock, aws):
    clock.shift(800)
    first = client.refresh(login["refreshToken"], clock.now())
    again = client.refresh(login["refreshToken"], clock.now())
    for status, _, answer in (first, again):
        assert status == 200 and answer["refreshToken"] == login["refreshToken"] and "idToken" not in answer
        assert aws.sts(keys_of(answer)).get_caller_identity()["Arn"] == ADMIN_ARN


def test_botocore_refreshes_by_itself(login, client, clock, server, tmp_path):
    """An unmodified boto3 with the profile and cache of `aws login`, when the credentials have expired already."""
    config, cache = client.save(login, tmp_path, clock.now() - 3600)
    program = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False, env={
        "PATH": os.environ["PATH"], "HOME": str(tmp_path), "AWS_CONFIG_FILE": str(config), "AWS_LOGIN_CACHE_DIRECTORY": str(cache),
        "AWS_ENDPOINT_URL": f"http://localhost:{server.port}", "AWS_EC2_METADATA_DISABLED": "true"})
    assert done.stdout.strip() == ADMIN_ARN, done.stderr
    (kept,) = cache.glob("*.json")
    assert json.loads(kept.read_text())["accessToken"]["accessKeyId"] != login["accessToken"]["accessKeyId"]


def test_who_is_not_signed_in_signs_in_and_comes_back(server, client):
    browser = Browser(server)
    away = browser.request("GET", client.authorize_path())
    assert away.status == 303 and away.headers["Location"].startswith("/_console/signin?to=")
    form = browser.request("GET", away.headers["Location"])
    back = browser.request("POST", "/_console/signin", {"step": browser.step(form), "account": bootstrap.ACCOUNT, "user": "admin",
                                                        "password": PASSWORD})
    assert back.status == 303 and back.headers["Location"] == client.authorize_path()
    assert ADMIN_ARN in browser.request("GET", back.headers["Location"]).text


def test_a_terminal_elsewhere_gets_a_code_to_type(server, browser, clock, aws):
    client = LoginClient(server, is_remote=True)
    page = browser.request("GET", client.authorize_path())
    assert "only if you started this yourself" in page.text
    answer = browser.request("POST", "/v1/authorize", {"step": browser.step(page), "allow": "yes"})
    shown = browser.request("GET", answer.headers["Location"].removeprefix(client.base)).text
    typed = base64.b64decode(shown.split('id="code">')[1].split("<")[0]).decode()
    query = dict(urllib.parse.parse_qsl(typed))
    assert query["state"] == client.state
    status, _, answer = client.redeem(query["code"], clock.now())
    assert status == 200 and aws.sts(keys_of(answer)).get_caller_identity()["Arn"] == ADMIN_ARN


def test_whoever_acts_as_a_role_gives_the_roles_credentials(browser, client, clock, aws, admin_iam):
    admin_iam.create_role(RoleName="auditor", AssumeRolePolicyDocument=trust(ADMIN_ARN))
    assert browser.request("POST", "/_console/switchrole", {"account": bootstrap.ACCOUNT, "roleName": "auditor"}).status == 303
    admin_iam.put_role_policy(RoleName="auditor", PolicyName="p", PolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "signin:*", "Resource": "*"}}))
    acting = f"arn:aws:sts::{bootstrap.ACCOUNT}:assumed-role/auditor/admin"
    assert acting in browser.request("GET", client.authorize_path()).text
    status, _, answer = client.redeem(code_of(browser, client), clock.now())
    assert status == 200 and aws.sts(keys_of(answer)).get_caller_identity()["Arn"] == acting
    clock.shift(3600)
    assert client.refresh(answer["refreshToken"], clock.now())[2]["error"] == "TOKEN_EXPIRED", "not the user's in its place"


def test_coordinates_without_their_zeros_are_taken(browser, server, clock):
    client = LoginClient(server)
    while client.key.public_key().public_numbers().x >> 248:
        client = LoginClient(server)
    number = client.key.public_key().public_numbers()
    plain = LoginClient.proof

    def short(self, now, **changes):
        import support.login_client as module
        kept = module.base64url
        module.base64url = lambda data: kept(data.lstrip(b"\0")) if data == number.x.to_bytes(32) else kept(data)
        try:
            return plain(self, now, **changes)
        finally:
            module.base64url = kept

    status, _, answer = client.token({"clientId": client.client_id, "grantType": "authorization_code", "code": code_of(browser, client),
                                      "codeVerifier": client.verifier, "redirectUri": client.redirect}, clock.now(),
                                     short(client, clock.now()))
    assert status == 200, answer
    assert client.refresh(answer["refreshToken"], clock.now())[0] == 200, "the same key at its whole length"


def test_pages_belong_to_localhost(server, client):
    """Cookies know no ports: on 127.0.0.1 they would go to the program that waits there, too."""
    answer = Browser(server, host=f"127.0.0.1:{server.port}").request("GET", client.authorize_path())
    assert answer.status == 303 and answer.headers["Location"] == f"http://localhost:{server.port}{client.authorize_path()}"


# What does not

def test_a_no_is_told_to_the_program(browser, client):
    where, query = query_of(answer_consent(browser, client, allow="no"))
    assert where == client.redirect and query == {"error": "access_denied", "state": client.state}


def test_nobody_is_asked_over_the_head_of_the_page(browser, client, server):
    """A live session alone gives nothing away: the answer needs the page's own form, in this browser, from this server."""
    page = browser.request("GET", client.authorize_path())
    form = {"step": browser.step(page), "allow": "yes"}
    assert browser.request("POST", "/v1/authorize", {"allow": "yes"}).status == 400
    assert browser.request("POST", "/v1/authorize", form, {"Sec-Fetch-Site": "cross-site"}).status == 403
    other = Browser(server)
    assert other.sign_in(password=PASSWORD).status == 303
    assert other.request("POST", "/v1/authorize", form).status == 400
    browser.cookies.pop("signet-sid")
    assert browser.request("POST", "/v1/authorize", form).status == 400


@pytest.mark.parametrize("changes", [
    {"redirect_uri": "http://127.0.0.1:1234/other"}, {"redirect_uri": "http://127.0.0.1:1234@evil.example/oauth/callback"},
    {"redirect_uri": "http://localhost:1234/oauth/callback"}, {"redirect_uri": "https://evil.example/oauth/callback"},
    {"redirect_uri": "http://127.0.0.1:/oauth/callback"}, {"redirect_uri": "http://127.0.0.1:99999/oauth/callback"}, {"redirect_uri": ""},
    {"client_id": "arn:aws:signin:::devtools/other"}, {"client_id": ""}, {"response_type": "token"}, {"scope": "openid email"},
    {"code_challenge_method": "plain"}, {"code_challenge": "short"}, {"code_challenge": "!" * 43}, {"state": ""}, {"state": "x" * 513},
])
def test_what_is_not_aws_login_is_refused_without_going_anywhere(browser, client, changes):
    answer = browser.request("GET", client.authorize_path(**changes))
    assert answer.status == 400 and "Location" not in answer.headers


@pytest.mark.parametrize("changes", [{"codeVerifier": "x" * 64}, {"codeVerifier": ""}, {"clientId": "arn:aws:signin:::devtools/cross-device"},
                                     {"redirectUri": "http://127.0.0.1:1/oauth/callback"}])
def test_a_code_is_for_the_one_who_asked(browser, client, clock, changes):
    code = code_of(browser, client)
    status, kind, answer = client.redeem(code, clock.now(), **changes)
    assert (status, kind, answer["error"]) == (400, "ValidationException", "INVALID_REQUEST")
    assert client.redeem(code, clock.now())[0] == 200


def test_a_code_works_once_and_for_ten_minutes(browser, client, clock):
    code = code_of(browser, client)
    assert client.redeem(code, clock.now())[0] == 200
    for late in (code, code_of(browser, client), "x" * 43, ""):
        if late not in (code, "") and late != "x" * 43:
            clock.shift(600)
        status, kind, answer = client.redeem(late, clock.now())
        assert (status, kind, answer["error"]) == (401, "AccessDeniedException", "AUTHCODE_EXPIRED")


def test_a_code_that_is_used_again_takes_back_what_it_gave(browser, client, clock, server, aws, admin_iam):
    """RFC 6749 4.1.2: two have it, and nobody knows who of them should."""
    code = code_of(browser, client)
    _, _, answer = client.redeem(code, clock.now())
    keys = keys_of(answer)
    assert aws.sts(keys).get_caller_identity()["Arn"] == ADMIN_ARN
    thief = LoginClient(server)
    status, kind, refusal = thief.redeem(code, clock.now(), clientId=client.client_id)
    assert (status, kind, refusal["error"]) == (401, "AccessDeniedException", "AUTHCODE_EXPIRED")
    assert client.refresh(answer["refreshToken"], clock.now())[2]["error"] == "TOKEN_EXPIRED"
    assert error_code(aws.iam(keys).list_users) == "InvalidClientTokenId", "at once"
    assert client.redeem(code, clock.now())[2]["error"] == "AUTHCODE_EXPIRED"
    assert ADMIN_ARN in browser.request("GET", "/_console/").text, "the person is signed in as before"
    assert client.redeem(code_of(browser, client), clock.now())[0] == 200


def test_a_guess_at_a_code_takes_nothing_back(browser, client, clock, server):
    """Neither does a request without a proof, or for a code that was not used."""
    code = code_of(browser, client)
    _, _, answer = client.redeem(code, clock.now())
    body = {"clientId": client.client_id, "grantType": "authorization_code", "code": code, "codeVerifier": client.verifier,
            "redirectUri": client.redirect}
    assert client.token(body, clock.now(), False)[0] == 400
    assert client.redeem("x" * 43, clock.now())[0] == 401
    assert client.refresh(answer["refreshToken"], clock.now())[0] == 200


def test_every_refusal_has_the_form_of_the_api(server, client, clock):
    for method, path, headers, body in (("GET", "/v1/token", {}, None), ("PUT", "/v1/token", {}, "{}"),
                                        ("POST", "/v1/token?a=%zz", {"Content-Type": "application/json"}, "{}"),
                                        ("POST", "/v1/token", {"Content-Type": "application/x-www-form-urlencoded"}, "grant_type=%zz"),
                                        ("POST", "/v1/token", {}, "\x00")):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        connection.request(method, path, body=body, headers={"Host": f"localhost:{server.port}"} | headers)
        answer = connection.getresponse()
        text = json.loads(answer.read())
        connection.close()
        assert (answer.status, answer.headers["x-amzn-errortype"], text["error"]) == (400, "ValidationException", "INVALID_REQUEST"), path
        assert text["message"]


def test_a_program_is_not_idle(login, client, clock, browser):
    """It refreshes when it needs to; the browser's session ends after an hour without use."""
    clock.shift(3601)
    assert browser.request("GET", "/_console/").status == 401
    assert client.refresh(login["refreshToken"], clock.now())[0] == 200


def test_a_code_ends_with_the_session_that_gave_it(browser, client, clock):
    code = code_of(browser, client)
    assert browser.request("POST", "/_console/signout", {}).status == 200
    assert client.redeem(code, clock.now())[2]["error"] == "AUTHCODE_EXPIRED"


def test_each_request_needs_a_fresh_proof_for_it(login, client, clock):
    now = clock.now()
    body = {"clientId": client.client_id, "refreshToken": login["refreshToken"], "grantType": "refresh_token"}
    for proof in (False, "nonsense", client.proof(now, htm="GET"), client.proof(now, htu="http://evil.example/v1/token"),
                  client.proof(now - 400), client.proof(now + 400), client.proof(now)[:-4] + "AAAA"):
        status, kind, answer = client.token(body, now, proof)
        assert (status, kind, answer["error"]) == (400, "ValidationException", "INVALID_REQUEST")
    assert client.token(body, now)[0] == 200


def test_a_refresh_token_is_no_use_without_its_key(login, client, server, clock):
    thief = LoginClient(server)
    status, _, answer = thief.refresh(login["refreshToken"], clock.now())
    assert status == 400 and "accessToken" not in answer
    assert client.refresh("x" * 43, clock.now())[2]["error"] == "TOKEN_EXPIRED"


def test_a_refresh_token_is_no_cookie(login, server):
    browser = Browser(server)
    browser.cookies["signet-sid"] = login["refreshToken"]
    assert browser.request("GET", "/_console/").status == 401


def test_a_new_password_ends_it(login, client, clock, admin_iam, aws):
    clock.shift(1)
    admin_iam.update_login_profile(UserName="admin", Password="Another-battery-3")
    status, kind, answer = client.refresh(login["refreshToken"], clock.now())
    assert (status, kind, answer["error"]) == (403, "AccessDeniedException", "USER_CREDENTIALS_CHANGED")
    assert error_code(aws.iam(keys_of(login)).list_users) == "InvalidClientTokenId", "and its credentials with it"


def test_a_role_does_not_outlive_who_acts_as_it(browser, client, clock, server, admin_iam):
    """Neither by another console session from its credentials, nor by a consent that is redeemed too late."""
    admin_iam.create_role(RoleName="auditor", AssumeRolePolicyDocument=trust(ADMIN_ARN))
    admin_iam.put_role_policy(RoleName="auditor", PolicyName="p", PolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "signin:*", "Resource": "*"}}))
    assert browser.request("POST", "/_console/switchrole", {"account": bootstrap.ACCOUNT, "roleName": "auditor"}).status == 303
    _, _, answer = client.redeem(code_of(browser, client), clock.now())
    keys = keys_of(answer)
    session = json.dumps({"sessionId": keys.access_key, "sessionKey": keys.secret_key, "sessionToken": keys.token})
    path = "/federation?" + urllib.parse.urlencode({"Action": "getSigninToken", "Session": session, "SessionDuration": 43200})
    assert Browser(server).request("GET", path).status == 400
    clock.shift(3500)
    code = code_of(browser, client)
    clock.shift(101)
    assert client.redeem(code, clock.now())[2]["error"] == "AUTHCODE_EXPIRED"


def test_a_question_is_of_one_session(browser, client, server):
    page = browser.request("GET", client.authorize_path())
    form = {"step": browser.step(page), "allow": "yes"}
    assert browser.sign_in(password=PASSWORD).status == 303
    assert browser.request("POST", "/v1/authorize", form).status == 400


def test_forms_are_answered_in_their_own_names(browser, client, clock):
    body = urllib.parse.urlencode({"client_id": client.client_id, "grant_type": "authorization_code", "code": code_of(browser, client),
                                   "code_verifier": client.verifier, "redirect_uri": client.redirect})
    answer = browser.request("POST", "/v1/token", dict(urllib.parse.parse_qsl(body)), {"DPoP": client.proof(clock.now())})
    assert answer.status == 200 and {"access_token", "refresh_token", "expires_in", "id_token"} <= json.loads(answer.text).keys()


def test_it_lasts_as_long_as_the_console_session(login, client, clock):
    clock.shift(12 * 3600)
    assert client.refresh(login["refreshToken"], clock.now())[2]["error"] == "TOKEN_EXPIRED"


def test_credentials_do_not_outlast_the_session(login, client, clock, aws):
    clock.shift(12 * 3600 - 300)
    status, _, answer = client.refresh(login["refreshToken"], clock.now())
    assert status == 200 and answer["expiresIn"] <= 300


def test_it_takes_the_two_permissions(server, client, clock, admin_iam):
    admin_iam.create_login_profile(UserName="nobody", Password=PASSWORD)
    browser = Browser(server)
    assert browser.sign_in(user="nobody", password=PASSWORD).status == 303
    where, query = query_of(answer_consent(browser, client))
    assert where == client.redirect and query["error"] == "access_denied" and query["state"] == client.state, "the program does not wait"
    assert "signin:AuthorizeOAuth2Access" in query["error_description"]
    remote = LoginClient(server, is_remote=True)
    denied = answer_consent(browser, remote)
    assert denied.status == 403 and "signin:AuthorizeOAuth2Access" in denied.text, "nobody waits there"

    def allow(*actions):
        admin_iam.put_user_policy(UserName="nobody", PolicyName="login", PolicyDocument=json.dumps({
            "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource":
                                                    "arn:aws:signin:*:*:oauth2/public-client/localhost"}]}))

    allow("signin:AuthorizeOAuth2Access")
    code = code_of(browser, client)
    status, kind, answer = client.redeem(code, clock.now())
    assert (status, kind, answer["error"]) == (403, "AccessDeniedException", "INSUFFICIENT_PERMISSIONS")
    allow("signin:AuthorizeOAuth2Access", "signin:CreateOAuth2Token")
    status, _, answer = client.redeem(code, clock.now())
    assert status == 200
    allow("signin:AuthorizeOAuth2Access")
    assert client.refresh(answer["refreshToken"], clock.now())[2]["error"] == "INSUFFICIENT_PERMISSIONS"


def test_nonsense_is_refused(client, clock):
    for body in ({}, {"grantType": "password"}, {"grantType": 1}, [], "text"):
        status, kind, _ = client.token(body, clock.now())
        assert (status, kind) == (400, "ValidationException")
