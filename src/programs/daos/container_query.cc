#include "programs/arguments/values.h"
#include "programs/daos/container_lookup.h"
#include "programs/daos/verbs.h"

namespace daos::cli {
namespace {

struct Options {
  std::string pool;
  std::string container;
};

Result<output::Answer> query(const Options& options, const Global& global) {
  DX_TRY(arguments::check_label_or_uuid(options.pool));
  DX_TRY(arguments::check_label_or_uuid(options.container));
  const Library library = DX_TRY(Library::open());
  const Pool pool = DX_TRY(Pool::connect(options.pool, DAOS_PC_RO, global.system));
  const ContainerView view = DX_TRY(look_up(pool, DX_TRY(uuid_of(pool)), options.container));
  return output::Answer{.text = query_text(view), .json = container_json(view)};
}

}  // namespace

void add_container_query(arguments::Program& program, CLI::App& container, const Global& global) {
  auto options = std::make_shared<Options>();
  CLI::App& verb =
      program.verb(container, "query", {}, "Show a container", [options, &global] { return query(*options, global); });
  verb.add_option("POOL", options->pool, "The pool's label or uuid")->required();
  verb.add_option("CONTAINER", options->container, "Label or uuid")->required();
}

}  // namespace daos::cli
