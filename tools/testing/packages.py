"""The files that are handed out: made, then run and installed where nothing else is."""
import sys

from testing import build, conformance


def run_packages(args):
    build.run([sys.executable, str(build.ROOT / "tools" / "make_packages.py")], build.BUILD / "package.log", "make the packages")
    return conformance.run_pytest("packages", args.preset, [str(conformance.TESTS / "packages")])
