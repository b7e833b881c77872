"""facts/shapes/ -> how the requests and answers of implemented operations are told in audit records, in CloudTrail's shape.

    facts/SERVICE_records.h    describe(sink, request) and describe(sink, response), one overload a type
    facts/SERVICE_records.inc  their bodies, included by src/facts/wire/SERVICE_records.cc

Members have the model's names in lower camel case (aws-wire 7.1). What the models mark as sensitive is left out, and so is
what facts/shapes/records.tsv hides: a member whose name sounds like a secret must have a row there.
"""
import dataclasses
import re

import _models
import _tsv
import wire

SOUNDS_SECRET = re.compile(r"password|secret|private|token|seed|code|assertion|qr|credential", re.IGNORECASE)


def outputs():
    return [f"facts/{service}_records.{kind}" for service in _models.SERVICES for kind in ("h", "inc")]


def decisions(facts):
    """(service, shape, member) -> is it shown; every row must name a member that the models have."""
    path = facts / "shapes" / "records.tsv"
    rows = _tsv.read(path)
    keys = [(row["service"], row["shape"], row["member"]) for row in rows]
    if keys != sorted(set(keys)) or any(row["decision"] not in ("shown", "hidden") for row in rows):
        raise SystemExit(f"{path}: rows must be sorted, each once, shown or hidden")
    return {key: row["decision"] == "shown" for key, row in zip(keys, rows)}


def is_shown(service, shape, member, decided):
    fact = service.shapes[member.shape]
    if fact.sensitive or fact.kind == "blob":
        return False
    row = decided.get((service.name, shape.name, member.name))
    if row is not None:
        return row
    if fact.kind == "string" and "enum" not in fact.fact and SOUNDS_SECRET.search(member.name):
        raise SystemExit(f"facts/shapes/records.tsv: no row for {service.name} {shape.name} {member.name}")
    return True


def writer(service, shape, is_input, decided):
    body = []
    for member in shape.members:
        if is_shown(service, shape, member, decided):
            told = dataclasses.replace(member, wire=_models.lower_camel(member.name))
            body.append(wire.write_statement(service, told, is_input))
    unused = "" if body else "[[maybe_unused]] "
    return [f"void write({unused}S& s, {unused}const {shape.cpp}& v) {{", *body, "}"]


def structures_in(service, name):
    """The structures that a value of that shape holds directly, or in lists and maps."""
    shape = service.shapes[name]
    if shape.kind == "structure":
        return [name]
    return [found for key in ("member", "value") if key in shape.fact for found in structures_in(service, shape.fact[key])]


def told(service, roots, decided):
    """The structures that are written when the roots are, dependencies first: not those within hidden members only."""
    wanted = set(roots)
    order = service.reachable(roots)
    for name in reversed(order):
        if name in wanted:
            shown = [m for m in service.shapes[name].members if is_shown(service, service.shapes[name], m, decided)]
            wanted |= {found for member in shown for found in structures_in(service, member.shape)}
    return [name for name in order if name in wanted]


def records(service, decided):
    operations = [op for op in service.operations if op.status == "implemented"]
    inputs = told(service, [op.input for op in operations if op.input], decided)
    results = told(service, [op.output for op in operations if op.output], decided)
    lines = ["namespace {", "using S = facts::RecordSink;"]
    for name in inputs + [n for n in results if n not in inputs]:
        lines += writer(service, service.shapes[name], name in inputs, decided)
    lines.append("}  // namespace")
    types = [op.name + "Request" for op in operations if op.input]
    types += dict.fromkeys(service.shapes[op.output].cpp for op in operations if op.output)
    lines += [f"void describe(facts::RecordSink& s, const {name}& v) {{ write(s, v); }}" for name in types]
    head = [
        "// Made by tools/gen/records.py from facts/shapes/.", "#pragma once",
        f'#include "facts/{service.name}_types.h"', '#include "facts/wire/record_sink.h"', f"namespace signet::{service.name} {{",
        "// Writes the members that an audit record tells of a request or an answer.",
        *[f"void describe(facts::RecordSink& s, const {name}& v);" for name in types],
    ]
    for op in operations:
        for suffix, shape in (("Request", op.input), ("Response", op.output)):
            if not shape:
                head.append(f"inline void describe(facts::RecordSink&, const {op.name}{suffix}&) {{}}")
    return "\n".join(head + [f"}}  // namespace signet::{service.name}", ""]), "\n".join(lines + [""])


def generate(facts):
    files = {}
    decided = decisions(facts)
    for name, service in _models.load(facts).items():
        for key in decided:
            if key[0] == name and not any(m.name == key[2] for m in service.shapes[key[1]].members):
                raise SystemExit(f"facts/shapes/records.tsv: no member {key[2]} of {key[1]}")
        files[f"facts/{name}_records.h"], files[f"facts/{name}_records.inc"] = records(service, decided)
    return files
