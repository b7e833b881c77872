"""Last accesses through boto3: from real calls to reports of users, groups, roles, policies and the organization."""
import json
import time
import uuid

import pytest

from support import bootstrap
from support.aws import Aws, refused
from support.bootstrap import ACCOUNT, ADMIN, OTHER_ACCOUNT, OTHER_ADMIN
from support.people import allow, create_user, error_code, policy, trust
from support.server import Server

MISSING = str(uuid.UUID(int=0, version=4))


def entity(kind, name):
    return f"arn:aws:iam::{ACCOUNT}:{kind}/{name}"


def report(iam, arn, granularity="SERVICE_LEVEL"):
    job = iam.generate_service_last_accessed_details(Arn=arn, Granularity=granularity)["JobId"]
    answer = iam.get_service_last_accessed_details(JobId=job)
    assert answer["JobStatus"] == "COMPLETED"
    assert answer["JobType"] == granularity
    assert answer["JobCreationDate"] <= answer["JobCompletionDate"]
    return {service["ServiceNamespace"]: service for service in answer["ServicesLastAccessed"]}


def eventually(read, wanted):
    """What read() answers, once wanted() likes it: accesses are noted beside the requests."""
    deadline = time.monotonic() + 10
    while not wanted(answer := read()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert wanted(answer), answer
    return answer


def test_report_of_a_user_tells_what_it_called(aws, admin_iam):
    name = f"caller-{uuid.uuid4().hex[:8]}"
    user, keys = create_user(admin_iam, name, allow(["s3:ListAllMyBuckets", "sqs:*", "iam:GetUser"]))
    aws.s3(keys).list_buckets()
    assert error_code(aws.iam(keys).list_roles) == "AccessDenied"  # an attempt at a service is an access of it

    services = eventually(lambda: report(admin_iam, user["Arn"], "ACTION_LEVEL"),
                          lambda found: "LastAuthenticated" in found["s3"] and "LastAuthenticated" in found["iam"])

    assert sorted(services) == ["iam", "s3", "sqs"]
    s3 = services["s3"]
    assert s3["ServiceName"] == "Amazon S3"
    assert s3["TotalAuthenticatedEntities"] == 1
    assert s3["LastAuthenticatedEntity"] == user["Arn"]
    assert s3["LastAuthenticatedRegion"] == "us-east-1"
    assert [action["ActionName"] for action in s3["TrackedActionsLastAccessed"]] == ["ListAllMyBuckets"]
    assert s3["TrackedActionsLastAccessed"][0]["LastAccessedEntity"] == user["Arn"]
    assert [action.get("LastAccessedTime") for action in services["iam"]["TrackedActionsLastAccessed"]] == [None]
    assert services["sqs"]["TotalAuthenticatedEntities"] == 0
    assert "LastAuthenticated" not in services["sqs"]
    assert "TrackedActionsLastAccessed" not in services["sqs"]


def test_reports_of_groups_policies_and_roles(aws, admin_iam):
    arn = admin_iam.create_policy(PolicyName="storage", PolicyDocument=policy(allow("s3:*")))["Policy"]["Arn"]
    admin_iam.create_group(GroupName="crew")
    admin_iam.attach_group_policy(GroupName="crew", PolicyArn=arn)
    names = sorted(f"{one}-{uuid.uuid4().hex[:8]}" for one in ("ann", "bob"))
    users = [create_user(admin_iam, name) for name in names]
    for name in names:
        admin_iam.add_user_to_group(GroupName="crew", UserName=name)
    role = admin_iam.create_role(RoleName=f"role-{uuid.uuid4().hex[:8]}",
                                 AssumeRolePolicyDocument=trust(users[0][0]["Arn"]))["Role"]
    admin_iam.attach_role_policy(RoleName=role["RoleName"], PolicyArn=arn)
    aws.s3(users[1][1]).list_buckets()
    assumed = aws.sts(users[0][1]).assume_role(RoleArn=role["Arn"], RoleSessionName="session")["Credentials"]
    session = bootstrap.Keys(assumed["AccessKeyId"], assumed["SecretAccessKey"], assumed["SessionToken"])
    aws.s3(session).list_buckets()

    services = eventually(lambda: report(admin_iam, arn), lambda found: found["s3"]["TotalAuthenticatedEntities"] == 2)

    assert sorted(services) == ["s3"]
    assert report(admin_iam, role["Arn"])["s3"]["LastAuthenticatedEntity"] == role["Arn"]
    group = report(admin_iam, entity("group", "crew"))
    assert group["s3"]["LastAuthenticatedEntity"] == users[1][0]["Arn"]
    job = admin_iam.generate_service_last_accessed_details(Arn=arn)["JobId"]
    found, marker = [], {}
    while True:  # one at a time
        answer = admin_iam.get_service_last_accessed_details_with_entities(JobId=job, ServiceNamespace="s3", MaxItems=1, **marker)
        assert len(answer["EntityDetailsList"]) == 1
        found += answer["EntityDetailsList"]
        if not answer["IsTruncated"]:
            break
        marker = {"Marker": answer["Marker"]}
    assert [one["EntityInfo"]["Type"] for one in found] == ["ROLE", "USER", "USER"]
    assert [one["EntityInfo"]["Name"] for one in found[1:]] == names
    assert found[0]["EntityInfo"]["Id"] == role["RoleId"]
    assert ["LastAuthenticated" in one for one in found] == [True, False, True]


def test_reports_page_one_by_one(admin_iam):
    admin_iam.create_user(UserName="u")
    admin_iam.put_user_policy(UserName="u", PolicyName="p", PolicyDocument=policy(allow(["s3:*", "sqs:*", "sns:*"])))
    job = admin_iam.generate_service_last_accessed_details(Arn=entity("user", "u"))["JobId"]
    seen, marker = [], {}
    while True:
        answer = admin_iam.get_service_last_accessed_details(JobId=job, MaxItems=1, **marker)
        seen += [service["ServiceNamespace"] for service in answer["ServicesLastAccessed"]]
        if not answer["IsTruncated"]:
            break
        marker = {"Marker": answer["Marker"]}
    assert seen == ["s3", "sns", "sqs"]
    with refused("ValidationError", "Invalid Marker."):
        admin_iam.get_service_last_accessed_details(JobId=job, Marker="x")


def test_report_of_everything_names_every_service(admin_iam):
    job = admin_iam.generate_service_last_accessed_details(Arn=bootstrap.ADMINISTRATOR)["JobId"]
    count, marker = 0, {}
    while True:
        answer = admin_iam.get_service_last_accessed_details(JobId=job, **marker)
        count += len(answer["ServicesLastAccessed"])
        if not answer["IsTruncated"]:
            break
        marker = {"Marker": answer["Marker"]}
    assert count > 400


def test_jobs_belong_to_who_asked(aws, admin_iam):
    admin_iam.create_user(UserName="u")
    _, keys = create_user(admin_iam, "other", allow("iam:*"))
    job = admin_iam.generate_service_last_accessed_details(Arn=entity("user", "u"))["JobId"]
    for iam, wanted in ((aws.iam(keys), job), (admin_iam, MISSING)):
        with refused("NoSuchEntity", f"The job with id {wanted} cannot be found.", status=404):
            iam.get_service_last_accessed_details(JobId=wanted)
        with refused("NoSuchEntity", status=404):
            iam.get_service_last_accessed_details_with_entities(JobId=wanted, ServiceNamespace="s3")
        with refused("NoSuchEntity", status=404):
            iam.get_organizations_access_report(JobId=wanted)
    with refused("NoSuchEntity", "The user with name gone cannot be found.", status=404):
        admin_iam.generate_service_last_accessed_details(Arn=entity("user", "gone"))
    with refused("InvalidInput", status=400):
        admin_iam.generate_service_last_accessed_details(Arn=entity("mfa", "device"))
    admin_iam.delete_user(UserName="u")
    answer = admin_iam.get_service_last_accessed_details(JobId=job)
    assert (answer["JobStatus"], answer["Error"]["Code"]) == ("FAILED", "NoSuchEntity")


def test_policies_that_grant_a_service(admin_iam):
    arn = admin_iam.create_policy(PolicyName="storage", PolicyDocument=policy(allow("s3:*")))["Policy"]["Arn"]
    admin_iam.create_user(UserName="u")
    admin_iam.create_group(GroupName="g")
    admin_iam.add_user_to_group(GroupName="g", UserName="u")
    admin_iam.attach_group_policy(GroupName="g", PolicyArn=arn)
    admin_iam.put_user_policy(UserName="u", PolicyName="own", PolicyDocument=policy(allow(["s3:Get*", "sqs:*"])))

    answer = admin_iam.list_policies_granting_service_access(Arn=entity("user", "u"), ServiceNamespaces=["s3", "sqs", "sns"])

    own = {"PolicyName": "own", "PolicyType": "INLINE", "EntityType": "USER", "EntityName": "u"}
    managed = {"PolicyName": "storage", "PolicyType": "MANAGED", "PolicyArn": arn}
    assert not answer["IsTruncated"]
    assert [(entry["ServiceNamespace"], entry["Policies"]) for entry in answer["PoliciesGrantingServiceAccess"]] == [
        ("s3", [own, managed]), ("sqs", [own]), ("sns", [])]
    with refused("NoSuchEntity", status=404):
        admin_iam.list_policies_granting_service_access(Arn=entity("role", "gone"), ServiceNamespaces=["s3"])
    with refused("InvalidInput", status=400):
        admin_iam.list_policies_granting_service_access(Arn=arn, ServiceNamespaces=["s3"])


def test_who_manages_no_organization_gets_no_report(admin_iam):
    job = admin_iam.generate_organizations_access_report(EntityPath="o-example123/r-ab12")["JobId"]
    answer = admin_iam.get_organizations_access_report(JobId=job)
    assert (answer["JobStatus"], answer["ErrorDetails"]["Code"]) == ("FAILED", "AccessDenied")


ORGANIZATION = "o-example123"
UNIT = f"{ORGANIZATION}/r-ab12/ou-ab12-11111111"


@pytest.fixture
def organization(tmp_path):
    """A server whose first account manages an organization and whose second is in a unit that has S3, IAM and STS."""
    document = bootstrap.document()
    first, second = document["accounts"]
    first["organization"] = {"id": ORGANIZATION, "path": f"{ORGANIZATION}/r-ab12/", "management": True}
    second["organization"] = {"id": ORGANIZATION, "path": f"{UNIT}/", "management": False}
    some = {"name": "some", "document": {"Version": "2012-10-17", "Statement": [allow(["s3:*", "iam:*", "sts:*"])]}}
    second["scps"] = [["FullAWSAccess"], [some], ["FullAWSAccess"]]
    (tmp_path / "bootstrap.json").write_text(json.dumps(document))
    server = Server(["--dev", "--listen", "127.0.0.1:0", "--bootstrap", tmp_path / "bootstrap.json"], tmp_path).start()
    yield Aws(server.url, tmp_path)
    assert server.stop() == 0


def test_organization_is_told_what_its_accounts_used(organization):
    organization.s3(OTHER_ADMIN).list_buckets()
    iam = organization.iam(ADMIN)
    job = iam.generate_organizations_access_report(EntityPath=UNIT)["JobId"]

    answer = eventually(lambda: iam.get_organizations_access_report(JobId=job),
                        lambda found: found["NumberOfServicesNotAccessed"] == 2)

    assert (answer["JobStatus"], answer["NumberOfServicesAccessible"]) == ("COMPLETED", 3)
    details = answer["AccessDetails"]
    assert [detail["ServiceNamespace"] for detail in details] == ["iam", "s3", "sts"]
    assert details[1]["EntityPath"] == f"{UNIT}/{OTHER_ACCOUNT}"
    assert details[1]["TotalAuthenticatedEntities"] == 1
    assert details[0]["TotalAuthenticatedEntities"] == 0
    latest = iam.get_organizations_access_report(JobId=job, SortKey="LAST_AUTHENTICATED_TIME_DESCENDING", MaxItems=1)
    assert [detail["ServiceNamespace"] for detail in latest["AccessDetails"]] == ["s3"]
    assert latest["IsTruncated"]
    rest = iam.get_organizations_access_report(JobId=job, SortKey="LAST_AUTHENTICATED_TIME_DESCENDING", Marker=latest["Marker"])
    assert not rest["IsTruncated"] and len(rest["AccessDetails"]) == 2
    missing = iam.generate_organizations_access_report(EntityPath=f"{UNIT}/999999999999")["JobId"]
    assert iam.get_organizations_access_report(JobId=missing)["ErrorDetails"]["Code"] == "NoSuchEntity"
