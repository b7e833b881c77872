"""Fixtures: one --dev server for all tests, put back to its bootstrap state before each."""
import datetime
import json
import os

import pytest

from support import bootstrap, templates
from support.aws import Aws
from support.server import BINARY, ROOT, Clock, Server


def pytest_addoption(parser):
    parser.addoption("--rounds", type=int, default=10, help="rounds of the crash test")


def pytest_configure(config):
    # boto3 must see nothing of the machine's user.
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull


@pytest.fixture(scope="session")
def dev_server(tmp_path_factory):
    """The server of the whole run. Without a binary every test that needs it fails."""
    assert BINARY.exists(), f"{BINARY} is missing: run ./test or `cmake --build --preset release`"
    folder = tmp_path_factory.mktemp("server")
    file = folder / "bootstrap.json"
    file.write_text(json.dumps(bootstrap.document()))
    server = Server(["--dev", "--listen", "127.0.0.1:0", "--bootstrap", file, *templates.FLAGS], folder).start()
    yield server
    assert server.is_running(), (folder / "server.log").read_text()[-3000:]
    assert server.stop() == 0, (folder / "server.log").read_text()[-3000:]


@pytest.fixture
def server(dev_server):
    """The server in its bootstrap state, on the machine's time."""
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
