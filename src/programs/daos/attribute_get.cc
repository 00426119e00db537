#include "programs/daos/attribute_holder.h"
#include "programs/output/base64.h"
#include "programs/output/table.h"

namespace daos::cli {
namespace {

Result<output::Answer> get(AttributeOptions options, const Global& global) {
  const AttributeHolder holder = DX_TRY(AttributeHolder::open(options, global, AttributeHolder::Access::kRead));
  const std::string what = fmt::format("failed to get attributes from {} {}", options.noun(), options.shown());
  std::vector<std::string> names = DX_TRY(options.names());
  const bool all = names.empty();
  if (all) {
    Result<std::vector<std::string>> found = holder.names();
    if (!found.ok()) return output::failed(what, found.status());
    names = std::move(*found);
  }
  const Result<std::vector<std::string>> values = holder.values(names);
  if (!values.ok()) return output::failed(what, values.status());

  output::Answer answer{.text = fmt::format("Attributes for {} {}:\n", options.noun(), options.shown()),
                        .json = output::Json::array()};
  std::vector<output::Row> rows;
  for (size_t i = 0; i < names.size(); i++) {
    rows.push_back({names[i], (*values)[i]});
    answer.json.push_back({{"name", names[i]}, {"value", output::base64((*values)[i])}});
  }
  if (names.size() == 1 && !all) answer.json = output::Json(answer.json.front());
  answer.text += rows.empty() ? "  No attributes found.\n" : output::table({"Name", "Value"}, rows);
  return answer;
}

}  // namespace

void add_attribute_get(arguments::Program& program, CLI::App& noun, HolderKind kind, const Global& global) {
  auto options = std::make_shared<AttributeOptions>(AttributeOptions{.kind = kind});
  CLI::App& verb = program.verb(noun, "get-attr", {"getattr"}, "Show user attributes with their values",
                                [options, &global] { return get(*options, global); });
  options->add_to(verb, "ATTRIBUTES", "name[,name...] (default: all)");
  verb.add_option("-a,--attr", options->attribute, "Instead: the one name");
}

}  // namespace daos::cli
