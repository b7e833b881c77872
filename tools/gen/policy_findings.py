"""facts/policy_findings.tsv -> facts/policy_finding_ids.h (FindingId) and facts/policy_findings_table.inc (rows)."""
import _tsv

TYPES = {"error": "Error", "security-warning": "SecurityWarning", "warning": "Warning", "suggestion": "Suggestion"}


def outputs():
    return ["facts/policy_finding_ids.h", "facts/policy_findings_table.inc"]


def generate(facts):
    rows = _tsv.read(facts / "policy_findings.tsv")
    for column in ("finding", "aws"):
        names = [row[column] for row in rows if row[column] != "-"]
        if len(set(names)) != len(names):
            raise SystemExit(f"facts/policy_findings.tsv: column {column} repeats a name")
    decided = [row for row in rows if row["decided"] == "yes"]
    head = [
        "// Made by tools/gen/policy_findings.py from facts/policy_findings.tsv.",
        "#pragma once",
        "#include <cstddef>",
        "#include <cstdint>",
        "namespace signet::facts {",
        "// What `signet policy check` can find.",
        "enum class FindingId : std::uint8_t {",
        *[f'  {row["finding"]},' for row in decided],
        "};",
        f"inline constexpr std::size_t kFindingCount = {len(decided)};",
        "}  // namespace signet::facts",
        "",
    ]
    table = [
        f'{{"{row["finding"]}", "{"" if row["aws"] == "-" else row["aws"]}", FindingType::{TYPES[row["type"]]}}},'
        for row in decided
    ]
    return {"facts/policy_finding_ids.h": "\n".join(head), "facts/policy_findings_table.inc": "\n".join(table) + "\n"}
