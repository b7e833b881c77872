"""Checks of the sources: dependency law, house rules, formatting, stand-alone headers; and clang-tidy on changes."""
import concurrent.futures
import json
import os
import pathlib
import shutil
import subprocess

from testing import build
from testing.outcome import Outcome

ROOT = build.ROOT
FORMATTED = (".cc", ".h")
FORMATTED_FOLDERS = ("src/", "cmd/", "tests/", "fuzz/", "bench/")


def run_checks(_args):
    outcome = Outcome()
    python = build.python()
    for name, command in [
        ("dependency law (tools/check_layers.py)", [python, "tools/check_layers.py"]),
        ("house rules (tools/tidy.py)", [python, "tools/tidy.py"]),
        ("citations, paths and links (tools/check_citations.py)", [python, "tools/check_citations.py"]),
        ("generated reference pages (tools/generate_docs.py)", [python, "tools/generate_docs.py", "--check"]),
        ("the checkers' own tests", [python, "-m", "unittest", "-q", "tools/testing/test_tools.py", "tools/testing/test_citations.py"]),
        ("the generators' own tests", [python, "-m", "unittest", "-q", "tools/testing/test_generators.py"]),
    ]:
        outcome.check(name, *build.call(command))
    outcome.check("clang-format on every file", *_check_format(_our_files()))
    outcome.add(_check_headers())
    return outcome


def run_lint(args):
    """clang-format and clang-tidy; counts one check per file."""
    outcome = Outcome()
    files = _our_files() if args.lint_all else _changed_files()
    if not files:
        print("   no C++ file changed")
        outcome.passed += 1
        return outcome
    outcome.check(f"clang-format on {len(files)} files", *_check_format(files))
    build.build("release", "signet_gen")
    units, unknown = split_units(files, _compile_commands())
    for file in unknown:
        outcome.check(f"clang-tidy {file}", False, "no preset builds this file, so nothing can read it")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        for file, (ok, output) in zip(units, pool.map(_clang_tidy, units)):
            outcome.check(f"clang-tidy {file}", ok, output)
    return outcome


def split_units(files, commands):
    """The .cc files among `files` that clang-tidy can read, and those that it cannot since no command compiles them."""
    known = {entry["file"] for entry in commands}
    units = [file for file in files if file.endswith(".cc")]
    return ([file for file in units if str(ROOT / file) in known],
            [file for file in units if str(ROOT / file) not in known])


def _check_headers():
    folder = build.BUILD / "release"
    try:
        build.build("release", "check_headers")
    except build.StepFailed as error:
        return error.outcome
    headers = len(list((folder / "check_headers").glob("*.cc")))
    print(f"   {headers} headers compile alone")
    return Outcome(passed=1)


def _check_format(files):
    """Whether clang-format would leave every file as it is; names those that it would not."""
    wrong = [file for file in files if not build.call(["clang-format-19", "--dry-run", "--Werror", file])[0]]
    return not wrong, "clang-format-19 -i " + " ".join(wrong)


def _our_files():
    out = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True, stdout=subprocess.PIPE)
    return sorted(path for path in out.stdout.decode().split("\n") if _is_ours(path))


def _is_ours(path):
    return path.endswith(FORMATTED) and path.startswith(FORMATTED_FOLDERS) and (ROOT / path).is_file()


def _git(*arguments):
    done = subprocess.run(["git", *arguments], cwd=ROOT, check=False, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return done.stdout.decode().strip() if done.returncode == 0 else ""


def _changed_files():
    """Changed since the branch left main; on main itself, since the commit before."""
    head = _git("rev-parse", "HEAD")
    base = _git("merge-base", "HEAD", "origin/main") or _git("merge-base", "HEAD", "main")
    if not base or base == head:
        base = _git("rev-parse", "HEAD~1") or head
    changed = _git("diff", "--name-only", base).split("\n")
    changed += _git("ls-files", "-o", "--exclude-standard").split("\n")
    return sorted({path for path in changed if _is_ours(path)})


def preset_commands():
    """The release build's commands, and those of what only the preset fuzz builds. Of these no more than the
    build files are made: what they would generate is in the release build, to which their commands are pointed."""
    entries = {}
    for preset in ("release", "fuzz"):
        folder = build.build(preset, "build.ninja")
        for entry in json.loads((folder / "compile_commands.json").read_text(encoding="utf-8")):
            entry["command"] = entry["command"].replace(str(folder / "gen"), str(build.BUILD / "release" / "gen"))
            entries.setdefault(entry["file"], entry)
    return list(entries.values())


def _compile_commands():
    """The commands without ccache in front and gcc's precompiled headers, with the one define clang needs."""
    entries = preset_commands()
    for entry in entries:
        words = entry["command"].split(" ")
        start = next(i for i, word in enumerate(words) if pathlib.PurePath(word).name in ("c++", "g++", "clang++-19"))
        kept = [word for word in words[start:] if word not in ("-Werror", "-fuse-ld=mold")]
        for index in [index for index, word in enumerate(kept) if word.endswith("/cmake_pch.hxx")]:
            kept[index - 1:index + 1] = []  # with the -include before it; a command has one at most
        # libstdc++ 12 hides std::expected from clang unless this feature level is announced; its own std::stable_sort
        # uses what it calls deprecated (g++ looks after our uses).
        kept[1:1] = ["-D__cpp_concepts=202002L", "-Wno-builtin-macro-redefined", "-Wno-gnu-statement-expression",
                     "-Wno-deprecated-declarations",
                     "-Wno-unknown-warning-option"]
        entry["command"] = " ".join(kept)
    folder = build.BUILD / "lint"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "compile_commands.json").write_text(json.dumps(entries), encoding="utf-8")
    return entries


def _clang_tidy(file):
    if shutil.which("clang-tidy-19") is None:
        return False, "clang-tidy-19 is not installed"
    command = ["clang-tidy-19", "--quiet", "-p", str(build.BUILD / "lint"), file]
    if file.endswith("_test.cc"):
        # clang 19 does not know that ASSERT_TRUE(x) returns; a test states its expectations as literals.
        command.append("--checks=-bugprone-unchecked-optional-access,-readability-function-cognitive-complexity")
    if file.startswith("bench/"):
        # Google Benchmark's loop variable is never read. What prepares a measurement is not measured.
        command.append("--checks=-clang-analyzer-deadcode.DeadStores,-clang-analyzer-optin.performance.Padding,"
                       "-performance-inefficient-string-concatenation")
    return build.call(command)
