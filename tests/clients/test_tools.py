"""Tools that people in this field use every day, with their own commands, against one server that records."""
import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest

from known_clients import WORK
from support.bootstrap import ACCOUNT, ADMIN, Keys
from support.people import allow, policy, trust

VENV, CUSTODIAN = WORK / "venv", WORK / "c7n"
# Each with its own pins of libraries: they are kept out of the environment of the tests.
PACKAGES = ("awsume==4.5.4", "cloudsplaining==0.9.1", "principalmapper==1.1.5")

pytestmark = pytest.mark.skipif(os.environ.get("SIGNET_CLIENTS") == "quick", reason="not of the quick half")


class Tool:
    """Runs a tool's commands with an administrator's keys; a command that fails is told with what it said."""

    def __init__(self, world, folder, record):
        self.world, self.folder, self.record = world, folder, record
        self.env = world.aws.environment(ADMIN, HOME=str(folder)) | {"AWS_EC2_METADATA_DISABLED": "true"}
        for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            self.env[name] = str(folder / name.lower())
        self.env["PATH"] = f"{VENV / 'bin'}{os.pathsep}{os.environ['PATH']}"

    def run(self, *command, codes=(0,), **more):
        done = subprocess.run([str(word) for word in command], env=self.env | more, capture_output=True, text=True, timeout=180,
                              check=False, cwd=self.folder, stdin=subprocess.DEVNULL)
        assert done.returncode in codes, f"{command} ended with {done.returncode}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done.stdout + done.stderr

    def version(self, pattern, *command):
        if not shutil.which(command[0], path=self.env["PATH"]):
            pytest.skip(f"there is no {command[0]} (packages.txt, section clients)")
        self.record("version", re.search(pattern, self.run(*command, codes=(0, 1, 2)))[1])


@pytest.fixture
def tool(world, tmp_path, record_property):
    return Tool(world, tmp_path, record_property)


