"""What a whole run of the conformance tests saw, compared with what the API models declare: every operation succeeds once and answers
every error that its model declares, or tests/conformance/unprovoked_errors.tsv says why it cannot."""
import csv

from testing import build
from testing.outcome import Outcome

ANSWERS = build.BUILD / "answers.txt"  # written by tests/support/declared_errors.py
EXCUSES = build.ROOT / "tests" / "conformance" / "unprovoked_errors.tsv"


def rows(path):
    with open(path, encoding="utf-8") as lines:
        return list(csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t"))


def declared():
    """(service, operation): its declared errors."""
    return {(service, row["name"]): {error for error in row["errors"].split(",") if error != "-"}
            for service in ("iam", "sts") for row in rows(build.ROOT / "facts" / "operations" / f"{service}.tsv")}


def seen():
    """(service, operation, code or ok) of every answer."""
    return {tuple(line.split()) for line in ANSWERS.read_text(encoding="utf-8").splitlines()}


def find_gaps(wanted, answers, excuses):
    """What is wrong, one line each: pairs that were not seen and are not excused, and excuses for what was seen or is not declared."""
    excused = {(row["error"], name) for row in excuses for name in row["operations"].split(",")}
    gaps = []
    for (service, name), errors in sorted(wanted.items()):
        if (service, name, "ok") not in answers:
            gaps.append(f"{name} never succeeded")
        for error in sorted(errors):
            is_seen = (service, name, error) in answers
            if not is_seen and not {(error, name), (error, "*")} & excused:
                gaps.append(f"{name} never answered {error}")
            if is_seen and (error, name) in excused:
                gaps.append(f"{name} answers {error}, which unprovoked_errors.tsv says cannot be")
    names = {name: errors for (_, name), errors in wanted.items()}
    gaps += [f"unprovoked_errors.tsv: {name} does not declare {error}" for error, name in sorted(excused)
             if name != "*" and error not in names.get(name, ())]
    return gaps


def check():
    outcome = Outcome()
    wanted = declared()
    gaps = find_gaps(wanted, seen(), rows(EXCUSES))
    pairs = sum(len(errors) for errors in wanted.values())
    outcome.check(f"declared errors: {pairs} of {len(wanted)} operations", not gaps, "\n".join(gaps))
    return outcome
