"""The policy engine against the reference evaluator on random questions: many of a fixed seed, some of a new one."""
import secrets

from testing import build
from testing.outcome import Outcome

FIXED_SEED = 1
FIXED_COMPARISONS = 5_000_000
FRESH_COMPARISONS = 500_000


def run_differential(_args):
    folder = build.build("release", "policy_differential")
    program = folder / "tests" / "policy" / "policy_differential"
    outcome = Outcome()
    for seed, comparisons in ((FIXED_SEED, FIXED_COMPARISONS), (secrets.randbits(63), FRESH_COMPARISONS)):
        ok, output = build.call([str(program), "--seed", str(seed), "--comparisons", str(comparisons), "--jobs", build.jobs()])
        print("   " + output.rstrip().replace("\n", "\n   "), flush=True)
        outcome.check(f"seed {seed}, {comparisons:,} comparisons", ok and f"{comparisons} comparisons, " in output)
    return outcome
