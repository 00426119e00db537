#include "programs/arguments/values.h"
#include "programs/dmg/verbs.h"

namespace daos::dmg {
namespace {

struct Options {
  std::string pool;
  bool recursive = false;
  bool force = false;
};

Result<output::Answer> destroy(const Options& options) {
  DX_TRY(arguments::check_label_or_uuid(options.pool));
  control::PoolDestroyRequest request;
  request.set_pool(options.pool);
  request.set_recursive(options.recursive);
  request.set_force(options.force);
  const Status status = ask(&control::Client::pool_destroy, request).status();
  if (!status.ok()) return output::failed("Pool-destroy command failed", status);
  return output::Answer{.text = "Pool-destroy command succeeded\n"};
}

}  // namespace

void add_pool_destroy(arguments::Program& program, CLI::App& pool) {
  auto options = std::make_shared<Options>();
  CLI::App& verb =
      program.verb(pool, "destroy", {}, "Destroy a pool and everything in it", [options] { return destroy(*options); });
  verb.add_option("POOL", options->pool, "Label or uuid")->required();
  verb.add_flag("-r,--recursive", options->recursive, "Although it has containers");
  verb.add_flag("-f,--force", options->force, "Although it is in use");
}

}  // namespace daos::dmg
