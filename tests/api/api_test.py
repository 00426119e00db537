#!/usr/bin/env python3
"""The C API as programs meet it: headers, link line, loading at run time, exported names, and the table of what works.

usage: api_test.py TEST SOURCE_TREE [LIBRARY_DIR]      TEST is the name of a function test_... below
       api_test.py write-status SOURCE_TREE LIBRARY_DIR    brings the states in docs/api-status.md up to date
"""
import pathlib
import re
import subprocess
import sys
import tempfile

SOURCE = None
LIBRARIES = None

# What programs are built with; the flags of the probe's own comment.
COMPILERS = (
    ("gcc", "-std=gnu11", "-x", "c"),
    ("clang-19", "-std=gnu11", "-x", "c"),
    ("g++", "-std=gnu++17", "-x", "c++"),
    ("clang++-19", "-std=gnu++17", "-x", "c++"),
    ("g++", "-std=gnu++20", "-x", "c++"),
    ("clang++-19", "-std=gnu++20", "-x", "c++"),
)
LINK_LINE = ("-ldaos", "-ldaos_common", "-lgurt", "-luuid")
# Which list of names, in src/client/capi/exports, each library shows.
LISTS = {
    "libdaos.so": ("libdaos", "libdaos_common", "libgurt"),
    "libdaos_common.so": ("libdaos_common", "libgurt"),
    "libgurt.so": ("libgurt",),
    "libdfs.so": ("libdfs",),
    "libdaos_client.so": ("libdaos", "libdaos_common", "libgurt", "libdfs"),
}
# Looked up with the suffix by programs that are compiled, without it by those that load the library.
SUFFIXED = ("daos_pool_connect", "daos_cont_create", "daos_cont_open", "daos_cont_destroy", "daos_obj_generate_oid")


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, **options)
    if done.returncode != 0:
        fail(f"{' '.join(map(str, command))}\nended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def fail(text):
    sys.exit(text.rstrip()[:20000])


def compile_only(compiler, source, *flags):
    run(*compiler, "-Wall", "-Werror", *flags, "-I", SOURCE / "include", "-fsyntax-only", source)


def exported(library):
    """Name to kind (T strong, W weak) of what a library defines."""
    lines = run("nm", "-D", "--defined-only", LIBRARIES / library).splitlines()
    return {line.split()[-1]: line.split()[-2] for line in lines}


def listed(library):
    names = []
    for name in LISTS[library]:
        names += (SOURCE / "src/client/capi/exports" / f"{name}.txt").read_text().split()
    return names


def api_functions():
    """The functions that the probe declares to be exported: api_functions() and api_gurt()."""
    text = (SOURCE / "tests/api/api_surface.c").read_text()
    names = re.findall(r"^\tSIG\([^,]+,\s*(\w+),", text, re.MULTILINE)
    return names + ["tse_task2arg"]


# ---------------------------------------------------------------------------------------------------------------- headers

def test_surface_compiles():
    for compiler in COMPILERS:
        for flags in ((), ("-DAPI_SURFACE_ABI",), ("-DAPI_SURFACE_NO_GURT",)):
            compile_only(compiler, SOURCE / "tests/api/api_surface.c", *flags)


def test_headers_compile_alone():
    include = SOURCE / "include"
    headers = sorted(str(path.relative_to(include)) for path in include.rglob("*.h"))
    if len(headers) < 20:
        fail(f"only {len(headers)} headers below {include}")
    with tempfile.TemporaryDirectory() as folder:
        # One file with each header first and twice would hide what an earlier one brought in.
        for header in headers:
            (pathlib.Path(folder) / header.replace("/", "__")).with_suffix(".c").write_text(
                f"#include <{header}>\n#include <{header}>\nint not_empty;\n")
        for compiler in COMPILERS[:4]:
            for source in sorted(pathlib.Path(folder).glob("*.c")):
                compile_only(compiler, source, "-Wextra", "-Wno-unused-parameter")
        strict = pathlib.Path(folder) / "daos.c"  # without GNU extensions too
        compile_only(("gcc", "-std=c11", "-x", "c"), strict)


def test_standard_headers_after_ours():
    """In C++ no macro of ours may break what is included afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / "order.cc"
        source.write_text("#include <daos.h>\n#include <gurt/common.h>\n#include <algorithm>\n#include <map>\n#include <thread>\n"
                          "int smaller(int a, int b) { return std::min(a, b) + std::max(a, b); }\n")
        for compiler in COMPILERS[2:]:
            compile_only(compiler, source)


def test_old_name_of_an_error_warns():
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / "old.c"
        source.write_text("#include <daos.h>\nint f(int rc) { switch (rc) { case -DER_EVICTED: return rc == -DER_EXCLUDED; } return 0; }\n")
        for compiler in COMPILERS[:4]:
            done = subprocess.run([*compiler, "-I", str(SOURCE / "include"), "-fsyntax-only", str(source)], capture_output=True,
                                  text=True, check=False)
            if done.returncode != 0 or "DER_EXCLUDED" not in done.stderr:
                fail(f"{compiler[0]}: DER_EVICTED must compile and say what replaced it\n{done.stderr}")


# -------------------------------------------------------------------------------------------------------------- libraries

def test_surface_links_and_runs():
    with tempfile.TemporaryDirectory() as folder:
        program = pathlib.Path(folder) / "surface"
        for compiler in COMPILERS[:4]:
            for line in (LINK_LINE, ("-ldaos", "-luuid")):
                run(*compiler, "-I", SOURCE / "include", SOURCE / "tests/api/api_surface.c", "-L", LIBRARIES,
                    f"-Wl,-rpath,{LIBRARIES}", *line, "-o", program)
                if run(program) != "" or not run(program, "all").endswith("probes\n"):
                    fail(f"{compiler[0]} {' '.join(line)}: the probe printed something else")


def test_exports_are_those_listed():
    for library in LISTS:
        names = set(exported(library))
        want = set(listed(library))
        if names != want:
            fail(f"{library}: not listed in src/client/capi/exports: {sorted(names - want)}; listed, but not there: {sorted(want - names)}")
        foreign = [name for name in names if not re.match(r"(daos|d|dc|dfs|tse)_|uint32_array_to_rank_list$|rank_list_to_uint32_array$", name)]
        if foreign:
            fail(f"{library}: not names of the API: {foreign}")


def test_api_is_exported():
    want = set(api_functions()) | {name + "2" for name in SUFFIXED} | {"daos_version_get"}
    if len(want) < 290:
        fail(f"only {len(want)} functions found in the probe")
    missing = want - set(exported("libdaos.so"))
    if missing:
        fail(f"libdaos.so lacks {sorted(missing)}")
    for library, prefix in (("libgurt.so", r"d_"), ("libdaos_common.so", r"(daos_(prop|acl|ace)|tse)_")):
        missing = {name for name in want if re.match(prefix, name)} - set(exported(library))
        if missing:
            fail(f"{library} lacks {sorted(missing)}")


def test_each_library_loads_alone():
    """Copied elsewhere, so that nothing but the libraries' own search path finds the core."""
    with tempfile.TemporaryDirectory() as folder:
        moved = pathlib.Path(folder)
        program = moved / "load_one"
        run("gcc", "-Wall", "-Werror", SOURCE / "tests/api/load_one.c", "-o", program, "-ldl")
        for library in LISTS:
            (moved / library).write_bytes((LIBRARIES / library).read_bytes())
        for library in LISTS:
            run(program, moved / library, *listed(library))


def test_soname():
    for library, soname in (("libdaos.so", "libdaos.so.2"), ("libgurt.so", "libgurt.so"), ("libdaos_common.so", "libdaos_common.so"),
                            ("libdfs.so", "libdfs.so")):
        dynamic = run("readelf", "-d", LIBRARIES / library)
        if f"soname: [{soname}]" not in dynamic:
            fail(f"{library}: its soname is not {soname}\n{dynamic}")


def test_installed_api_builds_programs():
    """By pkg-config and by find_package, from a prefix that was moved after the installation."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        run("cmake", "--install", LIBRARIES.parent, "--component", "api", "--prefix", folder / "first")
        prefix = (folder / "first").rename(folder / "moved")
        source = folder / "hello.c"
        source.write_text('#include <daos.h>\n#include <stdio.h>\nint main(void) { printf("%s\\n", d_errstr(-DER_CSUM)); return 0; }\n')
        environment = {"PATH": "/usr/bin:/bin", "PKG_CONFIG_PATH": str(next(prefix.glob("lib*/pkgconfig")))}
        flags = run("pkg-config", "--cflags", "--libs", "daos", env=environment).split()
        program = folder / "hello"
        run("gcc", source, *flags, f"-Wl,-rpath,{next(prefix.glob('lib*'))}", "-o", program)
        (folder / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.24)\nproject(hello LANGUAGES C)\nfind_package(daos REQUIRED)\n"
            "add_executable(hello hello.c)\ntarget_link_libraries(hello PRIVATE daos::daos)\n")
        run("cmake", "-S", folder, "-B", folder / "build", f"-DCMAKE_PREFIX_PATH={prefix}")
        run("cmake", "--build", folder / "build")
        for built in (program, folder / "build/hello"):
            if run(built) != "DER_CSUM\n":
                fail(f"{built} printed something else")


# ----------------------------------------------------------------------------------------------------------------- status

STATUS = "docs/api-status.md"
ROW = re.compile(r"^\| `(\w+)` \| (works|not yet) \|", re.MULTILINE)


def states():
    """Function to state, as the built library has it: what is weak is not there yet."""
    kinds = exported("libdaos_client.so")
    found = {}
    for name in api_functions():
        symbol = name + "2" if name in SUFFIXED else name
        if name.startswith(("d_", "uint32_", "rank_list_")) and not name.startswith("d_err"):
            continue  # helpers: all there
        found[name] = "not yet" if kinds[symbol] == "W" else "works"
    return found


def test_status_table():
    text = (SOURCE / STATUS).read_text()
    table = dict(ROW.findall(text))
    want = states()
    wrong = [f"{name}: the table says {table.get(name, 'nothing')}, the library {state}" for name, state in want.items()
             if table.get(name) != state]
    wrong += [f"{name}: not a function of the API" for name in table if name not in want]
    if len(ROW.findall(text)) != len(table):
        wrong.append("a function stands twice")
    if wrong:
        fail(f"{STATUS} is not what the library does (tests/api/api_test.py write-status brings it up to date):\n" + "\n".join(wrong))


def write_status():
    path = SOURCE / STATUS
    want = states()
    path.write_text(ROW.sub(lambda row: f"| `{row[1]}` | {want.get(row[1], row[2])} |", path.read_text()))


def main(arguments):
    global SOURCE, LIBRARIES
    if len(arguments) not in (2, 3):
        sys.exit(__doc__)
    SOURCE = pathlib.Path(arguments[1]).resolve()
    LIBRARIES = pathlib.Path(arguments[2]).resolve() if len(arguments) == 3 else None
    test = write_status if arguments[0] == "write-status" else globals().get("test_" + arguments[0])
    if test is None:
        sys.exit(__doc__)
    test()


if __name__ == "__main__":
    main(sys.argv[1:])
