"""GetScopedCredentials: the same session with less power, a shorter life, or both."""
import json
import urllib.error
import urllib.parse
import urllib.request

import pytest

from support import bootstrap
from support.aws import refused
from support.bootstrap import ACCOUNT, Keys
from support.people import allow, create_user, deny, error_code, policy, trust

BUCKET = "scoped-bucket"
READ = policy(allow("s3:Get*"), allow(["s3:ListBucket", "sts:GetScopedCredentials", "sts:AssumeRole"]))


@pytest.fixture
def session(aws, admin_iam):
    """Credentials of a role that may do everything; a bucket with an object is there."""
    user, keys = create_user(admin_iam, "u", allow("sts:AssumeRole"))
    admin_iam.create_role(RoleName="all", AssumeRolePolicyDocument=policy(
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
         "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]}))
    admin_iam.put_user_policy(UserName="u", PolicyName="inline", PolicyDocument=policy(allow("sts:*")))
    admin_iam.attach_role_policy(RoleName="all", PolicyArn=bootstrap.ADMINISTRATOR)
    s3 = aws.s3(bootstrap.ADMIN)
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="k", Body=b"x")
    answer = aws.sts(keys).assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/all", RoleSessionName="work", SourceIdentity="ann",
                                       Tags=[{"Key": "team", "Value": "blue"}])
    return Keys.of(answer["Credentials"])


def scoped(aws, keys, **arguments):
    return Keys.of(aws.sts(keys).get_scoped_credentials(**arguments)["Credentials"])


def test_the_identity_stays_and_the_power_shrinks(aws, session):
    before = aws.sts(session).get_caller_identity()

    answer = aws.sts(session).get_scoped_credentials(Policy=READ, ScopedSessionDescription="only reads")

    keys = Keys.of(answer["Credentials"])
    after = aws.sts(keys).get_caller_identity()
    assert (after["Arn"], after["UserId"]) == (before["Arn"], before["UserId"])
    assert answer["SessionInfo"] == {"ScopedSessionId": before["UserId"], "Arn": before["Arn"]}
    assert answer["ScopedPoliciesCount"] == 1
    assert answer["SourceIdentity"] == "ann"
    assert answer["SessionTokenSize"] == len(keys.token)
    assert 0 < answer["SessionTokenUtilization"] <= 100
    assert "PackedPolicySize" not in answer
    assert aws.s3(keys).get_object(Bucket=BUCKET, Key="k")["Body"].read() == b"x"
    assert error_code(aws.s3(keys).put_object, Bucket=BUCKET, Key="k", Body=b"y") == "AccessDenied"
    with refused("AccessDenied", "because no session policy allows the iam:ListUsers action"):
        aws.iam(keys).list_users()
    aws.s3(session).put_object(Bucket=BUCKET, Key="k", Body=b"y")


def test_layers_add_up_to_three(aws, session):
    one = scoped(aws, session, Policy=policy(allow("*")))
    two = scoped(aws, one, Policy=policy(allow("*"), deny("s3:GetObject")))
    three = scoped(aws, two, Policy=policy(allow(["s3:*", "sts:*"])))

    assert aws.sts(three).get_scoped_credentials(DurationSeconds=60)["ScopedPoliciesCount"] == 3
    with refused("AccessDenied", "3 scope-down policies", status=403):
        aws.sts(three).get_scoped_credentials(Policy=policy(allow("*")))
    assert error_code(aws.s3(three).get_object, Bucket=BUCKET, Key="k") == "AccessDenied"
    aws.s3(three).put_object(Bucket=BUCKET, Key="k", Body=b"z")
    assert error_code(aws.iam(three).list_users) == "AccessDenied"


