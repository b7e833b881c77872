"""facts/shapes/ -> the decoders and encoders of every operation: of forms, to XML and JSON, for the Query protocol; of JSON, to
JSON, for services of REST.

    facts/SERVICE_wire.h      decode(form, request) and encode(sink, response), one overload an operation
    facts/SERVICE_decode.inc  their bodies, included by src/facts/wire/SERVICE_decode.cc
    facts/SERVICE_encode.inc  likewise
    facts/patterns.inc        the models' regular expressions as automata
"""
import _models
import _patterns
import _tsv
from _tsv import c_string

KINDS = ("wire.h", "decode.inc", "encode.inc")
# Where a member of a REST request stands, as facts::Location.
LOCATIONS = {"uri": "Path", "querystring": "Query", "querystringOrBody": "QueryOrBody", "header": "Header", "payload": "WholeBody"}
# Members that the model requires but that root does not have (aws-wire 1.8): left out of answers when empty.
ABSENT_FOR_ROOT = {("iam", "User", "Path"), ("iam", "User", "UserName"), ("iam", "AccessKey", "UserName"), ("iam", "MFADevice", "UserName")}


def outputs():
    return [f"facts/{service}_{kind}" for service in _models.SERVICES for kind in KINDS] + ["facts/patterns.inc", "facts/patterns.h"]


# Patterns

ANYTHING = r"[\s\S]*"


def is_pattern(shape):
    """Whether the shape has a pattern that some text does not have."""
    return shape.fact.get("pattern", ANYTHING) != ANYTHING


def pattern_names(services):
    """Text of each pattern -> its C++ name; of services that are served in part, those that are used alone."""
    shapes = [shape for service in services.values() for shape in (
        map(service.shapes.get, service.used(service.inputs)) if service.name in _models.PARTLY_SERVED else service.shapes.values())]
    texts = sorted({shape.fact["pattern"] for shape in shapes if is_pattern(shape)})
    return {text: f"kPattern{number}" for number, text in enumerate(texts)}


def pattern_lines(name, automaton, range_tables):
    ranges = tuple(automaton.ranges)
    lines = []
    if ranges and ranges not in range_tables:
        range_tables[ranges] = f"{name}Ranges"
        cells = ", ".join(f"{{0x{a:X}, 0x{b:X}, {k}}}" for a, b, k in ranges)
        lines.append(f"constexpr CodePointRange {name}Ranges[] = {{{cells}}};")
    cells = ", ".join(str(state) for row in automaton.transitions for state in row)
    lines.append(f"constexpr std::uint16_t {name}Next[] = {{{cells}}};")
    cells = ", ".join(str(a).lower() for a in automaton.accepts)
    lines.append(f"constexpr bool {name}Accepts[] = {{{cells}}};")
    table = range_tables[ranges] if ranges else "std::span<const CodePointRange>{}"
    ascii_classes = ", ".join(map(str, automaton.ascii))
    lines.append(
        f"}}\nconst Pattern {name} = {{.text = {c_string(automaton.text)}, .ascii = {{{{{ascii_classes}}}}}, "
        f".ranges = {table}, .transitions = {name}Next, .accepts = {name}Accepts, .classes = {automaton.classes}, "
        f".is_class_run = {str(automaton.is_class_run).lower()}}};\nnamespace {{"
    )
    return lines


def pattern_files(facts, names):
    table, range_tables = _patterns.categories(facts), {}
    lines = ["namespace {"]
    for text, name in names.items():
        lines += pattern_lines(name, _patterns.compile_pattern(text, table), range_tables)
    lines.append("}")
    head = ["// Made by tools/gen/wire.py from facts/shapes/.", "#pragma once", '#include <array>', '#include "facts/wire/pattern.h"', "namespace signet::facts {"]
    head += [f"extern const Pattern {name};  // {text}" for text, name in names.items()]
    listed = ", ".join(f"&{name}" for name in names.values())
    head += [f"inline constexpr std::array<const Pattern*, {len(names)}> kAllPatterns = {{{listed}}};"]
    head += ["}  // namespace signet::facts", ""]
    return {"facts/patterns.inc": "\n".join(lines) + "\n", "facts/patterns.h": "\n".join(head)}


# Decoding


def java_hash(text):
    value = 0
    for c in text:
        value = (31 * value + ord(c)) & 0xFFFFFFFF
    return value ^ (value >> 16)


