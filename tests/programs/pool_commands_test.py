"""Pools beyond creation: daos pool, object, system and health; dmg's properties, access-control lists, eviction."""
import base64
import getpass
import grp
import os
import pathlib
import subprocess
import unittest

from system import BIN, SharedSystemTest

USER = getpass.getuser()
GROUP = grp.getgrgid(os.getegid()).gr_name


class PoolCommands(SharedSystemTest):
    def setUp(self):
        super().setUp()
        self.make_pool()

    # ---- daos

    def test_attributes_of_a_pool(self):
        name = self.pool
        self.assertEqual(self.out("daos", "pool", "list-attr", name), f"Attributes for pool {name}:\n  No attributes found.\n")
        self.assertEqual(self.out("daos", "pool", "set-attr", name, "a:1,b:2"), f'Attributes successfully set on pool "{name}"\n')
        self.assertEqual(self.out("daos", "pool", "get-attr", name, "b"),
                         f"Attributes for pool {name}:\nName Value \n---- ----- \nb    2     \n")
        self.assertEqual(self.envelope("daos", "pool", "list-attrs", name, "-V"),
                         {"a": base64.b64encode(b"1").decode(), "b": base64.b64encode(b"2").decode()})
        self.assertEqual(self.out("daos", "pool", "del-attr", name, "a"), f'Attribute(s) a successfully deleted on pool "{name}"\n')
        self.assertEqual(self.envelope("daos", "pool", "lsattr", name), ["b"])
        for words, part in ((["set-attr", name], "attribute name and value are required"),
                            (["set-attr", name, "-a", "x"], "both --attr and --value are required if either are used"),
                            (["set-attr", name, "a:1", "-a", "x", "-v", "1"], "cannot specify both --attr and positional arguments"),
                            (["set-attr", name, '"a:1'], "is not closed"),
                            (["set-attr", name, "n" * 512 + ":1"], "has 512 bytes, at most 511 are possible"),
                            (["del-attr", name], "attribute name is required"),
                            (["get-attr", name, "none"], f"failed to get attributes from pool {name}: DER_NONEXIST(-1005)"),
                            (["get-attr", "nopool", "none"], "DER_NONEXIST(-1005)")):
            with self.subTest(words=words):
                self.refused(self.run_in("daos", "pool", *words), part)
        self.assertEqual(self.envelope("daos", "pool", "list-attr", name), ["b"], "mistakes change nothing")

    def test_targets(self):
        text = "Target: state up_in\n- Storage tier 0 (SCM):\n  Total size: 34 MB\n  Free: "
        for program in ("daos", "dmg"):
            self.assertEqual(self.out(program, "pool", "query-targets", self.pool, "--rank", "1").count(text), 2)
            one = self.out(program, "pool", "query-targets", self.pool, "--rank=1", "--target-idx=1")
            self.assertEqual(one.count(text), 1)
            self.refused(self.run_in(program, "pool", "query-targets", self.pool, "--rank", "7"), "DER_NONEXIST(-1005)")
            self.refused(self.run_in(program, "pool", "query-targets", self.pool), "--rank is required")
        rows = self.envelope("daos", "pool", "query-targets", self.pool, "--rank", "0")
        self.assertEqual([row["target_state"] for row in rows], ["up_in", "up_in"])
        self.assertEqual(rows, self.envelope("dmg", "pool", "query-targets", self.pool, "--rank", "0")["Infos"])

    def test_autotest_prints_each_step_as_it_ends(self):
        done = self.ok(self.run_in("daos", "pool", "autotest", self.pool, "--skip-big", "-D", "1"))
        lines = done.out.splitlines()
        self.assertEqual(lines[0], "Step Operation                 Status Time(sec) Comment")
        self.assertEqual([int(line[:3]) for line in lines[1:-2]],
                         [0, 1, 2, 3, 10, 11, 20, 21, 23, 24, 25, 27, 28, 29, 31, 40, 41, 42, 43, 96, 97, 98, 99])
        self.assertRegex(done.out, r"(?m)^ 20  Inserting 128B values      PASS +\d\.\d{3}  \d+ IO/sec \(\d+ values\)$")
        self.assertRegex(done.out, r"(?m)^ 25  Reading 4KB values back    PASS +\d\.\d{3}  \d+ IO/sec, \d+\.\d MB/sec \(\d+ values\)$")
        self.assertRegex(done.out, r"(?m)^ 28  Inserting 1MB values       SKIP +0\.000  as --skip-big asks$")
        self.assertRegex(done.out, r"(?m)^ 40  Inserting into RF1 cont    SKIP +0\.000  ")
        self.assertRegex(done.out, r"(?m)^ 42  Inserting into RF2 cont    SKIP +0\.000  Group size\(3\) is larger than domain_nr\(2\)$")
        self.assertEqual(lines[-2:], ["", "All steps passed."])
        self.assertEqual(self.out("daos", "cont", "list", self.pool), "No containers.\n")
        done = self.run_in("daos", "pool", "autotest", "nopool", "-j")
        self.assertEqual((done.code, done.json()["response"]), (1, None))
        self.assertIn("  1  Connecting to pool         FAIL", done.err)
        self.assertIn("Some steps failed.", done.err)

    def test_objects_are_where_the_map_says(self):
        self.out("daos", "cont", "create", self.pool, "box", "--type", "POSIX")
        root = self.envelope("daos", "cont", "get-prop", self.pool, "box", "root_oids")[0]["value"][0]
        self.assertRegex(self.out("daos", "object", "query", self.pool, "box", root),
                         rf"^oid: {root} ver 1 grp_nr: 1\ngrp: 0\nreplica 0 [01]:[01]\n$")
        json = self.envelope("daos", "obj", "query", "--path", f"daos://{self.pool}/box", "-i", root)
        self.assertEqual((json["oid"], json["version"], json["class"], len(json["shards"])), (root, 1, "S1", 1))
        self.assertIn(json["shards"][0]["replicas"][0]["rank"], (0, 1))
        query = ["daos", "obj", "query", self.pool, "box"]
        self.refused(self.run_in(*query, "here"), 'failed to parse "here" as OID (expected HI.LO)')
        self.refused(self.run_in(*query, "1.1"), "1.1 is not the id of an object")
        self.refused(self.run_in(*query), "OID is required")

    def test_system_and_health(self):
        out = self.out("daos", "system", "query")
        self.assertRegex(out, r"^connected to DAOS system:\n\tname: daos_server\n\tfabric provider: (ofi\+)?tcp\n"
                              r"\taccess point ranks:\n\t\trank\[0\]: \S+://127\.0\.0\.1:\d+\n$")
        self.assertRegex(self.out("daos", "sys", "query", "-v"), r"\trank URIs:\n\t\trank\[0\]: \S+\n\t\trank\[1\]: \S+\n$")
        json = self.envelope("daos", "system", "query")
        self.assertEqual([rank["rank"] for rank in json["rank_uris"]], [0, 1])
        self.assertEqual(json["access_point_rank_uris"], [json["rank_uris"][0]["uri"]])
        version = self.envelope("daos", "version")["version"]
        for program in ("daos", "dmg"):
            self.assertEqual(self.out(program, "server-version"), f"DAOS Control Server version {version}\n")
        self.out("daos", "cont", "create", self.pool, "box")
        out = self.out("daos", "health", "check")
        self.assertTrue(out.startswith(f"Checking DAOS system: daos_server\nComponent Build Information\n  Server: {version}\n"), out)
        self.assertRegex(out, rf"(?m)^  {self.pool}: Healthy \(\d+ MB Free\)\n    Container Status\n      box: Healthy$")
        json = self.envelope("daos", "health", "check", "-v")
        self.assertEqual([pool["label"] for pool in json["pools"].values()], [self.pool])
        self.assertEqual([[box["container_label"] for box in boxes] for boxes in json["pool_containers"].values()], [["box"]])

    # ---- dmg

    def test_pool_properties(self):
        out = self.out("dmg", "pool", "get-prop", self.pool)
        self.assertTrue(out.startswith(f"Pool {self.pool} properties:\nName "), out)
        for line in ("Reclaim strategy (reclaim) +lazy", "Self-healing policy \\(self_heal\\) +exclude;rebuild",
                     "Rebuild space ratio \\(space_rb\\) +5%", "EC cell size \\(ec_cell_sz\\) +128 KiB", "Pool service replica list \\(svc_list\\) +\\[0\\]",
                     "Upgrade Status \\(upgrade_status\\) +not started", f"Pool label \\(label\\) +{self.pool}"):
            self.assertRegex(out, line.replace("(reclaim)", "\\(reclaim\\)"))
        self.assertEqual(self.out("dmg", "pool", "set-prop", self.pool, "reclaim:disabled,space_rb:7"), "pool set-prop succeeded\n")
        self.assertEqual(self.envelope("dmg", "pool", "get-prop", self.pool, "space_rb,reclaim"),
                         [{"value": 7, "name": "space_rb", "description": "Rebuild space ratio"},
                          {"value": "disabled", "name": "reclaim", "description": "Reclaim strategy"}])
        self.assertEqual(self.envelope("daos", "pool", "get-prop", self.pool, "space_rb")[0]["value"], 7)
        for given, part in (("perf_domain:root", "can't set perf_domain on existing pool."),
                            ("ec_pda:1", "can't set EC performance domain affinity on existing pool."),
                            ("rp_pda:1", "can't set RP performance domain affinity on existing pool."),
                            ("colour:red", '"colour" is not a settable property (valid: label,space_rb,'),
                            ("reclaim:never", '(valid: disabled,lazy,time)'), ("rd_fac:2", "0 works"), ("space_rb", "key:value"),
                            ("space_rb:9,colour:red", '"colour"'), ("label:a b", 'invalid label "a b"')):
            with self.subTest(given=given):
                self.refused(self.run_in("dmg", "pool", "set-prop", self.pool, given), part)
        self.refused(self.run_in("dmg", "pool", "set-prop", "nopool", "reclaim:lazy"), "pool set-prop failed: DER_NONEXIST(-1005)")
        self.assertEqual(self.envelope("dmg", "pool", "get-prop", self.pool, "space_rb")[0]["value"], 7, "mistakes change nothing")

    def test_a_pool_gets_another_name(self):
        other = self.pool + "2"
        self.out("dmg", "pool", "create", "occupied", "--size", "64MiB")
        try:
            self.refused(self.run_in("dmg", "pool", "set-prop", self.pool, "label:occupied,space_rb:9"), "DER_EXIST(-1004)")
            self.assertEqual(self.envelope("dmg", "pool", "get-prop", self.pool, "space_rb")[0]["value"], 5, "all or nothing")
            self.out("dmg", "pool", "set-prop", self.pool, "label:" + other)
            self.assertIn(other, self.out("dmg", "pool", "list"))
            self.refused(self.run_in("dmg", "pool", "query", self.pool), "DER_NONEXIST(-1005)")
            self.assertEqual(self.envelope("daos", "pool", "query", other)["label"], other)
        finally:
            self.out("dmg", "pool", "destroy", "occupied")
            self.out("dmg", "pool", "destroy", other, "-r", "-f")

    def test_who_may_use_a_pool(self):
        head = f"# Owner: {USER}@\n# Owner Group: {GROUP}@\n# Entries:\n"
        default = head + "A::OWNER@:rw\nA:G:GROUP@:rw\n"
        self.assertEqual(self.out("dmg", "pool", "get-acl", self.pool), default)
        self.assertIn("# Allow::Owner:Read/Write\nA::OWNER@:rw\n", self.out("dmg", "pool", "get-acl", self.pool, "-v"))
        self.assertEqual(self.envelope("dmg", "pool", "get-acl", self.pool)["ACL"],
                         {"entries": ["A::OWNER@:rw", "A:G:GROUP@:rw"], "owner_user": USER + "@", "owner_group": GROUP + "@"})
        self.assertEqual(self.out("dmg", "pool", "update-acl", self.pool, "-e", "A::carol@:r"),
                         f"Pool-update-ACL command succeeded, ID: {self.pool}\n\n{head}A::OWNER@:rw\nA::carol@:r\nA:G:GROUP@:rw\n")
        self.assertEqual(self.out("dmg", "pool", "delete-acl", self.pool, "-p", "u:carol@"),
                         f"Pool-delete-ACL command succeeded, ID: {self.pool}\n\n{default}")
        file = os.path.join(self.top, "pool-acl")
        self.assertEqual(self.out("dmg", "pool", "get-acl", self.pool, "-O", file, "-f"), f"Wrote ACL to output file: {file}\n")
        self.refused(self.run_in("dmg", "pool", "get-acl", self.pool, "-O", file), f"file already exists: {file}")
        pathlib.Path(file).write_text("A::carol@:rw\n")
        self.assertIn("Pool-overwrite-ACL command succeeded", self.out("dmg", "pool", "overwrite-acl", self.pool, "-a", file))
        # Whoever is not named may not connect any more, and does not see the pool; the administrator does.
        self.refused(self.run_in("daos", "pool", "query", self.pool), "DER_NO_PERM(-1001)")
        self.assertNotIn(self.pool, self.out("daos", "pool", "list"))
        self.assertIn(self.pool, self.out("dmg", "pool", "list"))
        for words, part in ((["update-acl", self.pool], "either ACL file or entry parameter is required"),
                            (["update-acl", self.pool, "-e", "carol"], '"carol" is not an entry'),
                            (["delete-acl", self.pool, "-p", "g:nobody@"], "Pool-delete-ACL command failed: DER_NONEXIST(-1005)"),
                            (["overwrite-acl", self.pool, "-a", "/nonexistent"], "cannot be read")):
            self.refused(self.run_in("dmg", "pool", *words), part)
        self.out("dmg", "pool", "destroy", self.pool)
        pathlib.Path(file).write_text("A::OWNER@:rw\nA::EVERYONE@:r\n")
        self.make_pool("--acl-file", file)
        self.assertEqual(self.envelope("dmg", "pool", "get-acl", self.pool)["ACL"]["entries"], ["A::OWNER@:rw", "A::EVERYONE@:r"])

    def test_evict_closes_what_is_open(self):
        holder = subprocess.Popen([BIN / "hold_pool", self.pool], env=self.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            self.assertEqual(holder.stdout.readline(), "connected\n")
            self.refused(self.run_in("dmg", "pool", "destroy", self.pool), "DER_BUSY(-1012)")
            self.assertEqual(self.out("dmg", "pool", "evict", self.pool), "Pool-evict command succeeded\n")
            self.out("dmg", "pool", "destroy", self.pool)
        finally:
            holder.kill()
            holder.communicate()
        self.refused(self.run_in("dmg", "pool", "evict", self.pool), "Pool-evict command failed: DER_NONEXIST(-1005)")

    def test_dmg_system(self):
        self.assertRegex(self.out("dmg", "system", "leader-query"), r"^Current Leader: (127\.0\.0\.1:\d+)\n   Replica Set: \1\n$")
        self.assertEqual(self.envelope("dmg", "system", "leader-query", "-N"), {"down_replicas": []})
        self.assertIn(self.pool, self.out("dmg", "system", "list-pools"))

    def test_what_dmg_cannot_do_yet_it_says(self):
        for words, part in ((["pool", "extend", self.pool, "--ranks", "1"], "copies, which are not there yet"),
                            (["pool", "exclude", self.pool, "--ranks", "1"], "copies, which are not there yet"),
                            (["system", "stop"], "daos_server local --dir DIR stop"), (["system", "get-prop"], "dmg pool get-prop"),
                            (["storage", "scan"], "no devices"), (["network", "scan"], "loopback"), (["check", "start"], "not there yet"), (["check"], "not there yet"),
                            (["storage"], "no devices")):
            with self.subTest(words=words):
                self.refused(self.run_in("dmg", *words), part)


if __name__ == "__main__":
    unittest.main()
