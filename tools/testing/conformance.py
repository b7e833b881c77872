"""Tests against the running server: pytest in its own virtual environment under build/."""
import hashlib
import os
import subprocess
import venv

from testing import build, declared_errors, unit
from testing.outcome import Outcome, from_junit

TESTS = build.ROOT / "tests"
VENV = build.BUILD / "venv"
OLD_VENV = build.BUILD / "venv-old"
OPERATIONS_VENV = build.BUILD / "venv-operations"
JS = TESTS / "conformance" / "js"
NODE_MODULES = build.BUILD / "js" / "node_modules"


# A worker for each core, each with servers of its own; a file's tests stay together, since they share servers.
SIDE_BY_SIDE = ["-n", "auto", "--maxprocesses", "4", "--dist", "loadfile"]


def run_conformance(args):
    _build_server(args, "wire_probe")
    ensure_node_modules()
    extra = ["-k", args.keyword] if args.keyword else []
    elsewhere = [f"--ignore={TESTS / name}" for name in ("clients", "crash", "cluster", "operations", "packages", "first_day", "first_day_empty")]
    declared_errors.ANSWERS.unlink(missing_ok=True)
    outcome = run_pytest("conformance", args.preset, [*SIDE_BY_SIDE, str(TESTS), *elsewhere, *extra])
    if not args.keyword:
        outcome.add(declared_errors.check())
    return outcome


# What an old boto3 can ask for too; tests marked `new_boto3` aside.
OLD_BOTO3 = ["test_assume_role_mfa", "test_callers", "test_console_federation", "test_iam", "test_iam_user_credentials", "test_managed_policies",
             "test_policies", "test_refusals", "test_s3", "test_s3_bucket_documents", "test_s3_presigned", "test_session_token_mfa", "test_simulator"]


def run_old_boto3(args):
    _build_server(args, "wire_probe")
    ensure_venv(OLD_VENV, TESTS / "requirements-old.txt")
    files = [str(TESTS / "conformance" / f"{name}.py") for name in OLD_BOTO3]
    return run_pytest("old-boto3", args.preset, ["-m", "not new_boto3", *files], OLD_VENV)


# Real S3 services that Signet stands in front of, built from their modules the first time, which takes minutes.
UPSTREAMS = ["signet", "versitygw", "minio"]


def run_upstream(args):
    _build_server(args)
    outcome = Outcome()
    files = sorted(str(path) for path in (TESTS / "conformance").glob("test_s3*.py"))
    for name in UPSTREAMS:
        outcome.add(run_pytest(f"upstream-{name}", args.preset, [*SIDE_BY_SIDE, *files, "--upstream", name]))
    outcome.add(run_pytest("store-questions", args.preset, [str(TESTS / "conformance" / "test_store_questions.py")]))
    return outcome


def run_first_day(args):
    _build_server(args)
    return run_pytest("first-day", "release", [str(TESTS / "first_day")])


def run_crash(args):
    _build_server(args)
    return run_pytest("crash", args.preset, [str(TESTS / "crash"), "--rounds", str(args.rounds or 10)])


def run_cluster(args):
    """The tests of the store and of the nodes with a real etcd, whose absence is a failure here."""
    os.environ["SIGNET_REQUIRE_ETCD"] = "1"
    _build_server(args)
    outcome = unit.run_room("release", "store")
    outcome.add(run_pytest("cluster", args.preset, [str(TESTS / "cluster"), "--rounds", str(args.rounds or 20)]))
    return outcome


def run_operations(args):
    _build_server(args)
    ensure_venv(OPERATIONS_VENV, TESTS / "operations" / "requirements.txt")
    return run_pytest("operations", args.preset, [str(TESTS / "operations")], OPERATIONS_VENV)


def _build_server(args, *release_targets):
    """The server that is tested, and what is always the release's."""
    if args.preset == "release":
        build.build("release", "signet", *release_targets)
        return
    build.build(args.preset, "signet")
    if release_targets:
        build.build("release", *release_targets)


def run_pytest(name, preset, arguments, venv_folder=VENV):
    """Runs pytest and counts its cases from the report it writes."""
    if venv_folder == VENV:
        ensure_venv()
    report = build.BUILD / f"{name}.xml"
    report.unlink(missing_ok=True)
    env = dict(os.environ, PYTHONDONTWRITEBYTECODE="1", SIGNET_TEST_PRESET=preset, TSAN_OPTIONS="halt_on_error=1",
               SIGNET_ANSWERS=str(declared_errors.ANSWERS))
    command = [str(venv_folder / "bin" / "python"), "-m", "pytest", "-q", "--color=no", "-p", "no:cacheprovider",
               "-c", str(TESTS / "pytest.ini"), "--rootdir", str(TESTS), f"--junitxml={report}", *arguments]
    code = subprocess.run(command, cwd=build.ROOT, env=env, stdin=subprocess.DEVNULL, check=False).returncode
    if not report.exists():
        return Outcome(failures=[f"pytest ended with {code} before it wrote a report"])
    outcome = from_junit(report)
    if code not in (0, 1):
        outcome.failures.append(f"pytest ended with {code}")
    return outcome


def ensure_venv(folder=VENV, wanted=TESTS / "requirements.txt"):
    """A virtual environment with exactly that file's packages, made anew when the file changes."""
    _once(folder / "made-from", wanted, lambda: _make_venv(folder, wanted))


def _make_venv(folder, wanted):
    venv.EnvBuilder(with_pip=True, clear=True).create(folder)
    build.run([str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
               "-r", str(wanted)], build.BUILD / "pip.log", "install Python test packages", timeout=900)


def ensure_node_modules():
    """`npm ci` in a copy under build/, so that the source folder stays clean."""
    target = NODE_MODULES.parent

    def install():
        target.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            (target / name).write_bytes((JS / name).read_bytes())
        build.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], build.BUILD / "npm.log",
                  "install JavaScript test packages", timeout=900, cwd=target)

    _once(target / "made-from", JS / "package-lock.json", install)


def _once(stamp, source, make):
    """Runs make() unless the stamp says that it was done for this very source file."""
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    make()
    stamp.write_text(digest)
