"""From where people may sign in to an account: the console authorization configuration and the statements of its policy, through boto3's
`signin` client, and what they do at the sign-in."""
import json
import urllib.parse

import pytest

from support import bootstrap
from support.browser import Browser
from support.login_client import LoginClient
from support.people import allow, create_user, error_code, policy, trust
from support.signin import signin_client

PASSWORD = "Correct-horse-1"
ACCOUNT = bootstrap.ACCOUNT
ADMIN_ARN = f"arn:aws:iam::{ACCOUNT}:user/admin"
HERE, ELSEWHERE = "127.0.0.0/8", "192.0.2.0/24"


@pytest.fixture
def signin(aws):
    return signin_client(aws, bootstrap.ADMIN)


def status(server, user="admin"):
    return Browser(server).sign_in(user=user, password=PASSWORD).status


# What works

def test_the_configuration_is_switched(signin):
    assert error_code(signin.get_console_authorization_configuration) == "ResourceNotFoundException"
    for call in (signin.put_console_authorization_configuration, signin.put_console_authorization_configuration,
                 signin.get_console_authorization_configuration):
        answer = call()
        assert (answer["targetId"], answer["consoleAuthorizationEnabled"]) == (ACCOUNT, True) and answer["scope"]
    gone = signin.delete_console_authorization_configuration(targetId=ACCOUNT)
    assert (gone["targetId"], gone["consoleAuthorizationEnabled"]) == (ACCOUNT, False)
    assert error_code(signin.delete_console_authorization_configuration) == "ResourceNotFoundException"


def test_statements_are_kept_listed_and_shown(signin):
    assert error_code(signin.get_resource_policy) == "ResourceNotFoundException"
    ids = [signin.put_resource_permission_statement(sourceIp=f"192.0.2.{number}", excludedPrincipal=ADMIN_ARN, clientToken=f"t{number}")
           ["statementId"] for number in range(3)]
    assert len(set(ids)) == 3
    assert signin.put_resource_permission_statement(sourceIp="192.0.2.0", excludedPrincipal=ADMIN_ARN, clientToken="t0")["statementId"] == ids[0]
    listed, token = [], {}
    while True:
        page = signin.list_resource_permission_statements(maxResults=1, **token)
        listed += page["permissionStatements"]
        if "nextToken" not in page:
            break
        token = {"nextToken": page["nextToken"]}
    assert [one["sid"] for one in listed] == sorted(ids)
    [first] = [one for one in listed if one["sid"] == ids[0]]
    assert first["condition"] == {"NotIpAddress": {"aws:SourceIp": ["192.0.2.0"]}, "ArnNotEquals": {"signin:PrincipalArn": [ADMIN_ARN]}}
    shown = signin.get_resource_policy()["signinResourceBasedPolicy"]
    assert shown["version"] == "2012-10-17" and len(shown["statement"]) == 3
    assert {statement["effect"] for statement in shown["statement"]} == {"Deny"}
    for statement in ids:
        signin.delete_resource_permission_statement(statementId=statement)
    assert signin.list_resource_permission_statements()["permissionStatements"] == []


def test_who_comes_from_elsewhere_does_not_get_in(signin, server):
    elsewhere = signin.put_resource_permission_statement(sourceIp=ELSEWHERE)["statementId"]
    assert status(server) == 303, "no effect until it is switched on"
    signin.put_console_authorization_configuration()
    assert status(server) == 403
    signin.put_resource_permission_statement(sourceIp=HERE)
    assert status(server) == 403, "each statement denies for itself"
    signin.delete_resource_permission_statement(statementId=elsewhere)
    assert status(server) == 303
    signin.put_resource_permission_statement(sourceIp=ELSEWHERE, excludedPrincipal=ADMIN_ARN)
    assert status(server) == 303, "whom it does not deny"
    signin.put_resource_permission_statement(sourceIp=HERE, requestedRegion="eu-central-1")
    assert status(server) == 403, "another region"
    signin.delete_console_authorization_configuration()
    assert status(server) == 303


