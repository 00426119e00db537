#include "programs/daos/container_choice.h"
#include "programs/daos/container_lookup.h"

namespace daos::cli {
namespace {

Result<output::Answer> query(ContainerChoice choice, const Global& global) {
  DX_TRY(choice.settle());
  const Library library = DX_TRY(Library::open());
  const Pool pool = DX_TRY(Pool::connect(choice.pool, DAOS_PC_RO, global.system));
  const ContainerView view = DX_TRY(look_up(pool, DX_TRY(uuid_of(pool)), choice.container));
  return output::Answer{.text = query_text(view), .json = container_json(view)};
}

}  // namespace

void add_container_query(arguments::Program& program, CLI::App& container, const Global& global) {
  auto choice = std::make_shared<ContainerChoice>();
  CLI::App& verb =
      program.verb(container, "query", {}, "Show a container", [choice, &global] { return query(*choice, global); });
  choice->add_to(verb);
}

}  // namespace daos::cli
