"""Organizations' read side over what the server holds of an organization, and nothing to whom it does not belong."""
import json

import pytest

from support import bootstrap
from support.aws import Aws, refused
from support.bootstrap import ACCOUNT, ADMIN, ADMINISTRATOR, NOBODY, OTHER_ACCOUNT, OTHER_ADMIN, Keys
from support.people import allow, create_user, deny, policy
from support.server import Server

THIRD_ACCOUNT = "333344445555"
THIRD_ADMIN = Keys("ADMINKEY000000000003", "admin/secret+of=the third account")
LONE_ACCOUNT = "444455556666"
LONE_ADMIN = Keys("ADMINKEY000000000004", "admin/secret+of=the fourth account")
ORGANIZATION, ROOT = "o-exampleorgid", "r-ab12"
UNIT, INNER = "ou-ab12-11111111", "ou-ab12-22222222"
ARN = f"arn:aws:organizations::{ACCOUNT}:"
NO_USERS = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "iam:CreateUser", "Resource": "*"}]}
NAMED_ARN = f"{ARN}policy/{ORGANIZATION}/service_control_policy/p-named0001"
SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"

# Every implemented operation, with parameters that name something.
CALLS = {
    "describe_account": {"AccountId": OTHER_ACCOUNT},
    "describe_organization": {},
    "describe_organizational_unit": {"OrganizationalUnitId": UNIT},
    "describe_policy": {"PolicyId": "p-FullAWSAccess"},
    "describe_resource_policy": {},
    "list_accounts": {},
    "list_accounts_for_parent": {"ParentId": ROOT},
    "list_aws_service_access_for_organization": {},
    "list_children": {"ParentId": ROOT, "ChildType": "ACCOUNT"},
    "list_delegated_administrators": {},
    "list_delegated_services_for_account": {"AccountId": THIRD_ACCOUNT},
    "list_organizational_units_for_parent": {"ParentId": ROOT},
    "list_parents": {"ChildId": OTHER_ACCOUNT},
    "list_policies": {"Filter": SCP},
    "list_policies_for_target": {"TargetId": ROOT, "Filter": SCP},
    "list_roots": {},
    "list_tags_for_resource": {"ResourceId": UNIT},
    "list_targets_for_policy": {"PolicyId": "p-FullAWSAccess"},
}


def account(identity, keys, path, **more):
    user = {"name": "admin", "policies": [ADMINISTRATOR],
            "access_keys": [{"access_key_id": keys.access_key, "secret_access_key": keys.secret_key}]}
    return {"id": identity, "users": [user], "organization": {"id": ORGANIZATION, "path": path}} | more


def document():
    """ACCOUNT manages; the others are in units one inside the other; the last is in no organization."""
    top, full = f"{ORGANIZATION}/{ROOT}/", ["FullAWSAccess"]
    manager = bootstrap.document()["accounts"][0]
    manager["organization"] = {"id": ORGANIZATION, "path": top, "management": True, "iam_access": True,
                               "delegated_administrator": THIRD_ACCOUNT}
    lone = account(LONE_ACCOUNT, LONE_ADMIN, "")
    del lone["organization"]
    return {"accounts": [
        manager,
        account(OTHER_ACCOUNT, OTHER_ADMIN, f"{top}{UNIT}/{INNER}/", scps=[
            full, full, ["FullAWSAccess", {"name": "no-users", "document": NO_USERS}],
            ["FullAWSAccess", {"name": NAMED_ARN, "document": NO_USERS}]], rcps=[["RCPFullAWSAccess"]]),
        account(THIRD_ACCOUNT, THIRD_ADMIN, f"{top}{UNIT}/", scps=[full, full, full]),
        lone,
    ]}


@pytest.fixture(scope="module")
def aws(tmp_path_factory):
    folder = tmp_path_factory.mktemp("organization")
    (folder / "bootstrap.json").write_text(json.dumps(document()))
    with Server(["--dev", "--listen", "127.0.0.1:0", "--bootstrap", folder / "bootstrap.json"], folder).start() as server:
        yield Aws(server.url, folder)


@pytest.fixture(scope="module")
def org(aws):
    return aws.client("organizations", ADMIN)


def test_the_organization_is_told_to_each_of_its_accounts(aws):
    for keys in (ADMIN, OTHER_ADMIN, THIRD_ADMIN):
        told = aws.client("organizations", keys).describe_organization()["Organization"]
        assert told["Id"] == ORGANIZATION and told["Arn"] == f"{ARN}organization/{ORGANIZATION}"
        assert told["MasterAccountId"] == ACCOUNT and told["FeatureSet"] == "ALL"
        assert told["MasterAccountArn"] == f"{ARN}account/{ORGANIZATION}/{ACCOUNT}"


def test_an_account_of_none_is_told_so(aws):
    client = aws.client("organizations", LONE_ADMIN)
    for name, parameters in CALLS.items():
        with refused("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.", status=400):
            getattr(client, name)(**parameters)