def in_clause_order(members):
    """Members in the order in which AWS reports their faults: that of a Java HashMap of their lower-camel names, which
    reproduces every recorded message (aws-wire 1.9)."""
    buckets = 16
    while len(members) > buckets * 3 // 4:
        buckets *= 2
    return sorted(members, key=lambda m: java_hash(_models.lower_camel(m.name)) & (buckets - 1))


class Decoders:
    def __init__(self, service, patterns, sentences, empty_values):
        self.decoder = "JsonDecoder" if service.is_json else "Decoder"
        self.service, self.patterns, self.sentences, self.empty_values = service, patterns, sentences, empty_values
        self.rules, self.lines = {}, []

    def bounds(self, shape):
        low, high = shape.fact.get("min", -1), shape.fact.get("max", -1)
        if low < 0 or (shape.kind == "string" and low == 0):
            low = -1
        return low, high

    def string_rule(self, name):
        shape = self.service.shapes[name]
        rule = f"k{shape.cpp}"
        if rule not in self.rules:
            low, high = self.bounds(shape)
            pattern = f"&facts::{self.patterns[shape.fact['pattern']]}" if is_pattern(shape) else "nullptr"
            values = "{}"
            if "enum" in shape.fact:
                cells = ", ".join(c_string(v) for v in shape.fact["enum"])
                self.lines.append(f"constexpr std::string_view {rule}Values[] = {{{cells}}};")
                values = f"{rule}Values"
            self.rules[rule] = True
            self.lines.append(
                f"constexpr facts::StringRule {rule} = {{.min = {low}, .max = {high}, .pattern = {pattern}, "
                f".values = {values}, .is_sensitive = {str(shape.sensitive).lower()}}};"
            )
        return rule

    def bounds_text(self, shape):
        low, high = self.bounds(shape)
        return f"{{.min = {low}, .max = {high}}}"

    def list_rule(self, shape):
        # aws-wire 1.9 records the closing "Member must not be null" for tag keys and its absence elsewhere.
        names_null = "true" if shape.name == "tagKeyListType" else "false"
        return f"{{.size = {self.bounds_text(shape)}, .names_null = {names_null}}}"

    def sentence(self, member):
        for row in self.sentences:
            if (row["service"], row["shape"]) == (self.service.name, member.shape) and row["member"] in ("*", member.name):
                return row["sentence"].replace("{name}", _models.lower_camel(member.name))
        return ""

    def member_rule(self, member):
        path = _models.lower_camel(member.name)
        sentence = self.sentence(member)
        is_empty_absent = (self.service.name, member.shape, member.name) in self.empty_values
        tail = f", {c_string(sentence)}" if sentence or is_empty_absent else ""
        tail += ", true" if is_empty_absent else ""
        if member.location != "body":
            tail = f", {c_string(sentence)}, {str(is_empty_absent).lower()}, facts::Location::{LOCATIONS[member.location]}"
        return f"{{{c_string(member.wire)}, {c_string(path)}, {str(member.required).lower()}{tail}}}"

    def statement(self, member):
        shape = self.service.shapes[member.shape]
        rule, target = self.member_rule(member), f"v.{member.cpp}"
        if shape.kind == "string":
            return f"  d.string({rule}, {self.string_rule(member.shape)}, {target});"
        if shape.kind == "integer":
            return f"  d.integer({rule}, {self.bounds_text(shape)}, {target});"
        if shape.kind == "boolean":
            return f"  d.boolean({rule}, {target});"
        if shape.kind == "timestamp" and self.service.is_rpc:
            return f"  d.timestamp({rule}, {target});"
        if shape.kind == "blob" and self.service.is_json:
            return f"  d.blob({rule}, {self.bounds_text(shape)}, {target});"
        if shape.kind == "structure":
            return f"  d.structure({rule}, {target}, &read_{shape.cpp});"
        if shape.kind == "list":
            item = self.service.shapes[shape.fact["member"]]
            if item.kind == "structure":
                return f"  d.structures({rule}, {self.list_rule(shape)}, {target}, &read_{item.cpp});"
            if item.kind == "string":
                return f"  d.strings({rule}, {self.list_rule(shape)}, {self.string_rule(item.name)}, {target});"
        if shape.kind == "map":
            value = self.service.shapes[shape.fact["value"]]
            return (f"  d.map({rule}, {self.bounds_text(shape)}, {self.string_rule(shape.fact['key'])}, {target}, "
                    f"&read_value_{value.cpp});")
        raise SystemExit(f"{self.service.name}: no decoder for input member {member.name} of kind {shape.kind}")

    def reader(self, shape):
        body = [self.statement(m) for m in in_clause_order(shape.members)]
        self.lines += [f"void read_{shape.cpp}(facts::{self.decoder}& d, {shape.cpp}& v) {{", *body, "}"]

    def map_values(self):
        """A reader for the value of each kind of map that a request may hold."""
        names = {m.shape for op in self.service.inputs for m in self.service.shapes[op].members}
        shapes = [self.service.shapes[name] for name in names]
        for name in sorted({shape.fact["value"] for shape in shapes if shape.kind == "map"}):
            value = self.service.shapes[name]
            if value.kind == "structure":
                type_, call = value.cpp, f"d.structure(facts::kMapValue, v, &read_{value.cpp})"
            elif value.kind == "string":
                type_, call = "std::string", f"d.string(facts::kMapValue, {self.string_rule(name)}, v)"
            else:
                raise SystemExit(f"{self.service.name}: no decoder for maps of {value.kind}")
            self.lines.append(f"void read_value_{value.cpp}(facts::{self.decoder}& d, {type_}& v) {{ {call}; }}")

    def operation(self, op):
        shape = self.service.shapes[op.input] if op.input else None
        members = shape.members if shape else []
        if self.service.is_json:
            self.json_operation(op, members)
            return
        body = [self.statement(m) for m in in_clause_order(members)]
        names = f"k{op.name}Members"
        cells = ", ".join(c_string(m.wire) for m in members)
        array = f"std::array<std::string_view, {len(members)}>"
        self.lines += [f"constexpr {array} {names} = {{{cells}}};", "}  // namespace"]
        unused = "" if members else "[[maybe_unused]] "
        self.lines += [
            f"Status decode(const codec::FormParams& form, {unused}{op.name}Request& v) {{",
            f"  facts::Decoder d(form, facts::operation_row(facts::Operation::{op.name}));",
            *body,
            f"  return d.finish({names});",
            "}",
            "namespace {",
        ]

    def json_operation(self, op, members):
        body = [self.statement(m) for m in in_clause_order(members)]
        unused = "" if members else "[[maybe_unused]] "
        self.lines += [
            "}  // namespace",
            f"Status decode(const facts::JsonInput& input, {unused}{op.name}Request& v) {{",
            "  facts::JsonDecoder d(input);",
            *body,
            "  return d.finish();",
            "}",
            "namespace {",
        ]

    def text(self):
        top = set(self.service.inputs)
        self.lines.append("namespace {")
        for name in self.service.reachable(self.service.inputs):
            if name not in top:
                self.reader(self.service.shapes[name])
        self.map_values()
        for op in self.service.typed:
            self.operation(op)
        return "\n".join(self.lines + ["}  // namespace", ""])


