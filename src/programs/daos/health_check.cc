#include <daos_mgmt.h>

#include "platform/base/stamp.h"
#include "programs/daos/container_lookup.h"
#include "programs/daos/pool_names.h"
#include "programs/daos/server_version.h"
#include "programs/daos/verbs.h"
#include "programs/output/sizes.h"

namespace daos::cli {
namespace {

struct Options {
  bool verbose = false;
};

/// A pool with what could be learnt of it.
struct PoolHealth {
  output::PoolView view;
  Status status;  // of asking it
  std::vector<ContainerView> containers;
  std::vector<std::string> warnings;
};

struct SystemHealth {
  std::string name;
  std::string provider;
  std::vector<std::string> access_points;
  std::string server_version = "unknown (no pool to ask it through)";
  std::vector<PoolHealth> pools;
};

Status ask_system(SystemHealth& health, const Global& global) {
  daos_sys_info* asked = nullptr;
  DX_TRY(from_api(daos_mgmt_get_sys_info(global.system.empty() ? nullptr : global.system.c_str(), &asked)));
  const std::unique_ptr<daos_sys_info, void (*)(daos_sys_info*)> info(asked, daos_mgmt_put_sys_info);
  health.name = info->dsi_system_name;
  health.provider = info->dsi_fabric_provider;
  for (uint32_t i = 0; i < info->dsi_nr_ranks; i++) {
    for (uint32_t j = 0; j < info->dsi_nr_ms_ranks; j++) {
      if (info->dsi_ranks[i].dru_rank == info->dsi_ms_ranks[j])
        health.access_points.emplace_back(info->dsi_ranks[i].dru_uri);
    }
  }
  return {};
}

Status ask_pool(PoolHealth& health, std::string& version, const Global& global) {
  const Pool pool = DX_TRY(Pool::connect(health.view.uuid, DAOS_PC_RO, global.system));
  if (const Result<std::string> answer = server_version(); answer.ok()) version = *answer;
  health.view = DX_TRY(queried_pool(health.view, global.system));
  for (const daos_pool_cont_info& container : DX_TRY(pool.containers())) {
    const std::string uuid = from_api(container.pci_uuid).to_string();
    const Result<ContainerView> view = look_up(pool, health.view.uuid, uuid);
    if (view.ok()) {
      health.containers.push_back(*view);
    } else if (view.code() != Code::kNonexistent) {  // else destroyed meanwhile
      health.warnings.push_back(fmt::format("{}: cannot be opened: {}", uuid, view.status()));
    }
  }
  return {};
}

std::string state_text(const PoolHealth& pool) {
  if (!pool.status.ok()) return fmt::format("Unknown ({})", pool.status);
  const std::string state = pool.view.disabled_targets > 0 ? "TargetsExcluded" : "Healthy";
  uint64_t free = 0;
  for (const output::TierView& tier : pool.view.tiers) free += tier.free;
  return fmt::format("{} ({} Free)", state, output::decimal_size(free));
}

std::string pool_text(const PoolHealth& pool, bool verbose) {
  std::string text = fmt::format("  {}: {}\n", pool.view.label, state_text(pool));
  if (verbose && pool.status.ok()) {
    text +=
        fmt::format("    Targets: {} of {} in use, map version {}\n",
                    pool.view.total_targets - pool.view.disabled_targets, pool.view.total_targets, pool.view.version);
  }
  if (!pool.status.ok()) return text;
  text += "    Container Status\n";
  for (const ContainerView& container : pool.containers) {
    const std::string& name = container.label.empty() ? container.uuid : container.label;
    text += fmt::format("      {}: {}{}\n", name, container.healthy ? "Healthy" : "Unclean",
                        pool.view.disabled_targets > 0 ? " (Pool TargetsExcluded)" : "");
    if (verbose) {
      text += fmt::format("        Type: {}, open handles: {}\n", container.type, container.handles - 1);
    }
  }
  for (const std::string& warning : pool.warnings) text += fmt::format("      {}\n", warning);
  if (pool.containers.empty() && pool.warnings.empty()) text += "      No containers in pool.\n";
  return text;
}

output::Answer shown(const SystemHealth& health, bool verbose) {
  std::vector<std::string> points;
  for (const std::string& point : health.access_points) points.push_back("\"" + point + "\"");
  output::Answer answer{
      .text = fmt::format("Checking DAOS system: {}\nComponent Build Information\n  Server: {}\n  Client: {}\n",
                          health.name, health.server_version, build_string())};
  if (verbose) answer.text += fmt::format("Client Library Information\n  libdaos: {}\n", build_string());
  answer.text += fmt::format("System Information\n  System Name: {}\n  Fabric Provider: {}\n  Access Points: [{}]\n",
                             health.name, health.provider, fmt::join(points, ", "));
  answer.text += "Pool Status\n";
  output::Json pools = output::Json::object();
  output::Json containers = output::Json::object();
  for (const PoolHealth& pool : health.pools) {
    answer.text += pool_text(pool, verbose);
    if (!pool.status.ok()) continue;
    pools[pool.view.uuid] = output::pool_json(pool.view, {});
    containers[pool.view.uuid] = output::Json::array();
    for (const ContainerView& container : pool.containers) {
      containers[pool.view.uuid].push_back(container_json(container));
    }
  }
  if (health.pools.empty()) answer.text += "  No pools in system.\n";
  answer.json = {{"system_info",
                  {{"system_name", health.name},
                   {"fabric_provider", health.provider},
                   {"access_point_rank_uris", health.access_points}}},
                 {"component_build_info",
                  {{"server", {{"version", health.server_version}}}, {"client", {{"version", build_string()}}}}},
                 {"pools", std::move(pools)},
                 {"pool_containers", std::move(containers)}};
  return answer;
}

Result<output::Answer> check(const Options& options, const Global& global) {
  const Library library = DX_TRY(Library::open_with_system());
  SystemHealth health;
  DX_TRY(ask_system(health, global));
  for (output::PoolView& known : DX_TRY(known_pools(global.system))) {
    PoolHealth pool{.view = std::move(known), .status = {}, .containers = {}, .warnings = {}};
    pool.status = ask_pool(pool, health.server_version, global);
    health.pools.push_back(std::move(pool));
  }
  return shown(health, options.verbose || global.verbose);
}

}  // namespace

void add_health_check(arguments::Program& program, CLI::App& health, const Global& global) {
  auto options = std::make_shared<Options>();
  CLI::App& verb = program.verb(health, "check", {}, "Show how the system, its pools and containers are",
                                [options, &global] { return check(*options, global); });
  verb.add_flag("-v,--verbose", options->verbose, "More of each");
}

}  // namespace daos::cli
