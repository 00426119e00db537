#include <daos_version.h>

#include "platform/base/stamp.h"
#include "programs/daos_perf/verbs.h"

namespace daos::perf {

void add_version(arguments::Program& program) {
  program.verb(
      program.app(), "version", {}, "Show this program's and the API's version", []() -> Result<output::Answer> {
        return output::Answer{.text = fmt::format("daos_perf version {}, libdaos v{}.{}.{}\n", build_string(),
                                                  DAOS_API_VERSION_MAJOR, DAOS_API_VERSION_MINOR, DAOS_API_VERSION_FIX),
                              .json = {{"name", "daos_perf"}, {"version", build_string()}}};
      });
}

}  // namespace daos::perf