# Encoding


def is_request_list(service, is_input):
    """Whether lists that are not required are plain vectors (types.py)."""
    return is_input and not service.is_json


def write_statement(service, member, is_input, documents=True):
    shape, target, name = service.shapes[member.shape], f"v.{member.cpp}", c_string(member.wire)
    guarded = not member.required
    if member.location == "payload":
        return f"  write(s, {target});"
    if service.is_json and shape.kind == "timestamp" and (shape.fact.get("timestampFormat") == "iso8601") == service.is_rpc:
        raise SystemExit(f"{service.name}: BodySink writes times as ISO 8601 texts, but seconds for JSON with X-Amz-Target: {shape.name}")
    if shape.kind in ("string", "integer", "boolean", "timestamp"):
        if documents and service.name == "iam" and shape.name == "policyDocumentType":
            call = f"s.document({name}, {'*' if guarded else ''}{target});"
            return f"  if ({target}) {{ {call} }}" if guarded else f"  {call}"
        return f"  facts::put(s, {name}, {target});"
    if shape.kind == "blob":
        bytes_text = ("*" if guarded else "") + target
        return f"  if ({target}) {{ s.blob({name}, {bytes_text}); }}" if guarded else f"  s.blob({name}, {bytes_text});"
    if shape.kind == "structure":
        return f"  facts::put_structure(s, {name}, {target}, [](S& t, const {shape.cpp}& w) {{ write(t, w); }});"
    is_plain = is_request_list(service, is_input)
    condition = f"!{target}.empty()" if is_plain else target
    value = target if member.required or is_plain else f"*{target}"
    call = collection_call(service, shape, name, value)
    return f"  if ({condition}) {{ {call} }}" if guarded else f"  {call}"


