#include "programs/daos/container_choice.h"

namespace daos::cli {
namespace {

struct Options {
  ContainerChoice choice;
  bool all = false;
};

Result<output::Answer> evict(Options options, const Global& global) {
  const unsigned flags = options.all ? DAOS_COO_EX | DAOS_COO_EVICT_ALL : DAOS_COO_RO | DAOS_COO_EVICT;
  const Result<OpenContainer> opened =
      open_chosen(options.choice, global, options.all ? DAOS_PC_RW : DAOS_PC_RO, flags);
  if (!opened.ok()) {
    return output::failed("failed to evict handles of container " + options.choice.shown(), opened.status());
  }
  return output::Answer{};  // opening it so was the eviction
}

}  // namespace

void add_container_evict(arguments::Program& program, CLI::App& container, const Global& global) {
  auto options = std::make_shared<Options>();
  CLI::App& verb = program.verb(container, "evict", {}, "Close the handles that you have open on a container",
                                [options, &global] { return evict(*options, global); });
  options->choice.add_to(verb);
  verb.add_flag("-a,--all", options->all, "Those of everybody (the owner may)");
}

}  // namespace daos::cli
