"""Policies as real clients write and meet them: who a NotPrincipal spares, what is refused at the write, in AWS's words."""
import pytest

from support import bootstrap
from support.aws import refused
from support.bootstrap import Keys
from support.people import allow, create_user, trust, policy

A, B = bootstrap.ACCOUNT, bootstrap.OTHER_ACCOUNT


@pytest.fixture
def s3(aws):
    client = aws.s3(bootstrap.ADMIN)
    client.create_bucket(Bucket="the-bucket")
    client.put_object(Bucket="the-bucket", Key="k", Body=b"x")
    return client


def denied_but_for(*principals):
    return {"Effect": "Deny", "NotPrincipal": {"AWS": list(principals)}, "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::the-bucket/*"}


def reads(aws, keys):
    return aws.s3(keys).get_object(Bucket="the-bucket", Key="k")["Body"].read() == b"x"


def test_not_principal_spares_the_listed_user_and_nobody_else_of_the_account(aws, admin_iam, s3):
    cy, cy_keys = create_user(admin_iam, "cy", allow("s3:*"))
    _, mallory_keys = create_user(admin_iam, "mallory", allow("s3:*"))
    s3.put_bucket_policy(Bucket="the-bucket", Policy=policy(denied_but_for(cy["Arn"], f"arn:aws:iam::{A}:root")))

    assert reads(aws, cy_keys)
    assert reads(aws, Keys.of(aws.sts(cy_keys).get_session_token()["Credentials"]))
    assert reads(aws, bootstrap.ROOT)
    for keys in (mallory_keys, bootstrap.ADMIN):
        with refused("AccessDenied", "with an explicit deny in a resource-based policy"):
            reads(aws, keys)
    s3.put_bucket_policy(Bucket="the-bucket", Policy=policy(denied_but_for(A)))
    assert reads(aws, bootstrap.ROOT)
    with refused("AccessDenied", "with an explicit deny in a resource-based policy"):
        reads(aws, cy_keys)


def test_not_principal_needs_every_layer_of_a_role_session(aws, admin_iam, s3):
    role = admin_iam.create_role(RoleName="reader", AssumeRolePolicyDocument=trust(f"arn:aws:iam::{A}:root"))["Role"]
    admin_iam.put_role_policy(RoleName="reader", PolicyName="p", PolicyDocument=policy(allow("s3:*")))
    session, other = (Keys.of(aws.sts(bootstrap.ADMIN).assume_role(RoleArn=role["Arn"], RoleSessionName=name)["Credentials"])
                      for name in ("here", "there"))
    arn = f"arn:aws:sts::{A}:assumed-role/reader/here"
    for listed in ([A], [A, role["Arn"]], [A, arn], [role["Arn"], arn]):
        s3.put_bucket_policy(Bucket="the-bucket", Policy=policy(denied_but_for(*listed)))
        with refused("AccessDenied", "with an explicit deny in a resource-based policy"):
            reads(aws, session)
    s3.put_bucket_policy(Bucket="the-bucket", Policy=policy(denied_but_for(A, role["Arn"], arn)))
    assert reads(aws, session)
    with refused("AccessDenied", "with an explicit deny in a resource-based policy"):
        reads(aws, other)


def test_not_principal_across_accounts(aws, s3):
    other = f"arn:aws:iam::{B}:user/admin"
    grant = allow("s3:GetObject", "arn:aws:s3:::the-bucket/*") | {"Principal": {"AWS": other}}
    for listed, is_spared in (([other, f"arn:aws:iam::{A}:root"], False), ([f"arn:aws:iam::{B}:root"], False), ([other, B], True)):
        s3.put_bucket_policy(Bucket="the-bucket", Policy=policy(grant, denied_but_for(*listed)))
        if is_spared:
            assert reads(aws, bootstrap.OTHER_ADMIN)
        else:
            with refused("AccessDenied"):
                reads(aws, bootstrap.OTHER_ADMIN)
