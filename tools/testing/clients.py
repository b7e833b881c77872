"""Tests of clients/: each library's own, in its language's own runner, against the release program. And the matrix: the flows of
tests/clients with each client; without --clients, of the quick half alone."""
import json
import os
import re
import shutil
import subprocess
import sys

from testing import build, conformance
from testing.outcome import Outcome, from_junit

CLIENTS = build.ROOT / "clients"
WORK = build.BUILD / "clients"


def run_clients(args):
    build.build("release", "signet", "example_cpp")
    outcome = Outcome()
    is_quick = not (args.clients or args.all)
    for name, run in [("python", _run_python), ("node", _run_node), ("go", _run_go), ("java", _run_java),
                      ("matrix", lambda: _run_matrix(is_quick, args.write_matrix))]:
        try:
            part = run()
        except build.StepFailed as error:
            part = error.outcome
        if part is None:
            continue
        print(f"   {name}: {part.passed} passed, {part.failed} failed", flush=True)
        part.failures = [f"{name}: {failure}" for failure in part.failures]
        outcome.add(part)
    return outcome


def _env(**more):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {**kept, "SIGNET_BINARY": str(build.BUILD / "release" / "signet"), "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull, **more}


def _run(command, cwd, timeout=600, **env):
    """(exit code, output), standard error included."""
    done = subprocess.run(command, cwd=cwd, env=_env(**env), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=timeout, check=False)
    return done.returncode, done.stdout.decode("utf-8", errors="replace")


def _judged(outcome, code, output):
    """The outcome; what was said when something failed, and a failure when nobody counted one."""
    if code != 0 or not outcome.passed:
        print(output[-6000:])
        if not outcome.failed:
            outcome.failures.append(f"the runner ended with {code}")
    return outcome


def _run_python():
    conformance.ensure_venv()
    WORK.mkdir(parents=True, exist_ok=True)
    report = WORK / "python.xml"
    report.unlink(missing_ok=True)
    code, output = _run([str(conformance.VENV / "bin" / "python"), "-m", "pytest", "-q", "--color=no", "-p", "no:cacheprovider",
                         f"--junitxml={report}", "tests"], CLIENTS / "python",
                        PYTHONPATH=str(CLIENTS / "python" / "src"), PYTHONDONTWRITEBYTECODE="1")
    return _judged(from_junit(report) if report.exists() else Outcome(), code, output)


def _run_matrix(is_quick, writes):
    conformance.ensure_venv()
    conformance.ensure_node_modules()
    WORK.mkdir(parents=True, exist_ok=True)
    report = WORK / "matrix.xml"
    report.unlink(missing_ok=True)
    code, output = _run([str(conformance.VENV / "bin" / "python"), "-m", "pytest", "-q", "--color=no", "-p", "no:cacheprovider",
                         "-c", "tests/pytest.ini", "--rootdir", "tests", "-o", "junit_family=xunit1", f"--junitxml={report}", "tests/clients"], build.ROOT, timeout=5400,
                        PYTHONDONTWRITEBYTECODE="1", **({"SIGNET_CLIENTS": "quick"} if is_quick else {}))
    outcome = _judged(from_junit(report) if report.exists() else Outcome(), code, output)
    if writes and not is_quick and report.exists():
        subprocess.run([sys.executable, str(build.ROOT / "tools" / "client_matrix.py"), str(report)], check=True)
    return outcome


def _run_node():
    conformance.ensure_node_modules()
    # A copy beside the packages: modules are looked for from where a file lies.
    folder = WORK / "node"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(CLIENTS / "node", folder)
    (folder / "node_modules").symlink_to(conformance.NODE_MODULES)
    code, output = _run(["node", "--test", "--test-reporter=tap", "test/"], folder)
    return _judged(count_tap(output), code, output)


def count_tap(output):
    """Of the summary that node ends with; the names of those that failed."""
    passed = re.search(r"^# pass (\d+)$", output, re.MULTILINE)
    failed = re.search(r"^# fail (\d+)$", output, re.MULTILINE)
    names = re.findall(r"^\s*not ok \d+ - (.*)$", output, re.MULTILINE) if failed and int(failed.group(1)) else []
    return Outcome(passed=int(passed.group(1)) if passed else 0, failures=names)


def _run_go():
    missing = _missing("go", ["go", "version"], r"go1\.(\d+)", 24)
    if missing:
        print(f"   go: not run: {missing}", flush=True)
        return None
    code, output = _run(["go", "test", "-json", "./..."], CLIENTS / "go", timeout=1500)
    return _judged(count_go(output), code, output)


def count_go(output):
    """Of the events that `go test -json` prints, one a line."""
    outcome = Outcome()
    for line in output.splitlines():
        if not line.startswith("{"):
            continue
        event = json.loads(line)
        if "Test" in event and event["Action"] == "pass":
            outcome.passed += 1
        elif "Test" in event and event["Action"] == "fail":
            outcome.failures.append(event["Test"])
    return outcome


def _run_java():
    missing = _missing("mvn", ["javac", "-version"], r"javac (\d+)", 17)
    if missing:
        print(f"   java: not run: {missing}", flush=True)
        return None
    folder = WORK / "java"
    shutil.rmtree(folder / "surefire-reports", ignore_errors=True)
    code, output = _run(["mvn", "-B", "-q", f"-Dsignet.build={folder}", "test"], CLIENTS / "java", timeout=1500)
    outcome = Outcome()
    for report in sorted((folder / "surefire-reports").glob("TEST-*.xml")):
        outcome.add(from_junit(report))
    return _judged(outcome, code, output)


def _missing(program, version, pattern, least):
    """Why a language cannot be tested here: its tools are not those of a Debian 12 that has nothing else; None if it can."""
    if not shutil.which(program) or not shutil.which(version[0]):
        return f"{program} and {version[0]} are not on the path"
    done = subprocess.run(version, capture_output=True, text=True, check=False)
    found = re.search(pattern, done.stdout + done.stderr)
    if not found or int(found.group(1)) < least:
        return f"it needs version {least}, this is {(done.stdout + done.stderr).strip()}"
    return None
