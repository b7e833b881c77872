"""Tools that look an account over and change it, against servers that record: what they find in an account with known faults, and what
they say to somebody who may not look."""
import json
import os
import time

import pytest

from known_clients import python_packages
from support.bootstrap import ACCOUNT, ADMIN, Keys
from support.people import allow, policy, trust
from support.server import BINARY
from tool_runner import PMAPPER, go_program, use_pmapper

pytestmark = pytest.mark.skipif(os.environ.get("SIGNET_CLIENTS") == "quick", reason="not of the quick half")


def make_risky(iam, name):
    """A user who may make administrators of others."""
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="risky", PolicyDocument=policy(allow(["iam:AttachUserPolicy", "iam:PassRole", "s3:Get*"])))


def make_credential_report(iam):
    """One that knows who is there now, for tools that wait only a moment for it."""
    while iam.generate_credential_report()["State"] != "COMPLETE":
        time.sleep(0.2)


def test_cloudsplaining(tool):
    """Downloads the account's authorization details and finds the way to become an administrator; who may not see them gets no file."""
    tool.use(python_packages("cloudsplaining", "cloudsplaining==0.9.1"))
    tool.version(r"version (\S+)", "cloudsplaining", "--version")
    make_risky(tool.world.aws.iam(ADMIN), "risky-for-cloudsplaining")
    tool.refused("cloudsplaining", "download", "--output", tool.folder, keys=tool.world.nobody, says="iam:GetAccountAuthorizationDetails")
    tool.run("cloudsplaining", "download", "--output", tool.folder)
    (details,) = tool.folder.glob("*.json")
    tool.run("cloudsplaining", "scan", "--skip-open-report", "--input-file", details, "--output", tool.folder)
    (findings,) = tool.folder.glob("iam-results-*.json")
    found = json.loads(findings.read_text())
    risky = [one for one in found["users"].values() if one["name"] == "risky-for-cloudsplaining"]
    assert risky, "the user is in the report"
    inline = [one for one in found["inline_policies"].values() if one["PolicyName"] == "risky"]
    kinds = [entry["type"] for entry in inline[0]["PrivilegeEscalation"]["findings"]] if inline else []
    assert "AttachUserPolicy" in " ".join(kinds), inline


def test_parliament_and_policy_sentry(tool):
    """parliament reads the account's authorization details and reports an action that does not exist; policy_sentry writes a policy,
    which the server takes and which allows what it says and no more."""
    tool.use(python_packages("parliament", "parliament==1.6.4", "policy-sentry==0.15.2"))
    tool.version(r"parliament (\S+)", "parliament", "--version")
    world, iam = tool.world, tool.world.aws.iam(ADMIN)
    iam.create_user(UserName="of-parliament")
    iam.put_user_policy(UserName="of-parliament", PolicyName="misspelt", PolicyDocument=policy(allow("s3:GetObjekt", "arn:aws:s3:::bucket/*")))
    pages = iam.get_paginator("get_account_authorization_details").paginate().build_full_result()
    (tool.folder / "details.json").write_text(json.dumps(pages, default=str))
    said = tool.run("parliament", "--auth-details-file", tool.folder / "details.json", "--json", codes=(1,))
    assert "Unknown action s3:GetObjekt" in said
    (tool.folder / "wish.yml").write_text("mode: crud\nread:\n- arn:aws:s3:::seen-by-clients/inner/*\n")
    written = tool.run("policy_sentry", "write-policy", "--input-file", tool.folder / "wish.yml")
    document = written[written.index("{"):written.rindex("}") + 1]
    iam.put_user_policy(UserName="of-parliament", PolicyName="written", PolicyDocument=document)
    keys = Keys.of_user(iam.create_access_key(UserName="of-parliament")["AccessKey"])
    admin, s3 = world.aws.s3(ADMIN), world.aws.s3(keys)
    for key in ("inner/a", "a"):
        admin.put_object(Bucket="seen-by-clients", Key=key, Body=b"x")
    assert s3.get_object(Bucket="seen-by-clients", Key="inner/a")["Body"].read() == b"x"
    with pytest.raises(s3.exceptions.ClientError, match="AccessDenied"):
        s3.get_object(Bucket="seen-by-clients", Key="a")


