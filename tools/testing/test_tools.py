"""Tests of the checkers themselves: each law and rule is shown a breach it must report and a twin it must accept."""
import json
import pathlib
import sys
import tempfile
import unittest
import unittest.mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import check_layers  # noqa: E402
import tidy  # noqa: E402
from testing import build, checks, clients, declared_errors, fuzz  # noqa: E402


class LayersTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name)
        self.write("layers.txt", "base:\nhttp: base\nmodel: base\napi: base http model\n")
        self.write("tools/third_party.txt", "openssl/ : http/impl\ngtest/ : tests\nboost/ : http\n"
                   "base/secret.h : api/keys.cc tests\n")
        for room in ("base", "http", "model", "api"):
            self.write(f"src/{room}/x.h", "#pragma once\n#include <vector>\n")

    def tearDown(self):
        self.folder.cleanup()

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def assert_breach(self, name, include, law):
        self.write(name, f"#include {include}\n")
        problems = check_layers.check(self.root)
        self.assertEqual(len(problems), 1, problems)
        self.assertIn(f"{name}:1: {law}", problems[0])

    def assert_accepted(self, name, include):
        self.write(name, f"#include {include}\n")
        self.assertEqual(check_layers.check(self.root), [])

    def test_include_pointing_down_is_accepted(self):
        self.assert_accepted("src/api/a.cc", '"model/x.h"')

    def test_include_pointing_up_is_reported(self):
        self.assert_breach("src/base/a.cc", '"api/x.h"', "law 1")

    def test_include_of_sibling_is_reported(self):
        self.assert_breach("src/model/a.cc", '"http/x.h"', "law 1")

    def test_private_folder_of_another_room_is_reported(self):
        self.assert_breach("src/api/a.cc", '"http/impl/x.h"', "law 2")

    def test_private_folder_of_own_room_is_accepted(self):
        self.assert_accepted("src/http/a.cc", '"http/impl/x.h"')

    def test_third_party_header_outside_its_room_is_reported(self):
        self.assert_breach("src/model/a.cc", "<openssl/evp.h>", "law 3")

    def test_third_party_header_in_its_folder_is_accepted(self):
        self.assert_accepted("src/http/impl/tls.cc", "<openssl/ssl.h>")

    def test_third_party_header_in_our_header_is_reported(self):
        self.assert_breach("src/http/a.h", "<boost/asio.hpp>", "law 3")

    def test_unknown_third_party_header_is_reported(self):
        self.assert_breach("src/http/a.cc", "<fmt/format.h>", "law 3")

    def test_test_framework_outside_tests_is_reported(self):
        self.assert_breach("src/model/a.cc", "<gtest/gtest.h>", "law 3")

    def test_test_framework_in_test_is_accepted(self):
        self.assert_accepted("src/model/a_test.cc", "<gtest/gtest.h>")

    def test_a_header_of_ours_that_is_not_for_everybody_is_reported_elsewhere(self):
        self.write("src/base/secret.h", "#pragma once\n")
        self.assert_breach("src/api/a.cc", '"base/secret.h"', "law 4")

    def test_a_header_of_ours_that_is_not_for_everybody_is_accepted_where_it_is_named(self):
        self.write("src/base/secret.h", "#pragma once\n")
        self.assert_accepted("src/api/keys.cc", '"base/secret.h"')
        self.assert_accepted("src/model/a_test.cc", '"base/secret.h"')

    def test_declared_test_dependency_is_accepted_in_tests_only(self):
        self.write("src/model/CMakeLists.txt", "signet_module(model DEPS base TEST_DEPS http)\n")
        self.assert_accepted("src/model/a_test.cc", '"http/x.h"')
        self.assert_breach("src/model/b.cc", '"http/x.h"', "law 1")

    def test_parts_that_include_each_other_are_reported(self):
        self.write("src/api/a.cc", '#include "api/b.h"\n')
        self.write("src/api/b.h", '#include "api/c.h"\n')
        self.write("src/api/c.h", '#include "model/x.h"\n')
        self.assert_accepted("src/api/a.h", '"model/x.h"')
        self.write("src/api/c.cc", '#include "api/a.h"\n')
        self.assertEqual(check_layers.check(self.root),
                         ["src/api/a.h: law 5: these include each other: api/a, api/b, api/c"])

    def test_a_circle_on_the_list_that_is_gone_is_reported(self):
        self.write("src/http/impl/loop.h", '#include "http/impl/slot.h"\n')
        self.write("src/http/impl/slot.cc", '#include "http/impl/loop.h"\n')
        self.assertEqual(check_layers.check(self.root), [])
        self.write("src/http/impl/slot.cc", "")
        self.assertIn("law 5: no circle any more", check_layers.check(self.root)[0])

    def test_room_listed_before_its_dependency_is_reported(self):
        self.write("layers.txt", "base: http\nhttp:\nmodel:\napi:\n")
        self.assertIn("layers.txt:1: law 1", check_layers.check(self.root)[0])


