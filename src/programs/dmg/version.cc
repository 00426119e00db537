#include "platform/base/stamp.h"
#include "programs/dmg/verbs.h"

namespace daos::dmg {

void add_version(arguments::Program& program) {
  program.verb(program.app(), "version", {}, "Show this program's version", []() -> Result<output::Answer> {
    return output::Answer{.text = fmt::format("dmg version {}\n", build_string()),
                          .json = {{"name", "dmg"}, {"version", build_string()}}};
  });
}

}  // namespace daos::dmg
