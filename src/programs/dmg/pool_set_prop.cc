#include "programs/arguments/values.h"
#include "programs/dmg/verbs.h"

namespace daos::dmg {
namespace {

struct Options {
  std::string pool;
  std::string properties;
};

Result<output::Answer> set_prop(const Options& options) {
  DX_TRY(arguments::check_label_or_uuid(options.pool));
  control::PoolSetPropertiesRequest request;
  request.set_pool(options.pool);
  for (const auto& [key, value] : DX_TRY(arguments::parse_key_values(options.properties, "properties"))) {
    if (key == "label") DX_TRY(arguments::check_label(value));
    (*request.mutable_properties())[key] = value;
  }
  const Status status = ask(&control::Client::pool_set_properties, request).status();
  if (!status.ok()) return output::failed("pool set-prop failed", status);
  return output::Answer{.text = "pool set-prop succeeded\n"};
}

}  // namespace

void add_pool_set_prop(arguments::Program& program, CLI::App& pool) {
  auto options = std::make_shared<Options>();
  CLI::App& verb = program.verb(pool, "set-prop", {"setprop"}, "Change a pool's properties",
                                [options] { return set_prop(*options); });
  verb.add_option("POOL", options->pool, "Label or uuid")->required();
  verb.add_option("PROPERTIES", options->properties, "key:value[,key:value...]")->required();
}

}  // namespace daos::dmg
