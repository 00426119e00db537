#include "programs/arguments/values.h"
#include "programs/dmg/verbs.h"

namespace daos::dmg {
namespace {

Result<output::Answer> evict(const std::string& pool) {
  DX_TRY(arguments::check_label_or_uuid(pool));
  control::PoolEvictRequest request;
  request.set_pool(pool);
  const Status status = ask(&control::Client::pool_evict, request).status();
  if (!status.ok()) return output::failed("Pool-evict command failed", status);
  return output::Answer{.text = "Pool-evict command succeeded\n"};
}

}  // namespace

void add_pool_evict(arguments::Program& program, CLI::App& pool) {
  auto name = std::make_shared<std::string>();
  CLI::App& verb = program.verb(pool, "evict", {}, "Close every handle that is open on a pool and its containers",
                                [name] { return evict(*name); });
  verb.add_option("POOL", *name, "Label or uuid")->required();
}

}  // namespace daos::dmg
