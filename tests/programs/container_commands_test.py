"""daos container: every verb about a container that exists, containers of type POSIX, and paths that stand for containers."""
import base64
import getpass
import grp
import os
import pathlib
import unittest

from system import SharedSystemTest, UUID

USER = getpass.getuser()
GROUP = grp.getgrgid(os.getegid()).gr_name


class ContainerCommands(SharedSystemTest):
    def setUp(self):
        super().setUp()
        self.make_pool()

    def cont(self, verb, *words):
        return ["daos", "container", verb, self.pool, "box", *words]

    def make_container(self, *words):
        return self.ok(self.run_in(*self.cont("create", *words)))

    def user_attributes(self):
        try:
            os.setxattr(self.top, "user.daos_test", b"1")
            return True
        except OSError:
            return False

    # ---- attributes

    def test_attributes_from_first_to_last(self):
        self.make_container()
        self.assertEqual(self.out(*self.cont("list-attrs")), "Attributes for container box:\n  No attributes found.\n")
        self.assertEqual(self.envelope(*self.cont("lsattr")), [])
        self.assertEqual(self.out(*self.cont("set-attr", 'dfuse-data-cache:on,"x,y":a:b')),
                         'Attributes successfully set on container "box"\n')
        self.out(*self.cont("setattr", "-a", "one", "-v", "1"))
        self.assertEqual(self.out(*self.cont("list-attr")),
                         "Attributes for container box:\nName             \n----             \n"
                         "dfuse-data-cache \none              \nx,y              \n")
        self.assertEqual(self.out(*self.cont("get-attr", "one,dfuse-data-cache")),
                         "Attributes for container box:\nName             Value \n----             ----- \n"
                         "one              1     \ndfuse-data-cache on    \n")
        self.assertIn("x,y              a:b   \n", self.out(*self.cont("getattr")))
        self.assertEqual(self.envelope(*self.cont("get-attr", "one")), {"name": "one", "value": base64.b64encode(b"1").decode()})
        self.assertEqual([each["name"] for each in self.envelope(*self.cont("get-attr", "one,dfuse-data-cache"))],
                         ["one", "dfuse-data-cache"])
        self.assertEqual(self.envelope(*self.cont("list-attr", "-V"))["x,y"], base64.b64encode(b"a:b").decode())
        self.refused(self.run_in(*self.cont("get-attr", "one,nothing")),
                     'failed to get attributes from container box: DER_NONEXIST(-1005): there is no attribute "nothing"')
        self.assertEqual(self.out(*self.cont("del-attr", "one,dfuse-data-cache")),
                         'Attribute(s) one,dfuse-data-cache successfully deleted on container "box"\n')
        self.assertEqual(self.envelope(*self.cont("list-attr")), ["x,y"])

    def test_large_attributes_come_back_whole(self):
        self.make_container("--attrs", "first:1")
        value = "x" * 30000
        self.out(*self.cont("set-attr", f"large:{value}"))
        self.assertEqual(base64.b64decode(self.envelope(*self.cont("get-attr", "large"))["value"]).decode(), value)
        self.assertEqual(self.envelope(*self.cont("list-attr")), ["first", "large"])

    # ---- properties

    def test_properties_are_shown_as_they_were_given(self):
        self.make_container("--properties", "cksum:crc32,srv_cksum:on,rd_lvl:rank,ec_cell_sz:64KiB")
        out = self.out(*self.cont("get-prop"))
        self.assertTrue(out.startswith("Properties for container box\nName "), out)
        for key, value in (("Checksum (cksum)", "crc32"), ("Server Checksumming (srv_cksum)", "on"),
                           ("Checksum Chunk Size (cksum_size)", "32 KiB"), ("Redundancy Factor (0-4) (rd_fac)", "0"),
                           ("Redundancy Level (rank=1, node=2) (rd_lvl)", "rank"), ("EC Cell Size (ec_cell_sz)", "64 KiB"),
                           ("Layout Type (layout_type)", "unknown (0)"), ("Health (status)", "HEALTHY"), ("Label (label)", "box"),
                           ("Owner (owner)", USER + "@"), ("Performance domain level (perf_domain)", "root"),
                           ("Access Control List (acl)", "A::OWNER@:rwdtTaAo, A:G:GROUP@:rwtT")):
            self.assertRegex(out, rf"(?m)^{re_escape(key)} +{re_escape(value)} +$")
        keys = [line.rsplit("(", 1)[1].split(")")[0] for line in out.splitlines()[3:] if "(layout_type)" not in line]
        self.assertEqual(keys, sorted(keys))
        self.assertEqual(self.envelope(*self.cont("get-prop", "rf,cksum")),
                         [{"value": 0, "name": "rd_fac", "description": "Redundancy Factor (0-4)"},
                          {"value": "crc32", "name": "cksum", "description": "Checksum"}])
        self.assertEqual(self.envelope(*self.cont("get-prop", "acl"))[0]["value"], ["A::OWNER@:rwdtTaAo", "A:G:GROUP@:rwtT"])
        self.refused(self.run_in(*self.cont("get-prop", "colour")), 'unknown property "colour" (valid: acl,')

    def test_label_and_health_can_be_changed(self):
        self.make_container()
        self.assertEqual(self.out(*self.cont("set-prop", "label:crate,status:healthy")), "Properties were successfully set\n")
        self.refused(self.run_in(*self.cont("query")), "DER_NONEXIST(-1005)")
        self.assertEqual(self.envelope("daos", "cont", "get-prop", self.pool, "crate", "label")[0]["value"], "crate")
        self.out("daos", "cont", "create", self.pool, "taken")
        crate = ["daos", "cont", "set-prop", self.pool, "crate"]
        for words, part in ((["label:taken"], "failed to set properties on container crate: DER_EXIST(-1004)"),
                            (["rd_fac:0"], '"rd_fac" is not a settable property (valid: label,status)'),
                            (["status:broken"], "(valid: healthy)"), (["label:a b"], 'invalid label "a b"'),
                            ([], "property name and value are required")):
            self.refused(self.run_in(*crate, *words), part)

    # ---- rights

    def test_access_control_lists(self):
        self.make_container()
        head = f"# Owner: {USER}@\n# Owner Group: {GROUP}@\n# Entries:\n"
        self.assertEqual(self.out(*self.cont("get-acl")), head + "A::OWNER@:rwdtTaAo\nA:G:GROUP@:rwtT\n")
        self.assertIn("# Allow::Owner:Read/Write/Destroy-Cont/Get-Prop/Set-Prop/Get-ACL/Set-ACL/Set-Owner\nA::OWNER@:rwdtTaAo\n",
                      self.out(*self.cont("get-acl", "-V")))
        self.assertEqual(self.envelope(*self.cont("get-acl")),
                         {"entries": ["A::OWNER@:rwdtTaAo", "A:G:GROUP@:rwtT"], "owner_user": USER + "@", "owner_group": GROUP + "@"})
        file = os.path.join(self.top, "acl-" + self.pool)
        self.assertEqual(self.out(*self.cont("get-acl", "-O", file)), f"Wrote ACL to output file: {file}\n")
        self.refused(self.run_in(*self.cont("get-acl", "-O", file)), f"file already exists: {file}")
        self.out(*self.cont("get-acl", "-O", file, "-f"))
        self.assertEqual(self.out(*self.cont("update-acl", "-e", "A::carol@:r")),
                         head + "A::OWNER@:rwdtTaAo\nA::carol@:r\nA:G:GROUP@:rwtT\n")
        self.assertEqual(self.out(*self.cont("delete-acl", "-P", "u:carol@")), head + "A::OWNER@:rwdtTaAo\nA:G:GROUP@:rwtT\n")
        self.refused(self.run_in(*self.cont("delete-acl", "-P", "u:carol@")), "DER_NONEXIST(-1005)")
        pathlib.Path(file).write_text("# mine\nA::OWNER@:rwdtTaAo\n\nA::EVERYONE@:r\n")
        self.assertEqual(self.out(*self.cont("overwrite-acl", "-f", file)), head + "A::OWNER@:rwdtTaAo\nA::EVERYONE@:r\n")
        before = self.out(*self.cont("get-acl"))
        pathlib.Path(file).write_text("# none\n")
        for words, part in ((["overwrite-acl", "-f", file], f"ACL file '{file}' contains no entries"),
                            (["update-acl"], "one of --entry or --acl-file must be supplied"),
                            (["update-acl", "-e", "A::x@:r", "-f", file], "only one of --entry or --acl-file may be supplied"),
                            (["update-acl", "-e", "A::carol:r"], '"A::carol:r" is not an entry'),
                            (["delete-acl", "-P", "carol"], '"carol" is not a principal')):
            self.refused(self.run_in(*self.cont(words[0], *words[1:])), part)
        self.assertEqual(self.out(*self.cont("get-acl")), before, "mistakes change nothing")

    def test_owners(self):
        self.make_container()
        self.assertEqual(self.out(*self.cont("set-owner", "-g", GROUP)), "Successfully set owner for container box\n")
        self.refused(self.run_in(*self.cont("set-owner")), "at least one of user or group must be supplied")
        self.refused(self.run_in(*self.cont("set-owner", "-u", "nobody-of-that-name")), "this host does not know nobody-of-that-name@", "--no-check")
        self.out(*self.cont("set-owner", "-g", "far@", "--no-check"))
        self.assertIn("# Owner Group: far@\n", self.out(*self.cont("get-acl")))
        self.assertEqual(self.out("dmg", "cont", "set-owner", self.pool, "box", "-u", "alice", "-g", GROUP),
                         "Container-set-owner command succeeded\n")
        # Now a member of its owner group, who may see properties, but not the access-control list.
        values = {each["name"]: each["value"] for each in self.envelope(*self.cont("get-prop"))}
        self.assertEqual((values["owner"], values["group"]), ("alice@", GROUP + "@"))
        self.assertNotIn("acl", values)
        self.refused(self.run_in(*self.cont("get-acl")), "failed to get the ACL of container box: DER_NO_PERM(-1001)")

    # ---- type POSIX

    def test_posix_as_its_users_write_it(self):
        done = self.ok(self.run_in("daos", "container", "create", "--type=POSIX", self.pool, "box", "--chunk-size=2097152",
                                   "--properties=cksum:crc32,srv_cksum:on"))
        self.assertRegex(done.out, rf"^Successfully created container {UUID} type POSIX\n  Container UUID : {UUID}\n"
                                   r"  Container Label: box\n  Container Type : POSIX\n\n$")
        query = self.out(*self.cont("query"))
        self.assertTrue(query.endswith("  Dir Object Class           : S1\n  File Object Class          : S4\n"
                                       "  Chunk Size                 : 2.0 MiB\n"), query)
        json = self.envelope(*self.cont("query"))
        self.assertEqual((json["chunk_size"], json["dir_object_class"], json["file_object_class"]), (2 << 20, "S1", "S4"))
        self.assertNotIn("object_class", json)
        values = {each["name"]: each["value"] for each in self.envelope(*self.cont("get-prop"))}
        self.assertEqual((values["layout_type"], values["cksum"], values["srv_cksum"]), ("POSIX", "crc32", "on"))
        roots = values["root_oids"]
        self.assertEqual([int(root.split(".")[0]) & 0xffffffff for root in roots], [0, 1])
        self.assertEqual([root.split(".")[1] for root in roots], ["0", "0"])
        # The superblock is where the property says.
        self.assertIn("replica 0 ", self.out("daos", "obj", "query", self.pool, "box", roots[0]))

    def test_posix_with_every_choice(self):
        self.make_container("--type", "posix", "-z", "1MiB", "-o", "S2", "-d", "S1", "-f", "SX", "-H", "file:max,dir:single", "-M", "balanced",
                            "-a", "a:1", "-g", GROUP)
        json = self.envelope(*self.cont("query"))
        self.assertEqual((json["chunk_size"], json["object_class"], json["dir_object_class"], json["file_object_class"], json["cons_mode"],
                          json["hints"]), (1 << 20, "S2", "S1", "SX", 4, "file:max,dir:single"))
        self.assertEqual(self.envelope(*self.cont("list-attr")), ["a"])
        self.refused(self.run_in(*self.cont("create", "--type", "POSIX")), "failed to create container: DER_EXIST(-1004)")

    def test_posix_owners_keep_their_numbers(self):
        self.make_container("--type", "POSIX")
        self.out(*self.cont("set-owner", "-g", GROUP))
        self.refused(self.run_in(*self.cont("set-owner", "-g", "far", "--no-check")), "give --uid with --user, and --gid with --group")
        self.out(*self.cont("set-owner", "-g", "far", "--no-check", "--gid", "4711"))
        self.assertIn("# Owner Group: far@\n", self.out(*self.cont("get-acl")))

    def test_posix_mistakes_leave_nothing(self):
        for words, parts in ((["-z", "many"], ['invalid chunk-size "many"']), (["-o", "S3G"], ['unknown object class "S3G"']),
                             (["-f", "RP_2G1"], ["RP_2G1 keeps several copies", "S1 to SX work"]),
                             (["-M", "strict"], ['unknown consistency mode "strict" (valid: relaxed, balanced)']),
                             (["-H", "file:wide"], ['hints "file:wide"', "file:max"]),
                             (["--properties", "rd_fac:1"], ["rd_fac:1"]),
                             (["--attrs", "a"], ['"a" is not of the form key:value']),
                             (["--acl-file", "/nonexistent"], ["cannot be read"])):
            with self.subTest(words=words):
                self.refused(self.run_in(*self.cont("create", "--type", "POSIX", *words)), *parts)
        self.assertEqual(self.out("daos", "cont", "list", self.pool), "No containers.\n")
        # For other types these options do not count.
        self.make_container("--type", "HDF5", "-z", "many")

    # ---- paths

    def test_direct_paths_stand_for_pool_and_container(self):
        path = f"daos://{self.pool}/box"
        self.out("daos", "cont", "create", "--path", path)
        self.assertIn("  Container Label            : box\n", self.out("daos", "cont", "query", "--path", path + "/a/file"))
        self.out("daos", "cont", "set-attr", "--path=" + path, "k:v")
        self.assertEqual(self.envelope("daos", "cont", "get-attr", "k", "--path", path)["name"], "k")
        self.refused(self.run_in("daos", "cont", "query", self.pool, "--path", path), "unexpected argument", "--path stands for POOL and CONTAINER")
        self.refused(self.run_in("daos", "cont", "query", "--path", "daos://" + self.pool), "names a pool, not a container")
        self.refused(self.run_in("daos", "cont", "query"), "POOL and CONTAINER are required")
        self.refused(self.run_in("daos", "cont", "create"), "no pool ID or dfs path supplied")
        self.assertEqual(self.out("daos", "cont", "destroy", "--path", path), f"Successfully destroyed container {path}\n")

    def test_paths_of_a_file_system(self):
        if not self.user_attributes():
            self.skipTest("the file system of the test keeps no attributes of users")
        home = os.path.join(self.top, "home-" + self.pool)
        self.out("daos", "cont", "create", self.pool, "box", "--type", "POSIX", "--path", home)
        self.assertRegex(os.getxattr(home, "user.daos"), rb"^DAOS\.POSIX://" + UUID.encode() + b"/" + UUID.encode() + b"\0$")
        self.assertIn("  Container Label            : box\n", self.out("daos", "cont", "query", "--path", home))
        below = os.path.join(home, "dataset")
        self.out("daos", "cont", "create", "--type", "HDF5", "--path", below)
        self.assertTrue(os.path.isfile(below))
        self.assertEqual(self.envelope("daos", "cont", "query", "--path", below)["container_type"], "HDF5")
        self.out("daos", "cont", "destroy", "--path", below)
        self.assertFalse(os.path.exists(below))
        other = os.path.join(self.top, "other-" + self.pool)
        self.assertEqual(self.out("daos", "cont", "link", self.pool, "box", "--path", other),
                         f"Successfully linked container box to path {other}\n")
        self.refused(self.run_in("daos", "cont", "link", self.pool, "box", "--path", other), "File exists")
        # A path that cannot be made: the container goes again.
        self.refused(self.run_in("daos", "cont", "create", self.pool, "new", "--type", "POSIX", "--path", home), "File exists")
        self.refused(self.run_in("daos", "cont", "query", self.pool, "new"), "DER_NONEXIST(-1005)")
        self.refused(self.run_in("daos", "cont", "create", "--type", "POSIX", "--path", "/nonexistent/x"),
                     'failed to resolve pool id from "/nonexistent/x"; use --pool <id>')
        self.refused(self.run_in("daos", "cont", "query", "--path", self.top), "is not linked to a container")

    # ---- the rest

    def test_stat_and_evict_say_nothing(self):
        self.make_container()
        self.assertEqual(self.out(*self.cont("stat")), "")
        self.assertEqual(self.out(*self.cont("evict")), "")
        self.assertEqual(self.out(*self.cont("evict", "--all")), "")
        self.assertIsNone(self.envelope(*self.cont("evict")))
        self.refused(self.run_in("daos", "cont", "evict", self.pool, "nobody"), "failed to evict handles of container nobody: DER_NONEXIST(-1005)")

    def test_what_is_not_there_says_so(self):
        self.make_container()
        for words in (["create-snap"], ["list-snaps"], ["destroy-snap", "-s", "x"], ["list-objects"], ["check"]):
            self.refused(self.run_in(*self.cont(*words)), "snapshots")
        self.refused(self.run_in(*self.cont("rollback", "-s", "x")), "DER_NOSYS(-1010)")
        self.refused(self.run_in("daos", "cont", "clone", "--src", "a", "--dst", "b"), "not copied yet")
        self.refused(self.run_in("daos", "fs", "copy", "-s", "a", "-d", "b"), "files are not there yet")
        self.refused(self.run_in("daos", "health", "net-test"), "daos pool autotest")
        done = self.run_in(*self.cont("create-snap", "--json"))
        self.assertEqual((done.code, done.json()["response"]), (1, None))


def re_escape(text):
    return "".join("\\" + c if c in "()|.*+?[]" else c for c in text)


if __name__ == "__main__":
    unittest.main()
