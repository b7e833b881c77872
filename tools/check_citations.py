#!/usr/bin/env python3
"""Whatever a reader is sent to is there; prints 'path:line: rule: what' for each breach.

Usage: check_citations.py [--root DIR]; exit code 1 when a rule is broken. Rules:
  citation  `aws-wire 3.2`, `R-6.8`, `Q-2`, `T38`: the section, rule, question or case stands in its page (SOURCES below)
  test      a test file that is named exists, and so does a `Suite.Name` that a document quotes
  path      a path of the repository in a document or comment exists; `*` and {a,b} may stand in it
  link      a link of a document leads to a file, and its #anchor to a heading
  found     every page of docs/ and clients/ is found by following links from docs/README.md
  decision  a decision that is named has a page, and its title begins with its number
"""
import fnmatch
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import checking  # noqa: E402
import tidy  # noqa: E402

# What a citation's first word is, and the page whose sections it counts.
SOURCES = {
    "aws-wire": "docs/aws/wire.md",
    "policy-semantics": "docs/aws/policy-semantics.md",
    "sign-in": "docs/aws/sign-in.md",
    "signin-api": "docs/aws/signin-api.md",
    "new-in-2026": "docs/aws/new-in-2026.md",
    "documented-programs": "docs/aws/documented-programs.md",
    "measurements": "docs/measurements.md",
}
FIRST_PAGE = "docs/README.md"
RULES_PAGE = SOURCES["policy-semantics"]
# Data, seeds, and breaches made on purpose: they cite nothing.
UNREAD = ("facts/managed_policies.jsonl", "facts/catalogue/", "fuzz/corpus/", "LICENSE", "tools/testing/test_citations.py")
TOP = ("src", "cmd", "docs", "facts", "tools", "tests", "testdata", "fuzz", "bench", "examples", "findings")

# White space inside a comment that goes on in the next line.
SPACE = r"(?:[ \t]|\n[ \t]*(?://+|#)?)+"
NUMBER = r"(?:P\d+|\d+(?:\.\d+)*)"
CITATION = re.compile(rf"(?<![\w/.-])({'|'.join(SOURCES)}){SPACE}(?:sections?{SPACE})?"
                      rf"({NUMBER}(?:(?:,{SPACE}(?:and{SPACE})?|{SPACE}and{SPACE}|{SPACE}to{SPACE}|-){NUMBER})*)(?![\w-])")
