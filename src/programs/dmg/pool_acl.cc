#include "programs/dmg/pool_acl.h"

namespace daos::dmg {

acl::View view_of(const control::PoolAclReply& reply) {
  return {.entries = acl::entries_of(reply.acl()), .owner = reply.owner(), .group = reply.group()};
}

output::Json acl_json(const acl::View& view) { return {{"ACL", acl::json(view)}}; }

Result<output::Answer> change_acl(const std::string& command, const control::PoolChangeAclRequest& request) {
  const Result<control::PoolAclReply> reply = ask(&control::Client::pool_change_acl, request);
  if (!reply.ok()) return output::failed(command + " command failed", reply.status());
  const acl::View view = view_of(*reply);
  return output::Answer{.text = fmt::format("{} command succeeded, ID: {}\n\n{}", command, request.pool(),
                                            acl::text(view, acl::Comments::kNo)),
                        .json = acl_json(view)};
}

}  // namespace daos::dmg
