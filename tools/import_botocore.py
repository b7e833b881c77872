#!/usr/bin/env python3
"""Reads the API models of an installed botocore and writes the bare facts of IAM, STS and S3 into facts/.

Written: facts/operations/{iam,sts}.tsv (one operation a line), facts/shapes/{iam,sts}.json (one shape a line),
facts/shapes/s3_documents.json (the XML documents that facts/s3_bucket_documents.tsv names) and facts/signing_names.tsv (one service a line, of all services: its name in credential scopes and its protocols).
Documentation text is left out. What people curate lives in facts/operations/curated.tsv and facts/shapes/*.tsv, which
this tool never touches.

Usage: import_botocore.py [--check]      --check only compares, and fails if the committed facts differ.
"""
import argparse
import collections
import functools
import gzip
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SERVICES = {"iam": "2010-05-08", "sts": "2011-06-15"}
S3_VERSION = "2006-03-01"


def read_model(service, name):
    import botocore

    folder = pathlib.Path(botocore.__file__).parent / "data" / service / {**SERVICES, "s3": S3_VERSION}[service]
    plain, packed = folder / f"{name}.json", folder / f"{name}.json.gz"
    if packed.exists():
        return json.loads(gzip.decompress(packed.read_bytes()))
    return json.loads(plain.read_text(encoding="utf-8"))


def member_fact(shape, name, member):
    fact = {"shape": member["shape"]}
    if name in shape.get("required", []):
        fact["required"] = True
    if member.get("locationName", name) != name:
        fact["wire"] = member["locationName"]
    return fact


def shape_fact(shape):
    """The constraints and members of one shape, nothing for people to read."""
    fact = {"type": shape["type"]}
    for key in ("min", "max", "pattern", "enum", "sensitive"):
        if key in shape:
            fact[key] = shape[key]
    if shape["type"] == "list":
        fact["member"] = shape["member"]["shape"]
        if shape.get("flattened") or shape["member"].get("locationName", "member") != "member":
            raise SystemExit("a flattened or renamed list: the encoder does not know these yet")
    if shape["type"] == "map":
        fact["key"], fact["value"] = shape["key"]["shape"], shape["value"]["shape"]
    if shape["type"] == "structure":
        fact["members"] = {name: member_fact(shape, name, member) for name, member in shape["members"].items()}
    return fact


def error_fact(name, shape):
    error = shape.get("error", {})
    return {"type": "error", "code": error.get("code", name), "status": error.get("httpStatusCode", 400)}


def shapes_text(model):
    lines = []
    for name, shape in sorted(model["shapes"].items()):
        fact = error_fact(name, shape) if shape.get("exception") else shape_fact(shape)
        lines.append(f"{json.dumps(name)}: {json.dumps(fact)}")
    meta = model["metadata"]
    head = {"version": meta["apiVersion"], "namespace": meta["xmlNamespace"]}
    return '{"source": "public API model [doc], by tools/import_botocore.py",\n"service": ' + json.dumps(head) + ',\n"shapes": {\n' + ",\n".join(lines) + "\n}}\n"


def result_rule(model, operation):
    """none: no result element; empty: an element without members; members: an element with members."""
    if "output" not in operation:
        return "none"
    return "members" if model["shapes"][operation["output"]["shape"]]["members"] else "empty"


def operations_text(service, model):
    pages = read_model(service, "paginators-1")["pagination"]
    lines = [
        f"# Operations of {service} {SERVICES[service]}, written by tools/import_botocore.py from the public API model.",
        "# result: none = no <OpResult> element, empty = an element that is always empty, members = an element.",
        "name\tinput\toutput\tresult\tpaged\terrors\tsource",
    ]
    for name, operation in sorted(model["operations"].items()):
        codes = []
        for error in operation.get("errors", []):
            codes.append(error_fact(error["shape"], model["shapes"][error["shape"]])["code"])
        cells = [
            name,
            operation.get("input", {}).get("shape", "-"),
            operation.get("output", {}).get("shape", "-"),
            result_rule(model, operation),
            "yes" if name in pages else "no",
            ",".join(codes) or "-",
            "API model [doc]",
        ]
        lines.append("\t".join(cells))
    return "\n".join(lines) + "\n"


