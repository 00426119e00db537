#include "programs/daos/server_version.h"

#include <daos_mgmt.h>

#include <cstdlib>

#include "programs/daos/pool_names.h"
#include "programs/daos/verbs.h"

namespace daos::cli {

Result<std::string> server_version() {
  uint32_t major = 0;
  uint32_t minor = 0;
  uint32_t patch = 0;
  char* tag = nullptr;
  DX_TRY(from_api(dc_mgmt_srv_version(&major, &minor, &patch, &tag)));
  const std::string version = fmt::format("{}.{}.{}{}{}", major, minor, patch, tag != nullptr && *tag != 0 ? "-" : "",
                                          tag != nullptr ? tag : "");
  std::free(tag);
  return version;
}

namespace {

Result<output::Answer> show(const Global& global) {
  const Library library = DX_TRY(Library::open_with_system());
  for (const output::PoolView& known : DX_TRY(known_pools(global.system))) {
    const Result<Pool> pool = Pool::connect(known.uuid, DAOS_PC_RO, global.system);
    if (!pool.ok()) continue;
    const std::string version = DX_TRY(server_version());
    return output::Answer{.text = fmt::format("DAOS Control Server version {}\n", version),
                          .json = {{"name", "DAOS Control Server"}, {"version", version}}};
  }
  return Status(Code::kInvalid,
                "the servers are asked through a pool, and there is none that you may connect to; "
                "`dmg server-version` asks them directly");
}

}  // namespace

void add_server_version(arguments::Program& program, const Global& global) {
  program.verb(program.app(), "server-version", {}, "Show the servers' version", [&global] { return show(global); });
}

}  // namespace daos::cli
