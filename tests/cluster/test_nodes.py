"""Three nodes over three members of etcd: one state, whichever node is asked."""
import concurrent.futures
import json
import time
import urllib.request

import botocore.exceptions
import pytest

from support.aws import Aws
from support.bootstrap import ACCOUNT, ADMIN, Keys
from support.cluster import MASTER_KEY
from support.people import allow, policy


def await_true(condition, seconds=5):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


def code_of(error):
    return error.response["Error"]["Code"]


def with_state(client, wish):
    """A client whose calls ask for a state of at least that revision, or the newest."""
    client.meta.events.register("before-send.*", lambda request, **_: request.headers.update({"x-signet-consistent": str(wish)}))
    return client


def revision_of(answer):
    return int(answer["ResponseMetadata"]["HTTPHeaders"]["x-signet-revision"])


def metric(node, name):
    text = urllib.request.urlopen(node.url + "/_signet/metrics", timeout=5).read().decode()
    return next(float(line.split()[-1]) for line in text.splitlines() if line.startswith(name + " "))


def test_the_bootstrap_file_is_carried_out_by_one_node(cluster):
    for number in range(3):
        assert cluster.aws(number).sts(ADMIN).get_caller_identity()["Account"] == ACCOUNT


def test_a_write_is_seen_on_every_node(cluster):
    answer = cluster.aws(0).iam(ADMIN).create_user(UserName="seen")
    for number in (1, 2):
        client = with_state(cluster.aws(number).iam(ADMIN), revision_of(answer))
        assert client.get_user(UserName="seen")["User"]["UserName"] == "seen"


def test_a_read_may_ask_for_the_newest_state(cluster):
    for i in range(30):
        cluster.aws(i % 3).iam(ADMIN).create_user(UserName=f"newest-{i}")
        client = with_state(cluster.aws((i + 1) % 3).iam(ADMIN), "newest")
        assert client.get_user(UserName=f"newest-{i}")


def test_a_state_that_does_not_come_is_told(cluster):
    client = with_state(cluster.aws(0).iam(ADMIN), 10**12)
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        client.list_users()
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503


def test_an_odd_wish_is_refused(cluster):
    for wish in ("", "yesterday", "-1"):
        with pytest.raises(botocore.exceptions.ClientError) as refused:
            with_state(cluster.aws(0).iam(ADMIN), wish).list_users()
        assert code_of(refused.value) == "ValidationError"


def test_of_many_that_create_one_name_on_all_nodes_one_does(cluster):
    for round_number in range(10):
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            clients = [cluster.aws(i % 3).iam(ADMIN) for i in range(6)]

            def create(client, name=f"one-{round_number}"):
                try:
                    return client.create_user(UserName=name)["User"]["UserId"]
                except botocore.exceptions.ClientError as error:
                    return code_of(error)

            answers = list(pool.map(create, clients))
        made = [answer for answer in answers if answer.startswith("AIDA")]
        assert len(made) == 1 and answers.count("EntityAlreadyExists") == 5, answers


def test_a_session_of_one_node_is_one_of_all_and_ends_on_all(cluster):
    iam = cluster.aws(0).iam(ADMIN)
    trust = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}})
    iam.create_role(RoleName="shared", AssumeRolePolicyDocument=trust)
    answer = iam.put_role_policy(RoleName="shared", PolicyName="p", PolicyDocument=policy(allow("iam:ListUsers")))
    sts = with_state(cluster.aws(1).sts(ADMIN), revision_of(answer))
    role = sts.assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/shared", RoleSessionName="session")["Credentials"]

    session = Keys.of(role)
    for number in range(3):
        assert cluster.aws(number).iam(session).list_users()
    answer = iam.delete_role_policy(RoleName="shared", PolicyName="p")
    for number in range(3):
        with pytest.raises(botocore.exceptions.ClientError) as refused:
            with_state(cluster.aws(number).iam(session), revision_of(answer)).list_users()
        assert code_of(refused.value) == "AccessDenied"


def test_the_nodes_are_ready_and_say_how_far_they_are(cluster):
    for node in cluster.nodes:
        assert node.get("/_signet/ready") == {"status": "ok"}
        assert 0 <= metric(node, "signet_store_behind_seconds") < 1.5


def test_one_node_has_the_office(cluster):
    assert await_true(lambda: sum(metric(node, "signet_store_in_office") for node in cluster.nodes) == 1, 10)


def test_the_master_key_never_enters_the_store(cluster):
    secret = bytes.fromhex(MASTER_KEY)
    for key, value in cluster.etcd.keys().items():
        assert secret not in value and MASTER_KEY.encode() not in value, key
        assert ADMIN.secret_key.encode() not in value, key


def test_a_node_joins_with_all_that_is_there(cluster):
    joined = cluster.make_node(7)
    joined.start()
    try:
        assert Aws(joined.url, joined.folder).sts(ADMIN).get_caller_identity()["Account"] == ACCOUNT
    finally:
        assert joined.stop() == 0


def test_another_master_key_is_refused(cluster, tmp_path):
    node = cluster.make_node(8)
    key = node.folder / "data" / "master.key"
    key.write_text("00" * 32 + "\n")
    with pytest.raises(AssertionError, match="under another master key"):
        node.start(timeout=10)


def test_without_a_master_key_nothing_is_made(cluster):
    node = cluster.make_node(9)
    (node.folder / "data" / "master.key").unlink()
    with pytest.raises(AssertionError, match="share one master key"):
        node.start(timeout=10)
    assert not (node.folder / "data" / "master.key").exists()
