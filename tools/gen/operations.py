"""facts/operations/ -> facts/operation_ids.h (enumerators) and facts/operations_table.inc (rows, sorted)."""
import _models
from _tsv import c_string


def outputs():
    return ["facts/operation_ids.h", "facts/operations_table.inc"]


def row(op):
    return (
        f"{{Operation::{op.name}, Service::{op.service.capitalize()}, {c_string(op.name)}, ResultRule::{op.result.capitalize()}, "
        f"RunMode::{op.run_mode}, MissingStyle::{op.missing.capitalize()}, {str(op.paged).lower()}, "
        f"{str(op.status == 'implemented').lower()}}},"
    )


def generate(facts):
    operations = [op for service in _models.load(facts).values() for op in service.operations]
    names = [op.name for op in operations]
    if len(set(names)) != len(names):
        raise SystemExit("two services share an operation name: the enumerators need a prefix")
    head = [
        "// Made by tools/gen/operations.py from facts/operations/.",
        "#pragma once",
        "#include <cstdint>",
        "namespace signet::facts {",
        "enum class Operation : std::uint16_t {",
        *[f"  {name}," for name in names],
        "};",
        "}  // namespace signet::facts",
        "",
    ]
    table = [row(op) for op in operations]
    return {"facts/operation_ids.h": "\n".join(head), "facts/operations_table.inc": "\n".join(table) + "\n"}
