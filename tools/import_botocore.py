#!/usr/bin/env python3
"""Reads the API models of an installed botocore and writes the bare facts of the services that are served here into facts/.

Written: facts/operations/SERVICE.tsv (one operation a line) and facts/shapes/SERVICE.json (one shape a line) of the services of
the Query protocol, of those of REST with JSON and of those of JSON with X-Amz-Target, to whose models facts/models/SERVICE.json adds what AWS serves and describes
elsewhere; the whole model of Signet's own service is there; facts/shapes/s3_documents.json (the XML documents that facts/s3_bucket_documents.tsv names), facts/shapes/s3.json (the
operations of S3 that facts/s3_typed.tsv names) and facts/signing_names.tsv (one service a line, of all services: its name in credential scopes and its protocols).
Documentation text is left out. What people curate lives in facts/operations/curated.tsv and facts/shapes/*.tsv, which
this tool never touches.

The version that the facts are made from is the botocore of tests/requirements.txt, and of no other place.

    import_botocore.py                   writes the facts; refuses another botocore than the pinned one
    import_botocore.py --check           compares only, and fails if the committed facts differ
    import_botocore.py --news VERSION    what that version (or "latest") adds, removes and changes: a list of work.
                                         Fetches it with pip into a temporary folder; nothing is written
"""
import argparse
import collections
import functools
import gzip
import json
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
QUERY_SERVICES = {"iam": "2010-05-08", "sts": "2011-06-15"}
REST_SERVICES = {"rolesanywhere": "2018-05-10", "signin": "2023-01-01", "accessanalyzer": "2019-11-01", "ssooidc": "2019-06-10"}  # with JSON
RPC_SERVICES = {"cloudtrail": "2013-11-01", "organizations": "2016-11-28"}  # JSON, the operation named by X-Amz-Target
SERVICES = {**QUERY_SERVICES, **REST_SERVICES, **RPC_SERVICES}
MODELS = {"ssooidc": "sso-oidc"}  # of services that botocore calls otherwise
OWN_SERVICES = {"insight": "2026-11-30"}  # REST with JSON, and all of the model in facts/models/
S3_VERSION = "2006-03-01"
# Of the operations of S3 for which the model wants a checksum: those that S3 refuses without one. SDKs from before that trait send it
# with these alone (aws-sdk-go 1.17.0, service/s3/customizations.go), and set all the others on AWS without.
S3_DIGEST_NEEDED = {"PutBucketCors", "PutBucketLifecycleConfiguration", "PutBucketReplication", "PutBucketTagging", "PutObjectLegalHold",
                    "PutObjectLockConfiguration", "PutObjectRetention"}
# What S3 takes although its model says otherwise (recorded): a tag set that is left out is empty; grants of logs that are none.
S3_OPTIONAL = {("Tagging", "TagSet")}
S3_MORE_VALUES = {"BucketLogsPermission": ["READ_ACP"]}


def pinned_version():
    """The version of botocore that the facts are made from."""
    text = (ROOT / "tests" / "requirements.txt").read_text(encoding="utf-8")
    return re.search(r"^botocore==(\S+)$", text, re.MULTILINE)[1]


def read_model(service, name):
    import botocore

    if botocore.__version__ != pinned_version():
        sys.exit(f"botocore {botocore.__version__} is installed, tests/requirements.txt pins {pinned_version()}: "
                 "pip install -r tests/requirements.txt")
    return read_model_in(pathlib.Path(botocore.__file__).parent, service, name)


def read_model_in(package, service, name):
    folder = package / "data" / MODELS.get(service, service) / {**SERVICES, "s3": S3_VERSION}[service]
    plain, packed = folder / f"{name}.json", folder / f"{name}.json.gz"
    if packed.exists():
        return json.loads(gzip.decompress(packed.read_bytes()))
    return json.loads(plain.read_text(encoding="utf-8"))


