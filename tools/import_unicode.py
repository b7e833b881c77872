#!/usr/bin/env python3
"""Writes facts/unicode_categories.tsv, the code points of the general categories that the API models' patterns name,
from this Python's Unicode database. Run by hand when the version of Unicode that AWS follows moves on.
"""
import pathlib
import sys
import unicodedata

CATEGORIES = "LNZ"


def rows():
    for category in CATEGORIES:
        first = None
        for point in range(sys.maxunicode + 2):
            inside = point <= sys.maxunicode and unicodedata.category(chr(point))[0] == category
            if inside and first is None:
                first = point
            elif not inside and first is not None:
                yield f"{category}\t{first:04X}\t{point - 1:04X}"
                first = None


def main():
    head = [
        "# General categories L (letters), N (numbers) and Z (separators), written by tools/import_unicode.py.",
        f"# Source: Unicode Character Database {unicodedata.unidata_version}.",
        "category\tfirst\tlast",
    ]
    path = pathlib.Path(__file__).resolve().parent.parent / "facts" / "unicode_categories.tsv"
    path.write_text("\n".join(head + list(rows())) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
