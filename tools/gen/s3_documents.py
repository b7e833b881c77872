"""facts/s3_bucket_documents.tsv and facts/shapes/s3_documents.json -> facts/s3_document_ids.h (BucketDocument),
facts/s3_documents_table.inc (shapes and rows) and s3/document_dispatch.inc (one line an operation).
"""
import json

import _models
import _tsv
from _tsv import c_string
from wire import pattern_names

VERBS = {"get": "GET", "put": "PUT", "delete": "DELETE", "list": "GET"}
TYPES = {"structure": "Structure", "string": "Text", "integer": "Whole", "long": "Whole", "boolean": "Flag", "timestamp": "Time"}
# What keys and values of tags may be made of: the same characters for S3 as for IAM.
TAG_TEXT = r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*"


def outputs():
    return ["facts/s3_document_ids.h", "facts/s3_documents_table.inc", "s3/document_dispatch.inc"]


def documents(facts):
    """The rows, checked against the table of operations."""
    rows = _tsv.read(facts / "s3_bucket_documents.tsv")
    lists = {row["name"]: row for row in _tsv.read(facts / "s3_document_lists.tsv")}
    if not lists.keys() <= {row["name"] for row in rows}:
        raise SystemExit("facts/s3_document_lists.tsv: a document that s3_bucket_documents.tsv does not have")
    for row in rows:
        row["list"], row["list_root"] = (lists[row["name"]][key] for key in ("list", "root")) if row["name"] in lists else ("-", "")
    operations = {row["name"]: row for row in _tsv.read(facts / "s3_operations.tsv")}
    for row in rows:
        for verb, method in VERBS.items():
            operation = operations.get(row[verb])
            if row[verb] != "-" and (operation is None or operation["method"] != method or operation["implemented"] != "yes"):
                raise SystemExit(f"facts/s3_bucket_documents.tsv: {row['name']}: {row[verb]} is no implemented {method} operation")
    return rows


def table(facts):
    imported = json.loads((facts / "shapes" / "s3_documents.json").read_text(encoding="utf-8"))
    shapes, digests = imported["shapes"], imported["digests"]
    number = {name: index for index, name in enumerate(shapes)}
    members, values, rows = [], [], []
    for shape in shapes.values():
        first_member, first_value = len(members), len(values)
        for name, member in shape.get("members", {}).items():
            members.append(f"{{{c_string(name)}, {number[member['shape']]}, {str(member.get('required', False)).lower()}, {str(member.get('many', False)).lower()}, {str(member.get('attribute', False)).lower()}}},")
        values += [f"{c_string(value)}," for value in shape.get("enum", [])]
        rows.append(f"{{DocumentType::{TYPES[shape['type']]}, {first_member}, {len(members)}, {first_value}, {len(values)}, {shape.get('min', 0)}}},")
    lines = ["constexpr DocumentMember kMembers[] = {", *members, "};", "constexpr std::string_view kValues[] = {", *values, "};",
             "constexpr ShapeRow kShapes[] = {", *rows, "};", "constexpr BucketDocumentRow kDocuments[] = {"]
    for row in documents(facts):
        preset = row["absent"].startswith("<")
        absent = "ErrorCode{}" if preset else f"ErrorCode::{row['absent']}"
        header, _, value = row["header"].partition(": ") if row["header"] != "-" else ("", "", "")
        lines.append(f"{{BucketDocument::{row['name']}, {c_string(row['name'])}, {c_string(row['root'])}, {number[row['shape']]}, "
                     f"{row['status']}, {absent}, {str(preset).lower()}, {c_string(row['absent'] if preset and row['absent'] != '<>' else '')}, {row['bytes']}, "
                     f"{c_string(header)}, {c_string(value)}, {c_string(row['list_root'])}, {str(row['put'] in digests).lower()}}},")
    pattern = pattern_names(_models.load(facts))[TAG_TEXT]
    return "\n".join([*lines, "};", f"constexpr const Pattern& kTagText = {pattern};", ""])


def generate(facts):
    names = [row["name"] for row in _tsv.read(facts / "s3_bucket_documents.tsv")]
    if names != sorted(set(names)):
        raise SystemExit("facts/s3_bucket_documents.tsv: names must be sorted and unique")
    head = ["// Made by tools/gen/s3_documents.py from facts/s3_bucket_documents.tsv.", "#pragma once", "#include <cstdint>",
            "namespace signet::facts {", "enum class BucketDocument : std::uint8_t {", *[f"  {name}," for name in names], "};",
            "}  // namespace signet::facts", ""]
    dispatch = [f"SIGNET_S3_DOCUMENT({row[verb]}, {verb.capitalize()}, {row['name']})\n"
                for row in documents(facts) for verb in VERBS if row[verb] != "-"]
    return {"facts/s3_document_ids.h": "\n".join(head), "facts/s3_documents_table.inc": table(facts),
            "s3/document_dispatch.inc": "".join(dispatch)}
