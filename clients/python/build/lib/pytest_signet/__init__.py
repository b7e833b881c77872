"""pytest fixtures for Signet: a server for the run, put back to its first state before each test.

Installed, the fixtures are there; from a checkout, one line in conftest.py: pytest_plugins = ["pytest_signet"].
"""
import pytest

from pytest_signet.server import Clock, Credentials, Server, SignetNotFound, default_bootstrap, totp
from pytest_signet.testbed import Role, Signet, User

__all__ = ["Clock", "Credentials", "Role", "Server", "Signet", "SignetNotFound", "User", "default_bootstrap", "totp"]


@pytest.fixture(scope="session")
def signet_bootstrap():
    """What the server begins with: a path or a dict. Override it in your conftest.py."""
    return default_bootstrap()


@pytest.fixture(scope="session")
def signet_server(signet_bootstrap, tmp_path_factory):
    """The server of the run."""
    server = Server(signet_bootstrap, tmp_path_factory.mktemp("signet"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def signet(signet_server):
    """The server in its first state and on the machine's time, with factories for clients, users, roles and buckets."""
    signet_server.reset()
    return Signet(signet_server)


@pytest.fixture
def signet_env(signet, monkeypatch):
    """The environment in which unmodified code finds the server as its administrator; returns the variables."""
    for name, value in signet.environment().items():
        monkeypatch.setenv(name, value)
    return signet.environment()
