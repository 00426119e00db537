#include "programs/daos_perf/report.h"
#include "programs/daos_perf/verbs.h"

namespace daos::perf {

void add_mixed(arguments::Program& program) {
  auto options = std::make_shared<Options>();
  CLI::App& verb = program.verb(program.app(), "mixed", {}, "Write and read keys by chance for --seconds",
                                [options] { return perform(*options, Work::kMixed); });
  add_common(verb, *options);
  add_time(verb, *options);
  verb.add_option("-r,--reads", options->read_percent, "Percent of the operations that read (default: 50)");
  verb.add_flag("-V,--verify", options->verify, "Check every value: its key, its checksum and its sequence");
}

}  // namespace daos::perf
