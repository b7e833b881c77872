#!/usr/bin/env python3
"""Writes testdata/facts/pattern_cases.tsv: for every regular expression of the API models, texts and whether Python's
own `re` matches them in full. src/facts/wire/pattern_test.cc holds our automata to it. Texts are hexadecimal UTF-8.

Usage: record_pattern_cases.py     (run again after an import changed the patterns)
"""
import json
import pathlib
import random
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent

FIXED = [
    "", " ", "a", "A", "_", "-", "9", "bob", "a.b+c=d,e@f-g", "a b", "a/b", "/", "//", "/a/", "/a", "a/", "/a/b/c/", "/a//b/",
    "/a b/", "/~/", "/\x7f/", "a:b", "a!", "a\n", "\n", "\t", "\r", "\x00", "\x1f", "\x7f", "\x80", "\x85", "\x9f", "\xa0",
    "\xa1", "\xff", "\u0100", "\u00e9t\u00e9", "\u4e2d\u6587", "\u0660", "\u2028", "\u3000", "\u0301", "\ud7ff", "\ue000",
    "\ufffd", "\ufffe", "\U00010000", "\U0001f511", "\U00010400", "\U0010ffff", "x\U00020000y", "v1", "v0", "v10.a-B", "v1.",
    "v01", "123456", "12345", "12345a", "123456789012", "1234567890123", "my-alias", "my--alias", "-alias", "alias-", "a-b", "ab",
    "a1b2c3", "My-alias", "a" * 63, "a" * 64, "o-" + "a" * 10, "o-" + "a" * 9, "o-" + "a" * 33, "o-abcdefghij/r-abcd/ou-abcd-x",
    "o-abcdefghij/r-abc", "p-abcdefgh", "p-abcdefg", "p-" + "z" * 128, "p-" + "z" * 129, "http://a/b?c=d#e", "https://x",
    "ccccdddd-1111-2222-3333-eeeeffff0000", "x ccccdddd-1111-2222-3333-eeeeffff0000", "CCCCDDDD-1111-2222-3333-eeeeffff0000",
    "arn:aws:rolesanywhere:eu-central-1:123456789012:trust-anchor/a", "arn:aws:rolesanywhere:::profile/a\nb", "A/b_c", "a//b-",
    "arn:aws:signin:::devtools/same-device", "arn:aws:iam::123456789012:*", "vpc-0123456789abcdef0", "vpc-0123456", "r-abcd",
    "arn:aws:sts::123456789012:federated-user/" + "f" * 193, "arn:aws:sts::123456789012:federated-user/" + "f" * 194, "eu-central-1",
    "httpss://x", "http://a?b?c", "arn:aws:iam::123456789012:role/a", "AKIAIOSFODNN7EXAMPLE", "ab:cd:ef", "{\"Version\":\"1\"}",
]


def python_pattern(text, categories):
    """The same expression in Python's spelling."""
    text = text.replace("\\u10000", "\\U00010000").replace("\\u10FFFF", "\\U0010FFFF")
    text = re.sub(r"(?<!\\)\.(?=[*+]|$)", r"[^\\n\\r\\u0085\\u2028\\u2029]", text)  # as Java reads it
    return re.sub(r"\\p\{(\w)\}", lambda m: categories[m.group(1)], text)


def read_categories():
    ranges = {}
    for line in (ROOT / "facts" / "unicode_categories.tsv").read_text(encoding="utf-8").splitlines():
        cells = line.split("\t")
        if len(cells) == 3 and len(cells[0]) == 1:
            ranges.setdefault(cells[0], []).append(f"\\U{int(cells[1], 16):08X}-\\U{int(cells[2], 16):08X}")
    return {name: "".join(parts) for name, parts in ranges.items()}


def patterns():
    found = set()
    for path in sorted((ROOT / "facts" / "shapes").glob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        found |= {shape["pattern"] for shape in document["shapes"].values() if "pattern" in shape}
    return sorted(found)


def texts(pattern, rng):
    yield from FIXED
    # Single characters, and strings near what the expression is about.
    alphabet = sorted({c for c in pattern if c.isprintable()} | set("aZ09_-/.:") | {"\u00e9", "\u2003", "\n"})
    yield from sorted(set(alphabet) - set(FIXED))
    for _ in range(30):
        yield "".join(rng.choice(alphabet) for _ in range(rng.randint(2, 14)))


def main():
    rng, categories, lines = random.Random(20100508), read_categories(), ["pattern\ttext_hex\tmatches"]
    for pattern in patterns():
        compiled = re.compile(python_pattern(pattern, categories), re.ASCII)
        for text in dict.fromkeys(texts(pattern, rng)):
            verdict = "yes" if compiled.fullmatch(text) else "no"
            lines.append(f"{pattern}\t{text.encode('utf-8').hex()}\t{verdict}")
    path = ROOT / "testdata" / "facts" / "pattern_cases.tsv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
