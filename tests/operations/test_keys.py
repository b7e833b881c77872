"""Keys of every kind are shown, replaced and retired, on one machine and on nodes that share a state; nothing that should go on ends."""
import contextlib
import json
import os
import re
import sqlite3
import subprocess

import botocore.exceptions
import pytest

from support import bootstrap
from support.aws import Aws
from support.bootstrap import ADMIN, Keys
from support.cluster import Cluster
from support.people import poll, trust
from support.server import BINARY, Server


def signet(folder, *words, ok=True, env=None):
    done = subprocess.run([str(BINARY), *words, "--data", str(folder)], capture_output=True, text=True, timeout=60, check=False, env=os.environ | (env or {}))
    assert (done.returncode == 0) == ok, done.stdout + done.stderr
    return done.stdout + done.stderr


def keys_of(folder, kind):
    rows = json.loads(signet(folder, "keys", "list", "--output", "json"))["keys"]
    return [(row["id"], row["state"]) for row in rows if row["kind"] == kind]


class Folder:
    def __init__(self, path):
        self.data = path / "data"
        file = path / "bootstrap.json"
        file.write_text(json.dumps(bootstrap.document()))
        self.server = Server(["--data", self.data, "--bootstrap", file, "--listen", "127.0.0.1:0"], path / "s")
        self.path = path

    def start(self):
        self.server.start()
        self.aws = Aws(self.server.url, self.path)
        return self


@pytest.fixture()
def folder(tmp_path):
    made = Folder(tmp_path).start()
    yield made
    if made.server.is_running():
        made.server.stop()


def session(aws, name="first"):
    iam = aws.iam(ADMIN)
    try:
        iam.create_role(RoleName="holder", AssumeRolePolicyDocument=trust(bootstrap.ACCOUNT))
    except iam.exceptions.EntityAlreadyExistsException:
        pass
    return Keys.of(aws.sts(ADMIN).assume_role(RoleArn=f"arn:aws:iam::{bootstrap.ACCOUNT}:role/holder", RoleSessionName=name)["Credentials"])


def test_list_shows_every_kind_and_no_key(folder):
    folder.aws.iam(ADMIN).enable_outbound_web_identity_federation()
    text = signet(folder.data, "keys", "list")
    for kind in ("master ", "data 1: in use", "sealing 1: in use", "oidc RSA_0: in use", "oidc EC384_0: in use"):
        assert kind in text, text
    assert (folder.data / "master.key").read_text().strip() not in text


def test_a_new_sealing_key_seals_and_sessions_go_on(folder):
    before = session(folder.aws)
    signet(folder.data, "keys", "rotate", "sealing")
    assert keys_of(folder.data, "sealing") == [("1", "opens what it sealed"), ("2", "in use")]
    assert folder.aws.sts(before).get_caller_identity()
    after = session(folder.aws, "second")
    assert folder.aws.sts(after).get_caller_identity()
    assert folder.server.stop() == 0
    folder.start()
    assert folder.aws.sts(before).get_caller_identity() and folder.aws.sts(after).get_caller_identity()
    signet(folder.data, "keys", "retire")
    assert [state for _, state in keys_of(folder.data, "sealing")] == ["in use"]
    for ended in (before, after):
        with pytest.raises(botocore.exceptions.ClientError):
            folder.aws.sts(ended).get_caller_identity()


def test_a_new_master_key_and_the_end_of_the_old_ones(folder):
    (old, _), = keys_of(folder.data, "master")
    signet(folder.data, "keys", "rotate", "master")
    (new, _), = keys_of(folder.data, "master")
    assert new != old and (folder.data / f"master.key.{old}").exists()
    assert f"master.key.{old}" in signet(folder.data, "keys", "retire", "master")
    assert not (folder.data / f"master.key.{old}").exists() and (folder.data / "master.key").exists()
    assert "no replaced master key" in signet(folder.data, "keys", "retire", "master")
    assert folder.server.stop() == 0
    folder.start()
    assert folder.aws.sts(ADMIN).get_caller_identity()


def sealed_under(folder, key_id):
    """The data key that the secret of an access key is under, as its record says in clear (docs/formats/secrets-at-rest.md); the server is stopped."""
    with contextlib.closing(sqlite3.connect(folder.data / "signet.db")) as database:
        ((record,),) = database.execute("SELECT value FROM record WHERE key = ?", (f"a/{bootstrap.ACCOUNT}/key/{key_id}".encode(),))
    at = re.search(rb"\x22.\x02(....)", record, re.DOTALL)  # field 4, its length, a sealed secret
    return int.from_bytes(at[1], "big")