class TidyTest(unittest.TestCase):
    def rules(self, path, text):
        return [problem.split(": ")[1] for problem in tidy.check_file(path, text)]

    def test_banned_calls_are_reported(self):
        for rule, line in [
            ("no-c-random", "int x = rand();"),
            ("no-wall-clock", "auto now = std::time(nullptr);"),
            ("no-wall-clock", "auto now = std::chrono::system_clock::now();"),
            ("no-environment", 'auto home = std::getenv("HOME");'),
            ("no-shell", 'system("ls");'),
            ("no-unbounded-copy", "strcpy(a, b);"),
            ("no-hidden-state", "auto* t = gmtime(&now);"),
            ("no-sleep", "std::this_thread::sleep_for(second);"),
            ("no-regex", "std::regex r;"),
            ("no-throw", "throw Failure();"),
            ("no-throwing-filesystem", "if (std::filesystem::exists(path)) {"),
            ("no-throwing-filesystem", "auto p = fs::temp_directory_path();"),
            ("no-threads", "std::thread worker;"),
        ]:
            with self.subTest(rule=rule):
                self.assertEqual(self.rules("src/model/a.cc", line + "\n"), [rule])

    def test_banned_words_in_comments_and_strings_are_accepted(self):
        text = '// rand() and throw\nauto text = "system(now) throw";\n/* getenv(x) */\n'
        self.assertEqual(self.rules("src/model/a.cc", text), [])

    def test_likenesses_of_banned_calls_are_accepted(self):
        text = "fs::exists(path, error);\nclock.time(0);\noperand();\nfile_system(x);\nmake_random(7);\n"
        self.assertEqual(self.rules("src/model/a.cc", text), [])

    def test_environment_is_accepted_where_settings_are_read(self):
        self.assertEqual(self.rules("src/server/settings.cc", 'std::getenv("A");\n'), [])

    def test_bare_markers_are_reported(self):
        self.assertEqual(self.rules("src/model/a.cc", "// TODO: later\n"), ["todo-needs-issue"])
        self.assertEqual(self.rules("src/model/a.cc", "int x;  // NOLINT\n"), ["nolint-needs-reason"])
        self.assertEqual(self.rules("src/model/a.cc", "int x;  // NOLINT(some-check)\n"), ["nolint-needs-reason"])

    def test_reasoned_markers_are_accepted(self):
        text = "// TODO(#12): later\nint x;  // NOLINT(some-check): the C interface wants it\n"
        self.assertEqual(self.rules("src/model/a.cc", text), [])

    def test_text_rules(self):
        self.assertEqual(self.rules("src/model/a.h", "int x; \n"), ["trailing-space"])
        self.assertEqual(self.rules("src/model/a.h", "// \u00e9\n"), ["non-ascii"])
        self.assertEqual(tidy.check_file("src/model/a.h", "int x;"), ["src/model/a.h: final-newline"])
        self.assertEqual(len(tidy.check_file("src/model/a.h", "int x;\n" * 601)), 1)

    def test_machine_paths_are_reported(self):
        self.assertEqual(self.rules("docs/guide.md", "see /ho" + "me/someone/x\n"), ["machine-path"])
        self.assertEqual(self.rules("docs/guide.md", "GET /homework/x and ./home/y\n"), [])

    def test_lock_file_with_addresses_is_reported(self):
        self.assertEqual(len(tidy.check_file("a/package-lock.json", '{"resolved": "x"}\n')), 1)
        self.assertEqual(tidy.check_file("a/package-lock.json", '{"version": "x"}\n'), [])

    def test_facts_must_be_sorted_and_sourced(self):
        good = "name\tsource\na\tdoc\nb\tdoc\n"
        self.assertEqual(tidy.check_file("facts/x.tsv", good), [])
        self.assertEqual(len(tidy.check_file("facts/x.tsv", "name\tsource\nb\tdoc\na\tdoc\n")), 1)
        self.assertEqual(len(tidy.check_file("facts/x.tsv", "name\tsource\na\t\n")), 1)
        self.assertEqual(len(tidy.check_file("facts/x.tsv", "name\tsize\na\t1\n")), 1)
        self.assertEqual(tidy.check_file("facts/x.tsv", "# Source: a page\n# Order: as served\nname\nb\na\n"), [])
        self.assertEqual(len(tidy.check_file("facts/x.json", '{"name": 1}')), 1)


