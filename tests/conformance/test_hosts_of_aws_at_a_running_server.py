"""Programs with AWS's hosts in them against a server that runs already: by `signet run --intercept`, and, for runtimes that know no
proxy, by names and port 443 in namespaces of their own (docs/guide/run-programs.md)."""
import json
import os
import re
import shutil
import subprocess
import sys

import pytest

from support import bootstrap
from support.bootstrap import ACCOUNT, ADMIN, NOBODY
from support.certificates import Certificate
from support.people import trust
from support.server import BINARY, ROOT, Server

NODE_MODULES = ROOT / "build" / "js" / "node_modules"


@pytest.fixture(scope="module")
def buckets_are_hosts(tmp_path_factory):
    """A server that was told of the hosts of China's buckets."""
    folder = tmp_path_factory.mktemp("server")
    (folder / "accounts.json").write_text(json.dumps(bootstrap.document()))
    with Server(["--dev", "--listen", "127.0.0.1:0", "--bootstrap", folder / "accounts.json", "--s3-domain", "s3.cn-north-1.amazonaws.com.cn"],
                folder).start() as server:
        yield server


def run(aws, flags, program, keys=ADMIN, url=None):
    environment = {name: value for name, value in aws.environment(keys).items() if not name.startswith("AWS_ENDPOINT_URL")}
    return subprocess.run([str(BINARY), "run", "--endpoint", url or aws.url, *flags, "--", sys.executable, "-c", PREFACE + program],
                          env=environment, capture_output=True, text=True, timeout=60, check=False)


# As if nobody had set an endpoint: whatever is asked goes to AWS's hosts.
PREFACE = """
import os, boto3, botocore.exceptions
for name in list(os.environ):
    if name.startswith("AWS_ENDPOINT_URL"):
        del os.environ[name]
"""
WHO = """
sts = boto3.client("sts", region_name="ap-south-2")
print(sts.meta.endpoint_url, sts.get_caller_identity()["Arn"])
"""


def printed(done):
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_callers_own_keys_are_taken(aws):
    assert printed(run(aws, ["--intercept"], WHO)) == f"https://sts.ap-south-2.amazonaws.com arn:aws:iam::{ACCOUNT}:user/admin"


@pytest.mark.parametrize("delivery", ["environment", "container", "instance"])
def test_a_role_is_assumed_and_its_credentials_reach_the_program(aws, admin_iam, delivery):
    admin_iam.create_role(RoleName="worker", AssumeRolePolicyDocument=trust(f"arn:aws:iam::{ACCOUNT}:root"))
    said = printed(run(aws, ["--intercept", "--as", "role/worker", "--deliver", delivery], WHO))
    assert said == f"https://sts.ap-south-2.amazonaws.com arn:aws:sts::{ACCOUNT}:assumed-role/worker/signet-run"


def test_a_refusal_is_the_servers(aws):
    program = """
try:
    boto3.client("iam").list_users()
except botocore.exceptions.ClientError as error:
    print(error)
"""
    said = printed(run(aws, ["--intercept"], program, keys=NOBODY))
    assert "(AccessDenied)" in said and f"arn:aws:iam::{ACCOUNT}:user/nobody is not authorized to perform: iam:ListUsers" in said


def test_a_wrong_secret_is_refused(aws):
    program = """
try:
    os.environ["AWS_SECRET_ACCESS_KEY"] = "not it"
    boto3.client("sts").get_caller_identity()
except botocore.exceptions.ClientError as error:
    print(error.response["Error"]["Code"])
"""
    assert printed(run(aws, ["--intercept"], program)) == "SignatureDoesNotMatch"


IN_A_BUCKET = """
s3 = boto3.client("s3", region_name="{region}")
s3.create_bucket(Bucket="a-host-of-its-own", CreateBucketConfiguration={{"LocationConstraint": "{region}"}})
s3.put_object(Bucket="a-host-of-its-own", Key="a b+c", Body=b"x" * 1_000_000)
print(len(s3.get_object(Bucket="a-host-of-its-own", Key="a b+c")["Body"].read()))
"""


def test_buckets_are_hosts(aws):
    assert printed(run(aws, ["--intercept"], IN_A_BUCKET.format(region="eu-west-1"))) == "1000000"


def test_in_china_too_where_the_server_was_told_so(aws, buckets_are_hosts):
    program = IN_A_BUCKET.format(region="cn-north-1")
    assert printed(run(aws, ["--intercept"], program, url=buckets_are_hosts.url)) == "1000000"
    done = run(aws, ["--intercept"], program)
    assert done.returncode != 0 and "ClientError" in done.stderr
    assert aws.s3(ADMIN).list_buckets()["Buckets"] == []


