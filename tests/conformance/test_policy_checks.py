"""Access Analyzer's custom policy checks, over the proofs of policy_prove."""
import json

import pytest

from support.aws import refused
from support.bootstrap import ADMIN, NOBODY
from support.people import allow, create_user, deny, policy

READ = policy(allow("s3:GetObject", "arn:aws:s3:::photos/*"))


def statement(**members):
    return {"Effect": "Allow", **members}


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@pytest.fixture
def analyzer(aws):
    return aws.client("accessanalyzer", ADMIN)


def test_no_new_access_passes(analyzer):
    answer = analyzer.check_no_new_access(newPolicyDocument=READ, existingPolicyDocument=policy(allow("s3:*")), policyType="IDENTITY_POLICY")
    assert answer["result"] == "PASS" and "reasons" not in answer
    assert "do not grant new access" in answer["message"]


def test_new_access_fails_with_the_statements_that_grant_it(analyzer):
    answer = analyzer.check_no_new_access(
        newPolicyDocument=document(statement(Action="s3:GetObject", Resource="arn:aws:s3:::photos/*"),
                                   statement(Action="s3:PutObject", Resource="*"),
                                   statement(Sid="Acl", Action="s3:GetObjectAcl", Resource="arn:aws:s3:::photos/*")),
        existingPolicyDocument=READ, policyType="IDENTITY_POLICY")
    assert answer["result"] == "FAIL"
    assert answer["message"] == "The modified permissions grant new access compared to your existing policy."
    assert answer["reasons"] == [
        {"description": "New access in the statement with index: 1.", "statementIndex": 1},
        {"description": "New access in the statement with sid: Acl.", "statementIndex": 2, "statementId": "Acl"}]


def test_a_condition_taken_away_is_new_access(analyzer):
    strict = document(statement(Action="s3:GetObject", Resource="*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}))
    loose = document(statement(Action="s3:GetObject", Resource="*", Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}))
    check = dict(policyType="IDENTITY_POLICY")
    assert analyzer.check_no_new_access(newPolicyDocument=strict, existingPolicyDocument=loose, **check)["result"] == "PASS"
    assert analyzer.check_no_new_access(newPolicyDocument=loose, existingPolicyDocument=strict, **check)["result"] == "FAIL"


def test_resource_policies_are_compared_by_who_gets_in(analyzer):
    one = document(statement(Principal={"AWS": "arn:aws:iam::111122223333:role/one"}, Action="sts:AssumeRole"))
    account = document(statement(Principal={"AWS": "111122223333"}, Action="sts:AssumeRole"))
    check = dict(policyType="RESOURCE_POLICY")
    assert analyzer.check_no_new_access(newPolicyDocument=one, existingPolicyDocument=account, **check)["result"] == "PASS"
    assert analyzer.check_no_new_access(newPolicyDocument=account, existingPolicyDocument=one, **check)["result"] == "FAIL"


def test_access_that_is_not_granted_passes(analyzer):
    answer = analyzer.check_access_not_granted(policyDocument=READ, access=[{"actions": ["s3:DeleteBucket", "s3:GetBucketLocation"]}],
                                               policyType="IDENTITY_POLICY")
    assert answer == answer | {"result": "PASS", "message": "The policy document does not grant access to perform one or more of the listed actions."}


def test_access_that_is_granted_fails(analyzer):
    answer = analyzer.check_access_not_granted(policyDocument=READ, access=[{"actions": ["s3:*"]}], policyType="IDENTITY_POLICY")
    assert answer["result"] == "FAIL"
    assert answer["message"] == "The policy document grants access to perform one or more of the listed actions."
    assert answer["reasons"] == [{"description": "One or more of the listed actions in the statement with index: 0.", "statementIndex": 0}]
    on = dict(policyDocument=READ, policyType="IDENTITY_POLICY")
    assert analyzer.check_access_not_granted(access=[{"resources": ["arn:aws:s3:::photos/a"]}], **on)["result"] == "FAIL"
    assert analyzer.check_access_not_granted(access=[{"resources": ["arn:aws:s3:::other/a"]}], **on)["result"] == "PASS"
    assert analyzer.check_access_not_granted(access=[{"actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::other/*"]}], **on)["result"] == "PASS"


