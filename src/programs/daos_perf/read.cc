#include "programs/daos_perf/report.h"
#include "programs/daos_perf/verbs.h"

namespace daos::perf {

void add_read(arguments::Program& program) {
  auto options = std::make_shared<Options>();
  CLI::App& verb =
      program.verb(program.app(), "read", {}, "Read values that a run of `write` with the same options left",
                   [options] { return perform(*options, Work::kRead); });
  add_common(verb, *options);
  add_time(verb, *options);
  verb.add_flag("-V,--verify", options->verify,
                "Check every value: its key, its checksum and, with --ledger, its sequence");
}

}  // namespace daos::perf
