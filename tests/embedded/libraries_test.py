"""Embedded mode where the libraries are found in other ways: loaded at run time, moved, or not all there.

usage: libraries_test.py LIBRARIES PROGRAM      PROGRAM is load_embedded
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

LIBRARIES = PROGRAM = None
NAMES = ("libdaos.so.2", "libdaos_client.so", "libdaos_embedded.so")


class LibrariesTest(unittest.TestCase):
    def setUp(self):
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="daos-libraries-"))
        self.addCleanup(shutil.rmtree, self.top)

    def load(self, folder):
        return subprocess.run([PROGRAM, folder / "libdaos.so.2", self.top / "store"], capture_output=True, text=True, timeout=120,
                              check=False)

    def test_a_program_that_loads_libdaos_at_run_time(self):
        done = self.load(LIBRARIES)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        self.assertTrue((self.top / "store/engine-0/superblock").exists())

    def test_libraries_may_be_moved(self):
        for name in NAMES:
            shutil.copy(LIBRARIES / name, self.top / name)
        done = self.load(self.top)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_what_is_missing_is_named(self):
        for name in NAMES[:2]:
            shutil.copy(LIBRARIES / name, self.top / name)
        done = self.load(self.top)
        self.assertEqual((done.returncode, done.stdout), (1, "DER_NONEXIST\n"))
        self.assertIn(str(self.top / "libdaos_embedded.so"), done.stderr)
        self.assertFalse((self.top / "store").exists())

    def test_a_library_of_another_kind_is_refused(self):
        for name in NAMES[:2]:
            shutil.copy(LIBRARIES / name, self.top / name)
        shutil.copy(LIBRARIES / "libgurt.so", self.top / "libdaos_embedded.so")
        done = self.load(self.top)
        self.assertEqual((done.returncode, done.stdout), (1, "DER_NONEXIST\n"))
        self.assertIn("not of this build", done.stderr)

    def test_only_the_one_function_is_shown(self):
        lines = subprocess.run(["nm", "-D", "--defined-only", LIBRARIES / "libdaos_embedded.so"], capture_output=True, text=True,
                               check=True).stdout.splitlines()
        self.assertEqual([line.split()[-1] for line in lines], ["daos_embedded"])


if __name__ == "__main__":
    LIBRARIES, PROGRAM = pathlib.Path(sys.argv.pop(1)), pathlib.Path(sys.argv.pop(1))
    unittest.main()
