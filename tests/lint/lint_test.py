#!/usr/bin/env python3
"""Goal: no rule of scripts/lint is dead, and none cries wolf. Method: trees of a few files, one case for each."""
import contextlib
import importlib.machinery
import importlib.util
import io
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

LINT = pathlib.Path(__file__).resolve().parents[2] / "scripts/lint"
sys.dont_write_bytecode = True
loader = importlib.machinery.SourceFileLoader("lint", str(LINT))
lint = importlib.util.module_from_spec(importlib.util.spec_from_loader("lint", loader))
loader.exec_module(lint)

# A tree that lint likes; each case changes or adds files.
GOOD = {
    "src/CMakeLists.txt": "foreach(folder\n platform/base platform/journal model/map\n server/vos client/core client/capi\n sim programs)\n",
    "docs/architecture.md": "platform/base platform/journal model/map server/vos client/core client/capi sim programs/dmg\n",
    "include/daos.h": "#pragma once\n",
    "src/platform/base/README.md": "base\n",
    "src/platform/base/a.h": "#pragma once\n",
    "src/platform/journal/README.md": "journal\n",
    "src/platform/journal/log.h": '#pragma once\n#include "platform/base/a.h"\n',
    "src/platform/journal/log.cc": '#include "platform/journal/log.h"\n',
    "src/server/vos/README.md": "vos\n",
    "src/server/vos/v.h": '#pragma once\n#include "platform/journal/log.h"\n',
    "src/client/core/README.md": "core\n",
    "src/client/core/c.h": "#pragma once\n",
}

VOS = "src/server/vos/x.cc"
# (rule, file, text that must be found, text that must not be found)
CASES = [
    ("floor", "src/platform/base/x.cc", '#include "platform/journal/log.h"\n', '#include "platform/base/a.h"\n'),
    ("floor", "src/platform/journal/x.cc", '#include "server/vos/v.h"\n', '// #include "server/vos/v.h"\n'),
    ("floor", VOS, "#include <daos.h>\n", "#include <vector>\n"),
    ("tower", VOS, '#include "client/core/c.h"\n', '#include "platform/base/a.h"\n'),
    ("tower", "src/client/core/x.cc", '#include "server/vos/v.h"\n', '#include "platform/base/a.h"\n'),
    ("frontend", "frontends/s3/x.cc", '#include "platform/base/a.h"\n', "#include <daos.h>\n"),
    ("frontend", "examples/x.c", '#include "../src/server/vos/v.h"\n', "#include <daos.h>\n"),
    ("include-form", VOS, '#include "v.h"\n', '#include "server/vos/v.h"\n'),
    ("own-header-first", "src/server/vos/v.cc", '#include <vector>\n#include "server/vos/v.h"\n', '#include "server/vos/v.h"\n#include <vector>\n'),
    ("pragma-once", "src/server/vos/w.h", "int w();\n", "#pragma once\nint w();\n"),
    ("clock", VOS, "auto t = std::chrono::steady_clock::now();\n", "auto t = clock_.now();\n"),
    ("clock", VOS, "clock_gettime(CLOCK_MONOTONIC, &t);\n", "// clock_gettime(CLOCK_MONOTONIC, &t);\n"),
    ("clock", VOS, "x = ::time(nullptr);\n", "Duration time(int first);\n"),
    ("clock", "src/server/vos/x_test.cc", "std::this_thread::sleep_for(1ms);\n", "co_await sleep(1_ms);\n"),
    ("random", VOS, "return rand() % 4;\n", "return rng_.rand();\n"),
    ("random", VOS, "std::random_device d;\n", 'log("std::random_device d;");\n'),
    ("random", VOS, '#include <random>\n', "#include <vector>\n"),
    ("random", VOS, 'read_all("/dev/urandom");\n', 'read_all(source);\n'),
    ("env", VOS, 'getenv("DAOS_X");\n', 'config.getenv("DAOS_X");\n'),
    ("env", "src/client/capi/init.cc", 'std::getenv("DAOS_X");\n', "int n = 0;\n"),
    ("thread", VOS, "std::thread worker(run);\n", "std::thread::id owner;\n"),
    ("thread", VOS, "#include <future>\n", "#include <functional>\n"),
    ("socket", VOS, "int fd = ::socket(AF_INET, SOCK_STREAM, 0);\n", "int fd = peer.socket(7);\n"),
    ("socket", "src/sim/x.cc", "#include <sys/socket.h>\n", "Result<Socket> socket(Address a) override;\n"),
    ("file", VOS, "int fd = open(path, O_RDWR | O_DIRECT);\n", "co_await open(path, kCreate);\n"),
    ("file", VOS, "if (::fsync(fd)) return;\n", "Task<Status> fsync(Handle h);\n"),
    ("file", VOS, "#include <filesystem>\n", "#include <string>\n"),
    ("hash-iteration", VOS, "absl::flat_hash_map<int, std::vector<int>> m;\nfor (auto& [k, v] : m) f(k);\n",
     "absl::btree_map<int, int> m;\nfor (auto& [k, v] : m) f(k);\n"),
    ("hash-iteration", VOS, "using M = absl::node_hash_set<int>;\nM seen;\nauto i = seen.begin();\n",
     "absl::flat_hash_map<int, int> m;\nauto i = m.find(3);\nfor (int k : keys_of(m)) f(k);\n"),
    ("hash-iteration", VOS, "std::unordered_map<int, int> m;\nabsl::c_sort(m, less);\n", "std::vector<int> m;\nabsl::c_sort(m, less);\n"),
    ("marker", VOS, "// TO" "DO: later\n", "mktemp(nameXX" "XXXX);\n"),
    ("marker", "docs/a.md", "FIX" "ME\n", "fixed\n"),
    ("dead-link", "docs/a.md", "[b](b.md)\n", "[a](architecture.md#floors) [b](https://example.org/b.md)\n"),
    ("machine-path", "scripts/a", "cd /wo" "rk/tree\n", "cd $top/frame/work/\n"),
    ("readme", "src/programs/dmg/main.cc", "int main() { return 0; }\n", None),
    ("architecture", "src/programs/daos/README.md", "daos\n", None),
]


