"""docs/guide/first-day.md where nothing is installed: on an empty Debian 12, which builds everything, and in an empty container, which gets
the archive of ./package. Each runs tests/first_day inside. Needs root; takes a quarter of an hour."""
import os
import pathlib
import shutil
import subprocess

import pytest

from support import roots
from support.roots import in_root, run
from support.server import ROOT

DIST = ROOT / "build" / "dist"
# What the guide's tests need besides Signet: the interpreters of the two test suites, a proxy, certificates.
GUIDE_NEEDS = ["ca-certificates", "nginx", "nodejs", "npm", "openssl", "python3-venv"]
# How this machine reaches the registries of Debian, Python and npm: what the root has to know too.
FILES = ["/etc/apt", "/etc/pip.conf", "/usr/share/keyrings", "/usr/local/share/ca-certificates", "/etc/ssl/certs", "/etc/resolv.conf",
         "/etc/hosts"]
VARIABLES = ("pip_", "npm_config_", "http_proxy", "https_proxy", "no_proxy", "node_extra_ca_certs", "ssl_cert_", "requests_ca_bundle",
             "curl_ca_bundle")


@pytest.fixture(scope="session", autouse=True)
def needs_root():
    roots.needs_root()


@pytest.fixture
def debian(tmp_path):
    """An empty Debian 12 with a copy of the checkout in /src that reaches the registries as this machine does."""
    with roots.debian("bookworm", tmp_path / "root") as root:
        for name in FILES:
            shutil.rmtree(root / name[1:], ignore_errors=True) if name == "/etc/apt" else None
            if pathlib.Path(name).exists():
                (root / name[1:]).parent.mkdir(parents=True, exist_ok=True)
                done = run("cp", "-aLT", name, root / name[1:])
                assert done.returncode == 0, done.stderr
        copy_checkout(root / "src")
        yield root


def copy_checkout(target):
    """Every file that is in the repository or would go into it."""
    names = subprocess.run(["git", "-C", ROOT, "ls-files", "-z", "-co", "--exclude-standard"], check=True, capture_output=True).stdout
    target.mkdir()
    subprocess.run(["tar", "-C", ROOT, "--null", "-T-", "-cf", target / "checkout.tar"], input=names, check=True)
    subprocess.run(["tar", "-C", target, "-xf", target / "checkout.tar"], check=True)
    (target / "checkout.tar").unlink()


def environment(**more):
    kept = {name: value for name, value in os.environ.items() if name.lower().startswith(VARIABLES)}
    cafile = os.environ.get("NODE_EXTRA_CA_CERTS")
    return {**kept, **({"npm_config_cafile": cafile} if cafile else {}), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root",
            "LANG": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive", **more}


def in_debian(root, script, **more):
    """Runs lines of shell in /src; what they print, which is shown where they fail."""
    done = in_root(root, "/bin/bash", "-euc", f"cd /src\n{script}", env=environment(**more), timeout=3000)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout


def test_from_an_empty_debian(debian):
    said = in_debian(debian, "./test --first-day")
    assert said.rstrip().splitlines()[-1] == "11 passed, 0 failed"


def test_from_an_empty_container(debian):
    (archive,) = DIST.glob("signet-*-linux-amd64.tar.gz")
    shutil.copy(archive, debian / "root")
    in_debian(debian, f"apt-get -q update\napt-get -q -y --no-install-recommends install {' '.join(GUIDE_NEEDS)}")
    assert in_root(debian, "/usr/bin/which", "g++", env=environment()).returncode != 0
    in_debian(debian, "python3 -m venv /venv\n/venv/bin/pip install -q -r tests/requirements.txt")
    said = in_debian(debian, "/venv/bin/python -m pytest -q -p no:cacheprovider -c tests/pytest.ini --rootdir tests tests/first_day",
                     SIGNET_FIRST_DAY_ARCHIVE=f"/root/{archive.name}")
    assert "11 passed" in said
