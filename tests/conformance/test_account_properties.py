"""Account properties (GetAccountProperties, PutAccountProperties) and the preferences for session tokens."""
from support import bootstrap
from support.aws import refused
from support.people import allow, create_user

ROLE = "AWSServiceRoleForIAMRoleManager"
ROLE_ARN = f"arn:aws:iam::{bootstrap.ACCOUNT}:role/aws-service-role/role-manager.iam.amazonaws.com/{ROLE}"


def enable(iam, value="true"):
    return iam.put_account_properties(Properties={"RoleManager/Enabled": value})


def test_properties_are_kept_and_shown_also_when_never_set(admin_iam):
    assert admin_iam.get_account_properties()["Properties"] == {"RoleManager/Enabled": "false"}
    enable(admin_iam)
    assert admin_iam.get_account_properties()["Properties"] == {"RoleManager/Enabled": "true"}
    enable(admin_iam, "false")
    assert admin_iam.get_account_properties()["Properties"] == {"RoleManager/Enabled": "false"}


def test_enabling_makes_the_service_linked_role_which_stays(admin_iam):
    enable(admin_iam)
    role = admin_iam.get_role(RoleName=ROLE)["Role"]
    assert role["Arn"] == ROLE_ARN
    assert role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"Service": "role-manager.iam.amazonaws.com"}
    with refused("UnmodifiableEntity", status=400):
        admin_iam.delete_role(RoleName=ROLE)
    enable(admin_iam, "false")
    enable(admin_iam)
    assert admin_iam.get_role(RoleName=ROLE)["Role"]["RoleId"] == role["RoleId"]


def test_enabling_needs_the_permission_to_make_the_role(aws, admin_iam):
    _, keys = create_user(admin_iam, "u", allow(["iam:PutAccountProperties", "iam:GetAccountProperties"]))
    enable(aws.iam(keys), "false")
    with refused("AccessDenied", "iam:CreateServiceLinkedRole", ROLE_ARN, status=403):
        enable(aws.iam(keys))
    assert aws.iam(keys).get_account_properties()["Properties"] == {"RoleManager/Enabled": "false"}


def test_what_is_no_property_is_refused(aws, admin_iam):
    iam = aws.unchecked("iam", bootstrap.ADMIN)
    for properties, text in [
            ({"RoleManager": "true"}, "Property key must be in format Namespace/PropertyName: RoleManager"),
            ({"Other/Enabled": "true"}, "Unsupported namespace: Other"),
            ({"RoleManager/Other": "true"}, "RoleManager namespace requires Enabled property"),
            ({"RoleManager/Enabled": "true", "Other/Enabled": "true"}, "All properties must belong to the same namespace"),
            ({"RoleManager/Enabled": "FALSE"}, "Enabled must be 'true' or 'false'")]:
        with refused("InvalidInput", text, status=400):
            iam.put_account_properties(Properties=properties)
    with refused("ValidationError", "properties", status=400):
        iam.put_account_properties(Properties={})


def test_token_version_is_shown_in_the_summary(admin_iam, aws):
    assert admin_iam.get_account_summary()["SummaryMap"]["GlobalEndpointTokenVersion"] == 1
    admin_iam.set_security_token_service_preferences(GlobalEndpointTokenVersion="v2Token")
    assert admin_iam.get_account_summary()["SummaryMap"]["GlobalEndpointTokenVersion"] == 2
    admin_iam.set_security_token_service_preferences(GlobalEndpointTokenVersion="v1Token")
    assert admin_iam.get_account_summary()["SummaryMap"]["GlobalEndpointTokenVersion"] == 1
    with refused("ValidationError", status=400):
        aws.unchecked("iam", bootstrap.ADMIN).set_security_token_service_preferences(GlobalEndpointTokenVersion="v3Token")
    with refused("AccessDenied", status=403):
        aws.iam(bootstrap.NOBODY).set_security_token_service_preferences(GlobalEndpointTokenVersion="v2Token")
