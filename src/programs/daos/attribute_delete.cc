#include "programs/daos/attribute_holder.h"

namespace daos::cli {
namespace {

Result<output::Answer> remove(AttributeOptions options, const Global& global) {
  if (options.kind == HolderKind::kContainer) DX_TRY(options.choice.settle());
  const std::vector<std::string> names = DX_TRY(options.names());
  if (names.empty()) return Status(Code::kInvalid, "attribute name is required");
  const AttributeHolder holder = DX_TRY(AttributeHolder::open(options, global, AttributeHolder::Access::kChange));
  const Status status = holder.remove(names);
  if (!status.ok()) {
    return output::failed(fmt::format("failed to delete attributes on {} {}", options.noun(), options.shown()), status);
  }
  return output::Answer{.text = fmt::format("Attribute(s) {} successfully deleted on {} \"{}\"\n",
                                            fmt::join(names, ","), options.noun(), options.shown())};
}

}  // namespace

void add_attribute_delete(arguments::Program& program, CLI::App& noun, HolderKind kind, const Global& global) {
  auto options = std::make_shared<AttributeOptions>(AttributeOptions{.kind = kind});
  CLI::App& verb = program.verb(noun, "del-attr", {"delattr"}, "Delete user attributes",
                                [options, &global] { return remove(*options, global); });
  options->add_to(verb, "ATTRIBUTES", "name[,name...]");
  verb.add_option("-a,--attr", options->attribute, "Instead: the one name");
}

}  // namespace daos::cli
