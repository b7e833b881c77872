"""Configuring and building a preset, quietly: the log is shown when it fails."""
import os
import pathlib
import re
import subprocess
import sys
import time

from testing.outcome import Outcome

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / "build"


class StepFailed(Exception):
    """A step that the rest of its part cannot do without failed; its output is printed already."""

    def __init__(self, name):
        super().__init__(name)
        self.outcome = Outcome(failures=[name])


def run(command, log, name, env=None, timeout=None, cwd=ROOT):
    """Runs a command with its output in `log`; on failure prints the end of it and raises StepFailed.

    While it runs, the last `step n of m` in its output is shown: in place on a terminal, every 30 s elsewhere.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    with open(log, "wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd=cwd, env=env)
        try:
            code = _wait(process, log, name, start + timeout if timeout else None)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            code = f"none within {timeout} s"
        except BaseException:  # Ctrl-C: leave nothing running
            process.kill()
            process.wait()
            raise
    if code != 0:
        print(f"FAILED {name} (exit code {code}); the end of {log.relative_to(ROOT)}:")
        print(tail(log, 60), flush=True)
        raise StepFailed(name)
    print(f"   {name} ({time.monotonic() - start:.1f} s)", flush=True)


def _wait(process, log, name, deadline):
    """The exit code. Raises TimeoutExpired when `deadline` (of time.monotonic, or None) passes first."""
    on_terminal = sys.stdout.isatty()
    while True:
        pause = 0.5 if on_terminal else 30
        if deadline is not None:
            pause = min(pause, max(deadline - time.monotonic(), 0))
        try:
            code = process.wait(pause)
            if on_terminal:
                print("\r\033[K", end="")
            return code
        except subprocess.TimeoutExpired:
            if deadline is not None and time.monotonic() >= deadline:
                raise
        step = last_step(log)
        if step and on_terminal:
            print(f"\r\033[K   {name}: {step}", end="", flush=True)
        elif step:
            print(f"   {name}: {step}", flush=True)


def last_step(log):
    """The last `step n of m` that a build wrote to `log`, or None."""
    with open(log, "rb") as file:
        file.seek(max(file.seek(0, os.SEEK_END) - 4096, 0))
        steps = re.findall(r"^step \d+ of \d+", file.read().decode("utf-8", errors="replace"), re.MULTILINE)
    return steps[-1] if steps else None


def tail(path, lines):
    return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


def jobs():
    return str(os.cpu_count() or 2)


def configure(preset):
    """Configures the preset when it never was, or the presets changed; ninja does it by itself when a CMake file changes."""
    folder = BUILD / preset
    made = folder / "build.ninja"
    if not made.exists() or made.stat().st_mtime < (ROOT / "CMakePresets.json").stat().st_mtime:
        run(["cmake", "--preset", preset], BUILD / f"{preset}-configure.log", f"configure {preset}")
    return folder


def build(preset, *targets):
    """Configures the preset if needed, then builds the targets (all of them by default)."""
    folder = configure(preset)
    wanted = " ".join(targets) or "everything"
    run(["ninja", "-C", str(folder), "-j", jobs(), *targets], BUILD / f"{preset}-build.log", f"build {preset}: {wanted}",
        env=dict(os.environ, NINJA_STATUS="step %f of %t "))
    return folder


def has_target(folder, name):
    """Whether ninja knows the target."""
    done = subprocess.run(["ninja", "-C", str(folder), "-t", "query", name], capture_output=True, check=False)
    return done.returncode == 0


def call(command, **options):
    """Runs a command and returns (succeeded, output)."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                          cwd=options.pop("cwd", ROOT), check=False, **options)
    return done.returncode == 0, done.stdout.decode("utf-8", errors="replace")


def python():
    return sys.executable
