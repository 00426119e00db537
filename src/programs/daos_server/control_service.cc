#include "programs/daos_server/control_service.h"

#include <algorithm>

#include "model/messages/property_numbers.h"
#include "programs/control/grpc_status.h"
#include "programs/local/pool_sizing.h"
#include "programs/properties/pool_properties.h"

namespace daos::program {
namespace {

constexpr Duration kAskLimit = std::chrono::minutes(2);  // when the client gave no deadline

std::string_view state_text(messages::MemberState state) {
  switch (state) {
    case messages::MemberState::kJoined:
      return "joined";
    case messages::MemberState::kStopped:
      return "stopped";
    case messages::MemberState::kExcluded:
      return "excluded";
    case messages::MemberState::kUnknown:
      break;
  }
  return "unresponsive";
}

void describe(const messages::PoolSummary& summary, control::PoolQueryReply& reply) {
  reply.set_uuid(summary.pool.to_string());
  reply.set_label(summary.label);
  reply.set_state("Ready");
  for (const map::Rank rank : summary.service_ranks) reply.add_service_ranks(rank.value());
  for (const map::Rank rank : summary.ranks) reply.add_ranks(rank.value());
  if (!summary.service_ranks.empty()) reply.set_service_leader(summary.service_ranks.front().value());
}

}  // namespace

Duration ControlService::remaining(grpc::ServerContext* context) {
  const auto left = std::chrono::duration_cast<Duration>(context->deadline() - std::chrono::system_clock::now());
  return std::min(left, kAskLimit);
}

Result<messages::PoolSummary> ControlService::find_pool(grpc::ServerContext* context, const std::string& name) {
  const messages::PoolListReply pools = DX_TRY(ask(context, messages::PoolListRequest()));
  for (const messages::PoolSummary& pool : pools.pools) {
    if (pool.label == name || pool.pool.to_string() == name) return pool;
  }
  return error(Code::kNonexistent, "there is no pool {}", name);
}

Uuid ControlService::random_uuid() {
  runtime::Rng rng(runtime::system_seed());
  return rng.uuid();
}

grpc::Status ControlService::SystemQuery(grpc::ServerContext* context, const control::SystemQueryRequest*,
                                         control::SystemQueryReply* reply) {
  const Result<messages::SystemQueryReply> answer = ask(context, messages::SystemQueryRequest());
  if (!answer.ok()) return control::to_grpc(answer.status());
  reply->set_uuid(answer->system.to_string());
  reply->set_name(answer->name);
  reply->set_provider(answer->provider);
  reply->set_build(answer->build);
  for (const messages::Member& member : answer->members) {
    control::Member& row = *reply->add_members();
    row.set_rank(member.rank.value());
    row.set_uuid(member.engine.to_string());
    row.set_address(fmt::format("{}:{}", member.address.host, member.address.system_port));
    row.set_state(std::string(state_text(member.state)));
    row.set_fault_domain(fmt::format("/engine-{}", member.rank));  // each is a node of its own in the pool map
    row.set_incarnation(member.incarnation);
    row.set_targets(static_cast<uint32_t>(member.address.target_ports.size()));
    row.set_memory_bytes(member.memory_bytes);
    row.set_disk_bytes(member.disk_bytes);
  }
  return grpc::Status::OK;
}

grpc::Status ControlService::PoolCreate(grpc::ServerContext* context, const control::PoolCreateRequest* request,
                                        control::PoolCreateReply* reply) {
  return control::to_grpc(create_pool(context, *request, *reply));
}

Status ControlService::create_pool(grpc::ServerContext* context, const control::PoolCreateRequest& request,
                                   control::PoolCreateReply& reply) {
  properties::PoolSettings settings = DX_TRY(
      properties::parse_pool_properties({request.properties().begin(), request.properties().end()}, request.label()));
  if (!request.user().empty())
    messages::set_property(settings.properties, {.type = messages::kPoolOwner, .text = request.user()});
  if (!request.group().empty())
    messages::set_property(settings.properties, {.type = messages::kPoolOwnerGroup, .text = request.group()});
  if (!request.acl().empty())
    messages::set_property(settings.properties, {.type = messages::kPoolAcl, .text = request.acl()});

  const messages::SystemQueryReply members = DX_TRY(ask(context, messages::SystemQueryRequest()));
  const messages::PoolListReply pools = DX_TRY(ask(context, messages::PoolListRequest()));
  for (const messages::PoolSummary& pool : pools.pools) {
    if (pool.label == request.label())
      return error(Code::kExists, "there is a pool with the label {} already", pool.label);
  }
  const local::PoolPlan plan = DX_TRY(local::plan_pool(
      {.total_bytes = request.total_bytes(),
       .percent_hundredths = request.percent_hundredths(),
       .tier_bytes = {request.tier_bytes().begin(), request.tier_bytes().end()},
       .tier_ratio_hundredths = {request.tier_ratio_hundredths().begin(), request.tier_ratio_hundredths().end()},
       .ranks = {request.ranks().begin(), request.ranks().end()},
       .rank_count = request.rank_count(),
       .piece_bytes = system_.state().devices > 0 ? vos::kDevicePieceBytes : 0},
      members.members, pools.pools));
  const messages::PoolSummary made =
      DX_TRY(ask(context, messages::PoolCreateRequest{.pool = random_uuid(),
                                                      .label = request.label(),
                                                      .ranks = plan.ranks,
                                                      .tier_bytes_per_engine = {plan.tier_bytes[0], plan.tier_bytes[1]},
                                                      .durability = settings.durability,
                                                      .properties = std::move(settings.properties)}));
  reply.set_uuid(made.pool.to_string());
  for (const map::Rank rank : made.service_ranks) reply.add_service_ranks(rank.value());
  if (!made.service_ranks.empty()) reply.set_service_leader(made.service_ranks.front().value());
  for (const map::Rank rank : made.ranks) reply.add_ranks(rank.value());
  for (const uint64_t bytes : made.tier_bytes_per_engine) reply.add_tier_bytes(bytes);
  return {};
}

grpc::Status ControlService::PoolDestroy(grpc::ServerContext* context, const control::PoolDestroyRequest* request,
                                         control::PoolDestroyReply*) {
  const Result<messages::Nothing> answer = ask(context, messages::PoolDestroyRequest{.operation = random_uuid(),
                                                                                     .pool = request->pool(),
                                                                                     .recursive = request->recursive(),
                                                                                     .force = request->force()});
  return control::to_grpc(answer.status());
}

Status ControlService::query_pool(grpc::ServerContext* context, const messages::PoolSummary& summary,
                                  control::PoolQueryReply& reply) {
  describe(summary, reply);
  const messages::PoolInfo info =
      DX_TRY(ask(context, messages::PoolQueryRequest{.pool = summary.pool, .with_space = true}));
  reply.set_total_targets(info.targets);
  reply.set_disabled_targets(info.targets_disabled);
  reply.set_total_engines(info.engines);
  reply.set_version(info.map_version.value());
  reply.set_service_leader(info.leader.value());
  for (size_t tier = 0; tier < messages::kTiers; tier++) {
    const messages::TierSpace& space = info.space.tiers[tier];
    if (tier > 0 && space.total == 0) continue;
    control::Tier& row = *reply.add_tiers();
    row.set_total(space.total);
    row.set_free(space.free);
    row.set_min(info.free_min[tier]);
    row.set_max(info.free_max[tier]);
    row.set_mean(info.targets == 0 ? 0 : space.free / info.targets);
  }
  return {};
}

grpc::Status ControlService::PoolList(grpc::ServerContext* context, const control::PoolListRequest* request,
                                      control::PoolListReply* reply) {
  const Result<messages::PoolListReply> answer = ask(context, messages::PoolListRequest());
  if (!answer.ok()) return control::to_grpc(answer.status());
  for (const messages::PoolSummary& summary : answer->pools) {
    control::PoolQueryReply pool;
    if (request->no_query()) {
      describe(summary, pool);
    } else if (const Status queried = query_pool(context, summary, pool); !queried.ok()) {
      reply->add_warnings(fmt::format("Query on pool \"{}\" unsuccessful, error: {}", summary.label, queried));
      continue;
    }
    *reply->add_pools() = std::move(pool);
  }
  return grpc::Status::OK;
}

grpc::Status ControlService::PoolQuery(grpc::ServerContext* context, const control::PoolQueryRequest* request,
                                       control::PoolQueryReply* reply) {
  const Result<messages::PoolSummary> found = find_pool(context, request->pool());
  return control::to_grpc(found.ok() ? query_pool(context, *found, *reply) : found.status());
}

}  // namespace daos::program
