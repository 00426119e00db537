#include "programs/arguments/values.h"
#include "programs/dmg/verbs.h"
#include "programs/output/target_view.h"

namespace daos::dmg {
namespace {

struct Options {
  std::string pool;
  uint32_t rank = 0;
  std::string targets;
};

Result<output::Answer> query(const Options& options) {
  DX_TRY(arguments::check_label_or_uuid(options.pool));
  control::PoolQueryTargetsRequest request;
  request.set_pool(options.pool);
  request.set_rank(options.rank);
  if (!options.targets.empty()) {
    for (const uint32_t target : DX_TRY(arguments::parse_ranks(options.targets).within("--target-idx"))) {
      request.add_targets(target);
    }
  }
  const Result<control::PoolQueryTargetsReply> reply = ask(&control::Client::pool_query_targets, request);
  if (!reply.ok()) return output::failed("pool query-targets failed", reply.status());
  std::vector<output::TargetView> views;
  for (const control::TargetSpace& target : reply->targets()) {
    output::TargetView view{.state = target.state(), .tiers = {}};
    for (const control::Tier& tier : target.tiers()) view.tiers.push_back({.total = tier.total(), .free = tier.free()});
    views.push_back(std::move(view));
  }
  return output::Answer{.text = output::targets_text(views),
                        .json = {{"status", 0}, {"Infos", output::targets_json(views)}}};
}

}  // namespace

void add_pool_query_targets(arguments::Program& program, CLI::App& pool) {
  auto options = std::make_shared<Options>();
  CLI::App& verb = program.verb(pool, "query-targets", {}, "Show state and space of an engine's targets in a pool",
                                [options] { return query(*options); });
  verb.add_option("POOL", options->pool, "Label or uuid")->required();
  verb.add_option("--rank", options->rank, "The engine")->required();
  verb.add_option("--target-idx", options->targets, "Only these, as in 0-3,5 (default: all)");
}

}  // namespace daos::dmg
