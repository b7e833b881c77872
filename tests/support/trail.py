"""The audit files of a server under test."""
import contextlib
import hashlib
import json
import pathlib
import subprocess
import time

from support import bootstrap
from support.aws import Aws
from support.server import BINARY, Server


@contextlib.contextmanager
def recording_server(folder):
    """A dev server that records: (server, clients, trail). It has to stop without a complaint."""
    file = folder / "bootstrap.json"
    file.write_text(json.dumps(bootstrap.document()))
    (folder / "trail").mkdir()
    trail = Trail(folder / "trail" / "audit.jsonl")
    server = Server(["--dev", "--listen", "127.0.0.1:0", "--bootstrap", file, "--audit", trail.path], folder).start()
    yield server, Aws(server.url, folder), trail
    assert server.stop() == 0


class Trail:
    """The trail at `path` and the one of unknown callers beside it."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.strangers_path = self.path.with_name(f"{self.path.stem}-unauthenticated{self.path.suffix}")

    def records(self):
        return _read(self.path)

    def strangers(self):
        return _read(self.strangers_path)

    def text(self):
        """Every byte of every file, to look for what must not be there."""
        return "".join(file.read_text(encoding="utf-8") for file in sorted(self.path.parent.glob(f"{self.path.stem}*")))

    def await_records(self, find, strangers=False, timeout=10):
        """The records for which `find` is true, once there is one: reads are written within 200 ms."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            found = [record for record in (self.strangers() if strangers else self.records()) if find(record)]
            if found:
                return found
        raise AssertionError(f"no such record among {[record.get('eventName') for record in self.records()][-20:]}")

    def event(self, name, of, strangers=False):
        """The one record of that event that mentions `of`."""
        found = self.await_records(lambda record: record["eventName"] == name and of in json.dumps(record), strangers)
        assert len(found) == 1, found
        return found[0]

    def verify(self):
        """`signet audit verify` on the folder; (exit code, what it printed)."""
        done = subprocess.run([str(BINARY), "audit", "verify", str(self.path.parent)], capture_output=True, text=True, timeout=60,
                              check=False)
        return done.returncode, done.stdout + done.stderr


def files_of(path):
    """The files of a trail, oldest first."""
    return sorted(path.parent.glob(path.name + "." + "[0-9]" * 12)) + ([path] if path.exists() else [])


def _read(path):
    """Whole lines only: the last one may be under way. The chain is checked by the way, independently of the server."""
    records, digest = [], "0" * 64
    for file in files_of(path):
        for line in file.read_text(encoding="utf-8").split("\n")[:-1]:
            covered, _, tail = line.rpartition(',"chain":"')
            record = json.loads(line)
            digest = hashlib.sha256((digest + covered).encode()).hexdigest()
            assert tail == digest + '"}' and record["sequence"] == len(records) + 1, f"the chain breaks in {file}: {line[:200]}"
            records.append(record)
    return records
