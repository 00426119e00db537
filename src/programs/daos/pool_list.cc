#include <cstdlib>

#include "programs/daos/pool_view.h"
#include "programs/daos/verbs.h"

namespace daos::cli {
namespace {

struct Options {
  bool verbose = false;
  bool no_query = false;
};

Result<std::vector<output::PoolView>> known_pools(const Global& global) {
  const char* group = global.system.empty() ? nullptr : global.system.c_str();
  std::vector<daos_mgmt_pool_info_t> infos;
  daos_size_t count = 0;
  DX_TRY(from_api(daos_mgmt_list_pools(group, &count, nullptr, nullptr)));
  while (count > 0) {
    infos.assign(count, {});
    const int rc = daos_mgmt_list_pools(group, &count, infos.data(), nullptr);
    if (rc == -DER_OVERFLOW || rc == -DER_TRUNC) continue;  // one was made in between
    DX_TRY(from_api(rc));
    break;
  }
  infos.resize(count);
  std::vector<output::PoolView> views;
  for (daos_mgmt_pool_info_t& info : infos) {
    output::PoolView view{.uuid = from_api(info.mgpi_uuid).to_string(),
                          .label = info.mgpi_label ? info.mgpi_label : ""};
    for (uint32_t i = 0; info.mgpi_svc != nullptr && i < info.mgpi_svc->rl_nr; i++) {
      view.service_ranks.push_back(info.mgpi_svc->rl_ranks[i]);
    }
    std::free(info.mgpi_label);
    d_rank_list_free(info.mgpi_svc);
    views.push_back(std::move(view));
  }
  return views;
}

Result<output::PoolView> queried(const std::string& uuid, const Global& global) {
  const Pool pool = DX_TRY(Pool::connect(uuid, DAOS_PC_RO, global.system));
  return view_of(DX_TRY(pool.query()));
}

Result<output::Answer> list(const Options& options, const Global& global) {
  const Library library = DX_TRY(Library::open());
  std::vector<output::PoolView> shown;
  output::Json pools = output::Json::array();
  for (output::PoolView& known : DX_TRY(known_pools(global))) {
    if (options.no_query) {
      pools.push_back({{"uuid", known.uuid}, {"label", known.label}, {"state", known.state}});
      shown.push_back(std::move(known));
      continue;
    }
    Result<output::PoolView> view = queried(known.uuid, global);
    if (!view.ok()) {
      fmt::print(stderr, "Query on pool \"{}\" unsuccessful, error: {}\n", known.label, view.status());
      continue;
    }
    view->service_ranks = known.service_ranks;
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