def read_service(service):
    """A service's model, with the operations and shapes that facts/models/ adds."""
    added = ROOT / "facts" / "models" / f"{service}.json"
    if service in OWN_SERVICES:
        return json.loads(added.read_text(encoding="utf-8"))
    model = read_model(service, "service-2")
    if added.exists():
        more = json.loads(added.read_text(encoding="utf-8"))
        for part in ("operations", "shapes"):
            if known := model[part].keys() & more[part].keys():
                raise SystemExit(f"{added}: the model has {sorted(known)} itself")
            model[part] |= more[part]
    return model


def member_fact(shape, name, member):
    fact = {"shape": member["shape"]}
    if name in shape.get("required", []):
        fact["required"] = True
    if member.get("locationName", name) != name:
        fact["wire"] = member["locationName"]
    if "location" in member:
        fact["location"] = member["location"]
    if shape.get("payload") == name:
        fact["location"] = "payload"
    return fact


def shape_fact(shape):
    """The constraints and members of one shape, nothing for people to read."""
    fact = {"type": shape["type"]}
    for key in ("min", "max", "pattern", "enum", "sensitive", "timestampFormat"):
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
    head = {"version": meta["apiVersion"], "protocol": meta["protocol"], "namespace": meta.get("xmlNamespace", ""),
            "signing": meta.get("signingName", meta.get("endpointPrefix")), "target": meta.get("targetPrefix", "")}
    source = model.get("source", "public API model [doc]")
    return f'{{"source": {json.dumps(source + ", by tools/import_botocore.py")},\n"service": ' + json.dumps(head) + ',\n"shapes": {\n' + ",\n".join(lines) + "\n}}\n"


def result_rule(model, operation):
    """none: no result element; empty: an element without members; members: an element with members."""
    if "output" not in operation:
        return "none"
    return "members" if model["shapes"][operation["output"]["shape"]]["members"] else "empty"


def http_cells(operation):
    """Method, path (with the query that tells operations of one path apart) and the status of success."""
    http = operation["http"]
    return [http["method"], http["requestUri"], str(http.get("responseCode", 200))]


def operations_text(service, model):
    pages, is_json, version = {}, service in {**REST_SERVICES, **OWN_SERVICES}, {**SERVICES, **OWN_SERVICES}[service]
    source = "facts/models/"
    if service not in OWN_SERVICES:
        pages, source = read_model(service, "paginators-1")["pagination"], "the public API model"
        if (ROOT / "facts" / "models" / f"{service}.json").exists():
            source += "; those of facts/models/ among them"
    lines = [
        f"# Operations of {service} {version}, written by tools/import_botocore.py from {source}.",
        "# result: none = no <OpResult> element, empty = an element that is always empty, members = an element.",
        "name\tinput\toutput\tresult\tpaged\terrors\t" + ("method\turi\tstatus\t" if is_json else "") + "source",
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
            *(http_cells(operation) if is_json else []),
            operation.get("source", "API model [doc]"),
        ]
        lines.append("\t".join(cells))
    return "\n".join(lines) + "\n"


def document_fact(shapes, name):
    """One shape of an XML document: its members by the name of their element, or what its text may be."""
    shape = shapes[name]
    fact = {key: shape[key] for key in ("type", "min", "max", "enum") if key in shape}
    if name in S3_MORE_VALUES:
        fact["enum"] = fact["enum"] + S3_MORE_VALUES[name]
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
            if member.get("xmlAttribute"):
                item["attribute"] = True
            elif key in shape.get("required", []) and (name, key) not in S3_OPTIONAL:
                item["required"] = True
            members[member.get("locationName", key)] = item
        fact["members"] = members
    return fact


def needs_digest(name, operation):
    return name in S3_DIGEST_NEEDED and operation.get("httpChecksum", {}).get("requestChecksumRequired", False)


