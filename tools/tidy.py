#!/usr/bin/env python3
"""House rules that no compiler knows; prints 'path:line: rule: what' for each breach.

Usage: tidy.py [--root DIR]; exit code 1 when a rule is broken. Rules: see RULES below and STYLE in CONTRIBUTING.md.
"""
import json
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import checking  # noqa: E402

CODE = {".cc", ".h"}
SOURCE = CODE | {".py", ".sh", ".js", ".mjs", ".ts", ".tsx", ".cmake"}
MAX_LINES = 600
MAX_README_LINES = 60
README_WORDS = ("Owns", "Does not", "Entry points", "Invariants")

# rule, pattern (matched in code with comments and strings blanked), places where it is allowed: path prefixes under
# the root, or suffixes when they begin with '*'.
BANNED = [
    ("no-c-random", r"\b(s?rand|random|drand48)\s*\(\s*\)|\bsrand\(|\brandom_device\b", ["src/crypto/"]),
    ("no-test-random", r"\bmt19937", ["*_test.cc", "bench/", "tests/"]),
    ("no-wall-clock", r"\bsystem_clock\b|\bgettimeofday\(|\bCLOCK_REALTIME\b|(?<![\w.>:])(std::|::)?time\((nullptr|NULL|0|&)",
     ["src/base/", "bench/", "tests/"]),
    ("no-steady-clock", r"\bsteady_clock\b|\bCLOCK_MONOTONIC\b",
     ["src/base/", "src/http/", "src/server/", "src/store/", "src/ctl/", "bench/", "tests/", "*_test.cc", "*_bench.cc"]),
    ("no-environment", r"\b(secure_)?getenv\(|\bsetenv\(|\bputenv\(|\benviron\b",
     ["src/server/", "src/ctl/", "cmd/", "examples/", "tests/", "bench/", "*_test.cc"]),
    ("no-shell", r"(?<![\w.>])(std::)?system\(|\bpopen\(", ["*_test.cc"]),
    ("no-unbounded-copy", r"\b(strcpy|strcat|sprintf|vsprintf|gets|strncpy)\(", []),
    ("no-hidden-state", r"\b(gmtime|localtime|mktime|strtok|asctime|ctime)\(", []),
    ("no-sleep", r"\b(sleep_for|sleep_until|usleep|nanosleep)\b|(?<![\w.>])sleep\(", ["src/http/server.cc", "bench/", "tests/"]),
    ("no-regex", r"\bstd::w?regex\b|\bregcomp\(", []),
    ("no-throw", r"\bthrow\b", ["*_test.cc", "bench/", "examples/", "tests/"]),
    # The overloads without an error code throw, which ends the process.
    ("no-throwing-filesystem", r"\b(fs|filesystem)::(exists|is_\w+|file_size|create_director\w+|remove\w*|absolute|canonical|"
     r"current_path|directory_iterator|recursive_directory_iterator|last_write_time|status|space)\([^(),]+\)|temp_directory_path\(\)",
     ["*_test.cc", "*_for_test.h", "bench/", "tests/"]),
    ("no-threads", r"\bstd::j?thread\b|\bstd::async\b|\bpthread_create\b",
     ["src/http/", "src/server/", "src/store/", "src/identity/", "src/audit/", "src/telemetry/", "src/objects/file_remover.", "src/api/worker_pool.cc", "src/ctl/", "bench/", "tests/", "*_test.cc",
      "*_bench.cc"]),
    ("no-stdout", r"\bstd::(cout|cerr|clog)\b|(?<![\w.>:])(std::)?printf\(",
     ["src/ctl/", "src/base/log.cc", "cmd/", "bench/", "examples/", "tests/", "*_test.cc"]),
    ("no-using-namespace", r"\busing\s+namespace\s+std\b", []),
]
TODO = re.compile(r"\b(TODO|FIXME|HACK)\b(?!\(#\d+\):)")
NOLINT = re.compile(r"NOLINT(?:NEXTLINE|BEGIN)?(?!END|NEXTLINE|BEGIN)(\([a-z0-9.,*\- ]+\): \S.*)?")
MACHINE_PATH = re.compile(r"(?<![\w.])/(" + "wo" + r"rk|ro" + r"ot|ho" + r"me)/\w")
# Packages come through the clients as the machine has them set up; nothing of ours names where from.
REGISTRY_OPTION = re.compile(r"--(extra-)?index-" + r"url|--regis" + r"try\b|regis" + r"try\s*=\s*http|index-url\s*=")
BLANK = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\'', re.DOTALL)


def blank_comments_and_strings(text):
    """The text with comments and literals replaced by spaces, line breaks kept."""
    return BLANK.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def is_allowed(path, places):
    return any(path.endswith(place[1:]) if place.startswith("*") else path.startswith(place) for place in places)


def check_banned_calls(path, text):
    if not path.endswith((".cc", ".h")) or path.startswith(("fuzz/", "console/")):
        return
    lines = blank_comments_and_strings(text).splitlines()
    for rule, pattern, places in BANNED:
        if is_allowed(path, places):
            continue
        compiled = re.compile(pattern)
        for number, line in enumerate(lines, 1):
            if compiled.search(line):
                yield f"{path}:{number}: {rule}: {text.splitlines()[number - 1].strip()}"


