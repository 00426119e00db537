#include "programs/daos/container_choice.h"
#include "programs/daos/namespace_path.h"

namespace daos::cli {
namespace {

struct Options {
  ContainerChoice choice;
  bool force = false;
};

Result<output::Answer> destroy(Options options, const Global& global) {
  ContainerChoice& choice = options.choice;
  DX_TRY(choice.settle());
  const Library library = DX_TRY(Library::open());
  const Pool pool = DX_TRY(Pool::connect(choice.pool, DAOS_PC_RW, global.system));
  const Status status =
      from_api(daos_cont_destroy(pool.handle(), choice.container.c_str(), options.force ? 1 : 0, nullptr));
  if (!status.ok()) return output::failed("failed to destroy container " + choice.shown(), status);
  if (!choice.path.empty() && !is_direct(choice.path)) DX_TRY(unlink_path(choice.path));
  return output::Answer{.text = fmt::format("Successfully destroyed container {}\n", choice.shown())};
}

}  // namespace

void add_container_destroy(arguments::Program& program, CLI::App& container, const Global& global) {
  auto options = std::make_shared<Options>();
  CLI::App& verb = program.verb(container, "destroy", {}, "Destroy a container and everything in it",
                                [options, &global] { return destroy(*options, global); });
  options->choice.add_to(verb);
  verb.add_flag("-f,--force", options->force, "Although it is open");
}

}  // namespace daos::cli
