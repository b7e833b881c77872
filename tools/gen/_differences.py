"""Known differences from AWS: what follows `AWS-DIFF:` in a comment, a row of facts or a document."""
import pathlib
import re

MARK = "AWS-DIFF:"
PLACES = ("src/", "facts/", "docs/guide/", "docs/formats/", "docs/decisions/")
COMMENT = re.compile(r"\s*(?://+|#)\s?(.*)")


def read(root, paths):
    """(path, what is different) for each mark, in the order of the paths."""
    found = []
    for path in paths:
        if path.startswith(PLACES):
            lines = (root / path).read_text(encoding="utf-8").splitlines()
            found += [(path, _text_from(path, lines, number)) for number, line in enumerate(lines) if MARK in line]
    return found


def _text_from(path, lines, number):
    """From the mark to the end of the cell, the comment or the paragraph, or to the next mark."""
    rest = lines[number].split(MARK, 1)[1]
    if path.endswith(".tsv") and not lines[number].startswith("#"):
        return _sentence(rest.split("\t")[0])
    parts = [rest]
    for line in lines[number + 1:]:
        more = _continuation(path, line)
        if not more or MARK in more:
            break
        parts.append(more)
    return _sentence(" ".join(parts))


def _continuation(path, line):
    """What a line adds to the paragraph before it; nothing when it begins something else."""
    if pathlib.PurePath(path).suffix == ".md":
        return "" if re.match(r"\s*([-*#|>]|\d+\.)\s", line) else line.strip()
    match = COMMENT.match(line)
    return match.group(1).strip() if match else ""


def _sentence(text):
    """One line that begins with a capital and ends with a full stop."""
    text = re.sub(r"\s+", " ", text).strip().rstrip(".")
    return text[:1].upper() + text[1:] + "."
