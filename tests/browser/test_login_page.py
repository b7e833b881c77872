"""A real browser opens the link of the published "federated console URL" program."""
import json
import urllib.parse
import urllib.request

import pytest

from support import bootstrap
from support.bootstrap import Keys
from support.people import LIST_BUCKETS, create_user, policy, trust

READ_S3 = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"


@pytest.fixture
def browser(node, artifacts):
    """Opens a URL and returns what was seen; the screenshot goes to build/artifacts."""
    return lambda url, name: node("open_login.mjs", url, str(artifacts / f"{name}.png"))


def login_url(server, keys, **more):
    session = {"sessionId": keys.access_key, "sessionKey": keys.secret_key, "sessionToken": keys.token}
    query = urllib.parse.urlencode({"Action": "getSigninToken", "Session": json.dumps(session), **more})
    with urllib.request.urlopen(f"{server.url}/federation?{query}", timeout=10) as answer:
        token = json.load(answer)["SigninToken"]
    return f"{server.url}/federation?" + urllib.parse.urlencode({
        "Action": "login", "Issuer": "example.org", "Destination": "https://console.aws.amazon.com/", "SigninToken": token})


def role_session(aws, iam, *policies):
    user, keys = create_user(iam, "dev")
    role = iam.create_role(RoleName="console-role", AssumeRolePolicyDocument=trust(user["Arn"]))["Role"]["Arn"]
    for arn in policies:
        iam.attach_role_policy(RoleName="console-role", PolicyArn=arn)
    return Keys.of(aws.sts(keys).assume_role(RoleArn=role, RoleSessionName="jane")["Credentials"])


def test_page_shows_the_role_and_its_buckets_once(server, aws, admin_iam, browser):
    for name in ("accounts-2026", "web-assets"):
        aws.s3(bootstrap.ADMIN).create_bucket(Bucket=name)
    session = role_session(aws, admin_iam, READ_S3)

    seen = browser(login_url(server, session, SessionDuration=43200), "sign-in-landing")

    first = seen["first"]
    assert first["status"] == 200
    assert first["url"].startswith(server.url), "the browser stays with us"
    assert "SigninToken" not in first["url"]
    for text in ("console-role", "jane", bootstrap.ACCOUNT, "accounts-2026", "web-assets"):
        assert text in first["text"]
    assert seen["again"]["status"] == 200, "the session is in the cookie, not in the link"
    assert seen["second"]["status"] == 400, "the link works once"
    assert "web-assets" not in seen["second"]["text"]
    assert seen["problems"] == []
    assert all(cookie["httpOnly"] and cookie["sameSite"] in ("Lax", "Strict") for cookie in seen["cookies"])
    assert seen["cookies"]


def test_signing_out_ends_the_session(server, aws, admin_iam, browser):
    aws.s3(bootstrap.ADMIN).create_bucket(Bucket="web-assets")
    seen = browser(login_url(server, role_session(aws, admin_iam, READ_S3)), "sign-in-sign-out")

    assert seen["signedOut"] is not None, "the page has a way to sign out"
    assert "web-assets" not in seen["signedOut"]["text"]


def test_page_of_a_role_without_permission_says_so(server, aws, admin_iam, browser):
    aws.s3(bootstrap.ADMIN).create_bucket(Bucket="web-assets")
    seen = browser(login_url(server, role_session(aws, admin_iam)), "sign-in-no-permission")

    assert seen["first"]["status"] == 200
    assert "console-role" in seen["first"]["text"]
    assert "web-assets" not in seen["first"]["text"]
    assert "s3:ListAllMyBuckets" in seen["first"]["text"]


def test_names_are_text_not_markup(server, aws, admin_iam, browser):
    session = role_session(aws, admin_iam)
    admin_iam.put_role_policy(RoleName="console-role", PolicyName="p", PolicyDocument=policy(LIST_BUCKETS))
    url = login_url(server, session).replace("Issuer=example.org", "Issuer=" + urllib.parse.quote("<script>x()</script>"))

    seen = browser(url, "sign-in-markup")

    assert seen["first"]["status"] in (200, 400)
    assert seen["problems"] == []
