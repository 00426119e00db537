#include "programs/arguments/values.h"
#include "programs/dmg/verbs.h"
#include "programs/properties/pool_properties.h"

namespace daos::dmg {
namespace {

struct Options {
  std::string pool;
  std::string keys;
};

Result<output::Answer> get_prop(const Options& options) {
  DX_TRY(arguments::check_label_or_uuid(options.pool));
  control::PoolGetPropertiesRequest request;
  request.set_pool(options.pool);
  const Result<control::PoolGetPropertiesReply> reply = ask(&control::Client::pool_get_properties, request);
  if (!reply.ok()) return output::failed("pool get-prop failed", reply.status());
  messages::Properties properties;
  for (const control::PoolProperty& row : reply->properties()) {
    properties.push_back({.type = row.type(), .number = row.number(), .text = row.text()});
  }
  const std::vector<properties::Shown> rows =
      DX_TRY(properties::pick(properties::show_pool(properties, {}), options.keys));
  return output::Answer{.text = fmt::format("Pool {} properties:\n{}", options.pool, properties::shown_text(rows)),
                        .json = properties::shown_json(rows)};
}

}  // namespace

void add_pool_get_prop(arguments::Program& program, CLI::App& pool) {
  auto options = std::make_shared<Options>();
  CLI::App& verb =
      program.verb(pool, "get-prop", {"getprop"}, "Show a pool's properties", [options] { return get_prop(*options); });
  verb.add_option("POOL", options->pool, "Label or uuid")->required();
  verb.add_option("PROPERTIES", options->keys, "key[,key...] (default: all)");
}

}  // namespace daos::dmg
