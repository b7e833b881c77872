"""The operation tables in facts/, and valid parameters made from the shapes: what a test that must reach every operation
is driven by."""
import csv
import dataclasses
import functools
import json
import re
import urllib.parse

from support.server import ROOT

FACTS = ROOT / "facts"


@dataclasses.dataclass(frozen=True)
class Operation:
    """A row of facts/operations/curated.tsv."""

    service: str
    name: str
    is_implemented: bool
    actions: tuple  # IAM actions that it always needs
    feature_actions: tuple  # those it needs when the request uses a feature

    def __str__(self):
        return f"{self.service}:{self.name}"


@dataclasses.dataclass(frozen=True)
class S3Operation:
    """A row of facts/s3_operations.tsv."""

    name: str
    method: str
    level: str  # Service, Bucket or Object
    params: str  # query parameters that select it, '&'-joined
    header: str
    action: str

    def __str__(self):
        return f"s3:{self.name}"


@dataclasses.dataclass(frozen=True)
class JsonOperation(Operation):
    """One of REST with JSON."""

    method: str
    uri: str  # a template with labels in braces


# Services of REST with JSON that are served.
JSON_SERVICES = ("rolesanywhere",)


@functools.cache
def operations():
    """All of IAM and STS, in table order."""
    return [_operation(row) for row in _rows("operations/curated.tsv") if row["service"] in ("iam", "sts")]


@functools.cache
def json_operations():
    """All of the services of REST with JSON that are served, in table order."""
    made = []
    for service in JSON_SERVICES:
        places = {row["name"]: (row["method"], row["uri"]) for row in _rows(f"operations/{service}.tsv")}
        made += [JsonOperation(**dataclasses.asdict(_operation(row)), method=places[row["name"]][0], uri=places[row["name"]][1])
                 for row in _rows("operations/curated.tsv") if row["service"] == service]
    return made


@functools.cache
def s3_operations():
    """The implemented ones of S3."""
    return [S3Operation(row["name"], row["method"], row["level"], row["params"], row["header"], row["action"])
            for row in _rows("s3_operations.tsv") if row["implemented"] == "yes"]


class Parameters:
    """Makes requests that violate no constraint of the shapes. `known` gives values for members by name (or by
    'Operation.Member'), such as the names of entities that exist; everything else is made up from length, range, pattern
    and enum. A member that cannot be made up is an error: it needs a known value."""

    # In order of preference where only a pattern is given.
    CANDIDATES = ("value", "value1", "123456", "1", "/", "/path/", "a@example.com", "https://example.com", "example.com",
                  "arn:aws:iam::123456789012:role/example", "AKIAIOSFODNN7EXAMPLE", "2026-01-01T00:00:00Z", "x" * 40)

    def __init__(self, known):
        self._known = known

    def of(self, operation, *optional):
        """Required members of the operation's input, and the optional ones that are named."""
        self._operation = operation.name
        shapes = _shapes(operation.service)
        input_name = _inputs(operation.service)[operation.name]
        members = shapes[input_name]["members"] if input_name != "-" else {}
        return {name: self._member(shapes, name, member["shape"]) for name, member in members.items()
                if member.get("required") or name in optional or f"{operation.name}.{name}" in self._known}

    def of_json(self, operation, *optional):
        """Target and body of a request of REST with JSON."""
        members = _shapes(operation.service)[_inputs(operation.service)[operation.name]]["members"]
        target, query, body = operation.uri, [], {}
        for name, value in self.of(operation, *optional).items():
            wire, location = members[name].get("wire", name), members[name].get("location", "body")
            if location == "uri":
                target = target.replace("{%s}" % wire, urllib.parse.quote(value, safe=""))
            elif location.startswith("querystring"):
                query += [(wire, one) for one in (value if isinstance(value, list) else [value])]
            elif location == "body":
                body[wire] = value
        if query:
            target += ("&" if "?" in target else "?") + urllib.parse.urlencode(query, quote_via=urllib.parse.quote)
        return target, json.dumps(body) if operation.method != "GET" else ""

    def _member(self, shapes, name, shape_name):
        known = self._known.get(f"{self._operation}.{name}", self._known.get(name))
        value = known if known is not None else self._make(shapes, name, shapes[shape_name])
        _check(name, shapes, shapes[shape_name], value)
        return value

    def _make(self, shapes, name, shape):
        kind = shape["type"]
        if kind == "structure":
            return {member_name: self._member(shapes, member_name, member["shape"])
                    for member_name, member in shape["members"].items() if member.get("required")}
        if kind == "list":
            return [self._member(shapes, f"{name}[]", shape["member"])]
        if kind == "string":
            return self._text(name, shape)
        makers = {"integer": lambda: shape.get("min", 1), "boolean": lambda: True,
                  "timestamp": lambda: "2026-01-01T00:00:00Z", "blob": lambda: "dmFsdWU="}
        return makers[kind]()

    def _text(self, name, shape):
        if "enum" in shape:
            return shape["enum"][0]
        for candidate in self.CANDIDATES:
            text = candidate.ljust(shape.get("min", 0), "a")
            if _fits(shape, text):
                return text
        raise AssertionError(f"{self._operation}: no value is known for {name} ({shape})")


def _fits(shape, text):
    pattern = shape.get("pattern")
    return (shape.get("min", 0) <= len(text) <= shape.get("max", 1 << 30)
            and ("enum" not in shape or text in shape["enum"])
            and (pattern is None or re.fullmatch(_python_pattern(pattern), text) is not None))


def _python_pattern(pattern):
    # The two classes that Python spells otherwise.
    return (pattern.replace(r"\p{L}\p{Z}\p{N}", r"\w\s").replace(r"\p{L}\p{N}", r"\w")
            .replace(r"\p{L}", "a-zA-Z").replace(r"\p{Z}", " ").replace(r"\p{N}", "0-9").replace(r"\p{S}", "+")
            .replace(r"\p{M}", "").replace(r"\p{P}", ".,:/@-"))


def _check(name, shapes, shape, value):
    """Known values are held to the shapes too, so that a request can only be refused for what the test means."""
    if shape["type"] == "string":
        assert _fits(shape, value), f"{name}: {value!r} violates {shape}"
    elif shape["type"] == "list":
        for item in value:
            _check(f"{name}[]", shapes, shapes[shape["member"]], item)


def _operation(row):
    actions = [action for action in row["more"].split(",") if action != "-"]
    if row["check"] not in ("none", "custom:none"):
        actions.insert(0, f"{row['service']}:{row['name']}")
    return Operation(row["service"], row["name"], row["status"] == "implemented",
                     tuple(action for action in actions if not action.endswith("?")),
                     tuple(action[:-1] for action in actions if action.endswith("?")))


@functools.cache
def _inputs(service):
    return {row["name"]: row["input"] for row in _rows(f"operations/{service}.tsv")}


@functools.cache
def _shapes(service):
    return json.loads((FACTS / "shapes" / f"{service}.json").read_text(encoding="utf-8"))["shapes"]


def _rows(file):
    with open(FACTS / file, encoding="utf-8") as lines:
        return list(csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t"))
