"""AcquireRole and GetRoleTemplateVersion, with boto3 and with the command line."""
import json

import pytest
from support import templates
from support.aws import refused
from support.bootstrap import ACCOUNT, ADMIN, NOBODY
from support.people import allow, create_user
from support.server import Server


def values(**given):
    return {name: {"Values": value if isinstance(value, list) else [value]} for name, value in given.items()}


@pytest.fixture
def power_user(admin_iam):
    def acquire(**given):
        given.setdefault("AWSServiceName", "ec2.amazonaws.com")
        return admin_iam.acquire_role(TemplateArn=templates.POWER_USER, ReplacementValues=values(**given))["Role"]

    return acquire


def test_template_is_shown_as_aws_shows_it(admin_iam):
    shown = admin_iam.get_role_template_version(TemplateArn=templates.POWER_USER)["RoleTemplateVersion"]

    assert shown["TemplateArn"] == templates.POWER_USER
    assert shown["TemplateName"] == "PowerUserRoleTemplate"
    assert shown["TemplateVersionId"].startswith("AVTA")
    assert (shown["MajorVersion"], shown["MinorVersion"], shown["DefaultMinorVersion"]) == (1, 0, 0)
    assert (shown["ManagedByType"], shown["ManagedByValue"]) == ("Service", "iam.amazonaws.com")
    assert (shown["Enabled"], shown["VersionEnabled"]) == (True, True)
    assert shown["RoleNamePattern"] == "@{RoleName}"
    assert shown["RoleDescriptionPattern"] == "Power user role for @{AWSServiceName}"
    assert shown["ManagedPolicyArns"] == ["arn:aws:iam::aws:policy/PowerUserAccess"]
    assert shown["MaxSessionDuration"] == 3600
    assert shown["AssumeRolePolicyDocumentTemplate"]["Statement"][0]["Principal"] == {"Service": "@{AWSServiceName}"}
    assert {entry["Name"]: entry["IsRequired"] for entry in shown["ParametersDefinition"]} == {"AWSServiceName": True, "RoleName": False}


