"""The web console: its types, what its first page weighs, and its tests in a browser."""
import json
import os
import re

from testing import build, conformance
from testing.clients import count_tap
from testing.outcome import Outcome

CONSOLE = build.ROOT / "console"


def run_console(_args):
    folder = build.build("release", "signet")
    conformance.ensure_venv()
    outcome = Outcome()
    size_file = folder / "console" / "dist" / "size.json"
    if not size_file.exists():
        return Outcome(failures=["build/release is configured without the web console: cmake -DCONSOLE=ON build/release"])
    size = json.loads(size_file.read_text())
    outcome.check(f"first load of {size['first_load'] / 1000:.0f} kB (brotli), at most {size['limit'] / 1000:.0f}",
                  size["first_load"] <= size["limit"], "the build should have failed")
    outcome.check("types (tsc --strict)", *build.call(["node", "node_modules/typescript/bin/tsc", "--noEmit"], cwd=CONSOLE))
    tests = sorted(str(path.relative_to(CONSOLE)) for path in (CONSOLE / "tests").glob("*.test.mjs"))
    env = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    env |= {"SIGNET_BINARY": str(folder / "signet"), "SIGNET_PYTHON": str(conformance.VENV / "bin" / "python"),
            "SIGNET_ARTIFACTS": str(build.BUILD / "artifacts" / "console")}
    passed, output = build.call(["node", "--test", "--test-reporter=tap", *tests], cwd=CONSOLE, env=env, timeout=1800)
    found = count_tap(output)
    if not passed:
        for failure in re.findall(r"^ *not ok .*?^ *\.\.\.$", output, re.MULTILINE | re.DOTALL) or [output]:
            print(failure[-4000:])
        if not found.failed:
            found.failures.append("the runner failed")
    outcome.add(found)
    return outcome
