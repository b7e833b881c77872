"""Service-linked roles through boto3: names, suffixes, protection, deletion tasks that survive a restart."""
import json

import pytest

from support import bootstrap
from support.aws import Aws, refused
from support.people import allow, create_user, deny, trust
from support.server import Server

BATCH = "batch.amazonaws.com"
BATCH_ROLE = "AWSServiceRoleForBatch"
BATCH_ARN = f"arn:aws:iam::123456789012:role/aws-service-role/{BATCH}/{BATCH_ROLE}"
PROTECTED = (f"Cannot perform the operation on the protected role '{BATCH_ROLE}' - this role is only modifiable by AWS")


def test_life_of_a_service_linked_role(admin_iam):
    made = admin_iam.create_service_linked_role(AWSServiceName=BATCH, Description="jobs")["Role"]
    assert made["Arn"] == BATCH_ARN
    assert made["Path"] == f"/aws-service-role/{BATCH}/"
    assert made["AssumeRolePolicyDocument"]["Statement"] == [
        {"Effect": "Allow", "Principal": {"Service": BATCH}, "Action": "sts:AssumeRole"}]

    role = admin_iam.get_role(RoleName=BATCH_ROLE)["Role"]
    assert role["Description"] == "jobs"
    assert role["MaxSessionDuration"] == 3600
    assert admin_iam.list_attached_role_policies(RoleName=BATCH_ROLE)["AttachedPolicies"] == [
        {"PolicyName": "BatchServiceRolePolicy", "PolicyArn": "arn:aws:iam::aws:policy/aws-service-role/BatchServiceRolePolicy"}]
    assert admin_iam.list_role_policies(RoleName=BATCH_ROLE)["PolicyNames"] == []
    assert [role["RoleName"] for role in admin_iam.list_roles(PathPrefix="/aws-service-role/")["Roles"]] == [BATCH_ROLE]

    task = admin_iam.delete_service_linked_role(RoleName=BATCH_ROLE)["DeletionTaskId"]
    assert task.startswith(f"task/aws-service-role/{BATCH}/{BATCH_ROLE}/")
    assert admin_iam.get_service_linked_role_deletion_status(DeletionTaskId=task)["Status"] == "SUCCEEDED"
    with refused("NoSuchEntity", f"The role with name {BATCH_ROLE} cannot be found.", status=404):
        admin_iam.get_role(RoleName=BATCH_ROLE)


def test_names_and_suffixes(admin_iam):
    admin_iam.create_service_linked_role(AWSServiceName=BATCH)
    with refused("InvalidInput", f"Service role name {BATCH_ROLE} has been taken in this account, please try a different suffix.",
                 status=400):
        admin_iam.create_service_linked_role(AWSServiceName=BATCH)
    with refused("InvalidInput", f"Custom suffix is not allowed for {BATCH}", status=400):
        admin_iam.create_service_linked_role(AWSServiceName=BATCH, CustomSuffix="x")
    with refused("InvalidInput", status=400):
        admin_iam.create_service_linked_role(AWSServiceName="nothing.amazonaws.com")
    role = admin_iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com", CustomSuffix="web")["Role"]
    assert role["RoleName"] == "AWSServiceRoleForAutoScaling_web"


def test_deletion_is_refused_for_what_is_none(admin_iam):
    admin_iam.create_role(RoleName="mine", AssumeRolePolicyDocument=trust("*"))
    for name in ("mine", "gone"):
        with refused("NoSuchEntity", f"The role with name {name} cannot be found.", status=404):
            admin_iam.delete_service_linked_role(RoleName=name)
    with refused("InvalidInput", status=400):
        admin_iam.get_service_linked_role_deletion_status(DeletionTaskId="task/x")
    unknown = f"task/aws-service-role/{BATCH}/{BATCH_ROLE}/{'0' * 8}-0000-4000-8000-{'0' * 12}"
    with refused("NoSuchEntity", status=404):
        admin_iam.get_service_linked_role_deletion_status(DeletionTaskId=unknown)


