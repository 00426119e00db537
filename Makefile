# The front door: `make help` lists the verbs. Every verb installs what is missing (scripts/setup, silent when all is
# there), configures what it needs and builds it; build trees live under build/.
PREFIX       ?= /usr/local
BUILD        ?= build
JOBS         ?= $(shell nproc)
SEED         ?= 1
SEEDS        ?= 200
MINUTES      ?= 10
FUZZ_SECONDS ?= 10
DATA         ?= /usr/include
export PREFIX BUILD JOBS SEED SEEDS MINUTES FUZZ_SECONDS DATA

CMAKE_ARGS = -G Ninja -DCMAKE_C_COMPILER=clang-19 -DCMAKE_CXX_COMPILER=clang++-19 -DCMAKE_INSTALL_LIBDIR=lib
# On a terminal ninja shows its progress; in a log only what goes wrong.
NINJA      = ninja -j $(JOBS) $(shell test -t 2 || echo --quiet)
CONFIGURES = $(BUILD)/release/build.ninja $(BUILD)/asan/build.ninja $(BUILD)/tsan/build.ninja $(BUILD)/fuzz/build.ninja

.PHONY: help build demo test bench sim soak asan tsan fuzz lint format tidy install clean setup
.DEFAULT_GOAL := help

help:
	@echo "DAOS in C++. Start with:"
	@echo "  make demo                     a local system: store files, kill every engine, compare"
	@echo "  make test                     build, lint, every test; ends in 'N passed, N failed'"
	@echo
	@echo "Then:"
	@echo "  make build                    programs in $(BUILD)/release/bin"
	@echo "  make bench                    every benchmark, one table"
	@echo "  make sim [SEED=1] [SEEDS=200] whole systems in simulated time, SEEDS seeds from SEED on"
	@echo "  make soak MINUTES=10          real processes under load and kill -9"
	@echo "  make asan | tsan              the tests under address+undefined / thread sanitizer"
	@echo "  make fuzz [FUZZ_SECONDS=10]   every fuzzer for that many seconds"
	@echo "  make lint | format | tidy     the house rules | clang-format in place | clang-tidy (slow)"
	@echo "  make install [PREFIX=$(PREFIX)]"
	@echo "  make clean                    removes $(BUILD)/"

setup:
	@scripts/setup

$(CONFIGURES): | setup
$(BUILD)/release/build.ninja: CONFIG = -DCMAKE_BUILD_TYPE=Release
$(BUILD)/asan/build.ninja:    CONFIG = -DCMAKE_BUILD_TYPE=Debug -DDX_ASAN=ON
$(BUILD)/tsan/build.ninja:    CONFIG = -DCMAKE_BUILD_TYPE=Debug -DDX_TSAN=ON
$(BUILD)/fuzz/build.ninja:    CONFIG = -DCMAKE_BUILD_TYPE=Debug -DDX_ASAN=ON -DDX_FUZZ=ON
$(CONFIGURES):
	@cmake -S . -B $(@D) $(CMAKE_ARGS) $(CONFIG)  --no-warn-unused-cli > /dev/null

build: setup $(BUILD)/release/build.ninja
	@$(NINJA) -C $(BUILD)/release

test: setup $(BUILD)/release/build.ninja
	@scripts/test release

asan tsan: %: setup $(BUILD)/%/build.ninja
	@scripts/test $@

fuzz: setup $(BUILD)/fuzz/build.ninja
	@$(NINJA) -C $(BUILD)/fuzz fuzzers
	@scripts/fuzz

bench: setup $(BUILD)/release/build.ninja
	@$(NINJA) -C $(BUILD)/release all benches
	@scripts/bench

demo: build
	@$(call need,scripts/demo)
	@scripts/demo

sim: build
	@$(call need,$(BUILD)/release/bin/daos_sim)
	@$(BUILD)/release/bin/daos_sim --seed $(SEED) --count $(SEEDS)

soak: build
	@$(call need,scripts/soak)
	@scripts/soak $(MINUTES)

# $(call need,PROGRAM): one clear line instead of the shell's "not found".
need = test -x $(1) || { echo "make $@: $(1) is not there (this tree is incomplete: git status)" >&2; exit 1; }

lint: setup
	@scripts/lint

format: setup
	@scripts/lint --list-formatted | xargs -r clang-format-19 -i

tidy: setup $(BUILD)/release/build.ninja
	@git ls-files 'src/*.cc' | grep -v _fuzz.cc | xargs -P $(JOBS) -n 4 clang-tidy-19 -p $(BUILD)/release --quiet

# Configured for the prefix first, so that paths written into daos.pc and the programs are those of the installation.
install: setup $(BUILD)/release/build.ninja
	@cmake -DCMAKE_INSTALL_PREFIX=$(PREFIX) $(BUILD)/release > /dev/null
	@$(NINJA) -C $(BUILD)/release
	@cmake --install $(BUILD)/release --prefix $(PREFIX) > /dev/null
	@scripts/lib64-link $(DESTDIR)$(PREFIX)
	@echo "installed below $(DESTDIR)$(PREFIX)"

clean:
	@rm -rf $(BUILD)
