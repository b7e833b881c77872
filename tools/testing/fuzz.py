"""The fuzz smoke: every target replays its seeds, then all of them share the given seconds."""
import base64
import concurrent.futures
import os
import re
import subprocess

from testing import build
from testing.outcome import Outcome

FUZZ = build.ROOT / "fuzz"


def run_smoke(args):
    targets = sorted(path.stem for path in FUZZ.glob("*_fuzz.cc"))
    if not targets:
        print("   no fuzz targets yet")
        return Outcome()
    folder = build.build("fuzz", "fuzzers")
    workers = max(1, min(os.cpu_count() or 2, len(targets)))
    seconds = max(1, args.fuzz_seconds * workers // len(targets))
    outcome = Outcome()
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        for name, ok, output in pool.map(lambda target: _fuzz(folder, target, seconds), targets):
            outcome.check(name, ok, output)
            if ok:
                print(f"   {name}: {_last_statistics(output)}")
    return outcome


def _fuzz(folder, target, seconds):
    """What libFuzzer finds goes to build/fuzz/corpus/<target> (kept between runs) and crashes to build/fuzz/crashes."""
    grown = folder / "corpus" / target
    crashes = folder / "crashes"
    grown.mkdir(parents=True, exist_ok=True)
    crashes.mkdir(parents=True, exist_ok=True)
    program = _program(folder, target)
    seeds = FUZZ / "corpus" / target.removesuffix("_fuzz")
    command = [str(program), f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=1024", "-print_final_stats=1",
               f"-artifact_prefix={crashes}/{target}-", str(grown)]
    if seeds.is_dir():
        command.append(str(seeds))
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=seconds + 120,
                              stdin=subprocess.DEVNULL, check=False)
    except subprocess.TimeoutExpired as error:
        return target, False, f"did not stop by itself\n{(error.stdout or b'').decode(errors='replace')[-2000:]}"
    output = done.stdout.decode("utf-8", errors="replace")
    return target, done.returncode == 0, output if done.returncode == 0 else describe_failure(output, program)


def describe_failure(output, program):
    """The report with its frames named, then what someone without this machine needs: the input, and how to replay it."""
    lines = [_named_frame(line) for line in output[-6000:].splitlines()]
    found = re.search(r"Test unit written to (\S+)", output)
    if not found:
        return "\n".join([*lines, "libFuzzer kept no input"])
    artifact = build.ROOT / found.group(1)
    program, name = program.relative_to(build.ROOT), artifact.relative_to(build.ROOT)
    seeds = f"fuzz/corpus/{program.name.removesuffix('_fuzz')}"
    return "\n".join([
        *lines,
        f"input: {name} ({artifact.stat().st_size} bytes), kept until build/ is removed",
        f"replay: {program} {name}",
        "elsewhere, after `cmake --preset fuzz && ninja -C build/fuzz fuzzers`:",
        f"  base64 -d > crash <<< {base64.b64encode(artifact.read_bytes()).decode()}",
        f"  {program} crash",
        f"then: make it smaller with -minimize_crash=1 -runs=100000, add it to {seeds}/ under a telling name",
    ])


def _named_frame(line):
    """A frame of a sanitizer's stack with function and line; there is no llvm-symbolizer in packages.txt."""
    frame = re.match(r"(\s+#\d+) 0x[0-9a-f]+ +\((\S+)\+(0x[0-9a-f]+)\)", line)
    if not frame:
        return line
    number, program, offset = frame.groups()
    ok, place = build.call(["addr2line", "-Cfpse", program, offset])
    return f"{number} {place.strip()}" if ok and "??" not in place.split(" at ")[0] else line


def _program(folder, target):
    for candidate in (folder / "fuzz" / target, folder / target):
        if candidate.exists():
            return candidate
    raise build.StepFailed(f"{target} was not built")


def _last_statistics(output):
    """'123456 runs, 789 features' of libFuzzer's closing lines."""
    runs = [line for line in output.splitlines() if line.startswith("stat::number_of_executed_units")]
    return f"{runs[-1].split()[-1]} runs" if runs else "done"
