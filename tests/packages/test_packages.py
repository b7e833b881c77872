"""The files of ./package: that they hold what they promise and work where nothing else is. Needs root, for chroot."""
import hashlib
import json
import os
import shutil
import sys
import tarfile

import boto3
import botocore.exceptions
import pytest

from support import roots
from support.roots import CHROOT, in_root, run, with_proc
from support.server import ROOT, Server

DIST = ROOT / "build" / "dist"
BOOTSTRAP = ROOT / "examples" / "containers" / "bootstrap.json"
SUITES = ["bookworm", "trixie"]


@pytest.fixture(scope="session", autouse=True)
def needs_root():
    roots.needs_root()


def the(pattern):
    found = list(DIST.glob(pattern))
    assert len(found) == 1, f"{pattern} in {DIST}: {found}"
    return found[0]


def client(service, url):
    key = json.loads(BOOTSTRAP.read_text())["accounts"][0]["users"][0]["access_keys"][0]
    return boto3.client(service, endpoint_url=url, region_name="us-east-1", aws_access_key_id=key["access_key_id"],
                        aws_secret_access_key=key["secret_access_key"])


def says_yes_and_no(url):
    """A yes to the administrator of the bootstrap file, a no to a user who may do nothing."""
    assert client("sts", url).get_caller_identity()["Arn"] == "arn:aws:iam::123456789012:user/admin"
    iam = client("iam", url)
    iam.create_user(UserName="nobody")
    key = iam.create_access_key(UserName="nobody")["AccessKey"]
    stranger = boto3.client("iam", endpoint_url=url, region_name="us-east-1", aws_access_key_id=key["AccessKeyId"],
                            aws_secret_access_key=key["SecretAccessKey"])
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        stranger.list_users()
    assert refused.value.response["Error"]["Code"] == "AccessDenied"


def served(program, tmp_path, *arguments, env=None):
    return Server([*arguments, "--listen", "127.0.0.1:0", "--quiet", "--bootstrap", "/bootstrap.json"], tmp_path / "log", program, env)


# The program and its archive.

@pytest.fixture(scope="session")
def unpacked(tmp_path_factory):
    """The folder of the archive in a root that holds nothing else."""
    root = tmp_path_factory.mktemp("empty")
    with tarfile.open(the("signet-*-linux-amd64.tar.gz")) as tar:
        tar.extractall(root, filter="data")
    return next(root.iterdir())


def test_the_program_asks_for_no_library(unpacked):
    headers = run("readelf", "-W", "-d", "-l", unpacked / "bin" / "signet").stdout
    assert "Dynamic section" in headers  # position independent
    assert "NEEDED" not in headers and "INTERP" not in headers


def test_the_program_runs_in_an_empty_root(unpacked, tmp_path):
    root = unpacked.parent
    shutil.copy(BOOTSTRAP, root / "bootstrap.json")
    done = in_root(root, f"/{unpacked.name}/bin/signet", "serve", "--dev", "--listen", "127.0.0.1:0", timeout=20)
    assert done.returncode != 0 and "TMPDIR" in done.stderr, done.stderr
    (root / "tmp").mkdir()
    server = served([CHROOT, root, f"/{unpacked.name}/bin/signet"], tmp_path, "--dev").start()
    try:
        says_yes_and_no(server.url)
    finally:
        server.stop()


def test_the_archive_holds_guides_and_licences(unpacked):
    assert (unpacked / "docs" / "guide" / "install.md").exists()
    for name in ("signet", "libssl-dev", "libsqlite3-dev", "libsimdjson-dev", "libc6-dev"):
        assert (unpacked / "licences" / name).stat().st_size > 500, name


def test_the_sums_are_right_and_the_same_when_made_again():
    sums = (DIST / "SHA256SUMS").read_text()
    for line in sums.splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((DIST / name).read_bytes()).hexdigest() == digest, name
    assert len(sums.splitlines()) == 3
    done = run(sys.executable, ROOT / "tools" / "make_packages.py")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (DIST / "SHA256SUMS").read_text() == sums


# The container image.

@pytest.fixture(scope="session")
def image(tmp_path_factory):
    """The image as skopeo reads it, every digest verified: (configuration, root folder)."""
    folder = tmp_path_factory.mktemp("image")
    done = run("skopeo", "copy", "--insecure-policy", f"oci-archive:{the('signet-*-oci-amd64.tar')}", f"dir:{folder / 'dir'}")
    assert done.returncode == 0, done.stderr
    manifest = json.loads((folder / "dir" / "manifest.json").read_text())
    config = json.loads((folder / "dir" / manifest["config"]["digest"].removeprefix("sha256:")).read_text())
    root = folder / "root"
    root.mkdir()
    for layer in manifest["layers"]:
        with tarfile.open(folder / "dir" / layer["digest"].removeprefix("sha256:")) as tar:
            tar.extractall(root, filter="tar", numeric_owner=True)
    with with_proc(root):
        yield config["config"], root