def test_links_and_programs_are_denied_too(signin, server, aws, admin_iam, clock):
    browser = Browser(server)
    assert browser.sign_in(password=PASSWORD).status == 303
    client = LoginClient(server)
    page = browser.request("GET", client.authorize_path())
    answer = browser.request("POST", "/v1/authorize", {"step": browser.step(page), "allow": "yes"})
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(answer.headers["Location"]).query))
    _, _, given = client.redeem(query["code"], clock.now())
    role = admin_iam.create_role(RoleName="reader", AssumeRolePolicyDocument=trust(ADMIN_ARN))["Role"]
    keys = aws.sts(bootstrap.ADMIN).assume_role(RoleArn=role["Arn"], RoleSessionName="session")["Credentials"]
    session = json.dumps({"sessionId": keys["AccessKeyId"], "sessionKey": keys["SecretAccessKey"], "sessionToken": keys["SessionToken"]})

    def link():
        got = Browser(server).request("GET", "/federation?" + urllib.parse.urlencode({"Action": "getSigninToken", "Session": session}))
        token = json.loads(got.text)["SigninToken"]
        return Browser(server).request("GET", "/federation?" + urllib.parse.urlencode({"Action": "login", "SigninToken": token})).status

    assert link() == 302
    signin.put_console_authorization_configuration()
    signin.put_resource_permission_statement(sourceIp=ELSEWHERE)
    assert link() == 403
    page = browser.request("GET", client.authorize_path())
    answer = browser.request("POST", "/v1/authorize", {"step": browser.step(page), "allow": "yes"})
    assert "error=access_denied" in answer.headers["Location"]
    refused = client.refresh(given["refreshToken"], clock.now())
    assert (refused[0], refused[2]["error"]) == (403, "INSUFFICIENT_PERMISSIONS")
    assert admin_iam.list_users()["Users"], "access keys are not touched"


# What does not

def test_a_wrong_password_learns_nothing(signin, server):
    signin.put_console_authorization_configuration()
    signin.put_resource_permission_statement(sourceIp=ELSEWHERE)
    for user, password in (("admin", "wrong-but-long-enough"), ("nobody-of-that-name", PASSWORD)):
        answer = Browser(server).sign_in(user=user, password=password)
        assert answer.status == 401 and "Account, user name or password is not right." in answer.text


def test_another_account_is_another_account(signin, server, aws):
    foreign = signin_client(aws, bootstrap.OTHER_ADMIN)
    foreign.put_console_authorization_configuration()
    statement = foreign.put_resource_permission_statement(sourceIp=ELSEWHERE)["statementId"]
    assert status(server) == 303
    assert error_code(lambda: signin.delete_resource_permission_statement(statementId=statement)) == "ResourceNotFoundException"
    assert error_code(lambda: signin.put_console_authorization_configuration(targetId=bootstrap.OTHER_ACCOUNT)) == "ResourceNotFoundException"
    assert error_code(lambda: signin.put_console_authorization_configuration(targetId="o-abcdefghij")) == "ResourceNotFoundException"


def test_what_could_not_be_kept_is_refused(signin):
    for asked in ({}, {"sourceIp": "nonsense"}, {"sourceIp": "0.0.0.0/0"}, {"sourceIp": "192.0.2.0/33"}, {"excludedPrincipal": ADMIN_ARN},
                  {"sourceVpc": "vpc-12345678", "requestedRegion": "us-east-1"}, {"sourceIp": HERE, "vpcSourceIp": "10.0.0.1"},
                  {"sourceIp": HERE, "requestedRegion": "nowhere"}, {"sourceIp": HERE, "excludedPrincipal": "nobody-of-that-name-at-all"}):
        assert error_code(lambda: signin.put_resource_permission_statement(**asked)) == "ValidationException", asked
    signin.put_resource_permission_statement(sourceIp=HERE, clientToken="one")
    assert error_code(lambda: signin.put_resource_permission_statement(sourceIp=ELSEWHERE, clientToken="one")) == "ConflictException"
    for number in range(19):
        signin.put_resource_permission_statement(sourceIp=f"192.0.2.{number}")
    with pytest.raises(signin.exceptions.ServiceQuotaExceededException) as full:
        signin.put_resource_permission_statement(sourceIp="192.0.2.99")
    assert full.value.response["ResponseMetadata"]["HTTPStatusCode"] == 402
    assert error_code(lambda: signin.delete_resource_permission_statement(statementId="A" * 64)) == "ResourceNotFoundException"


def test_it_takes_permission(aws, admin_iam):
    _, keys = create_user(admin_iam, "bob")
    bob = signin_client(aws, keys)
    calls = {"PutConsoleAuthorizationConfiguration": bob.put_console_authorization_configuration,
             "GetConsoleAuthorizationConfiguration": bob.get_console_authorization_configuration,
             "DeleteConsoleAuthorizationConfiguration": bob.delete_console_authorization_configuration,
             "PutResourcePermissionStatement": lambda: bob.put_resource_permission_statement(sourceIp=HERE),
             "DeleteResourcePermissionStatement": lambda: bob.delete_resource_permission_statement(statementId="A" * 64),
             "ListResourcePermissionStatements": bob.list_resource_permission_statements, "GetResourcePolicy": bob.get_resource_policy}
    for action, call in calls.items():
        assert error_code(call) == "AccessDeniedException", action
    for action, call in calls.items():
        admin_iam.put_user_policy(UserName="bob", PolicyName="p", PolicyDocument=policy(allow(f"signin:{action}")))
        assert error_code(call) in (None, "ResourceNotFoundException"), action
