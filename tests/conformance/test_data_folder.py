"""What lies in a data folder: a part that is missing or changed is named and stops every command; files are private."""
import contextlib
import json
import os
import re
import shutil
import signal
import sqlite3
import stat
import subprocess
import tarfile

import botocore.exceptions
import pytest

from support import bootstrap
from support.aws import Aws
from support.bootstrap import ADMIN, Keys, ROOT
from support.server import BINARY, ROOT as REPOSITORY, Server

FOLDERS = REPOSITORY / "testdata" / "folders"

OK, FINDINGS, USAGE, FAILURE = 0, 1, 2, 3
POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}'


@pytest.fixture
def home(tmp_path):
    """A home with a bootstrap file; the data folder is `data` in it."""
    (tmp_path / "bootstrap.json").write_text(json.dumps(bootstrap.document()))
    return tmp_path


def signet(home, *arguments, **more):
    environment = {"PATH": os.environ["PATH"], "HOME": str(home)} | more
    return subprocess.run([str(BINARY), *map(str, arguments)], env=environment, capture_output=True, text=True, timeout=60,
                          check=False)


def serve(home):
    return Server(["--listen", "127.0.0.1:0", "--data", home / "data", "--bootstrap", home / "bootstrap.json"], home)


@pytest.fixture
def killed(home):
    """A folder of a server that was killed after acknowledged writes."""
    server = serve(home).start()
    aws = Aws(server.url, home)
    iam, s3 = aws.iam(ADMIN), aws.s3(ADMIN)
    for number in range(20):
        iam.create_user(UserName=f"kept-{number}")
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="small", Body=b"s" * 1000)
    s3.put_object(Bucket="bucket", Key="large", Body=b"l" * 3_000_000)
    server.kill()
    return home


def every_command(home):
    """Runs each command that opens the folder; they must all be refused in the same words, which are answered."""
    data = home / "data"
    policies = home / "policies"
    policies.mkdir(exist_ok=True)
    (policies / "mine.json").write_text(json.dumps({"name": "Mine", "document": json.loads(POLICY)}))
    said = []
    for arguments in (["serve", "--listen", "127.0.0.1:0"], ["init"], ["account", "create"],
                      ["org", "show", "--account", bootstrap.ACCOUNT], ["policy", "import", policies],
                      ["sessions", "revoke", "--everyone"], ["keys", "retire"], ["keys", "rotate-master"], ["keys", "rotate-issuer"],
                      ["account", "list"],
                      ["backup", home / "backup"], ["verify"]):
        before = {path.name for path in data.iterdir()}
        done = signet(home, *arguments, "--data", data)
        assert done.returncode == FAILURE, (arguments, done.stdout)
        assert "AKIA" not in done.stdout + done.stderr
        assert {path.name for path in data.iterdir()} <= before | {"lock"}, "nothing is made"
        said.append(done.stderr.split("\n")[-2])
    assert len(set(said)) == 1, said
    return said[0]


@pytest.mark.parametrize("damage", ["missing", "empty"])
def test_without_a_database_nothing_starts_as_on_the_first_day(killed, damage):
    database = killed / "data" / "signet.db"
    for name in ("signet.db-wal", "signet.db-shm"):
        (killed / "data" / name).unlink(missing_ok=True)
    database.unlink()
    if damage == "empty":
        database.touch(mode=0o600)

    said = every_command(killed)

    assert f"signet.db is {damage}" in said
    assert "restore the whole folder from a backup" in said
    assert "master.key" in said


