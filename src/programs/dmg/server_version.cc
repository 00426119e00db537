#include "programs/dmg/verbs.h"

namespace daos::dmg {

void add_server_version(arguments::Program& program) {
  program.verb(program.app(), "server-version", {}, "Show the servers' version", []() -> Result<output::Answer> {
    const Result<control::SystemQueryReply> reply = ask(&control::Client::system_query, control::SystemQueryRequest());
    if (!reply.ok()) return reply.status();
    return output::Answer{.text = fmt::format("DAOS Control Server version {}\n", reply->build()),
                          .json = {{"name", "DAOS Control Server"}, {"version", reply->build()}}};
  });
}

}  // namespace daos::dmg
