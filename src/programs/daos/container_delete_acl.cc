#include "programs/daos/container_acl.h"
#include "programs/daos/container_choice.h"

namespace daos::cli {
namespace {

struct Options {
  ContainerChoice choice;
  std::string principal;
};

Result<output::Answer> delete_acl(Options options, const Global& global) {
  DX_TRY(options.choice.settle());
  acl::Principal principal = DX_TRY(acl::parse_principal(options.principal));
  const OpenContainer opened = DX_TRY(open_chosen(options.choice, global, DAOS_PC_RO, DAOS_COO_RW));
  const Status status =
      from_api(daos_cont_delete_acl(opened.container.handle(), principal.type, principal.name.data(), nullptr));
  if (!status.ok()) {
    return output::failed(fmt::format("failed to delete the entry of {} in the ACL of container {}", options.principal,
                                      options.choice.shown()),
                          status);
  }
  return changed_acl(opened.container, options.choice.shown());
}

}  // namespace

void add_container_delete_acl(arguments::Program& program, CLI::App& container, const Global& global) {
  auto options = std::make_shared<Options>();
  CLI::App& verb = program.verb(container, "delete-acl", {}, "Delete an entry of a container's list",
                                [options, &global] { return delete_acl(*options, global); });
  options->choice.add_to(verb);
  verb.add_option("-P,--principal", options->principal, "Whose: u:NAME@, g:NAME@, OWNER@, GROUP@ or EVERYONE@")
      ->required();
}

}  // namespace daos::cli
