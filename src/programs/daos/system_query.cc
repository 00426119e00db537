#include <daos_mgmt.h>

#include "programs/daos/session.h"
#include "programs/daos/verbs.h"

namespace daos::cli {
namespace {

struct Options {
  bool verbose = false;
};

using Info = std::unique_ptr<daos_sys_info, void (*)(daos_sys_info*)>;

std::string uri_of(const daos_sys_info& info, uint32_t rank) {
  for (uint32_t i = 0; i < info.dsi_nr_ranks; i++) {
    if (info.dsi_ranks[i].dru_rank == rank) return info.dsi_ranks[i].dru_uri;
  }
  return "unknown";
}

Result<output::Answer> query(const Options& options, const Global& global) {
  const Library library = DX_TRY(Library::open_with_system());
  daos_sys_info* asked = nullptr;
  DX_TRY(from_api(daos_mgmt_get_sys_info(global.system.empty() ? nullptr : global.system.c_str(), &asked)));
  const Info info(asked, daos_mgmt_put_sys_info);

  output::Answer answer{.text = fmt::format("connected to DAOS system:\n\tname: {}\n\tfabric provider: {}\n",
                                            info->dsi_system_name, info->dsi_fabric_provider)};
  answer.text += "\taccess point ranks:\n";
  output::Json access_points = output::Json::array();
  for (uint32_t i = 0; i < info->dsi_nr_ms_ranks; i++) {
    const std::string uri = uri_of(*info, info->dsi_ms_ranks[i]);
    answer.text += fmt::format("\t\trank[{}]: {}\n", info->dsi_ms_ranks[i], uri);
    access_points.push_back(uri);
  }
  const bool verbose = options.verbose || global.verbose;
  if (verbose) answer.text += "\trank URIs:\n";
  output::Json ranks = output::Json::array();
  for (uint32_t i = 0; i < info->dsi_nr_ranks; i++) {
    const daos_rank_uri& rank = info->dsi_ranks[i];
    if (verbose) answer.text += fmt::format("\t\trank[{}]: {}\n", rank.dru_rank, rank.dru_uri);
    ranks.push_back({{"rank", rank.dru_rank}, {"uri", rank.dru_uri}});
  }
  answer.json = {{"system_name", info->dsi_system_name},
                 {"fabric_provider", info->dsi_fabric_provider},
                 {"agent_path", info->dsi_agent_path},
                 {"rank_uris", std::move(ranks)},
                 {"access_point_rank_uris", std::move(access_points)}};
  return answer;
}

}  // namespace

void add_system_query(arguments::Program& program, CLI::App& system, const Global& global) {
  auto options = std::make_shared<Options>();
  CLI::App& verb = program.verb(system, "query", {}, "Show the system that this machine is connected to",
                                [options, &global] { return query(*options, global); });
  verb.add_flag("-v,--verbose", options->verbose, "Every rank's address as well");
}

}  // namespace daos::cli