def s3_documents_text():
    """The shapes that bucket documents are made of, one a line."""
    rows = [line.split("\t") for line in (ROOT / "facts" / "s3_bucket_documents.tsv").read_text(encoding="utf-8").splitlines()
            if line and not line.startswith("#")]
    open_names, found = {row[rows[0].index("shape")] for row in rows[1:]}, {}
    model = read_model("s3", "service-2")
    shapes, puts = model["shapes"], [row[rows[0].index("put")] for row in rows[1:]]
    digests = [name for name in puts if needs_digest(name, model["operations"].get(name, {}))]
    while open_names:
        name = open_names.pop()
        found[name] = document_fact(shapes, name)
        open_names |= {member["shape"] for member in found[name].get("members", {}).values()} - set(found)
    lines = [f"{json.dumps(name)}: {json.dumps(fact)}" for name, fact in sorted(found.items())]
    return ('{"source": "public API model [doc], by tools/import_botocore.py",\n"digests": ' + json.dumps(digests)
            + ',\n"shapes": {\n' + ",\n".join(lines) + "\n}}\n")


def s3_member_fact(shapes, shape, name, member):
    """As member_fact; besides, what S3's XML has: flattened lists and attributes."""
    fact, target = member_fact(shape, name, member), shapes[member["shape"]]
    if member.get("xmlAttribute"):
        fact["attribute"] = True
        fact.pop("required", None)  # what stands in elements says the same
    if target["type"] == "list" and (target.get("flattened") or member.get("flattened")):
        fact["flat"] = True
    return fact


def s3_shape_fact(shapes, name):
    """As shape_fact, of a shape that requests and answers of S3 are made of."""
    shape = shapes[name]
    fact = {key: shape[key] for key in ("type", "min", "max", "enum", "sensitive") if key in shape}
    if shape["type"] == "list":
        fact["member"], fact["item"] = shape["member"]["shape"], shape["member"].get("locationName", "member")
    if shape["type"] == "structure":
        fact["members"] = {key: s3_member_fact(shapes, shape, key, member) for key, member in shape["members"].items()}
        for key in fact["members"]:
            if (name, key) in S3_OPTIONAL:
                fact["members"][key].pop("required", None)
    if shape["type"] == "map":  # patterns: the model has one, of an answer
        raise SystemExit(f"{name}: maps of S3's model are not known yet")
    return fact


def s3_typed_text():
    """Operations and shapes of facts/s3_typed.tsv, one a line."""
    model = read_model("s3", "service-2")
    rows = [line.split("\t") for line in (ROOT / "facts" / "s3_typed.tsv").read_text(encoding="utf-8").splitlines()
            if line and not line.startswith("#")]
    operations, open_names, found = {}, set(), {}
    for row in rows[1:]:
        operation = model["operations"][row[0]]
        fact = {side: operation[side]["shape"] for side in ("input", "output") if side in operation}
        fact["digest"] = needs_digest(row[0], operation)
        operations[row[0]] = fact
        open_names |= {fact[side] for side in ("input", "output") if side in fact}
    while open_names:
        name = open_names.pop()
        found[name] = s3_shape_fact(model["shapes"], name)
        below = {member["shape"] for member in found[name].get("members", {}).values()} | {found[name].get("member", name)}
        open_names |= below - set(found)
    lines = {part: ",\n".join(f"{json.dumps(name)}: {json.dumps(fact)}" for name, fact in sorted(facts_.items()))
             for part, facts_ in (("operations", operations), ("shapes", found))}
    return ('{"source": "public API model [doc], by tools/import_botocore.py",\n"operations": {\n' + lines["operations"]
            + '\n},\n"shapes": {\n' + lines["shapes"] + "\n}}\n")


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
    rows = {name: [name, " ".join(sorted(protocols[name])), f"botocore {botocore.__version__}"] for name in protocols}
    rows |= {name: [name, "rest-json", "own"] for name in OWN_SERVICES}
    lines = [
        "# Every service as credential scopes name it, and the protocols of its API. Made by tools/import_botocore.py from",
        "# metadata and endpoint rules of the newest model of each service, and our own. Sorted by name.",
        "name\tprotocols\tsource",
        *["\t".join(rows[name]) for name in sorted(rows)],
    ]
    return "\n".join(lines) + "\n"


