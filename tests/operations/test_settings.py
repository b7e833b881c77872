"""Settings come from flags, then variables, then a file; the table of settings is what the program has."""
import csv
import os
import re
import subprocess

import pytest

from support.server import BINARY, ROOT, Server


def table():
    with open(ROOT / "facts" / "settings.tsv", encoding="utf-8") as file:
        return list(csv.DictReader((line for line in file if not line.startswith("#")), delimiter="\t", quoting=csv.QUOTE_NONE))


def started(tmp_path, config, *flags, env=None):
    path = tmp_path / "signet.toml"
    path.write_text(config)
    return Server(["--dev", "--config", path, *flags], tmp_path / "s", env=os.environ | (env or {}))


def test_help_tells_exactly_the_settings_of_the_table():
    text = subprocess.run([str(BINARY), "serve", "--help"], capture_output=True, text=True, timeout=20, check=True).stdout
    told = set(re.findall(r"^\s+(?:-h,)?--([a-z0-9-]+)", text, re.MULTILINE)) - {"help"}
    assert told == {row["setting"] for row in table()}
    variables = {name for name in re.findall(r"Env:(SIGNET_\w+)", text)}
    assert variables == {row["variable"] for row in table()} - {"-"}


def test_a_file_is_read_where_neither_flag_nor_variable_says_otherwise(tmp_path):
    trail = tmp_path / "audit.jsonl"
    server = started(tmp_path, f'listen = "127.0.0.1:0"\naudit = "{trail}"\nquiet = true\nthreads = 2\nlimit = ["memory.bodies=8MiB", "tickets.session=3"]\n')
    with server.start():
        assert trail.exists()
        assert "DEVELOPMENT MODE" not in server.said
    other = tmp_path / "other.jsonl"
    server = started(tmp_path, f'listen = "127.0.0.1:1"\naudit = "{trail}"\n', "--listen=127.0.0.1:0", env={"SIGNET_AUDIT": str(other)})
    with server.start():
        assert server.port != 1 and other.exists()


def test_the_variable_names_the_file_too(tmp_path):
    path = tmp_path / "signet.toml"
    path.write_text('listen = "127.0.0.1:0"\nquiet = true\n')
    server = Server(["--dev"], tmp_path / "s", env=os.environ | {"SIGNET_CONFIG": str(path)})
    with server.start():
        assert "DEVELOPMENT MODE" not in server.said


@pytest.mark.parametrize("config, complaint", [
    ("\nlisten-on = 1\n", r"signet.toml:2: there is no setting listen-on"),
    ("thread = 2\n", r'did you mean "threads"'),
    ("threads = 300\n", "threads"),
    ("threads = [1, 2]\n", "takes one value"),
    ("quiet = 1\n", "true or false"),
    ("config = \"a\"\n", "there is no setting config"),
    ("[serve]\nquiet = true\n", "signet.toml:1"),
    ("listen = \n", "signet.toml:1"),
])
def test_a_wrong_file_stops_the_start_and_says_where(tmp_path, config, complaint):
    path = tmp_path / "signet.toml"
    path.write_text(config)
    done = subprocess.run([str(BINARY), "serve", "--dev", "--listen", "127.0.0.1:0", "--config", str(path)], capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode != 0 and re.search(complaint, done.stderr + done.stdout), done.stderr + done.stdout


def test_a_file_that_is_not_there_stops_the_start(tmp_path):
    done = subprocess.run([str(BINARY), "serve", "--dev", "--config", str(tmp_path / "none")], capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode != 0 and "none" in done.stderr
