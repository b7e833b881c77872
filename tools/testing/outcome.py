"""What a part of ./test reports."""
import dataclasses
import xml.etree.ElementTree


@dataclasses.dataclass
class Outcome:
    passed: int = 0
    failures: list = dataclasses.field(default_factory=list)  # one line each

    @property
    def failed(self):
        return len(self.failures)

    def add(self, other):
        self.passed += other.passed
        self.failures += other.failures

    def check(self, name, ok, detail=""):
        """Counts one check and prints its detail when it failed."""
        if ok:
            self.passed += 1
            return
        self.failures.append(name)
        print(f"FAILED {name}")
        if detail:
            print(detail.rstrip(), flush=True)


def from_junit(path):
    """Counts the cases of a JUnit XML file; skipped and disabled cases count as neither."""
    outcome = Outcome()
    for case in xml.etree.ElementTree.parse(path).iter("testcase"):
        name = f"{case.get('classname', '')}.{case.get('name', '')}".strip(".")
        if case.find("failure") is not None or case.find("error") is not None:
            outcome.failures.append(name)
        elif case.find("skipped") is None and case.get("status") not in ("notrun", "disabled"):
            outcome.passed += 1
    return outcome
