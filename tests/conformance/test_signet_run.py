"""`signet run`: programs find a server, credentials and, with --intercept, AWS's own hosts answered by it."""
import json
import os
import signal
import subprocess
import sys

import pytest

from support import bootstrap
from support.bootstrap import ACCOUNT
from support.people import trust
from support.server import BINARY

ROLE = f"arn:aws:iam::{ACCOUNT}:role/team/worker"


@pytest.fixture(scope="module")
def accounts(tmp_path_factory):
    """A bootstrap file with a role that the first user may assume."""
    document = bootstrap.document()
    document["accounts"][0]["roles"] = [{"name": "worker", "path": "/team/", "trust_policy": json.loads(trust(f"arn:aws:iam::{ACCOUNT}:root")),
                                         "policies": ["arn:aws:iam::aws:policy/AmazonS3FullAccess"]}]
    file = tmp_path_factory.mktemp("accounts") / "accounts.json"
    file.write_text(json.dumps(document))
    return file


def run(accounts, flags, *words, timeout=60, **env):
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return subprocess.run([str(BINARY), "run", "--fresh", "--bootstrap", str(accounts), *flags, "--", *words], capture_output=True,
                          text=True, timeout=timeout, check=False, env=environment | {"PYTHONDONTWRITEBYTECODE": "1"} | env)


def python(accounts, flags, program, **more):
    return run(accounts, flags, sys.executable, "-c", program, **more)


def printed(done):
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


WHO = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"


@pytest.mark.parametrize("role", ["role/team/worker", "team/worker", ROLE])
def test_a_role_is_assumed_for_the_program(accounts, role):
    assert printed(python(accounts, ["--as", role], WHO)) == f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/signet-run"


@pytest.mark.parametrize("delivery", ["container", "instance"])
def test_sdks_fetch_a_roles_credentials_by_themselves(accounts, delivery):
    flags = ["--as", "role/team/worker", "--deliver", delivery]
    program = "import os, boto3; assert 'AWS_ACCESS_KEY_ID' not in os.environ; " + WHO
    assert printed(python(accounts, flags, program)) == f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/signet-run"


def test_a_role_that_cannot_be_assumed_starts_nothing(accounts, tmp_path):
    done = run(accounts, ["--as", "role/absent"], "touch", str(tmp_path / "started"))
    assert done.returncode == 3 and "cannot assume arn:aws:iam::123456789012:role/absent: AccessDenied" in done.stderr
    assert not (tmp_path / "started").exists()


def test_a_profile_is_the_programs(accounts):
    script = 'echo "$AWS_PROFILE ${AWS_ACCESS_KEY_ID:-none} ${AWS_SESSION_TOKEN:-none} $AWS_ENDPOINT_URL_STS"'
    done = run(accounts, ["--profile", "mine"], "sh", "-c", script, AWS_ACCESS_KEY_ID="x", AWS_SESSION_TOKEN="y")
    assert printed(done).startswith("mine none none http://127.0.0.1:")


def test_every_name_of_the_endpoint_is_set(accounts):
    script = 'for name in AWS_ENDPOINT_URL AWS_ENDPOINT_URL_STS AWS_ENDPOINT_URL_IAM AWS_ENDPOINT_URL_S3 AWS_ENDPOINT_URL_SIGNIN S3_ENDPOINT_URL; ' \
             'do eval "echo \\$$name"; done; echo "$AWS_REGION $AWS_DEFAULT_REGION"'
    *endpoints, regions = printed(run(accounts, [], "sh", "-c", script)).splitlines()
    assert len(endpoints) == 6 and len(set(endpoints)) == 1 and endpoints[0].startswith("http://127.0.0.1:")
    assert regions == "us-east-1 us-east-1"


def test_hosts_of_aws_are_answered(accounts):
    program = """
import boto3, os
for name in list(os.environ):
    if name.startswith("AWS_ENDPOINT_URL"):
        del os.environ[name]
for region in ("eu-west-1", "us-gov-west-1", "cn-north-1"):
    sts = boto3.client("sts", region_name=region)
    print(sts.meta.endpoint_url, sts.get_caller_identity()["Account"])
boto3.client("iam").list_users()
s3 = boto3.client("s3", region_name="eu-central-1")
s3.create_bucket(Bucket="some-bucket", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
s3.put_object(Bucket="some-bucket", Key="k", Body=b"x" * 3_000_000)
print(len(s3.get_object(Bucket="some-bucket", Key="k")["Body"].read()))
"""
    assert printed(python(accounts, ["--intercept"], program)).splitlines() == [
        f"https://sts.eu-west-1.amazonaws.com {ACCOUNT}", f"https://sts.us-gov-west-1.amazonaws.com {ACCOUNT}",
        f"https://sts.cn-north-1.amazonaws.com.cn {ACCOUNT}", "3000000"]


def test_sessions_of_sign_in_are_reached_though_they_ignore_every_endpoint(accounts):
    program = "import boto3; print(boto3.client('signin').list_sessions()['ResponseMetadata']['HTTPStatusCode'])"
    assert printed(python(accounts, ["--intercept"], program)) == "200"


@pytest.mark.parametrize("url", ["https://signin.aws.amazon.com/federation", "https://eu-west-1.signin.aws.amazon.com/federation",
                                 "http://signin.aws.amazon.com/federation", "https://us-east-1.oauth.signin.aws/v1/token"])
def test_curl_is_answered(accounts, url):
    done = run(accounts, ["--intercept"], "curl", "--silent", "--show-error", "--dump-header", "-", url)
    assert "\nserver: signet\n" in printed(done).lower()