def test_a_new_data_key_on_a_running_server_and_a_stopped_one_opens_all_there_was(folder):
    key = Keys.of_user(folder.aws.iam(ADMIN).create_access_key(UserName="admin")["AccessKey"])
    signet(folder.data, "keys", "rotate", "data")
    assert keys_of(folder.data, "data") == [("1", "opens what it sealed"), ("2", "in use")]
    assert folder.aws.sts(key).get_caller_identity()
    folder.aws.iam(ADMIN).create_user(UserName="afterwards")
    later = Keys.of_user(folder.aws.iam(ADMIN).create_access_key(UserName="afterwards")["AccessKey"])
    assert folder.aws.sts(later).get_caller_identity()["Arn"].endswith("afterwards")
    assert folder.server.stop() == 0
    assert (sealed_under(folder, key.access_key), sealed_under(folder, later.access_key)) == (1, 2)

    signet(folder.data, "keys", "rotate", "data")
    assert [state for _, state in keys_of(folder.data, "data")] == ["opens what it sealed", "opens what it sealed", "in use"]
    folder.start()
    assert folder.aws.sts(later).get_caller_identity()
    assert folder.aws.sts(key).get_caller_identity() and folder.aws.sts(ADMIN).get_caller_identity()
    folder.aws.iam(ADMIN).delete_access_key(UserName="admin", AccessKeyId=key.access_key)
    fresh = Keys.of_user(folder.aws.iam(ADMIN).create_access_key(UserName="admin")["AccessKey"])
    signet(folder.data, "keys", "rotate", "master")
    assert folder.server.stop() == 0
    folder.start()
    assert folder.aws.sts(fresh).get_caller_identity() and folder.aws.sts(ADMIN).get_caller_identity()


def test_keys_of_web_identity_tokens(folder):
    folder.aws.iam(ADMIN).enable_outbound_web_identity_federation()
    signet(folder.data, "keys", "rotate", "oidc", "--account", bootstrap.ACCOUNT)
    assert ("RSA_1", "published, signs soon") in keys_of(folder.data, "oidc") and ("RSA_0", "in use") in keys_of(folder.data, "oidc")
    signet(folder.data, "keys", "retire", "oidc")
    assert {state for _, state in keys_of(folder.data, "oidc")} == {"in use"} and len(keys_of(folder.data, "oidc")) == 2


def test_every_act_leaves_a_record(folder):
    signet(folder.data, "keys", "list")
    signet(folder.data, "keys", "rotate", "sealing")
    assert folder.server.stop() == 0
    signet(folder.data, "keys", "rotate", "data")
    text = (folder.data / "audit.jsonl").read_text()
    for event in ("ListKeys", "RotateSealingKey", "RotateDataKey"):
        assert f'"{event}"' in text


def test_a_wrong_kind_is_refused(folder):
    for words in (["rotate", "seal"], ["rotate"], ["retire", "data"]):
        signet(folder.data, "keys", *words, ok=False)


def is_taken(aws, keys):
    try:
        return aws.sts(keys).get_caller_identity()
    except botocore.exceptions.ClientError:
        return None


def test_nodes_share_new_keys(tmp_path):
    """What one node is told holds for all: a new sealing key is known everywhere before it seals, a new master key opens what is in etcd."""
    with Cluster(tmp_path, nodes=2) as cluster:
        folders = [node.folder / "data" for node in cluster.nodes]
        aws = [cluster.aws(number) for number in range(2)]
        before = session(aws[0])
        assert "in a minute" in signet(folders[0], "keys", "rotate", "sealing")
        poll(lambda: ("2", "seals soon") in keys_of(folders[1], "sealing"), 20)
        assert ("1", "in use") in keys_of(folders[1], "sealing")
        after = session(aws[1], "second")
        for keys in (before, after):
            for one in aws:
                assert one.sts(keys).get_caller_identity()

        signet(folders[0], "keys", "rotate", "data")
        for number, one in enumerate(aws):  # what each seals under the new key the other opens
            one.iam(ADMIN).create_user(UserName=f"by-{number}")
            made = Keys.of_user(one.iam(ADMIN).create_access_key(UserName=f"by-{number}")["AccessKey"])
            poll(lambda made=made, number=number: is_taken(aws[1 - number], made), 20)
        assert all(node.get("/_signet/ready") == {"status": "ok"} for node in cluster.nodes)
        assert keys_of(folders[1], "data") == [("1", "opens what it sealed"), ("2", "in use")]

        signet(folders[0], "keys", "rotate", "master")
        assert keys_of(folders[0], "master") == keys_of(folders[1], "master")
        (folders[1] / "master.key").write_bytes((folders[0] / "master.key").read_bytes())
        for node in cluster.nodes:
            node.stop()
            node.start()
        aws = [cluster.aws(number) for number in range(2)]
        assert all(one.sts(ADMIN).get_caller_identity() and one.sts(before).get_caller_identity() for one in aws)

        signet(folders[1], "keys", "retire", "sealing")
        for one in aws:
            def has_ended(one=one):
                try:
                    one.sts(before).get_caller_identity()
                    return False
                except botocore.exceptions.ClientError:
                    return True
            poll(has_ended, 20)
