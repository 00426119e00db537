#include "programs/dmg/verbs.h"

namespace daos::dmg {
namespace {

Result<output::Answer> query(bool down_replicas) {
  const Result<control::SystemQueryReply> reply = ask(&control::Client::system_query, control::SystemQueryRequest());
  if (!reply.ok()) return output::failed("leader query failed", reply.status());
  // The system service lives on rank 0, alone; whoever answered has reached it.
  std::string leader;
  for (const control::Member& member : reply->members()) {
    if (member.rank() == 0) leader = member.address();
  }
  if (down_replicas) {
    return output::Answer{.text = "Unresponsive Replicas: \n", .json = {{"down_replicas", output::Json::array()}}};
  }
  return output::Answer{
      .text = fmt::format("Current Leader: {}\n   Replica Set: {}\n", leader, leader),
      .json = {{"current_leader", leader}, {"replicas", {leader}}, {"down_replicas", output::Json::array()}}};
}

}  // namespace

void add_system_leader_query(arguments::Program& program, CLI::App& system) {
  auto down = std::make_shared<bool>(false);
  CLI::App& verb = program.verb(system, "leader-query", {}, "Show which engine leads the system's service",
                                [down] { return query(*down); });
  verb.add_flag("-N,--down-replicas", *down, "Only replicas that do not answer");
}

}  // namespace daos::dmg
