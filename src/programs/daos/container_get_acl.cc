#include "programs/daos/container_acl.h"
#include "programs/daos/container_choice.h"

namespace daos::cli {
namespace {

struct Options {
  ContainerChoice choice;
  std::string file;
  bool force = false;
  bool verbose = false;
};

Result<output::Answer> get_acl(Options options, const Global& global) {
  const OpenContainer opened = DX_TRY(look_at_chosen(options.choice, global));
  const Result<acl::View> view = acl_of(opened.container);
  if (!view.ok()) return output::failed("failed to get the ACL of container " + options.choice.shown(), view.status());
  const bool verbose = options.verbose || global.verbose;
  const std::string text = acl::text(*view, verbose ? acl::Comments::kVerbose : acl::Comments::kNo);
  output::Answer answer{.text = text, .json = acl::json(*view)};
  if (!options.file.empty()) {
    DX_TRY(acl::write_file(options.file, text, options.force));
    answer.text = fmt::format("Wrote ACL to output file: {}\n", options.file);
  }
  return answer;
}

}  // namespace

void add_container_get_acl(arguments::Program& program, CLI::App& container, const Global& global) {
  auto options = std::make_shared<Options>();
  CLI::App& verb = program.verb(container, "get-acl", {}, "Show who may do what with a container",
                                [options, &global] { return get_acl(*options, global); });
  options->choice.add_to(verb);
  verb.add_option("-O,--outfile", options->file, "Write it to this file");
  verb.add_flag("-f,--force", options->force, "Although the file exists");
  verb.add_flag("-V,--verbose", options->verbose, "Each entry in words as well");
}

}  // namespace daos::cli
