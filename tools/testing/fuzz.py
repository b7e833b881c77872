"""The fuzz smoke: every target replays its seeds, then all of them share the given seconds."""
import concurrent.futures
import os
import pathlib
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
    return target, done.returncode == 0, output if done.returncode == 0 else output[-6000:]


def _program(folder, target):
    for candidate in (folder / "fuzz" / target, folder / target):
        if candidate.exists():
            return candidate
    raise build.StepFailed(f"{target} was not built")


def _last_statistics(output):
    """'123456 runs, 789 features' of libFuzzer's closing lines."""
    runs = [line for line in output.splitlines() if line.startswith("stat::number_of_executed_units")]
    return f"{runs[-1].split()[-1]} runs" if runs else "done"
