"""Acting as a role in the console, and going back: the user who signed in decides, whatever role is switched to."""
import json
import re
import urllib.parse

import pytest

from support import bootstrap
from support.browser import Browser
from support.people import trust
from support.totp import Device

PASSWORD = "Correct-horse-1"
ADMIN_ARN = f"arn:aws:iam::{bootstrap.ACCOUNT}:user/admin"
REFUSED = "Could not switch to that role"


@pytest.fixture
def browser(server):
    signed_in = Browser(server)
    assert signed_in.sign_in(password=PASSWORD).status == 303
    return signed_in


@pytest.fixture
def auditor(admin_iam):
    return admin_iam.create_role(RoleName="auditor", AssumeRolePolicyDocument=trust(ADMIN_ARN))["Role"]


def switch(browser, role="auditor", account=bootstrap.ACCOUNT, **more):
    headers = more.pop("headers", None)
    return browser.request("POST", "/_console/switchrole", {"account": account, "roleName": role} | more, headers)


def console(browser):
    return browser.request("GET", "/_console/")


def test_there_and_back(browser, auditor):
    before = dict(browser.cookies)
    assert switch(browser, displayName="Audit <1>", color="d13212").status == 303
    assert browser.cookies["signet-sid"] != before["signet-sid"], "another session, another cookie"
    page = console(browser).text
    assert f"arn:aws:sts::{bootstrap.ACCOUNT}:assumed-role/auditor/admin" in page
    assert "Audit &lt;1&gt;" in page and 'fill="#d13212"' in page and "Back to admin" in page
    assert "0 h 59 min" in page or "59 min" in page or "1 h 0 min" in page, "as long as the role's sessions may last"
    assert "no identity-based policy allows" in page, "with the role's permissions, not the administrator's"
    assert browser.request("POST", "/_console/exitrole", {}).status == 303
    assert ADMIN_ARN in console(browser).text
    stale = Browser(browser.server)
    stale.cookies = before
    assert console(stale).status == 401


def test_a_link_fills_the_form(browser, server):
    link = f"/switchrole?account={bootstrap.ACCOUNT}&roleName=team/auditor&displayName=Audit&color=d13212"
    page = browser.request("GET", link).text
    for value in (bootstrap.ACCOUNT, "team/auditor", "Audit", "d13212"):
        assert f'value="{value}"' in page
    stranger = Browser(server)
    away = stranger.request("GET", link)
    assert away.status == 303 and away.headers["Location"].startswith("/_console/signin?to=%2F_console%2Fswitchrole%3F")


def test_a_path_is_part_of_the_name(browser, admin_iam):
    admin_iam.create_role(RoleName="deep", Path="/team/one/", AssumeRolePolicyDocument=trust(ADMIN_ARN))
    assert switch(browser, "deep").status == 403
    assert switch(browser, "team/one/deep").status == 303
    assert "assumed-role/deep/admin" in console(browser).text


def test_a_role_of_another_account(browser, aws):
    other = aws.iam(bootstrap.OTHER_ADMIN)
    other.create_role(RoleName="visitor", AssumeRolePolicyDocument=trust(ADMIN_ARN))
    assert switch(browser, "visitor", bootstrap.OTHER_ACCOUNT).status == 303
    assert f"arn:aws:sts::{bootstrap.OTHER_ACCOUNT}:assumed-role/visitor/admin" in console(browser).text


def test_the_user_decides_also_while_switched(browser, auditor, admin_iam):
    """The first role may assume nothing; the user may."""
    admin_iam.create_role(RoleName="second", AssumeRolePolicyDocument=trust(ADMIN_ARN))
    assert switch(browser).status == 303
    assert switch(browser, "second").status == 303
    assert "assumed-role/second/admin" in console(browser).text
    assert browser.request("POST", "/_console/exitrole", {}).status == 303
    assert ADMIN_ARN in console(browser).text, "back to who signed in, not to the role before"


@pytest.mark.parametrize("role, account", [("nobody-made-this", bootstrap.ACCOUNT), ("auditor", "999999999999"), ("stranger", bootstrap.ACCOUNT),
                                           ("external", bootstrap.ACCOUNT), ("", bootstrap.ACCOUNT), ("auditor/", bootstrap.ACCOUNT)])
