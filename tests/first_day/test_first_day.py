"""docs/guide/first-day.md, every command of it, from top to bottom in an empty folder. The steps are one day: each needs those before."""
import dataclasses
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile

import pytest

from support.certificates import Certificate
from support.proxies import Proxy, free_port
from support.server import ROOT, Server

GUIDE = ROOT / "docs" / "guide" / "first-day.md"
README = ROOT / "README.md"
OLD_FOLDER = ROOT / "testdata" / "folders" / "layout2_killed.tar.xz"
# Settings of the machine that stay, how it reaches the registries among them.
KEPT = ("lang", "tmpdir", "ccache_dir", "pip_", "npm_config_", "http_proxy", "https_proxy", "no_proxy", "node_extra_ca_certs", "ssl_cert_")
# Where nothing is built: the archive of ./package that Signet comes out of.
ARCHIVE = os.environ.get("SIGNET_FIRST_DAY_ARCHIVE")
BLOCK = r"^```{language}\n(.*?)^```"


def sections():
    """Heading -> its blocks of shell, in order."""
    parts = re.split(r"^## (.*)$", GUIDE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return {heading: re.findall(BLOCK.format(language="sh"), text, re.MULTILINE | re.DOTALL)
            for heading, text in zip(parts[::2], parts[1::2])}


def example(page, language):
    """The last block of a page in a language."""
    found = re.findall(BLOCK.format(language=language), page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert found, f"{page} shows no {language}"
    return found[-1]


@dataclasses.dataclass
class Day:
    folder: pathlib.Path
    env: dict
    port: int
    server: Server | None = None
    done: set = dataclasses.field(default_factory=set)

    def blocks(self, heading):
        found = sections()[heading]
        self.done.add(heading)
        return [block.replace("127.0.0.1:9311", f"127.0.0.1:{self.port}") for block in found]

    def run(self, script, expected=0, timeout=300):
        """Runs lines as typed into the one shell of the day: what they export stays. Returns what they print."""
        kept = self.folder / "exports"
        whole = f"trap 'export -p > {kept}' EXIT\n{script}"
        done = subprocess.run(["bash", "-eu", "-c", whole] if expected == 0 else ["bash", "-u", "-c", whole], cwd=self.folder,
                              env=self.env, capture_output=True, text=True, timeout=timeout, check=False)
        assert (done.returncode == 0) == (expected == 0), done.stdout + done.stderr
        text = subprocess.run(["bash", "-c", f"source {kept}; env -0"], capture_output=True, check=True, env={"PATH": os.environ["PATH"]})
        self.env = dict(item.split("=", 1) for item in text.stdout.decode().split("\0") if item)
        return done.stdout + done.stderr

    def serve(self, command):
        """Starts the server that a block shows; one that runs is stopped before."""
        self.stop()
        words = command.split()
        assert words[:2] == ["signet", "serve"], command
        program = shutil.which("signet", path=self.env["PATH"])
        os.chdir(self.folder)
        self.server = Server(words[2:], self.folder, program=(program,), env=self.env).start()

    def stop(self):
        if self.server is not None and self.server.is_running():
            assert self.server.stop() == 0


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    folder = tmp_path_factory.mktemp("first-day")
    came_from = pathlib.Path.cwd()
    kept = {name: value for name, value in os.environ.items() if name.lower().startswith(KEPT)}
    # The AWS CLI is that of the tests' own environment, the rest the machine's.
    path = f"{pathlib.Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    day = Day(folder, {**kept, "HOME": str(folder), "PATH": path, "CHECKOUT": str(ROOT), "SIGNET_SKIP_PACKAGES": "1",
                       "npm_config_cache": str(pathlib.Path.home() / ".npm"), "PIP_CACHE_DIR": str(pathlib.Path.home() / ".cache/pip"),
                       "AWS_EC2_METADATA_DISABLED": "true", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}, free_port())
    yield day
    os.chdir(came_from)
    day.stop()


def test_install(day):
    build, unpack = day.blocks("Install")
    if ARCHIVE:
        shutil.copy(ARCHIVE, day.folder)
        day.run(unpack)
    else:
        day.run(f"cd {ROOT}\n{build}cd {day.folder}", timeout=900)
    assert day.run("command -v signet").startswith(str(day.folder))
    assert day.run("signet --version")


def test_start(day):
    (command,) = day.blocks("Start")
    day.serve(command)
    assert (day.folder / "credentials").stat().st_mode & 0o077 == 0


def test_who_am_i(day):
    (script,) = day.blocks("Who am I")
    assert ":user/admin" in day.run(script)


def test_a_yes_and_a_no(day):
    (script,) = day.blocks("A yes and a no")
    day.run(script)
    blocks = re.findall(BLOCK.format(language="sh"), README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    said = day.run(next(block for block in blocks if "create-role" in block), expected=1)
    assert '"Buckets": []' in said and "no identity-based policy allows the iam:ListUsers action" in said


def test_a_test_suite_in_python(day):
    install, run = day.blocks("A test suite in Python")
    (day.folder / "reports_test.py").write_text(example(ROOT / "clients" / "python" / "README.md", "python"))
    day.run(install)
    assert re.search(r"1 passed", day.run(run))


def test_a_test_suite_in_node(day):
    install, run = day.blocks("A test suite in Node.js")
    (day.folder / "reports.test.mjs").write_text(example(ROOT / "clients" / "node" / "README.md", "js"))
    day.run(install)
    assert "# pass 1" in day.run(run)


def test_a_lost_key(day):
    recover, ask = day.blocks("A lost key")
    account = day.run("aws sts get-caller-identity --query Account --output text").strip()
    said = day.run(recover.replace("111122223333", account))
    assert account in said
    users = json.loads(day.run(ask))["Users"]
    assert [user["UserName"] for user in users] == ["admin", "rescue"]


def test_tls_behind_nginx(day):
    serve, ask = day.blocks("TLS behind nginx")
    day.serve(serve)
    certificate = Certificate(day.folder, "ec")
    with Proxy("nginx", day.server, certificate, day.folder / "nginx") as proxy:
        said = day.run(ask.replace("https://signet.example", proxy.url))
    assert ":user/rescue" in said and '"Location": "/kept"' in said


def test_a_backup_and_the_same_elsewhere(day):
    copy, serve, ask = day.blocks("A backup, and the same elsewhere")
    said = day.run(copy)
    assert "every file is as it was stored" in said
    day.serve(serve)
    buckets = json.loads(day.run(ask))["Buckets"]
    assert [bucket["Name"] for bucket in buckets] == ["kept"]


def test_an_upgrade(day):
    serve, ask = day.blocks("An upgrade")
    copy, _, serve = serve.rpartition("signet serve")
    day.stop()
    shutil.rmtree(day.folder / "data")
    with tarfile.open(OLD_FOLDER) as archive:  # of a server that wrote the layout before
        archive.extractall(day.folder / "data")
    os.chmod(day.folder / "data", 0o700)
    day.run(copy)
    day.serve("signet serve" + serve)
    day.run(ask)
    assert (day.folder / "data-before").is_dir()
    day.stop()
    assert "signet folder 2" in (day.folder / "data" / "signet.folder").read_text()


def test_nothing_of_the_page_was_left_out(day):
    assert day.done == set(sections())