def test_accounts_and_their_places(org):
    accounts = {one["Id"]: one for one in org.list_accounts()["Accounts"]}
    assert accounts.keys() == {ACCOUNT, OTHER_ACCOUNT, THIRD_ACCOUNT}
    assert accounts[OTHER_ACCOUNT]["Arn"] == f"{ARN}account/{ORGANIZATION}/{OTHER_ACCOUNT}"
    assert accounts[OTHER_ACCOUNT]["Paths"] == [f"{ORGANIZATION}/{ROOT}/{UNIT}/{INNER}/{OTHER_ACCOUNT}/"]
    assert {one["Status"] for one in accounts.values()} == {"ACTIVE"}
    assert org.describe_account(AccountId=THIRD_ACCOUNT)["Account"] == accounts[THIRD_ACCOUNT]


def test_the_tree_can_be_walked_both_ways(org):
    (root,) = org.list_roots()["Roots"]
    assert (root["Id"], root["Name"], root["Arn"]) == (ROOT, "Root", f"{ARN}root/{ORGANIZATION}/{ROOT}")
    assert root["PolicyTypes"] == [{"Type": SCP, "Status": "ENABLED"}, {"Type": RCP, "Status": "ENABLED"}]
    (unit,) = org.list_organizational_units_for_parent(ParentId=ROOT)["OrganizationalUnits"]
    assert unit == org.describe_organizational_unit(OrganizationalUnitId=UNIT)["OrganizationalUnit"]
    assert unit["Arn"] == f"{ARN}ou/{ORGANIZATION}/{UNIT}"
    assert [one["Id"] for one in org.list_accounts_for_parent(ParentId=ROOT)["Accounts"]] == [ACCOUNT]
    assert org.list_children(ParentId=UNIT, ChildType="ACCOUNT")["Children"] == [{"Id": THIRD_ACCOUNT, "Type": "ACCOUNT"}]
    assert org.list_children(ParentId=UNIT, ChildType="ORGANIZATIONAL_UNIT")["Children"] == [
        {"Id": INNER, "Type": "ORGANIZATIONAL_UNIT"}]
    assert org.list_parents(ChildId=OTHER_ACCOUNT)["Parents"] == [{"Id": INNER, "Type": "ORGANIZATIONAL_UNIT"}]
    assert org.list_parents(ChildId=INNER)["Parents"] == [{"Id": UNIT, "Type": "ORGANIZATIONAL_UNIT"}]
    assert org.list_parents(ChildId=UNIT)["Parents"] == [{"Id": ROOT, "Type": "ROOT"}]


def test_policies_and_what_they_lie_upon(org):
    policies = {one["Id"]: one for one in org.list_policies(Filter=SCP)["Policies"]}
    full = policies["p-FullAWSAccess"]
    assert (full["AwsManaged"], full["Name"]) == (True, "FullAWSAccess")
    assert full["Arn"] == "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess"
    assert {one["TargetId"] for one in org.list_targets_for_policy(PolicyId="p-FullAWSAccess")["Targets"]} == {
        ROOT, UNIT, INNER, OTHER_ACCOUNT, THIRD_ACCOUNT}
    assert policies["p-named0001"]["Arn"] == NAMED_ARN and not policies["p-named0001"]["AwsManaged"]
    assert org.list_targets_for_policy(PolicyId="p-named0001")["Targets"] == [
        {"TargetId": OTHER_ACCOUNT, "Arn": f"{ARN}account/{ORGANIZATION}/{OTHER_ACCOUNT}", "Name": "", "Type": "ACCOUNT"}]
    (ours,) = [one for one in policies.values() if one["Name"] == "no-users"]
    assert ours["Arn"] == f"{ARN}policy/{ORGANIZATION}/service_control_policy/{ours['Id']}"
    told = org.describe_policy(PolicyId=ours["Id"])["Policy"]
    assert told["PolicySummary"] == ours and json.loads(told["Content"]) == NO_USERS
    upon = org.list_policies_for_target(TargetId=INNER, Filter=SCP)["Policies"]
    assert {one["Name"] for one in upon} == {"FullAWSAccess", "no-users"}
    (rcp,) = org.list_policies(Filter=RCP)["Policies"]
    assert (rcp["Id"], rcp["Type"]) == ("p-RCPFullAWSAccess", RCP)
    assert [one["Id"] for one in org.list_policies_for_target(TargetId=ROOT, Filter=RCP)["Policies"]] == ["p-RCPFullAWSAccess"]
    assert org.list_policies(Filter="TAG_POLICY")["Policies"] == []


def test_delegation_and_access_of_iam(org):
    (delegate,) = org.list_delegated_administrators()["DelegatedAdministrators"]
    assert delegate["Id"] == THIRD_ACCOUNT
    assert org.list_delegated_administrators(ServicePrincipal="sso.amazonaws.com")["DelegatedAdministrators"] == []
    assert org.list_delegated_services_for_account(AccountId=THIRD_ACCOUNT)["DelegatedServices"] == [
        {"ServicePrincipal": "iam.amazonaws.com"}]
    assert org.list_delegated_services_for_account(AccountId=OTHER_ACCOUNT)["DelegatedServices"] == []
    assert org.list_aws_service_access_for_organization()["EnabledServicePrincipals"] == [{"ServicePrincipal": "iam.amazonaws.com"}]


