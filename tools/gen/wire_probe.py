"""facts/shapes/ -> tests/SERVICE_probe.inc, for tests/facts/wire_probe.cc only.

For every operation: its request written back as JSON, and an answer in which every member has a value that
tests/facts/test_wire.py can foretell from the API model.
"""
import _models
import wire

SAMPLES = {"integer": "7", "boolean": "true", "timestamp": "Instant::from_seconds(1'771'321'482)"}


def outputs():
    return [f"tests/{service}_probe.inc" for service in _models.QUERY_SERVICES]


def sample_lines(service, member):
    shape, target = service.shapes[member.shape], f"v.{member.cpp}"
    if not member.required:
        yield f"  {target}.emplace();"
        target = f"(*{target})"
    if shape.kind == "structure":
        yield f"  sample({target});"
    elif shape.kind == "list":
        item = service.shapes[shape.fact["member"]]
        if item.kind == "structure":
            yield f"  {target}.resize(2); for (auto& item : {target}) {{ sample(item); }}"
        else:
            yield f"  {target} = {{text(\"{member.name}\"), \"second\"}};"
    elif shape.kind == "map":
        item = service.shapes[shape.fact["value"]]
        value = "7" if item.kind == "integer" else 'Secret("seven")' if item.sensitive else '"seven"'
        yield f"  {target}.emplace_back(text(\"{member.name}\"), {value});"
    elif shape.kind == "blob" or (shape.kind == "string" and shape.sensitive):
        text = "blob_bytes()" if shape.kind == "blob" else f'text("{member.name}")'
        yield f"  {target} = Secret({text});" if shape.sensitive else f"  {target} = {text};"
    elif service.name == "iam" and shape.name == "policyDocumentType":
        yield f"  {target} = policy_text();"
    elif shape.kind == "string":
        yield f'  {target} = text("{member.name}");'
    else:
        yield f"  {target} = {SAMPLES[shape.kind]};"


def probe_text(service):
    lines = ["namespace {"]
    # An input structure may also be part of an answer; its lists are never optional then (types.py).
    inputs = set(service.reachable(service.inputs))
    for name in service.reachable(service.inputs):
        shape = service.shapes[name]
        body = [wire.write_statement(service, m, True, documents=False) for m in shape.members]
        lines += [f"template <class S>\nvoid write([[maybe_unused]] S& s, [[maybe_unused]] const {shape.cpp}& v) {{", *body, "}"]
    for name in service.reachable(service.outputs):
        shape = service.shapes[name]
        lines.append(f"void sample([[maybe_unused]] {shape.cpp}& v) {{")
        for member in shape.members:
            is_plain_list = name in inputs and service.shapes[member.shape].kind in ("list", "map")
            fact = _models.Member(member.name, member.shape, True, member.wire) if is_plain_list else member
            lines += sample_lines(service, fact)
        lines.append("}")
    lines.append("}  // namespace")
    lines.append("std::string probe(facts::Operation id, const codec::FormParams* form) {\n  switch (id) {")
    for op in service.operations:
        fill = "sample(v);" if op.output else ""
        dump = "[](auto& s, const auto& r) { write(s, r); }" if op.input else "[](auto&, const auto&) {}"
        lines.append(
            f"    case facts::Operation::{op.name}: {{\n"
            f"      if (form != nullptr) {{ return dump<{op.name}Request>(*form, {dump}); }}\n"
            f"      {op.name}Response v; {fill}\n      return answer(id, v);\n    }}"
        )
    lines += ["    default: return \"\";", "  }", "}", ""]
    return "\n".join(lines)


def generate(facts):
    return {f"tests/{name}_probe.inc": probe_text(service) for name, service in _models.load(facts).items() if not service.is_json}
