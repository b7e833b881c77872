"""The console's door for SAML: an identity provider's page posts its answer to /saml, and the person lands signed in."""
import base64
import re

import pytest

from support import bootstrap
from support.browser import Browser
from support.people import policy
from support.saml import RECIPIENT, IdentityProvider, role_attributes

PROVIDER = f"arn:aws:iam::{bootstrap.ACCOUNT}:saml-provider/idp"
FROM_ELSEWHERE = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Origin": "https://idp.example.com"}
ALICE = "alice@example.com"


def trust(**condition):
    statement = {"Effect": "Allow", "Principal": {"Federated": PROVIDER}, "Action": "sts:AssumeRoleWithSAML"}
    return policy(statement | ({"Condition": condition} if condition else {}))


@pytest.fixture
def idp(tmp_path, admin_iam):
    provider = IdentityProvider(tmp_path)
    assert admin_iam.create_saml_provider(SAMLMetadataDocument=provider.metadata(), Name="idp")["SAMLProviderArn"] == PROVIDER
    return provider


@pytest.fixture
def role(admin_iam):
    def make(name, document=None, **more):
        return admin_iam.create_role(RoleName=name, AssumeRolePolicyDocument=document or trust(), **more)["Role"]["Arn"]
    return make


def respond(idp, *roles, recipient=RECIPIENT, **more):
    [response] = idp.respond(("alice", role_attributes(*((arn, PROVIDER) for arn in roles), **more)), recipient=recipient)
    return response


def post(browser, response, path="/saml", headers=None, **more):
    return browser.request("POST", path, {"SAMLResponse": response} | more, FROM_ELSEWHERE if headers is None else headers)


def follow(browser, answer):
    """Where the link leads, as a browser follows it from the other site."""
    assert answer.status == 303, answer.text
    assert answer.headers["Location"].startswith("/federation?Action=login&")
    return browser.request("GET", answer.headers["Location"], headers=FROM_ELSEWHERE)


def acting_as(name):
    return f"arn:aws:sts::{bootstrap.ACCOUNT}:assumed-role/{name}/{ALICE}"


# What works

def test_a_person_lands_signed_in(server, idp, role):
    browser = Browser(server)
    landed = follow(browser, post(browser, respond(idp, role("reader"))))
    assert landed.status == 302 and landed.headers["Location"] == "/_console/"
    page = browser.request("GET", "/_console/").text
    assert acting_as("reader") in page and "Switch role" not in page


def test_of_several_roles_one_is_chosen(server, idp, role):
    browser = Browser(server)
    response = respond(idp, role("reader"), role("writer", Path="/team/"))
    chooser = post(browser, response, RelayState="/_console/?x=<1>")
    assert chooser.status == 200 and 'name="roleIndex"' in chooser.text and "Account: " in chooser.text and bootstrap.ACCOUNT in chooser.text
    fields = dict(re.findall(r'name="(SAMLResponse|RelayState)" value="([^"]*)"', chooser.text))
    assert fields["SAMLResponse"] == response and fields["RelayState"] == "/_console/?x=&lt;1&gt;"
    arns = re.findall(r'name="roleIndex" value="([^"]*)"', chooser.text)
    assert arns == [f"arn:aws:iam::{bootstrap.ACCOUNT}:role/reader", f"arn:aws:iam::{bootstrap.ACCOUNT}:role/team/writer"]
    follow(browser, post(browser, response, headers={}, roleIndex=arns[1]))
    assert acting_as("writer") in browser.request("GET", "/_console/").text


@pytest.mark.parametrize("path", ["/saml", "/saml/acs/{uuid}"])
def test_the_servers_own_address_is_a_recipient(server, idp, role, admin_iam, path):
    uuid = admin_iam.get_saml_provider(SAMLProviderArn=PROVIDER)["SAMLProviderUUID"]
    path = path.format(uuid=uuid)
    browser = Browser(server)
    for host in ("localhost", "127.0.0.1"):
        own = f"http://{host}:{server.port}{path}"
        assert follow(browser, post(browser, respond(idp, role(f"r-{host}-{path.count(chr(47))}".replace(".", "-"), trust(StringEquals={"saml:aud": own})), recipient=own),
                                    path)).status in (200, 302)


