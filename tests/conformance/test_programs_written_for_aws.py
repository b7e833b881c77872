"""Programs that were written for AWS (tests/programs: its hosts in their source, prompts that a person answers) run as they are
under `signet run --intercept`; what a person does at the keys is all that is supplied."""
import os
import pty
import re
import select
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from support import totp
from support.server import BINARY, ROOT

PROGRAMS = ROOT / "tests" / "programs"


class Person:
    """Runs a program at a terminal and answers its prompts."""

    def __init__(self, program, *arguments):
        environment = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        script = f'echo "endpoint: $SIGNET_ENDPOINT"; exec "{sys.executable}" "$@"'
        command = [str(BINARY), "run", "--fresh", "--intercept", "--", "sh", "-c", script, "sh", str(PROGRAMS / program), *arguments]
        self._terminal, theirs = pty.openpty()
        self._process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
                                         env=environment | {"PYTHONDONTWRITEBYTECODE": "1"})
        os.close(theirs)
        self.said = ""
        self.endpoint = self.read(r"endpoint: (\S+)")
        self._seed, self._step = None, 0

    def read(self, pattern, timeout=60):
        """Reads on until the pattern shows; its first group."""
        deadline = time.monotonic() + timeout
        while True:
            match = re.search(pattern, self.said)
            if match:
                self.said = self.said[match.end():]
                return match.group(1) if match.groups() else match.group()
            if not select.select([self._terminal], [], [], max(0, deadline - time.monotonic()))[0]:
                raise AssertionError(f"nothing like {pattern!r} in: {self.said}")
            try:
                self.said += os.read(self._terminal, 65536).decode(errors="replace").replace("\r\n", "\n")
            except OSError:
                raise AssertionError(f"it ended with {self._process.wait()} and said: {self.said}") from None

    def type(self, text):
        os.write(self._terminal, f"{text}\n".encode())

    def scan(self, image):
        """What an authenticator app does with the QR code."""
        read = subprocess.run(["zbarimg", "--quiet", "--raw", image], capture_output=True, text=True, check=True).stdout
        self._seed = re.search(r"secret=([A-Z2-7]+)", read)[1]
        os.unlink(image)

    def next_code(self):
        """A code that was not shown before; the server's clock is moved on instead of waiting for it."""
        if self._step:
            post(f"{self.endpoint}/_signet/clock", b'{"shift_seconds": 30}')
        self._step += 1
        return totp.code(self._seed, time.time() + 30 * (self._step - 1))

    def end(self):
        """Its exit code, and the rest of what it said."""
        try:
            while True:
                self.said += os.read(self._terminal, 65536).decode(errors="replace")
        except OSError:
            pass
        os.close(self._terminal)
        return self._process.wait(timeout=30)

    def enrol(self):
        self.scan(self.read(r"The QR code is in (\S+):"))
        self.read("The code that the app shows: ")
        self.type(self.next_code())
        self.read("The code that it shows next: ")
        self.type(self.next_code())
        self.read("The device is enabled.")


def post(url, body):
    with urllib.request.urlopen(urllib.request.Request(url, data=body, headers={"Content-Type": "application/json"}), timeout=10):
        pass


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def test_the_federated_link_leads_to_the_console():
    person = Person("federated_url.py", "1")
    link = person.read(r"(https://signin\.aws\.amazon\.com/federation\?Action=login\S+)")
    assert "Issuer=example.org" in link and "Destination=https%3A%2F%2Fconsole.aws.amazon.com%2F" in link
    person.read("Press Enter when you are done. ")
    # A browser that is outside finds the page at the server itself.
    opener = urllib.request.build_opener(NoRedirect, urllib.request.ProxyHandler({}))
    with pytest.raises(urllib.error.HTTPError) as moved:
        opener.open(link.replace("https://signin.aws.amazon.com", person.endpoint), timeout=10)
    assert moved.value.code == 302 and "/_console/" in moved.value.headers["Location"]
    person.type("")
    person.read("Deleted role federated-")
    assert person.end() == 0


@pytest.mark.parametrize("program", ["session_token_mfa.py", "assume_role_mfa.py"])
def test_what_a_person_types_is_all_that_it_takes(program):
    person = Person(program)
    person.enrol()
    person.read("Without MFA: AccessDenied")
    person.read("A code of the device: ")
    person.type(person.next_code())
    assert person.read(r"Buckets: (\[.*\])") == "[]"
    person.read("Removed the user and all that belonged to it.")
    assert person.end() == 0
