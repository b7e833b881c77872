"""facts/s3_operations.tsv -> facts/s3_operation_ids.h (S3Operation) and facts/s3_operations_table.inc (its rows)."""
import _tsv

LEVELS = {"Service", "Bucket", "Object"}


def outputs():
    return ["facts/s3_operation_ids.h", "facts/s3_operations_table.inc"]


def generate(facts):
    rows = _tsv.read(facts / "s3_operations.tsv")
    names = [row["name"] for row in rows]
    if names != sorted(names) or len(set(names)) != len(names):
        raise SystemExit("facts/s3_operations.tsv: names must be sorted and unique")
    for row in rows:
        if row["level"] not in LEVELS:
            raise SystemExit(f'facts/s3_operations.tsv: {row["name"]}: level must be one of {sorted(LEVELS)}')
        if (row["implemented"] == "yes") != (row["action"] != ""):
            raise SystemExit(f'facts/s3_operations.tsv: {row["name"]}: implemented operations, and only they, have an action')
        if row["params"].count("&") > 1:
            raise SystemExit(f'facts/s3_operations.tsv: {row["name"]}: at most two parameters')
    head = [
        "// Made by tools/gen/s3_operations.py from facts/s3_operations.tsv.",
        "#pragma once",
        "#include <cstdint>",
        "namespace signet::facts {",
        "enum class S3Operation : std::uint8_t {",
        *[f"  {name}," for name in names],
        "};",
        "}  // namespace signet::facts",
        "",
    ]
    table = []
    for row in rows:
        first, _, second = row["params"].partition("&")
        implemented = "true" if row["implemented"] == "yes" else "false"
        table.append(
            f'{{S3Operation::{row["name"]}, {_tsv.c_string(row["name"])}, {_tsv.c_string(row["method"])}, '
            f'S3Level::{row["level"]}, {{{_tsv.c_string(first)}, {_tsv.c_string(second)}}}, '
            f'{_tsv.c_string(row["header"])}, {implemented}, {_tsv.c_string(row["action"])}}},'
        )
    return {"facts/s3_operation_ids.h": "\n".join(head), "facts/s3_operations_table.inc": "\n".join(table) + "\n"}
