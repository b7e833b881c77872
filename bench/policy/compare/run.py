#!/usr/bin/env python3
"""Decisions of Signet and of other engines on the same case folders, in one run: run.py [--engine NAME] FOLDER...

Prints Markdown: CPU time per decision and how many answers differ from expected.json (from Signet's own answers where
the folder has none). Installs the other engines under build/compare the first time. See README.md.
"""
import argparse
import collections
import hashlib
import json
import pathlib
import re
import shutil
import subprocess
import sys
import venv

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
INSTALLED = ROOT / "build" / "compare"
BENCH = ROOT / "build" / "release" / "bench" / "policy" / "policy_bench"
SHORT = {"allowed": "allow", "explicitDeny": "deny", "implicitDeny": "none"}


def once(name, source, make):
    """Runs make(target) unless it was done for this very source file."""
    target = INSTALLED / name
    stamp = target / "made-from"
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != digest:
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        make(target)
        stamp.write_text(digest)
    return target


def install_js(target):
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(HERE / name, target)
    subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=target, check=True, stdout=sys.stderr)


def install_python(target):
    venv.EnvBuilder(with_pip=True).create(target)
    subprocess.run([target / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r",
                    HERE / "requirements.txt"], check=True, stdout=sys.stderr)


def output_of(command, cwd=None):
    return subprocess.run([str(part) for part in command], cwd=cwd, check=True, stdout=subprocess.PIPE, text=True).stdout


def ours(folder):
    """Signet's rows; its own timing is by the processor's clock counter, see ../README.md."""
    answers = json.loads(output_of([BENCH, "--answers", folder]))
    text = output_of([BENCH, "--rounds", "400", folder])
    numbers = re.findall(r"median (\d+) ns, p99 (\d+) ns, mean (\d+) ns", text)
    engines = ("Signet", "Signet, naive walk (identity policies only)")
    for engine, (median, p99, mean), said in zip(engines, numbers, (answers, None)):
        yield {"engine": engine, "answers": said, "measured": len(answers), "median_ns": float(median),
               "p99_ns": float(p99), "mean_ns": float(mean)}


def javascript(script, folder):
    target = once("js", HERE / "package-lock.json", install_js)
    for source in HERE.glob("*.mjs"):
        shutil.copy(source, target)
    yield from map(json.loads, output_of(["node", script, folder], cwd=target).splitlines())


def python(folder):
    target = once("python", HERE / "requirements.txt", install_python)
    yield from map(json.loads, output_of([target / "bin" / "python", HERE / "moto_engine.py", folder]).splitlines())


ENGINES = {
    "signet": ours,
    "iam-simulate": lambda folder: javascript("iam_simulate.mjs", folder),
    "cedar": lambda folder: javascript("cedar.mjs", folder),
    "moto": python,
}


def expected_of(folder):
    file = folder / "expected.json"
    if file.exists():
        return [one["decision"] for one in json.loads(file.read_text(encoding="utf-8"))]
    return json.loads(output_of([BENCH, "--answers", folder]))


def differences(expected, row):
    if row["answers"] is None:
        return "-"
    asked = [(SHORT.get(a, a), SHORT.get(b, b)) for a, b in zip(expected, row["answers"]) if b is not None]
    kinds = collections.Counter(pair for pair in asked if pair[0] != pair[1])
    text = f"{sum(kinds.values())} of {len(asked)}"
    return text + "".join(f", {n} {a} as {b}" for (a, b), n in kinds.most_common())


def time_text(ns):
    return f"{ns:.0f} ns" if ns < 1e4 else f"{ns / 1e3:.0f} us" if ns < 1e7 else f"{ns / 1e6:.1f} ms"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", action="append", choices=list(ENGINES), help="only this one (repeatable)")
    parser.add_argument("folders", nargs="+", type=pathlib.Path)
    args = parser.parse_args()
    if not BENCH.exists():
        sys.exit("build the benchmark first: cmake --preset release && ninja -C build/release policy_bench")
    print("| set | engine | median | p99 | mean | x Signet (mean) | requests timed | answers that differ |\n"
          "|---|---|---|---|---|---|---|---|")
    for folder in (folder.resolve() for folder in args.folders):
        expected = expected_of(folder)
        base = None
        for name in args.engine or ENGINES:
            for row in ENGINES[name](folder):
                base = base or row["mean_ns"]
                times = " | ".join(time_text(row[key]) for key in ("median_ns", "p99_ns", "mean_ns"))
                print(f"| {folder.name} | {row['engine']} | {times} | {row['mean_ns'] / base:,.0f} | {row['measured']} | "
                      f"{differences(expected, row)} |", flush=True)
                if row.get("notes"):
                    print(f"{folder.name}, {row['engine']}: {json.dumps(row['notes'])}", file=sys.stderr)


if __name__ == "__main__":
    main()
