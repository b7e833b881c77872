"""Who is calling: GetCallerIdentity and GetAccessKeyInfo for every kind of principal, and callers that are refused."""
import urllib.error
import urllib.parse
import urllib.request

import pytest

from support import bootstrap
from support.aws import refused
from support.bootstrap import Keys
from support.people import create_user, deny, trust


def test_user_and_root(aws):
    user = aws.sts(bootstrap.ADMIN).get_caller_identity()
    assert (user["Account"], user["Arn"]) == ("123456789012", "arn:aws:iam::123456789012:user/admin")
    assert user["UserId"].startswith("AIDA")
    root = aws.sts(bootstrap.ROOT).get_caller_identity()
    assert (root["UserId"], root["Account"], root["Arn"]) == ("123456789012", "123456789012", "arn:aws:iam::123456789012:root")


def test_no_permission_is_needed_and_deny_has_no_effect(aws, admin_iam):
    assert aws.sts(bootstrap.NOBODY).get_caller_identity()["Arn"].endswith(":user/nobody")
    _, denied = create_user(admin_iam, "denied", deny("*"))
    assert aws.sts(denied).get_caller_identity()["Arn"].endswith(":user/denied")


def test_session_token_keeps_the_users_identity(aws):
    session = Keys.of(aws.sts(bootstrap.ADMIN).get_session_token()["Credentials"])
    assert aws.sts(session).get_caller_identity()["Arn"] == "arn:aws:iam::123456789012:user/admin"


def test_root_reads_itself_but_assumes_nothing(aws, admin_iam):
    assert aws.iam(bootstrap.ROOT).get_user()["User"]["Arn"] == "arn:aws:iam::123456789012:root"
    assert aws.iam(bootstrap.ROOT).list_users()["Users"]
    role = admin_iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust("arn:aws:iam::123456789012:root"))["Role"]
    with refused("AccessDenied", "Roles may not be assumed by root accounts."):
        aws.sts(bootstrap.ROOT).assume_role(RoleArn=role["Arn"], RoleSessionName="root")


def test_access_key_info_decodes_the_account(aws, admin_iam):
    _, keys = create_user(admin_iam, "someone")
    sts = aws.sts(bootstrap.ADMIN)
    assert sts.get_access_key_info(AccessKeyId=keys.access_key)["Account"] == "123456789012"
    assert sts.get_access_key_info(AccessKeyId="ASIAQNZGKIQY56JQ7WML")["Account"] == "029608264753"


def test_access_key_info_needs_permission(aws):
    with refused("AccessDenied", "sts:GetAccessKeyInfo", "because no identity-based policy allows"):
        aws.sts(bootstrap.NOBODY).get_access_key_info(AccessKeyId="ASIAQNZGKIQY56JQ7WML")


def test_role_path_is_not_part_of_the_session_arn(aws, admin_iam):
    user, keys = create_user(admin_iam, "u")
    role = admin_iam.create_role(Path="/a/b/", RoleName="R", AssumeRolePolicyDocument=trust(user["Arn"]))["Role"]
    assert role["Arn"] == "arn:aws:iam::123456789012:role/a/b/R"

    session = Keys.of(aws.sts(keys).assume_role(RoleArn=role["Arn"], RoleSessionName="s1")["Credentials"])

    assert aws.sts(session).get_caller_identity()["Arn"] == "arn:aws:sts::123456789012:assumed-role/R/s1"
    with refused("AccessDenied", "sts:AssumeRole"):
        aws.sts(keys).assume_role(RoleArn="arn:aws:iam::123456789012:role/R", RoleSessionName="s1")


@pytest.mark.parametrize("keys, code", [
    (Keys("ADMINKEY000000000001", "wrong secret"), "SignatureDoesNotMatch"),
    (Keys("NOSUCHKEY00000000001", "any"), "InvalidClientTokenId"),
    (Keys("ADMINKEY000000000001", bootstrap.ADMIN.secret_key, "a token that no one gave out"), "InvalidClientTokenId"),
])
def test_bad_credentials_are_refused(aws, keys, code):
    for service, call in (("sts", "get_caller_identity"), ("iam", "list_users")):
        with refused(code, status=403):
            getattr(aws.client(service, keys), call)()


