#include "programs/arguments/values.h"
#include "programs/dmg/pool_text.h"
#include "programs/dmg/verbs.h"

namespace daos::dmg {
namespace {

struct Options {
  std::string pool;
  bool health_only = false;
  bool show_enabled = false;
};

Result<output::Answer> query(const Options& options) {
  DX_TRY(arguments::check_label_or_uuid(options.pool));
  control::PoolQueryRequest request;
  request.set_pool(options.pool);
  const Result<control::PoolQueryReply> reply = ask(&control::Client::pool_query, request);
  if (!reply.ok()) return reply.status();
  const output::PoolView view = view_of(*reply);
  const output::QueryShown shown{.enabled_ranks = options.show_enabled, .space = !options.health_only};
  output::Json json = output::pool_json(view, shown);
  json["status"] = 0;
  return output::Answer{.text = output::query_text(view, shown), .json = std::move(json)};
}

}  // namespace

void add_pool_query(arguments::Program& program, CLI::App& pool) {
  auto options = std::make_shared<Options>();
  CLI::App& verb =
      program.verb(pool, "query", {}, "Show a pool's health and space", [options] { return query(*options); });
  verb.add_option("POOL", options->pool, "Label or uuid")->required();
  verb.add_flag("-t,--health-only", options->health_only, "Leave the space out");
  verb.add_flag("-e,--show-enabled", options->show_enabled, "Show the ranks that are in use");
}

}  // namespace daos::dmg
