"""Traces, the access log and the shipping of audit records, with receivers that decode what they get by the protocols' own definitions."""
import json
import re
import urllib.request

import botocore.exceptions
import pytest

from support import bootstrap
from support.aws import Aws
from support.bootstrap import ADMIN
from support.certificates import Certificate
from support.collector import Collector, Syslog, attributes
from support.people import poll, trust
from support.server import Server
from support.trail import Trail

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"


def serving(folder, *flags, dev=True):
    """A server with the accounts of the tests and its trail in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "bootstrap.json"
    file.write_text(json.dumps(bootstrap.document()))
    trail = Trail(folder / "audit.jsonl")
    where = ["--dev"] if dev else ["--data", folder / "data"]
    server = Server([*where, "--listen", "127.0.0.1:0", "--bootstrap", file, "--audit", trail.path, *flags], folder)
    return server, trail


def traced(client, parent):
    client.meta.events.register("before-send.*", lambda request, **_: request.headers.update({"traceparent": parent}))
    return client


def metric(server, name):
    with urllib.request.urlopen(server.url + "/_signet/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return next((float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name + " ")), None)


@pytest.fixture()
def collector():
    running = Collector()
    yield running
    running.stop()


def test_each_request_is_a_span_of_the_trace_that_its_header_names(tmp_path, collector):
    headers = tmp_path / "headers"
    headers.write_text("Authorization: Bearer collectors-token\n")
    headers.chmod(0o600)
    server, _ = serving(tmp_path / "s", "--traces", collector.url, "--telemetry-headers", headers)
    with server.start():
        iam = traced(Aws(server.url, tmp_path).iam(ADMIN), f"00-{TRACE}-{PARENT}-01")
        iam.create_user(UserName="traced")
        with pytest.raises(botocore.exceptions.ClientError):
            iam.get_user(UserName="nobody-there")
        spans = poll(lambda: len(collector.spans()) >= 3 and collector.spans(), 20)
        poll(lambda: metric(server, "signet_traces_spans_exported_total") >= 3, 20)

    assert {span.trace_id.hex() for span in spans} == {TRACE}
    create = next(span for span in spans if span.name == "iam/CreateUser")
    assert create.parent_span_id.hex() == PARENT and create.kind == create.SPAN_KIND_SERVER
    assert 0 < create.end_time_unix_nano - create.start_time_unix_nano < 30e9
    assert attributes(create)["rpc.method"] == "CreateUser" and attributes(create)["http.response.status_code"] == "200"
    assert attributes(create)["cloud.account.id"] == bootstrap.ACCOUNT
    commit = next(span for span in spans if span.name == "commit")
    assert commit.parent_span_id == create.span_id and commit.kind == commit.SPAN_KIND_INTERNAL
    refused = next(span for span in spans if span.name == "iam/GetUser")
    assert attributes(refused)["error.type"] == "NoSuchEntity" and refused.status.code == 0, "the caller's error is no fault of ours"
    _, message, sent = collector.messages[0]
    assert sent["Authorization"] == "Bearer collectors-token"
    assert attributes(message.resource_spans[0].resource)["service.name"] == "signet"


def test_what_is_not_sampled_is_not_sent(tmp_path, collector):
    server, _ = serving(tmp_path / "s", "--traces", collector.url, "--traces-share", "0")
    with server.start():
        sts = Aws(server.url, tmp_path)
        traced(sts.sts(ADMIN), f"00-{TRACE}-{PARENT}-00").get_caller_identity()
        Aws(server.url, tmp_path).sts(ADMIN).get_caller_identity()
        traced(Aws(server.url, tmp_path).iam(ADMIN), f"00-{TRACE}-{PARENT}-01").list_users()
        spans = poll(collector.spans, 20)
        assert [span.name for span in spans] == ["iam/ListUsers"]


def test_spans_wait_for_a_collector_that_is_away_and_requests_do_not(tmp_path, collector):
    collector.answers = [(503, "")] * 2
    server, _ = serving(tmp_path / "s", "--traces", collector.url)
    with server.start():
        sts = Aws(server.url, tmp_path).sts(ADMIN)
        for _ in range(5):
            sts.get_caller_identity()
        poll(lambda: len([span for span in collector.spans() if span.name == "sts/GetCallerIdentity"]) == 5, 20)
        assert collector.refused == 2


def test_spans_that_the_collector_refuses_are_counted(tmp_path, collector):
    collector.answers = [(400, "")]
    server, _ = serving(tmp_path / "s", "--traces", collector.url)
    with server.start():
        Aws(server.url, tmp_path).sts(ADMIN).get_caller_identity()
        poll(lambda: metric(server, "signet_traces_spans_dropped_total"), 20)


def test_the_access_log_has_a_line_for_each_request_and_no_secret(tmp_path):
    log = tmp_path / "access.jsonl"
    server, _ = serving(tmp_path / "s", "--access-log", log)
    with server.start():
        aws = Aws(server.url, tmp_path)
        aws.iam(ADMIN).create_user(UserName="logged")
        aws.sts(ADMIN).get_session_token()
        url = aws.s3(ADMIN).generate_presigned_url("list_buckets")
        with urllib.request.urlopen(url, timeout=10) as answer:
            answer.read()
        lines = poll(lambda: log.exists() and len(log.read_text().splitlines()) >= 3 and log.read_text().splitlines(), 20)
    records = [json.loads(line) for line in lines]
    created = next(record for record in records if record["operation"] == "CreateUser")
    assert created["status"] == 200 and created["result"] == "success" and created["account"] == bootstrap.ACCOUNT
    assert created["duration_us"] >= created["commit_us"] > 0 and created["access_key_id"] == ADMIN.access_key
    assert log.stat().st_mode & 0o777 == 0o600
    text = log.read_text()
    for secret in (ADMIN.secret_key, "X-Amz-Signature", "Signature=", "?", "Credential="):
        assert secret not in text


def eventually_all(receiver, trail, strangers=False):
    """Every record of the trail has come, in the trail's order, whatever came twice."""
    def has_all():
        wanted = [record["eventID"] for record in (trail.strangers() if strangers else trail.records())]
        came = [json.loads(record)["eventID"] for record in receiver.records()]
        first = list(dict.fromkeys(event for event in came if event in set(wanted)))
        return wanted and first == wanted
    poll(has_all, 30)


