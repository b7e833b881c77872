"""IAM through boto3: the entities, their conflicts and limits, managed policies, boundaries, tags, paging."""
import json

import pytest

from support import bootstrap
from support.aws import refused
from support.people import LIST_BUCKETS, allow, create_user, deny, error_code, policy, trust

READ_S3 = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"


def test_user_life(admin_iam):
    made = admin_iam.create_user(UserName="ann", Path="/team/", Tags=[{"Key": "cost", "Value": "1"}])["User"]
    assert made["Arn"] == "arn:aws:iam::123456789012:user/team/ann"
    assert made["UserId"].startswith("AIDA") and len(made["UserId"]) == 21
    admin_iam.update_user(UserName="ann", NewUserName="anna", NewPath="/other/")

    user = admin_iam.get_user(UserName="anna")["User"]

    assert user["UserId"] == made["UserId"]
    assert user["Arn"] == "arn:aws:iam::123456789012:user/other/anna"
    assert user["Tags"] == [{"Key": "cost", "Value": "1"}]
    assert error_code(admin_iam.get_user, UserName="ann") == "NoSuchEntity"


def test_names_are_unique_without_case(admin_iam):
    admin_iam.create_user(UserName="Ann")
    with refused("EntityAlreadyExists", "User with name ann already exists.", status=409):
        admin_iam.create_user(UserName="ann")


def test_missing_entities_are_named(admin_iam):
    with refused("NoSuchEntity", "The user with name gone cannot be found.", status=404):
        admin_iam.get_user(UserName="gone")
    with refused("NoSuchEntity", "The role with name gone cannot be found.", status=404):
        admin_iam.get_role(RoleName="gone")
    with refused("NoSuchEntity", "The group with name gone cannot be found.", status=404):
        admin_iam.get_group(GroupName="gone")


def test_group_membership_grants(aws, admin_iam):
    _, keys = create_user(admin_iam, "member")
    admin_iam.create_group(GroupName="readers")
    admin_iam.put_group_policy(GroupName="readers", PolicyName="p", PolicyDocument=policy(LIST_BUCKETS))
    assert error_code(aws.s3(keys).list_buckets) == "AccessDenied"

    admin_iam.add_user_to_group(GroupName="readers", UserName="member")
    assert aws.s3(keys).list_buckets()["Buckets"] == []

    admin_iam.remove_user_from_group(GroupName="readers", UserName="member")
    assert error_code(aws.s3(keys).list_buckets) == "AccessDenied"


def test_change_of_a_policy_takes_effect_at_once(aws, admin_iam):
    _, keys = create_user(admin_iam, "u")
    for _ in range(20):
        admin_iam.put_user_policy(UserName="u", PolicyName="p", PolicyDocument=policy(LIST_BUCKETS))
        assert aws.s3(keys).list_buckets()["Buckets"] == []
        admin_iam.put_user_policy(UserName="u", PolicyName="p", PolicyDocument=policy(deny("*")))
        assert error_code(aws.s3(keys).list_buckets) == "AccessDenied"


def test_explicit_deny_wins_over_administrator(aws, admin_iam):
    _, keys = create_user(admin_iam, "u", deny("iam:ListUsers"))
    admin_iam.attach_user_policy(UserName="u", PolicyArn=bootstrap.ADMINISTRATOR)
    assert aws.iam(keys).list_roles()["Roles"] == []
    with refused("AccessDenied", "with an explicit deny in an identity-based policy"):
        aws.iam(keys).list_users()


def test_permissions_boundary_limits(aws, admin_iam):
    _, keys = create_user(admin_iam, "u")
    admin_iam.attach_user_policy(UserName="u", PolicyArn=bootstrap.ADMINISTRATOR)
    admin_iam.put_user_permissions_boundary(UserName="u", PermissionsBoundary=READ_S3)
    assert aws.s3(keys).list_buckets()["Buckets"] == []
    with refused("AccessDenied", "because no permissions boundary allows the iam:ListUsers action"):
        aws.iam(keys).list_users()

    admin_iam.delete_user_permissions_boundary(UserName="u")

    assert aws.iam(keys).list_users()["Users"]


def test_managed_policy_versions(aws, admin_iam):
    arn = admin_iam.create_policy(PolicyName="p", PolicyDocument=policy(LIST_BUCKETS))["Policy"]["Arn"]
    assert arn == "arn:aws:iam::123456789012:policy/p"
    for _ in range(4):
        admin_iam.create_policy_version(PolicyArn=arn, PolicyDocument=policy(deny("*")), SetAsDefault=True)
    assert error_code(admin_iam.create_policy_version, PolicyArn=arn, PolicyDocument=policy(deny("*"))) == "LimitExceeded"
    assert error_code(admin_iam.delete_policy_version, PolicyArn=arn, VersionId="v5") == "DeleteConflict"
    admin_iam.delete_policy_version(PolicyArn=arn, VersionId="v4")

    made = admin_iam.create_policy_version(PolicyArn=arn, PolicyDocument=policy(LIST_BUCKETS))["PolicyVersion"]

    assert made["VersionId"] == "v6", "numbers are never used again"
    assert made["IsDefaultVersion"] is False
    listed = admin_iam.list_policy_versions(PolicyArn=arn)["Versions"]
    assert [version["VersionId"] for version in listed] == ["v6", "v5", "v3", "v2", "v1"]
    document = admin_iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]["Document"]
    assert document == json.loads(policy(LIST_BUCKETS))