def test_temporary_key_without_its_token_is_refused(aws):
    session = Keys.of(aws.sts(bootstrap.ADMIN).get_session_token()["Credentials"])
    with refused("InvalidClientTokenId", status=403):
        aws.sts(Keys(session.access_key, session.secret_key)).get_caller_identity()
    other = Keys.of(aws.sts(bootstrap.ADMIN).get_session_token()["Credentials"])
    with refused("InvalidClientTokenId", status=403):
        aws.sts(Keys(session.access_key, session.secret_key, other.token)).get_caller_identity()


def test_inactive_key_is_refused_at_once(aws, admin_iam):
    _, keys = create_user(admin_iam, "someone")
    admin_iam.update_access_key(UserName="someone", AccessKeyId=keys.access_key, Status="Inactive")
    with refused("InvalidClientTokenId", status=403):
        aws.sts(keys).get_caller_identity()

    admin_iam.update_access_key(UserName="someone", AccessKeyId=keys.access_key, Status="Active")

    assert aws.sts(keys).get_caller_identity()["Arn"].endswith("/someone")


def test_clock_skew_over_fifteen_minutes_is_refused(aws, clock):
    clock.shift(14 * 60)
    aws.sts(bootstrap.ADMIN).get_caller_identity()
    clock.shift(2 * 60)
    with refused("SignatureDoesNotMatch", "Signature expired", status=403):
        aws.sts(bootstrap.ADMIN).get_caller_identity()
    clock.shift(-32 * 60)
    with refused("SignatureDoesNotMatch", "Signature not yet current", status=403):
        aws.sts(bootstrap.ADMIN).get_caller_identity()


def test_unsigned_request_is_refused(server):
    body = urllib.parse.urlencode({"Action": "GetCallerIdentity", "Version": "2011-06-15"}).encode()
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(urllib.request.Request(server.url + "/", data=body), timeout=10)
    assert caught.value.code == 403
    assert "<Code>MissingAuthenticationToken</Code>" in caught.value.read().decode()


def test_presigned_identity_url_works(aws):
    url = aws.sts(bootstrap.ADMIN).generate_presigned_url("get_caller_identity", HttpMethod="GET")
    with urllib.request.urlopen(url, timeout=10) as answer:
        assert "arn:aws:iam::123456789012:user/admin" in answer.read().decode()
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(url.replace("GetCallerIdentity", "GetSessionToken"), timeout=10)
    assert caught.value.code == 403


def test_cross_account_needs_both_sides(aws, admin_iam):
    role = admin_iam.create_role(RoleName="shared", AssumeRolePolicyDocument=trust("arn:aws:iam::210987654321:root"))["Role"]
    other_iam = aws.iam(bootstrap.OTHER_ADMIN)
    _, visitor = create_user(other_iam, "visitor")
    with refused("AccessDenied", "sts:AssumeRole"):
        aws.sts(visitor).assume_role(RoleArn=role["Arn"], RoleSessionName="v1")

    session = Keys.of(aws.sts(bootstrap.OTHER_ADMIN).assume_role(RoleArn=role["Arn"], RoleSessionName="a1")["Credentials"])

    assert aws.sts(session).get_caller_identity()["Account"] == "123456789012"
    with refused("AccessDenied", "sts:AssumeRole"):
        aws.sts(bootstrap.NOBODY).assume_role(RoleArn=role["Arn"], RoleSessionName="n1")


def test_external_id_is_compared(aws, admin_iam):
    user, keys = create_user(admin_iam, "partner")
    condition = {"StringEquals": {"sts:ExternalId": "contract-7"}}
    role = admin_iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust(user["Arn"], **condition))["Role"]["Arn"]
    sts = aws.sts(keys)

    sts.assume_role(RoleArn=role, RoleSessionName="s1", ExternalId="contract-7")

    with refused("AccessDenied"):
        sts.assume_role(RoleArn=role, RoleSessionName="s1", ExternalId="contract-8")
    with refused("AccessDenied"):
        sts.assume_role(RoleArn=role, RoleSessionName="s1")