class FuzzReportTest(unittest.TestCase):
    def setUp(self):
        (fuzz.build.ROOT / "build").mkdir(exist_ok=True)
        self.folder = tempfile.TemporaryDirectory(dir=fuzz.build.ROOT / "build")
        self.program = pathlib.Path(self.folder.name) / "arn_fuzz"

    def tearDown(self):
        self.folder.cleanup()

    def test_failure_names_the_input_its_bytes_and_how_to_replay_it(self):
        artifact = pathlib.Path(self.folder.name) / "arn_fuzz-crash-1"
        artifact.write_bytes(b"\x00\xff\n")
        output = "#1 NEW\n" * 2000 + f"artifact_prefix='x'; Test unit written to {artifact}\nBase64: AP8K\n"

        report = fuzz.describe_failure(output, self.program)

        shown = artifact.relative_to(fuzz.build.ROOT)
        self.assertIn(f"input: {shown} (3 bytes)", report)
        self.assertIn(f"replay: {self.program.relative_to(fuzz.build.ROOT)} {shown}", report)
        self.assertIn("base64 -d > crash <<< AP8K", report)
        self.assertLess(len(report), 8000)

    def test_failure_without_an_input_says_so(self):
        self.assertIn("kept no input", fuzz.describe_failure("==1== ERROR: out of memory\n", self.program))


class BuildTest(unittest.TestCase):
    def setUp(self):
        build.BUILD.mkdir(exist_ok=True)
        folder = tempfile.TemporaryDirectory(dir=build.BUILD)  # run() names logs relative to the checkout
        self.addCleanup(folder.cleanup)
        self.log = pathlib.Path(folder.name) / "build.log"

    def test_the_last_step_of_a_build_is_found(self):
        self.log.write_text("step 1 of 20 Building a\nwarning: step 9 of 9\nstep 2 of 20 Building b\nstep 3 o", encoding="utf-8")
        self.assertEqual("step 2 of 20", build.last_step(self.log))

    def test_output_without_steps_has_none(self):
        self.log.write_text("", encoding="utf-8")
        self.assertIsNone(build.last_step(self.log))

    def test_a_command_that_takes_too_long_is_ended_and_fails(self):
        with unittest.mock.patch("builtins.print") as printed, self.assertRaises(build.StepFailed):
            build.run(["sleep", "60"], self.log, "wait", timeout=0.1)
        self.assertIn("none within 0.1 s", str(printed.call_args_list))

    def test_a_command_that_fails_shows_the_end_of_its_output(self):
        with unittest.mock.patch("builtins.print") as printed, self.assertRaises(build.StepFailed):
            build.run(["sh", "-c", "echo the cause; exit 3"], self.log, "fail")
        self.assertIn("exit code 3", str(printed.call_args_list))
        self.assertIn("the cause", str(printed.call_args_list))