def test_java_is_answered(accounts, tmp_path):
    (tmp_path / "Ask.java").write_text("""
import java.net.*;
public class Ask {
  public static void main(String[] words) throws Exception {
    HttpURLConnection sts = (HttpURLConnection) new URL("https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15").openConnection();
    System.out.println(sts.getResponseCode() + " " + (sts.getHeaderField("x-amzn-RequestId") != null));
  }
}
""")
    assert printed(run(accounts, ["--intercept"], "java", str(tmp_path / "Ask.java"), timeout=120)) == "403 true"


ASK = """
import sys, urllib.request, urllib.error
try:
    print(urllib.request.urlopen(sys.argv[1], timeout=10).status)
except (urllib.error.URLError, OSError) as error:
    print(error)
"""


@pytest.mark.parametrize("url", ["https://example.com/", "http://example.com/", "https://docs.aws.amazon.com/", "https://192.0.2.1/",
                                 "https://sts.amazonaws.com.example.com/", "https://notamazonaws.com/", "http://127.0.0.2:9/"])
def test_other_hosts_are_not_reached(accounts, url):
    done = run(accounts, ["--intercept"], sys.executable, "-c", ASK, url)
    assert "403" in printed(done)
    host = url.split("/")[2].split(":")[0]
    assert f"signet: the program was kept from {host}; --allow-outbound" in done.stderr


def test_they_are_where_that_is_allowed(accounts, tmp_path):
    """A server of the test's own, under an address that NO_PROXY does not name."""
    (tmp_path / "page").write_text("hello")
    server = subprocess.Popen([sys.executable, "-m", "http.server", "--bind", "127.0.0.2", "0"], cwd=tmp_path, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"})
    try:
        port = server.stdout.readline().split(" port ")[1].split()[0]
        program = f"""
import http.client
tunnel = http.client.HTTPConnection("127.0.0.1", int(__import__("os").environ["HTTPS_PROXY"].rpartition(":")[2]))
tunnel.set_tunnel("127.0.0.2", {port})
tunnel.request("GET", "/page")
print(tunnel.getresponse().read().decode())
""" + f"import urllib.request; print(urllib.request.urlopen('http://127.0.0.2:{port}/page').read().decode())"
        assert printed(python(accounts, ["--intercept", "--allow-outbound"], program)).split() == ["hello", "hello"]
    finally:
        server.kill()
        server.wait()


def test_what_is_no_request_to_a_proxy_is_refused(accounts):
    program = """
import os, socket
port = int(os.environ["HTTP_PROXY"].rpartition(":")[2])
for head in (b"GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n", b"CONNECT a,b:443 HTTP/1.1\\r\\n\\r\\n", b"nonsense\\r\\n\\r\\n"):
    peer = socket.create_connection(("127.0.0.1", port))
    peer.sendall(head)
    print(peer.recv(100).split(b"\\r\\n")[0].decode())
"""
    assert printed(python(accounts, ["--intercept"], program)).splitlines() == ["HTTP/1.1 400 Bad Request"] * 3


def test_a_certificate_is_of_the_host_and_of_this_run_alone(accounts):
    program = """
import os, socket, ssl
port = int(os.environ["HTTPS_PROXY"].rpartition(":")[2])
def ask(context, host, name):
    peer = socket.create_connection(("127.0.0.1", port))
    peer.sendall(f"CONNECT {host}:443 HTTP/1.1\\r\\n\\r\\n".encode())
    peer.recv(1000)
    try:
        with context.wrap_socket(peer, server_hostname=name) as session:
            return session.getpeercert()["subjectAltName"]
    except ssl.SSLCertVerificationError as error:
        return error.reason
print(ask(ssl.create_default_context(), "iam.amazonaws.com", "iam.amazonaws.com"))
print(ask(ssl.create_default_context(), "iam.amazonaws.com", "sts.amazonaws.com"))
own = os.environ.pop("SSL_CERT_FILE")
print(ask(ssl.create_default_context(), "iam.amazonaws.com", "iam.amazonaws.com"))
assert "PRIVATE" not in open(own).read()
"""
    assert printed(python(accounts, ["--intercept"], program)).splitlines() == [
        "(('DNS', 'iam.amazonaws.com'),)", "CERTIFICATE_VERIFY_FAILED", "CERTIFICATE_VERIFY_FAILED"]


def test_nothing_is_left_when_the_program_is_killed(accounts, tmp_path):
    done = run(accounts, ["--intercept"], "sh", "-c", "echo $SIGNET_ENDPOINT $SSL_CERT_FILE; kill -9 $$", TMPDIR=str(tmp_path))
    assert done.returncode == 128 + signal.SIGKILL
    endpoint, bundle = done.stdout.split()
    assert not os.path.exists(bundle) and list(tmp_path.iterdir()) == []
    assert subprocess.run(["curl", "--silent", endpoint], check=False).returncode == 7


def test_signals_reach_the_program(accounts):
    script = "trap 'echo told; exit 5' TERM; echo ready; while :; do sleep 0.05; done"
    process = subprocess.Popen([str(BINARY), "run", "--fresh", "--bootstrap", str(accounts), "--intercept", "--", "sh", "-c", script],
                               stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGTERM)
    assert (process.stdout.readline(), process.wait(timeout=20)) == ("told\n", 5)


@pytest.mark.parametrize("flags, said", [
    (["--allow-outbound"], "--allow-outbound requires --intercept"),
    (["--deliver", "container"], "--deliver requires --as"),
    (["--as", "role/a", "--profile", "b"], "excludes"),
    (["--as", "role/a", "--deliver", "pigeon"], "not in {environment,container,instance}"),
])
def test_flags_that_do_not_fit_are_refused(accounts, flags, said):
    done = run(accounts, flags, "true")
    assert done.returncode == 2 and said in done.stderr
