"""The files that are handed out: made, then run and installed where nothing else is."""
import sys

from testing import build, conformance


def run_packages(args):
    _make()
    return conformance.run_pytest("packages", args.preset, [str(conformance.TESTS / "packages")])


def run_first_day_empty(args):
    _make()
    return conformance.run_pytest("first-day-empty", args.preset, [str(conformance.TESTS / "first_day_empty")])


def _make():
    build.run([sys.executable, str(build.ROOT / "tools" / "make_packages.py")], build.BUILD / "package.log", "make the packages")
