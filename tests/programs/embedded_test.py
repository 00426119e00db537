"""The daos command on embedded stores, and a directory that goes back and forth between a program and a daos_server."""
import os
import pathlib
import subprocess
import unittest

import system


class EmbeddedTest(system.SystemTest):
    def setUp(self):
        super().setUp()
        self.env["DAOS_AGENT_DRPC_DIR"] = os.path.join(self.top, "nowhere")
        self.store = os.path.join(self.top, "store")

    def daos(self, *words):
        return self.run_in("daos", *words)

    def names(self, pool):
        listed = self.ok(self.daos("container", "list", pool, "--json")).json()["response"]
        return sorted(container["label"] for container in listed)

    def test_the_daos_command_by_path(self):
        self.ok(self.daos("container", "create", self.store, "first"))
        self.ok(self.daos("container", "create", self.store, "second"))
        self.assertEqual(self.names(self.store), ["first", "second"])
        self.ok(self.daos("container", "query", self.store, "first"))
        self.ok(self.daos("container", "destroy", self.store, "first"))
        self.assertEqual(self.names(self.store), ["second"])
        self.assertIn("ntarget=2", self.ok(self.daos("pool", "query", self.store)).out)

    def test_the_daos_command_by_environment(self):
        self.env["DAOS_EMBEDDED"] = self.store
        self.assertEqual(self.ok(self.daos("pool", "list", "--json")).json()["response"]["pools"], [])
        self.ok(self.daos("container", "create", "tank", "first"))
        pools = self.ok(self.daos("pool", "list", "--json")).json()["response"]["pools"]
        self.assertEqual([pool["label"] for pool in pools], ["tank"])
        self.assertEqual(self.names("tank"), ["first"])
        self.assertEqual(self.daos("container", "list", "other").code, 1)

    def test_a_store_that_is_in_use_is_refused_by_name(self):
        self.ok(self.daos("container", "create", self.store, "first"))
        self.env["DAOS_EMBEDDED"] = self.store
        with subprocess.Popen([system.BIN / "hold_pool", "store"], env=self.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
            holder.stdout.readline()
            for words in (("pool", "list"), ("container", "list", self.store)):
                done = self.daos(*words)
                self.assertEqual(done.code, 1)
                self.assertIn(f"process {holder.pid} (hold_pool)", done.err)
            self.dir = self.store
            for verb in ((), ("--daemon",), ("status",), ("stop",)):
                self.refused(self.local(*verb), f"process {holder.pid} (hold_pool)", "embedded store")
            holder.kill()

    def test_a_directory_goes_back_and_forth(self):
        self.ok(self.daos("container", "create", self.store, "embedded"))
        self.dir = self.store
        embedded_env = dict(self.env)
        for attempt in range(2):
            self.env["DAOS_AGENT_DRPC_DIR"] = os.path.join(self.dir, "run")
            self.ok(self.local("--daemon"))
            listed = self.ok(self.run_in("dmg", "pool", "list", "--json")).json()["response"]["pools"]
            self.assertEqual([pool["label"] for pool in listed], ["store"])
            self.assertIn("embedded", self.names("store"))
            self.ok(self.daos("container", "create", "store", f"served-{attempt}"))
            done = self.daos("container", "list", self.store)  # a daos_server has it now
            self.assertEqual(done.code, 1)
            self.assertIn("in use by daos_server, process", done.err)
            self.ok(self.local("stop"))
            self.env = dict(embedded_env)
            self.assertIn(f"served-{attempt}", self.names(self.store))

    def test_a_system_of_several_engines_is_refused(self):
        self.dir = self.store
        self.start(2, 1)
        self.ok(self.local("stop"))
        done = self.daos("container", "list", self.store)
        self.assertEqual(done.code, 1)
        self.assertIn("2 engines", done.err)
        self.assertFalse(pathlib.Path(self.store, "engine-0", "target-1").exists())


if __name__ == "__main__":
    unittest.main()
