// Of the Control service: what looks into a pool's properties and rights, and changes them.
#include "model/messages/administration.h"
#include "model/messages/pool_properties.h"
#include "model/messages/property_numbers.h"
#include "model/rights/permissions.h"
#include "programs/control/grpc_status.h"
#include "programs/daos_server/control_service.h"
#include "programs/properties/pool_properties.h"

namespace daos::program {
namespace {

void describe(const messages::TargetInfo& info, control::TargetSpace& row) {
  row.set_state(static_cast<uint32_t>(info.state));
  for (size_t tier = 0; tier < messages::kTiers; tier++) {
    if (tier > 0 && info.space.tiers[tier].total == 0) continue;
    control::Tier& space = *row.add_tiers();
    space.set_total(info.space.tiers[tier].total);
    space.set_free(info.space.tiers[tier].free);
  }
}

}  // namespace

grpc::Status ControlService::PoolQueryTargets(grpc::ServerContext* context,
                                              const control::PoolQueryTargetsRequest* request,
                                              control::PoolQueryTargetsReply* reply) {
  return control::to_grpc(query_targets(context, *request, *reply));
}

Status ControlService::query_targets(grpc::ServerContext* context, const control::PoolQueryTargetsRequest& request,
                                     control::PoolQueryTargetsReply& reply) {
  const messages::PoolSummary pool = DX_TRY(find_pool(context, request.pool()));
  const bool all = request.targets().empty();
  // Without a list, all that the engine has: the first one that is not there ends it.
  for (uint32_t i = 0; all || i < static_cast<uint32_t>(request.targets_size()); i++) {
    const uint32_t target = all ? i : request.targets(static_cast<int>(i));
    const Result<messages::TargetInfo> info =
        ask(context, messages::TargetQueryRequest{
                         .pool = pool.pool, .handle = {}, .rank = map::Rank(request.rank()), .target = target});
    if (info.code() == Code::kNonexistent && all && i > 0) break;
    if (!info.ok()) return info.status();
    describe(*info, *reply.add_targets());
  }
  return {};
}

grpc::Status ControlService::PoolGetProperties(grpc::ServerContext* context,
                                               const control::PoolGetPropertiesRequest* request,
                                               control::PoolGetPropertiesReply* reply) {
  const Result<messages::PoolSummary> pool = find_pool(context, request->pool());
  if (!pool.ok()) return control::to_grpc(pool.status());
  const Result<messages::PoolInfo> info = ask(context, messages::PoolQueryRequest{.pool = pool->pool, .handle = {}});
  if (!info.ok()) return control::to_grpc(info.status());
  for (const messages::Property& property : messages::all_pool_properties(*info)) {
    if (property.type == messages::kPoolAcl) continue;
    control::PoolProperty& row = *reply->add_properties();
    row.set_type(property.type);
    row.set_number(property.number);
    row.set_text(property.text);
  }
  return grpc::Status::OK;
}

grpc::Status ControlService::PoolSetProperties(grpc::ServerContext* context,
                                               const control::PoolSetPropertiesRequest* request,
                                               control::PoolSetPropertiesReply*) {
  return control::to_grpc(set_properties(context, *request));
}

Status ControlService::set_properties(grpc::ServerContext* context, const control::PoolSetPropertiesRequest& request) {
  messages::Properties changes =
      DX_TRY(properties::parse_pool_change({request.properties().begin(), request.properties().end()}));
  const messages::PoolSummary pool = DX_TRY(find_pool(context, request.pool()));
  DX_TRY(ask(context, messages::PoolChangeRequest{
                          .operation = random_uuid(), .pool = pool.pool, .properties = std::move(changes)}));
  return {};
}

grpc::Status ControlService::PoolGetAcl(grpc::ServerContext* context, const control::PoolGetAclRequest* request,
                                        control::PoolAclReply* reply) {
  return control::to_grpc(get_acl(context, request->pool(), *reply));
}

Status ControlService::get_acl(grpc::ServerContext* context, const std::string& name, control::PoolAclReply& reply) {
  const messages::PoolSummary pool = DX_TRY(find_pool(context, name));
  const messages::PoolInfo info = DX_TRY(ask(context, messages::PoolQueryRequest{.pool = pool.pool, .handle = {}}));
  const auto text = [&info](uint32_t type, std::string otherwise) {
    const messages::Property* property = messages::find_property(info.properties, type);
    return property != nullptr ? property->text : otherwise;
  };
  reply.set_acl(text(messages::kPoolAcl, rights::default_pool_acl().bytes()));
  reply.set_owner(text(messages::kPoolOwner, messages::kNobody));
  reply.set_group(text(messages::kPoolOwnerGroup, messages::kNobody));
  return {};
}

grpc::Status ControlService::PoolChangeAcl(grpc::ServerContext* context, const control::PoolChangeAclRequest* request,
                                           control::PoolAclReply* reply) {
  Status status = change_acl(context, *request);
  if (status.ok()) status = get_acl(context, request->pool(), *reply);
  return control::to_grpc(status);
}

Status ControlService::change_acl(grpc::ServerContext* context, const control::PoolChangeAclRequest& request) {
  const messages::PoolSummary pool = DX_TRY(find_pool(context, request.pool()));
  if (!request.overwrite().empty()) {
    DX_TRY(ask(context,
               messages::PoolChangeRequest{.operation = random_uuid(),
                                           .pool = pool.pool,
                                           .properties = {{.type = messages::kPoolAcl, .text = request.overwrite()}}}));
    return {};
  }
  DX_TRY(ask(context, messages::PoolAclRequest{.operation = random_uuid(),
                                               .pool = pool.pool,
                                               .change = {.merge = request.merge(),
                                                          .remove = request.remove(),
                                                          .principal = static_cast<uint8_t>(request.principal_type()),
                                                          .name = request.principal_name()}}));
  return {};
}

grpc::Status ControlService::PoolEvict(grpc::ServerContext* context, const control::PoolEvictRequest* request,
                                       control::PoolEvictReply*) {
  const Result<messages::PoolSummary> pool = find_pool(context, request->pool());
  if (!pool.ok()) return control::to_grpc(pool.status());
  return control::to_grpc(
      ask(context, messages::PoolEvictRequest{.operation = random_uuid(), .pool = pool->pool}).status());
}

grpc::Status ControlService::ContainerSetOwner(grpc::ServerContext* context,
                                               const control::ContainerSetOwnerRequest* request,
                                               control::ContainerSetOwnerReply*) {
  const Result<messages::PoolSummary> pool = find_pool(context, request->pool());
  if (!pool.ok()) return control::to_grpc(pool.status());
  return control::to_grpc(ask(context, messages::ContainerOwnerRequest{.operation = random_uuid(),
                                                                       .pool = pool->pool,
                                                                       .container = request->container(),
                                                                       .user = request->user(),
                                                                       .group = request->group()})
                              .status());
}

}  // namespace daos::program
