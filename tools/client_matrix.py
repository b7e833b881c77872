#!/usr/bin/env python3
"""Writes the matrix of clients in docs/clients.md from the last whole run of tests/clients (./test --clients): between its two comments.

    client_matrix.py REPORT.xml...       of a run in parts: the report of each; the tools stay as they stand where no report has one;
                                       of tools alone: their rows, and everything else stays
"""
import collections
import pathlib
import re
import sys
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "clients.md"
BEGIN, END = "<!-- matrix: made by tools/client_matrix.py -->\n", "<!-- /matrix -->\n"
TOOLS = "| tool | version | | what it did |\n|---|---|---|---|\n"
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "clients")]
from known_clients import CLIENTS, FLOWS, PROVIDERS, RENEWALS  # noqa: E402

RENEWAL = """Renewal by the SDK's own providers, under clocks that the test moves on: how many seconds the credentials had left when one client
first called with new ones. It was made to call with 1000, 700, 400, 200, 45 and 5 s left and 5 s after the end (-5); a call with ended
credentials is refused. Clojure's library renews by a timer, which was moved on with the clock.
Java 2.x and Rust spread their renewals at random and the newest JavaScript renews beside a call, so that another run tells other numbers. Not
here: {}."""

CASE = re.compile(rf"test_flow\[(.+?)-({'|'.join(sorted((*FLOWS, *PROVIDERS, *RENEWALS), key=len, reverse=True))})\]$")


def state_of(case):
    if case.find("skipped") is not None:
        return "not run"
    return "**fails**" if case.find("failure") is not None or case.find("error") is not None else "ok"


def property_of(case, name):
    return next((" ".join(one.get("value").split()) for one in case.iter("property") if one.get("name") == name), "")


def read(reports):
    """Client -> {flow: what stands in its cell}, client -> version, tool -> (version, state, what it did)."""
    flows, versions, tools = collections.defaultdict(dict), {}, {}
    for case in (case for report in reports for case in xml.etree.ElementTree.parse(report).iter("testcase")):
        match = CASE.match(case.get("name", ""))
        if match:
            flows[match[1]][match[2]] = property_of(case, "left") or state_of(case)
            versions[match[1]] = property_of(case, "version") or versions.get(match[1], "")
        elif "test_tools_" in case.get("classname", ""):
            name = case.get("name", "").removeprefix("test_").replace("_", " ")
            tools[name] = property_of(case, "version"), state_of(case), property_of(case, "what")
        elif "test_replayed" in case.get("classname", ""):
            client, version = property_of(case, "client"), property_of(case, "version")
            for flow in property_of(case, "replayed").split():
                flows[client][flow] = "replayed" if state_of(case) == "ok" else state_of(case)
            versions[client] = version
    return flows, versions, tools


class Notes:
    """Why a client has not what it has not, numbered in the order in which it is asked."""

    def __init__(self):
        self._known = {}  # (client, why) -> the columns

    def number(self, client, why, column):
        columns = self._known.setdefault((client, why), [])
        if column not in columns:
            columns.append(column)
        return f"[{list(self._known).index((client, why)) + 1}]"

    def lines(self):
        return [f"[{number}] {client}, {', '.join(columns)}: {why}." for number, ((client, why), columns) in enumerate(self._known.items(), 1)]


def table(columns, prefix, flows, versions, notes):
    without = {client.name: client.without for client in CLIENTS}
    lines = ["| client | version | " + " | ".join(columns) + " |", "|---|---|" + "---|" * len(columns)]
    for client, states in flows.items():
        cells = []
        for column in columns:
            flow = prefix + column
            if client not in without:  # replayed
                cells.append(states.get(flow, ""))
            elif flow in without[client]:
                cells.append(notes.number(client, without[client][flow], column))
            else:
                cells.append(states.get(flow, "not run"))
        lines.append(f"| {client} | {versions[client]} | " + " | ".join(cells) + " |")
    return lines


def not_renewing():
    """The clients of which no provider is renewed here, and why."""
    reasons = {}
    for client in CLIENTS:
        if all(flow in client.without for flow in RENEWALS):
            reasons.setdefault("; ".join(dict.fromkeys(client.without[flow] for flow in RENEWALS)), []).append(client.name)
    return "; ".join(f"{' and '.join(names)} ({why})" for why, names in reasons.items())


def tools_in(page):
    """Tool -> its row, as the page has it."""
    return {row.split(" | ")[0].removeprefix("| "): row for row in page.partition(TOOLS)[2].splitlines()}


def matrix(reports, before):
    flows, versions, tools = read(reports)
    rows = {name: f"| {name} | {version} | {state} | {what} |" for name, (version, state, what) in tools.items()}
    if not flows:
        return before.partition(TOOLS)[0] + TOOLS + "".join(row + "\n" for _, row in sorted((tools_in(before) | rows).items()))
    notes = Notes()
    run = {client: states for client, states in flows.items() if any(flow in RENEWALS for flow in states)}
    passed = table((*FLOWS, *PROVIDERS), "", flows, versions, notes)
    left = table([flow.removeprefix("renewal-") for flow in RENEWALS], "renewal-", run, versions, notes)
    lines = [*passed, "", RENEWAL.format(not_renewing()), "", *left, "", *notes.lines(), "", ""]
    return "\n".join(lines) + TOOLS + "".join(row + "\n" for _, row in sorted((rows or tools_in(before)).items()))


def main():
    head, begin, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    before, end, tail = rest.partition(END)
    if not begin or not end:
        sys.exit(f"{PAGE}: the comments around the matrix are missing")
    PAGE.write_text(head + begin + matrix(sys.argv[1:], before) + end + tail, encoding="utf-8")


if __name__ == "__main__":
    main()
