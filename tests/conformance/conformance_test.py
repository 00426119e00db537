#!/usr/bin/env python3
"""The conformance suite of the C API, as it came: nothing of it may change, and nothing that it checks may fail.

usage: conformance_test.py digests                  every file is the one that came
       conformance_test.py local BUILD_TREE         against a local system: 4 engines x 2 targets over tcp
       conformance_test.py embedded BUILD_TREE      against a system inside each of the suite's programs

What may fail is in later.txt. A check there that passes is an error too, so that the file only shrinks.
"""
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parent.parent
SUITE = HERE / "libdaos"
PATIENCE = 900  # seconds; only a hang reaches it
# What a system inside one process cannot show: there is one library life and one process in it.
NOT_EMBEDDED = frozenset(f"local.lifecycle.{name}" for name in ("counted", "init_again_after_fini", "leaked_handles"))


def digests():
    expected = dict(reversed(line.split()) for line in (HERE / "digests.txt").read_text().splitlines())
    found = {f"libdaos/{path.name}": hashlib.sha256(path.read_bytes()).hexdigest() for path in SUITE.iterdir()}
    wrong = [name for name in sorted(expected.keys() | found.keys()) if expected.get(name) != found.get(name)]
    if wrong:
        sys.exit(f"changed, new or missing: {', '.join(wrong)}\nThe suite stays as it came; checks of ours stand beside it.")
    print(f"{len(found)} files, all as they came")


def read_ids(name):
    lines = (HERE / name).read_text().splitlines()
    return {line for line in lines if line and not line.startswith("#")}


def judge(output, left_out=frozenset()):
    """Exits with what is wrong about the suite's answers."""
    allowed = read_ids("later.txt")
    known = read_ids("libdaos/ids.txt")
    counts = re.search(r"^(\d+) passed, (\d+) failed$", output, re.MULTILINE)
    if counts is None:
        sys.exit(f"{output}\nthe suite did not come to its end")
    failed = {match.group(1): match.group(0) for match in re.finditer(r"^FAIL (\S+).*$", output, re.MULTILINE)}
    wrong = [line for check, line in sorted(failed.items()) if check not in allowed | left_out]
    wrong += [f"{check} passes: take it out of later.txt" for check in sorted(allowed - failed.keys())]
    wrong += [f"{check} is in later.txt and unknown to the suite" for check in sorted(allowed - known)]
    if len(failed) != int(counts.group(2)):
        wrong.append(f"{len(failed)} failing checks are named, {counts.group(2)} are counted")
    print(f"{counts.group(1)} checks passed, {len(failed.keys() & allowed)} belong to what is not there yet")
    if wrong:
        sys.exit("\n".join(wrong) + "\n\nwhat the suite said:\n" + output)


def prefix_of(build, top):
    """What an installation would be to the suite: headers and libraries."""
    prefix = top / "prefix"
    prefix.mkdir()
    (prefix / "include").symlink_to(SOURCE / "include")
    (prefix / "lib").symlink_to(build / "lib")
    return prefix


def run_suite(build, top, environment):
    done = subprocess.run([SUITE / "run", prefix_of(build, top), "tank"], env=environment, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False, timeout=PATIENCE)
    return done.stdout


def local(build):
    top = pathlib.Path(tempfile.mkdtemp(prefix="daos-test-"))
    server = [build / "bin/daos_server", "local", "--dir", top / "system"]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("DAOS_")}
    environment["DAOS_AGENT_DRPC_DIR"] = str(top / "system/run")

    def need(*words):
        done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE)
        if done.returncode != 0:
            sys.exit(f"{' '.join(map(str, words))}\n{done.stdout}{done.stderr}")

    try:
        need(*server, "--engines", "4", "--targets", "2", "--daemon")
        need(build / "bin/dmg", "pool", "create", "tank", "--size", "4GiB")
        judge(run_suite(build, top, environment))
    finally:
        subprocess.run([*server, "stop"], env=environment, capture_output=True, check=False, timeout=PATIENCE)
        shutil.rmtree(top, ignore_errors=True)


def embedded(build):
    top = pathlib.Path(tempfile.mkdtemp(prefix="daos-test-"))
    environment = {key: value for key, value in os.environ.items() if not key.startswith("DAOS_")}
    environment["DAOS_EMBEDDED"] = str(top / "system")
    try:
        judge(run_suite(build, top, environment), NOT_EMBEDDED)
    finally:
        shutil.rmtree(top, ignore_errors=True)


def main():
    if sys.argv[1:] == ["digests"]:
        digests()
    elif len(sys.argv) == 3 and sys.argv[1] == "local":
        local(pathlib.Path(sys.argv[2]))
    elif len(sys.argv) == 3 and sys.argv[1] == "embedded":
        embedded(pathlib.Path(sys.argv[2]))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
