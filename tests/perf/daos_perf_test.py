"""daos_perf on a local system: it finds what it stored, and sees what is wrong."""
import json
import os
import pathlib
import shutil
import signal
import struct
import subprocess
import tempfile
import time
import unittest

BIN = pathlib.Path(os.environ["BIN"])
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
LEDGER_HEADER_BYTES = 64


class DaosPerf(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.top = tempfile.mkdtemp(prefix="daos-test-")
        cls.dir = cls.top + "/system"
        cls.addClassCleanup(shutil.rmtree, cls.top, True)
        cls.env = {**os.environ, "DAOS_AGENT_DRPC_DIR": cls.dir + "/run"}
        cls.ok("daos_server", "local", "--dir", cls.dir, "--engines", 1, "--targets", 2, "--daemon")
        cls.addClassCleanup(cls.ok, "daos_server", "local", "--dir", cls.dir, "stop")
        said = json.loads(cls.ok("daos_server", "local", "--dir", cls.dir, "status", "--env", "--json"))
        cls.env["DAOS_AGENT_DRPC_DIR"] = said["response"]["DAOS_AGENT_DRPC_DIR"]
        cls.ok("dmg", "pool", "create", "tank", "--size", "256MiB", "--properties", "durability:process")
        cls.ok("daos", "container", "create", "tank", "first")

    @classmethod
    def run_one(cls, *words):
        return subprocess.run([str(BIN / words[0]), *map(str, words[1:])], env=cls.env, capture_output=True, text=True,
                              check=False, timeout=120)

    @classmethod
    def ok(cls, *words):
        done = cls.run_one(*words)
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout

    def perf(self, verb, *words):
        return json.loads(self.ok("daos_perf", verb, "tank", "first", "--json", *words))["response"]

    def refusal(self, verb, *words):
        done = self.run_one("daos_perf", verb, "tank", "first", *words)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertEqual(done.stdout, "")
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        return done.stderr

    def test_what_was_written_is_found_and_verified(self):
        these = ["--object", 10, "--keys", 200, "--clients", 2, "--size", "100"]
        wrote = self.perf("write", *these)
        self.assertEqual(wrote["write"]["operations"], 400)
        self.assertIsNone(wrote["read"])
        latency = wrote["write"]["latency_us"]
        order = [latency[name] for name in ("min", "p50", "p90", "p99", "p99.9", "max")]
        self.assertEqual(order, sorted(order))
        read = self.perf("read", "--verify", *these)
        self.assertEqual((read["read"]["operations"], read["verified"], read["absent"]), (400, 400, 0))

    def test_keys_never_written_are_absent(self):
        read = self.perf("read", "--verify", "--object", 11, "--keys", 50)
        self.assertEqual((read["read"]["operations"], read["absent"]), (50, 50))

    def test_mixed_goes_by_time_and_its_ledger_holds(self):
        ledger = self.top + "/mixed.ledger"
        these = ["--object", 12, "--keys", 100, "--ledger", ledger]
        mixed = self.perf("mixed", "--seconds", 0.3, "--verify", *these)
        self.assertGreater(mixed["write"]["operations"], 0)
        self.assertEqual(mixed["verified"], mixed["read"]["operations"])
        self.assertEqual(self.perf("verify", *these)["verified"], 100)

    def test_a_lost_write_is_seen(self):
        ledger = pathlib.Path(self.top, "lost.ledger")
        these = ["--object", 13, "--keys", 20, "--ledger", ledger]
        self.perf("write", *these)
        claims = bytearray(ledger.read_bytes())
        at = LEDGER_HEADER_BYTES + 16 * 7
        self.assertEqual(struct.unpack_from("<QQ", claims, at), (1, 1))
        struct.pack_into("<QQ", claims, at, 2, 2)  # as if a second write of key 7 had been acknowledged
        ledger.write_bytes(claims)
        self.assertIn("key 0x7: LOST: write 2 was acknowledged, write 1 is there", self.refusal("verify", *these))

    def test_a_write_that_nobody_made_is_seen(self):
        ledger = pathlib.Path(self.top, "extra.ledger")
        these = ["--object", 14, "--keys", 20]
        self.perf("write", *these, "--ledger", ledger)
        self.perf("write", *these)  # without the ledger's knowledge: the same sequence, so nothing to see
        self.perf("verify", *these, "--ledger", ledger)
        claims = bytearray(ledger.read_bytes())
        struct.pack_into("<QQ", claims, LEDGER_HEADER_BYTES, 0, 0)
        ledger.write_bytes(claims)
        self.assertIn("write 1 is there, but only 0 were sent", self.refusal("verify", *these, "--ledger", ledger))

    def test_a_killed_run_leaves_a_true_ledger(self):
        ledger = self.top + "/killed.ledger"
        these = ["--object", 15, "--keys", 100, "--clients", 2, "--ledger", ledger]
        words = [BIN / "daos_perf", "mixed", "tank", "first", "--seconds", 60, "--verify", *these]
        with subprocess.Popen([str(w) for w in words], env=self.env, stdout=subprocess.DEVNULL) as load:
            while not self.acknowledged(ledger):
                self.assertIsNone(load.poll())
                time.sleep(0.01)
            load.send_signal(signal.SIGKILL)  # its clients end with it
        self.assertEqual(self.perf("verify", *these)["verified"], 200)

    @staticmethod
    def acknowledged(ledger):
        try:
            entries = pathlib.Path(ledger).read_bytes()[LEDGER_HEADER_BYTES:]
        except FileNotFoundError:
            return False
        return any(acknowledged for _, acknowledged in struct.iter_unpack("<QQ", entries))

    def test_mistakes_are_one_line(self):
        self.assertIn("--size 8", self.refusal("write", "--size", 8))
        self.assertIn("--ledger", self.refusal("verify"))
        self.assertIn("container nowhere", self.run_one("daos_perf", "read", "tank", "nowhere").stderr)
        self.assertIn("pool nowhere", self.run_one("daos_perf", "read", "nowhere", "first").stderr)

    def test_kinds_work_or_say_that_they_are_not_there(self):
        for kind in ("kv", "array"):
            these = ["--kind", kind, "--object", 16, "--keys", 50, "--size", 100]
            done = self.run_one("daos_perf", "write", "tank", "first", *these)
            if done.returncode == 0:
                self.assertEqual(self.perf("read", "--verify", *these)["verified"], 50)
            else:
                self.assertEqual(done.stdout, "")
                self.assertEqual(done.stderr, f"ERROR: daos_perf: DER_NOSYS(-1010): --kind {kind}: the library does not have it yet; "
                                              "--kind single works (docs/api-status.md)\n")

    def test_the_users_page_has_every_option(self):
        page = (ROOT / "docs" / "user" / "daos_perf.md").read_text()
        for verb in ("write", "read", "mixed", "verify"):
            for line in self.ok("daos_perf", verb, "--help").splitlines():
                if line.startswith("  -"):
                    self.assertIn(f"`{line.split()[0]}`", page)


if __name__ == "__main__":
    unittest.main()