def test_aws_managed_policies_are_there_and_cannot_be_changed(admin_iam):
    got = admin_iam.get_policy(PolicyArn=READ_S3)["Policy"]
    assert (got["PolicyName"], got["Path"], got["DefaultVersionId"]) == ("AmazonS3ReadOnlyAccess", "/", "v3")
    document = admin_iam.get_policy_version(PolicyArn=READ_S3, VersionId="v3")["PolicyVersion"]["Document"]
    assert "s3:Get*" in document["Statement"][0]["Action"]
    pages = admin_iam.get_paginator("list_policies").paginate(Scope="AWS")
    names = {found["PolicyName"] for page in pages for found in page["Policies"]}
    assert {"AdministratorAccess", "ViewOnlyAccess", "AWSDenyAll", "SignInLocalDevelopmentAccess"} <= names
    assert len(names) >= 30
    assert error_code(admin_iam.delete_policy, PolicyArn=READ_S3) == "AccessDenied"
    assert error_code(admin_iam.create_policy_version, PolicyArn=READ_S3, PolicyDocument=policy(deny("*"))) == "AccessDenied"


def test_attachments_are_counted_and_listed(admin_iam):
    create_user(admin_iam, "u")
    admin_iam.create_group(GroupName="g")
    admin_iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust(bootstrap.ACCOUNT))
    admin_iam.attach_user_policy(UserName="u", PolicyArn=READ_S3)
    admin_iam.attach_group_policy(GroupName="g", PolicyArn=READ_S3)
    admin_iam.attach_role_policy(RoleName="r", PolicyArn=READ_S3)

    entities = admin_iam.list_entities_for_policy(PolicyArn=READ_S3)

    assert admin_iam.get_policy(PolicyArn=READ_S3)["Policy"]["AttachmentCount"] == 3
    assert [found["UserName"] for found in entities["PolicyUsers"]] == ["u"]
    assert [found["GroupName"] for found in entities["PolicyGroups"]] == ["g"]
    assert [found["RoleName"] for found in entities["PolicyRoles"]] == ["r"]
    assert error_code(admin_iam.attach_user_policy, UserName="u",
                      PolicyArn="arn:aws:iam::123456789012:policy/none") == "NoSuchEntity"


@pytest.mark.parametrize("document, code", [
    ("{", "MalformedPolicyDocument"),
    ("[]", "MalformedPolicyDocument"),
    ('{"Version":"2012-10-17"}', "MalformedPolicyDocument"),
    ('{"Version":"2012-10-17","Statement":[{"Effect":"Perhaps","Action":"*","Resource":"*"}]}', "MalformedPolicyDocument"),
    ('{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ListBuckets","Resource":"*"}]}',
     "MalformedPolicyDocument"),
    ('{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*"}]}', "MalformedPolicyDocument"),
    ('{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}]}',
     "MalformedPolicyDocument"),
])
def test_malformed_policies_are_refused_and_not_stored(admin_iam, document, code):
    create_user(admin_iam, "u")
    assert error_code(admin_iam.put_user_policy, UserName="u", PolicyName="p", PolicyDocument=document) == code
    assert error_code(admin_iam.create_policy, PolicyName="p", PolicyDocument=document) == code
    assert admin_iam.list_user_policies(UserName="u")["PolicyNames"] == []


def test_trust_policy_of_a_missing_principal_is_refused(admin_iam):
    with refused("MalformedPolicyDocument", "Invalid principal in policy", status=400):
        admin_iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust("arn:aws:iam::123456789012:user/gone"))


def test_validation_names_every_violation(aws):
    iam = aws.unchecked("iam", bootstrap.ADMIN)
    with refused("ValidationError", "2 validation errors detected: ", "Value at 'userName' failed to satisfy constraint: "
                 "Member must have length less than or equal to 64", "Value at 'path' failed to satisfy constraint: "
                 "Member must have length less than or equal to 512", status=400):
        iam.create_user(UserName="x" * 65, Path="/" + "y" * 512 + "/")
    with refused("ValidationError", "The specified value for path is invalid.", status=400):
        iam.create_user(UserName="x", Path="no-slash")


def test_access_keys_two_at_most(admin_iam):
    create_user(admin_iam, "u")
    second = admin_iam.create_access_key(UserName="u")["AccessKey"]
    assert second["AccessKeyId"].startswith("AKIA") and len(second["AccessKeyId"]) == 20
    assert len(second["SecretAccessKey"]) == 40
    with refused("LimitExceeded", status=409):
        admin_iam.create_access_key(UserName="u")


