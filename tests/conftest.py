"""Fixtures: one --dev server for all tests, put back to its bootstrap state before each."""
import csv
import datetime
import json
import os
import pathlib

import pytest

from support import bootstrap, templates, upstreams
from support.aws import Aws
from support.server import BINARY, ROOT, Clock, Server


def pytest_addoption(parser):
    parser.addoption("--rounds", type=int, default=10, help="rounds of the crash test")
    parser.addoption("--upstream", choices=sorted(upstreams.ALL), help="the server stands in front of this S3 service")


def pytest_configure(config):
    # boto3 must see nothing of the machine's user.
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull


def pytest_collection_modifyitems(config, items):
    """With --upstream, what is known to differ there must differ (upstream_differences.tsv)."""
    upstream = config.getoption("--upstream")
    if not upstream:
        return
    with open(pathlib.Path(__file__).parent / "conformance" / "upstream_differences.tsv", encoding="utf-8") as file:
        rows = list(csv.DictReader((line for line in file if not line.startswith("#")), delimiter="\t", quoting=csv.QUOTE_NONE))
    for item in items:
        name = f"{item.path.stem}::{item.name}"
        for row in rows:
            if row["upstream"] in ("all", upstream) and (name == row["test"] or name.startswith(row["test"] + "[")):
                item.add_marker(pytest.mark.xfail(reason=row["why"], strict=True))


@pytest.fixture(scope="session")
def upstream(request, tmp_path_factory):
    """What --upstream names; None: objects lie with the server itself."""
    name = request.config.getoption("--upstream")
    if name is None:
        yield None
        return
    made = upstreams.ALL[name](tmp_path_factory.mktemp("upstream"))
    yield made
    made.stop()


@pytest.fixture(scope="session")
def dev_server(tmp_path_factory, upstream):
    """The server of the whole run. Without a binary every test that needs it fails."""
    assert BINARY.exists(), f"{BINARY} is missing: run ./test or `cmake --build --preset release`"
    folder = tmp_path_factory.mktemp("server")
    more = upstreams.flags(upstream.url, folder) if upstream else []
    file = folder / "bootstrap.json"
    file.write_text(json.dumps(bootstrap.document()))
    server = Server(["--dev", "--listen", "127.0.0.1:0", "--bootstrap", file, *templates.FLAGS, *more], folder).start()
    yield server
    assert server.is_running(), (folder / "server.log").read_text()[-3000:]
    assert server.stop() == 0, (folder / "server.log").read_text()[-3000:]


@pytest.fixture
def server(dev_server, upstream):
    """The server in its bootstrap state, on the machine's time."""
    if upstream:
        upstream.wipe()
    dev_server.post("/_signet/clock", {"reset": True})
    dev_server.post("/_signet/reset")
    return dev_server


@pytest.fixture
def clock(server):
    return Clock(server)


@pytest.fixture
def shift_time(clock, monkeypatch):
    """Moves the server's clock by seconds, and what boto3 signs with it."""

    def now(remove_tzinfo=True):
        moment = datetime.datetime.fromtimestamp(clock.now(), datetime.timezone.utc)
        return moment.replace(tzinfo=None) if remove_tzinfo else moment

    def shift(seconds):
        clock.shift(seconds)
        for module in ("botocore.auth", "botocore.crt.auth"):
            monkeypatch.setattr(f"{module}.get_current_datetime", now)

    return shift


@pytest.fixture
def aws(server, tmp_path):
    """Client factory; its home folder is empty."""
    return Aws(server.url, tmp_path)


@pytest.fixture
def admin_iam(aws):
    return aws.iam(bootstrap.ADMIN)


@pytest.fixture(scope="session")
def artifacts():
    """Where screenshots and other things to look at go."""
    folder = ROOT / "build" / "artifacts"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
