"""Our decoders read what botocore writes, and botocore reads what our encoders write, for every operation."""
import json
import pathlib
import re
import subprocess
import urllib.parse
from datetime import datetime, timezone

import pytest

pytest.importorskip("botocore")

import botocore.handlers  # noqa: E402
import botocore.loaders  # noqa: E402
import botocore.model  # noqa: E402
import botocore.parsers  # noqa: E402
import botocore.serialize  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROBE = ROOT / "build" / "release" / "tests" / "facts" / "wire_probe"
VERSIONS = {"iam": "2010-05-08", "sts": "2011-06-15"}
WHEN = datetime.fromtimestamp(1771321482, tz=timezone.utc)
ODD = " <&>\"' \u00e9"
CANDIDATES = ["bob", "123456", "123456789012", "/", "/a/", "v1", "my-alias", "AKIAIOSFODNN7EXAMPLE", "o-abcdefghij",
              "o-abcdefghij/r-abcd/ou-x", "p-abcdefgh", "https://example.com/x", "x" * 24, "arn:aws:iam::123456789012:role/x",
              "p" * 50, "{\"Version\": \"2012-10-17\"} ~+&=", "X" * 1000, "k" * 40, "j" * 36,
              "A" * 24, "ES384"]


def models():
    loader = botocore.loaders.Loader()
    for service, version in VERSIONS.items():
        yield service, botocore.model.ServiceModel(loader.load_service_model(service, "service-2", version), service)


OPERATIONS = [pytest.param(service, model.operation_model(name), id=f"{service}-{name}")
              for service, model in models() for name in model.operation_names]


@pytest.fixture(scope="module")
def probe():
    if not PROBE.exists():
        pytest.skip("build/release has no wire_probe")
    process = subprocess.Popen([PROBE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")

    def ask(line):
        process.stdin.write(line + "\n")
        process.stdin.flush()
        return process.stdout.readline().rstrip("\n")

    yield ask
    process.stdin.close()
    process.wait(timeout=10)
    process.stdout.close()


def fits(shape, text):
    low, high, pattern = (shape.metadata.get(key) for key in ("min", "max", "pattern"))
    if pattern:
        pattern = pattern.replace("\\u10000", "\\U00010000").replace("\\u10FFFF", "\\U0010FFFF")
        pattern = re.sub(r"\\p\{\w\}", "A-Za-z0-9 ", pattern)
    return (not low or len(text) >= low) and (not high or len(text) <= high) and (
        not pattern or re.fullmatch(pattern, text, re.ASCII) is not None)


def valid_input(shape):
    """A value of the shape that breaks none of its constraints."""
    if shape.type_name == "structure":
        members = list(shape.members.items())
        return {name: valid_input(member) for name, member in (members[-1:] if shape.is_tagged_union else members)}
    if shape.type_name == "list":
        return [valid_input(shape.member)] * 2
    if shape.type_name == "map":
        return {valid_input(shape.key): valid_input(shape.value)}
    if shape.type_name == "integer":
        return shape.metadata.get("min", 1)
    if shape.type_name == "boolean":
        return True
    if shape.enum:
        return shape.enum[0]
    return next(text for text in CANDIDATES if fits(shape, text))


def sample_output(shape, name):
    """What the probe's sample answer holds for a member of that name, after botocore's parser."""
    if shape.type_name == "structure":
        return {key: sample_output(member, key) for key, member in shape.members.items()}
    if shape.type_name == "list":
        if shape.member.type_name == "structure":
            return [sample_output(shape.member, name)] * 2
        return [name + ODD, "second"]
    if shape.type_name == "map":
        return {name + ODD: 7 if shape.value.type_name == "integer" else "seven"}
    if shape.name == "policyDocumentType":
        return {"a": "b c+d%20/"}
    return {"integer": 7, "boolean": True, "timestamp": WHEN, "blob": b"\x00\xff blob", "string": name + ODD}[shape.type_name]


def form_of(operation, value):
    serializer = botocore.serialize.create_serializer("query", include_validation=True)
    return urllib.parse.urlencode(serializer.serialize_to_request(value, operation)["body"])


@pytest.mark.parametrize("service, operation", OPERATIONS)
def test_decoder_reads_what_botocore_writes(probe, service, operation):
    value = valid_input(operation.input_shape) if operation.input_shape else {}
    reply = json.loads(probe(f"decode {service} {operation.name} {form_of(operation, value)}"))
    assert reply == {"ok": value}


@pytest.mark.parametrize("service, operation", OPERATIONS)
def test_botocore_reads_what_the_encoder_writes(probe, service, operation):
    body = probe(f"answer {service} {operation.name}").encode()
    parser = botocore.parsers.create_parser("query")
    parsed = parser.parse({"body": body, "headers": {}, "status_code": 200}, operation.output_shape)
    botocore.handlers.json_decode_policies(parsed, operation)
    assert parsed.pop("ResponseMetadata")["RequestId"] == "request-id"
    assert parsed == (sample_output(operation.output_shape, "") if operation.output_shape else {})


@pytest.mark.parametrize("service, operation", [p for p in OPERATIONS if p.values[1].input_shape
                                                and p.values[1].input_shape.required_members])
def test_each_required_member_is_missed(probe, service, operation):
    value = valid_input(operation.input_shape)
    for name in operation.input_shape.required_members:
        form = urllib.parse.urlencode(
            [(key, item) for key, item in urllib.parse.parse_qsl(form_of(operation, value), keep_blank_values=True)
             if key.split(".")[0] != name])
        reply = json.loads(probe(f"decode {service} {operation.name} {form}"))
        assert reply["error"]["code"] in ("MissingParameter", "ValidationError")
        assert name in reply["error"]["message"] or name[0].lower() + name[1:] in reply["error"]["message"]


@pytest.mark.parametrize("service, operation", [p for p in OPERATIONS if p.values[1].input_shape])
def test_each_bound_is_enforced(probe, service, operation):
    for name, shape in operation.input_shape.members.items():
        for broken in too_far(shape):
            value = dict(valid_input(operation.input_shape), **{name: broken})
            reply = json.loads(probe(f"decode {service} {operation.name} {form_of_unchecked(operation, value)}"))
            assert reply.get("error", {}).get("code") == "ValidationError", (name, broken if len(str(broken)) < 80 else "...")


def too_far(shape):
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if shape.type_name == "integer":
        return [bound + step for bound, step in ((low, -1), (high, 1)) if bound is not None]
    if shape.type_name != "string":
        return []
    if shape.enum:
        return ["no such value"]
    fitting = next(text for text in CANDIDATES if fits(shape, text))
    return (["x" * (high + 1)] if high and high < 200_000 else []) + ([fitting[: low - 1]] if low else [])


def form_of_unchecked(operation, value):
    serializer = botocore.serialize.create_serializer("query", include_validation=False)
    return urllib.parse.urlencode(serializer.serialize_to_request(value, operation)["body"])
