"""The clients of the matrix: how each is found or built here, what it runs, and what it has not."""
import dataclasses
import functools
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

from support.server import ROOT

HERE = pathlib.Path(__file__).resolve().parent
WORK = ROOT / "build" / "matrix"
BIN = pathlib.Path(sys.executable).parent
NODE_MODULES = ROOT / "build" / "js" / "node_modules"
JAVASCRIPT_2 = "2.1693.0"

FLOWS = ("identity", "assume-role", "assume-role-mfa", "session-token-mfa", "role-life", "federation", "denied")
PROVIDERS = ("profile", "profile-mfa", "process", "renewal", "web-identity", "container", "instance")


class Absent(Exception):
    """Why a client cannot run here."""


@dataclasses.dataclass(frozen=True, eq=False)
class Client:
    """`prepare` gets ready what `command` runs, once, and returns (command, version); `without`: flow -> why it has not."""

    name: str
    prepare: object
    without: dict = dataclasses.field(default_factory=dict)
    is_quick: bool = False  # also run where only the quick half is

    @functools.cache
    def ready(self):
        WORK.mkdir(parents=True, exist_ok=True)
        return self.prepare()


def said(*command, cwd=None):
    done = subprocess.run([str(word) for word in command], cwd=cwd, capture_output=True, text=True, timeout=1500, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def need(program):
    found = shutil.which(program)
    if not found:
        raise Absent(f"there is no {program}")
    return found


def boto3():
    version = said(sys.executable, "-c", "import boto3; print(boto3.__version__)").strip()
    return [sys.executable, HERE / "python" / "flows.py"], version


def bash():
    version = re.search(r"aws-cli/(\S+)", said(BIN / "aws", "--version"))[1]
    return [need("bash"), HERE / "bash" / "flows.sh"], f"AWS CLI {version}"


def javascript():
    if not NODE_MODULES.is_dir():
        raise Absent("the packages of tests/conformance/js are not installed")
    folder = WORK / "javascript"
    folder.mkdir(exist_ok=True)
    shutil.copy(HERE / "javascript" / "flows.mjs", folder)
    link = folder / "node_modules"
    if not link.is_symlink():
        link.symlink_to(NODE_MODULES)
    version = json.loads((NODE_MODULES / "@aws-sdk" / "client-sts" / "package.json").read_text(encoding="utf-8"))["version"]
    return [need("node"), folder / "flows.mjs"], version


def javascript_2():
    folder = WORK / "js2"
    package = folder / "node_modules" / "aws-sdk" / "package.json"
    if not package.exists():
        folder.mkdir(exist_ok=True)
        said(need("npm"), "install", "--silent", "--no-audit", "--no-fund", f"aws-sdk@{JAVASCRIPT_2}", cwd=folder)
    shutil.copy(HERE / "javascript-2" / "flows.js", folder)
    return [need("node"), folder / "flows.js"], json.loads(package.read_text(encoding="utf-8"))["version"]


def go(folder, sdk):
    need("go")
    said("go", "build", "-o", WORK / f"{folder}-flows", ".", cwd=HERE / folder)
    module = (HERE / folder / "go.mod").read_text(encoding="utf-8")
    return [WORK / f"{folder}-flows"], re.search(rf"{sdk} v(\S+)", module)[1]


def java(folder):
    need("mvn")
    work = WORK / folder
    said("mvn", "-B", "-q", f"-Dbuild.folder={work}", "package", "dependency:copy-dependencies", f"-DoutputDirectory={work / 'lib'}",
         cwd=HERE / folder)
    version = re.search(r"<awssdk.version>(.*)<", (HERE / folder / "pom.xml").read_text(encoding="utf-8"))[1]
    return [need("java"), "-cp", f"{work / 'flows-1.jar'}{os.pathsep}{work / 'lib'}/*", "Flows"], version


def kotlin():
    command, version = java("kotlin")
    return [*command[:-1], "FlowsKt"], version


def clojure():
    need("mvn")
    libraries = WORK / "clojure" / "lib"
    said("mvn", "-B", "-q", "dependency:copy-dependencies", f"-DoutputDirectory={libraries}", cwd=HERE / "clojure")
    version = re.search(r"<awssdk.version>(.*)<", (HERE / "clojure" / "pom.xml").read_text(encoding="utf-8"))[1]
    return [need("java"), "-cp", f"{libraries}/*", "clojure.main", HERE / "clojure" / "flows.clj"], f"aws-api {version}"


def php():
    program = need("php")
    packages = subprocess.run(["dpkg-query", "--show", "--showformat=${Version}", "php-async-aws-core"], capture_output=True, text=True, check=False)
    if packages.returncode != 0 or not packages.stdout:
        raise Absent("there is no php-async-aws-core (packages.txt, section clients)")
    return [program, HERE / "php" / "flows.php"], f"AsyncAws {packages.stdout.partition('-')[0]}"


def rust():
    """A quarter of an hour on two cores, the first time."""
    need("cargo")
    program = WORK / "rust" / "debug" / "flows"
    if "SIGNET_CLIENTS_RUST" not in os.environ and not program.exists():
        raise Absent("SIGNET_CLIENTS_RUST=1 builds it")
    # A copy, since its lock file would say where packages come from.
    shutil.copytree(HERE / "rust", WORK / "rust-source", dirs_exist_ok=True)
    said("cargo", "build", "--quiet", "--target-dir", WORK / "rust", cwd=WORK / "rust-source")
    return [program], re.search(r'aws-config = \{ version = "=(.*?)"', (HERE / "rust" / "Cargo.toml").read_text(encoding="utf-8"))[1]


def ruby():
    ruby_program = need("ruby")
    try:
        version = said(ruby_program, "-e", 'require "aws-sdk-s3"; puts Aws::CORE_GEM_VERSION').strip()
    except AssertionError:
        raise Absent("ruby has no aws-sdk-core and aws-sdk-s3 (packages.txt, section clients)") from None
    return [ruby_program, HERE / "ruby" / "flows.rb"], f"core {version}"


NO_VARIABLE = "reads no endpoint from the environment, so its provider asks AWS's host"
NO_MFA = "its provider for profiles knows no mfa_serial"
KEYS_OF_PROFILES = "reads of a profile its keys alone"
STS_ALONE = "Debian has STS of it alone"
FIXED_HOST = "knows the container's and the instance's own hosts alone"
HOME_ALONE = "reads profiles from the home folder of the machine's user, whatever AWS_CONFIG_FILE says"
CLIENTS = [
    Client("Python, boto3", boto3, is_quick=True),
    Client("Bash, AWS CLI v1", bash, {"renewal": "each command is a process of its own"}, is_quick=True),
    Client("JavaScript v3", javascript, is_quick=True),
    Client("JavaScript v2", javascript_2, {"federation": "its program is JavaScript v3's", "profile": NO_VARIABLE, "profile-mfa": NO_VARIABLE}),
    Client("Go v2", functools.partial(go, "go", "aws-sdk-go-v2")),
    Client("Go v1", functools.partial(go, "go-1", "aws-sdk-go"), {"federation": "its program is Go v2's"}),
    Client("Java 2.x", functools.partial(java, "java"), {"profile-mfa": NO_MFA}),
    Client("Java 1.x", functools.partial(java, "java-1"), {
        "federation": "its program is Java 2.x's", "profile": HOME_ALONE, "profile-mfa": HOME_ALONE, "process": HOME_ALONE,
        "renewal": HOME_ALONE, "web-identity": NO_VARIABLE,
        "container": "this version reads AWS_CONTAINER_AUTHORIZATION_TOKEN, not the file with the token"}),
    Client("Kotlin", kotlin, {"role-life": "its IAM module is not to be had here", "profile-mfa": NO_MFA}),
    Client("Clojure, aws-api", clojure, {"federation": "the link is made without the SDK", "profile": KEYS_OF_PROFILES,
                                         "profile-mfa": KEYS_OF_PROFILES,
                                         "process": KEYS_OF_PROFILES, "renewal": KEYS_OF_PROFILES,
                                         "container": "sends a container's endpoint no token",
                                         "web-identity": "has no such provider"}),
    Client("PHP, AsyncAws", php, {"assume-role-mfa": STS_ALONE, "session-token-mfa": STS_ALONE, "role-life": STS_ALONE, "profile": NO_VARIABLE,
                                  "profile-mfa": NO_VARIABLE, "process": "has no such provider", "renewal": "has no such provider",
                                  "web-identity": NO_VARIABLE, "container": FIXED_HOST, "instance": FIXED_HOST}),
    Client("Rust", rust, {"role-life": "IAM's crate is not compiled here", "federation": "the link is made without the SDK", "profile-mfa": NO_MFA}),
    Client("Ruby", ruby, {"role-life": "Debian has no gem for IAM", "profile": NO_VARIABLE, "profile-mfa": NO_VARIABLE, "web-identity": NO_VARIABLE,
                          "container": "this version knows paths of the container's own host alone",
                          "instance": "this version asks port 80, whatever the endpoint says"}),
]