RULE = re.compile(r"(?<![\w-])([RQ]-\d+(?:\.\d+)?)\b(?!\.\w)")
# Cases of the truth table; elsewhere than around the policy engine the letter means other things.
CASE = re.compile(r"(?<![\w.:-])(T\d\d)(?![\w:])")
CASE_PLACES = ("src/policy", "tests/policy/", "testdata/policy/", "docs/aws/policy-semantics.md")
# Within a page of docs/aws its own sections are named by their number alone.
OWN_SECTION = re.compile(r"\((\d+\.\d+(?:, \d+\.\d+)*)\)|\bsection (\d+(?:\.\d+)?)\b")
HEADING = re.compile(r"^#{2,4} (\d+(?:\.\d+)*)\b", re.MULTILINE)
PROGRAM = re.compile(r"^\| (P\d+) \|", re.MULTILINE)
STATED_RULE = re.compile(r"\*\*([RQ]-\d+(?:\.\d+)?)\*\*|^\| (T\d\d) \|", re.MULTILINE)
TEST_NAME = re.compile(r"(?<![\w/*.-])((?:[\w.-]+/)*(?:\w+_test\.cc|test_\w+\.py))(?![\w*])")
PATH = re.compile(rf"(?<![\w/.:-])((?:{'|'.join(TOP)})/[\w./*{{}},-]*[\w*}}/])")
PAGE = re.compile(r"(?<![\w/*.-])((?:[\w-]+/)*[\w-]+\.md)\b")
QUOTED_CASE = re.compile(r"`([A-Z]\w+)\.([A-Z]\w+)`")
TEST_CASE = re.compile(r"\bTEST(?:_[FP])?\(\s*(\w+),\s*(\w+)\)")
QUOTED_FILE = re.compile(r"`([\w/*.{},-]+\.(?:h|cc|tsv|py|\{h,cc\}))`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE_SPAN = re.compile(r"```.*?```|``[^\n]*?``|`[^`\n]*`", re.DOTALL)
COMMENT = {".cc": r"//[^\n]*", ".h": r"//[^\n]*", ".js": r"//[^\n]*", ".mjs": r"//[^\n]*", ".md": r"[^\n]+"}
DECISION = re.compile(r"decisions?[/ ](\d{4})(?:(?:,| and) (\d{4}))*")


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def sections_of(text):
    return set(HEADING.findall(text)) | set(PROGRAM.findall(text))


def blank(match):
    return re.sub(r"[^\n]", " ", match.group())


def words_of(path, text):
    """The text with all but its comments blanked, so that positions stay; documents are kept whole."""
    pattern = COMMENT.get(pathlib.PurePath(path).suffix, r"(?m)^[ \t]*#[^\n]*")
    kept = [" "] * len(text)
    for match in re.finditer(pattern, text):
        kept[match.start():match.end()] = match.group()
    return "".join(new if old != "\n" else "\n" for new, old in zip(kept, text))


def slug(heading):
    """The anchor that a heading gets on the code host."""
    plain = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


class Tree:
    """The files of the repository and what can be cited in them."""

    def __init__(self, root):
        self.root = root
        self.paths = tidy.listed_files(root)
        self.known = set(self.paths)
        self.folders = {parent for path in self.paths for parent in map(str, pathlib.PurePath(path).parents)}
        self.sections = {name: sections_of(self.read(page)) for name, page in SOURCES.items()}
        self.rules = {name for match in STATED_RULE.findall(self.read(RULES_PAGE)) for name in match if name}
        self.cases = {case for path in self.paths if path.endswith("_test.cc")
                      for case in TEST_CASE.findall(self.read(path))}
        self.suites = {suite for suite, _ in self.cases}
        self.included = {name for path in self.paths if path.endswith((".cc", ".h"))
                         for name in re.findall(r'#\s*include\s*[<"]([^>"]+)[>"]', self.read(path))}
        self.decisions = {pathlib.PurePath(path).name[:4] for path in self.paths
                          if re.match(r"docs/decisions/\d{4}-", path)}

    def read(self, path):
        return (self.root / path).read_text(encoding="utf-8", errors="replace") if path in self.known else ""

    def has(self, path):
        """Whether a path, with or without its ending, or a pattern of paths is in the repository; NAME is any name."""
        path = path.rstrip("/").replace("NAME", "*")
        return all(self._has_one(option) for option in expand(path))

    def has_file(self, name):
        """Whether a file's name, alone or with folders before it, is that of ours or of a header that ours include."""
        return self.has(name) or self.has("*/" + name) or \
            any(included == name or included.endswith("/" + name) for included in self.included)

    def _has_one(self, path):
        if "*" in path:
            return any(fnmatch.fnmatchcase(known, path) for known in self.known | self.folders)
        return path in self.known or path in self.folders or any(path + end in self.known for end in (".h", ".cc", ".py"))


def expand(path):
    """a.{h,cc} as a.h and a.cc."""
    match = re.search(r"\{([^{}]*)\}", path)
    if match is None:
        return [path]
    return [one for part in match.group(1).split(",")
            for one in expand(path[:match.start()] + part + path[match.end():])]


def check_cited(tree, path, text):
    for match in CITATION.finditer(text):
        name, numbers = match.groups()
        for number in re.findall(NUMBER, numbers):
            if number not in tree.sections[name]:
                yield f"{path}:{line_of(text, match.start())}: citation: {SOURCES[name]} has no section {number}"
    cases = CASE.finditer(text) if path.startswith(CASE_PLACES) else ()
    for match in [*RULE.finditer(text), *cases]:
        if match.group(1) not in tree.rules:
            yield f"{path}:{line_of(text, match.start())}: citation: {RULES_PAGE} has no {match.group(1)}"
    for match in OWN_SECTION.finditer(text) if path.startswith("docs/aws/") else ():
        for number in re.findall(NUMBER, match.group()):
            if number not in sections_of(text):
                yield f"{path}:{line_of(text, match.start())}: citation: this page has no section {number}"


def check_tests(tree, path, text):
    for match in TEST_NAME.finditer(text):
        name = match.group(1)
        if not any(known == name or known.endswith("/" + name) for known in tree.paths):
            yield f"{path}:{line_of(text, match.start())}: test: there is no {name}"
    for match in QUOTED_CASE.finditer(text) if path.endswith(".md") else ():
        if match.groups() not in tree.cases and (match.group(1) in tree.suites or path.startswith("src/")):
            yield f"{path}:{line_of(text, match.start())}: test: {match.group(1)} has no case {match.group(2)}"


def check_paths(tree, path, text):
    """Headers may be named as they are included; documents, and files that documents quote, by their name alone."""
    for match in PATH.finditer(text):
        name = match.group(1)
        if not tree.has(name) and not tree.has("src/" + name) and name not in tree.included:
            yield f"{path}:{line_of(text, match.start())}: path: there is no {name}"
    for match in PAGE.finditer(text):
        name = match.group(1)
        if not any(known == name or known.endswith("/" + name) for known in tree.paths):
            yield f"{path}:{line_of(text, match.start())}: path: there is no {name}"
    for match in QUOTED_FILE.finditer(text) if path.endswith(".md") else ():
        if not all(tree.has_file(option) for option in expand(match.group(1))):
            yield f"{path}:{line_of(text, match.start())}: path: there is no {match.group(1)}"


def links_of(path, text):
    """(match, path that it leads to, anchor) of each link to this repository."""
    folder = pathlib.PurePosixPath(path).parent
    for match in LINK.finditer(CODE_SPAN.sub(blank, text)):
        target, _, anchor = match.group(1).partition("#")
        if "://" in target or target.startswith("mailto:"):
            continue
        parts = []
        for part in (folder / target).parts if target else pathlib.PurePosixPath(path).parts:
            parts = parts[:-1] if part == ".." else parts + [part]
        yield match, "/".join(part for part in parts if part != ".") or ".", anchor


def check_found(tree):
    """Pages that a reader who begins at docs/README.md never comes to."""
    if FIRST_PAGE not in tree.known:
        return
    seen, waiting = {FIRST_PAGE}, [FIRST_PAGE]
    while waiting:
        path = waiting.pop()
        for _, target, _ in links_of(path, tree.read(path)):
            if target.endswith(".md") and target not in seen:
                seen.add(target)
                waiting.append(target)
    for path in tree.paths:
        if path.endswith(".md") and path.startswith(("docs/", "clients/")) and path not in seen:
            yield f"{path}:1: found: no link of {FIRST_PAGE} leads here, not even over other pages"


def check_links(tree, path, text):
    for match, found, anchor in links_of(path, text):
        if found not in tree.known and found not in tree.folders:
            yield f"{path}:{line_of(text, match.start())}: link: {match.group(1)} leads to nothing"
        elif anchor and anchor not in {slug(line.lstrip("#")) for line in tree.read(found).splitlines()
                                       if line.startswith("#")}:
            yield f"{path}:{line_of(text, match.start())}: link: {match.group(1)} names no heading"


def check_decisions(tree, path, text):
    for match in DECISION.finditer(text):
        for number in re.findall(r"\d{4}", match.group()):
            if number not in tree.decisions:
                yield f"{path}:{line_of(text, match.start())}: decision: {number} has no page"
    page = re.match(r"docs/decisions/(\d{4})-", path)
    if page and not text.startswith(f"# {page.group(1)}: "):
        yield f"{path}:1: decision: the title begins with '# {page.group(1)}: '"


def check_file(tree, path, text):
    problems = [*check_cited(tree, path, text)]
    if path.startswith("testdata/"):
        return problems
    problems += check_decisions(tree, path, text)
    if not path.startswith("docs/aws/"):  # they name files of others
        words = words_of(path, text)
        problems += [*check_tests(tree, path, words), *check_paths(tree, path, words)]
    if path.endswith(".md"):
        problems += check_links(tree, path, text)
    return problems


def check(root):
    tree = Tree(root)
    problems = []
    for path in tree.paths:
        if path.startswith(UNREAD):
            continue
        data = (root / path).read_bytes()
        if b"\0" not in data:
            problems += check_file(tree, path, data.decode("utf-8", errors="replace"))
    return list(dict.fromkeys([*problems, *check_found(tree)]))


if __name__ == "__main__":
    checking.run(check, __doc__)
