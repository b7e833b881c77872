#!/usr/bin/env python3
"""Builds Signet and passes its tests. Called by ./test, which has installed the packages.

Without flags: unit, differential, conformance, console, clients, crash, fuzz and
checks. With flags: only the parts named. The last line printed is
"N passed, N failed", counted over test cases of all parts; the exit code is 1 when anything failed.
"""
import argparse
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from testing import build, checks, clients, conformance, console, differential, fuzz, packages, unit  # noqa: E402

# name, help, run(args) -> testing.outcome.Outcome; in the order they run.
PARTS = [
    ("checks", "layers, house rules, formatting and stand-alone headers, over everything", checks.run_checks),
    ("unit", "unit tests of every room (release build)", unit.run_release),
    ("differential", "policy decisions against the reference, 5 million random questions and some of a new seed",
     differential.run_differential),
    ("proofs", "two million random requests against what the prover proved, and policies written otherwise, which are equivalent (minutes)",
     differential.run_proofs),
    ("conformance", "AWS SDKs, the AWS command line and a browser against the built server", conformance.run_conformance),
    ("old-boto3", "what an old boto3 can ask for, with boto3 1.26", conformance.run_old_boto3),
    ("console", "the web console in a browser: every page as three kinds of people, its types and its size", console.run_console),
    ("clients", "the test libraries for Python, Node.js, Go and Java, and the flows of every client there is (without this flag: of "
     "the quick ones) against the built server", clients.run_clients),
    ("first-day", "every command of docs/guide/first-day.md, from an empty folder on", conformance.run_first_day),
    ("first-day-empty", "the same on an empty Debian and in an empty container (as root; fetches them, a quarter of an hour)",
     packages.run_first_day_empty),
    ("upstream", "the S3 conformance tests in front of other S3 services, MinIO and versitygw among them", conformance.run_upstream),
    ("crash", "kill the server under concurrent writes; every acknowledged write must be there", conformance.run_crash),
    ("cluster", "three nodes over three members of etcd: what happens once happens once, and nothing acknowledged is lost whatever is "
     "killed (20 rounds, some minutes)", conformance.run_cluster),
    ("operations", "metrics, alerts, traces, audit shipping, settings and the Helm chart, with Prometheus' promtool, OpenTelemetry's definitions, "
     "etcd and helm (which is built the first time)", conformance.run_operations),
    ("fuzz", "replay the seed corpora and fuzz every target, a minute for all", fuzz.run_smoke),
    ("lint", "clang-format and clang-tidy on the files changed since main (--lint-all: on all)", checks.run_lint),
    ("asan", "unit tests under AddressSanitizer and UBSan", unit.run_asan),
    ("tsan", "unit tests of the concurrent rooms under ThreadSanitizer", unit.run_tsan),
    ("packages", "the files of ./package, run and installed in empty and in Debian roots (as root; fetches them)", packages.run_packages),
    ("races", "requests overtaken by changes of what they were decided on, under ThreadSanitizer", unit.run_races),
]
DEFAULT = {"checks", "unit", "differential", "conformance", "console", "clients", "crash", "fuzz"}


def parse_args():
    parser = argparse.ArgumentParser(
        prog="./test",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="examples:\n  ./test                       what CI runs\n  ./test --unit --room policy_engine  one room\n"
        "  ./test --conformance -k mfa  conformance tests whose name contains mfa\n"
        "  ./test --crash --rounds 100  the long crash test\n"
        "  ./test --cluster --rounds 1000  the long cluster test\n"
        "  ./test --races               minutes when the tsan build is fresh",
    )
    for name, text, _ in PARTS:
        parser.add_argument(f"--{name}", action="store_true", help=text)
    parser.add_argument("--sanitize", action="store_true", help="--asan and --tsan: everything under sanitizers (half an hour)")
    parser.add_argument("--all", action="store_true", help="every part")
    parser.add_argument("--lint-all", action="store_true", help="clang-tidy on every file (minutes)")
    parser.add_argument("--room", help="with --unit, --asan, --tsan: only this room")
    parser.add_argument("--preset", choices=["release", "asan", "tsan"], default="release",
                        help="with --conformance, --crash: the build whose server is tested (default release)")
    parser.add_argument("--write-matrix", action="store_true", help="with --clients: write what passed into docs/clients.md")
    parser.add_argument("-k", dest="keyword", help="with --conformance: pytest's -k expression")
    parser.add_argument("--rounds", type=int, help="rounds of the crash and cluster tests (default 10; cluster 20)")
    parser.add_argument("--fuzz-seconds", type=int, default=60, help="fuzzing time over all targets (default 60)")
    args = parser.parse_args()
    if args.lint_all:
        args.lint = True
    if args.sanitize:
        args.asan = args.tsan = True
    args.parts = {name for name, _, _ in PARTS if args.all or getattr(args, name.replace("-", "_"))} or set(DEFAULT)
    return args


def main():
    args = parse_args()
    passed = failed = 0
    failures = []
    for name, text, run in PARTS:
        if name not in args.parts:
            continue
        print(f"\n== {name}: {text}", flush=True)
        start = time.monotonic()
        try:
            outcome = run(args)
        except build.StepFailed as error:
            outcome = error.outcome
        passed += outcome.passed
        failed += outcome.failed
        failures += [f"{name}: {failure}" for failure in outcome.failures]
        seconds = time.monotonic() - start
        print(f"== {name}: {outcome.passed} passed, {outcome.failed} failed ({seconds:.1f} s)", flush=True)
    if failures:
        print("\nfailed:")
        for failure in failures:
            print(f"  {failure}")
    print(f"\n{passed} passed, {failed} failed", flush=True)
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
