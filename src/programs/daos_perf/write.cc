#include "programs/daos_perf/report.h"
#include "programs/daos_perf/verbs.h"

namespace daos::perf {

void add_write(arguments::Program& program) {
  auto options = std::make_shared<Options>();
  CLI::App& verb =
      program.verb(program.app(), "write", {}, "Write values: each key once, or keys by chance for --seconds",
                   [options] { return perform(*options, Work::kWrite); });
  add_common(verb, *options);
  add_time(verb, *options);
}

}  // namespace daos::perf
