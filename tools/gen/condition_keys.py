"""facts/condition_keys.tsv -> facts/condition_key_ids.h (KeyId, TagFamily) and facts/condition_keys_table.inc (rows)."""
import re

import _tsv


def outputs():
    return ["facts/condition_key_ids.h", "facts/condition_keys_table.inc"]


def enumerator(name):
    return "".join(part[0].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", name) if part)


def generate(facts):
    rows = _tsv.read(facts / "condition_keys.tsv")
    names = [row["name"].lower() for row in rows]
    if names != sorted(names) or len(set(names)) != len(names):
        raise SystemExit("facts/condition_keys.tsv: names must be sorted and unique, case ignored")
    for row in rows:
        if (row["shape"] == "family") != row["name"].endswith("/"):
            raise SystemExit(f'facts/condition_keys.tsv: {row["name"]}: shape family and a final "/" go together')
    fixed = [row for row in rows if row["shape"] != "family"]
    families = [row for row in rows if row["shape"] == "family"]
    if len(fixed) > 128:
        raise SystemExit("facts/condition_keys.tsv: more than 128 fixed keys do not fit the request context")
    head = [
        "// Made by tools/gen/condition_keys.py from facts/condition_keys.tsv.",
        "#pragma once",
        "#include <cstddef>",
        "#include <cstdint>",
        "namespace signet::facts {",
        "// A context key with a slot of its own.",
        "enum class KeyId : std::uint8_t {",
        *[f'  {enumerator(row["name"])},' for row in fixed],
        "};",
        "// Keys with a free last part, such as aws:PrincipalTag/team.",
        "enum class TagFamily : std::uint8_t {",
        *[f'  {enumerator(row["name"])},' for row in families],
        "};",
        f"inline constexpr std::size_t kKeyCount = {len(fixed)};",
        f"inline constexpr std::size_t kTagFamilyCount = {len(families)};",
        "}  // namespace signet::facts",
        "",
    ]
    table = []
    for row in rows:
        ids = fixed if row["shape"] != "family" else families
        table.append(
            f'{{{_tsv.c_string(row["name"])}, KeyType::{row["type"].capitalize()}, '
            f'KeyShape::{row["shape"].capitalize()}, {ids.index(row)}}},'
        )
    return {
        "facts/condition_key_ids.h": "\n".join(head),
        "facts/condition_keys_table.inc": "\n".join(table) + "\n",
    }
