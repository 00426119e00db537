"""Tier 1 on devices: files of fixed size, and a loop device where one can be had."""
import os
import shutil
import subprocess
import unittest

from system import SystemTest

MIB = 1 << 20


class Device(SystemTest):
    def setUp(self):
        super().setUp()
        self.others = []

    def tearDown(self):
        for directory in self.others:
            self.run_in("daos_server", "local", "--dir", directory, "stop")
        super().tearDown()

    def file(self, name, mib=700):
        path = os.path.join(self.top, name)
        with open(path, "wb") as file:
            file.truncate(mib * MIB)
        return path

    def write(self, pool="tank"):
        self.ok(self.run_in("daos", "container", "create", pool, "box"))
        self.ok(self.run_in("daos_perf", "write", pool, "box", "--kind", "single", "--keys", 100, "--size", "256KiB",
                            "--ledger", self.top + "/ledger"))

    def check(self, pool="tank"):
        self.assertIn("100, every one right",
                      self.ok(self.run_in("daos_perf", "verify", pool, "box", "--kind", "single", "--keys", 100, "--size",
                                          "256KiB", "--ledger", self.top + "/ledger")).out)

    def tier1(self, pool="tank"):
        return self.ok(self.run_in("dmg", "pool", "query", pool, "--json")).json()["response"]["tier_stats"][1]

    def use(self, devices):
        """A life on devices: written, killed, read, verified, and every piece given back."""
        words = [word for device in devices for word in ("--nvme-device", device)]
        self.start(1, 2, *words)
        self.ok(self.run_in("dmg", "pool", "create", "tank", "--scm-size", "64MiB", "--nvme-size", "250MiB"))
        self.assertEqual(self.tier1()["total"], 256 * MIB)  # in whole pieces
        self.write()
        self.assertLess(self.tier1()["free"], 232 * MIB)
        self.kill(self.engine_pids())
        self.start()
        self.check()
        self.ok(self.local("stop"))
        verified = self.ok(self.run_in("daos_engine", "verify", self.dir)).out
        self.assertIn("engine-0/device-0", verified)
        self.assertIn("no damage", verified)
        self.start()
        self.check()
        self.ok(self.run_in("dmg", "pool", "destroy", "tank", "-r", "-f"))
        everything = len(devices) * 640 * MIB
        self.ok(self.run_in("dmg", "pool", "create", "all", "--scm-size", "64MiB", "--nvme-size", everything))
        self.assertEqual(self.tier1("all")["total"], everything)
        self.refused(self.run_in("dmg", "pool", "create", "more", "--scm-size", "64MiB", "--nvme-size", "1MiB"),
                     "DER_NOSPACE", "tier 1")
        self.ok(self.run_in("dmg", "pool", "destroy", "all"))
        self.ok(self.run_in("dmg", "pool", "create", "share", "--size", "50%"))
        self.assertEqual(self.tier1("share")["total"], everything // 128 // MIB // 2 * 128 * MIB)

    def start(self, engines=None, targets=None, *words):
        shape = [] if engines is None else ["--engines", engines, "--targets", targets]
        return self.ok(self.local(*shape, "--daemon", *words))

    def test_a_file_holds_pools_over_a_kill_and_gives_them_back(self):
        self.use([self.file("disk")])

    def test_so_do_two_files_for_one_engine(self):
        self.use([self.file("disk-a"), self.file("disk-b")])

    def test_so_does_a_block_device(self):
        image = self.file("disk")
        if shutil.which("losetup") is None:
            self.skipTest("there is no losetup")
        made = subprocess.run(["losetup", "--find", "--show", image], capture_output=True, text=True, check=False)
        if made.returncode != 0:
            self.skipTest("no loop device can be had: " + made.stderr.strip())
        device = made.stdout.strip()
        try:
            self.use([device])
        finally:
            self.local("stop")
            subprocess.run(["losetup", "--detach", device], check=True)

    def test_a_device_that_is_not_the_right_one_is_refused_by_name(self):
        disk, other = self.file("disk"), self.file("other")
        self.start(1, 1, "--nvme-device", disk)
        self.ok(self.run_in("dmg", "pool", "create", "tank", "--scm-size", "64MiB", "--nvme-size", "128MiB"))
        self.write()
        self.ok(self.local("stop"))
        moved = os.path.join(self.top, "moved")
        os.rename(disk, moved)
        self.refused(self.local("--daemon"), "device 0 of this engine", disk, "--nvme-device")
        self.refused(self.local("--daemon", "--nvme-device", other), other, "none of the system's devices")
        self.start(None, None, "--nvme-device", moved)  # by its new name
        self.check()
        self.ok(self.local("stop"))
        os.truncate(moved, 600 * MIB)
        self.refused(self.local("--daemon"), moved, "when it was formatted")
        os.truncate(moved, 700 * MIB)
        self.start()
        self.check()

    def test_what_holds_something_is_formatted_only_by_force(self):
        disk = self.file("disk")
        with open(disk, "r+b") as file:
            file.seek(1024)
            file.write(b"a file system")
        self.refused(self.local("--daemon", "--nvme-device", disk), disk, "is not empty", "--force-format")
        with open(disk, "rb") as file:
            file.seek(1024)
            self.assertEqual(file.read(13), b"a file system")
        self.start(1, 1, "--nvme-device", disk, "--force-format")
        self.ok(self.local("stop"))
        second = os.path.join(self.top, "second")
        self.others.append(second)
        taken = self.run_in("daos_server", "local", "--dir", second, "--daemon", "--nvme-device", disk)
        self.refused(taken, disk, "belongs to rank 0 of system daos_server", "--force-format")

    def test_devices_that_do_not_fit_are_refused(self):
        disk, small = self.file("disk"), self.file("small", 100)
        self.refused(self.local("--daemon", "--engines", 2, "--nvme-device", disk), "1 devices for 2 engines")
        self.refused(self.local("--daemon", "--nvme-device", disk, "--nvme-device", disk), "the same device")
        self.refused(self.local("--daemon", "--targets", 2, "--nvme-device", small), small, "a piece of 64 MiB for each")
        self.refused(self.local("--daemon", "--nvme-device", self.top), "neither a block device nor a file")
        self.refused(self.local("--daemon", "--nvme-device", disk, "--nvme-size", "1GiB"), "exclude each other")
        self.start(1, 1)
        self.ok(self.local("stop"))
        self.refused(self.local("--daemon", "--nvme-device", disk), "formatted without devices")


if __name__ == "__main__":
    unittest.main()
