"""`make demo` on a small folder: it ends well, cleans up, and shows what it did."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from system import BIN

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


class Demo(unittest.TestCase):
    def setUp(self):
        self.top = tempfile.mkdtemp(prefix="daos-test-")
        self.data = pathlib.Path(self.top, "data")
        (self.data / "below").mkdir(parents=True)
        (self.data / "empty").write_bytes(b"")
        (self.data / "small").write_bytes(b"x")
        (self.data / "exact").write_bytes(os.urandom(64 * 1024))
        (self.data / "below" / "large").write_bytes(os.urandom(300_000))
        (self.data / "link").symlink_to("small")

    def tearDown(self):
        shutil.rmtree(self.top)

    def test_it_plays_to_the_end(self):
        env = {**os.environ, "DATA": str(self.data), "TMPDIR": self.top, "BUILD": str(BIN.parent.parent)}
        done = subprocess.run([ROOT / "scripts" / "demo"], env=env, capture_output=True, text=True, check=False, timeout=300)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("store 4 files, 366 kB in 8 values", done.stdout)
        self.assertIn("kill -9 all 4 engines", done.stdout)
        self.assertIn("Every byte that was acknowledged was there", done.stdout)
        self.assertEqual(os.listdir(self.top), ["data"])


if __name__ == "__main__":
    unittest.main()
