"""A person signs in with a password in a real browser: the form, an MFA code, a password that has to be changed."""
import http.server
import json
import threading
import urllib.parse

import pytest

from support import bootstrap
from support.login_client import LoginClient
from support.totp import Device

PASSWORD = "Correct-horse-1"
NEW_PASSWORD = "Brand-new-battery-2"
WRONG = "Account, user name or password is not right."
CHANGE = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:ChangePassword", "Resource": "*"}]}


@pytest.fixture
def walk(node, server, artifacts):
    """Takes steps (walk.mjs) on this server's console; what was seen after each."""

    def go(name, *steps):
        for number, step in enumerate(steps):
            step["shot"] = str(artifacts / f"{name}-{number + 1}.png")
            if "goto" in step:
                step["goto"] = urllib.parse.urljoin(f"http://localhost:{server.port}/", step["goto"])
        done = node("walk.mjs", json.dumps(steps))
        assert done["problems"] == []
        assert all(cookie["httpOnly"] and cookie["sameSite"] in ("Lax", "Strict") for cookie in done["cookies"])
        return done["seen"]

    return go


def form(password, user="admin", account=bootstrap.ALIAS):
    return {"fill": {"Account ID or alias": account, "IAM user name": user, "Password": password}, "press": "Sign in"}



def test_from_the_servers_address_to_the_console_and_out(walk, aws):
    aws.s3(bootstrap.ADMIN).create_bucket(Bucket="web-assets")
    seen = walk("password", {"goto": "/"}, {"press": "console"}, {"press": "Sign in"}, form("wrong"), form(PASSWORD),
                {"press": "Sign out"}, {"goto": "/_console/"})
    assert "Signet server" in seen[0]["text"]
    assert "You are not signed in" in seen[1]["text"]
    assert WRONG in seen[3]["text"]
    console = seen[4]
    assert console["url"].endswith("/_console/") and "?" not in console["url"]
    for text in (f"arn:aws:iam::{bootstrap.ACCOUNT}:user/admin", "12 h 0 min", "web-assets"):
        assert text in console["text"]
    assert "Signed out" in seen[5]["text"] and "You are not signed in" in seen[6]["text"]


def test_a_link_names_the_account(walk):
    seen = walk("password-link", {"goto": f"/_console/signin?account={bootstrap.ACCOUNT}"},
                {"fill": {"IAM user name": "admin", "Password": PASSWORD}, "press": "Sign in"})
    assert f"arn:aws:iam::{bootstrap.ACCOUNT}:user/admin" in seen[1]["text"]


def test_what_was_typed_stays_but_for_the_password(walk):
    seen = walk("password-again", {"goto": "/_console/signin"}, form("wrong"), {"fill": {"Password": PASSWORD}, "press": "Sign in"})
    assert f"arn:aws:iam::{bootstrap.ACCOUNT}:user/admin" in seen[2]["text"]


def test_a_user_with_a_device_gives_its_code(walk, admin_iam, clock):
    made = admin_iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]
    device = Device(made["Base32StringSeed"], clock)
    first, second = device.enrolment_codes()
    admin_iam.enable_mfa_device(UserName="admin", SerialNumber=made["SerialNumber"], AuthenticationCode1=first,
                                AuthenticationCode2=second)
    seen = walk("mfa", {"goto": "/_console/signin"}, form(PASSWORD),
                {"fill": {"Code of your authenticator": second}, "press": "Go on"},
                {"fill": {"Code of your authenticator": device.next_code()}, "press": "Go on"})
    assert "MFA code" in seen[1]["title"] and "user/admin" in seen[1]["text"]
    assert "That code is not right" in seen[2]["text"], "the code that enabled the device is spent"
    assert f"arn:aws:iam::{bootstrap.ACCOUNT}:user/admin" in seen[3]["text"]


def test_a_password_that_has_to_be_changed(walk, admin_iam):
    admin_iam.create_user(UserName="jane")
    admin_iam.create_login_profile(UserName="jane", Password=PASSWORD, PasswordResetRequired=True)
    admin_iam.put_user_policy(UserName="jane", PolicyName="own", PolicyDocument=json.dumps(CHANGE))
    seen = walk("new-password", {"goto": "/_console/signin"}, form(PASSWORD, user="jane"),
                {"fill": {"New password": "short", "New password again": "short"}, "press": "Change it and sign in"},
                {"fill": {"New password": NEW_PASSWORD, "New password again": NEW_PASSWORD}, "press": "Change it and sign in"})
    assert "Choose a new password" in seen[1]["text"]
    assert "minimum length of 8" in seen[2]["text"]
    assert "user/jane" in seen[3]["text"]
    assert admin_iam.get_login_profile(UserName="jane")["LoginProfile"]["PasswordResetRequired"] is False


@pytest.fixture
def callback():
    """The listener of `aws login`, and the queries that reached it."""
    queries = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path.startswith("/oauth/callback"):
                queries.append(dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query)) | {"cookies": self.headers["Cookie"]})
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"You may close this page.")

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listener:
        threading.Thread(target=listener.serve_forever, daemon=True).start()
        yield listener.server_address[1], queries
        listener.shutdown()


@pytest.mark.parametrize("button, expected", [("Allow", "code"), ("Refuse", "error")])
def test_aws_login_asks_and_the_program_hears_the_answer(walk, server, callback, button, expected):
    port, queries = callback
    client = LoginClient(server, port)
    seen = walk(f"aws-login-{expected}", {"goto": client.authorize_path()}, form(PASSWORD), {"press": button})
    assert "Sign in" in seen[0]["title"]
    assert f"arn:aws:iam::{bootstrap.ACCOUNT}:user/admin" in seen[1]["text"] and client.redirect in seen[1]["text"]
    assert "You may close this page" in seen[2]["text"]
    (query,) = queries
    assert query["state"] == client.state and expected in query
    assert query["cookies"] is None, "no cookie of ours goes to other programs of this machine"
