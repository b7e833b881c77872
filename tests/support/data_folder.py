"""Fixtures of tests that run a server on a data folder and signet's commands on the same one."""
import json

import pytest

from support import bootstrap
from support.server import Server


def serve(home, data="data"):
    return Server(["--listen", "127.0.0.1:0", "--data", home / data, "--bootstrap", home / "bootstrap.json"], home)


@pytest.fixture
def home(tmp_path):
    (tmp_path / "bootstrap.json").write_text(json.dumps(bootstrap.document()))
    return tmp_path


@pytest.fixture
def server(home):
    """A server with a data folder, `data` in the home."""
    running = serve(home).start()
    yield running
    if running.is_running():
        assert running.stop() == 0
