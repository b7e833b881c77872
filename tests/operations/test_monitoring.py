"""The metrics are what their page says, well formed, and all that the alerts and the dashboard ask for; checked by Prometheus' own promtool."""
import json
import re
import shutil
import ssl
import subprocess
import time
import urllib.request

import botocore.exceptions
import pytest

from support.aws import Aws
from support.bootstrap import ADMIN
from support.certificates import Certificate
from support.cluster import Cluster
from support.collector import Collector
from support.people import create_user
from support.server import ROOT, Server
from support.wire import Wire

FOLDER = ROOT / "packaging" / "monitoring"
NAME = re.compile(r"\bsignet_[a-z0-9_]+")


def promtool(*arguments, text=None):
    assert shutil.which("promtool"), "promtool is missing: `./test --operations` installs it (packages.txt)"
    return subprocess.run(["promtool", *map(str, arguments)], input=text, capture_output=True, text=True, timeout=60, check=False)


def scrape(url):
    with urllib.request.urlopen(url + "/_signet/metrics", timeout=10) as answer:
        return answer.read().decode()


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    """What a node of a cluster shows that has everything switched on, after a request of each kind."""
    folder = tmp_path_factory.mktemp("monitoring")
    collector = Collector()
    with Cluster(folder, nodes=1) as cluster:
        more = ["--traces", collector.url, "--audit-ship", collector.url, "--access-log", folder / "access.jsonl"]
        node = cluster.make_node(7, flags=more).start()
        aws = Aws(node.url, node.folder)
        iam = aws.iam(ADMIN)
        _, keys = create_user(iam, "limited")
        iam.put_user_policy(UserName="limited", PolicyName="p", PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "iam:ListRoles", "Resource": "*"}}))
        for call in ("list_users", "list_roles"):
            with pytest.raises(botocore.exceptions.ClientError):
                getattr(aws.iam(keys), call)()
        wire = Wire(node)
        assert wire.query("sts", "GetCallerIdentity", {}, ADMIN, tamper=True).code == "SignatureDoesNotMatch"
        wire.close()
        yield scrape(node.url)
        node.kill()
    collector.stop()


def values(text):
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if not line.startswith("#")}


def families(text):
    return set(re.findall(r"^# TYPE (\S+)", text, re.MULTILINE))


def test_requests_are_told_by_operation_outcome_and_time(text):
    found = values(text)
    labels = '{service="iam",operation="CreateUser",result="success"'
    assert found["signet_requests_total" + labels + "}"] == 1
    assert found["signet_request_duration_seconds_count" + labels + "}"] == 1
    assert found["signet_request_duration_seconds_bucket" + labels + ',le="+Inf"}'] == 1
    assert 0 < found["signet_request_duration_seconds_sum" + labels + "}"] < 30
    assert found['signet_denials_total{policy="identity",verdict="implicit"}'] == 1
    assert found['signet_denials_total{policy="identity",verdict="explicit"}'] == 1
    assert found['signet_authentication_failures_total{reason="SignatureDoesNotMatch"}'] == 1
    assert found["signet_ready"] == 1 and found["signet_directory_commit_duration_seconds_count"] >= 3
    assert found["signet_process_resident_memory_bytes"] > 1e6 and found["signet_process_open_fds"] > 3


def test_promtool_accepts_the_metrics(text):
    done = promtool("check", "metrics", text=text)
    assert done.returncode == 0, done.stdout + done.stderr


def test_promtool_accepts_the_alerts_and_they_fire_when_they_should():
    done = promtool("check", "rules", FOLDER / "signet.rules.yml")
    assert done.returncode == 0, done.stdout + done.stderr
    done = promtool("test", "rules", FOLDER / "signet.rules.test.yml")
    assert done.returncode == 0, done.stdout + done.stderr


def base(name, known):
    """The family that a name of a histogram's series belongs to."""
    return next((name[:-len(end)] for end in ("_bucket", "_sum", "_count") if name.endswith(end) and name[:-len(end)] in known), name)


def test_alerts_dashboard_and_guide_ask_for_metrics_that_there_are(text, tmp_path):
    known = families(text)
    certificate = Certificate(tmp_path / "tls", "ec")
    server = Server(["--dev", "--listen", "127.0.0.1:0", *certificate.flags], tmp_path / "s").start()
    context = ssl.create_default_context(cafile=str(certificate.chain))
    with urllib.request.urlopen(server.url + "/_signet/metrics", timeout=10, context=context) as answer:
        served = answer.read().decode()
    server.stop()
    known |= families(served)
    ends = values(served)["signet_tls_certificate_not_after_timestamp_seconds"] - time.time()
    assert 86400 < ends < 3 * 86400
    for path in [FOLDER / "signet.rules.yml", FOLDER / "signet.dashboard.json", ROOT / "docs" / "guide" / "monitoring.md"]:
        named = {base(name, known) for name in NAME.findall(path.read_text())}
        assert not named - known, f"{path.name} names what there is not: {sorted(named - known)}"
    guide = (ROOT / "docs" / "guide" / "monitoring.md").read_text()
    assert not [name for name in known if name not in guide], "metrics that the guide does not tell"


def test_every_query_of_the_dashboard_is_one(tmp_path):
    """promtool reads them as the expressions of rules."""
    dashboard = json.loads((FOLDER / "signet.dashboard.json").read_text())
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
    assert len(queries) > 20 and len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
    plain = [query.replace("$__rate_interval", "5m").replace("$instance", ".*").replace("$operation", "AssumeRole") for query in queries]
    rules = tmp_path / "rules.yml"
    rules.write_text(json.dumps({"groups": [{"name": "g", "rules": [{"record": f"r{i}", "expr": query} for i, query in enumerate(plain)]}]}))
    done = promtool("check", "rules", rules)
    assert done.returncode == 0, done.stdout + done.stderr


def test_live_and_ready_say_what_is_so(tmp_path):
    server = Server(["--dev", "--listen", "127.0.0.1:0"], tmp_path)
    with server.start():
        assert server.get("/_signet/live")["status"] == "ok" and server.get("/_signet/ready")["status"] == "ok"
