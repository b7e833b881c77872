"""facts/s3_typed.tsv and facts/shapes/s3.json -> the typed requests and answers of operations of S3, in signet::s3::shapes.

    facts/s3_types.h      a plain aggregate for each structure, <Operation>Request and <Operation>Response
    facts/s3_wire.h       decode(input, request), encode(sink, response) and kTyped<Request>, one of each an operation
    facts/s3_decode.inc   bodies, included by src/facts/wire/s3_wire.cc
    facts/s3_encode.inc   likewise
"""
import json

import _models
import _tsv
import wire
from _tsv import c_string
from _types import struct_lines


def outputs():
    return ["facts/s3_types.h", "facts/s3_wire.h", "facts/s3_decode.inc", "facts/s3_encode.inc"]


class Decoders(wire.Decoders):
    """Readers of XML, headers and query; lists know the element of an item."""

    def __init__(self, service):
        super().__init__(service, {}, [], set())
        self.decoder = "XmlDecoder"

    def statement(self, member):
        shape = self.service.shapes[member.shape]
        if member.attribute:
            return f"  d.type({self.string_rule(member.shape)}, v.{member.cpp});"
        if shape.kind == "list":
            item = self.service.shapes[shape.fact["member"]]
            rule = f"{{.item = {c_string('' if member.flat else shape.fact['item'])}}}"
            if item.kind == "structure":
                return f"  d.structures({self.member_rule(member)}, {rule}, v.{member.cpp}, &read_{item.cpp});"
            return f"  d.strings({self.member_rule(member)}, {rule}, {self.string_rule(item.name)}, v.{member.cpp});"
        if shape.kind == "timestamp":
            return f"  d.timestamp({self.member_rule(member)}, v.{member.cpp});"
        return super().statement(member)

    def body(self, members):
        return [line for line in map(self.statement, members) if line]

    def reader(self, shape):
        self.lines += [f"void read_{shape.cpp}(facts::XmlDecoder& d, {shape.cpp}& v) {{", *self.body(shape.members), "}"]

    def operation(self, op):
        self.lines += ["}  // namespace", f"Status decode(const facts::S3Input& input, {op.name}Request& v) {{",
                       "  facts::XmlDecoder d(input);", *self.body(self.service.shapes[op.input].members),
                       "  return d.finish();", "}", "namespace {"]


def write_line(service, member, plain):
    """The statement that writes one member of an element. `plain`: the list is a vector, absent when empty."""
    shape, name, target = service.shapes[member.shape], c_string(member.wire), f"v.{member.cpp}"
    if member.attribute:
        return None
    if shape.kind == "structure":
        return f"  s.structure({name}, {target}, [&s](const {shape.cpp}& w) {{ write(s, w); }});"
    if shape.kind == "list":
        item = service.shapes[shape.fact["member"]]
        each = (f"[&s](const {item.cpp}& w) {{ write(s, w); }}" if item.kind == "structure"
                else "[&s](const std::string& w) { s.text(w); }")
        opened = any(below.attribute for below in item.members)
        assert not opened, f"{shape.name}: items with attributes are not written yet"
        guard = f"if (!{target}.empty()) " if plain and not member.required else ""
        names = f"{c_string('')}, {name}" if member.flat else f"{name}, {c_string(shape.fact['item'])}"
        return f"  {guard}s.list({names}, {target}, {each});"
    return f"  s.field({name}, {target});"


def structure_writer(service, shape, is_input):
    body = [write_line(service, m, is_input) for m in shape.members if m.location == "body"]
    attribute = next((m for m in shape.members if m.attribute), None)
    assert attribute is None or attribute.wire == "xsi:type", f"{shape.name}: {attribute.wire} is not written yet"
    first = [f"  s.type(v.{attribute.cpp});"] if attribute else []
    lines = [line for line in first + body if line]
    unused = "" if lines else "[[maybe_unused]] "
    return [f"[[maybe_unused]] void write({unused}facts::S3Sink& s, {unused}const {shape.cpp}& v) {{", *lines, "}"]


