"""Kills the server with SIGKILL while many clients write. After each round every acknowledged write is there and has its
audit record, nothing half-written is, and the store opens."""
import collections
import json
import random
import sqlite3
import threading
import time

import pytest

from support import bootstrap
from support.aws import Aws
from support.people import error_code, policy, allow
from support.server import Server
from support.trail import Trail

WRITERS = 8
BUCKET = "crash"


class Writer(threading.Thread):
    """Creates users with an inline policy and deletes every third again, until the server is gone."""

    def __init__(self, iam, s3, prefix, stop):
        super().__init__(daemon=True)
        self._iam = iam
        self._s3 = s3
        self._prefix = prefix
        self._stop_event = stop
        self.acknowledged = {}  # user name -> policy text, None for no policy, or "deleted"
        self.in_doubt = set()  # names whose last call got no answer
        self.calls = []  # (event, user or object) of every acknowledged call
        self.error = None

    def run(self):
        number = 0
        while not self._stop_event.is_set():
            name = f"{self._prefix}-{number:05}"
            number += 1
            if not self._write(name, delete=number % 3 == 0):
                return

    def _call(self, event, call, **arguments):
        call(**arguments)
        self.calls.append((event, arguments.get("UserName") or arguments["Key"]))

    def _write(self, name, delete):
        self.in_doubt = {name}
        document = policy(allow("s3:GetObject", f"arn:aws:s3:::{name}/*"))
        try:
            self._call("CreateUser", self._iam.create_user, UserName=name)
            self.acknowledged[name] = None
            self._call("PutUserPolicy", self._iam.put_user_policy, UserName=name, PolicyName="p", PolicyDocument=document)
            self.acknowledged[name] = document
            self._call("PutObject", self._s3.put_object, Bucket=BUCKET, Key=name, Body=b"x")
            if delete:
                self._call("DeleteUserPolicy", self._iam.delete_user_policy, UserName=name, PolicyName="p")
                self._call("DeleteUser", self._iam.delete_user, UserName=name)
                self.acknowledged[name] = "deleted"
        except Exception as error:  # pylint: disable=broad-except
            self.error = error
            return False
        self.in_doubt = set()
        return True


@pytest.fixture
def home(tmp_path):
    file = tmp_path / "bootstrap.json"
    file.write_text(json.dumps(bootstrap.document()))
    yield tmp_path
    for server in STARTED:
        if server.is_running():  # a failed test must not leave one behind
            server.kill()
    STARTED.clear()


STARTED = []  # servers of the test that is running


def start(home):
    arguments = ["--listen", "127.0.0.1:0", "--data", home / "data", "--bootstrap", home / "bootstrap.json"]
    server = Server(arguments, home)
    STARTED.append(server)
    server.start()
    return server, Aws(server.url, home)


def users_of(iam):
    """Every user with its inline policies, in a few large answers: a check must not cost more with every round."""
    users = {}
    pages = iam.get_paginator("get_account_authorization_details").paginate(
        Filter=["User"], PaginationConfig={"PageSize": 1000})
    for page in pages:
        for user in page["UserDetailList"]:
            inline = user.get("UserPolicyList", [])
            users[user["UserName"]] = {one["PolicyName"]: one["PolicyDocument"] for one in inline}
    return users


def check(iam, expected, in_doubt):
    """Compares the server's users with what the writers were told."""
    users = users_of(iam)
    for name, state in expected.items():
        if name in in_doubt:
            continue
        if state == "deleted":
            assert name not in users, f"{name} was deleted and is back"
            continue
        assert name in users, f"{name} was acknowledged and is lost"
        wanted = {} if state is None else {"p": json.loads(state)}
        assert users[name] == wanted, f"{name} differs from what was acknowledged"
    unknown = set(users) - set(expected) - in_doubt - {"admin", "nobody"}
    assert not unknown, f"users that nobody made: {sorted(unknown)[:5]}"


