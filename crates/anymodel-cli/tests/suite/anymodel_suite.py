"""The public suite `jupyter_kernel_test` with samples in Rust: `anymodel_suite.py [--kernel NAME]`.

Every check that the suite knows has its sample here, but one: a pager is how IPython shows its manual, and this kernel
has none to show. The last lines are one JSON object: what passed, failed and was skipped, and why.
"""

import argparse
import functools
import json
import sys
import time
import unittest

import jupyter_kernel_test


class Kernel(jupyter_kernel_test.KernelTests):
    kernel_name = "anymodel"
    language_name = "rust"
    file_extension = ".rs"

    code_hello_world = 'println!("hello, world");'
    code_stderr = 'eprintln!("this goes to standard error");'

    completion_samples = [
        {"text": "let words: Vec<String> = Vec::with_cap", "matches": {"with_capacity"}},
        {"text": 'let word = String::from("a"); word.split_whitesp', "matches": {"split_whitespace"}},
        {"text": "std::collections::HashM"},
    ]

    complete_code_samples = ["let a = 1;", "1 + 1", 'println!("{}", 1);', "fn f() -> u32 {\n    1\n}", "// a note", ""]
    incomplete_code_samples = ["fn f() {", 'println!("one', "let a = [1, 2,", "match 1 {\n    1 =>", "/* a note", "if true {"]
    invalid_code_samples = ["fn f() }", "let = 2;", "let a = )", "fn fn fn"]

    code_generate_error = 'panic!("on purpose");'
    code_execute_result = [
        {"code": "6 * 7", "result": "42"},
        {"code": '"text".len()', "result": "4"},
        {"code": "vec![1, 2, 3]", "result": "[1, 2, 3]"},
        {"code": "Some(\"text\")", "result": "Some(\"text\")"},
    ]
    code_display_data = [
        {
            "code": "use anymodel::course::prelude::*;\ndisplay::live(&Diagram::direct(2, &[\"one\", \"two\"])).finish();",
            "mime": "text/html",
        },
        {"code": 'let mut words = display::StreamingText::new();\nwords.push("a word");\nwords.finish();', "mime": "text/plain"},
    ]
    code_clear_output = "anymodel::display::clear();"

    # One of the cells above, as a glob.
    code_history_pattern = "6 ? 7"
    supported_history_operations = ("tail", "range", "search")

    code_inspect_sample = "String"

    def test_completion(self) -> None:
        # The first Tab starts rust-analyzer, which reads the crates once; until then only the cell's own names are offered.
        word = self.completion_samples[0]["text"]
        until = time.monotonic() + 90
        while time.monotonic() < until:
            self.kc.complete(word)
            if self.kc.get_shell_msg(timeout=30)["content"]["matches"]:
                break
            time.sleep(1)
        super().test_completion()


class Welcome(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = "anymodel"
    support_iopub_welcome = True

    def setUp(self) -> None:
        # The suite waits for ever for a message that a kernel may never send.
        self.kc.get_iopub_msg = functools.partial(self.kc.get_iopub_msg, timeout=15)


def main() -> None:
    parser = argparse.ArgumentParser(description="Run the public kernel suite with samples in Rust.")
    parser.add_argument("--kernel", default="anymodel", metavar="NAME", help="a kernel that Jupyter knows")
    name = parser.parse_args().kernel
    suite = unittest.TestSuite()
    for case in (Kernel, Welcome):
        case.kernel_name = name
        suite.addTests(unittest.defaultTestLoader.loadTestsFromTestCase(case))
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    bad = [*result.failures, *result.errors]
    report = {
        "ran": result.testsRun,
        "failed": {str(test): text.strip().splitlines()[-1] for test, text in bad},
        "skipped": {str(test): why for test, why in result.skipped},
    }
    print(json.dumps(report, indent=1))
    sys.exit(bool(bad))


main()
