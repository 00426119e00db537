#include "programs/arguments/values.h"
#include "programs/daos/pool_view.h"
#include "programs/daos/verbs.h"

namespace daos::cli {
namespace {

struct Options {
  std::string pool;
  bool show_enabled = false;
  bool health_only = false;
};

Result<output::Answer> query(const Options& options, const Global& global) {
  DX_TRY(arguments::check_pool(options.pool));
  const Library library = DX_TRY(Library::open());
  const Pool pool = DX_TRY(Pool::connect(options.pool, DAOS_PC_RO, global.system));
  const output::PoolView view = view_of(DX_TRY(pool.query()));
  const output::QueryShown shown{.enabled_ranks = options.show_enabled, .space = !options.health_only};
  output::Json json = output::pool_json(view, shown);
  if (shown.space) json["usage"] = output::usage_json(view);
  return output::Answer{.text = output::query_text(view, shown), .json = std::move(json)};
}

}  // namespace

void add_pool_query(arguments::Program& program, CLI::App& pool, const Global& global) {
  auto options = std::make_shared<Options>();
  CLI::App& verb = program.verb(pool, "query", {}, "Show a pool's health and space",
                                [options, &global] { return query(*options, global); });
  verb.add_option("POOL", options->pool, "Label or uuid")->required();
  verb.add_flag("-e,--show-enabled", options->show_enabled, "Show the ranks that are in use");
  verb.add_flag("-t,--health-only", options->health_only, "Leave the space out");
}

}  // namespace daos::cli
