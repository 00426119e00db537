#include "programs/daos/container_acl.h"
#include "programs/daos/container_choice.h"

namespace daos::cli {
namespace {

struct Options {
  ContainerChoice choice;
  std::string entry;
  std::string file;
};

Result<output::Answer> update_acl(Options options, const Global& global) {
  DX_TRY(options.choice.settle());
  const acl::List list = DX_TRY(acl::from_options(options.entry, options.file));
  const OpenContainer opened = DX_TRY(open_chosen(options.choice, global, DAOS_PC_RO, DAOS_COO_RW));
  const Status status = from_api(daos_cont_update_acl(opened.container.handle(), list.get(), nullptr));
  if (!status.ok()) return output::failed("failed to update the ACL of container " + options.choice.shown(), status);
  return changed_acl(opened.container, options.choice.shown());
}

}  // namespace

void add_container_update_acl(arguments::Program& program, CLI::App& container, const Global& global) {
  auto options = std::make_shared<Options>();
  CLI::App& verb = program.verb(container, "update-acl", {}, "Add or change entries of a container's list",
                                [options, &global] { return update_acl(*options, global); });
  options->choice.add_to(verb);
  verb.add_option("-e,--entry", options->entry, "One entry, such as A::alice@:rw");
  verb.add_option("-f,--acl-file", options->file, "Or a file with one entry a line");
}

}  // namespace daos::cli
