"""The policy engine against the reference evaluator on random questions, and the prover against random requests: many of a fixed seed,
some of a new one."""
import concurrent.futures
import secrets

from testing import build
from testing.outcome import Outcome

FIXED_SEED = 1
FIXED_COMPARISONS = 5_000_000
FRESH_COMPARISONS = 500_000
# Requests against what was proved, of each of two seeds; as many for each proof.
ATTACKS = 1_000_000
ATTACKS_OF_A_PROOF = 100


def run_differential(_args):
    folder = build.build("release", "policy_differential")
    program = folder / "tests" / "policy" / "policy_differential"
    outcome = Outcome()
    for seed, comparisons in ((FIXED_SEED, FIXED_COMPARISONS), (secrets.randbits(63), FRESH_COMPARISONS)):
        ok, output = build.call([str(program), "--seed", str(seed), "--comparisons", str(comparisons), "--jobs", build.jobs()])
        print("   " + output.rstrip().replace("\n", "\n   "), flush=True)
        outcome.check(f"seed {seed}, {comparisons:,} comparisons", ok and f"{comparisons} comparisons, " in output)
    return outcome


def run_proofs(_args):
    folder = build.build("release", "policy_proofs")
    program = folder / "tests" / "policy" / "policy_proofs"

    def attack(seed):
        return build.call([str(program), "--seed", str(seed), "--pairs", "1", "--requests", str(ATTACKS_OF_A_PROOF), "--attack", str(ATTACKS)])

    outcome = Outcome()
    seeds = (FIXED_SEED, secrets.randbits(62))
    with concurrent.futures.ThreadPoolExecutor(max_workers=int(build.jobs())) as pool:
        for seed, (ok, output) in zip(seeds, pool.map(attack, seeds)):
            print("   " + output.rstrip().replace("\n", "\n   "), flush=True)
            outcome.check(f"seed {seed}, {ATTACKS:,} requests", ok and " requests against the passes" in output)
    return outcome
