"""Configuring and building a preset, quietly: the log is shown when it fails."""
import os
import pathlib
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
    """Runs a command with its output in `log`; on failure prints the end of it and raises StepFailed."""
    log.parent.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    with open(log, "wb") as out:
        try:
            code = subprocess.run(command, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd=cwd,
                                  env=env, timeout=timeout, check=False).returncode
        except subprocess.TimeoutExpired:
            code = f"none within {timeout} s"
    if code != 0:
        print(f"FAILED {name} (exit code {code}); the end of {log.relative_to(ROOT)}:")
        print(tail(log, 60), flush=True)
        raise StepFailed(name)
    print(f"   {name} ({time.monotonic() - start:.1f} s)", flush=True)


def tail(path, lines):
    return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


def jobs():
    return str(os.cpu_count() or 2)


def configure(preset):
    """Configures the preset when it never was; ninja does it again by itself when a CMake file changes."""
    folder = BUILD / preset
    if not (folder / "build.ninja").exists():
        run(["cmake", "--preset", preset], BUILD / f"{preset}-configure.log", f"configure {preset}")
    return folder


def build(preset, *targets):
    """Configures the preset if needed, then builds the targets (all of them by default)."""
    folder = configure(preset)
    wanted = " ".join(targets) or "everything"
    run(["ninja", "-C", str(folder), "-j", jobs(), *targets], BUILD / f"{preset}-build.log", f"build {preset}: {wanted}")
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
