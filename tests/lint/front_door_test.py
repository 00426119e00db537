#!/usr/bin/env python3
"""Goal: the scripts of the front door tell the truth when something is wrong. Method: run them on prepared input."""
import os
import pathlib
import subprocess
import tempfile
import unittest

SCRIPTS = pathlib.Path(__file__).resolve().parents[2] / "scripts"

RESULTS = """<testsuite>
<testcase name="A.Ok" status="run"/>
<testcase name="A.Bad" status="fail"><failure message=""/></testcase>
<testcase name="A.Missing" status="notrun"><skipped message="Unable to find executable"/></testcase>
<testcase name="A.Skips" status="notrun"><skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/></testcase>
<testcase name="A.Off" status="disabled"><skipped message="Disabled"/></testcase>
</testsuite>
"""


def run(*command, path=None):
    environment = {**os.environ, **({"PATH": path} if path else {})}
    return subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, env=environment)


class CountResults(unittest.TestCase):
    def test_a_test_that_was_not_built_is_a_failure(self):
        with tempfile.NamedTemporaryFile("w", suffix=".xml") as results:
            results.write(RESULTS)
            results.flush()
            done = run(SCRIPTS / "count-results", results.name)
        self.assertEqual(done.stdout, "1 2\n")
        self.assertIn("failed: A.Missing Unable to find executable", done.stderr)
        self.assertIn("skipped: A.Skips", done.stderr)

    def test_no_results_are_an_error(self):
        self.assertNotEqual(run(SCRIPTS / "count-results", "no-such-file.xml").returncode, 0)


class Setup(unittest.TestCase):
    """With a dpkg-query, an id and an apt-get of our own in front, so that nothing of the machine is touched."""

    def with_tools(self, without="", **tools):
        with tempfile.TemporaryDirectory() as folder:
            have = 'shift 3; for p in "$@"; do [ "$p" = "$WITHOUT" ] || echo "installed $p"; done\n'
            for name, text in {"dpkg-query": have, "apt-get": "exit 100\n", "id": "echo 0\n", **tools}.items():
                tool = pathlib.Path(folder) / name
                tool.write_text(f"#!/bin/bash\nWITHOUT={without}\n{text}")
                tool.chmod(0o755)
            return run(SCRIPTS / "setup", path=f"{folder}:{os.environ['PATH']}")

    def test_silent_when_all_is_there(self):
        done = self.with_tools()
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_names_the_package_that_cannot_be_installed(self):
        done = self.with_tools(without="libisal-dev")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout, "scripts/setup: installing libisal-dev\n")
        self.assertIn("could not install: libisal-dev", done.stderr)

    def test_says_that_root_is_needed(self):
        done = self.with_tools(without="fio", id="echo 1000\n", sudo="exit 1\n")
        self.assertEqual(done.returncode, 1)
        self.assertIn("could not install: fio", done.stderr)


class Lib64Link(unittest.TestCase):
    def test_links_once_and_leaves_what_is_there(self):
        with tempfile.TemporaryDirectory() as prefix:
            self.assertEqual(run(SCRIPTS / "lib64-link", prefix).returncode, 0)
            self.assertFalse(os.path.lexists(f"{prefix}/lib64"))
            os.mkdir(f"{prefix}/lib")
            for _ in range(2):
                self.assertEqual(run(SCRIPTS / "lib64-link", prefix).returncode, 0)
                self.assertEqual(os.readlink(f"{prefix}/lib64"), "lib")


if __name__ == "__main__":
    unittest.main()
