#include "programs/arguments/values.h"
#include "programs/daos/container_choice.h"
#include "programs/daos/property_values.h"
#include "programs/properties/container_properties.h"

namespace daos::cli {
namespace {

struct Options {
  ContainerChoice choice;
  std::string properties;  // the older form of the positional
};

Result<output::Answer> set_prop(Options options, const Global& global) {
  DX_TRY(options.choice.settle());
  const std::string& given = options.choice.own.empty() ? options.properties : options.choice.own;
  if (given.empty()) return Status(Code::kInvalid, "property name and value are required");
  const arguments::KeyValues pairs = DX_TRY(arguments::parse_key_values(given, "properties"));
  for (const auto& [key, value] : pairs) {
    if (key == "label") DX_TRY(arguments::check_label(value));
  }
  const messages::Properties changes = DX_TRY(properties::parse_container_change(pairs));
  const OpenContainer opened = DX_TRY(open_chosen(options.choice, global, DAOS_PC_RO, DAOS_COO_RW | DAOS_COO_FORCE));
  PropertyList list(changes.size());
  DX_TRY(fill(list, changes));
  const Status status = from_api(daos_cont_set_prop(opened.container.handle(), list.get(), nullptr));
  if (!status.ok()) return output::failed("failed to set properties on container " + options.choice.shown(), status);
  return output::Answer{.text = "Properties were successfully set\n"};
}

}  // namespace

void add_container_set_prop(arguments::Program& program, CLI::App& container, const Global& global) {
  auto options = std::make_shared<Options>();
  CLI::App& verb = program.verb(container, "set-prop", {"setprop"}, "Change a container's label, or declare it healthy",
                                [options, &global] { return set_prop(*options, global); });
  options->choice.add_to(verb, "PROPERTIES", "label:NAME or status:healthy, or both with a comma");
  verb.add_option("--properties", options->properties, "The same")->group("");
}

}  // namespace daos::cli
