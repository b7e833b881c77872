"""Service-specific credentials through boto3: user names with passwords, API keys, and who may make them."""
import base64
import datetime

import pytest

from support import bootstrap
from support.aws import refused
from support.people import allow, create_user, error_code
from support.trail import recording_server

PASSWORD_SERVICES = ("codecommit.amazonaws.com", "cassandra.amazonaws.com")
KEY_SERVICES = {"bedrock.amazonaws.com": "ABSK", "logs.amazonaws.com": "ACWL", "cloudwatch.amazonaws.com": "APIAACWM",
                "aws-external-anthropic.amazonaws.com": "AEAA"}
NAME = f"ann-at-{bootstrap.ACCOUNT}"
SECOND = f"ann+1-at-{bootstrap.ACCOUNT}"


def create(iam, service, user="ann", **more):
    return iam.create_service_specific_credential(UserName=user, ServiceName=service, **more)["ServiceSpecificCredential"]


@pytest.fixture
def ann_iam(admin_iam):
    admin_iam.create_user(UserName="ann")
    return admin_iam


@pytest.mark.parametrize("service", PASSWORD_SERVICES)
def test_user_name_and_password(ann_iam, service):
    made = create(ann_iam, service.upper().replace("AMAZONAWS.COM", "amazonaws.com"))
    assert set(made) == {"CreateDate", "ServiceName", "ServiceUserName", "ServicePassword", "ServiceSpecificCredentialId",
                         "UserName", "Status"}
    assert (made["ServiceName"], made["ServiceUserName"], made["Status"]) == (service, NAME, "Active")
    assert len(made["ServicePassword"]) == 60 and made["ServicePassword"].endswith("=")
    assert made["ServiceSpecificCredentialId"].startswith("ACCA") and len(made["ServiceSpecificCredentialId"]) == 21
    name = {"UserName": "ann", "ServiceSpecificCredentialId": made["ServiceSpecificCredentialId"]}

    ann_iam.update_service_specific_credential(**name, Status="Inactive")
    reset = ann_iam.reset_service_specific_credential(**name)["ServiceSpecificCredential"]
    assert reset["ServicePassword"] != made["ServicePassword"]
    assert reset | {"ServicePassword": "", "Status": ""} == made | {"ServicePassword": "", "Status": ""}
    assert reset["Status"] == "Inactive"
    with refused("InvalidInput", "Operation does not support status Expired", status=400):
        ann_iam.update_service_specific_credential(**name, Status="Expired")
    listed = ann_iam.list_service_specific_credentials(UserName="ann")["ServiceSpecificCredentials"]
    assert listed == [{key: value for key, value in reset.items() if key != "ServicePassword"}]

    assert create(ann_iam, service)["ServiceUserName"] == SECOND
    with refused("LimitExceeded", "Cannot exceed quota for ContextSpecificCredentialsPerUserPerContext: 2", status=409):
        create(ann_iam, service)
    with refused("DeleteConflict", "Cannot delete entity, must remove referenced objects first.", status=409):
        ann_iam.delete_user(UserName="ann")
    ann_iam.delete_service_specific_credential(**name)
    with refused("NoSuchEntity", f"No such credential {name['ServiceSpecificCredentialId']} exists", status=404):
        ann_iam.delete_service_specific_credential(**name)


@pytest.mark.parametrize("service, prefix", KEY_SERVICES.items())
def test_api_keys(ann_iam, shift_time, service, prefix):
    made = create(ann_iam, service, CredentialAgeDays=1)
    assert set(made) == {"CreateDate", "ExpirationDate", "ServiceName", "ServiceCredentialAlias", "ServiceCredentialSecret",
                         "ServiceSpecificCredentialId", "UserName", "Status"}
    assert made["ServiceCredentialAlias"] == NAME
    assert made["ExpirationDate"] - made["CreateDate"] == datetime.timedelta(days=1)
    assert made["ServiceCredentialSecret"].startswith(prefix)
    alias, _, secret = base64.b64decode(made["ServiceCredentialSecret"].removeprefix(prefix)).decode().partition(":")
    assert (alias, len(secret)) == (NAME, 60)
    assert "ExpirationDate" not in create(ann_iam, service)

    shift_time(86400 + 1)
    by_alias = {entry["ServiceCredentialAlias"]: entry
                for entry in ann_iam.list_service_specific_credentials(UserName="ann")["ServiceSpecificCredentials"]}
    assert {alias: entry["Status"] for alias, entry in by_alias.items()} == {NAME: "Expired", SECOND: "Active"}
    assert all("ServiceCredentialSecret" not in entry for entry in by_alias.values())


def test_services_users_and_ids_that_are_none(aws, ann_iam):
    with refused("NoSuchEntity", "No such service sqs.amazonaws.com is supported for Service Specific Credentials", status=404):
        create(ann_iam, "sqs.amazonaws.com")
    with refused("NoSuchEntity", "The user with name gone cannot be found.", status=404):
        create(ann_iam, "sqs.amazonaws.com", "gone")
    with refused("ValidationError", status=400):
        create(ann_iam, "code commit")
    for days in (0, 36601):
        assert error_code(aws.unchecked("iam", bootstrap.ADMIN).create_service_specific_credential, UserName="ann",
                          ServiceName="bedrock.amazonaws.com", CredentialAgeDays=days) == "ValidationError"
    ann_iam.create_user(UserName="bob")
    made = create(ann_iam, "codecommit.amazonaws.com", "bob")["ServiceSpecificCredentialId"]
    for call, more in ((ann_iam.update_service_specific_credential, {"Status": "Inactive"}),
                       (ann_iam.reset_service_specific_credential, {}), (ann_iam.delete_service_specific_credential, {})):
        with refused("ValidationError", f"User ann does not have a service specific credential with id {made}", status=400):
            call(UserName="ann", ServiceSpecificCredentialId=made, **more)
        with refused("NoSuchEntity", f"No such credential ACCA{'A' * 17} exists", status=404):
            call(UserName="ann", ServiceSpecificCredentialId="ACCA" + "A" * 17, **more)
    with refused("NoSuchEntity", status=404):
        ann_iam.list_service_specific_credentials(UserName="ann", ServiceName="sqs.amazonaws.com")
    with refused("InvalidInput", "Cannot list credentials for all users if a username is given", status=400):
        ann_iam.list_service_specific_credentials(UserName="ann", AllUsers=True)


