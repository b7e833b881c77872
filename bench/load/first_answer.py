#!/usr/bin/env python3
"""How long a start takes until the first answer, without and with a console password in the bootstrap file.

Usage: first_answer.py   (a minute)

Starts take turns, with --dev and on a fresh data folder. Needs a built server (cmake --build --preset release). Loopback only.
"""
import json
import pathlib
import statistics
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests"))

from support import bootstrap  # noqa: E402
from support.server import Server  # noqa: E402

ROUNDS = 21


def write_files(folder):
    """{name: path} of two files that differ in a password."""
    files = {}
    for name in ("without", "with"):
        value = bootstrap.document()
        if name == "without":
            del value["accounts"][0]["users"][0]["password"]
        files[name] = folder / f"{name}.json"
        files[name].write_text(json.dumps(value), encoding="utf-8")
    return files


def milliseconds(file, is_dev):
    with tempfile.TemporaryDirectory() as folder:
        place = ["--dev"] if is_dev else ["--data", folder + "/data"]
        server = Server([*place, "--quiet", "--listen", "127.0.0.1:0", "--bootstrap", file], folder)
        start = time.perf_counter()
        server.start().get("/_signet/health")
        taken = time.perf_counter() - start
        server.stop()
    return taken * 1000


def main():
    with tempfile.TemporaryDirectory() as folder:
        files = write_files(pathlib.Path(folder))
        for is_dev in (True, False):
            taken = {name: [] for name in files}
            for _ in range(ROUNDS):
                for name, file in files.items():
                    taken[name].append(milliseconds(file, is_dev))
            shown = ", ".join(f"{name} {statistics.median(values):.1f} (least {min(values):.1f})" for name, values in taken.items())
            print(f"{'--dev' if is_dev else '--data'}: median ms {shown}")


if __name__ == "__main__":
    main()
