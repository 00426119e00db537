"""daos_engine verify and inspect: what they say of a whole store and of a damaged one, letter by letter."""
import hashlib
import os
import pathlib
import re
import unittest

from system import SystemTest

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
SEGMENT = "segment-0000000000000000"


class Offline(SystemTest):
    """A system of one engine with a pool, some values in it, and then stopped."""

    def setUp(self):
        super().setUp()
        self.start(1, 1)
        self.ok(self.run_in("dmg", "pool", "create", "tank", "--size", "64MiB"))
        self.ok(self.run_in("daos", "container", "create", "tank", "box"))
        self.ok(self.run_in("daos_perf", "write", "tank", "box", "--kind", "kv", "--keys", 20, "--size", 100,
                            "--ledger", self.top + "/ledger"))
        self.ok(self.local("stop"))
        self.target = os.path.join(self.dir, "engine-0", "target-0")
        self.pool = os.listdir(self.target)[0]
        self.shard = os.path.join("engine-0", "target-0", self.pool)

    def contents(self):
        """Every file below the directory, and when it was changed."""
        return {str(path): (hashlib.sha1(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
                for path in sorted(pathlib.Path(self.dir).rglob("*")) if path.is_file()}

    def flip(self, name, offset):
        with open(os.path.join(self.dir, name), "r+b") as file:
            file.seek(offset)
            byte = file.read(1)[0]
            file.seek(offset)
            file.write(bytes([byte ^ 4]))

    def verify(self, where=None):
        return self.run_in("daos_engine", "verify", where or self.dir)

    def test_a_whole_system_is_good_and_is_not_touched(self):
        before = self.contents()
        out = self.ok(self.verify()).out
        self.assertEqual(self.contents(), before)
        self.assertTrue(out.startswith(f"{os.path.realpath(self.dir)}: a local system of 1 engine, 1 shard\n\nFile "), out)
        found = dict(line.rstrip().split(maxsplit=1) for line in out.splitlines()[4:] if line and not line.endswith("no damage"))
        self.assertEqual(found["system"], "system daos_server, 1 engine x 1 target")
        self.assertEqual(found["engine-0/superblock"], "superblock of rank 0 of system daos_server, 1 target")
        self.assertRegex(found["engine-0/services/system/log/" + SEGMENT], r"^blocks: \d+, commands: [1-9]\d*$")
        self.assertRegex(found[f"engine-0/services/pool-{self.pool}/log/{SEGMENT}"], r"^blocks: \d+, commands: [1-9]\d*$")
        self.assertRegex(found[self.shard + "/shard"],
                         rf"^superblock of a shard of pool {self.pool}, durability power, written by build \S+$")
        self.assertRegex(found[f"{self.shard}/log/{SEGMENT}"], r"^blocks: \d+, records: [1-9]\d+$")
        self.assertTrue(out.endswith(f"\n{len(found)} files, no damage\n"), out)
        # It goes on as if nobody had looked.
        self.start(1, 1)
        self.ok(self.run_in("daos_perf", "verify", "tank", "box", "--kind", "kv", "--keys", 20, "--size", 100,
                            "--ledger", self.top + "/ledger"))

    def test_an_engine_a_target_and_a_shard_can_be_looked_at_alone(self):
        for folder, words in (("engine-0", "an engine with 1 shard"), ("engine-0/target-0", "a target with 1 shard"),
                              (self.shard, "a shard")):
            where = os.path.join(self.dir, folder)
            out = self.ok(self.verify(where)).out
            self.assertTrue(out.startswith(f"{os.path.realpath(where)}: {words}\n"), out)
            self.assertIn("log/" + SEGMENT, out)
            self.assertTrue(out.endswith(" files, no damage\n"), out)

    def test_damage_is_named_with_file_offset_and_what_is_affected(self):
        self.flip(f"{self.shard}/log/{SEGMENT}", 4096 + 200)
        done = self.verify()
        self.assertEqual(done.code, 1)
        self.assertRegex(done.out, rf"\nDAMAGED: {self.shard}/log/{SEGMENT} at offset 4096: a block is damaged or missing\n"
                         rf"  affected: pool {self.pool}: records from log position 4096 up to \d+, among them "
                         rf"(container {UUID}, object \d+\.\d+, dkey \S+; |sessions of client)")
        self.assertTrue(done.out.endswith(" files, 1 damaged place\n"), done.out)
        self.assertRegex(done.err, rf"^ERROR: daos_engine: DER_DF_INVAL\(-2022\): .*: 1 damaged place, the first in "
                         rf"{self.shard}/log/{SEGMENT} at offset 4096\n$")
        json = self.run_in("daos_engine", "verify", self.dir, "--json")
        self.assertEqual(json.code, 1)
        response = json.json()["response"]
        self.assertEqual(response["damage"][0]["path"], f"{self.shard}/log/{SEGMENT}")
        self.assertEqual(response["damage"][0]["offset"], 4096)
        self.assertIsNotNone(json.json()["error"])
        # What the engine says of it.
        done = self.local("--daemon")
        self.assertEqual(done.code, 1)
        self.assertIn(f"{self.shard.split('/', 1)[1]}/log/{SEGMENT} at offset 4096", self.logs())

    def test_every_kind_of_file_is_looked_at(self):
        for name, offset, what in ((f"{self.shard}/shard", 20, "damaged"), ("engine-0/superblock", 100, "damaged"),
                                   ("system", 100, "damaged"),
                                   (f"engine-0/services/system/log/{SEGMENT}", 5000, "a block is damaged or missing"),
                                   (f"engine-0/services/pool-{self.pool}/log/{SEGMENT}", 0, "the segment header is damaged")):
            self.flip(name, offset)
            done = self.verify()
            self.assertEqual(done.code, 1, name)
            self.assertRegex(done.out, rf"\nDAMAGED: {name} at offset \d+: .*{what}")
            self.flip(name, offset)
        self.ok(self.verify())

    def test_a_store_in_use_is_left_alone(self):
        self.start(1, 1)
        self.refused(self.verify(), "is in use by daos_server, process ", "stop`")
        self.refused(self.verify(self.target), "is in use by daos_server, process ")
        self.refused(self.run_in("daos_engine", "inspect", self.dir), "is in use by daos_server, process ")

    def test_mistakes(self):
        self.refused(self.verify(self.top + "/nothing"), "nothing", "No such file or directory")
        self.refused(self.verify(self.top), "holds nothing of DAOS", "engine-R or target-T folder")
        self.refused(self.run_in("daos_engine", "verfy", self.dir), 'unknown command "verfy"; did you mean "verify"?')

    def test_inspect_shows_every_level(self):
        out = self.ok(self.run_in("daos_engine", "inspect", self.dir, "--limit", "3")).out
        lines = out.splitlines()
        self.assertEqual(lines[0], f"{os.path.realpath(self.dir)}: a local system of 1 engine, 1 shard")
        self.assertRegex(lines[2], rf'^shard {self.shard}: pool {self.pool} "tank", durability power, tier 0 .* MiB, tier 1 0 B$')
        self.assertRegex(lines[3], rf'^  container {UUID} "box"$')
        self.assertRegex(lines[4], r"^    object \d+\.\d+, last changed at epoch 0x[0-9a-f]+ \(20.* UTC\)$")
        self.assertRegex(lines[5], r"^      dkey .+$")
        self.assertRegex(lines[6], r"^        akey .+$")
        self.assertRegex(lines[7], r"^          epoch 0x[0-9a-f]+ \(.* UTC\): 100 bytes$")
        self.assertRegex(out, r"\n      \.\.\. 17 more dkeys\n")
        json = self.ok(self.run_in("daos_engine", "inspect", self.dir, "--pool", "tank", "--container", "box", "--json",
                                   "--limit", "100")).json()["response"]
        dkeys = json["shards"][0]["containers"][0]["objects"][0]["dkeys"]
        self.assertEqual(len(dkeys), 20)
        self.assertEqual(dkeys[0]["akeys"][0]["versions"][0]["bytes"], 100)
        one = dkeys[7]["dkey"].strip('"')
        alone = self.ok(self.run_in("daos_engine", "inspect", self.dir, "--dkey", one, "--json")).json()["response"]
        self.assertEqual([dkey["dkey"] for dkey in alone["shards"][0]["containers"][0]["objects"][0]["dkeys"]], [dkeys[7]["dkey"]])
        self.refused(self.run_in("daos_engine", "inspect", self.dir, "--pool", "lake"), '"lake" is no uuid')
        self.refused(self.run_in("daos_engine", "inspect", self.dir, "--object", "7"), "is no object id")


if __name__ == "__main__":
    unittest.main(verbosity=2)
