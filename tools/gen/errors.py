"""facts/errors.tsv -> facts/error_codes.h (the ErrorCode enumerators) and facts/errors_table.inc (its rows)."""
import _tsv


def outputs():
    return ["facts/error_codes.h", "facts/errors_table.inc"]


def generate(facts):
    rows = _tsv.read(facts / "errors.tsv")
    names = [row["name"] for row in rows]
    if names != sorted(names) or len(set(names)) != len(names):
        raise SystemExit("facts/errors.tsv: names must be sorted and unique")
    head = [
        "// Made by tools/gen/errors.py from facts/errors.tsv.",
        "#pragma once",
        "#include <cstdint>",
        "namespace signet {",
        "enum class ErrorCode : std::uint16_t {",
        *[f"  {name}," for name in names],
        "};",
        "}  // namespace signet",
        "",
    ]
    table = [
        f'{{ErrorCode::{r["name"]}, {_tsv.c_string(r["name"])}, {_tsv.c_string(r["wire_code"])}, {r["status"]}, '
        f'{"true" if r["fault"] == "Receiver" else "false"}, {_tsv.c_string(r["message"])}}},'
        for r in rows
    ]
    return {"facts/error_codes.h": "\n".join(head), "facts/errors_table.inc": "\n".join(table) + "\n"}