def test_pmapper(tool):
    """Draws who can become whom and answers queries; who may not list users gets no graph."""
    use_pmapper(tool)
    make_risky(tool.world.aws.iam(ADMIN), "risky-for-pmapper")
    tool.refused(*PMAPPER, "graph", "create", "--include-regions", "us-east-1", keys=tool.world.nobody, says="iam:GetAccountAuthorizationDetails")
    tool.run(*PMAPPER, "graph", "create", "--include-regions", "us-east-1")
    said = tool.run(*PMAPPER, "--account", ACCOUNT, "query", "who can do iam:CreateUser")
    assert "user/admin IS authorized" in said and "user/risky-for-pmapper IS authorized" not in said.replace("user/admin", "")
    said = tool.run(*PMAPPER, "--account", ACCOUNT, "query", "preset privesc user/risky-for-pmapper")
    assert "risky-for-pmapper" in said


def test_prowler(tool):
    """Runs all IAM checks to the end and is right about an account with known faults; to who may not look, it reports nothing and says
    why in its log."""
    tool.use(python_packages("prowler", "prowler==5.46.0"))
    tool.version(r"Prowler (\d\S+)", "prowler", "--version")
    iam = tool.world.aws.iam(ADMIN)
    iam.attach_user_policy(UserName="two-keys", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    iam.create_role(RoleName="auditors", AssumeRolePolicyDocument=trust(f"arn:aws:iam::{ACCOUNT}:root"))
    iam.attach_role_policy(RoleName="auditors", PolicyArn="arn:aws:iam::aws:policy/SecurityAudit")
    prowler = ["prowler", "aws", "--service", "iam", "--output-formats", "json-ocsf", "--no-banner", "--no-color", "--output-directory"]
    made_before = iam.get_account_summary()["SummaryMap"]["Users"]
    make_credential_report(iam)
    said = tool.run(*prowler, tool.folder / "out", "--log-level", "ERROR", codes=(0, 3))
    assert "Scan completed" in said and "Something went wrong" not in said, said[-3000:]
    found = {}
    for one in json.loads(next((tool.folder / "out").glob("*.ocsf.json")).read_text()):
        found.setdefault(one["metadata"]["event_code"], {})[one["resources"][0]["uid"]] = one["status_code"]
    user = f"arn:aws:iam::{ACCOUNT}:user/two-keys"
    for check in ("iam_user_administrator_access_policy", "iam_user_two_active_access_key"):
        assert (found[check][user], found[check][f"arn:aws:iam::{ACCOUNT}:user/reader"]) == ("FAIL", "PASS"), found[check]
    assert set(found["iam_securityaudit_role_created"].values()) == {"PASS"} and set(found["iam_support_role_created"].values()) == {"FAIL"}
    assert set(found["iam_no_root_access_key"].values()) == {"FAIL"}
    assert len(found["iam_user_administrator_access_policy"]) == made_before
    said = tool.run(*prowler, tool.folder / "none", "--log-level", "ERROR", keys=tool.world.nobody, codes=(0, 3))
    assert "AccessDenied" in said and "iam:ListUsers" in said and not list((tool.folder / "none").glob("*.ocsf.json"))


def scout_findings(folder):
    text = (folder / "scoutsuite-results" / f"scoutsuite_results_aws-{ACCOUNT}.js").read_text()
    services = json.loads(text.partition("\n")[2])["services"]
    return {name: one for service in ("iam", "s3") for name, one in services[service]["findings"].items()}, services


def test_scoutsuite(tool):
    """Runs its IAM and S3 rules to the end (AWS's hosts by `signet run --intercept`) and is right about an account with known faults;
    to who may not look it reports no user and says why."""
    tool.use(python_packages("scoutsuite", "scoutsuite==5.14.0"))
    tool.version(r"Suite (\S+)", "scout", "--version")
    world, iam, s3 = tool.world, tool.world.aws.iam(ADMIN), tool.world.aws.s3(ADMIN)
    iam.create_role(RoleName="open-to-scout", AssumeRolePolicyDocument=trust("*"))
    iam.create_policy(PolicyName="all-of-scout", PolicyDocument=policy(allow("*")))
    s3.create_bucket(Bucket="seen-by-scout")
    s3.put_bucket_versioning(Bucket="seen-by-scout", VersioningConfiguration={"Status": "Enabled"})
    make_credential_report(iam)
    scout = tool.intercepted("scout", "aws", "--services", "iam", "s3", "--no-browser", "--force", "--report-dir")
    said = tool.run(*scout, tool.folder / "out")
    assert " ERROR " not in said, said[-3000:]
    findings, services = scout_findings(tool.folder / "out")
    opened = " ".join(findings["iam-assume-role-policy-allows-all"]["items"])
    role = next(id for id, one in services["iam"]["roles"].items() if one["name"] == "open-to-scout")
    assert role in opened and findings["iam-assume-role-policy-allows-all"]["flagged_items"] == 1
    named = {one["name"]: one["id"] for one in services["s3"]["buckets"].values()}
    unversioned = " ".join(findings["s3-bucket-no-versioning"]["items"])
    assert named["seen-by-clients"] in unversioned and named["seen-by-scout"] not in unversioned
    said = tool.run(*scout, tool.folder / "none", keys=world.nobody, codes=(200,))
    assert "iam:ListUsers" in said and "s3:ListAllMyBuckets" in said
    assert scout_findings(tool.folder / "none")[1]["iam"]["users_count"] == 0


def test_pacu(tool):
    """Reads the account out of the key, lists users and roles and the permissions of its own user; a key without permissions lists
    nothing."""
    tool.use(python_packages("pacu", "pacu==1.7.0"))
    tool.version(r"Version: (\S+)", "pip", "show", "pacu")
    iam = tool.world.aws.iam(ADMIN)
    for name, policies in [("of-pacu", ["IAMReadOnlyAccess"]), ("weak-of-pacu", [])]:
        iam.create_user(UserName=name)
        for one in policies:
            iam.attach_user_policy(UserName=name, PolicyArn=f"arn:aws:iam::aws:policy/{one}")
        tool.profile(name, Keys.of_user(iam.create_access_key(UserName=name)["AccessKey"]))
        tool.run("pacu", "-q", "--new-session", name, keys=None)
        tool.run("pacu", "-q", "--session", name, "--import-keys", name, keys=None)

    def module(session, name):
        return tool.run("pacu", "-q", "--session", session, "--module-name", name, "--exec", keys=None)

    said = module("of-pacu", "iam__enum_users_roles_policies_groups")
    assert f"{iam.get_account_summary()['SummaryMap']['Users']} Users Enumerated" in said
    assert "Confirmed permissions for user: of-pacu" in module("of-pacu", "iam__enum_permissions")
    who = tool.run("pacu", "-q", "--session", "of-pacu", "--whoami", keys=None)
    assert f'"AccountId": "{ACCOUNT}"' in who and '"iam:listusers"' in who.lower() and '"iam:createuser"' not in who.lower()
    said = module("weak-of-pacu", "iam__enum_users_roles_policies_groups")
    assert "No Users Found" in said and "0 Users Enumerated" in said


def test_custodian(tool):
    """Finds who has no MFA, who may do everything, and roles that another account may assume; who may not look is refused."""
    tool.use(python_packages("custodian", "c7n==0.9.53"))
    tool.version(r"(\d+\.\d+\.\d+)", "custodian", "version")
    iam = tool.world.aws.iam(ADMIN)
    tool.world.fresh_device()  # of the person
    iam.create_user(UserName="without-mfa")
    iam.create_role(RoleName="open-to-others", AssumeRolePolicyDocument=trust("arn:aws:iam::210987654321:root"))
    (tool.folder / "policies.json").write_text(json.dumps({"policies": [
        {"name": "without-mfa", "resource": "aws.iam-user",
         "filters": [{"type": "mfa-device", "value_type": "size", "key": "MFADevices", "value": 0}]},
        {"name": "cross-account", "resource": "aws.iam-role", "filters": [{"type": "cross-account"}]},
        {"name": "report", "resource": "aws.iam-user", "filters": [{"type": "credential", "key": "mfa_active", "value": False}]},
    ]}))
    custodian = ["custodian", "run", "--output-dir", tool.folder / "out", "--region", "us-east-1", "--policies"]
    for name in ("without-mfa", "cross-account", "report"):
        tool.run(*custodian, name, tool.folder / "policies.json")
    found = {name: {one.get("UserName") or one["RoleName"] for one in json.loads((tool.folder / "out" / name / "resources.json").read_text())}
             for name in ("without-mfa", "cross-account", "report")}
    assert "without-mfa" in found["without-mfa"] and "person" not in found["without-mfa"]
    assert "open-to-others" in found["cross-account"] and "plain" not in found["cross-account"]
    assert "two-keys" in found["report"]
    # It keeps what it saw for a quarter of an hour, for whoever asks next.
    tool.refused(*custodian, "cross-account", "--cache-period", "0", tool.folder / "policies.json", keys=tool.world.nobody, says="iam:ListRoles")


PLAYBOOK = """
- hosts: localhost
  gather_facts: false
  tasks:
    - amazon.aws.iam_user: {name: of-ansible, state: present, tags: {team: a}}
      register: user
    - amazon.aws.iam_managed_policy: {name: of-ansible, state: present, policy: "{{ policy }}"}
      register: made
    - amazon.aws.iam_role: {name: of-ansible, assume_role_policy_document: "{{ trust }}", managed_policies: [AmazonS3ReadOnlyAccess]}
      register: role
    - amazon.aws.iam_group: {name: of-ansible, state: present, users: [of-ansible], managed_policies: ["{{ made.policy.arn }}"]}
      register: group
    - amazon.aws.s3_bucket: {name: of-ansible, state: present, versioning: true}
      register: bucket
    - amazon.aws.sts_assume_role: {role_arn: "{{ role.iam_role.arn }}", role_session_name: of-ansible}
      register: session
    - ansible.builtin.debug:
        msg: "changed {{ [user, made, role, group, bucket] | map(attribute='changed') | list }} {{ session.sts_user.arn }}"
  vars:
    policy: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "s3:ListAllMyBuckets", Resource: "*"}]}
    trust: {Version: "2012-10-17", Statement: [{Effect: Allow, Principal: {AWS: "arn:aws:iam::123456789012:root"}, Action: "sts:AssumeRole"}]}
"""


def test_ansible(tool):
    """Makes a user, a policy, a role, a group and a bucket and assumes the role; a second run changes nothing, and a reader's is refused."""
    tool.use(python_packages("ansible", "ansible==11.13.0", "boto3==1.44.8"))
    tool.version(r"version (\S+)", "ansible-community", "--version")
    (tool.folder / "play.yml").write_text(PLAYBOOK)
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/of-ansible/of-ansible"
    for changes in ("[True, True, True, True, True]", "[False, False, False, False, False]"):
        assert f"changed {changes} {session}" in tool.run("ansible-playbook", "play.yml")
    tool.refused("ansible-playbook", "play.yml", keys=tool.world.reader, says="is not authorized to perform: iam:GetUser")


NUKE = """
regions: [global, us-east-1]
account-blocklist: ["999999999999"]
resource-types:
  targets: [IAMUser, IAMUserAccessKey, IAMUserPolicyAttachment, IAMRole, IAMRolePolicyAttachment, S3Bucket, S3Object]
accounts:
  "123456789012":
    filters:
      IAMUser: [admin, keeper]
      IAMUserAccessKey: [{type: glob, value: "admin -> *"}, {type: glob, value: "keeper -> *"}]
      IAMUserPolicyAttachment: [{type: glob, value: "admin -> *"}, {type: glob, value: "keeper -> *"}]
"""
NUKED = """
set -e
aws-nuke --config nuke.yml --access-key-id KEEPERKEY00000000001 --secret-access-key 'of the keeper' --force --force-sleep 3 --no-dry-run \\
  --max-wait-retries 1 > refused.txt 2>&1 || true
aws iam list-users --query 'Users[].UserName' --output text
aws-nuke --config nuke.yml --access-key-id "$AWS_ACCESS_KEY_ID" --secret-access-key "$AWS_SECRET_ACCESS_KEY" --force --force-sleep 3 \\
  --no-dry-run --max-wait-retries 10 > nuked.txt 2>&1
aws iam list-users --query 'Users[].UserName' --output text
aws s3api list-buckets --query 'length(Buckets)'
"""


def test_aws_nuke(tool):
    """Empties an account of a server of its own (`signet run --fresh --intercept`, since it knows AWS's hosts alone) but for what its
    filters keep; with keys that may read but not delete, everything stays."""
    tool.need("aws-nuke")
    tool.record("version", "2.16.0")  # Debian's says of itself that it is unknown
    (tool.folder / "nuke.yml").write_text(NUKE)
    (tool.folder / "accounts.json").write_text(json.dumps({"accounts": [{
        "id": ACCOUNT, "alias": "trial-of-nuke",
        "users": [
            {"name": "admin", "policies": ["arn:aws:iam::aws:policy/AdministratorAccess"], "access_keys": [{}]},
            {"name": "keeper", "policies": ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
             "access_keys": [{"access_key_id": "KEEPERKEY00000000001", "secret_access_key": "of the keeper"}]},
            {"name": "left-over", "policies": ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"], "access_keys": [{}]}],
        "roles": [{"name": "left-over", "trust_policy": json.loads(trust(f"arn:aws:iam::{ACCOUNT}:root"))}],
        "buckets": [{"name": "left-over"}]}]}))
    said = tool.run(BINARY, "run", "--fresh", "--bootstrap", tool.folder / "accounts.json", "--user", "admin", "--intercept", "--", "bash", "-c", NUKED,
                    keys=None)
    before, after, buckets = said.splitlines()[-3:]
    refused = (tool.folder / "refused.txt").read_text()
    assert "is not authorized to perform: iam:DeleteUser" in refused or "is not authorized to perform: iam:DeleteAccessKey" in refused, refused[-3000:]
    assert before.split() == ["admin", "keeper", "left-over"], said
    assert (after.split(), buckets) == (["admin", "keeper"], "0"), (tool.folder / "nuked.txt").read_text()[-3000:]


RESOURCES = """
aws_iam_user aws_iam_access_key aws_iam_user_policy aws_iam_user_policy_attachment aws_iam_group aws_iam_group_membership
aws_iam_user_group_membership aws_iam_group_policy aws_iam_group_policy_attachment aws_iam_policy aws_iam_policy_attachment aws_iam_role
aws_iam_role_policy aws_iam_role_policy_attachment aws_iam_instance_profile aws_iam_account_alias aws_iam_account_password_policy
aws_iam_openid_connect_provider aws_iam_saml_provider aws_iam_server_certificate aws_iam_service_linked_role aws_iam_user_login_profile
aws_iam_user_ssh_key aws_s3_bucket aws_s3_bucket_object aws_s3_bucket_policy aws_s3_bucket_public_access_block
"""


def test_terraform_aws_provider(tool):
    """Makes, changes, reads back, imports and destroys a resource of every type of IAM and 4 of S3, with an empty plan after each step
    (with Terraform's core of its time; AWS's hosts by `signet run --fresh --intercept`); a reader's new user is refused."""
    flows = go_program("terraform-flows", "go-terraform")
    tool.record("version", "1.60.0")
    (tool.folder / "accounts.json").write_text(json.dumps({"accounts": [{"id": ACCOUNT, "users": [
        {"name": "admin", "policies": ["arn:aws:iam::aws:policy/AdministratorAccess"], "access_keys": [{}]},
        {"name": "reader", "policies": ["arn:aws:iam::aws:policy/ReadOnlyAccess"], "access_keys": [{}]}]}]}))
    fresh = [BINARY, "run", "--fresh", "--bootstrap", tool.folder / "accounts.json", "--intercept", "--user"]
    assert tool.run(*fresh, "admin", "--", flows, keys=None).split() == RESOURCES.split()
    assert tool.run(*fresh, "reader", "--", flows, "refused", keys=None).split() == ["refused"]