def test_credentials_of_all_users_are_paged(ann_iam):
    ann_iam.create_user(UserName="bob")
    for user in ("ann", "bob"):
        for service in (*PASSWORD_SERVICES, "bedrock.amazonaws.com"):
            create(ann_iam, service, user)

    def paged(**arguments):
        """All entries, one a page; boto3 has no paginator for it."""
        entries = []
        while True:
            page = ann_iam.list_service_specific_credentials(MaxItems=1, **arguments)
            assert len(page["ServiceSpecificCredentials"]) == 1
            entries += page["ServiceSpecificCredentials"]
            if not page["IsTruncated"]:
                return entries
            arguments["Marker"] = page["Marker"]

    everything = paged(AllUsers=True)
    assert len({entry["ServiceSpecificCredentialId"] for entry in everything}) == 6
    assert {entry["UserName"] for entry in everything} == {"ann", "bob"}
    assert len(paged(AllUsers=True, ServiceName="bedrock.amazonaws.com")) == 2
    assert len(paged(UserName="bob")) == 3


def test_a_renamed_user_keeps_the_names_at_the_services(ann_iam):
    made = create(ann_iam, "codecommit.amazonaws.com")
    ann_iam.update_user(UserName="ann", NewUserName="eve")
    listed = ann_iam.list_service_specific_credentials(UserName="eve")["ServiceSpecificCredentials"]
    assert [(entry["UserName"], entry["ServiceUserName"]) for entry in listed] == [("eve", NAME)]
    ann_iam.create_user(UserName="ann")
    assert create(ann_iam, "codecommit.amazonaws.com")["ServiceUserName"] == SECOND
    with refused("ValidationError", status=400):
        ann_iam.delete_service_specific_credential(UserName="ann", ServiceSpecificCredentialId=made["ServiceSpecificCredentialId"])


def test_conditions_on_service_and_age(aws, ann_iam):
    bedrock = {"StringEquals": {"iam:ServiceSpecificCredentialServiceName": "bedrock.amazonaws.com"}}
    young = bedrock | {"NumericLessThanEquals": {"iam:ServiceSpecificCredentialAgeDays": "90"}}
    user = f"arn:aws:iam::{bootstrap.ACCOUNT}:user/ann"
    _, keys = create_user(ann_iam, "maker", allow("iam:CreateServiceSpecificCredential", user, **young),
                          allow(["iam:ResetServiceSpecificCredential", "iam:UpdateServiceSpecificCredential",
                                 "iam:DeleteServiceSpecificCredential"], user, **bedrock),
                          allow("iam:ListServiceSpecificCredentials", user))
    iam = aws.iam(keys)
    other = create(ann_iam, "codecommit.amazonaws.com")["ServiceSpecificCredentialId"]
    for service, more in (("bedrock.amazonaws.com", {"CredentialAgeDays": 91}), ("bedrock.amazonaws.com", {}),
                          ("codecommit.amazonaws.com", {"CredentialAgeDays": 1})):
        with refused("AccessDenied", "iam:CreateServiceSpecificCredential on resource: user ann", status=403):
            create(iam, service, **more)
    made = create(iam, "Bedrock.amazonaws.com", CredentialAgeDays=90)["ServiceSpecificCredentialId"]
    iam.reset_service_specific_credential(UserName="ann", ServiceSpecificCredentialId=made)
    iam.update_service_specific_credential(UserName="ann", ServiceSpecificCredentialId=made, Status="Inactive")
    with refused("AccessDenied", status=403):
        iam.reset_service_specific_credential(UserName="ann", ServiceSpecificCredentialId=other)
    assert len(iam.list_service_specific_credentials(UserName="ann")["ServiceSpecificCredentials"]) == 2
    with refused("AccessDenied", f"on resource: arn:aws:iam::{bootstrap.ACCOUNT}:user/*", status=403):
        iam.list_service_specific_credentials(AllUsers=True)


def test_secrets_are_in_no_record(tmp_path):
    with recording_server(tmp_path) as (_, aws, trail):
        iam = aws.iam(bootstrap.ADMIN)
        iam.create_user(UserName="ann")
        made = create(iam, "codecommit.amazonaws.com")
        key = create(iam, "bedrock.amazonaws.com")
        reset = iam.reset_service_specific_credential(
            UserName="ann", ServiceSpecificCredentialId=made["ServiceSpecificCredentialId"])["ServiceSpecificCredential"]
        record = trail.event("ResetServiceSpecificCredential", "ann")
        assert record["responseElements"]["serviceSpecificCredential"]["serviceUserName"] == NAME
        text = trail.text()
    secrets = (made["ServicePassword"], reset["ServicePassword"], key["ServiceCredentialSecret"],
               base64.b64decode(key["ServiceCredentialSecret"].removeprefix("ABSK")).decode().partition(":")[2])
    assert all(secret not in text for secret in secrets)