def collection_call(service, shape, name, value):
    if shape.kind == "map":
        item = service.shapes[shape.fact["value"]]
        if item.kind == "structure":
            return f"facts::put_structure_map(s, {name}, {value}, [](S& t, const {item.cpp}& w) {{ write(t, w); }});"
        return f"facts::put_map(s, {name}, {value});"
    item = service.shapes[shape.fact["member"]]
    if item.kind == "structure":
        return f"facts::put_structures(s, {name}, {value}, [](S& t, const {item.cpp}& w) {{ write(t, w); }});"
    if item.kind == "string":
        return f"facts::put_strings(s, {name}, {value});"
    raise SystemExit(f"no encoder for list {shape.name} of {item.kind}")


def encoder_text(service):
    inputs = set(service.reachable(service.inputs))
    lines = ["namespace {"]
    for name in service.reachable(service.outputs):
        shape = service.shapes[name]
        body = [
            (f"  if (!v.{m.cpp}.empty())" if (service.name, name, m.name) in ABSENT_FOR_ROOT else "")
            + write_statement(service, m, name in inputs)
            for m in shape.members
        ]
        unused = "" if body else "[[maybe_unused]] "
        lines += [f"template <class S>\nvoid write({unused}S& s, {unused}const {shape.cpp}& v) {{", *body, "}"]
    lines.append("}  // namespace")
    for response in response_types(service):
        for sink in sinks(service):
            lines.append(f"void encode(facts::{sink}& s, const {response}& v) {{ write(s, v); }}")
    return "\n".join(lines) + "\n"


def sinks(service):
    return ("BodySink",) if service.is_json else ("XmlSink", "JsonSink")


def response_types(service):
    """C++ names of the structures that operations answer with, each once."""
    return list(dict.fromkeys(service.shapes[op.output].cpp for op in service.typed if op.output))


def header_text(service):
    lines = [
        "// Made by tools/gen/wire.py from facts/shapes/.", "#pragma once",
        '#include "base/result.h"', f'#include "facts/{service.name}_types.h"',
        '#include "facts/wire/json_answer.h"' if service.is_json else '#include "codec/form.h"\n#include "facts/wire/answer.h"',
        "namespace signet::facts { struct JsonInput; }" if service.is_json else "",
        f"namespace signet::{service.name} {{",
        "// Fills the request; all violated constraints come back as one error in AWS's words (facts/wire/violations.h).",
    ]
    source = "const facts::JsonInput& input" if service.is_json else "const codec::FormParams& form"
    lines += [f"[[nodiscard]] Status decode({source}, {op.name}Request& v);" for op in service.typed]
    lines.append("// Writes the members of an answer; what stands around them is the protocol's.")
    for response in response_types(service):
        lines += [f"void encode(facts::{sink}& s, const {response}& v);" for sink in sinks(service)]
    for op in service.typed:
        if not op.output:
            lines.append(f"template <class S>\nvoid encode(S&, const {op.name}Response&) {{}}")
    return "\n".join(lines + [f"}}  // namespace signet::{service.name}", ""])


def generate(facts):
    services = _models.load(facts)
    patterns = pattern_names(services)
    sentences = _tsv.read(facts / "shapes" / "sentences.tsv")
    for row in sentences:
        if row["shape"] not in services[row["service"]].shapes:
            raise SystemExit(f"facts/shapes/sentences.tsv: unknown shape {row['shape']}")
    empty_values = {(row["service"], row["shape"], row["member"]) for row in _tsv.read(facts / "shapes" / "empty_values.tsv")}
    for service, shape, member in empty_values:
        if not any((m.shape, m.name) == (shape, member) for s in services[service].shapes.values() for m in s.members):
            raise SystemExit(f"facts/shapes/empty_values.tsv: no member {member} of shape {shape}")
    files = pattern_files(facts, patterns)
    for name, service in services.items():
        files[f"facts/{name}_wire.h"] = header_text(service)
        files[f"facts/{name}_decode.inc"] = Decoders(service, patterns, sentences, empty_values).text()
        files[f"facts/{name}_encode.inc"] = encoder_text(service)
    return files