@pytest.fixture(scope="session")
def python_tools():
    """The tools that come as Python packages, in an environment of their own."""
    mark = VENV / "installed"
    if not mark.exists() or mark.read_text() != " ".join(PACKAGES):
        subprocess.run(["python3", "-m", "venv", str(VENV)], check=True)
        subprocess.run([str(VENV / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", *PACKAGES], check=True, timeout=1200)
        mark.write_text(" ".join(PACKAGES))


def some_files(folder):
    source = folder / "source"
    (source / "inner").mkdir(parents=True)
    (source / "a b+c.txt").write_text("hello")
    (source / "inner" / "big").write_bytes(os.urandom(3_000_000))
    return source


def same(one, other):
    files = sorted(path.relative_to(one) for path in pathlib.Path(one).rglob("*") if path.is_file())
    return files and all((pathlib.Path(one) / path).read_bytes() == (pathlib.Path(other) / path).read_bytes() for path in files)


def test_s3cmd(tool):
    tool.version(r"s3cmd version (\S+)", "s3cmd", "--version")
    host = tool.world.aws.url.removeprefix("http://")
    s3cmd = ["s3cmd", "--no-ssl", "--host", host, "--host-bucket", host, "--access_key", ADMIN.access_key, "--secret_key", ADMIN.secret_key]
    source = some_files(tool.folder)
    tool.run(*s3cmd, "mb", "s3://of-s3cmd")
    tool.run(*s3cmd, "sync", f"{source}/", "s3://of-s3cmd/copy/")
    assert "s3://of-s3cmd/copy/a b+c.txt" in tool.run(*s3cmd, "ls", "--recursive", "s3://of-s3cmd")
    (tool.folder / "back").mkdir()
    tool.run(*s3cmd, "sync", "s3://of-s3cmd/copy/", f"{tool.folder / 'back'}/")
    assert same(source, tool.folder / "back")
    tool.run(*s3cmd, "rb", "--recursive", "s3://of-s3cmd")


def test_rclone(tool):
    tool.version(r"rclone v(\S+)", "rclone", "version")
    remote = {"RCLONE_CONFIG_HERE_TYPE": "s3", "RCLONE_CONFIG_HERE_PROVIDER": "Other", "RCLONE_CONFIG_HERE_ENV_AUTH": "true",
              "RCLONE_CONFIG_HERE_ENDPOINT": tool.world.aws.url}
    source = some_files(tool.folder)
    tool.run("rclone", "mkdir", "here:of-rclone", **remote)
    tool.run("rclone", "copy", source, "here:of-rclone/copy", **remote)
    tool.run("rclone", "check", source, "here:of-rclone/copy", **remote)
    tool.run("rclone", "sync", "here:of-rclone/copy", tool.folder / "back", **remote)
    assert same(source, tool.folder / "back")
    tool.run("rclone", "purge", "here:of-rclone", **remote)


def test_restic(tool):
    tool.version(r"restic (\S+)", "restic", "version")
    repository = {"RESTIC_REPOSITORY": f"s3:{tool.world.aws.url}/of-restic", "RESTIC_PASSWORD": "p"}
    source = some_files(tool.folder)
    tool.run("restic", "init", **repository)
    tool.run("restic", "backup", source, **repository)
    tool.run("restic", "check", **repository)
    tool.run("restic", "restore", "latest", "--target", tool.folder / "back", **repository)
    assert same(source, f"{tool.folder / 'back'}{source}")
    tool.run("restic", "forget", "--keep-last", "1", "--prune", **repository)


def make_risky(iam, name):
    """A user who may make administrators of others."""
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="risky", PolicyDocument=policy(allow(["iam:AttachUserPolicy", "iam:PassRole", "s3:Get*"])))


def test_cloudsplaining(tool, python_tools):
    tool.version(r"version (\S+)", "cloudsplaining", "--version")
    make_risky(tool.world.aws.iam(ADMIN), "risky-for-cloudsplaining")
    tool.run("cloudsplaining", "download", "--output", tool.folder)
    (details,) = tool.folder.glob("*.json")
    tool.run("cloudsplaining", "scan", "--skip-open-report", "--input-file", details, "--output", tool.folder)
    (findings,) = tool.folder.glob("iam-results-*.json")
    found = json.loads(findings.read_text())
    risky = [one for one in found["users"].values() if one["name"] == "risky-for-cloudsplaining"]
    assert risky, "the user is in the report"
    inline = [one for one in found["inline_policies"].values() if one["PolicyName"] == "risky"]
    kinds = [entry["type"] for entry in inline[0]["PrivilegeEscalation"]["findings"]] if inline else []
    assert "AttachUserPolicy" in " ".join(kinds), inline


def test_pmapper(tool, python_tools):
    tool.version(r"Version: (\S+)", "pip", "show", "principalmapper")
    make_risky(tool.world.aws.iam(ADMIN), "risky-for-pmapper")
    # It was written for Python before 3.10, where collections had the abstract classes.
    program = ("import collections, collections.abc, sys; "
               "[setattr(collections, name, getattr(collections.abc, name)) for name in ('Mapping', 'MutableMapping', 'Sequence')]; "
               "sys.argv[0] = 'pmapper'; import principalmapper.__main__ as m; sys.exit(m.main())")
    pmapper = [VENV / "bin" / "python", "-c", program]
    tool.run(*pmapper, "graph", "create", "--include-regions", "us-east-1")
    said = tool.run(*pmapper, "--account", ACCOUNT, "query", "who can do iam:CreateUser")
    assert "user/admin IS authorized" in said and "user/risky-for-pmapper IS authorized" not in said.replace("user/admin", "")
    said = tool.run(*pmapper, "--account", ACCOUNT, "query", "preset privesc user/risky-for-pmapper")
    assert "risky-for-pmapper" in said


def test_awsume(tool, python_tools):
    """Takes a session token with MFA first, then the role, as people with MFA do."""
    tool.version(r"(\d+\.\d+\.\d+)", "awsumepy", "--version")
    world, serial = tool.world, tool.world.fresh_device()
    (tool.folder / "aws_config_file").write_text(
        f"[profile mfa]\nrole_arn = {world.role_mfa}\nsource_profile = person\nmfa_serial = {serial}\nregion = us-east-1\n")
    (tool.folder / "aws_shared_credentials_file").write_text(
        f"[person]\naws_access_key_id = {world.person.access_key}\naws_secret_access_key = {world.person.secret_key}\n")
    keys = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
    said = tool.run("awsumepy", "--config-file", tool.folder / "aws_config_file", "--credentials-file",
                    tool.folder / "aws_shared_credentials_file", "--mfa-token", world.code(), "mfa", **keys)
    session = Keys(*re.search(r"^Awsume (\S+) (\S+) (\S+) ", said, re.MULTILINE).groups())
    assert world.aws.sts(session).get_caller_identity()["Arn"].startswith(f"arn:aws:sts::{ACCOUNT}:assumed-role/mfa/")


@pytest.fixture(scope="session")
def custodian_tools():
    mark = CUSTODIAN / "installed"
    if not mark.exists():
        subprocess.run(["python3", "-m", "venv", str(CUSTODIAN)], check=True)
        subprocess.run([str(CUSTODIAN / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", "c7n==0.9.53"], check=True,
                       timeout=1200)
        mark.write_text("")


def test_custodian(tool, custodian_tools):
    """Finds who has no MFA, who may do everything, and roles that another account may assume."""
    tool.env["PATH"] = f"{CUSTODIAN / 'bin'}{os.pathsep}{tool.env['PATH']}"
    tool.version(r"(\d+\.\d+\.\d+)", "custodian", "version")
    iam = tool.world.aws.iam(ADMIN)
    iam.create_user(UserName="without-mfa")
    iam.create_role(RoleName="open-to-others", AssumeRolePolicyDocument=trust("arn:aws:iam::210987654321:root"))
    (tool.folder / "policies.json").write_text(json.dumps({"policies": [
        {"name": "without-mfa", "resource": "aws.iam-user",
         "filters": [{"type": "mfa-device", "value_type": "size", "key": "MFADevices", "value": 0}]},
        {"name": "cross-account", "resource": "aws.iam-role", "filters": [{"type": "cross-account"}]},
        {"name": "report", "resource": "aws.iam-user", "filters": [{"type": "credential", "key": "mfa_active", "value": False}]},
    ]}))
    for name in ("without-mfa", "cross-account", "report"):
        tool.run("custodian", "run", "--policies", name, "--output-dir", tool.folder / "out", "--region", "us-east-1",
                 tool.folder / "policies.json")
    found = {name: {one.get("UserName") or one["RoleName"] for one in json.loads((tool.folder / "out" / name / "resources.json").read_text())}
             for name in ("without-mfa", "cross-account", "report")}
    assert "without-mfa" in found["without-mfa"] and "person" not in found["without-mfa"]
    assert "open-to-others" in found["cross-account"] and "plain" not in found["cross-account"]
    assert "without-mfa" in found["report"]
