"""The server of the matrix, and what runs tools against it."""
import pytest

from matrix_world import World
from tool_runner import Tool


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    made = World(tmp_path_factory.mktemp("clients"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def later_world(tmp_path_factory):
    """Another, whose clock is moved on."""
    made = World(tmp_path_factory.mktemp("later"))
    yield made
    made.close()


@pytest.fixture
def tool(world, tmp_path, record_property, request):
    record_property("what", request.function.__doc__.strip())
    return Tool(world, tmp_path, record_property)