ORDINARY = {
    "delete_role": {},
    "update_role": {"MaxSessionDuration": 7200},
    "update_assume_role_policy": {"PolicyDocument": trust("*")},
    "attach_role_policy": {"PolicyArn": bootstrap.ADMINISTRATOR},
    "detach_role_policy": {"PolicyArn": "arn:aws:iam::aws:policy/aws-service-role/BatchServiceRolePolicy"},
    "put_role_policy": {"PolicyName": "p", "PolicyDocument": json.dumps(
        {"Version": "2012-10-17", "Statement": [allow("*")]})},
    "delete_role_policy": {"PolicyName": "p"},
    "put_role_permissions_boundary": {"PermissionsBoundary": bootstrap.ADMINISTRATOR},
    "delete_role_permissions_boundary": {},
}


@pytest.mark.parametrize("operation", ORDINARY)
def test_ordinary_operations_leave_it_alone(admin_iam, operation):
    admin_iam.create_service_linked_role(AWSServiceName=BATCH)
    before = admin_iam.get_role(RoleName=BATCH_ROLE)["Role"]
    with refused("UnmodifiableEntity", PROTECTED, status=400):
        getattr(admin_iam, operation)(RoleName=BATCH_ROLE, **ORDINARY[operation])
    assert admin_iam.get_role(RoleName=BATCH_ROLE)["Role"] == before


def test_it_enters_no_instance_profile(admin_iam):
    admin_iam.create_service_linked_role(AWSServiceName=BATCH)
    admin_iam.create_instance_profile(InstanceProfileName="profile")
    with refused("UnmodifiableEntity", PROTECTED, status=400):
        admin_iam.add_role_to_instance_profile(InstanceProfileName="profile", RoleName=BATCH_ROLE)


def test_description_and_tags_may_change(admin_iam):
    admin_iam.create_service_linked_role(AWSServiceName=BATCH)
    admin_iam.update_role(RoleName=BATCH_ROLE, Description="one")
    assert admin_iam.get_role(RoleName=BATCH_ROLE)["Role"]["Description"] == "one"
    admin_iam.update_role_description(RoleName=BATCH_ROLE, Description="two")
    admin_iam.tag_role(RoleName=BATCH_ROLE, Tags=[{"Key": "team", "Value": "a"}])
    assert admin_iam.list_role_tags(RoleName=BATCH_ROLE)["Tags"] == [{"Key": "team", "Value": "a"}]


def test_nobody_assumes_it(aws, admin_iam):
    admin_iam.create_service_linked_role(AWSServiceName=BATCH)
    with refused("AccessDenied"):
        aws.sts(bootstrap.ADMIN).assume_role(RoleArn=BATCH_ARN, RoleSessionName="me")


def test_permission_may_name_the_service(aws, admin_iam):
    resource = "arn:aws:iam::*:role/aws-service-role/*"
    _, keys = create_user(admin_iam, "maker", allow("iam:CreateServiceLinkedRole", resource,
                                                    StringEquals={"iam:AWSServiceName": BATCH}),
                          deny("iam:GetServiceLinkedRoleDeletionStatus", BATCH_ARN))
    mine = aws.iam(keys)
    with refused("AccessDenied", "not authorized to perform: iam:CreateServiceLinkedRole on resource: "
                 "arn:aws:iam::123456789012:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"):
        mine.create_service_linked_role(AWSServiceName="ecs.amazonaws.com")
    mine.create_service_linked_role(AWSServiceName=BATCH)
    with refused("AccessDenied"):
        mine.delete_service_linked_role(RoleName=BATCH_ROLE)
    task = admin_iam.delete_service_linked_role(RoleName=BATCH_ROLE)["DeletionTaskId"]
    with refused("AccessDenied", "with an explicit deny"):
        mine.get_service_linked_role_deletion_status(DeletionTaskId=task)


def test_tasks_survive_a_restart(tmp_path):
    (tmp_path / "bootstrap.json").write_text(json.dumps(bootstrap.document()))
    arguments = ["--listen", "127.0.0.1:0", "--data", tmp_path / "data", "--bootstrap", tmp_path / "bootstrap.json"]
    server = Server(arguments, tmp_path).start()
    iam = Aws(server.url, tmp_path).iam(bootstrap.ADMIN)
    iam.create_service_linked_role(AWSServiceName=BATCH)
    task = iam.delete_service_linked_role(RoleName=BATCH_ROLE)["DeletionTaskId"]
    assert server.stop() == 0

    server = Server(arguments, tmp_path).start()
    iam = Aws(server.url, tmp_path).iam(bootstrap.ADMIN)
    assert iam.get_service_linked_role_deletion_status(DeletionTaskId=task)["Status"] == "SUCCEEDED"
    assert server.stop() == 0
