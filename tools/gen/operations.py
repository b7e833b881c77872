"""facts/operations/ -> facts/operation_ids.h (enumerators), facts/operations_table.inc (rows, sorted),
facts/json_routes_table.inc (method, path template, query and status of the operations of REST with JSON) and
facts/services_table.inc."""
import _models
from _tsv import c_string


def outputs():
    return ["facts/operation_ids.h", "facts/operations_table.inc", "facts/json_routes_table.inc", "facts/services_table.inc"]


def row(op):
    return (
        f"{{Operation::{op.id}, Service::{op.service.capitalize()}, {c_string(op.name)}, ResultRule::{op.result.capitalize()}, "
        f"RunMode::{op.run_mode}, MissingStyle::{op.missing.capitalize()}, {str(op.paged).lower()}, "
        f"{str(op.status == 'implemented').lower()}}},"
    )


def route(op):
    path, _, query = op.uri.partition("?")
    return f"{{Operation::{op.id}, {c_string(op.method)}, {c_string(path)}, {c_string(query)}, {op.http_status}}},"


def service_row(service):
    cells = ", ".join(map(c_string, (service.signing, service.version, service.namespace, service.target)))
    return f"{{Service::{service.name.capitalize()}, {cells}}},"


def generate(facts):
    operations = [op for service in _models.load(facts).values() for op in service.operations]
    names = [op.id for op in operations]
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
            "facts/json_routes_table.inc": "\n".join(routes) + "\n",
            "facts/services_table.inc": "\n".join(map(service_row, _models.load(facts).values())) + "\n"}
