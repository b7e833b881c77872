"""facts/operations/ -> facts/operation_ids.h (enumerators), facts/operations_table.inc (rows, sorted) and
facts/json_routes_table.inc (method, path template, query and status of the operations of REST with JSON)."""
import _models
from _tsv import c_string


def outputs():
    return ["facts/operation_ids.h", "facts/operations_table.inc", "facts/json_routes_table.inc"]


def row(op):
    return (
        f"{{Operation::{op.name}, Service::{op.service.capitalize()}, {c_string(op.name)}, ResultRule::{op.result.capitalize()}, "
        f"RunMode::{op.run_mode}, MissingStyle::{op.missing.capitalize()}, {str(op.paged).lower()}, "
        f"{str(op.status == 'implemented').lower()}}},"
    )


def route(op):
    path, _, query = op.uri.partition("?")
    return f"{{Operation::{op.name}, {c_string(op.method)}, {c_string(path)}, {c_string(query)}, {op.http_status}}},"


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
    # The more an operation's query says, the earlier it is looked at.
    routes = [route(op) for op in sorted(operations, key=lambda op: "?" not in op.uri) if op.uri]
    return {"facts/operation_ids.h": "\n".join(head), "facts/operations_table.inc": "\n".join(table) + "\n",
            "facts/json_routes_table.inc": "\n".join(routes) + "\n"}