@pytest.mark.parametrize("kind, principal, condition, result", [
    ("AWS::S3::Bucket", "*", None, "FAIL"),
    ("AWS::S3::Bucket", {"AWS": "111122223333"}, None, "PASS"),
    ("AWS::S3::Bucket", "*", {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}, "PASS"),
    ("AWS::S3::Bucket", "*", {"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}, "FAIL"),
    ("AWS::SQS::Queue", "*", {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:*"}}, "FAIL"),
    ("AWS::KMS::Key", {"Service": "logs.amazonaws.com"}, None, "PASS"),
    ("AWS::IAM::AssumeRolePolicyDocument", {"AWS": "*"}, None, "FAIL"),
    ("AWS::IAM::AssumeRolePolicyDocument", {"Service": "ec2.amazonaws.com"}, None, "PASS"),
], ids=str)
def test_public_access(analyzer, kind, principal, condition, result):
    is_trust = kind == "AWS::IAM::AssumeRolePolicyDocument"
    one = statement(Sid="Bob", Principal=principal, Action="sts:AssumeRole" if is_trust else "s3:GetObject")
    answer = analyzer.check_no_public_access(policyDocument=document(one | ({"Condition": condition} if condition else {})), resourceType=kind)
    assert answer["result"] == result
    if result == "FAIL":
        assert answer["message"] == "The resource policy grants public access for the given resource type."
        assert answer["reasons"] == [{"description": "Public access granted in the following statement with sid: Bob.", "statementIndex": 0, "statementId": "Bob"}]


def test_what_cannot_be_proved_is_no_pass(analyzer):
    anyone = document(statement(Principal={"Federated": "*"}, Action="sts:AssumeRoleWithWebIdentity"))
    answer = analyzer.check_no_public_access(policyDocument=anyone, resourceType="AWS::IAM::AssumeRolePolicyDocument")
    assert answer["result"] == "FAIL" and "might grant" in answer["message"]


def test_hostile_documents_are_answered_in_time(analyzer):
    many = document(*(statement(Action=[f"s3:*{a}*{b}*{c}*" for a in "abcdefgh" for b in "ijklmnop" for c in "qrstuvw"],
                                Resource=[f"arn:aws:s3:::*{a}*{b}*{n}*" for a in "abcdefgh" for b in "ijkl"]) for n in range(20)))
    with refused("UnprocessableEntityException", "cannot be checked", status=422):
        analyzer.check_no_new_access(newPolicyDocument=many, existingPolicyDocument=READ, policyType="IDENTITY_POLICY")


@pytest.mark.parametrize("text", ["{", "[]", "{}", policy(allow("*")).replace("Allow", "Maybe"),
                                  document(statement(Principal="*", Action="s3:*", Resource="*"))], ids=str)
def test_documents_that_cannot_be_read_are_refused(analyzer, text):
    with refused("InvalidParameterException", status=400):
        analyzer.check_no_new_access(newPolicyDocument=text, existingPolicyDocument=READ, policyType="IDENTITY_POLICY")
    with refused("InvalidParameterException", status=400):
        analyzer.check_no_new_access(newPolicyDocument=READ, existingPolicyDocument=text, policyType="IDENTITY_POLICY")
    with refused("InvalidParameterException", status=400):
        analyzer.check_access_not_granted(policyDocument=text, access=[{"actions": ["s3:*"]}], policyType="IDENTITY_POLICY")


def test_public_access_of_what_cannot_be_read_is_refused(analyzer):
    with refused("InvalidParameterException", "policyDocument: ", status=400):
        analyzer.check_no_public_access(policyDocument="{nonsense", resourceType="AWS::S3::Bucket")


@pytest.mark.parametrize("operation, parameters", [
    ("check_no_new_access", {"newPolicyDocument": READ, "existingPolicyDocument": READ, "policyType": "SERVICE_CONTROL_POLICY"}),
    ("check_access_not_granted", {"policyDocument": READ, "policyType": "IDENTITY_POLICY", "access": []}),
    ("check_access_not_granted", {"policyDocument": READ, "policyType": "IDENTITY_POLICY", "access": [{}]}),
    ("check_no_public_access", {"policyDocument": READ, "resourceType": "AWS::EC2::Instance"}),
], ids=str)
def test_bad_parameters_are_refused(aws, operation, parameters):
    with refused("ValidationException", status=400):
        getattr(aws.unchecked("accessanalyzer", ADMIN), operation)(**parameters)


@pytest.mark.parametrize("operation, parameters", [
    ("CheckNoNewAccess", {"newPolicyDocument": READ, "existingPolicyDocument": READ, "policyType": "IDENTITY_POLICY"}),
    ("CheckAccessNotGranted", {"policyDocument": READ, "policyType": "IDENTITY_POLICY", "access": [{"actions": ["iam:*"]}]}),
    ("CheckNoPublicAccess", {"policyDocument": document(statement(Principal={"AWS": "111122223333"}, Action="s3:GetObject")), "resourceType": "AWS::S3::Bucket"}),
], ids=lambda value: value if isinstance(value, str) else "")
def test_each_check_needs_its_permission(aws, operation, parameters):
    call = "".join("_" + c.lower() if c.isupper() else c for c in operation)[1:]
    with refused("AccessDeniedException", f"is not authorized to perform: access-analyzer:{operation}", status=403):
        getattr(aws.client("accessanalyzer", NOBODY), call)(**parameters)
    iam = aws.iam(ADMIN)
    name = f"proves-{operation}"
    _, keys = create_user(iam, name, allow(f"access-analyzer:{operation}"))
    assert getattr(aws.client("accessanalyzer", keys), call)(**parameters)["result"] == "PASS"
    iam.put_user_policy(UserName=name, PolicyName="not", PolicyDocument=policy(deny("access-analyzer:*")))
    with refused("AccessDeniedException", "with an explicit deny"):
        getattr(aws.client("accessanalyzer", keys), call)(**parameters)
