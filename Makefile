# The front door. Every verb configures what it needs; build trees live under build/.
PREFIX ?= /usr/local
BUILD  ?= build
JOBS   ?= $(shell nproc)
CMAKE_ARGS = -G Ninja -DCMAKE_C_COMPILER=clang-19 -DCMAKE_CXX_COMPILER=clang++-19

.PHONY: all build
all: build

build: $(BUILD)/release/build.ninja
	@ninja -C $(BUILD)/release -j $(JOBS)

$(BUILD)/release/build.ninja:
	@cmake -S . -B $(BUILD)/release $(CMAKE_ARGS) -DCMAKE_BUILD_TYPE=Release > /dev/null