def test_role_is_made_once_and_found_again(admin_iam, power_user):
    made = power_user()

    assert set(made) == {"Path", "RoleName", "RoleId", "Arn", "CreateDate", "AssumeRolePolicyDocument"}
    assert made["Arn"] == f"arn:aws:iam::{ACCOUNT}:role/PowerUserRole"
    assert made["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"Service": "ec2.amazonaws.com"}
    assert power_user()["RoleId"] == made["RoleId"]
    got = admin_iam.get_role(RoleName="PowerUserRole")["Role"]
    assert got["Description"] == "Power user role for ec2.amazonaws.com"
    assert got["SourceRoleTemplate"] == {"TemplateArn": templates.POWER_USER, "TemplateMinorVersion": 0}
    listed = admin_iam.list_roles()["Roles"]
    assert all("SourceRoleTemplate" not in role for role in listed)


def test_everything_a_template_holds_becomes_part_of_the_role(admin_iam):
    queues = [f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}" for name in ("a", "b")]
    admin_iam.acquire_role(TemplateArn=templates.EVERYTHING, TemplateMinorVersion=0,
                           ReplacementValues=values(Bucket="logs", Queues=queues))

    role = admin_iam.get_role(RoleName="EverythingRole")["Role"]
    assert role["Path"] == "/templates/"
    assert role["Tags"] == [{"Key": "bucket", "Value": "logs"}]
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == "arn:aws:iam::aws:policy/PowerUserAccess"
    document = admin_iam.get_role_policy(RoleName="EverythingRole", PolicyName="read")["PolicyDocument"]
    assert document["Statement"][0]["Resource"] == "arn:aws:s3:::logs/*"
    assert document["Statement"][1]["Resource"] == queues
    attached = admin_iam.list_attached_role_policies(RoleName="EverythingRole")["AttachedPolicies"]
    assert [policy["PolicyName"] for policy in attached] == ["AmazonS3ReadOnlyAccess"]


def test_changed_role_is_no_longer_managed(admin_iam, power_user):
    power_user()
    admin_iam.tag_role(RoleName="PowerUserRole", Tags=[{"Key": "k", "Value": "v"}])
    with refused("RoleModified", "Role PowerUserRole has been modified since it was created and is no longer managed.", status=409):
        power_user()
    admin_iam.untag_role(RoleName="PowerUserRole", TagKeys=["k"])
    power_user()


def test_names_that_are_taken_conflict(admin_iam, power_user):
    power_user()
    with refused("NameConflict", "was created with different parameters", status=409):
        power_user(AWSServiceName="lambda.amazonaws.com")
    with refused("NameConflict", "was created with different parameters", status=409):
        power_user(RoleName="POWERUSERROLE")
    with refused("NameConflict", "was not created from this template", status=409):
        admin_iam.acquire_role(TemplateArn=templates.EVERYTHING, ReplacementValues=values(RoleName="PowerUserRole"))


def test_bad_requests_are_refused(admin_iam, aws):
    acquire = admin_iam.acquire_role
    with refused("NoSuchEntity", "cannot be found", status=404):
        acquire(TemplateArn=templates.POWER_USER.replace(":1", ":2"))
    with refused("NoSuchEntity", "Version 7 of the role template", status=404):
        acquire(TemplateArn=templates.POWER_USER, TemplateMinorVersion=7)
    with refused("NoSuchEntity", status=404):
        admin_iam.get_role_template_version(TemplateArn=templates.POWER_USER, MinorVersion=7)
    with refused("InvalidInput", "The parameter AWSServiceName needs a value.", status=400):
        acquire(TemplateArn=templates.POWER_USER)
    with refused("InvalidInput", "The template has no parameter Unknown.", status=400):
        acquire(TemplateArn=templates.POWER_USER, ReplacementValues=values(AWSServiceName="ec2.amazonaws.com", Unknown="x"))
    with refused("InvalidInput", "must not contain wildcards", status=400):
        acquire(TemplateArn=templates.EVERYTHING, ReplacementValues=values(Bucket="*"))
    with refused("MalformedPolicyDocument", status=400):
        acquire(TemplateArn=templates.POWER_USER, ReplacementValues=values(AWSServiceName="nothing of the kind"))
    with refused("ValidationError", "replacementValues", status=400):
        aws.unchecked("iam", ADMIN).acquire_role(
            TemplateArn=templates.EVERYTHING, ReplacementValues=values(Bucket=["x"] * 21))
    assert admin_iam.list_roles(PathPrefix="/templates/")["Roles"] == []


def test_permission_can_be_bound_to_a_template(aws, admin_iam):
    _, keys = create_user(admin_iam, "builder",
                          allow("iam:GetRoleTemplateVersion", templates.EVERYTHING),
                          allow("iam:*", ArnEquals={"iam:RoleTemplateARN": templates.EVERYTHING}))
    builder = aws.iam(keys)

    builder.acquire_role(TemplateArn=templates.EVERYTHING)
    builder.acquire_role(TemplateArn=templates.EVERYTHING)
    with refused("AccessDenied", f"iam:GetRoleTemplateVersion on resource: role template {templates.POWER_USER}"):
        builder.acquire_role(TemplateArn=templates.POWER_USER, ReplacementValues=values(AWSServiceName="ec2.amazonaws.com"))
    with refused("AccessDenied", "iam:CreateRole"):
        builder.create_role(RoleName="own", AssumeRolePolicyDocument="{}")
    with refused("AccessDenied", f"on resource: role-template {templates.EVERYTHING}"):
        aws.iam(NOBODY).get_role_template_version(TemplateArn=templates.EVERYTHING)


def test_command_line_knows_it(aws):
    done = aws.cli(ADMIN, "iam", "acquire-role", "--template-arn", templates.POWER_USER, "--replacement-values",
                   json.dumps(values(AWSServiceName="ec2.amazonaws.com", RoleName="FromTheCli")))
    if "Invalid choice" in done.stderr or "argument operation" in done.stderr:
        pytest.skip("this command line is older than AcquireRole")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["Role"]["RoleName"] == "FromTheCli"


@pytest.mark.parametrize("text, fault", [
    ("{", ":1:2: "),
    ('{"TemplateName": "T"}', '"ManagedByValue" is missing'),
    ('{"Nme": "T"}', 'unknown member "Nme"'),
])
def test_broken_template_stops_the_start(tmp_path, text, fault):
    (tmp_path / "broken.json").write_text(text)
    server = Server(["--dev", "--listen", "127.0.0.1:0", "--role-templates", tmp_path], tmp_path / "server")
    with pytest.raises(AssertionError) as failure:
        server.start()
    assert "broken.json" in str(failure.value) and fault in str(failure.value)
