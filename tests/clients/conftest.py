"""The server of the matrix."""
import pytest

from matrix_world import World


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    made = World(tmp_path_factory.mktemp("clients"))
    yield made
    made.close()
