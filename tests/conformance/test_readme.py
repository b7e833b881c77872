"""The commands of the README's second screen do what the README says."""
import re
import subprocess

from support import bootstrap
from support.server import ROOT


def test_yes_and_no(aws):
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    script = next(block for block in blocks if "create-role" in block)

    done = subprocess.run(["bash", "-u"], input=script, env=aws.environment(bootstrap.ADMIN), capture_output=True, text=True,
                          timeout=120, check=False)

    assert '"Buckets": []' in done.stdout, done.stdout + done.stderr
    assert done.stderr.count("An error occurred") == 1, done.stderr
    assert "(AccessDenied) when calling the ListUsers operation" in done.stderr
    assert "because no identity-based policy allows the iam:ListUsers action" in done.stderr
    assert done.returncode != 0, "the last command is the refused one"


def test_first_screen_names_the_two_commands():
    first_screen = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:40]
    assert any(line.startswith("./run") for line in first_screen)
    assert any(line.startswith("./test") for line in first_screen)
    for command in ("run", "test", ".ci/run"):
        assert (ROOT / command).stat().st_mode & 0o111, f"{command} is not executable"
