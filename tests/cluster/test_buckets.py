"""Buckets in a cluster, where each node holds the objects that it took: one that has objects on another node is not deleted as an empty one."""
import concurrent.futures
import os
import subprocess

import botocore.exceptions
import pytest

from support.bootstrap import ADMIN, OTHER_ACCOUNT, OTHER_ADMIN
from support.people import poll
from support.server import BINARY


def s3(cluster, number, keys=ADMIN):
    return cluster.aws(number).s3(keys)


def has_bucket(client, name):
    try:
        return bool(client.head_bucket(Bucket=name))
    except botocore.exceptions.ClientError:
        return False


def bucket_on_all(cluster, name, keys=ADMIN):
    s3(cluster, 0, keys).create_bucket(Bucket=name)
    for number in range(3):
        poll(lambda number=number: has_bucket(s3(cluster, number, keys), name), 10)


def outcome(call, **parameters):
    """The error code, empty where there is none."""
    try:
        call(**parameters)
        return ""
    except botocore.exceptions.ClientError as error:
        return error.response["Error"]["Code"]


def test_a_bucket_with_objects_on_another_node_is_not_empty(cluster):
    bucket_on_all(cluster, "elsewhere")
    s3(cluster, 1).put_object(Bucket="elsewhere", Key="k", Body=b"1")

    for number in (0, 2):
        assert outcome(s3(cluster, number).delete_bucket, Bucket="elsewhere") == "BucketNotEmpty"
    assert s3(cluster, 1).get_object(Bucket="elsewhere", Key="k")["Body"].read() == b"1"

    s3(cluster, 1).delete_object(Bucket="elsewhere", Key="k")
    assert outcome(s3(cluster, 0).delete_bucket, Bucket="elsewhere") == "BucketNotEmpty", "only the node that took objects knows that they are gone"
    assert outcome(s3(cluster, 1).delete_bucket, Bucket="elsewhere") == ""


def test_with_objects_on_two_nodes_each_of_them_is_asked(cluster):
    bucket_on_all(cluster, "on-two")
    for number in (0, 1):
        s3(cluster, number).put_object(Bucket="on-two", Key=f"k{number}", Body=b"1")
    for number in (0, 1):
        s3(cluster, number).delete_object(Bucket="on-two", Key=f"k{number}")

    assert outcome(s3(cluster, 0).delete_bucket, Bucket="on-two") == "BucketNotEmpty"
    assert outcome(s3(cluster, 1).delete_bucket, Bucket="on-two") == ""


def test_a_bucket_that_no_node_has_objects_of_goes_on_any(cluster):
    bucket_on_all(cluster, "empty")
    assert outcome(s3(cluster, 2).delete_bucket, Bucket="empty") == ""


def test_of_a_deletion_and_a_first_object_on_another_node_one_succeeds(cluster):
    seen = set()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for round_number in range(12):
            name = f"race-{round_number}"
            bucket_on_all(cluster, name)
            put = pool.submit(outcome, s3(cluster, 1).put_object, Bucket=name, Key="k", Body=b"1")
            gone = pool.submit(outcome, s3(cluster, 0).delete_bucket, Bucket=name)
            answers = (put.result(), gone.result())
            seen.add(answers)
            assert answers in {("", "BucketNotEmpty"), ("NoSuchBucket", ""), ("OperationAborted", "")}, answers
    assert seen


def test_an_account_with_objects_on_another_node_is_not_deleted(cluster):
    bucket_on_all(cluster, "of-the-other", OTHER_ADMIN)
    s3(cluster, 1, OTHER_ADMIN).put_object(Bucket="of-the-other", Key="k", Body=b"1")
    done = subprocess.run([str(BINARY), "account", "delete", "--id", OTHER_ACCOUNT, "--data", str(cluster.nodes[0].folder / "data")], capture_output=True, text=True,
                          timeout=60, check=False, env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"})
    assert done.returncode != 0 and "of-the-other" in done.stdout + done.stderr
    assert s3(cluster, 1, OTHER_ADMIN).get_object(Bucket="of-the-other", Key="k")["Body"].read() == b"1"


def signet(cluster, *words):
    return subprocess.run([str(BINARY), *words, "--data", str(cluster.nodes[0].folder / "data")], capture_output=True, text=True, timeout=60, check=False,
                          env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"})


def test_a_node_that_will_not_come_back_is_forgotten(cluster):
    bucket_on_all(cluster, "of-a-lost-node")
    s3(cluster, 2).put_object(Bucket="of-a-lost-node", Key="k", Body=b"1")
    lost = cluster.nodes[2]
    lost.kill()
    try:
        assert outcome(s3(cluster, 0).delete_bucket, Bucket="of-a-lost-node") == "BucketNotEmpty"
        own, other = ((cluster.nodes[number].folder / "data" / "node").read_text().strip() for number in (0, 2))
        assert signet(cluster, "node", "forget", own).returncode == 3
        assert signet(cluster, "node", "forget", "what").returncode == 2
        done = signet(cluster, "node", "forget", other)
        assert done.returncode == 0 and "1 bucket" in done.stdout, done.stdout + done.stderr
        assert outcome(s3(cluster, 0).delete_bucket, Bucket="of-a-lost-node") == ""
    finally:
        lost.start()


@pytest.mark.parametrize("number", [0, 1])
def test_objects_of_before_are_counted_after_a_restart(cluster, number):
    name = f"restarted-{number}"
    bucket_on_all(cluster, name)
    s3(cluster, number).put_object(Bucket=name, Key="k", Body=b"1")
    node = cluster.nodes[number]
    assert node.stop() == 0
    node.start()
    assert outcome(s3(cluster, 2).delete_bucket, Bucket=name) == "BucketNotEmpty"