class LintTest(unittest.TestCase):
    def test_names_a_file_that_no_preset_builds(self):
        commands = [{"file": str(checks.ROOT / "fuzz/arn_fuzz.cc")}]
        units, unknown = checks.split_units(["bench/lost.cc", "fuzz/arn_fuzz.cc", "src/base/clock.h"], commands)
        self.assertEqual(units, ["fuzz/arn_fuzz.cc"])
        self.assertEqual(unknown, ["bench/lost.cc"])

    def test_merges_presets_and_points_them_to_the_release_build(self):
        folders = {}
        with tempfile.TemporaryDirectory() as root, unittest.mock.patch.object(checks.build, "BUILD", pathlib.Path(root)):
            for preset, file in (("release", "a.cc"), ("fuzz", "f.cc")):
                folder = folders[preset] = pathlib.Path(root) / preset
                folder.mkdir()
                entries = [{"file": name, "command": f"{preset} -I{folder}/gen"} for name in ("a.cc", file)]
                (folder / "compile_commands.json").write_text(json.dumps(entries))
            with unittest.mock.patch.object(checks.build, "build", lambda preset, _target: folders[preset]):
                merged = {entry["file"]: entry["command"] for entry in checks.preset_commands()}
            gen = f"-I{root}/release/gen"
        self.assertEqual(merged, {"a.cc": f"release {gen}", "f.cc": f"fuzz {gen}"})


class ClientsTest(unittest.TestCase):
    def test_counts_what_node_says(self):
        outcome = clients.count_tap("    not ok 2 - a reader may not write\nnot ok 1 - suite\n# pass 3\n# fail 2\n")
        self.assertEqual((outcome.passed, outcome.failures), (3, ["a reader may not write", "suite"]))
        self.assertEqual(clients.count_tap("ok 1 - a\n# pass 1\n# fail 0\n").failures, [])
        self.assertEqual(clients.count_tap("Cannot find module").passed, 0)

    def test_counts_what_go_says(self):
        lines = ['{"Action":"run","Test":"TestA"}', '{"Action":"pass","Test":"TestA"}', '{"Action":"fail","Test":"TestB"}',
                 '{"Action":"pass","Package":"p"}', "FAIL p [build failed]"]
        outcome = clients.count_go("\n".join(lines))
        self.assertEqual((outcome.passed, outcome.failures), (1, ["TestB"]))

    def test_a_runner_that_ends_badly_without_a_count_has_failed(self):
        with unittest.mock.patch("builtins.print"):
            self.assertEqual(clients._judged(clients.count_go(""), 2, "").failures, ["the runner ended with 2"])



class DeclaredErrorsTest(unittest.TestCase):
    WANTED = {("iam", "GetUser"): {"NoSuchEntity", "ServiceFailure"}}
    SEEN = {("iam", "GetUser", "ok"), ("iam", "GetUser", "NoSuchEntity")}
    EXCUSES = [{"error": "ServiceFailure", "operations": "*"}]

    def test_what_was_seen_or_is_excused_is_no_gap(self):
        self.assertEqual(declared_errors.find_gaps(self.WANTED, self.SEEN, self.EXCUSES), [])

    def test_what_was_never_seen_is_a_gap(self):
        self.assertEqual(declared_errors.find_gaps(self.WANTED, set(), self.EXCUSES),
                         ["GetUser never succeeded", "GetUser never answered NoSuchEntity"])

    def test_an_excuse_for_what_was_seen_or_is_not_declared_is_a_gap(self):
        more = [{"error": "NoSuchEntity", "operations": "GetUser,GetRole"}]
        gaps = declared_errors.find_gaps(self.WANTED, self.SEEN, self.EXCUSES + more)
        self.assertEqual(len(gaps), 2)
        self.assertIn("says cannot be", gaps[0])
        self.assertIn("GetRole does not declare NoSuchEntity", gaps[1])


if __name__ == "__main__":
    unittest.main()