def check_trail(trail, calls):
    """Every acknowledged call has one record, already before the server is started again."""
    told = collections.Counter()
    for record in trail.records():  # checks the chain too
        asked = record.get("requestParameters") or {}
        if "errorCode" not in record:
            told[record["eventName"], asked.get("userName") or asked.get("key")] += 1
    missing = [call for call in calls if told[call] != 1]
    assert not missing, f"{len(missing)} acknowledged calls without one record: {missing[:5]}"


def test_acknowledged_writes_survive_sigkill(home, request):
    rounds = request.config.getoption("--rounds")
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"\n   {rounds} rounds, seed {seed}")
    chance = random.Random(seed)
    expected, in_doubt, writes, calls = {}, set(), 0, []
    trail = Trail(home / "data" / "audit.jsonl")
    for number in range(rounds):
        server, aws = start(home)
        check(aws.iam(bootstrap.ADMIN), expected, in_doubt)
        if number == 0:
            aws.s3(bootstrap.ADMIN).create_bucket(Bucket=BUCKET)
        stop = threading.Event()
        writers = [Writer(aws.iam(bootstrap.ADMIN), aws.s3(bootstrap.ADMIN), f"r{number}w{index}", stop) for index in range(WRITERS)]
        for writer in writers:
            writer.start()
        time.sleep(chance.uniform(0.05, 0.6))
        server.kill()
        stop.set()
        for writer in writers:
            writer.join(timeout=40)
            assert not writer.is_alive()
            expected |= writer.acknowledged
            in_doubt |= writer.in_doubt
            writes += len(writer.acknowledged)
            calls += writer.calls
        if number % 10 == 0:
            check_trail(trail, calls)
    check_trail(trail, calls)
    server, aws = start(home)
    check(aws.iam(bootstrap.ADMIN), expected, in_doubt)
    check_trail(trail, calls)
    assert writes > rounds, "too few writes to mean anything"
    print(f"   {writes} users and {len(calls)} calls acknowledged, all accounted for and recorded")
    assert server.stop() == 0
    code, text = trail.verify()
    assert code == 0, text


def test_orderly_stop_loses_nothing_and_keeps_sessions(home):
    server, aws = start(home)
    iam = aws.iam(bootstrap.ADMIN)
    iam.create_user(UserName="kept")
    session = aws.sts(bootstrap.ADMIN).get_session_token()["Credentials"]
    assert server.stop() == 0

    server, aws = start(home)

    assert error_code(aws.iam(bootstrap.ADMIN).get_user, UserName="kept") is None
    keys = bootstrap.Keys.of(session)
    assert aws.sts(keys).get_caller_identity()["Arn"].endswith(":user/admin"), "a restart signs nobody out"
    assert server.stop() == 0


def test_second_server_on_the_same_data_is_refused(home):
    server, _ = start(home)
    try:
        with pytest.raises(AssertionError, match="printed no address"):
            start(home)
    finally:
        assert server.stop() == 0


