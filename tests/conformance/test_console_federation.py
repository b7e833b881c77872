"""The published program "federated console URL": AssumeRole, getSigninToken, a login URL, and its teardown."""
import http.client
import json
import subprocess
import urllib.parse

import pytest

from support import bootstrap
from support.bootstrap import Keys
from support.people import create_user, trust

READ_S3 = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
CONSOLE = "https://console.aws.amazon.com/"


class SignIn:
    """Talks to the federation endpoint by its AWS host name, as programs with a hard-coded host do."""

    def __init__(self, port):
        self._port = port

    def request(self, method, parameters, host="signin.aws.amazon.com", cookie=None):
        """(status, headers, text); GET carries the parameters in its query string, POST in a form."""
        encoded = urllib.parse.urlencode(parameters)
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        headers = {"Host": host}
        if cookie:
            headers["Cookie"] = cookie
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            connection.request("POST", "/federation", body=encoded, headers=headers)
        else:
            connection.request("GET", "/federation?" + encoded, headers=headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, answer.headers, text

    def token_answer(self, keys, method="GET", **more):
        session = {"sessionId": keys.access_key, "sessionKey": keys.secret_key, "sessionToken": keys.token}
        return self.request(method, {"Action": "getSigninToken", **more, "Session": json.dumps(session)})

    def token(self, keys, **more):
        status, _, text = self.token_answer(keys, **more)
        assert status == 200, text
        return json.loads(text)["SigninToken"]

    def login(self, token, method="GET", destination=CONSOLE, **more):
        return self.request(method, {"Action": "login", "Issuer": "example.org", "Destination": destination,
                                     "SigninToken": token}, **more)


@pytest.fixture
def sign_in(server):
    return SignIn(server.port)


@pytest.fixture
def role_session(aws, admin_iam):
    """Credentials of a role with AmazonS3ReadOnlyAccess, assumed with a user's long-term key."""
    user, keys = create_user(admin_iam, "dev")
    role = admin_iam.create_role(RoleName="s3-reader", AssumeRolePolicyDocument=trust(user["Arn"]))["Role"]
    admin_iam.attach_role_policy(RoleName="s3-reader", PolicyArn=READ_S3)
    answer = aws.sts(keys).assume_role(RoleArn=role["Arn"], RoleSessionName="console")
    return Keys.of(answer["Credentials"])


def test_current_user_is_known_without_a_name(aws):
    assert aws.iam(bootstrap.ADMIN).get_user()["User"]["Arn"] == "arn:aws:iam::123456789012:user/admin"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_login_url_opens_a_console_session(sign_in, role_session, method):
    status, headers, text = sign_in.token_answer(role_session, method, SessionDuration="43200")
    assert status == 200, text
    assert headers["Content-Type"].startswith("application/json")

    status, headers, _ = sign_in.login(json.loads(text)["SigninToken"], method)

    assert status in (302, 303)
    assert "aws.amazon.com" not in headers["Location"], "the browser must stay with us"
    cookie = headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite" in cookie


def test_nodes_fetch_is_redirected_like_any_program(sign_in, role_session, server):
    """Node's fetch sends `Sec-Fetch-Mode: cors` always, and no Sec-Fetch-Site."""
    query = urllib.parse.urlencode({"Action": "login", "Issuer": "example.org", "Destination": CONSOLE,
                                    "SigninToken": sign_in.token(role_session)})
    script = "fetch(process.argv[1], {redirect: 'manual'}).then(r => console.log(r.status, r.headers.get('location')))"
    done = subprocess.run(["node", "-e", script, f"{server.url}/federation?{query}"], capture_output=True, text=True, timeout=60,
                          check=False)
    assert done.stdout.split() == ["302", "/_console/"], done.stdout + done.stderr


def test_login_url_works_once(sign_in, role_session):
    token = sign_in.token(role_session)
    assert sign_in.login(token)[0] in (302, 303)

    status, headers, text = sign_in.login(token)

    assert status == 400
    assert "Set-Cookie" not in headers
    assert "<html" in text.lower()


def test_login_url_lives_fifteen_minutes(sign_in, role_session, clock):
    young, old = sign_in.token(role_session), sign_in.token(role_session)
    clock.shift(14 * 60)
    assert sign_in.login(young)[0] in (302, 303)

    clock.shift(61)

    assert sign_in.login(old)[0] == 400


@pytest.mark.parametrize("duration, expected", [("900", 200), ("43200", 200), ("899", 400), ("43201", 400), ("0", 400),
                                                ("-1", 400), ("an hour", 400)])
def test_session_duration_bounds(sign_in, role_session, duration, expected):
    assert sign_in.token_answer(role_session, SessionDuration=duration)[0] == expected


def test_unknown_parameters_are_ignored(sign_in, role_session):
    assert sign_in.token_answer(role_session, SessionType="json")[0] == 200


def test_long_term_keys_are_refused(sign_in):
    assert sign_in.token_answer(bootstrap.ADMIN)[0] == 400


def test_session_token_credentials_are_refused(sign_in, aws):
    session = Keys.of(aws.sts(bootstrap.ADMIN).get_session_token()["Credentials"])
    assert sign_in.token_answer(session)[0] == 400


def test_chained_role_takes_no_session_duration(sign_in, aws, admin_iam, role_session):
    caller = "arn:aws:iam::123456789012:role/s3-reader"
    role = admin_iam.create_role(RoleName="second", AssumeRolePolicyDocument=trust(caller))["Role"]["Arn"]
    chained = Keys.of(aws.sts(role_session).assume_role(RoleArn=role, RoleSessionName="chained")["Credentials"])

    assert sign_in.token_answer(chained, SessionDuration="3600")[0] == 400
    assert sign_in.token_answer(chained)[0] == 200


@pytest.mark.parametrize("change", ["key", "secret", "token"])
def test_tampered_session_is_refused(sign_in, role_session, change):
    flipped = {
        "key": Keys(role_session.access_key[:-1] + ("B" if role_session.access_key[-1] == "A" else "A"), role_session.secret_key, role_session.token),
        "secret": Keys(role_session.access_key, role_session.secret_key[::-1], role_session.token),
        "token": Keys(role_session.access_key, role_session.secret_key, role_session.token[:-8] + "AAAAAAAA"),
    }[change]

    status, _, text = sign_in.token_answer(flipped)

    assert status == 400
    assert "SigninToken" not in text


@pytest.mark.parametrize("session", ["", "{}", "[]", "null", "{", '{"sessionId":1,"sessionKey":2,"sessionToken":3}'])
def test_malformed_session_is_refused(sign_in, session):
    assert sign_in.request("GET", {"Action": "getSigninToken", "Session": session})[0] == 400


@pytest.mark.parametrize("destination", ["https://evil.example/", "//evil.example/", "javascript:alert(1)",
                                         "https://console.aws.amazon.com.evil.example/",
                                         "https://console.aws.amazon.com@evil.example/"])
def test_login_never_leads_to_a_foreign_site(sign_in, role_session, destination):
    status, headers, _ = sign_in.login(sign_in.token(role_session), destination=destination)

    assert status == 400 or "evil" not in headers.get("Location", "")


def test_unknown_token_and_action_are_refused(sign_in):
    assert sign_in.login("no-such-token")[0] == 400
    assert sign_in.request("GET", {"Action": "somethingElse"})[0] == 400
    assert sign_in.request("GET", {})[0] in (400, 403), "without an Action it may be a bucket of that name"


def test_teardown_through_the_resource_interface(aws, admin_iam, role_session):
    role = aws.session(bootstrap.ADMIN).resource("iam", endpoint_url=aws.url).Role("s3-reader")

    attached = list(role.attached_policies.all())
    for policy in attached:
        role.detach_policy(PolicyArn=policy.arn)
    role.delete()

    assert [policy.arn for policy in attached] == [READ_S3]
    assert [found["RoleName"] for found in admin_iam.list_roles()["Roles"]] == []