@functools.cache
def facts():
    """File (relative to the repository) to text."""
    files = {}
    for service in (*SERVICES, *OWN_SERVICES):
        model = read_service(service)
        files[f"facts/operations/{service}.tsv"] = operations_text(service, model)
        files[f"facts/shapes/{service}.json"] = shapes_text(model)
    files["facts/shapes/s3.json"] = s3_typed_text()
    files["facts/shapes/s3_documents.json"] = s3_documents_text()
    files["facts/signing_names.tsv"] = signing_names_text()
    return files


def operation_news(old, new):
    """What became of one operation's declared errors, input and output; both are operations of a model."""
    errors = [{e["shape"] for e in operation.get("errors", [])} for operation in (old, new)]
    yield from (f"error + {name}" for name in sorted(errors[1] - errors[0]))
    yield from (f"error - {name}" for name in sorted(errors[0] - errors[1]))
    for side in ("input", "output"):
        shapes = [operation.get(side, {}).get("shape", "none") for operation in (old, new)]
        if shapes[0] != shapes[1]:
            yield f"{side} {shapes[0]} -> {shapes[1]}"


def shape_news(old, new):
    """What became of one shape's members, bounds and values; both are facts of a shape (shape_fact)."""
    members = [fact.get("members", {}) for fact in (old, new)]
    for name in sorted(members[0].keys() | members[1].keys()):
        before, after = members[0].get(name), members[1].get(name)
        if before is None:
            yield f"member + {name} ({after['shape']}{', required' if after.get('required') else ''})"
        elif after is None:
            yield f"member - {name}"
        elif before != after:
            yield f"member {name}: {json.dumps(before)} -> {json.dumps(after)}"
    values = [set(fact.get("enum", [])) for fact in (old, new)]
    yield from (f"value + {value}" for value in sorted(values[1] - values[0]))
    yield from (f"value - {value}" for value in sorted(values[0] - values[1]))
    for key in ("type", "min", "max", "pattern", "sensitive", "member", "key", "value", "code", "status"):
        if old.get(key) != new.get(key):
            yield f"{key} {json.dumps(old.get(key))} -> {json.dumps(new.get(key))}"


def difference(old, new, news):
    """Lines about two mappings by name: what is new, gone and, as `news` tells it, changed."""
    for name in sorted(old.keys() | new.keys()):
        if name not in old:
            yield f"+ {name}"
        elif name not in new:
            yield f"- {name}"
        else:
            yield from (f"~ {name}: {line}" for line in news(old[name], new[name]))


def model_news(old, new):
    """Lines about two models of a service: operations first, then shapes."""

    def facts_of(model):
        return {name: error_fact(name, shape) if shape.get("exception") else shape_fact(shape)
                for name, shape in model["shapes"].items()}

    yield from (f"operation {line}" for line in difference(old["operations"], new["operations"], operation_news))
    yield from (f"shape {line}" for line in difference(facts_of(old), facts_of(new), shape_news))


def print_news(version):
    with tempfile.TemporaryDirectory() as folder:
        wanted = "botocore" if version == "latest" else f"botocore=={version}"
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", folder, wanted]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"pip could not fetch {wanted}: {done.stderr.strip()}")
        package = pathlib.Path(folder) / "botocore"
        found = re.search(r"__version__ = ['\"](.+)['\"]", (package / "__init__.py").read_text(encoding="utf-8"))[1]
        print(f"botocore {pinned_version()} -> {found}")
        for service in SERVICES:
            lines = list(model_news(read_model(service, "service-2"), read_model_in(package, service, "service-2")))
            print(f"\n{service}: {len(lines)} differences" if lines else f"\n{service}: the same")
            print("\n".join(lines))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare, change nothing")
    parser.add_argument("--news", metavar="VERSION", help="what another version adds, removes and changes")
    args = parser.parse_args()
    if args.news:
        print_news(args.news)
        return
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
