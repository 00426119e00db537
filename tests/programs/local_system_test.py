"""A local system over its life: resume, engines that die, a server that dies, clients that vanish."""
import os
import pathlib
import signal
import subprocess
import unittest

from system import BIN, SystemTest, alive, wait_until


class Life(SystemTest):
    def test_it_resumes_with_what_was_there(self):
        self.start(2, 2)
        uuid = self.status()["uuid"]
        self.ok(self.run_in("dmg", "pool", "create", "tank", "--size", "256MiB"))
        self.ok(self.run_in("daos", "container", "create", "tank", "first"))
        self.ok(self.local("stop"))
        self.ok(self.local("--daemon"))  # its shape is known
        self.assertEqual(self.status()["uuid"], uuid)
        self.assertEqual(self.status()["targets_per_engine"], 2)
        self.assertIn("first", self.ok(self.run_in("daos", "container", "list", "tank")).out)

    def test_killed_engines_serve_again_when_daemon_returns(self):
        self.start(3, 1)
        self.ok(self.run_in("dmg", "pool", "create", "tank", "--size", "192MiB"))
        for round_number in range(3):
            before = self.engine_pids()
            self.kill(before)
            self.start(3, 1)
            status = self.status()
            self.assertEqual({engine["state"] for engine in status["engines"]}, {"Serving"})
            self.assertFalse({engine["pid"] for engine in status["engines"]} & set(before))
            self.ok(self.run_in("daos", "container", "create", "tank", f"after-{round_number}"))

    def test_an_engine_that_dies_is_started_again_by_itself(self):
        self.start(2, 1)
        victim = self.engine_pids()[1]
        self.kill([victim])
        wait_until(lambda: self.status()["engines"][1]["state"] == "Serving" and self.engine_pids()[1] != victim, "it serves again")
        engine = self.status()["engines"][1]
        self.assertEqual(engine["restarts"], 1)
        self.assertIn("killed by signal 9", engine["last_end"])

    def test_daemon_beside_one_that_is_starting_waits_for_it(self):
        words = [str(BIN / "daos_server"), "local", "--dir", self.dir, "--engines", "2", "--targets", "1"]
        first = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        wait_until(lambda: os.path.exists(os.path.join(self.dir, "log/daos_server.log")), "the first one holds the lock")
        self.assertIn("all 2 engines serve", self.start(2, 1).out)
        first.send_signal(signal.SIGTERM)
        self.assertEqual(first.wait(), 0, first.stderr.read())
        first.stderr.close()

    def test_engines_end_with_a_server_that_is_killed(self):
        self.start(2, 1)
        pids, server = self.engine_pids(), self.status()["server_pid"]
        self.kill([server])
        self.ok(self.local("--daemon"))  # waits for the old engines' end by itself
        self.assertFalse(any(alive(pid) for pid in pids))
        self.assertFalse(set(self.engine_pids()) & set(pids))

    def test_stop_ends_everything(self):
        self.start(2, 1)
        pids = [*self.engine_pids(), self.status()["server_pid"]]
        self.assertIn("Ended", self.ok(self.local("stop")).out)
        self.assertFalse(any(alive(pid) for pid in pids))

    def test_it_listens_on_loopback_below_the_ephemeral_ports_only(self):
        self.start(2, 2)
        first_ephemeral = int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
        ports = set()
        for engine in self.status()["engines"]:
            ports |= {engine["system_port"], *engine["target_ports"]}
        self.assertEqual(len(ports), 6)
        self.assertTrue(all(port < first_ephemeral for port in ports))
        listening = set()
        for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
            address, port = line.split()[1].split(":")
            if line.split()[3] == "0A" and int(port, 16) in ports:
                listening.add((address, int(port, 16)))
        self.assertEqual({port for _, port in listening}, ports)
        self.assertEqual({address for address, _ in listening}, {"0100007F"})


class Clients(SystemTest):
    def test_handles_of_a_killed_client_are_gone_within_moments(self):
        self.start()
        self.ok(self.run_in("dmg", "pool", "create", "tank", "--size", "64MiB"))
        client = subprocess.Popen([str(BIN / "hold_pool"), "tank"], env=self.env, stdout=subprocess.PIPE, text=True)
        self.addCleanup(client.stdout.close)
        self.addCleanup(client.wait)
        self.addCleanup(client.kill)
        self.assertEqual(client.stdout.readline(), "connected\n")
        self.refused(self.run_in("dmg", "pool", "destroy", "tank", "-r"), "DER_BUSY(-1012)", "open handles")
        client.kill()
        client.wait()
        wait_until(lambda: self.run_in("dmg", "pool", "destroy", "tank", "-r").code == 0, "the handle is gone")


if __name__ == "__main__":
    unittest.main()