def test_what_may_not_be_is_told_alike(browser, auditor, admin_iam, role, account):
    admin_iam.create_role(RoleName="stranger", AssumeRolePolicyDocument=trust(f"arn:aws:iam::{bootstrap.ACCOUNT}:user/nobody"))
    needs_id = json.loads(trust(ADMIN_ARN))
    statement = needs_id["Statement"]
    (statement[0] if isinstance(statement, list) else statement)["Condition"] = {"StringEquals": {"sts:ExternalId": "1"}}
    admin_iam.create_role(RoleName="external", AssumeRolePolicyDocument=json.dumps(needs_id))
    answer = switch(browser, role, account)
    assert answer.status == 403 and REFUSED in answer.text
    assert ADMIN_ARN in console(browser).text


def test_who_may_not_assume_may_not_switch(server, admin_iam):
    admin_iam.create_user(UserName="jane")
    admin_iam.create_login_profile(UserName="jane", Password=PASSWORD)
    admin_iam.create_role(RoleName="auditor", AssumeRolePolicyDocument=trust(f"arn:aws:iam::{bootstrap.ACCOUNT}:root"))
    browser = Browser(server)
    assert browser.sign_in(user="jane", password=PASSWORD).status == 303
    assert switch(browser).status == 403
    admin_iam.put_user_policy(UserName="jane", PolicyName="p", PolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}}))
    assert switch(browser).status == 303


def test_federated_people_are_told_that_they_cannot(server, auditor, admin_iam, aws):
    keys = aws.sts(bootstrap.ADMIN).assume_role(RoleArn=auditor["Arn"], RoleSessionName="session")["Credentials"]
    session = json.dumps({"sessionId": keys["AccessKeyId"], "sessionKey": keys["SecretAccessKey"], "sessionToken": keys["SessionToken"]})
    federated = Browser(server)
    token = json.loads(federated.request("GET", "/federation?" + urllib.parse.urlencode({"Action": "getSigninToken", "Session": session})).text)
    link = "/federation?" + urllib.parse.urlencode({"Action": "login", "SigninToken": token["SigninToken"]})
    assert federated.request("GET", link).status == 302
    for answer in (federated.request("GET", "/_console/switchrole"), switch(federated)):
        assert answer.status == 403 and "You cannot switch roles" in answer.text and "federated user" in answer.text
    assert "Switch role" not in console(federated).text


def test_mfa_counts_for_the_trust_and_not_for_the_role(server, admin_iam, clock):
    document = json.loads(trust(ADMIN_ARN))
    statement = document["Statement"]
    (statement[0] if isinstance(statement, list) else statement)["Condition"] = {
        "Bool": {"aws:MultiFactorAuthPresent": "true"}, "NumericLessThan": {"aws:MultiFactorAuthAge": "600"}}
    admin_iam.create_role(RoleName="careful", AssumeRolePolicyDocument=json.dumps(document))
    admin_iam.put_role_policy(RoleName="careful", PolicyName="p", PolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*",
                                               "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}}))
    browser = Browser(server)
    assert browser.sign_in(password=PASSWORD).status == 303
    assert switch(browser, "careful").status == 403
    made = admin_iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]
    device = Device(made["Base32StringSeed"], clock)
    older, newer = device.enrolment_codes()
    admin_iam.enable_mfa_device(UserName="admin", SerialNumber=made["SerialNumber"], AuthenticationCode1=older, AuthenticationCode2=newer)
    asked = browser.sign_in(password=PASSWORD)
    assert browser.request("POST", "/_console/signin/mfa", {"step": browser.step(asked), "code": device.next_code()}).status == 303
    assert switch(browser, "careful").status == 303
    page = console(browser).text
    assert "assumed-role/careful/admin" in page and "no identity-based policy allows" in page, "as with AssumeRole (policy-semantics 5.1)"


