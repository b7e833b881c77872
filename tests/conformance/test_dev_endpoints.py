"""What --dev offers to those who test against us: reset and clock."""
import json
import time
import urllib.error
import urllib.request

import pytest

from support import bootstrap
from support.aws import refused
from support.people import create_user
from support.server import Clock, Server


def test_reset_restores_exactly_the_bootstrap_state(aws, server, admin_iam):
    before = admin_iam.get_account_authorization_details()
    _, keys = create_user(admin_iam, "made-later")
    admin_iam.detach_user_policy(UserName="admin", PolicyArn=bootstrap.ADMINISTRATOR)
    aws.s3(bootstrap.ROOT).create_bucket(Bucket="made-later")

    server.post("/_signet/reset")

    after = aws.iam(bootstrap.ADMIN).get_account_authorization_details()
    assert after["UserDetailList"] == before["UserDetailList"]
    assert aws.s3(bootstrap.ADMIN).list_buckets()["Buckets"] == []
    with refused("InvalidClientTokenId"):
        aws.sts(keys).get_caller_identity()


def test_reset_is_quick(server):
    def timed():
        start = time.perf_counter()
        server.post("/_signet/reset")
        return time.perf_counter() - start

    # The promise is 50 ms; the bound leaves room for a loaded machine.
    assert min(timed() for _ in range(5)) < 0.25


def test_clock_is_set_and_shifted(server):
    clock = Clock(server)
    start = clock.now()
    clock.shift(3600)
    assert 3595 < clock.now() - start < 3660
    clock.reset()
    assert abs(clock.now() - time.time()) < 600


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"shift_seconds":"an hour"}', b'{"set":"yesterday"}', b"{"])
def test_malformed_clock_request_is_refused_and_changes_nothing(server, body):
    request = urllib.request.Request(server.url + "/_signet/clock", data=body, method="POST")
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=10)
    assert caught.value.code == 400
    assert abs(Clock(server).now() - time.time()) < 600


def test_health_is_answered(server):
    with urllib.request.urlopen(server.url + "/_signet/health", timeout=10) as answer:
        assert answer.status == 200


def test_dev_refuses_other_than_loopback(tmp_path):
    server = Server(["--dev", "--listen", "0.0.0.0:0"], tmp_path)
    with pytest.raises(AssertionError, match="printed no address"):
        server.start(timeout=5)


def test_bootstrap_file_with_errors_is_refused(tmp_path):
    for number, text in enumerate(["", "{", '{"accounts":[{"id":"12"}]}', json.dumps({"accounts": [{"alias": "no-id"}]})]):
        file = tmp_path / f"{number}.json"
        file.write_text(text)
        server = Server(["--dev", "--listen", "127.0.0.1:0", "--bootstrap", file], tmp_path)
        with pytest.raises(AssertionError, match="printed no address"):
            server.start(timeout=5)


def test_server_without_dev_has_no_dev_endpoints(tmp_path):
    file = tmp_path / "bootstrap.json"
    file.write_text(json.dumps(bootstrap.document()))
    server = Server(["--listen", "127.0.0.1:0", "--data", tmp_path / "data", "--bootstrap", file], tmp_path).start()
    try:
        for path in ("/_signet/reset", "/_signet/clock"):
            with pytest.raises(urllib.error.HTTPError) as caught:
                server.post(path, {"shift_seconds": 0})
            assert caught.value.code in (403, 404)
    finally:
        assert server.stop() == 0