def test_last_use_of_a_key_is_recorded(aws, admin_iam):
    _, keys = create_user(admin_iam, "u", allow("iam:GetUser"))
    assert "LastUsedDate" not in admin_iam.get_access_key_last_used(AccessKeyId=keys.access_key)["AccessKeyLastUsed"]

    aws.iam(keys).get_user()

    # Noted by the writer after the answer: asked until it is there.
    for _ in range(100):
        used = admin_iam.get_access_key_last_used(AccessKeyId=keys.access_key)
        if "LastUsedDate" in used["AccessKeyLastUsed"]:
            break
    assert used["UserName"] == "u"
    assert (used["AccessKeyLastUsed"]["ServiceName"], used["AccessKeyLastUsed"]["Region"]) == ("iam", "us-east-1")


def test_users_page_completely(admin_iam):
    for number in range(25):
        admin_iam.create_user(UserName=f"user-{number:02}")
    pages = list(admin_iam.get_paginator("list_users").paginate(PaginationConfig={"PageSize": 7}))
    names = [user["UserName"] for page in pages for user in page["Users"]]
    assert len(pages) == 4
    assert names == sorted(names) and len(names) == len(set(names)) == 27


def test_account_alias_and_summary(admin_iam):
    assert admin_iam.list_account_aliases()["AccountAliases"] == [bootstrap.ALIAS]
    before = admin_iam.get_account_summary()["SummaryMap"]
    create_user(admin_iam, "u")
    after = admin_iam.get_account_summary()["SummaryMap"]
    assert after["Users"] == before["Users"] + 1
    assert after["AccessKeysPerUserQuota"] == 2


@pytest.mark.new_boto3
def test_oidc_provider_life(admin_iam):
    made = admin_iam.create_open_id_connect_provider(
        Url="https://token.example.com/a/", ClientIDList=["sts.amazonaws.com"], ThumbprintList=["AB" * 20],
        Tags=[{"Key": "team", "Value": "red"}])
    arn = made["OpenIDConnectProviderArn"]
    assert arn == "arn:aws:iam::123456789012:oidc-provider/token.example.com/a"
    assert made["Tags"] == [{"Key": "team", "Value": "red"}]
    admin_iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="other")
    admin_iam.remove_client_id_from_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="sts.amazonaws.com")
    admin_iam.untag_open_id_connect_provider(OpenIDConnectProviderArn=arn, TagKeys=["team"])

    got = admin_iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)

    assert (got["Url"], got["ClientIDList"], got["ThumbprintList"]) == ("token.example.com/a", ["other"], ["ab" * 20])
    assert admin_iam.list_open_id_connect_provider_tags(OpenIDConnectProviderArn=arn)["Tags"] == got["Tags"] == []
    assert admin_iam.list_open_id_connect_providers()["OpenIDConnectProviderList"] == [
        {"Arn": arn, "IsTrustedIdentityPropagationEnabled": False}]
    with refused("EntityAlreadyExists", "Provider with url https://token.example.com/a already exists.", status=409):
        admin_iam.create_open_id_connect_provider(Url="https://token.example.com/a")
    with refused("ValidationError", "Invalid Open ID Connect Provider URL", status=400):
        admin_iam.create_open_id_connect_provider(Url="token.example.com")
    admin_iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    with refused("NoSuchEntity", "OpenId connect Provider ARN cannot be found.", status=404):
        admin_iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)


def test_accounts_do_not_see_each_other(aws, admin_iam):
    create_user(admin_iam, "private")
    other = aws.iam(bootstrap.OTHER_ADMIN)
    assert error_code(other.get_user, UserName="private") == "NoSuchEntity"
    assert [user["UserName"] for user in other.list_users()["Users"]] == ["admin"]


def test_nobody_may_do_nothing(aws, admin_iam):
    nobody = aws.iam(bootstrap.NOBODY)
    for call, arguments in [
        (nobody.list_users, {}),
        (nobody.get_user, {"UserName": "admin"}),
        (nobody.get_user, {"UserName": "no-such-user"}),
        (nobody.create_user, {"UserName": "x"}),
        (nobody.attach_user_policy, {"UserName": "nobody", "PolicyArn": bootstrap.ADMINISTRATOR}),
        (nobody.put_user_policy, {"UserName": "nobody", "PolicyName": "p", "PolicyDocument": policy(allow("*"))}),
        (nobody.create_access_key, {"UserName": "admin"}),
        (nobody.create_role, {"RoleName": "r", "AssumeRolePolicyDocument": trust("*")}),
        (nobody.get_account_authorization_details, {}),
    ]:
        with refused("AccessDenied", "User: arn:aws:iam::123456789012:user/nobody is not authorized to perform: iam:",
                     "because no identity-based policy allows", status=403):
            call(**arguments)
    assert {user["UserName"] for user in admin_iam.list_users()["Users"]} == {"admin", "nobody"}
