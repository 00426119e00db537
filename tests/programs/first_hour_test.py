"""What a stranger runs into in the first hour: each case ends well, or with one line that names the cause and the way out."""
import ctypes
import os
import pathlib
import signal
import socket
import struct
import subprocess
import unittest

from system import BIN, SystemTest, alive, run


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def stamped(magic, version, build, body=b"whatever that version holds"):
    """A file of another build (docs/formats/superblock.md)."""
    head = magic + struct.pack("<III", version, len(body), crc32c(body)) + build.ljust(72, b"\0")
    return head + struct.pack("<I", crc32c(head)) + body


class OnTmpfs(SystemTest):
    parent = "/dev/shm"

    def test_a_system_on_tmpfs_serves(self):
        self.start(2, 1)
        self.ok(self.run_in("dmg", "pool", "create", "tank", "--size", "64MiB"))


class IoUringForbidden(SystemTest):
    @staticmethod
    def forbid():
        """A seccomp filter as containers have it: io_uring_setup (425) fails with EPERM, everything else passes."""
        code = [(0x20, 0, 0, 0), (0x15, 0, 1, 425), (0x06, 0, 0, 0x00050001), (0x06, 0, 0, 0x7FFF0000)]
        program = b"".join(struct.pack("<HBBI", *step) for step in code)
        steps = ctypes.create_string_buffer(program)
        header = struct.pack("<HxxxxxxQ", len(code), ctypes.addressof(steps))
        libc = ctypes.CDLL(None)
        libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
        if libc.prctl(22, 2, ctypes.create_string_buffer(header), 0, 0) != 0:  # PR_SET_SECCOMP
            os._exit(99)

    def test_threads_take_over_and_the_log_says_so(self):
        self.ok(self.local("--engines", 1, "--targets", 1, "--daemon", preexec_fn=self.forbid))
        self.ok(self.run_in("dmg", "pool", "create", "tank", "--size", "64MiB"))
        self.assertIn("io_uring", pathlib.Path(self.dir, "log/engine-0.log").read_text())


class PortInUse(SystemTest):
    def test_another_port_is_taken_and_told(self):
        self.start(2, 1)
        self.ok(self.run_in("dmg", "pool", "create", "tank", "--size", "128MiB"))
        before = self.status()["engines"]
        self.ok(self.local("stop"))
        # A target's port of one engine, and the system port of rank 0, which everybody has to know.
        for port in (before[1]["target_ports"][0], before[0]["system_port"]):
            squatter = socket.socket()
            self.addCleanup(squatter.close)
            squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            squatter.bind(("127.0.0.1", port))
            squatter.listen()
        told = self.start(2, 1).out
        after = self.status()["engines"]
        self.assertNotEqual(after[0]["system_port"], before[0]["system_port"])
        self.assertNotEqual(after[1]["target_ports"], before[1]["target_ports"])
        self.assertEqual(after[0]["target_ports"], before[0]["target_ports"])
        self.assertIn(f"port {before[0]['system_port']} is in use by another program, so it moves to port", told)
        # The pool map followed.
        self.ok(self.run_in("daos", "container", "create", "tank", "first"))
        self.assertIn("Joined", self.ok(self.run_in("dmg", "system", "query")).out)


class Directories(SystemTest):
    def test_an_unwritable_directory_is_named(self):
        if os.geteuid() == 0:
            self.dir = "/proc/daos-test"  # root may write everywhere else
        else:
            os.chmod(self.top, 0o555)
        self.refused(self.local(), self.dir)

    def test_a_file_in_the_way_is_named(self):
        pathlib.Path(self.dir).write_text("not a directory")
        self.refused(self.local(), self.dir)

    def test_a_long_directory_works(self):
        self.dir = os.path.join(self.top, "d" * 150, "e" * 100)
        self.start()
        self.env["DAOS_AGENT_DRPC_DIR"] = self.dir + "/run"
        self.ok(self.run_in("dmg", "pool", "create", "tank", "--size", "64MiB"))
        self.ok(self.run_in("daos", "container", "create", "tank", "first"))

    def test_env_survives_a_shell_whatever_the_name(self):
        self.dir = os.path.join(self.top, "it's a $HOME")
        self.start()
        line = self.ok(self.local("status", "--env")).out
        done = subprocess.run(["sh", "-c", line + 'printf %s "$DAOS_AGENT_DRPC_DIR"'], capture_output=True, text=True, check=True)
        self.assertEqual(done.stdout, self.dir + "/run")

    def test_another_version_is_refused_naming_its_build(self):
        os.makedirs(self.dir)
        pathlib.Path(self.dir, "system").write_bytes(stamped(b"DXSYSTEM", 2, b"9.9.9"))
        self.refused(self.local("--daemon"), f"{self.dir}/system", "build 9.9.9")
        self.assertEqual(sorted(p for p in os.listdir(self.dir) if p.startswith("engine")), [])

    def test_an_engine_of_another_version_is_refused_naming_its_build(self):
        self.start()
        self.ok(self.local("stop"))
        pathlib.Path(self.dir, "engine-0/superblock").write_bytes(stamped(b"DXENGINE", 7, b"7.7.7"))
        self.refused(self.local("--daemon"), "engine-0/superblock", "build 7.7.7")

    def test_damage_is_named(self):
        self.start()
        self.ok(self.local("stop"))
        path = pathlib.Path(self.dir, "system")
        content = bytearray(path.read_bytes())
        content[-1] ^= 1
        path.write_bytes(content)
        self.refused(self.local("--daemon"), f"{self.dir}/system", "damaged")

    def test_data_without_its_system_file_is_not_formatted_over(self):
        self.start()
        self.ok(self.run_in("dmg", "pool", "create", "tank", "--size", "64MiB"))
        self.ok(self.local("stop"))
        os.remove(os.path.join(self.dir, "system"))
        self.refused(self.local("--daemon"), "engine-0", "restore it")


