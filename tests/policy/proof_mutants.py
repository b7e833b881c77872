#!/usr/bin/env python3
"""Mistakes in the prover that its tests must notice: proof_mutants.py BUILD [NUMBER...].

Each mutant is one edit of one file of src/policy_prove, compiled without optimisation and linked in the place of the right one with
policy_prove_test and policy_proofs of the build folder; it is killed by whichever fails. Prints a table (testdata/policy/mutants.md);
exit code 1 if one survives."""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROOM = ROOT / "src" / "policy_prove"
MUTANTS = [  # (file, what stands there, what takes its place, the mistake)
    ("glob.cc", "return c != U':';", "return true;", "wildcards of the first parts of an ARN take colons"),
    ("glob.cc", "at_run << 1) | carry;", "at_run << 1);", "a run at the end of a word is never empty"),
    ("glob.cc", "to[w] = (moved << 1) | carry |", "to[w] = (moved << 1) |", "positions do not move from word to word"),
    ("glob.cc", "sides_[s].is_inside ? !meets(at, alive_, s) : meets(at, settled_, s)", "!meets(at, alive_, s)", "texts outside of a language are given up"),
    ("glob.cc", "return meets(at, ends_, s) != sides_[s].is_inside;", "return !meets(at, ends_, s) && sides_[s].is_inside;", "texts inside of an excluded language are taken"),
    ("text_value.cc", "wish.is_passed ? &wish.test->possible : &wish.test->certain", "&wish.test->possible", "what may match through a variable is excluded for certain"),
    ("intervals.cc", "for (const std::int64_t offset : {-step, std::int64_t{0}, step})", "for (const std::int64_t offset : {std::int64_t{0}})", "only the dates named are tried"),
    ("intervals.cc", "out.push_back(address_text(*next));", "(void)next;", "no address behind a block is tried"),
    ("intervals.cc", "out.push_back(number_text(whole < next ? whole : points[i] + (next - points[i]) / 2));", "(void)whole;", "no number between two is tried"),
    ("key_value.cc", "if (domain_.may_be_absent && absent())", "if (false)", "keys are never absent"),
    ("key_value.cc", "(is_all == literals_[i].is_true ? universal : existential)", "(is_all ? universal : existential)", "the opposite of ForAllValues is ForAllValues"),
    ("key_value.cc", "const std::size_t rounds = existential.empty() ? 1 : existential.size();", "const std::size_t rounds = 1;", "one value for all that need one each"),
    ("vocabulary.cc", "return op.is_negated || op.if_exists;", "return op.if_exists;", "a negated operator is false of an absent key"),
    ("vocabulary.cc", "!is_of_either_shape(condition.key);", "true;", "the opposite of an operator is its negation, for lists too"),
    ("vocabulary.cc", "if (!literal && has_all == statement.is_not_resource)", "if (!literal && has_all)", "a resource of * never applies"),
    ("search.cc", "if (open == nullptr) {\n          return reasons;", "if (open == nullptr) {\n          return Levels{0};", "a contradiction forgets what it rests on"),
    ("search.cc", "        conflict |= state(*refuted).reasons;\n", "", "what ruled a statement out is forgotten"),
    ("search.cc", "        conflict |= state(literal).reasons;\n        continue;", "        continue;", "what is decided of a statement is forgotten"),
    ("text_value.cc", "passes(*wish.test, text).value_or(wish.is_passed)", "passes(*wish.test, text).value_or(false)", "what depends on a variable is refused for certain"),
    ("actions.cc", "any[s] = any[s] != statements_[s].statement->is_not_action;", "any[s] = any[s];", "NotAction is Action"),
    ("actions.cc", "        out.push_back({.inside = inside(patterns_[i]), .text = patterns_[i]});\n", "", "exact names have no class"),
    ("access.cc", "const List direct = kind_.is_own ? granted(Strength::Direct) : List();", "const List direct;", "a direct grant does not pass a boundary"),
    ("access.cc", "const List entity = kind_.is_own ? granted(Strength::Entity) : List();", "const List entity;", "a grant to a role is none in its account"),
    ("access.cc", "if (!(is_root && kind_.is_own && kind_.is_bucket_policy))", "if (true)", "a bucket's owner is locked out of its policy"),
    ("access.cc", "access_.clauses.push_back(allows(level.get(), Strength::Account));", "", "levels need not allow"),
    ("request_kinds.cc", "part.must_allow = is_role;", "part.must_allow = false;", "a trust policy need not allow"),
    ("request_kinds.cc", "    out.push_back(std::move(other));\n", "", "nothing belongs to another account"),
    ("callers.cc", "      for (const PrincipalKind kind : kPersons) {\n        add_any(all, any_of(kind, account.second, account.first));", "      for (const PrincipalKind kind : {PrincipalKind::User}) {\n        add_any(all, any_of(kind, account.second, account.first));", "accounts have users only"),
    ("callers.cc", "  all.push_back({.kind = PrincipalKind::Anonymous});\n", "", "nobody is anonymous"),
    ("task.cc", "return std::ranges::includes(literals, *other);", "return std::ranges::includes(*other, literals);", "a narrower Deny covers a statement"),
    ("prove.cc", "      failed.forbidden.insert(failed.forbidden.end(), clause.begin(), clause.end());\n", "      failed.forbidden = clause;\n", "denials of now are forgotten"),
    ("prove.cc", "    if (!before.denials.empty()) {", "    if (false) {", "a Deny that is gone gives nothing"),
    ("changes.cc", "  append_text(place, out);\n", "  (void)place;\n", "a statement that stands elsewhere is no change"),
    ("changes.cc", "of_before, places_before, Effect::Deny, all_parts(of_now", "std::span<const AccessStatement>(), places_before, Effect::Deny, all_parts(of_now", "a Deny that is gone is no change"),
    ("changes.cc", "!are_read || places_now.shape() != places_before.shape()", "!are_read", "a boundary that is gone is no change"),
    ("changes.cc", "concat(frame, \"/\", action, resource)", "concat(frame, \"/\", action)", "another resource is no change"),
    ("changes.cc", "  out += concat(std::to_string(text.size()), \":\", text);", "  out += text;", "values run together"),
    ("actions.cc", "return x == x_end ? y != y_end && *y != '*' : *x != '*';", "return true;", "names that begin alike are apart"),
    ("given_callers.cc", "    caller.has_fixed_tags = caller.kind == PrincipalKind::User;\n  }\n", "  }\n  caller.has_fixed_tags = caller.kind == PrincipalKind::User;\n", "who says nothing of tags has none"),
    ("vocabulary.cc", "  name += concat(std::to_string(text.size()), \":\", text);", "  name += text;", "names of predicates run together"),
    ("callers.cc", "entry.kind, entry.text, pin_of(member, entry.text)", "PrincipalEntry::Kind::Never, std::string(entry.text), std::string()", "one name is one principal, whatever its type"),
]


