#include "programs/dmg/pool_text.h"
#include "programs/dmg/verbs.h"

namespace daos::dmg {
namespace {

struct Options {
  bool verbose = false;
  bool no_query = false;
  bool rebuild_only = false;
};

Result<output::Answer> list(const Options& options) {
  control::PoolListRequest request;
  request.set_no_query(options.no_query);
  Result<control::PoolListReply> reply = ask(&control::Client::pool_list, request);
  if (!reply.ok()) return reply.status();
  for (const std::string& warning : reply->warnings()) fmt::print(stderr, "{}\n", warning);
  if (options.rebuild_only) reply->clear_pools();  // nothing is ever rebuilding yet
  std::vector<output::PoolView> views;
  output::Json pools = output::Json::array();
  for (const control::PoolQueryReply& pool : reply->pools()) {
    views.push_back(view_of(pool));
    pools.push_back(options.no_query
                        ? output::Json{{"uuid", pool.uuid()}, {"label", pool.label()}, {"state", pool.state()}}
                        : output::pool_json(views.back(), {}));
  }
  return output::Answer{.text = output::list_text(views, {.verbose = options.verbose, .queried = !options.no_query}),
                        .json = {{"status", 0}, {"pools", std::move(pools)}}};
}

}  // namespace

void add_pool_list(arguments::Program& program, CLI::App& noun, const std::string& name,
                   const std::vector<std::string>& aliases) {
  auto options = std::make_shared<Options>();
  CLI::App& verb = program.verb(noun, name, aliases, "List the system's pools", [options] { return list(*options); });
  verb.add_flag("-v,--verbose", options->verbose, "More columns");
  verb.add_flag("-n,--no-query", options->no_query, "Only names and states, without asking the engines");
  verb.add_flag("-r,--rebuild-only", options->rebuild_only, "Only pools that are rebuilding");
}

}  // namespace daos::dmg
