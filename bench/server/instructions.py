#!/usr/bin/env python3
"""Counts the instructions and allocations of one request of each call, under valgrind's callgrind.

    cmake --preset bench && ninja -C build/bench loadgen signet
    bench/server/instructions.py [--requests 2000] [--only NAME] [--keep DIR] [--signet FILE]

Free of the noise that times have on a shared machine: two runs differ by a few per mille. User space only (the kernel's
share is not counted). OpenSSL finds no SHA instructions under valgrind, so a block of SHA-256 counts for more than it
costs, and valgrind 3.19 does not know openat2, so GetObject is counted on its slow way. `--keep` leaves the callgrind
files, for callgrind_annotate.
"""

import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import run

CALLS = {
    "GetCallerIdentity, access key": ["--mix", "gci"],
    "GetCallerIdentity, session": ["--mix", "gci", "--sessions", 10],
    "AssumeRole": ["--mix", "assume"],
    "GetSessionToken": ["--mix", "gst"],
    "ListBuckets, session": ["--mix", "list", "--sessions", 10],
    "GetObject 4 KB, session": ["--mix", "get", "--sessions", 10],
}
ALLOCATORS = ("malloc", "calloc", "realloc", "posix_memalign")


def control(pid, *arguments):
    subprocess.run(["callgrind_control", *arguments, str(pid)], check=True, capture_output=True)


def load(port, keys, arguments, requests):
    # Sessions are obtained before the first request: counted in neither run if the server has seen them.
    command = [
        run.LOADGEN, "run", "--url", f"http://127.0.0.1:{port}", "--conns", 8, "--keys", keys, "--roles", 10,
        "--objects", 4, "--warmup", 0, "--duration", 600, "--requests", requests, "--quiet", "--json", "-", *arguments,
    ]  # fmt: skip
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"loadgen failed: {done.stderr}")


def totals(profile):
    """Instructions of all functions, and calls of the allocator, in a callgrind file."""
    names, allocations, callee = {}, 0, None
    instructions = 0
    for line in profile.read_text().splitlines():
        if line.startswith(("totals:", "summary:")):
            instructions = int(line.split()[1])
        elif line.startswith(("fn=", "cfn=")):
            number, _, name = line.split("=", 1)[1].partition(" ")
            if name:
                names[number] = name
            if line.startswith("cfn="):
                callee = names[number]
        elif line.startswith("calls=") and callee in ALLOCATORS:
            allocations += int(re.match(r"calls=(\d+)", line)[1])
    return instructions, allocations


def measure(directory, signet, label, arguments, requests):
    """One server per call, so that its profile holds nothing else."""
    port = run.free_port()
    profile = directory / f"{re.sub('[^a-z0-9]+', '-', label.lower())}.callgrind"
    command = [
        "valgrind", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={profile}",
        *run.signet_command(directory, port, signet),
    ]  # fmt: skip
    with run.Server(label, command, port) as server:
        keys = directory / "keys.csv"
        subprocess.run(
            list(map(str, [
                run.LOADGEN, "provision", "--url", f"http://127.0.0.1:{port}", "--key", ":".join(run.ROOT_KEY),
                "--users", 20, "--roles", 10, "--objects", 4, "--keys-out", keys,
            ])), check=True, capture_output=True,
        )  # fmt: skip
        load(port, keys, arguments, 400)
        control(server.process.pid, "--instr=on")
        load(port, keys, arguments, requests)
        control(server.process.pid, "--instr=off")
    instructions, allocations = totals(profile)
    return instructions / requests, allocations / requests


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--only", default="", help="calls whose name holds this")
    parser.add_argument("--keep", type=pathlib.Path, help="folder for the callgrind files")
    parser.add_argument("--signet", type=pathlib.Path, default=run.ROOT / "build/bench/signet")
    options = parser.parse_args()
    for needed in (run.LOADGEN, options.signet):
        if not needed.exists():
            sys.exit(f"{needed} is not built: cmake --preset bench && ninja -C build/bench loadgen signet")
    if not shutil.which("valgrind"):
        sys.exit("valgrind is needed")
    print("| | instructions | allocations |\n|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="signet-instructions-") as name:
        directory = pathlib.Path(name)
        if options.keep:
            options.keep.mkdir(parents=True, exist_ok=True)
            directory = options.keep
        for label, arguments in CALLS.items():
            if options.only.lower() in label.lower():
                instructions, allocations = measure(directory, options.signet, label, arguments, options.requests)
                print(f"| {label} | {instructions:,.0f} | {allocations:.1f} |", flush=True)


if __name__ == "__main__":
    main()