def run_lint(files):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = pathlib.Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            code = lint.main(["--root", folder])
    return code, said.getvalue()


class Lint(unittest.TestCase):
    def test_a_tree_that_keeps_the_rules_passes(self):
        code, said = run_lint(GOOD)
        self.assertEqual((code, said), (0, f"lint: {len(GOOD)} files, 0 findings\n"))

    def test_each_rule_fires_and_names_file_line_and_way_out(self):
        for rule, path, bad, _ in CASES:
            with self.subTest(rule=rule, text=bad):
                code, said = run_lint({**GOOD, path: bad})
                self.assertEqual(code, 1, said)
                self.assertRegex(said, rf"(?m)^\S+:\d+: \[{rule}\] .+[;:,] .+")

    def test_no_rule_fires_on_the_right_way(self):
        for rule, path, _, good in CASES:
            if good is not None:
                with self.subTest(rule=rule, text=good):
                    code, said = run_lint({**GOOD, path: good} | ({"src/client/capi/README.md": "capi\n"} if "capi" in path else {})
                                          | ({"src/sim/README.md": "sim\n"} if "sim" in path else {}))
                    self.assertEqual(code, 0, said)

    def test_a_line_may_say_why_it_is_allowed(self):
        code, said = run_lint({**GOOD, VOS: "// one\nrand();  // lint-allow: random shows the generator to be replaced\n"})
        self.assertEqual(code, 0, said)
        code, said = run_lint({**GOOD, VOS: "rand();  // lint-allow: random\n"})
        self.assertEqual(code, 1, "a reason is required")

    def test_the_finding_names_the_line(self):
        _, said = run_lint({**GOOD, VOS: "/* two\n lines */\nint x = rand();\n"})
        self.assertIn(f"{VOS}:3: [random] rand outside", said)

    def test_members_of_a_sibling_header_count(self):
        header = "#pragma once\nstruct V {\n  absl::flat_hash_map<int, int> open_;\n};\n"
        _, said = run_lint({**GOOD, "src/server/vos/v.h": header,
                            "src/server/vos/v.cc": '#include "server/vos/v.h"\nvoid V::f() {\n  for (auto& e : open_) g(e);\n}\n'})
        self.assertIn("src/server/vos/v.cc:3: [hash-iteration] open_", said)

    def test_the_seams_may_do_what_others_may_not(self):
        rooms = GOOD["src/CMakeLists.txt"].replace("platform/journal", "platform/runtime platform/storage platform/fabric platform/journal")
        named = GOOD["docs/architecture.md"] + "platform/runtime platform/storage platform/fabric\n"
        files = {**GOOD, "src/CMakeLists.txt": rooms, "docs/architecture.md": named}
        for room, line in (("platform/runtime", "clock_gettime(a, b); getenv(c); pthread_create(d);"), ("platform/storage", "open(a, O_RDWR);"),
                           ("platform/fabric", "socket(AF_UNIX, b, c);"), ("programs/dmg", "getenv(a); open(b, O_RDONLY);"),
                           ("client/capi", None)):
            file = "env_list.cc" if line is None else "x.cc"
            code, said = run_lint({**files, f"src/{room}/README.md": "r\n", f"src/{room}/{file}": line or "getenv(a);\n"})
            self.assertEqual(code, 0, said)

    def test_a_long_file_is_a_warning_only(self):
        code, said = run_lint({**GOOD, VOS: "int x;\n" * 700})
        self.assertEqual(code, 0)
        self.assertIn(f"warning: {VOS}: 701 lines", said)

    def test_unformatted_code_is_found(self):
        style = "BasedOnStyle: Google\n"
        code, said = run_lint({**GOOD, ".clang-format": style, VOS: "int   x ;\n"})
        self.assertEqual(code, 1)
        self.assertRegex(said, rf"{VOS}:1: \[format\] not formatted: run `make format`")

    def test_every_rule_has_a_case(self):
        rules = set(re.findall(r'(?:, number|, 1|else 1|int\(match\.group\(2\)\)), "([a-z-]+)",', LINT.read_text()))
        rules |= set(re.findall(r'Seam\("([a-z]+)"', LINT.read_text()))
        shown = {rule for rule, *_ in CASES} | {"format"}
        self.assertEqual(rules - shown, set())
        self.assertGreater(len(rules), 14)


class Objects(unittest.TestCase):
    def test_a_call_hidden_in_a_macro_is_seen_in_the_object(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for place in ("server/vos", "platform/runtime"):
                source = root / "src" / place / "x.c"
                source.parent.mkdir(parents=True)
                source.write_text("int clock_gettime(int, void*);\n#define NOW(t) clock_ ## gettime(0, t)\nint f(void* t) { return NOW(t); }\n")
                built = root / "build/src" / place / "CMakeFiles/daos_x.dir/x.c.o"
                built.parent.mkdir(parents=True)
                subprocess.run(["clang-19", "-c", "-o", built, source], check=True)
            findings, count = lint.check_objects(root, root / "build")
        self.assertEqual(count, 2)
        self.assertEqual(len(findings), 1, findings)
        self.assertRegex(findings[0], r"^src/server/vos/x.c:1: \[clock\] its object calls clock_gettime outside the seams")


if __name__ == "__main__":
    unittest.main()
