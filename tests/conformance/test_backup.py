"""Backups of running and stopped servers: whole or recognised as unfinished, restored elsewhere, refused where anything is missing
(docs/guide/backup.md)."""
import json
import os
import shutil
import stat
import subprocess
import threading

import pytest

from support import bootstrap
from support.aws import Aws, refused
from support.bootstrap import ACCOUNT, ADMIN, OTHER_ADMIN
from support.data_folder import home, serve, server  # noqa: F401 (fixtures)
from support.server import BINARY

OK, FINDINGS, USAGE, FAILURE = 0, 1, 2, 3


def signet(home, *arguments, code=OK, data="data", **environment):
    """Runs a command on the folder; what it printed, or said on standard error where it must fail."""
    done = subprocess.run([str(BINARY), *map(str, arguments)], capture_output=True, text=True, timeout=120, cwd=home, check=False,
                          env={"PATH": os.environ["PATH"], "HOME": str(home), "SIGNET_DATA": str(home / data)} | environment)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout if code == OK else done.stderr


def fill(url, home):
    aws = Aws(url, home)
    aws.iam(ADMIN).create_user(UserName="in-the-backup")
    s3 = aws.s3(ADMIN)
    s3.create_bucket(Bucket="bucket")
    for number in range(20):
        s3.put_object(Bucket="bucket", Key=f"k{number}", Body=b"b" * (number + 1) * 1000)
    upload = s3.create_multipart_upload(Bucket="bucket", Key="unfinished")["UploadId"]
    s3.upload_part(Bucket="bucket", Key="unfinished", UploadId=upload, PartNumber=1, Body=b"part")
    return aws


def check(url, home):
    aws = Aws(url, home)
    assert "in-the-backup" in {user["UserName"] for user in aws.iam(ADMIN).list_users()["Users"]}
    s3 = aws.s3(ADMIN)
    for number in range(20):
        assert s3.get_object(Bucket="bucket", Key=f"k{number}")["Body"].read() == b"b" * (number + 1) * 1000
    (upload,) = s3.list_multipart_uploads(Bucket="bucket")["Uploads"]
    assert s3.list_parts(Bucket="bucket", Key="unfinished", UploadId=upload["UploadId"])["Parts"][0]["Size"] == 4
    return aws


def events(trail):
    return [json.loads(line)["eventName"] for line in trail.read_text().splitlines()]


def verify_restored(home):
    """A server runs on the restored folder with everything in it; its trail is whole and its objects are what they were."""
    restored = serve(home, "restored").start()
    try:
        return check(restored.url, home)
    finally:
        assert restored.stop() == 0
        assert "0 damaged" in signet(home, "verify", home / "restored")
        signet(home, "audit", "verify", home / "restored")


def test_a_running_server_is_backed_up_and_restored_elsewhere(server, home):
    aws = fill(server.url, home)
    said = signet(home, "backup", "backup")
    assert "2 accounts, 21 objects" in said and "without the master key (id " in said
    aws.iam(ADMIN).create_user(UserName="after")
    for number in range(20):
        aws.s3(ADMIN).delete_object(Bucket="bucket", Key=f"k{number}")
    assert "backup: every file is as it was stored" in signet(home, "verify", "backup")
    assert not (home / "data" / "backup.staging").exists()

    shutil.copy(home / "data" / "master.key", home / "kept.key")
    server.stop()
    shutil.rmtree(home / "data")  # the disk is gone
    said = signet(home, "restore", "backup", "--data", "restored", "--master-key", "kept.key")

    assert "signet keys retire --data" in said
    restored = verify_restored(home)
    assert "MakeBackup" in events(home / "backup" / "audit.jsonl")
    names = events(home / "restored" / "audit.jsonl")
    assert "MakeBackup" in names and "RestoreBackup" in names
    assert "CreateUser" in names
    del restored
    for path in [home / "backup", *(home / "backup").rglob("*"), *(home / "restored").rglob("*")]:
        assert stat.S_IMODE(path.lstat().st_mode) & 0o077 == 0, path


