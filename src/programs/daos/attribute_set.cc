#include "programs/arguments/values.h"
#include "programs/daos/attribute_holder.h"

namespace daos::cli {
namespace {

Result<arguments::KeyValues> wanted(const AttributeOptions& options) {
  const std::string& own = options.choice.own;
  if (!options.attribute.empty() || !options.value.empty()) {
    if (options.attribute.empty() || options.value.empty()) {
      return Status(Code::kInvalid, "both --attr and --value are required if either are used");
    }
    if (!own.empty()) return Status(Code::kInvalid, "cannot specify both --attr and positional arguments");
    return arguments::KeyValues{{options.attribute, options.value}};
  }
  if (own.empty()) return Status(Code::kInvalid, "attribute name and value are required");
  return arguments::parse_quoted_key_values(own, "attributes");
}

Result<output::Answer> set(AttributeOptions options, const Global& global) {
  // Understood before anything is asked: a mistake changes nothing, and needs no system to be found.
  if (options.kind == HolderKind::kContainer) DX_TRY(options.choice.settle());
  const arguments::KeyValues attributes = DX_TRY(wanted(options));
  const AttributeHolder holder = DX_TRY(AttributeHolder::open(options, global, AttributeHolder::Access::kChange));
  const Status status = holder.set(attributes);
  if (!status.ok()) {
    return output::failed(fmt::format("failed to set attributes on {} {}", options.noun(), options.shown()), status);
  }
  return output::Answer{.text =
                            fmt::format("Attributes successfully set on {} \"{}\"\n", options.noun(), options.shown())};
}

}  // namespace

void add_attribute_set(arguments::Program& program, CLI::App& noun, HolderKind kind, const Global& global) {
  auto options = std::make_shared<AttributeOptions>(AttributeOptions{.kind = kind});
  CLI::App& verb = program.verb(noun, "set-attr", {"setattr"}, "Set user attributes",
                                [options, &global] { return set(*options, global); });
  options->add_to(verb, "ATTRIBUTES", "name:value[,name:value...]; quotes and \\ protect , and :");
  verb.add_option("-a,--attr", options->attribute, "Instead: the one name");
  verb.add_option("-v,--value", options->value, "Its value");
}

}  // namespace daos::cli
