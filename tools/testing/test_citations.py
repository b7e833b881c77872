"""Tests of check_citations.py: each rule is shown a breach that it must report and a twin that it must accept."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

sys.path.insert(1, str(pathlib.Path(__file__).resolve().parent.parent / "gen"))

import _differences  # noqa: E402
import check_citations  # noqa: E402


class CitationsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        subprocess.run(["git", "init", "-q", str(self.root)], check=True)
        for page in check_citations.SOURCES.values():
            self.write(page, "# A page\n\n## 1. First\n\n### 1.7 Missing\n\n## 2. Second\n")
        self.write("docs/aws/policy-semantics.md", "## 7. Decisions\n\n- **R-7.1** Order.\n- **Q-2** Empty?\n| T38 | x |\n")
        self.write("docs/aws/documented-programs.md", "| P7 | C++ |\n")
        self.write("src/base/clock.h", "#pragma once\n#include <sqlite3.h>\n")
        self.write("src/base/base_test.cc", "TEST(Clock, Ticks) {}\n")
        self.write("docs/decisions/0003-clock.md", "# 0003: a clock\n")

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def assert_breach(self, name, text, line, rule, what):
        self.write(name, text)
        problems = check_citations.check(self.root)
        self.assertEqual(len(problems), 1, problems)
        self.assertTrue(problems[0].startswith(f"{name}:{line}: {rule}: "), problems[0])
        self.assertIn(what, problems[0])

    def assert_accepted(self, name, text):
        self.write(name, text)
        self.assertEqual(check_citations.check(self.root), [])

    def test_a_section_that_is_there_is_accepted(self):
        self.assert_accepted("src/base/clock.cc", "// As AWS does (aws-wire 1.7, 2 and 1).\n// R-7.1, Q-2, documented-programs P7\n")

    def test_a_section_that_is_not_there_is_reported(self):
        self.assert_breach("src/base/clock.cc", "// As AWS does\n// (aws-wire 1.8).\n", 2, "citation", "no section 1.8")

    def test_each_section_of_a_list_is_looked_up(self):
        self.assert_breach("facts/errors.tsv", "# Source: aws-wire 1.7, 1.9\nname\nx\n", 1, "citation", "no section 1.9")

    def test_a_citation_that_goes_on_in_the_next_line_is_read(self):
        self.assert_breach("src/base/clock.cc", "// As AWS does (aws-wire 2,\n// 3).\n", 1, "citation", "no section 3")

    def test_an_unknown_rule_is_reported_in_test_data_too(self):
        self.assert_breach("testdata/policy/rules.json", '["R-7.2"]\n', 1, "citation", "no R-7.2")

    def test_cases_of_the_truth_table_are_looked_up_around_the_policy_engine(self):
        self.assert_accepted("testdata/policy/truth_table.json", '["T38"]\n')
        self.assert_accepted("src/base/clock.cc", "// at 2026-01-01 T99\n")
        self.assert_breach("testdata/policy/mutants.md", "killed by T38, T39\n", 1, "citation", "no T39")

    def test_a_page_of_aws_names_its_own_sections(self):
        page = check_citations.SOURCES["sign-in"]
        self.assert_accepted(page, "# A\n\n## 2. B\n\nAs told (2.1), section 2.\n\n### 2.1 C\n")
        self.assert_breach(page, "# A\n\n## 2. B\n\nAs told (2.1, 2.2).\n\n### 2.1 C\n", 5, "citation", "no section 2.2")

    def test_a_test_that_does_not_exist_is_reported(self):
        self.assert_breach("src/base/README.md", "- It ticks (see clock_test.cc).\n", 1, "test", "clock_test.cc")

    def test_a_case_that_does_not_exist_is_reported(self):
        self.assert_breach("src/base/README.md", "`Clock.Ticks`\n`Clock.Rings`\n", 2, "test", "no case Rings")

    def test_a_path_that_does_not_exist_is_reported(self):
        self.assert_breach("README.md", "See `src/base/clocks.h`.\n", 1, "path", "src/base/clocks.h")

    def test_paths_may_hold_wildcards_choices_and_names_as_included(self):
        self.assert_accepted("README.md", "`src/*/clock.{h,h}`, `src/base/clock`, src/base/, `clock.h`, `sqlite3.h`\n")

    def test_paths_in_code_are_not_read_but_in_its_comments(self):
        self.assert_breach("src/base/clock.cc", 'open("docs/none.txt");  // docs/nothing.txt\n', 1, "path", "docs/nothing.txt")

    def test_a_document_that_does_not_exist_is_reported(self):
        self.assert_breach("src/base/clock.cc", "// Why: DESIGN.md 3.\n", 1, "path", "DESIGN.md")

    def test_a_link_to_nothing_is_reported(self):
        self.assert_breach("docs/a.md", "[b](../docs/b.tsv)\n", 1, "link", "leads to nothing")

    def test_an_anchor_must_be_a_heading(self):
        self.assert_breach("docs/a.md", "# One `thing`, two\n[x](#one-thing-two) [y](#one)\n", 2, "link", "#one names no heading")

    def test_links_in_code_and_to_the_web_are_left_alone(self):
        self.assert_accepted("docs/a.md", "`[a](b)` [x](https://example.org/b)\n```\n[a](b)\n```\n")

    def test_a_page_that_no_link_leads_to_is_reported(self):
        pages = sorted(path.relative_to(self.root / "docs") for path in (self.root / "docs").rglob("*.md"))
        self.write("docs/README.md", "".join(f"[x]({page})\n" for page in pages))
        self.write("docs/a.md", "[me](a.md)\n")
        self.assertEqual(check_citations.check(self.root),
                         ["docs/a.md:1: found: no link of docs/README.md leads here, not even over other pages"])
        self.assert_accepted(f"docs/{pages[0]}", (self.root / "docs" / pages[0]).read_text() +
                             f"[a]({'../' * str(pages[0]).count('/')}a.md)\n")

    def test_a_decision_without_a_page_is_reported(self):
        self.assert_breach("src/base/clock.cc", "// decision 0003\n// decisions 0003 and 0004\n", 2, "decision", "0004")

    def test_the_title_of_a_decision_begins_with_its_number(self):
        self.assert_breach("docs/decisions/0004-time.md", "# Time\n", 1, "decision", "# 0004: ")


class DifferencesTest(unittest.TestCase):
    def read(self, name, text):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / name
            path.parent.mkdir(parents=True)
            path.write_text(text)
            return [what for _, what in _differences.read(pathlib.Path(folder), [name])]

    def test_a_comment_is_read_to_its_end(self):
        text = "// Moves it.\n// AWS-DIFF: a class is a label\n// and no more (x_test.cc).\nvoid move();\n// Else.\n"
        self.assertEqual(self.read("src/s3/a.h", text), ["A class is a label and no more (x_test.cc)."])

    def test_two_marks_in_a_row_are_two_differences(self):
        self.assertEqual(self.read("src/s3/a.h", "  // AWS-DIFF: one.\n  // AWS-DIFF: two.\n"), ["One.", "Two."])

    def test_a_cell_of_facts_is_read_to_its_tab(self):
        self.assertEqual(self.read("facts/a.tsv", "name\tsource\nx\tAWS-DIFF: no quotas\t5\ny\tz\n"), ["No quotas."])

    def test_a_paragraph_is_read_to_its_end(self):
        self.assertEqual(self.read("docs/guide/a.md", "AWS-DIFF: one\ntwo.\n- three\n\nfour\n"), ["One two."])

    def test_other_folders_are_not_read(self):
        self.assertEqual(self.read("docs/aws/a.md", "Written as AWS-DIFF: so.\n"), [])


if __name__ == "__main__":
    unittest.main()
