// daos_perf: how fast a container takes and gives values, and whether every value is the one that was written. One
// verb, one file; verbs.h lists them.
#include "programs/daos_perf/verbs.h"

int main(int argc, char** argv) {
  using namespace daos;
  arguments::Program program(
      "daos_perf",
      "Writes and reads values of a container with many operations in flight, and prints rates and latencies. Every "
      "value carries its key, a sequence number and a checksum.");
  perf::add_write(program);
  perf::add_read(program);
  perf::add_mixed(program);
  perf::add_verify(program);
  perf::add_version(program);
  return program.run(argc, argv);
}
