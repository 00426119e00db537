#include <daos_version.h>

#include "platform/base/stamp.h"
#include "programs/daos/verbs.h"

namespace daos::cli {

void add_version(arguments::Program& program) {
  program.verb(
      program.app(), "version", {}, "Show this program's and the API's version", []() -> Result<output::Answer> {
        return output::Answer{.text = fmt::format("daos version {}, libdaos v{}.{}.{}\n", build_string(),
                                                  DAOS_API_VERSION_MAJOR, DAOS_API_VERSION_MINOR, DAOS_API_VERSION_FIX),
                              .json = {{"name", "daos"}, {"version", build_string()}}};
      });
}

}  // namespace daos::cli