def test_a_database_that_was_cut_is_refused_by_every_command(killed):
    assert serve(killed).start().stop() == 0
    database = killed / "data" / "signet.db"
    os.truncate(database, database.stat().st_size // 2)

    assert "signet.db" in every_command(killed)


@pytest.mark.parametrize("name", ["signet.log.0", "signet.log.1"])
def test_a_log_that_is_missing_after_a_kill_is_named(killed, name):
    (killed / "data" / name).unlink()

    assert name in every_command(killed)


@pytest.mark.parametrize("name", ["signet.log.0", "signet.log.1"])
def test_a_log_that_was_cut_after_a_kill_is_named(killed, name):
    os.truncate(killed / "data" / name, 12 * 4096)

    assert name in every_command(killed)


def test_a_missing_master_key_is_named_and_none_is_made(killed):
    key = killed / "data" / "master.key"
    text = key.read_text().strip()
    key.unlink()

    said = every_command(killed)

    assert "master.key is missing" in said
    assert not key.exists()
    done = signet(killed, "verify", "--data", killed / "data", SIGNET_MASTER_KEY=text)
    assert done.returncode == OK, done.stderr


@pytest.mark.parametrize("part, words", [
    ("objects", "the folder objects is missing"), ("objects/index.db", "objects/index.db, is missing"),
    ("objects/data", "objects/data, are missing"), ("audit.jsonl", "audit.jsonl with audit.jsonl.head, is missing")])
def test_half_a_folder_is_refused_by_the_name_of_what_is_missing(killed, part, words):
    path = killed / "data" / part
    if path.is_dir():
        shutil.rmtree(path)
    else:
        for name in (part, part + "-wal", part + ".head"):
            (killed / "data" / name).unlink(missing_ok=True)

    assert words in every_command(killed)
    assert not path.exists()


def test_a_trail_that_lies_elsewhere_is_not_missed(killed):
    for name in ("audit.jsonl", "audit.jsonl.head"):
        (killed / "data" / name).unlink(missing_ok=True)
    done = signet(killed, "account", "list", "--data", killed / "data", "--audit", killed / "elsewhere.jsonl")
    assert done.returncode == OK, done.stderr
    marker = killed / "data" / "signet.folder"
    marker.write_text(marker.read_text().replace("audit\n", ""))
    assert signet(killed, "account", "list", "--data", killed / "data").returncode == OK
    assert "ListAccounts" in (killed / "data" / "audit.jsonl").read_text()


@pytest.mark.parametrize("part", ["signet.db", "objects"])
def test_a_part_of_another_folder_is_named(home, tmp_path_factory, part):
    other = tmp_path_factory.mktemp("other")
    shutil.copy(home / "bootstrap.json", other)
    for folder in (home, other):
        assert serve(folder).start().stop() == 0
    ours, theirs = home / "data" / part, other / "data" / part
    if theirs.is_dir():
        shutil.rmtree(ours)
        shutil.copytree(theirs, ours)
    else:
        shutil.copy(theirs, ours)
        shutil.copy(other / "data" / "master.key", home / "data" / "master.key")
    with pytest.raises(AssertionError, match="another folder"):
        serve(home).start(timeout=10)


def test_a_killed_server_starts_again_with_everything(killed):
    server = serve(killed).start()
    try:
        aws = Aws(server.url, killed)
        users = {user["UserName"] for user in aws.iam(ADMIN).list_users()["Users"]}
        assert {f"kept-{number}" for number in range(20)} <= users
        assert aws.s3(ADMIN).get_object(Bucket="bucket", Key="small")["Body"].read() == b"s" * 1000
    finally:
        assert server.stop() == 0


def assert_private(data):
    for path in [data, *data.rglob("*")]:
        assert stat.S_IMODE(path.lstat().st_mode) & 0o077 == 0, path


def test_a_folder_of_layout_two_is_brought_to_todays_form(home):
    """Made by a server that wrote layout 2 and was killed: its users are in the log, the database is all in the WAL."""
    with tarfile.open(FOLDERS / "layout2_killed.tar.xz") as archive:
        archive.extractall(home / "data")
    os.chmod(home / "data", 0o700)
    for _ in range(2):
        server = serve(home).start()
        try:
            aws = Aws(server.url, home)
            users = {user["UserName"] for user in aws.iam(ADMIN).list_users()["Users"]}
            assert {f"old-{number}" for number in range(30)} <= users
            assert aws.s3(ADMIN).get_object(Bucket="bucket", Key="k")["Body"].read() == b"old"
            assert_private(home / "data")
        finally:
            assert server.stop() == 0
    assert re.fullmatch("signet folder 2\nstore [0-9a-f]{32}\nobjects [0-9a-f]{16}\naudit\n",
                        (home / "data" / "signet.folder").read_text())
    (home / "data" / "signet.db").unlink()
    assert "signet.db is missing" in every_command(home)


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_upgrade_is_said_before_it_happens(home):
    """As docs/guide/backup.md tells it."""
    data = home / "data"
    with tarfile.open(FOLDERS / "layout2_killed.tar.xz") as archive:
        archive.extractall(data)
    os.chmod(data, 0o700)
    before = contents(data)

    trial = signet(home, "upgrade", "--dry-run", "--data", data)

    assert trial.returncode == OK, trial.stderr
    assert re.search("^database +version 2 -> 3$", trial.stdout, re.M), trial.stdout
    assert re.search("^index of objects +version [12] -> 6$", trial.stdout, re.M), trial.stdout
    assert contents(data) == before, "nothing is changed"

    done = signet(home, "upgrade", "--data", data)
    assert done.returncode == OK, done.stderr
    assert '"event":"folder_upgrade"' in done.stderr
    again = signet(home, "upgrade", "--dry-run", "--data", data)
    assert "nothing to do" in again.stdout
    assert "folder_upgrade" not in signet(home, "verify", "--data", data).stderr
    assert "UpgradeFolder" in (data / "audit.jsonl").read_text()


@pytest.mark.parametrize("part, version", [("signet.db", 3), ("objects/index.db", 6), ("signet.folder", 2)])
def test_a_newer_folder_is_refused_with_both_versions(home, part, version):
    assert serve(home).start().stop() == 0
    path = home / "data" / part
    if part.endswith(".db"):
        with contextlib.closing(sqlite3.connect(path)) as database:
            database.execute("PRAGMA user_version = 9")
    else:
        path.write_text(path.read_text().replace("folder 2", "folder 9"))
    for command in (["serve", "--listen", "127.0.0.1:0"], ["upgrade", "--dry-run"]):
        done = signet(home, *command, "--data", home / "data")
        assert done.returncode == FAILURE
        assert re.search(f"has (tables of )?version 9, but this program knows versions up to {version}", done.stderr), done.stderr
        assert "run a newer program" in done.stderr


def test_a_master_key_is_rotated_while_the_server_runs(home):
    server = serve(home).start()
    old = (home / "data" / "master.key").read_text()
    try:
        aws = Aws(server.url, home)
        token = aws.sts(ADMIN).get_session_token()["Credentials"]
        done = signet(home, "keys", "rotate-master", "--data", home / "data")
        assert done.returncode == OK, done.stderr
        assert (home / "data" / "master.key").read_text() != old
        aws.iam(ADMIN).create_user(UserName="after")
    finally:
        server.kill()
    server = serve(home).start()
    try:
        aws = Aws(server.url, home)
        assert "after" in {user["UserName"] for user in aws.iam(ADMIN).list_users()["Users"]}
        assert aws.sts(Keys.of(token)).get_caller_identity()["Account"] == bootstrap.ACCOUNT
    finally:
        assert server.stop() == 0
    assert "RotateMasterKey" in (home / "data" / "audit.jsonl").read_text()
    (kept,) = (home / "data").glob("master.key.*")
    assert kept.read_text() == old
    wrong = signet(home, "account", "list", "--data", home / "data", SIGNET_MASTER_KEY=old.strip())
    assert wrong.returncode == FAILURE and "under another master key" in wrong.stderr


def test_a_master_key_of_the_environment_is_rotated_on_a_stopped_folder(home):
    data, old, new = home / "data", "ab" * 32, "cd" * 32
    assert signet(home, "init", "--data", data, SIGNET_MASTER_KEY=old).returncode == OK
    said = signet(home, "keys", "rotate-master", "--data", data, SIGNET_MASTER_KEY=old)
    assert said.returncode == FAILURE and "SIGNET_NEW_MASTER_KEY" in said.stderr
    done = signet(home, "keys", "rotate-master", "--data", data, SIGNET_MASTER_KEY=old, SIGNET_NEW_MASTER_KEY=new)
    assert done.returncode == OK, done.stderr
    assert signet(home, "account", "list", "--data", data, SIGNET_MASTER_KEY=new).returncode == OK
    assert signet(home, "account", "list", "--data", data, SIGNET_MASTER_KEY=old).returncode == FAILURE
    assert not (data / "master.key").exists()


def test_everything_in_the_folder_is_private(killed):
    data = killed / "data"
    for path in (data, data / "signet.db", data / "audit.jsonl", data / "objects" / "index.db"):
        os.chmod(path, 0o755)
    server = serve(killed).start()
    try:
        assert_private(data)
    finally:
        assert server.stop() == 0


def files_of(home):
    """The files of objects by size."""
    return {path.stat().st_size: path for path in (home / "data" / "objects" / "data").rglob("*") if path.is_file()}


def test_changed_bytes_are_answered_500_and_found_by_verify(killed):
    assert serve(killed).start().stop() == 0
    assert signet(killed, "verify", "--data", killed / "data").returncode == OK
    for path in files_of(killed).values():
        with open(path, "r+b") as file:
            file.seek(path.stat().st_size // 2)
            byte = file.read(1)[0]
            file.seek(-1, os.SEEK_CUR)
            file.write(bytes([byte ^ 1]))
    with sqlite3.connect(killed / "data" / "objects" / "index.db") as index:  # which has the small one
        assert index.execute("UPDATE bytes SET sealed = CAST(substr(sealed, 1, 70) || x'00' || substr(sealed, 72) AS BLOB)").rowcount == 1
    index.close()

    found = signet(killed, "verify", "--data", killed / "data")

    assert found.returncode == FINDINGS
    assert '"small"' in found.stderr and '"large"' in found.stderr
    server = serve(killed).start()
    try:
        with pytest.raises(botocore.exceptions.ClientError, match="InternalError"):
            Aws(server.url, killed).s3(ADMIN).get_object(Bucket="bucket", Key="small")
    finally:
        assert server.stop() == 0


def test_a_hangup_reopens_the_audit_file_and_ends_nothing(home):
    server = serve(home).start()
    try:
        iam = Aws(server.url, home).iam(ADMIN)
        iam.create_user(UserName="before")
        trail = home / "data" / "audit.jsonl"
        os.rename(trail, home / "moved.jsonl")
        os.kill(server.pid, signal.SIGHUP)
        # The signal is delivered to a thread of its own: ask until it has been.
        for number in range(2000):
            iam.create_user(UserName=f"after-{number}")
            if trail.exists():
                break
        assert trail.exists()
        assert server.is_running()
    finally:
        assert server.stop() == 0
    assert (home / "moved.jsonl").read_text().count("CreateUser") + trail.read_text().count("CreateUser") == number + 2


def refusal(call):
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call()
    return caught.value.response["Error"]["Code"]


def test_sessions_of_a_running_server_end_at_once(home):
    data = home / "data"
    server = serve(home).start()
    try:
        aws = Aws(server.url, home)
        trust = json.dumps({"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{bootstrap.ACCOUNT}:root"}, "Action": "sts:AssumeRole"}})
        role = aws.iam(ADMIN).create_role(RoleName="role", AssumeRolePolicyDocument=trust)["Role"]["Arn"]

        def sessions():
            sts = aws.sts(ADMIN)
            return {
                "role": Keys.of(sts.assume_role(RoleArn=role, RoleSessionName="work")["Credentials"]),
                "user": Keys.of(sts.get_session_token()["Credentials"]),
                "federated": Keys.of(sts.get_federation_token(Name="guest")["Credentials"]),
                "root": Keys.of(aws.sts(ROOT).get_session_token()["Credentials"]),
                "root's federated": Keys.of(aws.sts(ROOT).get_federation_token(Name="guest")["Credentials"]),
            }

        def ended(keys, s3_code="InvalidAccessKeyId"):  # as of a key that is gone
            out = set()
            for name, who in keys.items():
                try:
                    aws.sts(who).get_caller_identity()
                except botocore.exceptions.ClientError as error:
                    assert error.response["Error"]["Code"] == "InvalidClientTokenId"
                    assert refusal(aws.s3(who).list_buckets) == s3_code
                    out.add(name)
            return out

        def revoke(*arguments):
            done = signet(home, *arguments, "--data", data)
            assert done.returncode == OK, done.stderr
            return done.stdout

        admin = f"arn:aws:iam::{bootstrap.ACCOUNT}:user/admin"
        for arguments, expected in ((["--role", role], {"role"}), (["--user", admin], {"user", "federated"}),
                                    (["--root", bootstrap.ACCOUNT], {"root", "root's federated"}),
                                    (["--account", bootstrap.OTHER_ACCOUNT], set()),
                                    (["--account", bootstrap.ACCOUNT], {"role", "user", "federated", "root", "root's federated"})):
            keys = sessions()
            assert ended(keys) == set()
            assert "have ended" in revoke("sessions", "revoke", *arguments)
            assert ended(keys) == expected, arguments
        keys = sessions()
        assert aws.s3(keys["root"]).list_buckets()
        assert "have ended" in revoke("keys", "retire")
        assert ended(keys, "InvalidToken") == set(keys)  # nothing can open them any more
        assert ended(sessions()) == set()

        wrong = signet(home, "sessions", "revoke", "--data", data, "--user", admin + "x")
        assert (wrong.returncode, wrong.stdout) == (FAILURE, "")
        assert "there is no user" in wrong.stderr
        trail = [json.loads(line) for line in (data / "audit.jsonl").read_text().splitlines()]
        names = [record["eventName"] for record in trail]
        assert names.count("RevokeSessions") == 5
        assert names.count("RetireSealingKeys") == 1
    finally:
        assert server.stop() == 0


def test_sessions_end_in_a_stopped_folder_too(home):
    server = serve(home).start()
    aws = Aws(server.url, home)
    before = Keys.of(aws.sts(ADMIN).get_session_token()["Credentials"])
    assert server.stop() == 0

    done = signet(home, "sessions", "revoke", "--data", home / "data", "--everyone")

    assert done.returncode == OK, done.stderr
    assert "RevokeSessions" in (home / "data" / "audit.jsonl").read_text()
    server = serve(home).start()
    try:
        aws = Aws(server.url, home)
        assert refusal(aws.sts(before).get_caller_identity) == "InvalidClientTokenId"
        assert aws.sts(ADMIN).get_session_token()
    finally:
        assert server.stop() == 0


@pytest.mark.parametrize("arguments", [
    (), ("--user", "a", "--role", "b"), ("--everyone", "--root", bootstrap.ACCOUNT),
])
def test_whose_sessions_end_is_said_once(home, arguments):
    done = signet(home, "sessions", "revoke", "--data", home / "data", *arguments)

    assert done.returncode == USAGE
    assert not (home / "data").exists()