def test_another_account_may_know_the_issuer_by_other_keys(server, idp, role, aws, tmp_path):
    """Its provider vouches for nobody here, and is in nobody's way."""
    stranger = IdentityProvider(tmp_path / "stranger")
    foreign = aws.iam(bootstrap.OTHER_ADMIN)
    foreign.create_saml_provider(SAMLMetadataDocument=stranger.metadata(), Name="idp")
    arn = role("reader")
    browser = Browser(server)
    assert follow(browser, post(browser, respond(idp, arn))).status == 302
    assert post(Browser(server), stranger.respond(("alice", role_attributes((arn, PROVIDER))))[0]).status == 400


def test_it_lasts_as_the_assertion_says(server, idp, role, clock):
    browser = Browser(server)
    follow(browser, post(browser, respond(idp, role("reader"), SessionDuration=["1800"])))
    clock.shift(1799)
    assert browser.request("GET", "/_console/").status == 200
    clock.shift(1)
    assert browser.request("GET", "/_console/").status == 401


def test_where_it_leads_is_the_console_alone(server, idp, role):
    browser = Browser(server)
    arn = role("reader")
    for relay, lands in (("/_console/?a=b", "/_console/?a=b"), ("https://evil.example/", "/_console/"), ("//evil.example", "/_console/"),
                         ("https://console.aws.amazon.com/s3", "/_console/")):
        assert follow(Browser(server), post(browser, respond(idp, arn), RelayState=relay)).headers["Location"] == lands


def test_another_session_is_not_replaced_silently(server, idp, role):
    browser = Browser(server)
    assert browser.sign_in(password="Correct-horse-1").status == 303
    asked = follow(browser, post(browser, respond(idp, role("reader"))))
    assert asked.status == 200 and "Switch to another session?" in asked.text
    assert "user/admin" in browser.request("GET", "/_console/").text


# What does not

def test_what_assume_role_with_saml_refuses_signs_nobody_in(server, idp, role, admin_iam, clock, tmp_path):
    browser = Browser(server)
    arn = role("reader", trust(StringEquals={"saml:sub": "bob"}))
    assert post(browser, respond(idp, arn)).status == 403
    other = role("other")
    good = respond(idp, other)
    forged = base64.b64encode(base64.b64decode(good).replace(b">alice<", b">mallory<")).decode()
    strangers = IdentityProvider(tmp_path / "stranger").respond(("alice", role_attributes((other, PROVIDER))))[0]
    elsewhere = respond(idp, other, recipient="https://evil.example/saml")
    for response in (forged, strangers, elsewhere, "%%%", "x", base64.b64encode(b"<a/>").decode(), respond(idp, other + "x"),
                     idp.respond(("alice", role_attributes((other, PROVIDER + "x"))))[0], idp.respond(("alice", {}))[0]):
        answer = post(browser, response)
        assert answer.status in (400, 403), answer.text
        assert "Location" not in answer.headers and "You could not be signed in" in answer.text
    assert post(browser, good, roleIndex=arn).status == 400, "not among what the assertion offers"
    assert post(browser, "").status == 400
    assert follow(browser, post(browser, good)).status == 302
    assert post(browser, good).status == 400, "an assertion works once for a role"
    late = respond(idp, other)
    clock.shift(301)
    assert post(browser, late).status == 400
    assert browser.request("GET", "/_console/", headers={"Cookie": ""}).status == 401


def test_a_foreign_host_header_makes_no_address_our_own(server, idp, role):
    """An assertion for another service provider is not taken because somebody calls us by its name."""
    own = "http://other.example:1234/saml"
    browser = Browser(server, host="other.example:1234")
    assert post(browser, respond(idp, role("reader"), recipient=own)).status == 400


def test_the_address_of_another_provider_takes_no_assertion(server, idp, role, admin_iam):
    other = admin_iam.create_saml_provider(SAMLMetadataDocument=idp.metadata(), Name="other")["SAMLProviderArn"]
    uuid = admin_iam.get_saml_provider(SAMLProviderArn=other)["SAMLProviderUUID"]
    assert post(Browser(server), respond(idp, role("reader")), f"/saml/acs/{uuid}").status == 400
    assert post(Browser(server), respond(idp, role("writer")), "/saml/acs/nothing").status == 400


def test_a_bucket_may_be_called_saml(server, aws):
    admin_s3 = aws.s3(bootstrap.ADMIN)
    admin_s3.create_bucket(Bucket="saml")
    admin_s3.put_object(Bucket="saml", Key="a", Body=b"1")
    assert admin_s3.delete_objects(Bucket="saml", Delete={"Objects": [{"Key": "a"}]})["Deleted"]
    assert Browser(server).request("GET", "/saml").status == 403, "S3's answer"