def test_a_backup_with_its_key_needs_no_other(home):
    running = serve(home).start()
    fill(running.url, home)
    assert running.stop() == 0
    said = signet(home, "backup", "backup", "--with-master-key", "--copy")
    assert "with the master key" in said
    ours = {path.stat().st_ino for path in (home / "data").rglob("*") if path.is_file()}
    assert not any(path.stat().st_ino in ours for path in (home / "backup").rglob("*") if path.is_file())
    signet(home, "restore", "backup", data="restored")
    verify_restored(home)
    with open(home / "data" / "audit.jsonl", encoding="utf-8") as trail:
        (record,) = [line for line in trail if "MakeBackup" in line]
    assert f"uid {os.getuid()} on the stopped folder: backup for {home}/backup" in record


def test_writers_go_on_and_the_backup_is_one_moment(server, home):
    """Every object that is in the index of the backup is there as a whole, whatever was written and removed meanwhile."""
    aws = fill(server.url, home)
    done = threading.Event()

    def write():
        s3, iam, number = aws.s3(ADMIN), aws.iam(ADMIN), 0
        while not done.is_set():
            s3.put_object(Bucket="bucket", Key="k1", Body=b"n" * (number % 7 + 1) * 500)
            s3.put_object(Bucket="bucket", Key=f"new{number}", Body=b"new")
            s3.delete_object(Bucket="bucket", Key=f"new{number}")
            iam.create_user(UserName=f"u{number}")
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(3):
            signet(home, "backup", f"backup{number}")
    finally:
        done.set()
        writer.join()
    for number in range(3):
        signet(home, "restore", f"backup{number}", "--data", f"restored{number}", "--master-key", home / "data" / "master.key")
        assert "0 damaged" in signet(home, "verify", f"restored{number}")
        signet(home, "audit", "verify", f"restored{number}")


def test_a_key_that_is_not_the_backups_is_refused_before_anything_is_made(server, home):
    signet(home, "backup", "backup")
    assert "without its master key (id " in signet(home, "restore", "backup", "--data", "restored", code=FAILURE)
    wrong = signet(home, "restore", "backup", "--data", "restored", code=FAILURE, SIGNET_MASTER_KEY="ab" * 32)
    assert "the master key that was given has the id" in wrong
    (home / "wrong.key").write_text("cd" * 32)
    os.chmod(home / "wrong.key", 0o600)
    assert "has the id" in signet(home, "restore", "backup", "--data", "restored", "--master-key", "wrong.key", code=FAILURE)
    assert not (home / "restored").exists()