def test_the_last_five_roles_are_kept_beyond_the_session(browser, admin_iam, server):
    admin_iam.create_user(UserName="jane")
    admin_iam.create_login_profile(UserName="jane", Password=PASSWORD)
    for number in range(6):
        admin_iam.create_role(RoleName=f"role{number}", AssumeRolePolicyDocument=trust(ADMIN_ARN))
        assert switch(browser, f"role{number}", displayName=f"<{number}>", color="d13212").status == 303
    assert switch(browser, "role3").status == 303
    assert switch(browser, "nobody-made-this").status == 403
    assert browser.request("POST", "/_console/signout", {}).status == 200
    assert browser.sign_in(password=PASSWORD).status == 303

    def history():
        page = browser.request("GET", "/_console/switchrole").text
        return re.findall(r'name="roleName" value="([^"]*)"', page.split('id="recent"')[1]) if 'id="recent"' in page else []

    assert history() == ["role3", "role5", "role4", "role2", "role1"]
    assert "&lt;5&gt;" in browser.request("GET", "/_console/switchrole").text
    kept = browser.cookies["signet-roles"]
    for changed in (kept[:-2] + "AA", "x", kept + "; signet-roles=" + kept):
        browser.cookies["signet-roles"] = changed
        assert history() == []
    browser.cookies["signet-roles"] = kept
    assert browser.sign_in(user="jane", password=PASSWORD).status == 303
    assert history() == [], "of somebody else"


def use(browser, admin_iam, shift_time, seconds):
    """Uses the session after a while, and waits until that is noted."""
    shift_time(seconds)
    page = console(browser).text
    admin_iam.tag_user(UserName="admin", Tags=[{"Key": "a", "Value": "b"}])  # what was queued before it is stored then
    return page


def test_the_roles_own_bound_on_sign_in_sessions(browser, admin_iam, shift_time):
    admin_iam.create_role(RoleName="short", AssumeRolePolicyDocument=trust(ADMIN_ARN), MaxSessionDuration=7200)
    admin_iam.update_role(RoleName="short", MaxSigninSessionDuration=3600)
    assert switch(browser, "short").status == 303
    for seconds in (1800, 1790):
        assert "assumed-role/short/admin" in use(browser, admin_iam, shift_time, seconds)
    assert ADMIN_ARN in use(browser, admin_iam, shift_time, 10)


def test_other_sites_and_strangers_switch_nothing(browser, auditor, server):
    assert switch(browser, headers={"Sec-Fetch-Site": "cross-site"}).status == 403
    assert switch(Browser(server)).status == 401
    assert browser.request("POST", "/_console/exitrole", {}, {"Sec-Fetch-Site": "cross-site"}).status == 403
    assert ADMIN_ARN in console(browser).text


def test_a_role_that_goes_leaves_the_user(browser, auditor, admin_iam):
    assert switch(browser).status == 303
    admin_iam.delete_role(RoleName="auditor")
    assert ADMIN_ARN in console(browser).text


def test_signing_out_ends_both(browser, auditor, admin_iam, clock):
    assert switch(browser).status == 303
    kept = dict(browser.cookies)
    assert browser.request("POST", "/_console/signout", {}).status == 200
    clock.shift(3700)
    again = Browser(browser.server)
    again.cookies = kept
    assert console(again).status == 401


def test_a_session_that_nobody_stands_behind_is_erased_all_the_same(browser, auditor, admin_iam, clock):
    kept = dict(browser.cookies)
    admin_iam.update_login_profile(UserName="admin", Password="Another-battery-3")
    clock.shift(1)
    assert browser.request("POST", "/_console/signout", {}).status == 200
    again = Browser(browser.server)
    again.cookies = kept
    assert console(again).status == 401


def test_the_role_ends_and_the_user_is_back(browser, auditor, admin_iam, shift_time):
    assert switch(browser).status == 303
    assert "assumed-role/auditor/admin" in use(browser, admin_iam, shift_time, 1800)
    shift_time(1800)
    assert ADMIN_ARN in console(browser).text


def test_the_users_end_is_the_roles(browser, auditor, admin_iam, clock):
    assert switch(browser).status == 303
    clock.shift(1)
    admin_iam.update_login_profile(UserName="admin", Password="Another-battery-3")
    assert console(browser).status == 401