def test_audit_records_are_sent_as_syslog_messages(tmp_path):
    syslog = Syslog()
    server, trail = serving(tmp_path / "s", "--audit-ship", syslog.url)
    with server.start():
        iam = Aws(server.url, tmp_path).iam(ADMIN)
        iam.create_user(UserName="shipped")
        with pytest.raises(botocore.exceptions.ClientError):
            iam.get_user(UserName="nobody-there")
        eventually_all(syslog, trail)
    form = re.compile(r"<(110|108)>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \S+ signet \d+ audit - \{.*\}", re.DOTALL)
    assert all(form.fullmatch(message) for message in syslog.messages)
    assert any(message.startswith("<108>") and "NoSuchEntity" in message for message in syslog.messages)
    syslog.stop()


def test_audit_records_are_sent_as_syslog_messages_over_tls(tmp_path):
    """Over a receiver's end as well; its sessions come with tickets, which are no word of the peer's."""
    certificate = Certificate(tmp_path / "receiver")
    syslog = Syslog(certificate=certificate)
    server, trail = serving(tmp_path / "s", "--audit-ship", syslog.url, "--telemetry-ca-file", certificate.chain)
    with server.start():
        iam = Aws(server.url, tmp_path).iam(ADMIN)
        iam.create_user(UserName="shipped")
        eventually_all(syslog, trail)
        iam.create_user(UserName="on-the-same-connection")
        eventually_all(syslog, trail)
        assert metric(server, "signet_audit_ship_failures_total") == 0
        port = syslog.port
        syslog.stop()
        iam.create_user(UserName="while-it-is-away")
        syslog = Syslog(port, certificate)
        iam.create_user(UserName="after")
        poll(lambda: any("after" in record for record in syslog.records()), 40)
    assert all(message.startswith("<110>1 ") for message in syslog.messages)
    syslog.stop()


