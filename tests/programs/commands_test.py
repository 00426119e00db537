"""dmg and daos: what they print, in text and JSON, and how they refuse mistakes."""
import unittest

from system import SharedSystemTest, UUID, run


class Commands(SharedSystemTest):
    """Pools, and the ways of every command."""

    # ---- dmg

    def test_pool_create_says_what_it_made(self):
        out = self.make_pool().out
        self.assertRegex(out, r"Pool created with 100.00% storage tier ratio\n-+\n  UUID                : " + UUID + "\n")
        self.assertIn("  Service Ranks       : 0\n  Storage Ranks       : [0-1]\n  Total Size          : 134 MB\n"
                      "  Storage tier 0 (SCM): 134 MB (67 MB / rank)\n", out)

    def test_pool_create_on_some_ranks_and_by_share(self):
        json = self.envelope("dmg", "pool", "create", self.pool, "--scm-size", "64MiB", "--ranks", "1")
        self.assertEqual(json["tgt_ranks"], [1])
        self.assertEqual(json["tier_bytes"], [64 << 20, 0])
        self.ok(self.run_in("dmg", "pool", "destroy", self.pool))
        json = self.envelope("dmg", "pool", "create", self.pool, "--size", "1%", "--properties", "durability:process,reclaim:lazy")
        self.assertEqual(json["tgt_ranks"], [0, 1])
        self.ok(self.run_in("dmg", "pool", "destroy", self.pool))
        json = self.envelope("dmg", "pool", "create", self.pool, "--size", "64MiB", "--nranks", "1")
        self.assertEqual(len(json["tgt_ranks"]), 1)

    def test_a_pool_with_two_tiers(self):
        out = self.ok(self.run_in("dmg", "pool", "create", self.pool, "--size", "1GiB", "--tier-ratio", "20,80")).out
        self.assertIn("automatic storage allocation: 1.1 GB total, 20.00% storage tier ratio\n", out)
        self.assertRegex(out, r"Pool created with 20.0\d%,(79.9\d|80.0\d)% storage tier ratio\n")
        self.assertRegex(out, r"  Storage tier 1 \(NVMe\): 859 MB \(\d+ MB / rank\)\n")
        tiers = self.envelope("dmg", "pool", "query", self.pool)["tier_stats"]
        self.assertEqual([tier["media_type"] for tier in tiers], ["scm", "nvme"])
        self.assertGreater(tiers[1]["total"], 850_000_000)
        self.assertEqual(tiers[1]["free"], tiers[1]["total"])
        self.assertIn("- Storage tier 1 (NVME):\n  Total size: 859 MB\n", self.ok(self.run_in("dmg", "pool", "query", self.pool)).out)
        self.ok(self.run_in("daos", "container", "create", self.pool, "bench"))
        self.ok(self.run_in("daos_perf", "write", self.pool, "bench", "-s", "1MiB", "-n", "64", "-d", "4"))
        written = self.envelope("dmg", "pool", "query", self.pool)["tier_stats"][1]
        self.assertEqual(written["total"] - written["free"], 64 << 20)
        self.ok(self.run_in("daos", "container", "destroy", self.pool, "bench"))
        self.ok(self.run_in("dmg", "pool", "destroy", self.pool))
        json = self.envelope("dmg", "pool", "create", self.pool, "--scm-size", "64MiB", "--nvme-size", "256MiB")
        self.assertEqual(json["tier_bytes"], [64 << 20, 256 << 20])

    def test_pool_list_and_query_agree(self):
        self.make_pool()
        self.assertRegex(self.ok(self.run_in("dmg", "pool", "list")).out,
                         r"Pool +Size +State Used Imbalance Disabled \n[- ]+\n(.*\n)*" + self.pool + r" +134 MB Ready 0%   0%        0/4 ")
        listed = [pool for pool in self.envelope("dmg", "pool", "ls")["pools"] if pool["label"] == self.pool][0]
        queried = self.envelope("dmg", "pool", "query", self.pool)
        self.assertEqual(listed["uuid"], queried["uuid"])
        self.assertEqual(queried["total_targets"], 4)
        self.assertEqual(queried["tier_stats"][0]["media_type"], "scm")
        by_uuid = self.ok(self.run_in("dmg", "pool", "query", queried["uuid"])).out
        self.assertIn(f"Pool {queried['uuid']}, ntarget=4, disabled=0, leader=0, version=1, state=Ready\n", by_uuid)
        self.assertIn("- Storage tier 0 (SCM):\n  Total size: 134 MB\n", by_uuid)

    def test_system_query(self):
        self.assertIn("[0-1] Joined", self.ok(self.run_in("dmg", "system", "query")).out)
        members = self.envelope("dmg", "system", "query", "-v")["members"]
        self.assertEqual([member["rank"] for member in members], [0, 1])
        self.assertEqual({member["state"] for member in members}, {"joined"})
        self.assertIn("matches no ranks", self.ok(self.run_in("dmg", "system", "query", "--not-ok")).out)

    def test_pool_mistakes(self):
        create = ["dmg", "pool", "create"]
        for words, parts in (
                ([*create, self.pool], ["--size"]),
                ([*create, self.pool, "--size", "many"], ['"many" is not a size', "1GiB"]),
                ([*create, self.pool, "--size", "0%"], ['"0%"']),
                ([*create, self.pool, "--size", "1KiB"], ["too small"]),
                ([*create, self.pool, "--size", "900TB"], ["DER_NOSPACE(-1007)", "at most --size"]),
                ([*create, self.pool, "--size", "1GiB", "--scm-size", "1GiB"], ["--size may not be mixed with"]),
                ([*create, self.pool, "--nvme-size", "1GiB"], ["--nvme-size cannot be set without --scm-size"]),
                ([*create, self.pool, "--scm-size", "64MiB", "--nvme-size", "900TB"], ["DER_NOSPACE(-1007)", "of disk for tier 1"]),
                ([*create, self.pool, "--size", "1GiB", "--tier-ratio", "6,95"], ["must add up to 100 (got 101)"]),
                ([*create, "two words", "--size", "1GiB"], ['invalid label "two words"']),
                ([*create, self.pool, "--size", "64MiB", "--ranks", "7"], ["there is no rank 7"]),
                ([*create, self.pool, "--size", "64MiB", "--properties", "rd_fac:1"], ["rd_fac:1", f"dmg pool create {self.pool}"]),
                ([*create, self.pool, "--size", "64MiB", "--properties", "colour:red"], ['unknown property "colour"']),
                (["dmg", "pool", "crate", self.pool], ['did you mean "create"?']),
                ([*create, self.pool, "--sise", "1GiB"], ['did you mean "--size"?']),
                (["dmg", "pool", "query", "nobody"], ["DER_NONEXIST(-1005)", "nobody"]),
                (["dmg", "pool", "destroy", "nobody"], ["Pool-destroy command failed: DER_NONEXIST(-1005)"])):
            with self.subTest(words=words):
                self.refused(self.run_in(*words), *parts)

    def test_labels_are_taken_once(self):
        self.make_pool()
        self.refused(self.run_in("dmg", "pool", "create", self.pool, "--size", "64MiB"), "pool create failed: DER_EXIST(-1004)")

    def test_errors_under_json_are_enveloped(self):
        done = self.run_in("dmg", "pool", "query", "nobody", "-j")
        self.assertEqual(done.code, 1)
        self.assertEqual(done.json()["status"], -1005)
        self.assertIsNone(done.json()["response"])
        self.assertIn("ERROR: dmg: ", done.err)

    # ---- daos

    def test_pools_as_a_user_sees_them(self):
        self.make_pool()
        self.assertRegex(self.ok(self.run_in("daos", "pool", "list")).out, self.pool + " +134 MB Ready")
        self.assertIn("ntarget=4", self.ok(self.run_in("daos", "pool", "query", self.pool)).out)
        json = self.envelope("daos", "pool", "query", self.pool, "-e")
        self.assertEqual(json["label"], self.pool)
        self.assertEqual(json["enabled_ranks"], [0, 1])
        self.assertEqual(json["usage"][0]["tier_name"], "SCM")

    def test_a_container_from_creation_to_end(self):
        self.make_pool()
        self.assertEqual(self.ok(self.run_in("daos", "cont", "list", self.pool)).out, "No containers.\n")
        out = self.ok(self.run_in("daos", "container", "create", self.pool, "first")).out
        self.assertRegex(out, rf"^Successfully created container {UUID} type unknown\n  Container UUID : {UUID}\n"
                              r"  Container Label: first\n  Container Type : unknown\n\n$")
        other = self.envelope("daos", "cont", "create", self.pool, "--type", "hdf5", "--properties", "label:other")
        self.assertEqual((other["container_label"], other["container_type"]), ("other", "HDF5"))
        nameless = self.envelope("daos", "cont", "create", self.pool)
        self.assertNotIn("container_label", nameless)
        listed = self.envelope("daos", "cont", "ls", self.pool)
        self.assertEqual({container["label"] for container in listed}, {"first", "other", ""})
        self.assertIn(" HDF5 ", self.ok(self.run_in("daos", "pool", "list-cont", self.pool, "-v")).out)
        query = self.ok(self.run_in("daos", "cont", "query", self.pool, "first")).out
        self.assertIn("  Container redundancy factor: 0\n  Number of open handles     : 1\n", query)
        self.assertRegex(query, r"  Latest open time           : \d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? \+0000 UTC \(0x[0-9a-f]+\)\n")
        json = self.envelope("daos", "cont", "query", self.pool, nameless["container_uuid"])
        self.assertEqual(json["health"], "HEALTHY")
        self.refused(self.run_in("dmg", "pool", "destroy", self.pool), "DER_BUSY(-1012)", "--recursive")
        self.assertEqual(self.ok(self.run_in("daos", "cont", "destroy", self.pool, "first")).out,
                         "Successfully destroyed container first\n")
        self.refused(self.run_in("daos", "cont", "query", self.pool, "first"), "DER_NONEXIST(-1005)")

    def test_container_mistakes(self):
        self.make_pool()
        self.ok(self.run_in("daos", "cont", "create", self.pool, "taken"))
        create = ["daos", "cont", "create", self.pool]
        for words, parts in (
                ([*create, "taken"], ["failed to create container: DER_EXIST(-1004)"]),
                ([*create, "a b"], ['invalid label "a b"']),
                ([*create, "a", "--properties", "label:b"], ["can't supply label arg and --properties label:"]),
                ([*create, "a", "--properties", "rd_fac:1"], ["rd_fac:1", f"daos container create {self.pool} a --properties rd_fac:0"]),
                ([*create, "a", "--properties", "dedup:hash"], ["dedup:hash is not there yet"]),
                ([*create, "a", "--properties", "colour:red"], ['unknown property "colour"']),
                ([*create, "a", "--type", "zip"], ['unknown container layout "zip"']),
                (["daos", "cont", "destroy", self.pool, "nobody"], ["failed to destroy container nobody: DER_NONEXIST(-1005)"]),
                (["daos", "cont", "list", "nopool"], ["DER_NONEXIST(-1005)", "nopool"]),
                (["daos", "container"], ["which command?", "create"])):
            with self.subTest(words=words):
                self.refused(self.run_in(*words), *parts)

    def test_every_command_has_help(self):
        for program in ("daos", "dmg", "daos_server", "daos_engine"):
            self.assertIn(program, self.ok(run(program, "--help")).out)
        self.assertIn("--scm-size", self.ok(run("dmg", "pool", "create", "-h")).out)
        self.assertIn("--env", self.ok(run("daos_server", "local", "status", "-h")).out)


if __name__ == "__main__":
    unittest.main()
