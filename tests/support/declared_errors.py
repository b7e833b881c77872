"""Which answers a run of the tests saw: one line `service operation code` (or `ok`) for each in the file that SIGNET_ANSWERS
names, which ./test --conformance compares with the errors that the API models declare (tools/testing/declared_errors.py)."""
import functools
import os


def note(service, operation, code):
    """Appends the answer, once per process and in one write, since several processes share the file."""
    if "SIGNET_ANSWERS" in os.environ and service in ("iam", "sts"):
        _append(f"{service} {operation} {code or 'ok'}\n")


@functools.cache
def _append(line):
    with open(os.environ["SIGNET_ANSWERS"], "a", encoding="utf-8") as file:
        file.write(line)
