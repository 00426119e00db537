#include "programs/acl/acl_list.h"
#include "programs/daos/container_choice.h"
#include "programs/daos/property_values.h"
#include "programs/properties/container_properties.h"

namespace daos::cli {
namespace {

struct Options {
  ContainerChoice choice;
  std::string properties;  // the older form of the positional
};

Result<output::Answer> get_prop(Options options, const Global& global) {
  DX_TRY(options.choice.settle());
  const std::string& keys = options.choice.own.empty() ? options.properties : options.choice.own;
  const OpenContainer opened = DX_TRY(look_at_chosen(options.choice, global));
  const Result<messages::Properties> properties = properties_of(opened.container);
  if (!properties.ok()) {
    return output::failed("failed to get properties of container " + options.choice.shown(), properties.status());
  }
  const std::vector<properties::Shown> rows =
      DX_TRY(properties::pick(properties::show_container(*properties, acl::entries_of), keys));
  return output::Answer{
      .text = fmt::format("Properties for container {}\n{}", options.choice.shown(), properties::shown_text(rows)),
      .json = properties::shown_json(rows)};
}

}  // namespace

void add_container_get_prop(arguments::Program& program, CLI::App& container, const Global& global) {
  auto options = std::make_shared<Options>();
  CLI::App& verb = program.verb(container, "get-prop", {"getprop"}, "Show a container's properties",
                                [options, &global] { return get_prop(*options, global); });
  options->choice.add_to(verb, "PROPERTIES", "key[,key...] (default: all)");
  verb.add_option("--properties", options->properties, "The same")->group("");
}

}  // namespace daos::cli
