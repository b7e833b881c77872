#!/usr/bin/env python3
"""Counts the instructions and allocations of one request of each call, under valgrind's callgrind.

    cmake --preset release && ninja -C build/release loadgen signet
    bench/server/instructions.py [--requests 2000] [--only NAME] [--keep DIR] [--signet FILE] [--statements N]

Free of the noise that times have on a shared machine: two runs differ by a few per mille. User space only (the kernel's
share is not counted). Threads are counted apart: those that a request waits for, and the one that writes the audit file
behind it, whose work is nearly all the digest over each line. OpenSSL finds no SHA instructions under valgrind: a block of
SHA-256 counts 1,180 instructions there and about a tenth of that on a processor that has them. Valgrind 3.19 does not know
openat2, so GetObject is counted on its slow way. `--keep` leaves the callgrind
files, for callgrind_annotate. `--statements` asks as one user with N statements more, in policies of bench/policy's making.
"""

import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.parse

import run

sys.path.append(str(run.ROOT / "bench/policy"))
import gen  # noqa: E402

CALLS = {
    "GetCallerIdentity, access key": ["--mix", "gci"],
    "GetCallerIdentity, session": ["--mix", "gci", "--sessions", 10],
    "AssumeRole": ["--mix", "assume"],
    "GetSessionToken": ["--mix", "gst"],
    "ListBuckets, session": ["--mix", "list", "--sessions", 10],
    "GetObject 4 KB, session": ["--mix", "get", "--sessions", 10],
    "ListBuckets, access key": ["--mix", "list"],
    "ListBuckets, refused": ["--mix", "list", "--key", ":".join(run.NOBODY_KEY)],
}
STATEMENT_CALLS = {
    "ListBuckets, user": ["--mix", "list"],
    "GetObject 4 KB, user": ["--mix", "get"],
}
LARGEST_POLICY = 6144
ALLOCATORS = ("malloc", "calloc", "realloc", "posix_memalign")


def control(pid, *arguments):
    subprocess.run(["callgrind_control", *arguments, str(pid)], check=True, capture_output=True)


def load(port, keys, arguments, requests):
    # Sessions are obtained before the first request: counted in neither run if the server has seen them.
    own = [] if "--key" in arguments else ["--keys", keys]
    command = [
        run.LOADGEN, "run", "--url", f"http://127.0.0.1:{port}", "--conns", 8, *own, "--roles", 10,
        "--objects", 4, "--warmup", 0, "--duration", 600, "--requests", requests, "--quiet", "--json", "-", *arguments,
    ]  # fmt: skip
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    # Refusals may be what is counted.
    if json.loads(done.stdout or "{}").get("requests", 0) < requests:
        sys.exit(f"loadgen failed: {done.stderr}")


def iam(port, action, **parameters):
    form = f"Version=2010-05-08&Action={action}&{urllib.parse.urlencode(parameters)}"
    command = [
        run.LOADGEN, "run", "--url", f"http://127.0.0.1:{port}", "--key", ":".join(run.ROOT_KEY), "--conns", 1,
        "--mix", "custom", "--custom", form, "--requests", 1, "--warmup", 0, "--duration", 60, "--quiet",
    ]  # fmt: skip
    subprocess.run(list(map(str, command)), check=True, capture_output=True)


def documents(count):
    """Policies of `count` statements in all, each as large as a managed policy may be."""
    statements = [s for policy in gen.Maker(7, 20, 1).policies(1, count, 0.1) for s in policy["document"]["Statement"]]
    texts, left = [], []
    for statement in statements:
        text = json.dumps({"Version": "2012-10-17", "Statement": [*left, statement]}, separators=(",", ":"))
        if len(text) > LARGEST_POLICY:
            texts.append(json.dumps({"Version": "2012-10-17", "Statement": left}, separators=(",", ":")))
            left = []
        left.append(statement)
    return [*texts, json.dumps({"Version": "2012-10-17", "Statement": left}, separators=(",", ":"))]