class InUse(SystemTest):
    def test_a_second_one_in_the_foreground_is_refused(self):
        self.start()
        pid = self.status()["server_pid"]
        self.refused(self.local(), self.dir, f"process {pid}", "status")

    def test_another_shape_is_refused_running_or_not(self):
        self.start(1, 2)
        self.refused(self.local("--engines", 2, "--daemon"), "1 engine x 2 targets", "2 engines x 2 targets")
        self.ok(self.local("stop"))
        self.refused(self.local("--targets", 3, "--daemon"), "1 engine x 2 targets", "1 engine x 3 targets")
        self.start(1, 2)

    def test_daemon_on_a_running_system_succeeds(self):
        self.start()
        pids = self.engine_pids()
        self.assertIn("runs already", self.start().out)
        self.assertEqual(self.engine_pids(), pids)


class Engines(SystemTest):
    def test_one_that_dies_at_start_is_named_with_its_log(self):
        done = self.local("--daemon", "--engine-program", "/bin/false")
        self.refused(done, "engine 0 does not start: ended with status 1", f"{self.dir}/log/engine-0.log")
        self.assertEqual(self.local("status").code, 1)

    def test_a_missing_library_is_named(self):
        broken = os.path.join(self.top, "daos_engine")
        binary = (BIN / "daos_engine").read_bytes()
        self.assertIn(b"libisal.so.2\0", binary)
        pathlib.Path(broken).write_bytes(binary.replace(b"libisal.so.2\0", b"libisal.so.X\0"))
        os.chmod(broken, 0o755)
        self.refused(self.local("--daemon", "--engine-program", broken), "libisal.so.X", "engine-0.log")

    def test_a_missing_program_is_named(self):
        self.refused(self.local("--engine-program", "/nonexistent/daos_engine"), "/nonexistent/daos_engine")


class CtrlC(SystemTest):
    def test_the_foreground_ends_in_order(self):
        words = [str(BIN / "daos_server"), "local", "--dir", self.dir, "--engines", "2", "--targets", "1"]
        server = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
        screen = ""
        while "Ctrl-C ends it" not in screen:
            line = server.stdout.readline()
            self.assertTrue(line, screen + server.stderr.read() if not line else "")
            screen += line
        self.assertIn(f"export DAOS_AGENT_DRPC_DIR={self.dir}/run", screen)
        self.assertIn(f"{self.dir}/log", screen)
        pids = self.engine_pids()
        os.killpg(server.pid, signal.SIGINT)  # the terminal's signal goes to the whole group
        out, err = server.communicate()
        self.assertEqual(server.returncode, 0, err)
        self.assertIn("Ended.", out)
        self.assertFalse(any(alive(pid) for pid in pids))
        self.assertFalse(os.path.exists(os.path.join(self.dir, "run/daos_agent.sock")))
        self.start(2, 1)  # and resumes


class NothingThere(SystemTest):
    def test_no_system_is_explained(self):
        for words in (["dmg", "pool", "list"], ["dmg", "system", "query"], ["daos", "pool", "list"],
                      ["daos", "container", "list", "tank"]):
            self.refused(self.run_in(*words), "daos_server local --dir DIR", "status --env")

    def test_status_says_how_to_start(self):
        self.refused(self.local("status"), "holds no system", "--daemon")
        self.start()
        self.ok(self.local("stop"))
        self.refused(self.local("status"), "does not run", "--daemon")
        self.assertIn("No system runs", self.ok(self.local("stop")).out)

    def test_what_users_of_several_hosts_type_is_explained(self):
        self.refused(run("daos_server", "start", "-o", "/etc/daos/daos_server.yml"), "daos_server local --dir DIR")
        self.refused(run("dmg", "storage", "format", "--force"), "daos_server local --dir DIR")


if __name__ == "__main__":
    unittest.main()
