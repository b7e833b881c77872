"""Access Analyzer's ValidatePolicy over the findings of `signet policy check`."""
import json

import pytest

from support.aws import refused
from support.bootstrap import ADMIN, NOBODY
from support.people import allow, create_user, deny, policy


@pytest.fixture
def analyzer(aws):
    return aws.client("accessanalyzer", ADMIN)


def validate(client, document, kind="IDENTITY_POLICY", **more):
    text = document if isinstance(document, str) else json.dumps(document)
    return client.validate_policy(policyDocument=text, policyType=kind, **more)["findings"]


def codes(findings):
    return {(finding["findingType"], finding["issueCode"]) for finding in findings}


def test_a_good_policy_has_no_findings(analyzer):
    assert validate(analyzer, policy(allow("s3:GetObject", "arn:aws:s3:::bucket/*"))) == []


def test_findings_have_awss_codes_types_and_places(analyzer):
    text = policy(allow("s3:GetObjct", "arn:aws:s3:::bucket/*"))
    (finding,) = validate(analyzer, text)
    assert (finding["findingType"], finding["issueCode"]) == ("ERROR", "INVALID_ACTION")
    assert "GetObjct" in finding["findingDetails"]
    assert finding["learnMoreLink"].endswith("#access-analyzer-reference-policy-checks-error-invalid-action")
    span = finding["locations"][0]["span"]
    assert text[span["start"]["offset"]:span["end"]["offset"]].strip('"') == "s3:GetObjct"
    assert span["start"]["line"] == 1 and span["start"]["column"] == span["start"]["offset"]


def test_places_count_lines_from_one_and_columns_from_nought(analyzer):
    text = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Nothing", "Resource": "*"}]}, indent=1)
    (finding,) = [one for one in validate(analyzer, text) if one["issueCode"] == "INVALID_ACTION"]
    start = finding["locations"][0]["span"]["start"]
    assert text.splitlines()[start["line"] - 1][start["column"]:].startswith('"s3:Nothing"')
    assert text[start["offset"]:].startswith('"s3:Nothing"')


def test_security_warnings_warnings_and_suggestions_are_told_apart(analyzer):
    star = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}}
    assert ("SECURITY_WARNING", "PASS_ROLE_WITH_STAR_IN_RESOURCE") in codes(validate(analyzer, star))
    empty = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": [], "Resource": "*"}}
    assert ("SUGGESTION", "EMPTY_ARRAY_ACTION") in codes(validate(analyzer, empty))


def test_what_is_no_policy_is_an_error_and_never_nothing(analyzer):
    for text in ("{", "[]", "{}", '{"Version":"2012-10-17"}', '{"Version":"2012-10-17","Statement":[{"Effect":"Maybe"}]}'):
        findings = validate(analyzer, text)
        assert any(finding["findingType"] == "ERROR" for finding in findings), text


def test_each_kind_has_its_rules(analyzer):
    trusts = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "sts:AssumeRole"}}
    assert not any(f["findingType"] == "ERROR" for f in validate(analyzer, trusts, "RESOURCE_POLICY"))
    assert validate(analyzer, trusts, "RESOURCE_POLICY",
                    validatePolicyResourceType="AWS::IAM::AssumeRolePolicyDocument") == validate(analyzer, trusts, "RESOURCE_POLICY")
    assert any(f["findingType"] == "ERROR" for f in validate(analyzer, trusts, "IDENTITY_POLICY"))
    bucket = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
                                                    "Resource": "arn:aws:s3:::bucket/*"}}
    assert not any(f["findingType"] == "ERROR" for f in validate(analyzer, bucket, "RESOURCE_POLICY",
                                                                 validatePolicyResourceType="AWS::S3::Bucket"))
    full = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
    assert not any(f["findingType"] == "ERROR" for f in validate(analyzer, full, "SERVICE_CONTROL_POLICY"))
    assert any(f["findingType"] == "ERROR" for f in validate(analyzer, full, "RESOURCE_CONTROL_POLICY"))


def test_pages_have_each_finding_once(analyzer):
    many = policy(*(allow(f"s3:Nothing{n}") for n in range(7)))
    whole = validate(analyzer, many)
    seen, token = [], None
    while True:
        page = analyzer.validate_policy(policyDocument=many, policyType="IDENTITY_POLICY", maxResults=3,
                                        **({"nextToken": token} if token else {}))
        assert len(page["findings"]) <= 3
        seen += page["findings"]
        token = page.get("nextToken")
        if not token:
            break
    assert seen == whole and len(whole) >= 7


@pytest.mark.parametrize("parameters", [
    {"policyType": "POLICY"}, {"maxResults": 0}, {"maxResults": -1}, {"nextToken": "x"}, {"locale": "XX"},
    {"policyType": "RESOURCE_POLICY", "validatePolicyResourceType": "AWS::DynamoDB::Table"},
    {"validatePolicyResourceType": "AWS::S3::Bucket"},
], ids=str)
def test_bad_parameters_are_refused(aws, parameters):
    with refused("ValidationException", status=400):
        aws.unchecked("accessanalyzer", ADMIN).validate_policy(
            **({"policyDocument": policy(allow("s3:GetObject")), "policyType": "IDENTITY_POLICY"} | parameters))


def test_it_needs_its_permission(aws):
    parameters = {"policyDocument": "{}", "policyType": "IDENTITY_POLICY"}
    with refused("AccessDeniedException", "is not authorized to perform: access-analyzer:ValidatePolicy", status=403):
        aws.client("accessanalyzer", NOBODY).validate_policy(**parameters)
    iam = aws.iam(ADMIN)
    _, keys = create_user(iam, "validates", allow("access-analyzer:ValidatePolicy"))
    assert aws.client("accessanalyzer", keys).validate_policy(**parameters)["findings"]
    iam.put_user_policy(UserName="validates", PolicyName="not", PolicyDocument=policy(deny("access-analyzer:*")))
    with refused("AccessDeniedException", "with an explicit deny"):
        aws.client("accessanalyzer", keys).validate_policy(**parameters)


def test_the_rest_says_that_it_is_not_written(analyzer):
    with refused("NotImplemented", "ListAnalyzers", status=501):
        analyzer.list_analyzers()
