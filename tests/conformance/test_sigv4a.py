"""SigV4A: boto3 and awscrt, told to prefer it, against STS, IAM and S3; and what is refused."""
import http.client
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request

import pytest

from support import bootstrap
from support.aws import refused
from support.bootstrap import Keys
from support.people import create_user, trust

ASYMMETRIC = "AWS4-ECDSA-P256-SHA256"


def asymmetric(aws, service, keys, regions="*"):
    """A client that signs with SigV4A for those regions; what it sent is kept in `sent`."""
    client = aws.client(service, keys, config={"signature_version": "s3v4a" if service == "s3" else "v4a", "sigv4a_signing_region_set": regions})
    client.sent = []
    client.meta.events.register("before-send", lambda request, **_: client.sent.append(request))
    return client


def sent_so(client):
    request = client.sent[-1]
    return request.headers["Authorization"].decode().startswith(ASYMMETRIC) and request.headers["X-Amz-Region-Set"]


@pytest.mark.parametrize("regions", ["*", "us-east-1", "eu-central-1,us-*"])
def test_sts_and_iam_take_it(aws, regions):
    sts = asymmetric(aws, "sts", bootstrap.ADMIN, regions)
    assert sts.get_caller_identity()["Arn"].endswith(":user/admin")
    assert sent_so(sts)
    iam = asymmetric(aws, "iam", bootstrap.ADMIN, regions)
    assert iam.get_user(UserName="admin")["User"]["UserName"] == "admin"
    assert sent_so(iam)


def test_a_program_that_was_not_changed_signs_with_it_when_it_is_told_to(aws):
    program = """if True:
        import boto3
        sts = boto3.client("sts")
        sts.meta.events.register("before-send", lambda request, **_: print(request.headers["Authorization"].decode().split()[0]))
        print(sts.get_caller_identity()["Arn"])
    """
    env = aws.environment(bootstrap.ADMIN, AWS_AUTH_SCHEME_PREFERENCE="sigv4a", AWS_SIGV4A_SIGNING_REGION_SET="*")
    done = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.split() == [ASYMMETRIC, "arn:aws:iam::123456789012:user/admin"], done.stderr


def test_a_session_signs_with_it(aws, admin_iam):
    user, keys = create_user(admin_iam, "ann")
    role = admin_iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust(user["Arn"]))["Role"]["Arn"]
    session = Keys.of(asymmetric(aws, "sts", keys).assume_role(RoleArn=role, RoleSessionName="job")["Credentials"])
    client = asymmetric(aws, "sts", session)
    assert client.get_caller_identity()["Arn"].endswith(":assumed-role/r/job")
    assert sent_so(client)
    with refused("AccessDenied", status=403):
        asymmetric(aws, "iam", session).list_users()


def test_s3_takes_it(aws):
    s3 = asymmetric(aws, "s3", bootstrap.ADMIN)
    s3.create_bucket(Bucket="the-bucket")
    for key in ("plain", "a b+c/\u00fc//x~(1)*'!.txt"):
        s3.put_object(Bucket="the-bucket", Key=key, Body=b"bytes")
        assert sent_so(s3)
        assert s3.get_object(Bucket="the-bucket", Key=key)["Body"].read() == b"bytes"
    assert {one["Key"] for one in s3.list_objects_v2(Bucket="the-bucket", Prefix="a b")["Contents"]} == {"a b+c/\u00fc//x~(1)*'!.txt"}


def test_a_link_is_signed_with_it(aws):
    s3 = asymmetric(aws, "s3", bootstrap.ADMIN)
    s3.create_bucket(Bucket="the-bucket")
    s3.put_object(Bucket="the-bucket", Key="k", Body=b"bytes")
    signer = aws.client("s3", bootstrap.ADMIN, config={"signature_version": "s3v4a"})
    link = signer.generate_presigned_url("get_object", Params={"Bucket": "the-bucket", "Key": "k"}, ExpiresIn=60)
    assert f"X-Amz-Algorithm={ASYMMETRIC}" in link and "&X-Amz-Region-Set=us-east-1&" in link
    with urllib.request.urlopen(link, timeout=10) as answer:
        assert answer.read() == b"bytes"
    for bent in (link.replace("Set=us-east-1", "Set=%2A"), link.replace("/k?", "/other?"), link.replace("&X-Amz-Region-Set=us-east-1", "")):
        assert bent != link
        with pytest.raises(urllib.error.HTTPError) as error:
            urllib.request.urlopen(bent, timeout=10)
        assert error.value.code in (400, 403)


def test_other_secrets_and_changed_requests_are_refused(aws):
    stranger = Keys(bootstrap.ADMIN.access_key, bootstrap.NOBODY.secret_key)
    with refused("SignatureDoesNotMatch", status=403):
        asymmetric(aws, "sts", stranger).get_caller_identity()
    with refused("SignatureDoesNotMatch", status=403):
        asymmetric(aws, "s3", stranger).list_buckets()
    with refused("InvalidClientTokenId", status=403):
        asymmetric(aws, "sts", Keys("AKIAQNZGKIQYNONEXIST", "x" * 40)).get_caller_identity()
    client = asymmetric(aws, "sts", bootstrap.ADMIN)
    client.get_caller_identity()
    request = client.sent[-1]
    headers = {name: value.decode() if isinstance(value, bytes) else value for name, value in request.headers.items()}
    split = urllib.parse.urlsplit(aws.url)

    def send(body, **changed):
        connection = http.client.HTTPConnection(split.hostname, split.port, timeout=10)
        connection.request("POST", "/", body=body, headers={**headers, **changed, "Content-Length": str(len(body))})
        status = connection.getresponse().status
        connection.close()
        return status

    body = request.body if isinstance(request.body, bytes) else request.body.encode()
    assert send(body) == 200
    assert send(body + b"&x=1") == 403
    assert send(body, **{"X-Amz-Region-Set": "us-east-1"}) == 403
