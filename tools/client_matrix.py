#!/usr/bin/env python3
"""Writes the matrix of clients in docs/clients.md from the last whole run of tests/clients (./test --clients): between its two comments.

    client_matrix.py REPORT.xml...       of a run in parts: the report of each
"""
import collections
import pathlib
import re
import sys
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "clients.md"
BEGIN, END = "<!-- matrix: made by tools/client_matrix.py -->\n", "<!-- /matrix -->\n"
FLOWS = ("identity", "assume-role", "assume-role-mfa", "session-token-mfa", "role-life", "federation", "denied", "profile",
         "profile-mfa", "process", "renewal", "web-identity", "container", "instance")
CASE = re.compile(rf"test_flow\[(.+?)-({'|'.join(sorted(FLOWS, key=len, reverse=True))})\]$")


def state_of(case):
    if case.find("skipped") is not None:
        return "not run"
    return "**fails**" if case.find("failure") is not None or case.find("error") is not None else "ok"


def property_of(case, name):
    return next((" ".join(one.get("value").split()) for one in case.iter("property") if one.get("name") == name), "")


def read(reports):
    """Client -> {flow: state}, client -> version, tool -> (version, state, what it did)."""
    flows, versions, tools = collections.defaultdict(dict), {}, {}
    for case in (case for report in reports for case in xml.etree.ElementTree.parse(report).iter("testcase")):
        match = CASE.match(case.get("name", ""))
        if match:
            flows[match[1]][match[2]] = state_of(case)
            versions[match[1]] = property_of(case, "version") or versions.get(match[1], "")
        elif "test_tools_" in case.get("classname", ""):
            name = case.get("name", "").removeprefix("test_").replace("_", " ")
            tools[name] = property_of(case, "version"), state_of(case), property_of(case, "what")
    return flows, versions, tools


def matrix(reports):
    sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "clients")]
    import known_clients

    without = {client.name: client.without for client in known_clients.CLIENTS}
    flows, versions, tools = read(reports)
    lines = ["| client | version | " + " | ".join(FLOWS) + " |", "|---|---|" + "---|" * len(FLOWS)]
    notes = {}  # (client, why) -> the flows that it has not for that reason
    for client, states in flows.items():
        cells = []
        for flow in FLOWS:
            if flow in without.get(client, {}):
                note = client, without[client][flow]
                notes.setdefault(note, []).append(flow)
                cells.append(f"[{list(notes).index(note) + 1}]")
            else:
                cells.append(states.get(flow, "not run"))
        lines.append(f"| {client} | {versions[client]} | " + " | ".join(cells) + " |")
    lines += ["", *(f"[{number}] {client}, {', '.join(names)}: {why}." for number, ((client, why), names) in enumerate(notes.items(), 1)), "", "| tool | version | | what it did |", "|---|---|---|---|"]
    lines += [f"| {name} | {version} | {state} | {what} |" for name, (version, state, what) in sorted(tools.items())]
    return "\n".join(lines) + "\n"


def main():
    head, begin, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        sys.exit(f"{PAGE}: the comments around the matrix are missing")
    PAGE.write_text(head + begin + matrix(sys.argv[1:]) + end + tail, encoding="utf-8")


if __name__ == "__main__":
    main()
