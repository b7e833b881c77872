"""Every command in every page is run against a real server, or says why not; no page names a flag that there is not.

A fenced `sh` block and an indented command are run as they stand, in the stage below. A block that cannot be run here has
`<!-- not run: REASON -->` on the line before it (REASONS), or `<!-- run by tests/... -->` where another test does it, which a page may
say of all its commands at its top."""
import json
import os
import pathlib
import re
import shlex
import subprocess

import botocore.exceptions
import pytest

from support import bootstrap
from support.aws import Aws
from support.certificates import Certificate
from support.people import allow, create_user, deny, policy, trust
from support.server import BINARY, ROOT, Server

PAGES = sorted(path.relative_to(ROOT).as_posix() for pattern in (
    "*.md", "docs/*.md", "docs/guide/**/*.md", "docs/reference/*.md", "docs/formats/*.md", "examples/**/*.md", "clients/*/README.md") for path in ROOT.glob(pattern)
    if path.name != "CHANGELOG.md")

# Why a block is not run -> the programs that it may begin its lines with.
REASONS = {
    "builds or tests everything": {"./run", "./test", "./package"},
    "changes the machine": {"apt", "cat", "cp", "signet", "systemctl"},
    "needs a release archive": {"eval", "signet", "tar"},
    "needs Docker": {"docker", "podman"},
    "needs a cluster": {"helm", "kubectl", "openssl", "signet", "umask"},
    "needs version 2 of the AWS CLI": {"aws", "eval"},
    "needs a new AWS CLI": {"aws"},
    "needs a partner of yours": {"aws"},
    "needs an organization": {"aws", "signet"},
    "needs a key pair of yours": {"aws"},
    "needs an identity provider of yours": {"aws"},
    "needs another toolchain": {"npm", "npx", "go", "mvn", "pip", "pytest", "node"},
}