def encoder(service, op, root):
    """What an answer is: its headers and its element."""
    members = service.shapes[op.output].members if op.output else []
    lines = [f"  s.header({c_string(m.wire)}, v.{m.cpp});" for m in members if m.location == "header"]
    payload = next((m for m in members if m.location == "payload"), None)
    if root != "-":
        value = f"v.{payload.cpp}" if payload else "v"
        lines += [f"  s.root({c_string(root)}, {value}, [&s](const auto& w) {{ write(s, w); }});"]
    unused = "" if lines else "[[maybe_unused]] "
    return [f"void encode({unused}facts::S3Sink& s, {unused}const {op.name}Response& v) {{", *lines, "}"]


def type_lines(service):
    inputs, done, lines = service.reachable(service.inputs), set(), []
    for name in inputs + [n for n in service.reachable(service.outputs) if n not in inputs]:
        shape = service.shapes[name]
        lines += struct_lines(service, shape.cpp, shape.members, name in inputs)
        done.add(shape.cpp)
    for op in service.operations:
        if f"{op.name}Request" not in done:
            raise SystemExit(f"facts/shapes/s3.json: the request of {op.name} has another name")
        lines += [f"using {op.name}Response = {service.shapes[op.output].cpp};" if op.output else f"struct {op.name}Response {{}};", ""]
    return lines


def load(facts):
    """The service, and the roots of the answers by operation."""
    document = json.loads((facts / "shapes" / "s3.json").read_text(encoding="utf-8"))
    rows = _tsv.read(facts / "s3_typed.tsv")
    names = [row["name"] for row in rows]
    if names != sorted(set(names)) or names != list(document["operations"]):
        raise SystemExit("facts/s3_typed.tsv: rows must be sorted, each once, and imported (tools/import_botocore.py)")
    shapes = _models.shapes_of(document, set())
    operations = [_models.Operation.of_s3(name, fact.get("input"), fact.get("output"))
                  for name, fact in document["operations"].items()]
    service = _models.Service("s3", "2006-03-01", "", "s3", "", shapes, operations)
    return service, {row["name"]: row["root"] for row in rows}, document["operations"]


def payload_of(service, op):
    return next((m for m in service.shapes[op.input].members if m.location == "payload"), None)


def generate(facts):
    service, roots, operations = load(facts)
    head = ["// Made by tools/gen/s3_typed.py from facts/shapes/s3.json.", "#pragma once"]
    types_text = [*head, "#include <cstdint>", "#include <optional>", "#include <string>", "#include <vector>",
                  '#include "base/instant.h"', '#include "base/secret.h"', "namespace signet::s3::shapes {", "",
                  *type_lines(service), "}  // namespace signet::s3::shapes", ""]
    wire_text = [*head, '#include "base/result.h"', '#include "facts/s3_types.h"', '#include "facts/wire/s3_sink.h"',
                 '#include "facts/wire/xml_decoder.h"', "namespace signet::s3::shapes {", "",
                 "// What is known of an operation by its request.", "template <class Request>", "inline constexpr facts::TypedS3 kTyped{};", ""]
    encode = ["namespace {"]
    inputs = set(service.reachable(service.inputs))
    for name in service.reachable(service.outputs):
        encode += structure_writer(service, service.shapes[name], name in inputs)
    encode.append("}  // namespace")
    for op in service.operations:
        payload = payload_of(service, op)
        wire_text += [f"template <>\ninline constexpr facts::TypedS3 kTyped<{op.name}Request>{{.has_body = {str(payload is not None).lower()}, "
                      f".needs_digest = {str(operations[op.name]['digest']).lower()}, .has_answer = {str(roots[op.name] != '-').lower()}}};",
                      f"[[nodiscard]] Status decode(const facts::S3Input& input, {op.name}Request& v);",
                      f"void encode(facts::S3Sink& s, const {op.name}Response& v);", ""]
        encode += encoder(service, op, roots[op.name])
    return {"facts/s3_types.h": "\n".join(types_text),
            "facts/s3_wire.h": "\n".join([*wire_text, "}  // namespace signet::s3::shapes", ""]),
            "facts/s3_decode.inc": Decoders(service).text(), "facts/s3_encode.inc": "\n".join([*encode, ""])}
