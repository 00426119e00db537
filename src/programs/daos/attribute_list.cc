#include "programs/daos/attribute_holder.h"
#include "programs/output/base64.h"
#include "programs/output/table.h"

namespace daos::cli {
namespace {

Result<output::Answer> list(AttributeOptions options, const Global& global) {
  const AttributeHolder holder = DX_TRY(AttributeHolder::open(options, global, AttributeHolder::Access::kRead));
  const bool verbose = options.verbose || global.verbose;
  const std::string what = fmt::format("failed to list attributes for {} {}", options.noun(), options.shown());
  const Result<std::vector<std::string>> names = holder.names();
  if (!names.ok()) return output::failed(what, names.status());
  Result<std::vector<std::string>> values = std::vector<std::string>();
  if (verbose) values = holder.values(*names);
  if (!values.ok()) return output::failed(what, values.status());

  output::Answer answer{.text = fmt::format("Attributes for {} {}:\n", options.noun(), options.shown())};
  std::vector<output::Row> rows;
  answer.json = verbose ? output::Json::object() : output::Json::array();
  for (size_t i = 0; i < names->size(); i++) {
    const std::string& name = (*names)[i];
    rows.push_back({name});
    if (verbose) {
      rows.back().push_back((*values)[i]);
      answer.json[name] = output::base64((*values)[i]);
    } else {
      answer.json.push_back(name);
    }
  }
  if (rows.empty()) {
    answer.text += "  No attributes found.\n";
  } else {
    answer.text += output::table(verbose ? output::Row{"Name", "Value"} : output::Row{"Name"}, rows);
  }
  return answer;
}

}  // namespace

void add_attribute_list(arguments::Program& program, CLI::App& noun, HolderKind kind, const Global& global) {
  auto options = std::make_shared<AttributeOptions>(AttributeOptions{.kind = kind});
  CLI::App& verb = program.verb(noun, "list-attr", {"list-attrs", "lsattr"}, "List user attributes",
                                [options, &global] { return list(*options, global); });
  options->add_to(verb);
  verb.add_flag("-V,--verbose", options->verbose, "With their values");
}

}  // namespace daos::cli
