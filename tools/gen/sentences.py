"""facts/sentences.tsv -> facts/<room>_sentences.h and facts/<room>_sentences.inc: one function per sentence, in the namespace
of the room that says it. Parameters are the places of the sentence, in their order: {name} a text, {limit#} a number.
"""
import re

import _tsv

ROOMS = ("accessanalyzer", "cloudtrail", "iam", "insight", "organizations", "rolesanywhere", "s3", "sessions", "signin", "sts")


def outputs():
    return [f"facts/{room}_sentences.{ending}" for room in ROOMS for ending in ("h", "inc")]


def places(sentence):
    """Names of the places, in order; '#' at the end of numbers."""
    found = re.findall(r"\{(\w+#?)\}", sentence)
    if len(set(found)) != len(found):
        raise SystemExit(f"facts/sentences.tsv: a place stands twice: {sentence}")
    return found


def signature(row):
    arguments = [f"std::size_t {place[:-1]}" if place.endswith("#") else f"std::string_view {place}" for place in places(row["sentence"])]
    return f"Failure {row['name']}({', '.join(arguments)})"


def text(sentence):
    """The sentence as a C++ expression."""
    parts = []
    for part in re.split(r"(\{\w+#?\})", sentence):
        if part.startswith("{"):
            name = part[1:-1]
            parts.append(f"std::to_string({name[:-1]})" if name.endswith("#") else name)
        elif part:
            parts.append(_tsv.c_string(part))
    return parts[0] if len(parts) == 1 and parts[0].startswith('"') else f"concat({', '.join(parts)})"


def generate(facts):
    rows = _tsv.read(facts / "sentences.tsv")
    keys = [(row["room"], row["name"]) for row in rows]
    if keys != sorted(set(keys)) or {room for room, _ in keys} != set(ROOMS):
        raise SystemExit(f"facts/sentences.tsv: rows must be sorted and unique, of the rooms {ROOMS}")
    files = {}
    for room in ROOMS:
        own = [row for row in rows if row["room"] == room]
        files[f"facts/{room}_sentences.h"] = "\n".join([
            "// Made by tools/gen/sentences.py from facts/sentences.tsv.", "#pragma once",
            "#include <cstddef>", "#include <expected>", "#include <string_view>", '#include "base/result.h"',
            f"namespace signet::{room} {{", "", "using Failure = std::unexpected<Error>;", "",
            *[f"// {row['error']}: {row['sentence']}\n[[nodiscard]] {signature(row)};" for row in own],
            "", f"}}  // namespace signet::{room}", ""])
        files[f"facts/{room}_sentences.inc"] = "\n".join([
            "// Made by tools/gen/sentences.py from facts/sentences.tsv.", '#include "facts/errors.h"',
            f"namespace signet::{room} {{", "",
            *[f"{signature(row)} {{\n  return fail(ErrorCode::{row['error']}, {text(row['sentence'])});\n}}\n" for row in own],
            f"}}  // namespace signet::{room}", ""])
    return files