def commands(build):
    return {pathlib.Path(entry["file"]).resolve(): entry for entry in json.loads((build / "compile_commands.json").read_text())}


def link_words(build, program):
    """The words that link a program, as ninja has them."""
    text = subprocess.run(["ninja", "-C", str(build), "-t", "commands", "-s", program], capture_output=True, text=True, check=True).stdout
    line = [part for part in text.splitlines()[-1].split(" && ") if " -o " in part][-1]
    return line.split()


def compile_to(entry, source, target):
    words = entry["command"].split()
    words = [word for word in words if not word.startswith("-O") and word not in ("/usr/bin/ccache",)]
    words = words[next(i for i, word in enumerate(words) if word.endswith("++")):]
    words[words.index("-o") + 1] = str(target)
    words[words.index("-c") + 1] = str(source)
    # The precompiled header was made with optimisation.
    while "-include" in words:
        at = words.index("-include")
        del words[at:at + 2]
    words = [word for word in words if word not in ("-Winvalid-pch", "-Werror") and not word.startswith(("-D_FORTIFY", "-U_FORTIFY"))]
    return subprocess.run([*words, "-w", "-I", str(source.parent)], cwd=entry["directory"], capture_output=True, text=True, check=False)


def kill(build, entry, number, name, before, after, folder):
    text = (ROOM / name).read_text(encoding="utf-8")
    if text.count(before) != 1:
        return f"there are {text.count(before)} of these places"
    source, target = folder / f"mutant{number}.cc", folder / f"mutant{number}.o"
    source.write_text(text.replace(before, after), encoding="utf-8")
    done = compile_to(entry, source, target)
    if done.returncode != 0:
        return "it does not compile: " + done.stderr[:300]
    for program, arguments in (("src/policy_prove/policy_prove_test", ["--gtest_brief=1"]),
                               ("tests/policy/policy_proofs", ["--pairs", "3000", "--requests", "60"])):
        words = link_words(build, program)
        at = words.index("-o")
        words[at + 1] = str(folder / "mutant")
        words.insert(at, str(target))
        linked = subprocess.run(words, cwd=build, capture_output=True, text=True, check=False)
        if linked.returncode != 0:
            return "it does not link: " + linked.stderr[:300]
        try:
            ran = subprocess.run([str(folder / "mutant"), *arguments], capture_output=True, text=True, timeout=240, check=False)
        except subprocess.TimeoutExpired:
            return f"{program.rpartition('/')[2]}: does not end"
        if ran.returncode != 0:
            failed = re.findall(r"\[  FAILED  \] (\S+)", ran.stdout)
            seed = re.findall(r"seed (\d+)", ran.stderr)
            return f"{failed[0] if failed else 'policy_proofs, pair ' + (seed[0] if seed else '?')}"
    return None


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    wanted = [int(word) for word in sys.argv[2:]] or range(1, len(MUTANTS) + 1)
    entries = commands(build)
    survivors = 0
    print("| mutant | file | mistake | killed by |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for number in wanted:
            name, before, after, mistake = MUTANTS[number - 1]
            killed = kill(build, entries[(ROOM / name).resolve()], number, name, before, after, pathlib.Path(folder))
            survivors += killed is None
            print(f"| {number} | {name} | {mistake} | {killed or 'survives'} |", flush=True)
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