def test_nothing_is_sent_to_a_syslog_that_nobody_vouches_for(tmp_path):
    syslog = Syslog(certificate=Certificate(tmp_path / "receiver"))
    server, trail = serving(tmp_path / "s", "--audit-ship", syslog.url, "--telemetry-ca-file", Certificate(tmp_path / "other").chain)
    with server.start():
        Aws(server.url, tmp_path).iam(ADMIN).create_user(UserName="kept")
        poll(lambda: metric(server, "signet_audit_ship_failures_total") > 0, 20)
        assert trail.records() and metric(server, "signet_audit_ship_behind_bytes") > 0
        assert poll(lambda: syslog.refused, 5)
    assert not syslog.messages
    syslog.stop()


def test_nothing_is_lost_over_restarts_and_a_receiver_that_is_away(tmp_path, collector):
    """Records of requests while the receiver is away, over a kill and a restart, and over files that were filled meanwhile."""
    port = collector.port
    flags = ["--audit-ship", collector.url, "--audit-rotate", "1"]
    server, trail = serving(tmp_path / "s", *flags, dev=False)
    server.start()
    iam = Aws(server.url, tmp_path).iam(ADMIN)
    iam.create_role(RoleName="before", AssumeRolePolicyDocument=trust(bootstrap.ACCOUNT))
    eventually_all(collector, trail)
    collector.stop()
    document = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": [f"s3:Get{i:04}" for i in range(400)], "Resource": "*"}})
    for number in range(200):
        iam.put_role_policy(RoleName="before", PolicyName="large", PolicyDocument=document.replace("0001", f"{number:04}"))
    poll(lambda: metric(server, "signet_audit_ship_behind_bytes"), 20)
    poll(lambda: metric(server, "signet_audit_ship_failures_total"), 20)
    server.kill()

    again = Collector(port)
    server.start()
    Aws(server.url, tmp_path).iam(ADMIN).create_user(UserName="after")
    came = lambda: [json.loads(record) for record in [*collector.records(), *again.records()]]  # noqa: E731
    poll(lambda: any(record["eventName"] == "CreateUser" and "after" in json.dumps(record) for record in came()), 40)
    names = {json.loads(json.dumps(record))["eventID"]: record["eventName"] for record in came()}
    assert sum(name == "PutRolePolicy" for name in names.values()) == 200
    assert len(list((tmp_path / "s").glob("audit.jsonl.0*"))) >= 1, "no file was filled"
    assert metric(server, "signet_audit_ship_gaps_total") == 0
    poll(lambda: metric(server, "signet_audit_ship_behind_bytes") == 0, 20)
    assert server.stop() == 0

    # Nothing is sent twice after a stop in good order.
    count = len(again.records())
    server.start()
    Aws(server.url, tmp_path).iam(ADMIN).create_user(UserName="last")
    poll(lambda: any("last" in record for record in again.records()), 20)
    assert sum("\"large\"" in record for record in again.records()[count:]) == 0
    assert server.stop() == 0
    again.stop()


def test_a_receiver_that_refuses_stops_the_shipping_and_loses_nothing(tmp_path, collector):
    collector.answers = [(401, "")] * 2
    server, trail = serving(tmp_path / "s", "--audit-ship", collector.url)
    with server.start():
        Aws(server.url, tmp_path).iam(ADMIN).create_user(UserName="kept")
        eventually_all(collector, trail)
        assert collector.refused == 2


@pytest.mark.parametrize("flag, value", [("--traces", "localhost:4318"), ("--traces", "ftp://a"), ("--audit-ship", "udp://a:514"),
                                         ("--audit-ship", "syslog://a/b"),
                                         ("--audit-ship", "syslog+tls://a/b"), ("--traces-share", "2"), ("--telemetry-headers", "/nonexistent")])
def test_a_wrong_flag_stops_the_start(tmp_path, flag, value):
    server, _ = serving(tmp_path / "s", flag, value)
    with pytest.raises(AssertionError):
        server.start()


def test_shipping_needs_a_trail(tmp_path):
    server = Server(["--dev", "--listen", "127.0.0.1:0", "--audit-ship", "syslog://127.0.0.1:1"], tmp_path / "s")
    with pytest.raises(AssertionError, match="--audit a file"):
        server.start()
