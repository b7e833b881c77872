"""What the checkers share: their command line."""
import argparse
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def run(check, description):
    """Prints the problems that check(root) finds; ends the process with 1 if there are any."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=pathlib.Path, default=ROOT)
    problems = check(parser.parse_args().root)
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)