def test_the_image_is_small():
    assert the("signet-*-oci-amd64.tar").stat().st_size <= 30 * 2**20


def test_the_image_names_an_unprivileged_user_and_a_health_check(image):
    config, root = image
    assert config["User"] == "65532:65532"
    assert config["Healthcheck"]["Test"][:2] == ["CMD", "/usr/bin/signet"]
    assert not (root / "bin").exists() and not (root / "usr" / "bin" / "sh").exists()
    owner = (root / "data").stat()
    assert (owner.st_uid, owner.st_gid, owner.st_mode & 0o777) == (65532, 65532, 0o700)


def image_environment(config):
    return dict(entry.split("=", 1) for entry in config["Env"])


def test_the_image_refuses_to_serve_its_network_in_clear_unless_told(image):
    config, root = image
    done = in_root(root, *config["Entrypoint"], *config["Cmd"], user=config["User"], env=image_environment(config), timeout=20)
    assert done.returncode != 0
    assert "--insecure-listen" in done.stderr
    assert list((root / "data").iterdir()) == []


def test_the_image_serves_keeps_state_and_passes_its_health_check(image, tmp_path):
    config, root = image
    shutil.copy(BOOTSTRAP, root / "bootstrap.json")
    environment = image_environment(config)
    del environment["SIGNET_LISTEN"]  # the tests stay on loopback
    program = [CHROOT, f"--userspec={config['User']}", root, *config["Entrypoint"]]
    server = served(program, tmp_path, env=environment).start()
    try:
        says_yes_and_no(server.url)
        check = in_root(root, *config["Healthcheck"]["Test"][1:], user=config["User"], env={"SIGNET_ENDPOINT": server.url})
        assert check.returncode == 0, check.stdout + check.stderr
    finally:
        server.stop()
    check = in_root(root, *config["Healthcheck"]["Test"][1:], user=config["User"], env={"SIGNET_ENDPOINT": server.url})
    assert check.returncode != 0
    files = [path for path in (root / "data").rglob("*") if path.is_file()]
    assert files and all(path.stat().st_uid == 65532 and path.stat().st_mode & 0o077 == 0 for path in files)


# The Debian package.

def test_lintian_finds_nothing():
    done = run("lintian", "--allow-root", "--fail-on", "error,warning", the("signet_*.deb"))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def debian_contents(tmp_path_factory):
    folder = tmp_path_factory.mktemp("deb")
    assert run("dpkg-deb", "-x", the("signet_*.deb"), folder).returncode == 0
    return folder


def test_the_service_is_confined(debian_contents):
    done = run("systemd-analyze", "security", "--offline=true", "--threshold=15",  # 1.5 of 10
               debian_contents / "lib/systemd/system/signet.service")
    assert done.returncode == 0, done.stdout


def test_every_setting_of_the_service_is_a_variable_of_the_program(debian_contents):
    known = run(debian_contents / "usr/bin/signet", "serve", "--help").stdout
    lines = (debian_contents / "etc/default/signet").read_text().splitlines()
    settings = [line.lstrip("#").split("=")[0] for line in lines if line.lstrip("#").startswith("SIGNET_")]
    assert len(settings) >= 5
    for name in settings:
        assert f"(Env:{name})" in known, name


@pytest.fixture(params=SUITES)
def debian(request, tmp_path):
    """A fresh minimal Debian with the package installed."""
    with roots.debian(request.param, tmp_path / "root") as root:
        install(root)
        yield root


def install(root):
    package = the("signet_*.deb")
    shutil.copy(package, root / "tmp")
    done = in_root(root, "dpkg", "-i", f"/tmp/{package.name}")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_package_installs_serves_upgrades_and_keeps_the_data(debian, tmp_path):
    assert in_root(debian, "signet", "--version").stdout.startswith("signet ")
    user = in_root(debian, "id", "-u", "signet").stdout.strip()
    assert user.isdigit() and user != "0"
    shutil.copy(BOOTSTRAP, debian / "bootstrap.json")
    state = debian / "var/lib/signet"
    state.mkdir(mode=0o700, exist_ok=True)  # what systemd's StateDirectory does
    os.chown(state, int(user), int(user))
    program = [CHROOT, f"--userspec={user}:{user}", debian, "/usr/bin/signet"]
    server = served(program, tmp_path, "--data", "/var/lib/signet/data", "--save-credentials", "/var/lib/signet/first-administrator")
    server.start()
    try:
        says_yes_and_no(server.url)
    finally:
        server.stop()

    install(debian)  # an upgrade to itself
    server.start()  # the same command again, as the service does
    try:
        assert [u["UserName"] for u in client("iam", server.url).list_users()["Users"]] == ["admin", "nobody"]
    finally:
        server.stop()

    done = in_root(debian, "dpkg", "--purge", "signet")
    assert done.returncode == 0, done.stderr
    assert "is kept" in done.stdout
    assert not (debian / "usr/bin/signet").exists()
    assert (state / "data").exists()