def document_fact(shapes, name):
    """One shape of an XML document: its members by the name of their element, or what its text may be."""
    shape = shapes[name]
    fact = {key: shape[key] for key in ("type", "min", "max", "enum") if key in shape}
    if shape["type"] == "list":
        if shape.get("flattened"):
            raise SystemExit(f"{name}: a flattened list stands in its structure")
        # A list that is an element of its own, with one element for each member.
        return {"type": "structure", "members": {shape["member"].get("locationName", "member"):
                                                 {"shape": shape["member"]["shape"], "many": True}}}
    if shape["type"] == "structure":
        members = {}
        for key, member in shape["members"].items():
            target, item = shapes[member["shape"]], {"shape": member["shape"]}
            if target["type"] == "list" and (target.get("flattened") or member.get("flattened")):
                item = {"shape": target["member"]["shape"], "many": True}
            if key in shape.get("required", []):
                item["required"] = True
            members[member.get("locationName", key)] = item
        fact["members"] = members
    return fact


def s3_documents_text():
    """The shapes that bucket documents are made of, one a line."""
    rows = [line.split("\t") for line in (ROOT / "facts" / "s3_bucket_documents.tsv").read_text(encoding="utf-8").splitlines()
            if line and not line.startswith("#")]
    open_names, found = {row[rows[0].index("shape")] for row in rows[1:]}, {}
    shapes = read_model("s3", "service-2")["shapes"]
    while open_names:
        name = open_names.pop()
        found[name] = document_fact(shapes, name)
        open_names |= {member["shape"] for member in found[name].get("members", {}).values()} - set(found)
    lines = [f"{json.dumps(name)}: {json.dumps(fact)}" for name, fact in sorted(found.items())]
    return '{"source": "public API model [doc], by tools/import_botocore.py",\n"shapes": {\n' + ",\n".join(lines) + "\n}}\n"


def newest_version(folder):
    """The folder of a service's newest model; None where there is no model."""
    versions = sorted(path.parent for path in folder.glob("*/service-2.json.gz"))
    return versions[-1] if versions else None


def signing_names_text():
    import botocore

    protocols = collections.defaultdict(set)
    for folder in sorted((pathlib.Path(botocore.__file__).parent / "data").iterdir()):
        newest = newest_version(folder)
        if newest is None:
            continue
        metadata = json.loads(gzip.decompress((newest / "service-2.json.gz").read_bytes()))["metadata"]
        names = {metadata.get("signingName") or metadata["endpointPrefix"]}
        rules = newest / "endpoint-rule-set-1.json.gz"
        if rules.exists():
            names |= set(re.findall(r'"signingName"\s*:\s*"([^"{}]+)"', gzip.decompress(rules.read_bytes()).decode()))
        for name in names:
            protocols[name] |= set(metadata.get("protocols", [metadata["protocol"]]))
    lines = [
        "# Every service as credential scopes name it, and the protocols of its API. Made by tools/import_botocore.py from",
        "# metadata and endpoint rules of the newest model of each service. Sorted by name.",
        "name\tprotocols\tsource",
        *["\t".join([name, " ".join(sorted(protocols[name])), f"botocore {botocore.__version__}"])
          for name in sorted(protocols)],
    ]
    return "\n".join(lines) + "\n"


@functools.cache
def facts():
    """File (relative to the repository) to text."""
    files = {}
    for service in SERVICES:
        model = read_model(service, "service-2")
        files[f"facts/operations/{service}.tsv"] = operations_text(service, model)
        files[f"facts/shapes/{service}.json"] = shapes_text(model)
    files["facts/shapes/s3_documents.json"] = s3_documents_text()
    files["facts/signing_names.tsv"] = signing_names_text()
    return files


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare, change nothing")
    args = parser.parse_args()
    stale = []
    for name, text in facts().items():
        path = ROOT / name
        if args.check:
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                stale.append(name)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    if stale:
        sys.exit("differ from the installed botocore: " + ", ".join(stale))


if __name__ == "__main__":
    main()
