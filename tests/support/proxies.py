"""Debian's nginx and Caddy, started with the very lines that docs/guide/operate-behind-tls.md shows.

Their packages are unpacked below build/, never installed: an installed one would start a server of its own."""
import os
import pathlib
import re
import shutil
import socket
import subprocess
import time

import pytest

from support.server import ROOT

GUIDE = ROOT / "docs" / "guide" / "operate-behind-tls.md"
UNPACKED = ROOT / "build" / "proxies"
PROGRAMS = {"nginx": "usr/sbin/nginx", "caddy": "usr/bin/caddy"}


def program(name):
    """The path of the proxy; the test is skipped where it is neither there nor to be had."""
    path = UNPACKED / PROGRAMS[name]
    if not path.exists():
        found = shutil.which(name)
        if found:
            return found
        _unpack(name)
    return str(path)


def _unpack(name):
    if not shutil.which("apt-get"):
        pytest.skip(f"{name} is not installed and this is not a Debian machine")
    UNPACKED.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(["apt-get", "-q", "download", name], cwd=UNPACKED, capture_output=True, text=True, timeout=120, check=False)
    packages = list(UNPACKED.glob(f"{name}_*.deb"))
    if done.returncode != 0 or not packages:
        pytest.skip(f"Debian's {name} cannot be downloaded: {done.stderr.strip()[-200:]}")
    subprocess.run(["dpkg-deb", "-x", packages[0], UNPACKED], check=True, timeout=60)


def shown(language):
    """The one block of the guide in that language."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert len(blocks) == 1, f"{GUIDE} shows {len(blocks)} blocks of {language}"
    return blocks[0]


def replaced(text, changes):
    """The text with each of these parts, which must be there, put for this place."""
    for old, new in changes.items():
        assert old in text, f"the guide's lines say nothing of {old!r}"
        text = text.replace(old, new)
    return text


class Proxy:
    """A TLS proxy on a port of loopback in front of a server. Ends with its `with` block."""

    def __init__(self, name, server, certificate, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        self.port = free_port()
        self.url = f"https://127.0.0.1:{self.port}"
        start = {"nginx": self._nginx, "caddy": self._caddy}[name]
        self._command = start(program(name), f"127.0.0.1:{server.port}", certificate)

    def _nginx(self, path, upstream, certificate):
        block = replaced(shown("nginx"), {
            "listen 443 ssl": f"listen 127.0.0.1:{self.port} ssl", "127.0.0.1:9311": upstream,
            "/etc/nginx/chain.pem": str(certificate.chain), "/etc/nginx/key.pem": str(certificate.key)})
        temporary = "".join(f"{kind}_temp_path {self.folder}/{kind};\n" for kind in
                            ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        config = self.folder / "nginx.conf"
        config.write_text(f"daemon off; master_process off; pid {self.folder}/pid; error_log {self.folder}/log;\n"
                          f"events {{}}\nhttp {{ access_log off;\n{temporary}{block}}}\n")
        return [path, "-e", str(self.folder / "log"), "-p", str(self.folder), "-c", str(config)]

    def _caddy(self, path, upstream, certificate):
        block = replaced(shown("caddyfile"), {
            "signet.example {\n": f"https://127.0.0.1:{self.port} {{\n  tls {certificate.chain} {certificate.key}\n",
            "127.0.0.1:9311": upstream})
        config = self.folder / "Caddyfile"
        config.write_text("{\n  admin off\n  auto_https disable_redirects\n}\n" + block)
        return [path, "run", "--adapter", "caddyfile", "--config", str(config)]

    def __enter__(self):
        with open(self.folder / "out", "wb") as out:
            self._process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                                             env={"PATH": os.environ["PATH"], "HOME": str(self.folder)})
        deadline = time.monotonic() + 20
        while not _answers(self.port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                raise AssertionError("the proxy did not start:\n" + (self.folder / "out").read_text()[-2000:])
        return self

    def __exit__(self, *_):
        if self._process.poll() is None:
            self._process.terminate()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def _answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        time.sleep(0.05)
        return False
