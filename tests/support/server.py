"""Starts the built server for a test and stops it again."""
import datetime
import json
import os
import pathlib
import re
import selectors
import subprocess
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# Another build, for instance one with sanitizers: ./test --conformance --preset asan.
BUILD = ROOT / "build" / os.environ.get("SIGNET_TEST_PRESET", "release")
BINARY = BUILD / "signet"
READY = re.compile(r"listening on (https?://[0-9.]+:([0-9]+))")


class Server:
    """One `signet serve` process. `arguments` follow `serve`; its log goes to `folder`. `program` is the command before `serve`."""

    def __init__(self, arguments, folder, program=(BINARY,), env=None):
        self.program = [str(word) for word in program]
        self.env = env
        self.arguments = [str(argument) for argument in arguments]
        self.folder = pathlib.Path(folder)
        self.url = None
        self.port = None
        self.said = None  # what it printed until it was ready
        self._process = None

    def start(self, timeout=20):
        """Returns once the server has printed its address."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.folder / "server.log", "ab") as log:
            self._process = subprocess.Popen([*self.program, "serve", *self.arguments], stdout=subprocess.PIPE, stderr=log,
                                             stdin=subprocess.DEVNULL, env=self.env)
        self.url, self.port = self._await_address(timeout)
        return self

    def _await_address(self, timeout):
        selector = selectors.DefaultSelector()
        selector.register(self._process.stdout, selectors.EVENT_READ)
        deadline = time.monotonic() + timeout
        seen = ""
        while time.monotonic() < deadline:
            if not selector.select(timeout=0.2):
                continue
            # Not through the buffered reader: select knows nothing of what that has read ahead.
            chunk = os.read(self._process.stdout.fileno(), 65536)
            if not chunk:
                break
            seen += chunk.decode("utf-8", errors="replace")
            match = READY.search(seen)
            if match:
                self.said = seen
                return match.group(1), int(match.group(2))
        self.kill()
        log = (self.folder / "server.log").read_text(encoding="utf-8", errors="replace")
        raise AssertionError(f"the server printed no address; it said:\n{seen}\n{log[-2000:]}")

    @property
    def pid(self):
        return self._process.pid

    def is_running(self):
        return self._process is not None and self._process.poll() is None

    def stop(self):
        """Asks the server to end; returns its exit code."""
        if self.is_running():
            self._process.terminate()
        try:
            return self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError("the server did not end within 20 s of SIGTERM") from None

    def __enter__(self):
        return self

    def __exit__(self, *raised):
        assert self.stop() == 0 or any(raised)

    def kill(self):
        """SIGKILL: what a crash or a power cut of the process looks like."""
        self._process.kill()
        self._process.wait()

    def get(self, path):
        """The decoded JSON of an administrative path."""
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:
            return json.loads(answer.read())

    def post(self, path, value=None):
        """POSTs JSON to an administrative path of --dev; returns the decoded answer, or None when it is empty."""
        body = json.dumps(value).encode() if value is not None else b""
        request = urllib.request.Request(self.url + path, data=body, method="POST")
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read()
        return json.loads(text) if text.strip() else None


class Clock:
    """The wall clock of a --dev server."""

    def __init__(self, server):
        self._server = server

    def shift(self, seconds):
        """Moves the clock; sessions, TOTP and signatures follow."""
        return self._server.post("/_signet/clock", {"shift_seconds": seconds})

    def set(self, when):
        return self._server.post("/_signet/clock", {"set": when.strftime("%Y-%m-%dT%H:%M:%SZ")})

    def reset(self):
        """Back to the machine's time."""
        return self._server.post("/_signet/clock", {"reset": True})

    def now(self):
        """What the server takes for the present, in seconds since 1970."""
        text = self._server.get("/_signet/clock")["now"]
        return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