def test_a_bucket_policy_for_the_session_itself_is_capped(aws, session):
    arn = aws.sts(session).get_caller_identity()["Arn"]
    aws.s3(bootstrap.ADMIN).put_bucket_policy(Bucket=BUCKET, Policy=policy(
        {"Effect": "Allow", "Principal": {"AWS": arn}, "Action": "s3:*", "Resource": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"]}))
    keys = scoped(aws, session, Policy=policy(allow("s3:PutObject")))
    assert error_code(aws.s3(keys).get_object, Bucket=BUCKET, Key="k") == "AccessDenied"
    aws.s3(keys).put_object(Bucket=BUCKET, Key="k", Body=b"y")


def test_a_scoped_session_assumes_roles_within_its_layers_only(aws, admin_iam, session):
    arn = f"arn:aws:iam::{ACCOUNT}:role/other"
    admin_iam.create_role(RoleName="other", AssumeRolePolicyDocument=trust(f"arn:aws:iam::{ACCOUNT}:role/all").replace(
        '"sts:AssumeRole"', '["sts:AssumeRole", "sts:SetSourceIdentity"]'))
    admin_iam.put_role_policy(RoleName="other", PolicyName="p", PolicyDocument=policy(allow("s3:*")))
    with refused("AccessDenied", "sts:AssumeRole"):
        aws.sts(scoped(aws, session, Policy=policy(allow("s3:*")))).assume_role(RoleArn=arn, RoleSessionName="s1")

    keys = Keys.of(aws.sts(scoped(aws, session, Policy=policy(allow("sts:*")))).assume_role(
        RoleArn=arn, RoleSessionName="s1")["Credentials"])

    aws.s3(keys).put_object(Bucket=BUCKET, Key="k", Body=b"by the other role")


def test_a_shorter_life(aws, clock, session):
    now = clock.now()
    answer = aws.sts(session).get_scoped_credentials(DurationSeconds=60)
    assert answer["ScopedPoliciesCount"] == 0
    assert 55 <= answer["Credentials"]["Expiration"].timestamp() - now <= 65
    keys = Keys.of(answer["Credentials"])
    aws.iam(keys).list_users()
    with refused("InsufficientSessionLifetime", status=400):
        aws.sts(keys).get_scoped_credentials(DurationSeconds=61)
    clock.shift(70)
    assert error_code(aws.iam(keys).list_users) == "ExpiredToken"
    aws.iam(session).list_users()


def test_expiry_is_the_callers_unless_said(aws, session):
    first = aws.sts(session).get_scoped_credentials(DurationSeconds=1800)["Credentials"]
    second = aws.sts(Keys.of(first)).get_scoped_credentials(Policy=READ)["Credentials"]
    assert second["Expiration"] == first["Expiration"]


def test_sessions_of_users_and_federated_users_may_call(aws):
    of_user = Keys.of(aws.sts(bootstrap.ADMIN).get_session_token()["Credentials"])
    keys = scoped(aws, of_user, Policy=READ)
    assert aws.sts(keys).get_caller_identity()["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/admin"
    guest = aws.sts(bootstrap.ADMIN).get_federation_token(Name="guest", Policy=policy(allow("*")))["Credentials"]
    keys = scoped(aws, Keys.of(guest), Policy=policy(allow("s3:ListAllMyBuckets")))
    aws.s3(keys).list_buckets()
    assert error_code(aws.s3(keys).create_bucket, Bucket="another") == "AccessDenied"


def test_keys_without_a_session_and_root_are_refused(aws):
    root = Keys.of(aws.sts(bootstrap.ROOT).get_session_token()["Credentials"])
    for keys in (bootstrap.ADMIN, bootstrap.ROOT, root):
        with refused("InvalidSubjectCredentials", status=400):
            aws.sts(keys).get_scoped_credentials(DurationSeconds=60)


def test_what_is_asked_for_is_checked(aws, session):
    sts = aws.sts(session)
    with refused("ValidationError", "At least one of Policy and DurationSeconds", status=400):
        sts.get_scoped_credentials()
    with refused("MalformedPolicyDocument", status=400):
        sts.get_scoped_credentials(Policy="{}")
    with refused("ValidationError", "durationSeconds", status=400):
        aws.unchecked("sts", session).get_scoped_credentials(DurationSeconds=0)
    with refused("ValidationError", "policy", status=400):
        aws.unchecked("sts", session).get_scoped_credentials(Policy=" " * 2049)


def test_the_global_endpoint_does_not_serve_it(aws, session):
    sts = aws.sts(session)
    sts.meta.events.register("before-sign.sts.*", lambda request, **_: request.headers.__setitem__("Host", "sts.amazonaws.com"))
    with refused("InvalidAction", "Operation not supported on STS global endpoint", status=400):
        sts.get_scoped_credentials(DurationSeconds=60)


def test_the_console_ends_with_scoped_credentials(aws, server, session):
    keys = scoped(aws, session, DurationSeconds=900)
    text = json.dumps({"sessionId": keys.access_key, "sessionKey": keys.secret_key, "sessionToken": keys.token})
    ask = {"Action": "getSigninToken", "Session": text}
    assert "SigninToken" in json.loads(urllib.request.urlopen(f"{server.url}/federation?{urllib.parse.urlencode(ask)}").read())
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(f"{server.url}/federation?{urllib.parse.urlencode(ask | {'SessionDuration': '43200'})}")
    assert refusal.value.code == 400