def test_what_is_not_kept_is_not_made_up(org):
    assert org.list_tags_for_resource(ResourceId=UNIT)["Tags"] == []
    with refused("ResourcePolicyNotFoundException", status=400):
        org.describe_resource_policy()


def test_pages_have_everything_once(org):
    seen, token = [], None
    while True:
        page = org.list_accounts(MaxResults=2, **({"NextToken": token} if token else {}))
        seen += [one["Id"] for one in page["Accounts"]]
        token = page.get("NextToken")
        if not token:
            break
        with refused("InvalidInputException"):
            org.list_roots(NextToken=token)
    assert seen == [ACCOUNT, OTHER_ACCOUNT, THIRD_ACCOUNT]


@pytest.mark.parametrize("name", [name for name in CALLS if name != "describe_organization"])
def test_members_that_administer_nothing_are_refused(aws, name):
    with refused("AccessDeniedException", "You don't have permissions to access this resource.", status=400):
        getattr(aws.client("organizations", OTHER_ADMIN), name)(**CALLS[name])
    delegated = getattr(aws.client("organizations", THIRD_ADMIN), name)
    if name == "describe_resource_policy":
        with refused("ResourcePolicyNotFoundException"):
            delegated()
    else:
        assert delegated(**CALLS[name])


@pytest.mark.parametrize("name", CALLS)
def test_each_needs_its_permission(aws, name):
    action = "organizations:" + "".join(word.capitalize() for word in name.split("_")).replace("Aws", "AWS")
    iam, call = aws.iam(ADMIN), f"{name}-user"
    with refused("AccessDeniedException", f"is not authorized to perform: {action} ", status=400):
        getattr(aws.client("organizations", NOBODY), name)(**CALLS[name])
    _, keys = create_user(iam, call, allow(action))
    allowed = getattr(aws.client("organizations", keys), name)
    if name == "describe_resource_policy":
        with refused("ResourcePolicyNotFoundException"):
            allowed()
    else:
        allowed(**CALLS[name])
    iam.put_user_policy(UserName=call, PolicyName="not", PolicyDocument=policy(deny(action)))
    with refused("AccessDeniedException", "with an explicit deny in an identity-based policy"):
        allowed(**CALLS[name])


def test_permissions_may_name_resources_and_types_of_policies(aws):
    _, keys = create_user(aws.iam(ADMIN), "of-one-unit", allow("organizations:ListChildren", f"{ARN}ou/{ORGANIZATION}/{UNIT}"),
                          allow("organizations:ListPolicies", StringEquals={"organizations:PolicyType": SCP}))
    client = aws.client("organizations", keys)
    assert client.list_children(ParentId=UNIT, ChildType="ACCOUNT")["Children"]
    for parent in (INNER, ROOT, "ou-ab12-99999999"):
        with refused("AccessDeniedException"):
            client.list_children(ParentId=parent, ChildType="ACCOUNT")
    assert client.list_policies(Filter=SCP)["Policies"]
    with refused("AccessDeniedException"):
        client.list_policies(Filter=RCP)


@pytest.mark.parametrize("name, parameters, code", [
    ("describe_account", {"AccountId": LONE_ACCOUNT}, "AccountNotFoundException"),
    ("describe_account", {"AccountId": "123"}, "InvalidInputException"),
    ("describe_organizational_unit", {"OrganizationalUnitId": "ou-ab12-99999999"}, "OrganizationalUnitNotFoundException"),
    ("describe_policy", {"PolicyId": "p-absent000"}, "PolicyNotFoundException"),
    ("list_accounts_for_parent", {"ParentId": "r-none"}, "ParentNotFoundException"),
    ("list_children", {"ParentId": ROOT, "ChildType": "POLICY"}, "InvalidInputException"),
    ("list_parents", {"ChildId": LONE_ACCOUNT}, "ChildNotFoundException"),
    ("list_policies", {"Filter": "NONE"}, "InvalidInputException"),
    ("list_policies", {}, "InvalidInputException"),
    ("list_policies_for_target", {"TargetId": LONE_ACCOUNT, "Filter": SCP}, "TargetNotFoundException"),
    ("list_tags_for_resource", {"ResourceId": LONE_ACCOUNT}, "TargetNotFoundException"),
    ("list_targets_for_policy", {"PolicyId": "p-absent000"}, "PolicyNotFoundException"),
    ("list_delegated_services_for_account", {"AccountId": LONE_ACCOUNT}, "AccountNotFoundException"),
    ("list_accounts", {"MaxResults": 21}, "InvalidInputException"),
    ("list_accounts", {"NextToken": "nonsense"}, "InvalidInputException"),
], ids=str)
def test_what_is_not_there_or_wrong_is_said(aws, name, parameters, code):
    with refused(code, status=400):
        getattr(aws.unchecked("organizations", ADMIN), name)(**parameters)


def test_changes_are_not_served(org):
    with refused("NotImplemented", "CreateAccount", status=501):
        org.create_account(Email="a@example.com", AccountName="a")
