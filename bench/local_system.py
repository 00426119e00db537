"""A local system of real processes for the `run` scripts of this folder: started, asked, measured, ended, removed."""
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

COMMAND_SECONDS = 120


def row(name, value, unit, note=""):
    """One row of `make bench` (README.md)."""
    print(f"{name}\t{value:.4g}\t{unit}\t{note}", flush=True)


def median(values):
    return statistics.median(values)


class LocalSystem:
    """`with LocalSystem(tree, engines, targets) as system`: formatted and serving, in a temporary directory."""

    def __init__(self, tree, engines, targets):
        self.bin, self.engines, self.targets = pathlib.Path(tree) / "bin", engines, targets
        self.env = dict(os.environ)

    def __enter__(self):
        self.top = tempfile.mkdtemp(prefix="daos-bench-")
        try:
            self.start()
        except BaseException:
            shutil.rmtree(self.top, ignore_errors=True)
            raise
        said = self.local("status", "--env", "--json")
        self.env["DAOS_AGENT_DRPC_DIR"] = said["DAOS_AGENT_DRPC_DIR"]
        return self

    def __exit__(self, *_):
        try:
            self.local("stop", "--json")
        except subprocess.SubprocessError as failed:
            print(f"bench: {failed}", file=sys.stderr)
        shutil.rmtree(self.top, ignore_errors=True)

    def run(self, *words):
        """What the command answers under --json."""
        done = subprocess.run([str(self.bin / words[0]), *map(str, words[1:])], env=self.env, stdout=subprocess.PIPE, text=True,
                              stdin=subprocess.DEVNULL, check=True, timeout=COMMAND_SECONDS)
        return json.loads(done.stdout)["response"]

    def local(self, *words):
        return self.run("daos_server", "local", "--dir", self.top + "/system", *words)

    def start(self):
        self.local("--engines", self.engines, "--targets", self.targets, "--daemon", "--json")

    def processes(self):
        """(process ids of the engines, that of daos_server)"""
        said = self.local("status", "--json")
        return [engine["pid"] for engine in said["engines"]], said["server_pid"]

    def pool(self, label, size, durability):
        self.run("dmg", "pool", "create", label, "--size", size, "--properties", f"durability:{durability}", "--json")
        self.run("daos", "container", "create", label, "bench", "--json")


def cpu_seconds(pids):
    """Processor time of the processes, threads that have ended included; to a clock tick (10 ms) each."""
    total = 0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def fine_cpu_seconds(pids):
    """Of their living threads, to the nanosecond: what is at rest uses less than a clock tick."""
    total = 0
    for pid in pids:
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9
