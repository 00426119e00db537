#include "programs/daos/container_choice.h"

namespace daos::cli {
namespace {

Result<output::Answer> stat(ContainerChoice choice, const Global& global) {
  DX_TRY(look_at_chosen(choice, global));
  return output::Answer{};  // by contract it prints nothing
}

}  // namespace

void add_container_stat(arguments::Program& program, CLI::App& container, const Global& global) {
  auto choice = std::make_shared<ContainerChoice>();
  CLI::App& verb = program.verb(container, "stat", {}, "See whether a container can be opened; prints nothing",
                                [choice, &global] { return stat(*choice, global); });
  choice->add_to(verb);
}

}  // namespace daos::cli