def damage(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.unlink()  # it may be another name of a file of the server's
    path.write_bytes(bytes(data))


@pytest.mark.parametrize("part", ["signet.db", "objects/index.db", "object", "audit.jsonl", "missing", "cut"])
def test_a_damaged_backup_is_not_restored(server, home, part):
    fill(server.url, home)
    signet(home, "backup", "backup", "--with-master-key")
    files = [path for path in (home / "backup" / "objects" / "data").rglob("*") if path.is_file() and path.stat().st_size > 0]
    if part == "missing":
        files[0].unlink()
    elif part == "cut":
        manifest = home / "backup" / "signet.backup"
        manifest.write_text("".join(manifest.read_text().splitlines(keepends=True)[:-1]))
    else:
        damage(files[0] if part == "object" else home / "backup" / part)

    said = signet(home, "verify", "backup", code=FAILURE if part == "cut" else FINDINGS)
    assert ("it was cut" if part == "cut" else "is not what was stored" if part != "missing" else "No such file") in said
    signet(home, "restore", "backup", "--data", "restored", code=FAILURE)
    assert not (home / "restored").exists()


def test_targets_that_hold_something_are_refused(server, home):
    taken = home / "taken"
    taken.mkdir()
    (taken / "mine").write_text("mine")
    assert "not empty" in signet(home, "backup", "taken", code=FAILURE)
    assert "lies in the data folder" in signet(home, "backup", "data/backup", code=FAILURE)
    signet(home, "backup", "backup", "--with-master-key")
    assert "holds a backup already" in signet(home, "backup", "backup", code=FAILURE)
    assert "is not empty" in signet(home, "restore", "backup", "--data", "taken", code=FAILURE)
    assert "is no backup" in signet(home, "restore", "taken", "--data", "restored", code=FAILURE)
    assert sorted(path.name for path in taken.iterdir()) == ["mine"]
    assert "there is no data folder" in signet(home, "backup", "other", data="typo", code=FAILURE)
    assert not (home / "typo").exists() and not (home / "other").exists()


@pytest.mark.parametrize("command", [["serve", "--listen", "127.0.0.1:0"], ["init"], ["account", "create"], ["keys", "retire"],
                                     ["backup", "other"]])
def test_a_backup_is_no_data_folder(server, home, command):
    signet(home, "backup", "backup", "--with-master-key")
    before = sorted(path.name for path in (home / "backup").iterdir())
    assert "it is a backup: `signet restore` makes a data folder of it" in signet(home, *command, data="backup", code=FAILURE)
    assert sorted(path.name for path in (home / "backup").iterdir()) == before


def kill_when(process, path):
    """Kills a command when a file has appeared, or finds that it had ended before."""
    while process.poll() is None and not path.exists():
        pass
    process.kill()
    process.communicate(timeout=60)


def test_a_backup_that_is_killed_is_recognised_or_whole(server, home):
    fill(server.url, home)
    process = subprocess.Popen([str(BINARY), "backup", "backup", "--with-master-key", "--data", home / "data"], cwd=home,
                               stdout=subprocess.PIPE)
    kill_when(process, home / "backup" / "signet.db")
    if (home / "backup" / "signet.backup").exists():
        signet(home, "verify", "backup")
    else:
        assert "was not finished: remove it" in signet(home, "verify", "backup", code=FAILURE)
        assert "was not finished: remove it" in signet(home, "restore", "backup", "--data", "restored", code=FAILURE)
        assert "was not finished: remove it" in signet(home, "backup", "backup", code=FAILURE)
        assert "was not finished: remove it" in signet(home, "init", data="backup", code=FAILURE)
    assert not (home / "restored").exists()
    signet(home, "backup", "second", "--with-master-key")
    assert not (home / "data" / "backup.staging").exists()
    signet(home, "restore", "second", data="restored")
    verify_restored(home)


def test_a_server_that_is_killed_during_a_backup_leaves_nothing_behind(server, home):
    fill(server.url, home)
    process = subprocess.Popen([str(BINARY), "backup", "backup", "--data", home / "data"], cwd=home, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    while process.poll() is None and not (home / "data" / "backup.staging").exists():
        pass
    server.kill()
    process.communicate(timeout=60)
    again = serve(home).start()
    try:
        check(again.url, home)
        assert not (home / "data" / "backup.staging").exists()
    finally:
        assert again.stop() == 0


def test_a_restore_that_is_killed_is_recognised_or_whole(server, home):
    fill(server.url, home)
    signet(home, "backup", "backup", "--with-master-key")
    process = subprocess.Popen([str(BINARY), "restore", "backup", "--data", home / "restored"], cwd=home, stdout=subprocess.PIPE)
    kill_when(process, home / "restored" / "signet.restore.unfinished")
    if (home / "restored" / "signet.restore.unfinished").exists():
        for command in (["serve", "--listen", "127.0.0.1:0"], ["init"], ["account", "create"], ["verify"]):
            assert "a restore into it was not finished" in signet(home, *command, data="restored", code=FAILURE)
        assert "is not empty" in signet(home, "restore", "backup", data="restored", code=FAILURE)
        shutil.rmtree(home / "restored")
        signet(home, "restore", "backup", data="restored")
    verify_restored(home)


def test_keys_of_the_backups_time_work_again_and_sessions_can_be_ended(server, home):
    token = Aws(server.url, home).sts(ADMIN).get_session_token()["Credentials"]
    signet(home, "backup", "backup", "--with-master-key")
    signet(home, "restore", "backup", data="restored")
    keys = bootstrap.Keys.of(token)
    restored = serve(home, "restored").start()
    try:
        aws = Aws(restored.url, home)
        assert aws.sts(keys).get_caller_identity()["Account"] == ACCOUNT
        signet(home, "keys", "retire", data="restored")
        with refused("InvalidClientTokenId"):
            aws.sts(keys).get_caller_identity()
        aws.sts(OTHER_ADMIN).get_caller_identity()
    finally:
        assert restored.stop() == 0
