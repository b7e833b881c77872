"""`signet policy generate`: a policy made of what a role did is put in place of the one it had, and the same program runs again
(docs/guide/policy-tools.md)."""
import json
import subprocess

import botocore.exceptions
import pytest

from support import bootstrap
from support.bootstrap import ACCOUNT, ADMIN, Keys
from support.people import allow, create_user, error_code, trust
from support.server import BINARY
from support.trail import recording_server

ROLE = f"arn:aws:iam::{ACCOUNT}:role/worker"
BUCKET = "generated-bucket"


def program(aws, keys):
    """What the role does day by day."""
    s3 = aws.s3(keys)
    s3.put_object(Bucket=BUCKET, Key="in/a?b*${c}.txt", Body=b"x", Tagging="team=red")
    s3.put_object(Bucket=BUCKET, Key="in/plain.txt", Body=b"x")
    s3.head_object(Bucket=BUCKET, Key="in/a?b*${c}.txt")
    s3.list_objects_v2(Bucket=BUCKET)
    s3.list_buckets()
    aws.iam(keys).get_role(RoleName="worker")
    return aws.sts(keys).get_caller_identity()["Arn"]


def generate(*arguments):
    done = subprocess.run([str(BINARY), "policy", "generate", *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    """A server on which the role has done its work: (folder of the trail, aws, iam, its keys)."""
    with recording_server(tmp_path_factory.mktemp("lived")) as (_, aws, trail):
        iam = aws.iam(ADMIN)
        user, keys = create_user(iam, "starter", allow("sts:AssumeRole"))
        iam.create_role(RoleName="worker", AssumeRolePolicyDocument=trust(user["Arn"]))
        iam.attach_role_policy(RoleName="worker", PolicyArn=bootstrap.ADMINISTRATOR)
        aws.s3(ADMIN).create_bucket(Bucket=BUCKET)
        session = Keys.of(aws.sts(keys).assume_role(RoleArn=ROLE, RoleSessionName="work")["Credentials"])
        assert "assumed-role/worker" in program(aws, session)
        with pytest.raises(botocore.exceptions.ClientError):
            aws.s3(session).get_object(Bucket="of-nobody-at-all", Key="k")
        last = aws.iam(session).list_account_aliases()["ResponseMetadata"]["RequestId"]
        trail.await_records(lambda record: record["requestID"] == last)
        yield trail.path.parent, aws, iam, session


def test_the_same_program_runs_with_the_generated_policy_and_nothing_else_does(lived):
    data, aws, iam, session = lived
    code, document, told = generate("--principal", ROLE, "--data", data)
    assert code == 0, told
    actions = {action for statement in json.loads(document)["Statement"]
               for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])}
    assert actions == {"s3:PutObject", "s3:PutObjectTagging", "s3:GetObject", "s3:ListBucket", "s3:ListAllMyBuckets", "iam:GetRole",
                       "iam:ListAccountAliases"}
    iam.put_role_policy(RoleName="worker", PolicyName="generated", PolicyDocument=document)
    iam.detach_role_policy(RoleName="worker", PolicyArn=bootstrap.ADMINISTRATOR)
    try:
        program(aws, session)
        s3 = aws.s3(session)
        assert error_code(lambda: s3.put_object(Bucket=BUCKET, Key="in/other.txt", Body=b"x")) == "AccessDenied"
        assert error_code(lambda: s3.put_object(Bucket=BUCKET, Key="in/aXb*${c}.txt", Body=b"x")) == "AccessDenied"
        assert error_code(lambda: s3.delete_object(Bucket=BUCKET, Key="in/plain.txt")) == "AccessDenied"
        assert error_code(lambda: s3.get_object(Bucket=BUCKET, Key="in/plain.txt")) == "AccessDenied"
        assert error_code(lambda: aws.iam(session).list_users()) == "AccessDenied"
    finally:
        iam.attach_role_policy(RoleName="worker", PolicyArn=bootstrap.ADMINISTRATOR)
        iam.delete_role_policy(RoleName="worker", PolicyName="generated")


def test_a_pattern_stands_for_what_it_matches(lived):
    data, _, _, _ = lived
    code, document, told = generate("--principal", f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/any", "--data", data, "--generalize",
                                    f"arn:aws:s3:::{BUCKET}/in/*", "--generalize", "arn:aws:s3:::films/*")
    assert code == 0 and "no resource matches --generalize arn:aws:s3:::films/*" in told
    resources = [statement["Resource"] for statement in json.loads(document)["Statement"]]
    assert f"arn:aws:s3:::{BUCKET}/in/*" in resources and "plain.txt" not in document


def test_what_was_refused_and_other_principals_do_not_count(lived):
    data, _, _, _ = lived
    _, document, _ = generate("--principal", ROLE, "--from", data / "audit.jsonl")
    assert "of-nobody-at-all" not in document and "iam:CreateRole" not in document
    code, document, told = generate("--principal", ROLE.replace("worker", "work"), "--data", data)
    assert (code, document) == (1, "") and "used no permission" in told
    code, document, _ = generate("--principal", ROLE, "--data", data, "--since", "2999-01-01")
    assert (code, document) == (1, "")


def test_a_trail_that_is_not_there_is_told(tmp_path):
    code, document, told = generate("--principal", ROLE, "--from", tmp_path / "nothing.jsonl")
    assert (code, document) == (3, "") and "nothing.jsonl" in told and "--from" in told
