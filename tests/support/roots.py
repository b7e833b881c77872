"""Roots of Debian to run things in where nothing else is. Needs root, for chroot and mounts.

They are made once, in build/roots/, and copied for each test."""
import contextlib
import os
import pathlib
import shutil
import subprocess

from support.server import ROOT

ROOTS = ROOT / "build" / "roots"
CHROOT = shutil.which("chroot")


def run(*command, **options):
    return subprocess.run([str(word) for word in command], capture_output=True, encoding="utf-8", check=False, **options)


def in_root(root, *command, user=None, **options):
    return run(CHROOT, *([f"--userspec={user}"] if user else []), root, *command, **options)


@contextlib.contextmanager
def with_proc(root):
    """/proc in the root, which every container runtime and every system mounts."""
    (root / "proc").mkdir(exist_ok=True)
    assert run("mount", "--bind", "/proc", root / "proc").returncode == 0
    try:
        yield
    finally:
        run("umount", "--lazy", root / "proc")


@contextlib.contextmanager
def debian(suite, root):
    """A fresh minimal Debian at `root`, with /proc, removed in the end."""
    make_debian(suite, root)
    try:
        with with_proc(root):
            yield root
    finally:
        run("rm", "-rf", "--one-file-system", root)


def make_debian(suite, root):
    """A fresh minimal Debian at `root`."""
    base = ROOTS / suite
    if not (base / "etc" / "debian_version").exists():
        shutil.rmtree(base, ignore_errors=True)
        base.parent.mkdir(parents=True, exist_ok=True)
        done = run("debootstrap", "--variant=minbase", suite, base, mirror(), timeout=900)
        if done.returncode != 0:
            shutil.rmtree(base, ignore_errors=True)
            raise AssertionError(done.stdout[-2000:] + done.stderr[-2000:])
    done = run("cp", "-a", base, root)
    assert done.returncode == 0, done.stderr


def mirror():
    """The mirror that this machine itself takes Debian's packages from."""
    for path in [pathlib.Path("/etc/apt/sources.list"), *pathlib.Path("/etc/apt/sources.list.d").glob("*")]:
        for line in path.read_text().splitlines() if path.suffix in (".list", ".sources") and path.is_file() else []:
            words = line.split()
            if words[:1] in (["URIs:"], ["deb"]):
                found = [word for word in words if word.rstrip("/").endswith("/debian")]
                if found:
                    return found[0]
    raise AssertionError("no package source of Debian in /etc/apt")


def needs_root():
    assert os.geteuid() == 0, "this runs programs in other roots, which needs root: start it with sudo"
