"""facts/shapes/ -> facts/SERVICE_types.h: one plain aggregate per structure of the API models.

Strings, integers, booleans and timestamps are values when the model requires them, std::optional otherwise; sensitive
strings and blobs are Secret; lists are std::vector and maps vectors of pairs. In answers a list that is not required
is std::optional, because an absent list and an empty one differ on the wire (aws-wire 1.3); in requests both mean "no
members", so it is a plain vector. Requests of JSON tell them apart too: they change lists that are there.
"""
import _models

SCALARS = {"string": "std::string", "integer": "std::int64_t", "boolean": "bool", "timestamp": "Instant", "blob": "std::string"}


def outputs():
    return [f"facts/{service}_types.h" for service in _models.SERVICES]


def value_type(service, name):
    shape = service.shapes[name]
    if shape.kind == "structure":
        return shape.cpp
    if shape.kind == "list":
        return f"std::vector<{value_type(service, shape.fact['member'])}>"
    if shape.kind == "map":
        return f"std::vector<std::pair<std::string, {value_type(service, shape.fact['value'])}>>"
    if shape.is_secret:
        return "Secret"
    return SCALARS[shape.kind]


def member_line(service, member, is_input):
    kind = service.shapes[member.shape].kind
    text = value_type(service, member.shape)
    if not member.required and (service.is_json or not (is_input and kind in ("list", "map"))):
        text = f"std::optional<{text}>"
    return f"  {text} {member.cpp}{{}};"


def struct_lines(service, cpp_name, members, is_input):
    if not members:
        return [f"struct {cpp_name} {{}};", ""]
    return [f"struct {cpp_name} {{", *[member_line(service, m, is_input) for m in members], "};", ""]


def service_header(service):
    inputs = service.reachable(service.inputs)
    lines = [
        "// Made by tools/gen/types.py from facts/shapes/; its rules for absent and empty stand there.",
        "#pragma once",
        "#include <cstdint>", "#include <optional>", "#include <string>", "#include <utility>", "#include <vector>",
        '#include "base/instant.h"', '#include "base/secret.h"', '#include "facts/operation_ids.h"',
        f"namespace signet::{service.name} {{", "",
    ]
    done = set()
    for name in inputs + [n for n in service.reachable(service.outputs) if n not in inputs]:
        shape = service.shapes[name]
        lines += struct_lines(service, shape.cpp, shape.members, name in inputs)
        done.add(shape.cpp)
    for op in service.typed:
        for suffix, shape in (("Request", op.input), ("Response", op.output)):
            wanted = op.name + suffix
            if wanted in done:
                continue
            if shape and suffix == "Request":  # several operations may take it, and handlers tell requests apart
                lines += [f"struct {wanted} : {service.shapes[shape].cpp} {{}};", ""]
            else:
                lines += [f"using {wanted} = {service.shapes[shape].cpp};" if shape else f"struct {wanted} {{}};", ""]
            done.add(wanted)
    for op in service.typed:
        if op.written_by:
            member = next(m for m in service.shapes[op.input].members if m.name == op.written_by)
            if member.required:  # that an assertion was used is stored
                lines += [f"inline bool is_write(const {op.name}Request& /*request*/) {{ return true; }}", ""]
            else:
                lines += [
                    f"inline bool is_write(const {op.name}Request& request) {{ return request.{member.cpp}.has_value(); }}", "",
                ]
    lines += [f"}}  // namespace signet::{service.name}", ""]
    return "\n".join(lines)


def generate(facts):
    return {f"facts/{name}_types.h": service_header(service) for name, service in _models.load(facts).items()}