ACCOUNT = "111122223333"
FULL = policy(allow("*"))
FULL_RCP = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}})
READ = policy(allow("s3:GetObject", "arn:aws:s3:::photos/*"))
FILES = {
    "role-policy.json": READ, "ana.json": READ, "policies/one.json": READ, "full-access.json": FULL, "full-access-rcp.json": FULL_RCP,
    "no-leaving.json": policy(deny("organizations:LeaveOrganization")), "team.json": FULL, "perimeter.json": FULL_RCP, "trust.json": trust(f"arn:aws:iam::{ACCOUNT}:user/ana"),
    "bucket-policy.json": json.dumps({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/ana"}, "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::reports/*"}}),
    "questions.jsonl": json.dumps({"action": "s3:GetObject", "identity_policies": [json.loads(READ)]}) + "\n",
}

# `signet serve` of a page runs until it listens; it and what needs a stopped folder have folders of their own.
SHIM = r"""#!/bin/bash
set -eu
case " $* " in *" --data "*|*" --dev "*) ;; " serve "*) export SIGNET_DATA=$(mktemp -d "$STAGE/serve-XXXXXX")/data ;;
  " init "*) export SIGNET_DATA=$(mktemp -d "$STAGE/init-XXXXXX")/data ;;
  " verify "*) export SIGNET_DATA=$STAGE/stopped ;; esac
[ "${1:-}" = serve ] || exec "$PROGRAM" "$@"
case " $* " in *" --listen "*) ;; *) export SIGNET_LISTEN=127.0.0.1:0 ;; esac
coproc server { exec "$PROGRAM" "$@"; }
pid=$server_PID
while IFS= read -r line <&"${server[0]}"; do case "$line" in "listening on "*) kill -TERM "$pid"; break ;; esac; done
wait "$pid"
"""


def lines_of(page):
    return (ROOT / page).read_text(encoding="utf-8").splitlines()


def blocks(page):
    """(line number, the comment before it, text) of each fenced `sh` block and each run of indented commands."""
    lines = lines_of(page)
    at = 0
    while at < len(lines):
        start = at
        if lines[at].startswith("```"):
            language = lines[at][3:].strip()
            at += 1
            body = []
            while not lines[at].startswith("```"):
                body.append(lines[at])
                at += 1
            if language in ("sh", "bash", "shell", "console"):
                yield start + 1, lines[start - 1], "\n".join(body)
        elif re.match(r"    (\$ )?(signet|aws|curl) ", lines[at]) and not lines[at - 1].strip().startswith("|"):
            body = []
            while at < len(lines) and lines[at].startswith("    "):
                body.append(lines[at].strip())
                at += 1
            is_transcript = body[0].startswith("$ ")
            yield start + 1, lines[start - 1], body[0][2:] if is_transcript else "\n".join(body)
            continue
        at += 1


def commands(page):
    """Each `signet ...` that a page shows, in blocks and within lines: (line number, words)."""
    found = []
    for number, _, text in blocks(page):
        for line in text.replace("\\\n", " ").splitlines():
            found += [(number, match) for match in re.findall(r"(?:^|[\s(])(signet [^|<>)#\n]*)", line)]
    for number, line in enumerate(lines_of(page), 1):
        found += [(number, match) for match in re.findall(r"`(signet [a-z][^`|<>]*)`", line)]
    for number, text in found:
        text = text.replace("...", " ").replace('"', " ").replace("'", " ")
        yield number, shlex.split(text)


HELP = {}


def help_of(words):
    """The help text of a command, or None if there is no such command."""
    key = tuple(words)
    if key not in HELP:
        done = subprocess.run([str(BINARY), *words, "--help"], capture_output=True, text=True, timeout=60, check=False)
        HELP[key] = done.stdout if done.returncode == 0 else None
    return HELP[key]


def test_the_pages_are_found():
    assert {"README.md", "docs/guide/command-line.md", "docs/formats/audit.md"} <= set(PAGES)
    assert sum(len(list(blocks(page))) for page in PAGES) >= 12
    assert sum(len(list(commands(page))) for page in PAGES) >= 40


@pytest.mark.parametrize("page", PAGES)
def test_no_page_names_a_command_or_flag_that_there_is_not(page):
    wrong = []
    for number, words in commands(page):
        path = []
        for word in words[1:]:
            if not re.fullmatch(r"[a-z][a-z0-9-]*", word) or len(path) == 3:
                break
            if "\nSubcommands:" not in (help_of(path) or ""):
                break
            path.append(word)
        text = help_of(path)
        if text is None:
            wrong.append(f"{page}:{number}: there is no command signet {' '.join(path)}")
            continue
        for word in words[1 + len(path):]:
            if word == "--":
                break  # what follows is another program's
            flag = word.split("=")[0].rstrip(".,;:")
            if flag.startswith("--") and not re.search(rf"(^|[\s,]){re.escape(flag)}([\s,=]|$)", text):
                wrong.append(f"{page}:{number}: signet {' '.join(path)} has no {flag}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("program", ["./run", "./test", "./package"])
def test_no_page_names_a_flag_of_the_scripts_that_there_is_not(program):
    used = set()
    for page in PAGES:
        for _, _, text in blocks(page):
            used |= {flag for line in text.splitlines() if line.startswith(program) for flag in re.findall(r"\s(--[a-z0-9-]+)", line.split("#")[0])}
    script = {"./run": "run", "./test": "tools/run_tests.py", "./package": "package"}[program]
    known = (ROOT / script).read_text(encoding="utf-8") if (ROOT / script).is_file() else ""
    known += " ".join(f"--{name}" for name in re.findall(r'^    \("([a-z0-9-]+)"', known, re.MULTILINE))
    assert not {flag for flag in used if flag not in known}


class Stage:
    """A server that has what the pages speak of, and a folder to stand in."""

    def __init__(self, folder):
        self.folder = folder
        self.home = folder / "home"
        self.data = self.home / ".local/share/signet"
        certificate = Certificate(folder / "tls", "ec")
        self.paths = {"/var/lib/signet": str(self.data), "/etc/signet/chain.pem": str(certificate.chain),
                      "/etc/signet/key.pem": str(certificate.key), "0.0.0.0:9311": "127.0.0.1:0"}
        (folder / "bin").mkdir()
        shim = folder / "bin" / "signet"
        shim.write_text(SHIM)
        shim.chmod(0o755)
        for name, text in FILES.items():
            (folder / "work" / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / "work" / name).write_text(text)
        (folder / "work" / "question.json").write_text((ROOT / "docs/guide/why-denied/question.json").read_text())
        document = bootstrap.document()
        del document["accounts"][1:]
        document["accounts"][0]["id"] = ACCOUNT
        document["accounts"][0].pop("alias", None)
        self.bootstrap = folder / "bootstrap.json"
        self.bootstrap.write_text(json.dumps(document))
        for name in ("accounts.json", "bootstrap.json"):
            (folder / "work" / name).write_text(json.dumps(document))
        self.server = None
        self.environment = self.ana = None

    def start(self):
        stopped = subprocess.run([str(BINARY), "init", "--data", str(self.folder / "stopped"), "--bootstrap", str(self.bootstrap)],
                                 capture_output=True, text=True, timeout=60, check=False)
        assert stopped.returncode == 0, stopped.stderr
        self.server = Server(["--data", self.data, "--listen", "127.0.0.1:0", "--bootstrap", self.bootstrap], self.folder).start()
        aws = Aws(self.server.url, self.home)
        self.fill(aws)
        self.paths["http://127.0.0.1:9311"] = self.server.url
        self.environment = aws.environment(bootstrap.ADMIN, STAGE=str(self.folder), PROGRAM=str(BINARY), SIGNET_DATA=str(self.data),
                                           SIGNET_ENDPOINT=self.server.url)
        self.environment["PATH"] = f"{self.folder / 'bin'}{os.pathsep}{self.environment['PATH']}"

    def fill(self, aws):
        iam = aws.iam(bootstrap.ADMIN)
        _, worker = create_user(iam, "worker", allow("sts:AssumeRole"))
        _, ana = create_user(iam, "ana", allow("s3:GetObject"))
        iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=trust(
            f"arn:aws:iam::{ACCOUNT}:user/worker", StringEquals={"sts:ExternalId": "acme-42"}))
        refused = self.refused(aws.sts(worker).assume_role, RoleArn=f"arn:aws:iam::{ACCOUNT}:role/deploy", RoleSessionName="night")
        self.paths["5d1a1b9e-7f0c-4f5e-8a3c-2f1f0c6f3d11"] = refused["RequestId"]
        self.ana = aws.iam(ana)

    @staticmethod
    def refused(call, **arguments):
        with pytest.raises(botocore.exceptions.ClientError) as error:
            call(**arguments)
        return error.value.response["ResponseMetadata"]

    def run(self, text):
        for written, here in self.paths.items():
            text = text.replace(written, here)
        message = self.refused(self.ana.list_users)["HTTPHeaders"]["x-signet-authorization-message"] if "$message" in text else ""
        return subprocess.run(["bash", "-eu"], input=text, env=self.environment | {"message": message}, cwd=self.folder / "work", capture_output=True, text=True,
                              timeout=120, check=False)


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    made = Stage(tmp_path_factory.mktemp("pages"))
    made.start()
    yield made
    made.server.stop()


def first_words(text):
    lines = [line for line in text.replace("\\\n", " ").splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return {next(word for word in line.split() if "=" not in word or word.startswith("-")) for line in lines}


@pytest.mark.parametrize("page", [page for page in PAGES if list(blocks(page))])
def test_what_a_page_tells_to_run_runs(page, stage):
    if whole := re.search(r"^<!-- every command is run by (\S+) -->$", "\n".join(lines_of(page)), re.MULTILINE):
        assert pathlib.Path(page).name in (ROOT / whole[1]).read_text(encoding="utf-8")
        return
    for number, before, text in blocks(page):
        where = f"{page}:{number}"
        not_run = re.fullmatch(r"<!-- not run: (.*) -->", before.strip())
        elsewhere = re.fullmatch(r"<!-- run by (\S+) -->", before.strip())
        if not_run:
            assert not_run[1] in REASONS, f"{where}: reasons are {sorted(REASONS)}"
            assert first_words(text) <= REASONS[not_run[1]], f"{where}: this reason is for {REASONS[not_run[1]]} only"
        elif elsewhere:
            test = ROOT / elsewhere[1]
            assert test.is_file() and pathlib.Path(page).name in test.read_text(encoding="utf-8"), f"{where}: {elsewhere[1]} does not run it"
        else:
            done = stage.run(text)
            assert done.returncode == 0, f"{where}: exit {done.returncode}\n{text}\n--\n{done.stdout[-1500:]}\n{done.stderr[-3000:]}"


def test_a_wrong_flag_in_a_page_would_be_seen(stage):
    assert stage.run("signet policy check --nonsense role-policy.json").returncode == 2
    assert stage.run("signet serve --dev --nonsense").returncode == 2
    assert stage.run("signet status; signet nonsense; signet status").returncode == 2


@pytest.mark.parametrize("page", PAGES)
def test_every_bootstrap_file_in_a_page_is_one(page, tmp_path):
    text = "\n".join(lines_of(page))
    for number, document in enumerate(re.findall(r"```json\n(\{\"accounts\".*?)```", text, re.DOTALL)):
        file = tmp_path / f"{number}.json"
        file.write_text(document)
        done = subprocess.run([str(BINARY), "init", "--data", str(tmp_path / f"data{number}"), "--bootstrap", str(file)],
                              env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)}, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, f"{page}: {done.stderr}\n{document}"
