"""Unit tests: ctest runs one program a room; cases are counted from GoogleTest's own reports."""
import os
import re
import shutil
import subprocess

from testing import build
from testing.outcome import Outcome, from_junit

# What a room's sources or tests name when threads meet in it; ThreadSanitizer has nothing to find elsewhere.
CONCURRENCY = re.compile(r"std::(j?thread|(shared_)?mutex|atomic|condition_variable|once_flag|latch|barrier)|thread_local")


def run_release(args):
    return _run("release", args)


def run_asan(args):
    return _run("asan", args)


def run_tsan(args):
    return _run("tsan", args, concurrent_rooms())


def run_races(args):
    """Requests that are overtaken by the state they were decided on, under ThreadSanitizer."""
    folder = build.build("tsan", "races_test")
    return _ctest(folder, ["races"])


def run_room(preset, room):
    return _ctest(build.build(preset, f"{room}_test"), [room])


def concurrent_rooms():
    """The rooms of src/ where threads meet, sorted."""
    sources = [path for path in (build.ROOT / "src").rglob("*") if path.suffix in (".cc", ".h")]
    return sorted({path.relative_to(build.ROOT / "src").parts[0] for path in sources
                   if CONCURRENCY.search(path.read_text(encoding="utf-8"))})


def _run(preset, args, rooms=None):
    if args.room:
        rooms = [args.room]
    folder = build.configure(preset)
    targets = [f"{room}_test" for room in rooms if build.has_target(folder, f"{room}_test")] if rooms else []
    if rooms and not targets:
        print(f"   no tests in {', '.join(rooms)}")
        return Outcome(failures=[f"no test program for {args.room}"] if args.room else [])
    build.build(preset, *targets)
    return _ctest(folder, rooms)


def _ctest(folder, rooms):
    reports = folder / "gtest"
    shutil.rmtree(reports, ignore_errors=True)
    reports.mkdir()
    summary = folder / "ctest.xml"
    command = ["ctest", "--test-dir", str(folder), "-j", build.jobs(), "--timeout", "600", "--output-on-failure",
               "--output-junit", str(summary)]
    if rooms:
        command += ["-R", "^(" + "|".join(rooms) + ")$"]
    env = dict(os.environ, GTEST_OUTPUT=f"xml:{reports}/", GTEST_BRIEF="1")
    log = folder / "ctest.log"
    with open(log, "wb") as out:
        code = subprocess.run(command, stdout=out, stderr=subprocess.STDOUT, env=env, check=False).returncode
    if code != 0:
        print(build.tail(log, 120), flush=True)
    return _count(summary, reports)


def _count(summary, reports):
    """Cases of each program that wrote a report; one case for a program that died before or has no cases."""
    outcome = Outcome()
    programs = from_junit(summary)
    failed_programs = {name.split(".")[-1] for name in programs.failures}
    explained = set()
    reported = set()
    for report in sorted(reports.glob("*.xml")):
        cases = from_junit(report)
        reported.add(report.stem.removesuffix("_test"))
        if cases.failures:
            explained.add(report.stem.removesuffix("_test"))
        outcome.add(cases)
    # A sanitizer's report at the end leaves every case passed.
    outcome.failures += [f"{name}_test did not end well" for name in sorted(failed_programs - explained)]
    outcome.passed += max(0, programs.passed - len(reported - failed_programs))
    return outcome
