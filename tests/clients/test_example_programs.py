"""The programs of examples/ that are not run by tests/conformance, and the page that lists them."""
import os
import re
import subprocess

import pytest

import known_clients
from support.bootstrap import ACCOUNT
from support.server import ROOT
from test_matrix import IS_QUICK, environment

EXAMPLES = ROOT / "examples"


@pytest.mark.skipif(IS_QUICK, reason="not of the quick half")
def test_dotnet_assumes_a_role(world):
    try:
        command = known_clients.dotnet_program("AssumeRole", EXAMPLES / "dotnet" / "AssumeRole.cs", known_clients.HERE / "dotnet" / "Services.cs")
    except known_clients.Absent as reason:
        pytest.skip(str(reason))
    for role, ends, says in [(world.role, 0, f"Assumed role: arn:aws:sts::{ACCOUNT}:assumed-role/plain/ExampleSession"),
                             (world.role_web, 1, "AccessDenied: User: ")]:
        done = subprocess.run([str(word) for word in command], env=environment(world, world.person, ROLE_ARN=role), capture_output=True, text=True,
                              timeout=120, check=False)
        assert done.returncode == ends, done.stdout + done.stderr
        assert f"Original caller: arn:aws:iam::{ACCOUNT}:user/person" in done.stdout and says in done.stdout + done.stderr


def test_the_page_leads_to_every_example():
    page = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    linked = {os.path.normpath(EXAMPLES / target) for target in re.findall(r"\]\(([^)#:]+)\)", page)}
    assert all(os.path.exists(one) for one in linked)
    folders = {str(one) for one in EXAMPLES.iterdir() if one.is_dir()}
    assert all(any(one.startswith(folder) for one in linked) for folder in folders), folders