def check_markers(path, text):
    if path.startswith(("tools/tidy.py", "tools/testing/test_tools.py")):
        return
    for number, line in enumerate(text.splitlines(), 1):
        if TODO.search(line):
            yield f"{path}:{number}: todo-needs-issue: write TODO(#issue): ..."
        for match in NOLINT.finditer(line):
            if match.group(1) is None and "NOLINTEND" not in line:
                yield f"{path}:{number}: nolint-needs-reason: write NOLINT(check-name): reason"


def check_text(path, text):
    lines = text.splitlines()
    if len(lines) > MAX_LINES:
        yield f"{path}: file-size: {len(lines)} lines, at most {MAX_LINES}"
    for number, line in enumerate(lines, 1):
        if line != line.rstrip():
            yield f"{path}:{number}: trailing-space"
        if not line.isascii():
            yield f"{path}:{number}: non-ascii: {line.strip()[:60]}"
    if text and not text.endswith("\n"):
        yield f"{path}: final-newline"


def check_places(path, text):
    for number, line in enumerate(text.splitlines(), 1):
        if MACHINE_PATH.search(line):
            yield f"{path}:{number}: machine-path: {line.strip()[:80]}"
        if REGISTRY_OPTION.search(line):
            yield f"{path}:{number}: registry-option: {line.strip()[:80]}"


def check_lock_file(path, text):
    if path.endswith("package-lock.json") and '"resolved"' in text:
        yield f"{path}: lock-address: run npm with omit-lockfile-registry-resolved"


def check_facts_table(path, text):
    """Facts are sorted by their first column (or say '# Order:') and name their source per row (or '# Source:')."""
    comments = [line for line in text.splitlines() if line.startswith("#")]
    rows = [(number, line.split("\t")) for number, line in enumerate(text.splitlines(), 1)
            if line.strip() and not line.startswith("#")]
    if not rows:
        yield f"{path}: facts-empty"
        return
    columns = rows[0][1]
    body = rows[1:]
    if not any(line.startswith("# Order:") for line in comments):
        keys = [cells[0] for _, cells in body]
        # Names that AWS compares without case may be sorted so too.
        for (number, _), before, after in zip(body[1:], keys, keys[1:]):
            if after < before and after.lower() < before.lower():
                yield f"{path}:{number}: facts-sorted: '{after}' after '{before}'"
    if any(line.startswith("# Source:") for line in comments):
        return
    if "source" not in columns:
        yield f"{path}: facts-sourced: no column 'source' and no comment '# Source:'"
        return
    index = columns.index("source")
    for number, cells in body:
        if len(cells) <= index or not cells[index].strip():
            yield f"{path}:{number}: facts-sourced: empty source"


def check_facts_json(path, text):
    try:
        value = json.loads(text)
    except ValueError as error:
        yield f"{path}: facts-json: {error}"
        return
    if isinstance(value, dict) and not value.get("source"):
        yield f"{path}: facts-sourced: no member 'source'"


def check_room_readmes(root, paths):
    rooms = sorted({path.split("/")[1] for path in paths if path.startswith("src/") and path.count("/") > 1})
    for room in rooms:
        name = f"src/{room}/README.md"
        if name not in paths:
            yield f"{name}: room-readme: missing"
            continue
        text = (root / name).read_text(encoding="utf-8")
        if len(text.splitlines()) > MAX_README_LINES:
            yield f"{name}: room-readme: more than {MAX_README_LINES} lines"
        for word in README_WORDS:
            if word not in text:
                yield f"{name}: room-readme: says nothing under '{word}'"


def check_dead_headers(root, paths):
    """A header that no file includes has no reader."""
    included = set()
    for path in paths:
        if path.endswith((".cc", ".h")):
            text = (root / path).read_text(encoding="utf-8", errors="replace")
            included |= set(re.findall(r'#\s*include\s*"([^"]+)"', text))
    for path in paths:
        if path.startswith("src/") and path.endswith(".h") and path.removeprefix("src/") not in included:
            yield f"{path}: dead-file: nothing includes this header"


def is_source(path):
    name = path.rsplit("/", 1)[-1]
    return pathlib.PurePath(path).suffix in SOURCE or name in ("CMakeLists.txt", "run", "test")


def check_file(path, text):
    """All rules that look at one file."""
    problems = []
    if is_source(path):
        problems += [*check_text(path, text), *check_banned_calls(path, text), *check_markers(path, text)]
    if not path.startswith("testdata/") and "/corpus/" not in path:
        problems += check_places(path, text)
    problems += check_lock_file(path, text)
    if path.startswith("facts/") and path.endswith(".tsv"):
        problems += check_facts_table(path, text)
    if path.startswith("facts/") and path.endswith(".json"):
        problems += check_facts_json(path, text)
    return problems


def listed_files(root):
    """What git tracks or would track; removed files left out."""
    out = subprocess.run(["git", "-C", str(root), "ls-files", "-z", "-co", "--exclude-standard"], check=True,
                         stdout=subprocess.PIPE).stdout.decode()
    return sorted(path for path in set(out.split("\0")) if path and (root / path).is_file())


def check(root):
    paths = listed_files(root)
    problems = []
    for path in paths:
        data = (root / path).read_bytes()
        if b"\0" not in data:
            problems += check_file(path, data.decode("utf-8", errors="replace"))
    problems += check_room_readmes(root, set(paths))
    problems += check_dead_headers(root, paths)
    return problems


if __name__ == "__main__":
    checking.run(check, __doc__)
