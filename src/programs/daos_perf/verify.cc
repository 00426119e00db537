#include "programs/daos_perf/report.h"
#include "programs/daos_perf/verbs.h"

namespace daos::perf {

void add_verify(arguments::Program& program) {
  auto options = std::make_shared<Options>();
  CLI::App& verb = program.verb(program.app(), "verify", {},
                                "Read every key of a --ledger: nothing that was acknowledged may be lost",
                                [options] { return perform(*options, Work::kVerify); });
  add_common(verb, *options);
}

}  // namespace daos::perf
