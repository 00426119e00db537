#include "programs/arguments/values.h"
#include "programs/daos/session.h"
#include "programs/daos/verbs.h"

namespace daos::cli {
namespace {

struct Options {
  std::string pool;
  std::string container;
  bool force = false;
};

Result<output::Answer> destroy(const Options& options, const Global& global) {
  DX_TRY(arguments::check_label_or_uuid(options.pool));
  DX_TRY(arguments::check_label_or_uuid(options.container));
  const Library library = DX_TRY(Library::open());
  const Pool pool = DX_TRY(Pool::connect(options.pool, DAOS_PC_RW, global.system));
  const Status status =
      from_api(daos_cont_destroy(pool.handle(), options.container.c_str(), options.force ? 1 : 0, nullptr));
  if (!status.ok()) return output::failed("failed to destroy container " + options.container, status);
  return output::Answer{.text = fmt::format("Successfully destroyed container {}\n", options.container)};
}

}  // namespace

void add_container_destroy(arguments::Program& program, CLI::App& container, const Global& global) {
  auto options = std::make_shared<Options>();
  CLI::App& verb = program.verb(container, "destroy", {}, "Destroy a container and everything in it",
                                [options, &global] { return destroy(*options, global); });
  verb.add_option("POOL", options->pool, "The pool's label or uuid")->required();
  verb.add_option("CONTAINER", options->container, "Label or uuid")->required();
  verb.add_flag("-f,--force", options->force, "Although it is open");
}

}  // namespace daos::cli
