#!/usr/bin/env python3
"""Checks every #include of src/ against layers.txt and tools/third_party.txt and prints each line that breaks a law.

Laws:
  1  a room includes only itself and the rooms on its line of layers.txt; every line names only rooms above it
  2  x/impl/ is private to room x
  3  a header that is not ours and not standard appears only where tools/third_party.txt allows, never in our headers
  4  so does a header of ours that tools/third_party.txt names
  5  no part of a room includes another in a circle; a part is a .h with its .cc (CIRCLES: those that are left)

Usage: check_layers.py [--root DIR]; exit code 1 when a law is broken.
"""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import checking  # noqa: E402

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')
TEST_FILE = re.compile(r"(_test\.cc|_test_support\.(h|cc)|_for_test\.(h|cc)|_fixture\.h)$")
TEST_DEPS = re.compile(r"TEST_DEPS\s+([a-z0-9_\s]+?)(?:\)|LIBS|DEPS|TEST_LIBS)")

# Parts that include each other. Nothing is added here: a circle means that two parts are one, or that their types want a
# header of their own (src/policy_engine/question.h).
CIRCLES = {
    frozenset({"http/handler", "http/impl/connection", "http/impl/transport"}),
    frozenset({"http/impl/loop", "http/impl/slot"}),
    frozenset({"identity/directory", "identity/directory_writer"}),
}


class Laws:
    """layers.txt and third_party.txt, read once."""

    def __init__(self, root):
        self.root = root
        self.allowed = {}
        self.problems = []
        self._read_layers(root / "layers.txt")
        self.third_party = list(_read_third_party(root / "tools" / "third_party.txt"))

    def _read_layers(self, path):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if not re.match(r"[a-z]", line):
                continue
            room, _, rest = line.partition(":")
            deps = rest.split()
            for dep in deps:
                if dep not in self.allowed:
                    self.problems.append(f"layers.txt:{number}: law 1: '{dep}' does not stand above '{room.strip()}'")
            self.allowed[room.strip()] = set(deps)

    def check_include(self, file, kind, name, test_deps):
        """The law that this include breaks, or None. `file` is relative to src/."""
        room = file.parts[0]
        if kind == '"':
            return self._check_ours(file, room, name, test_deps)
        if "." not in name and "/" not in name:
            return None  # a standard header
        return self._check_named(file, room, name, f"law 3: <{name}>")

    def _check_ours(self, file, room, name, test_deps):
        other = name.split("/")[0]
        if other not in self.allowed:
            return f"law 1: \"{name}\" does not begin with a room of layers.txt (third-party headers take <>)"
        if any(name in headers for headers, _ in self.third_party):
            problem = self._check_named(file, room, name, f'law 4: "{name}"')
            if problem:
                return problem
        if other == room:
            return None
        if "/impl/" in name:
            return f"law 2: {other}/impl/ is private to {other}"
        permitted = self.allowed[room] | (test_deps if TEST_FILE.search(file.name) else set())
        if other not in permitted:
            return f"law 1: room '{room}' may not include '{other}' (layers.txt)"
        return None

    def _check_named(self, file, room, name, said):
        """Whether the line of tools/third_party.txt for this header allows it here."""
        is_test = TEST_FILE.search(file.name)
        for headers, places in self.third_party:
            if not any(name == header or (header.endswith("/") and name.startswith(header)) for header in headers):
                continue
            if is_test and "tests" in places:
                return None
            if not any(_is_in(file, room, place) for place in places):
                return f"{said} belongs in {', '.join(places)} (tools/third_party.txt)"
            if file.suffix == ".h" and "impl" not in file.parts:
                return f"{said} in a header; wrap it in a .cc file or in {room}/impl/"
            return None
        return f"{said} is not named in tools/third_party.txt"


def _is_in(file, room, place):
    return place == room or str(file) == place or str(file).startswith(place + "/")


def _read_third_party(path):
    for line in path.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            left, _, right = line.partition(" : ")
            yield left.split(), right.split()


def _test_deps(room_folder):
    """The rooms that the room's CMakeLists.txt lets its tests use besides its own."""
    cmake = room_folder / "CMakeLists.txt"
    deps = set()
    if cmake.exists():
        for match in TEST_DEPS.finditer(cmake.read_text()):
            deps |= set(match.group(1).split())
    return deps


def check(root):
    """All problems under root, as lines 'path:line: law N: what'."""
    laws = Laws(root)
    problems = list(laws.problems)
    for folder in sorted(path for path in (root / "src").iterdir() if path.is_dir()):
        if folder.name not in laws.allowed:
            problems.append(f"src/{folder.name}: law 1: layers.txt has no line for this room")
            continue
        test_deps = _test_deps(folder)
        for path in sorted([*folder.rglob("*.h"), *folder.rglob("*.cc")]):
            problems += _check_file(root, laws, path, test_deps)
    return problems + list(circles(root))


def _parts(root):
    """Part -> the parts that it includes. Tests are no parts."""
    includes = {}
    for path in sorted([*(root / "src").rglob("*.h"), *(root / "src").rglob("*.cc")]):
        if TEST_FILE.search(path.name):
            continue
        part = str(path.relative_to(root / "src").with_suffix(""))
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            match = INCLUDE.match(line)
            other = str(pathlib.PurePath(match.group(2)).with_suffix("")) if match and match.group(1) == '"' else part
            if other != part:
                includes.setdefault(part, set()).add(other)
    return includes


def _reached(includes, part):
    """What a part includes, directly or not."""
    found, left = set(), [part]
    while left:
        new = includes.get(left.pop(), set()) - found
        found |= new
        left += new
    return found


def circles(root):
    """Law 5: a problem for each circle that CIRCLES does not hold, and for each of CIRCLES that is gone."""
    includes = _parts(root)
    reached = {part: _reached(includes, part) for part in includes}
    found = {frozenset(other for other in reached[part] if part in reached.get(other, ()))
             for part in reached if part in reached[part]}
    for circle in sorted(found - CIRCLES, key=sorted):
        yield f"src/{min(circle)}.h: law 5: these include each other: {', '.join(sorted(circle))}"
    known = {circle for circle in CIRCLES if any((root / "src" / f"{part}.h").exists() for part in circle)}
    for circle in sorted(known - found, key=sorted):
        yield f"tools/check_layers.py: law 5: no circle any more, take it off the list: {', '.join(sorted(circle))}"


def _check_file(root, laws, path, test_deps):
    file = path.relative_to(root / "src")
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            problem = laws.check_include(file, match.group(1), match.group(2), test_deps)
            if problem:
                yield f"src/{file}:{number}: {problem}"


if __name__ == "__main__":
    checking.run(check, __doc__)
