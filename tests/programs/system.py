"""Starts the real programs in a temporary directory. BIN (from ctest) says where they are."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

BIN = pathlib.Path(os.environ["BIN"])
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
PATIENCE = 120  # seconds; only a hang reaches it


class Done:
    def __init__(self, completed):
        self.code, self.out, self.err = completed.returncode, completed.stdout, completed.stderr

    def json(self):
        return json.loads(self.out)


def run(*words, env=None, **more):
    """A program of ours to its end."""
    words = [str(BIN / words[0]), *map(str, words[1:])]
    return Done(subprocess.run(words, env=env, capture_output=True, text=True, timeout=PATIENCE, check=False, **more))


def wait_until(condition, what):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {PATIENCE} s in vain until {what}")
        time.sleep(0.01)


def alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


class SystemTest(unittest.TestCase):
    """A directory for each test; whatever runs in it is ended afterwards."""

    parent = None  # of the temporary directory

    def setUp(self):
        self.top = tempfile.mkdtemp(prefix="daos-test-", dir=self.parent)
        self.dir = os.path.join(self.top, "system")
        self.env = {key: value for key, value in os.environ.items() if not key.startswith("DAOS_")}
        self.env["DAOS_AGENT_DRPC_DIR"] = os.path.join(self.dir, "run")

    def tearDown(self):
        self.local("stop")
        shutil.rmtree(self.top, ignore_errors=True)

    def run_in(self, *words, **more):
        return run(*words, env=self.env, **more)

    def local(self, *words, **more):
        return self.run_in("daos_server", "local", "--dir", self.dir, *words, **more)

    def ok(self, done):
        self.assertEqual(done.code, 0, done.err + done.out + self.logs() if done.code else "")
        return done

    def refused(self, done, *parts):
        """One line on standard error that holds all the parts."""
        self.assertEqual(done.code, 1, done.out)
        self.assertEqual(done.err.count("\n"), 1, done.err)
        for part in parts:
            self.assertIn(part, done.err)
        return done

    def start(self, engines=1, targets=1, *words):
        return self.ok(self.local("--engines", engines, "--targets", targets, "--daemon", *words))

    def status(self):
        return self.ok(self.local("status", "--json")).json()["response"]

    def engine_pids(self):
        return [engine["pid"] for engine in self.status()["engines"]]

    def logs(self):
        text = ""
        for log in sorted(pathlib.Path(self.dir).glob("log/*")):
            text += f"\n--- {log}\n" + "\n".join(log.read_text().splitlines()[-10:])
        return text

    @staticmethod
    def kill(pids, number=signal.SIGKILL):
        for pid in pids:
            os.kill(pid, number)


class SharedSystemTest(SystemTest):
    """One system of two engines for all tests of a class; each test has a pool of its own name."""

    shared = None  # an instance that is never run: it holds the system

    @classmethod
    def setUpClass(cls):
        cls.shared = cls("shared_system")
        SystemTest.setUp(cls.shared)
        cls.shared.start(2, 2)

    @classmethod
    def tearDownClass(cls):
        SystemTest.tearDown(cls.shared)

    def shared_system(self):
        """Never run: the name that setUpClass's instance needs."""

    def setUp(self):
        self.dir, self.env, self.top = self.shared.dir, self.shared.env, self.shared.top
        self.pool = re.sub(r"\W", "-", self.id().split(".")[-1])

    def tearDown(self):
        self.run_in("dmg", "pool", "destroy", self.pool, "-r", "-f")

    def make_pool(self, *words):
        return self.ok(self.run_in("dmg", "pool", "create", self.pool, "--size", "128MiB", *words))

    def out(self, *words):
        """What a command prints that succeeds."""
        return self.ok(self.run_in(*words)).out

    def envelope(self, *words):
        """The response of a command under --json."""
        done = self.ok(self.run_in(*words, "--json")).json()
        self.assertEqual(list(done), ["response", "error", "status"])
        self.assertIsNone(done["error"])
        self.assertEqual(done["status"], 0)
        return done["response"]
