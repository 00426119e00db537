#include "programs/daos/container_acl.h"
#include "programs/daos/container_choice.h"

namespace daos::cli {
namespace {

struct Options {
  ContainerChoice choice;
  std::string file;
};

Result<output::Answer> overwrite_acl(Options options, const Global& global) {
  DX_TRY(options.choice.settle());
  const acl::List list = DX_TRY(acl::read_file(options.file));
  const OpenContainer opened = DX_TRY(open_chosen(options.choice, global, DAOS_PC_RO, DAOS_COO_RW));
  const Status status = from_api(daos_cont_overwrite_acl(opened.container.handle(), list.get(), nullptr));
  if (!status.ok()) return output::failed("failed to overwrite the ACL of container " + options.choice.shown(), status);
  return changed_acl(opened.container, options.choice.shown());
}

}  // namespace

void add_container_overwrite_acl(arguments::Program& program, CLI::App& container, const Global& global) {
  auto options = std::make_shared<Options>();
  CLI::App& verb = program.verb(container, "overwrite-acl", {"replace"}, "Put a new list in the place of a container's",
                                [options, &global] { return overwrite_acl(*options, global); });
  options->choice.add_to(verb);
  verb.add_option("-f,--acl-file", options->file, "One entry a line, such as A::alice@:rw")->required();
}

}  // namespace daos::cli