class VersionWriter(threading.Thread):
    """Puts, completes and deletes versions of few keys, until the server is gone."""

    def __init__(self, s3, number, chance):
        super().__init__(daemon=True)
        self._s3, self._number, self._chance = s3, number, chance
        self.kept = {}  # version -> (key, bytes); None for a delete marker
        self.deleted = set()
        self.in_doubt = set()  # versions whose deletion got no answer
        self.calls = 0

    def run(self):
        try:
            while True:
                self._one(f"w{self._number}k{self._chance.randrange(3)}")
                self.calls += 1
        except Exception:  # pylint: disable=broad-except
            return  # the server is gone

    def _one(self, key):
        kind = self._chance.randrange(5)
        mine = [version for version, (of, _) in self.kept.items() if of == key and version not in self.deleted]
        if kind == 0 and mine:
            version = self._chance.choice(mine)
            self.in_doubt = {version}
            self._s3.delete_object(Bucket=BUCKET, Key=key, VersionId=version)
            self.in_doubt = set()
            self.deleted.add(version)
        elif kind == 1:
            self.kept[self._s3.delete_object(Bucket=BUCKET, Key=key)["VersionId"]] = (key, None)
        elif kind == 2:
            body = self._chance.randbytes(self._chance.randrange(1, 200_000))
            upload = self._s3.create_multipart_upload(Bucket=BUCKET, Key=key)["UploadId"]
            part = self._s3.upload_part(Bucket=BUCKET, Key=key, UploadId=upload, PartNumber=1, Body=body)
            done = self._s3.complete_multipart_upload(
                Bucket=BUCKET, Key=key, UploadId=upload,
                MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
            self.kept[done["VersionId"]] = (key, body)
        else:
            body = self._chance.randbytes(self._chance.randrange(200_000))
            self.kept[self._s3.put_object(Bucket=BUCKET, Key=key, Body=body)["VersionId"]] = (key, body)


def check_versions(s3, kept, in_doubt):
    """Every acknowledged version is there with its bytes, no deleted one is, and none is half there."""
    found = {}
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=BUCKET):
        for one in page.get("Versions", []):
            body = s3.get_object(Bucket=BUCKET, Key=one["Key"], VersionId=one["VersionId"])["Body"].read()
            assert len(body) == one["Size"]
            found[one["VersionId"]] = (one["Key"], body)
        for one in page.get("DeleteMarkers", []):
            found[one["VersionId"]] = (one["Key"], None)
    for version, what in kept.items():
        if version not in in_doubt:
            assert found.get(version) == what, f"version {version} of {what[0]} is not what was acknowledged"
    latest = {}
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=BUCKET):
        for one in page.get("Versions", []) + page.get("DeleteMarkers", []):
            latest.setdefault(one["Key"], []).append(one["IsLatest"])
    assert all(sum(each) == 1 for each in latest.values()), "a key with more than one latest version, or none"
    return found


def test_versions_and_encrypted_objects_survive_sigkill(home, request):
    rounds = max(3, request.config.getoption("--rounds") // 4)
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"\n   {rounds} rounds, seed {seed}")
    chance = random.Random(seed)
    kept, deleted, in_doubt, calls = {}, set(), set(), 0
    for number in range(rounds):
        server, aws = start(home)
        s3 = aws.s3(bootstrap.ADMIN)
        if number == 0:
            s3.create_bucket(Bucket=BUCKET)
            s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        else:
            found = check_versions(s3, kept, in_doubt)
            assert not deleted & found.keys(), "a version that was deleted is back"
        writers = [VersionWriter(aws.s3(bootstrap.ADMIN), f"{number}x{index}", random.Random(chance.random()))
                   for index in range(WRITERS)]
        for writer in writers:
            writer.start()
        time.sleep(chance.uniform(0.3, 1.2))
        server.kill()
        for writer in writers:
            writer.join(timeout=40)
            assert not writer.is_alive()
            deleted |= writer.deleted
            kept |= {version: what for version, what in writer.kept.items() if version not in writer.deleted}
            in_doubt |= writer.in_doubt
            calls += writer.calls
    server, aws = start(home)
    found = check_versions(aws.s3(bootstrap.ADMIN), kept, in_doubt)
    with_bytes = sum(body is not None for _, body in found.values())
    uploads = aws.s3(bootstrap.ADMIN).list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])
    assert server.stop() == 0
    objects = home / "data" / "objects"
    files = sum(path.is_file() for path in (objects / "data").rglob("*"))
    index = sqlite3.connect(objects / "index.db")
    rows = index.execute("SELECT count(*) FROM bytes").fetchone()[0]
    index.close()
    assert rows > 0, "no small object"
    assert with_bytes <= files + rows <= with_bytes + len(uploads), "bytes that belong to nothing"
    assert calls > rounds, "too few calls to mean anything"
    print(f"   {calls} calls acknowledged, {len(kept)} versions kept, {files} files, {rows} in the index, {len(uploads)} uploads left open")
