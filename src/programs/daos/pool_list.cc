#include "programs/daos/pool_names.h"
#include "programs/daos/verbs.h"

namespace daos::cli {
namespace {

struct Options {
  bool verbose = false;
  bool no_query = false;
};

Result<output::Answer> list(const Options& options, const Global& global) {
  const Library library = DX_TRY(Library::open_with_system());
  std::vector<output::PoolView> shown;
  output::Json pools = output::Json::array();
  for (output::PoolView& known : DX_TRY(known_pools(global.system))) {
    if (options.no_query) {
      pools.push_back({{"uuid", known.uuid}, {"label", known.label}, {"state", known.state}});
      shown.push_back(std::move(known));
      continue;
    }
    Result<output::PoolView> view = queried_pool(known, global.system);
    if (!view.ok()) {
      fmt::print(stderr, "Query on pool \"{}\" unsuccessful, error: {}\n", known.label, view.status());
      continue;
    }
    output::Json json = output::pool_json(*view, {});
    json["usage"] = output::usage_json(*view);
    pools.push_back(std::move(json));
    shown.push_back(std::move(*view));
  }
  const bool verbose = options.verbose || global.verbose;
  return output::Answer{.text = output::list_text(shown, {.verbose = verbose, .queried = !options.no_query}),
                        .json = {{"status", 0}, {"pools", std::move(pools)}}};
}

}  // namespace

void add_pool_list(arguments::Program& program, CLI::App& pool, const Global& global) {
  auto options = std::make_shared<Options>();
  CLI::App& verb = program.verb(pool, "list", {"ls"}, "List the pools that you may use",
                                [options, &global] { return list(*options, global); });
  verb.add_flag("-v,--verbose", options->verbose, "More columns");
  verb.add_flag("-n,--no-query", options->no_query, "Only names and states, without asking the engines");
}

}  // namespace daos::cli
