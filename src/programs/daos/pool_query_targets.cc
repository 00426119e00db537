#include "programs/arguments/values.h"
#include "programs/daos/session.h"
#include "programs/daos/verbs.h"
#include "programs/output/target_view.h"

namespace daos::cli {
namespace {

struct Options {
  std::string pool;
  uint32_t rank = 0;
  std::string targets;
};

output::TargetView view_of(const daos_target_info_t& info) {
  output::TargetView view{.state = info.ta_state};
  for (size_t tier = 0; tier < DAOS_MEDIA_MAX; tier++) {
    if (tier > 0 && info.ta_space.s_total[tier] == 0) continue;
    view.tiers.push_back({.total = info.ta_space.s_total[tier], .free = info.ta_space.s_free[tier]});
  }
  return view;
}

Result<output::Answer> query(const Options& options, const Global& global) {
  DX_TRY(arguments::check_pool(options.pool));
  std::vector<uint32_t> wanted;
  if (!options.targets.empty()) wanted = DX_TRY(arguments::parse_ranks(options.targets).within("--target-idx"));
  const Library library = DX_TRY(Library::open());
  const Pool pool = DX_TRY(Pool::connect(options.pool, DAOS_PC_RO, global.system));
  std::vector<output::TargetView> views;
  // Without a list, all that the engine has: the first one that is not there ends it.
  for (uint32_t i = 0; wanted.empty() || i < wanted.size(); i++) {
    const uint32_t target = wanted.empty() ? i : wanted[i];
    daos_target_info_t info{};
    const Status status = from_api(daos_pool_query_target(pool.handle(), target, options.rank, &info, nullptr));
    if (status.code() == Code::kNonexistent && wanted.empty() && i > 0) break;
    if (!status.ok()) {
      return output::failed(fmt::format("failed to query target {} of rank {}", target, options.rank), status);
    }
    views.push_back(view_of(info));
  }
  return output::Answer{.text = output::targets_text(views), .json = output::targets_json(views)};
}

}  // namespace

void add_pool_query_targets(arguments::Program& program, CLI::App& pool, const Global& global) {
  auto options = std::make_shared<Options>();
  CLI::App& verb = program.verb(pool, "query-targets", {}, "Show state and space of an engine's targets in a pool",
                                [options, &global] { return query(*options, global); });
  verb.add_option("POOL", options->pool, "Label or uuid")->required();
  verb.add_option("--rank", options->rank, "The engine")->required();
  verb.add_option("--target-idx", options->targets, "Only these, as in 0-3,5 (default: all)");
}

}  // namespace daos::cli
