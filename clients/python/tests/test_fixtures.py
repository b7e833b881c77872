"""The fixtures against the real program (SIGNET_BINARY) and the real boto3."""
import datetime
import os
import subprocess
import sys

import boto3
import botocore.exceptions
import pytest

from pytest_signet import SignetNotFound, server

READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*"}


def test_the_administrator_is_known(signet):
    assert signet.client("sts").get_caller_identity()["Arn"] == f"arn:aws:iam::{signet.account}:user/admin"


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_begins_afresh(signet, turn):
    assert signet.client("s3").list_buckets()["Buckets"] == []
    signet.create_bucket("reports")
    signet.clock.shift(86400)


def test_a_user_may_what_its_policy_says_and_no_more(signet):
    signet.create_bucket("reports")
    signet.client("s3").put_object(Bucket="reports", Key="a", Body=b"text")
    reader = signet.client("s3", signet.create_user("reader", READ).credentials)
    assert reader.get_object(Bucket="reports", Key="a")["Body"].read() == b"text"
    with pytest.raises(botocore.exceptions.ClientError, match="AccessDenied"):
        reader.put_object(Bucket="reports", Key="a", Body=b"other")


def test_a_session_of_a_role_ends_when_the_clock_says_so(signet):
    user = signet.create_user("dev", {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"})
    role = signet.create_role("deployer", user)
    # Never further than fifteen minutes from the time that boto3 signs with.
    signet.clock.shift(datetime.timedelta(minutes=-13))
    sts = signet.client("sts", signet.assume_role(role, user.credentials, DurationSeconds=900))
    assert sts.get_caller_identity()["Arn"].endswith(":assumed-role/deployer/test")
    signet.clock.shift(26 * 60)
    with pytest.raises(botocore.exceptions.ClientError, match="ExpiredToken"):
        sts.get_caller_identity()


def test_only_who_is_trusted_assumes_a_role(signet):
    stranger = signet.create_user("stranger", {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"})
    role = signet.create_role("deployer", f"arn:aws:iam::{signet.account}:user/admin")
    with pytest.raises(botocore.exceptions.ClientError, match="not authorized to perform: sts:AssumeRole"):
        signet.assume_role(role, stranger.credentials)


def test_unmodified_code_finds_the_server(signet_env, signet):
    assert boto3.client("sts").get_caller_identity()["Account"] == signet.account
    assert os.environ["AWS_ENDPOINT_URL"] == signet.url


def test_the_clock_is_set_and_put_back(signet):
    moment = datetime.datetime(2027, 1, 1, tzinfo=datetime.timezone.utc)
    signet.clock.set(moment)
    hour = 3600  # far less than between the two, far more than a machine may be slow
    assert abs(signet.clock.now() - moment.timestamp()) < hour
    signet.clock.reset()
    assert abs(signet.clock.now() - datetime.datetime.now().timestamp()) < hour


def test_a_project_describes_its_own_accounts(pytester):
    pytester.makeconftest('''
        import pytest
        pytest_plugins = ["pytest_signet"]

        @pytest.fixture(scope="session")
        def signet_bootstrap():
            return {"accounts": [{"id": "111122223333", "buckets": [{"name": "reports"}], "users": [
                {"name": "alice", "access_keys": [{"access_key_id": "ALICEKEY000000000001", "secret_access_key": "s"}],
                 "policies": ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"],
                 "mfa_devices": [{"name": "phone", "seed": "JBSWY3DPEHPK3PXP"}]}]}]}
    ''')
    pytester.makepyfile('''
        def test_alice(signet):
            assert signet.account == "111122223333"
            alice = signet.credentials("alice")
            assert signet.client("s3", alice).list_buckets()["Buckets"][0]["Name"] == "reports"
            sts = signet.client("sts", alice)
            serial = "arn:aws:iam::111122223333:mfa/phone"
            assert sts.get_session_token(SerialNumber=serial, TokenCode=signet.mfa_code("JBSWY3DPEHPK3PXP"))
    ''')
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)


def test_a_bad_bootstrap_file_is_told_with_its_place(tmp_path):
    broken = server.Server({"accounts": [{"id": "111122223333", "user": []}]}, tmp_path)
    with pytest.raises(RuntimeError, match=r'bootstrap.json:1:\d+: accounts\[0\]: unknown member "user"; did you mean "users"\?'):
        broken.start()


def test_a_missing_program_is_told(monkeypatch):
    monkeypatch.delenv("SIGNET_BINARY", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SignetNotFound, match="SIGNET_BINARY"):
        server.find_program()


def test_a_run_leaves_no_process(pytester):
    pytester.makeconftest('pytest_plugins = ["pytest_signet"]')
    pytester.makepyfile("def test_it(signet, signet_server):\n    print('pid', signet_server._process.pid)")
    done = pytester.runpytest_subprocess("-s", "-p", "no:cacheprovider")
    pid = next(int(line.split()[-1]) for line in done.outlines if "pid" in line)
    assert subprocess.run([sys.executable, "-c", f"import os; os.kill({pid}, 0)"], capture_output=True, check=False).returncode != 0