def test_other_hosts_are_not_reached(aws):
    program = """
import urllib.error, urllib.request
try:
    urllib.request.urlopen("https://example.com/", timeout=10)
except urllib.error.URLError as error:
    print(error)
"""
    done = run(aws, ["--intercept"], program)
    assert "403" in printed(done) and "signet: the program was kept from example.com" in done.stderr


def test_a_server_that_does_not_run_starts_nothing(aws, tmp_path):
    done = subprocess.run([str(BINARY), "run", "--endpoint", "http://127.0.0.1:1", "--intercept", "--", "touch", str(tmp_path / "started")],
                          env=aws.environment(ADMIN), capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode not in (0, 127) and "--fresh runs a server of its own" in done.stderr
    assert not (tmp_path / "started").exists()


def test_a_server_with_tls_of_its_own_is_not_intercepted(aws, tmp_path):
    certificate = Certificate(tmp_path / "tls")
    (tmp_path / "accounts.json").write_text(json.dumps(bootstrap.document()))
    with Server(["--dev", "--listen", "127.0.0.1:0", "--bootstrap", tmp_path / "accounts.json", *certificate.flags], tmp_path).start() as server:
        done = run(aws, ["--intercept", "--ca", str(certificate.chain)], WHO, url=server.url)
    assert done.returncode != 0 and "give the plain http:// address of the server" in done.stderr


NAMES = ("signin.aws.amazon.com", "sts.eu-west-1.amazonaws.com", "iam.amazonaws.com", "s3.eu-west-1.amazonaws.com")
# Node.js 20 knows no proxy.
PROGRAM = """
import { IAMClient, ListUsersCommand } from "@aws-sdk/client-iam";
import { S3Client, ListBucketsCommand } from "@aws-sdk/client-s3";
import { STSClient, GetCallerIdentityCommand } from "@aws-sdk/client-sts";
const sts = new STSClient({ region: "eu-west-1" });
console.log((await sts.send(new GetCallerIdentityCommand({}))).Arn);
console.log((await new S3Client({ region: "eu-west-1" }).send(new ListBucketsCommand({}))).Buckets.length);
const credentials = { accessKeyId: process.env.NOBODY_KEY, secretAccessKey: process.env.NOBODY_SECRET };
try {
  await new IAMClient({ credentials }).send(new ListUsersCommand({}));
} catch (error) {
  console.log(error.name, error.message);
}
const page = await fetch("https://signin.aws.amazon.com/federation?Action=getSigninToken");
console.log(page.status, page.headers.get("server"));
for (const url of ["https://example.com/", "https://ec2.eu-west-1.amazonaws.com/"]) {
  await fetch(url).then(() => console.log("reached"), (error) => console.log(error.cause.code));
}
"""


def recipe():
    """The commands of the guide, so that they are what is run."""
    guide = (ROOT / "docs" / "guide" / "run-programs.md").read_text(encoding="utf-8")
    return re.search(r"<!-- run by tests/conformance/test_hosts_of_aws_at_a_running_server.py -->\n```sh\n(.*?)```", guide, re.DOTALL)[1]


@pytest.mark.skipif(not NODE_MODULES.is_dir(), reason="the packages of tests/conformance/js are not installed")
def test_names_and_port_443_serve_runtimes_that_know_no_proxy(aws, tmp_path):
    if subprocess.run(["unshare", "--net", "--mount", "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("no namespaces can be made here")
    certificate = Certificate(tmp_path / "tls", names=NAMES)
    (tmp_path / "accounts.json").write_text(json.dumps(bootstrap.document()))
    (tmp_path / "program.mjs").write_text(PROGRAM)
    (tmp_path / "node_modules").symlink_to(NODE_MODULES)
    environment = {name: value for name, value in aws.environment(ADMIN).items() if not name.startswith("AWS_ENDPOINT_URL")}
    done = subprocess.run(["bash", "-e", "-c", recipe()], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False, env=environment | {
        "PATH": f"{BINARY.parent}{os.pathsep}{os.path.dirname(shutil.which('node'))}{os.pathsep}{environment['PATH']}", "NAMES": " ".join(NAMES),
        "CHAIN": str(certificate.chain), "KEY": str(certificate.key), "NOBODY_KEY": NOBODY.access_key, "NOBODY_SECRET": NOBODY.secret_key})
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == f"arn:aws:iam::{ACCOUNT}:user/admin" and lines[1] == "0"
    assert lines[2].startswith(f"AccessDenied User: arn:aws:iam::{ACCOUNT}:user/nobody is not authorized to perform: iam:ListUsers")
    assert lines[3] == "400 Signet"
    assert set(lines[4:]) <= {"EAI_AGAIN", "ENOTFOUND"} and len(lines) == 6, "nothing else is reached"