def give_statements(port, count, user="lg-user-0"):
    """In managed policies of the user and of ten groups; and one of the user's own for what the load asks for."""
    made = documents(count)
    if len(made) > 110:
        sys.exit(f"{count} statements need {len(made)} policies; a user has ten, and ten for each of ten groups")
    for number, document in enumerate(made):
        iam(port, "CreatePolicy", PolicyName=f"made-{number}", PolicyDocument=document)
        arn = f"arn:aws:iam::{run.ACCOUNT}:policy/made-{number}"
        if number < 10:
            iam(port, "AttachUserPolicy", UserName=user, PolicyArn=arn)
            continue
        group = f"group-{number // 10}"
        if number % 10 == 0:
            iam(port, "CreateGroup", GroupName=group)
            iam(port, "AddUserToGroup", UserName=user, GroupName=group)
        iam(port, "AttachGroupPolicy", GroupName=group, PolicyArn=arn)
    own = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListAllMyBuckets"], "Resource": "arn:aws:s3:::*"}
    own["Condition"] = {"StringEquals": {"aws:PrincipalTag/team": "red"}}
    document = json.dumps({"Version": "2012-10-17", "Statement": [own]})
    iam(port, "PutUserPolicy", UserName=user, PolicyName="p", PolicyDocument=document)
    iam(port, "TagUser", UserName=user, **{"Tags.member.1.Key": "team", "Tags.member.1.Value": "red"})


def totals(profile):
    """(instructions of all functions, calls of the allocator, whether it is the audit file's thread) of one thread."""
    names, allocations, callee = {}, 0, None
    instructions = 0
    text = profile.read_text()
    for line in text.splitlines():
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
    return instructions, allocations, "Sink::State::write_up_to" in text and "http::Loop::run" not in text


def measure(directory, signet, label, arguments, requests, statements):
    """One server per call, so that its profile holds nothing else."""
    port = run.free_port()
    profile = directory / f"{re.sub('[^a-z0-9]+', '-', label.lower())}.callgrind"
    command = [
        "valgrind", "--tool=callgrind", "--instr-atstart=no", "--separate-threads=yes", f"--callgrind-out-file={profile}",
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
        if statements:
            give_statements(port, statements)
            keys.write_text(keys.read_text().splitlines()[0] + "\n")
        load(port, keys, arguments, 400)
        control(server.process.pid, "--instr=on")
        load(port, keys, arguments, requests)
        control(server.process.pid, "--instr=off")
    threads = [totals(file) for file in sorted(directory.glob(f"{profile.name}-*"))]
    answering = [thread for thread in threads if not thread[2]]
    instructions, allocations = sum(thread[0] for thread in answering), sum(thread[1] for thread in answering)
    behind = sum(thread[0] for thread in threads if thread[2])
    return instructions / requests, allocations / requests, behind / requests


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--only", default="", help="calls whose name holds this")
    parser.add_argument("--keep", type=pathlib.Path, help="folder for the callgrind files")
    parser.add_argument("--signet", type=pathlib.Path, default=run.ROOT / "build/release/signet")
    parser.add_argument("--statements", type=int, default=0)
    options = parser.parse_args()
    for needed in (run.LOADGEN, options.signet):
        if not needed.exists():
            sys.exit(f"{needed} is not built: cmake --preset release && ninja -C build/release loadgen signet")
    if not shutil.which("valgrind"):
        sys.exit("valgrind is needed")
    print("| | instructions | allocations | behind it: audit file |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="signet-instructions-") as name:
        directory = pathlib.Path(name)
        if options.keep:
            options.keep.mkdir(parents=True, exist_ok=True)
            directory = options.keep
        for label, arguments in (STATEMENT_CALLS if options.statements else CALLS).items():
            if options.only.lower() in label.lower():
                instructions, allocations, behind = measure(
                    directory, options.signet, label, arguments, options.requests, options.statements
                )
                print(f"| {label} | {instructions:,.0f} | {allocations:.1f} | {behind:,.0f} |", flush=True)


if __name__ == "__main__":
    main()
