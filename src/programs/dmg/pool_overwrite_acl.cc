#include "programs/arguments/values.h"
#include "programs/dmg/pool_acl.h"

namespace daos::dmg {
namespace {

struct Options {
  std::string pool;
  std::string file;
};

Result<output::Answer> overwrite_acl(const Options& options) {
  DX_TRY(arguments::check_label_or_uuid(options.pool));
  control::PoolChangeAclRequest request;
  request.set_pool(options.pool);
  request.set_overwrite(DX_TRY(acl::read_file(options.file)).bytes());
  return change_acl("Pool-overwrite-ACL", request);
}

}  // namespace

void add_pool_overwrite_acl(arguments::Program& program, CLI::App& pool) {
  auto options = std::make_shared<Options>();
  CLI::App& verb = program.verb(pool, "overwrite-acl", {"replace"}, "Put a new list in the place of a pool's",
                                [options] { return overwrite_acl(*options); });
  verb.add_option("POOL", options->pool, "Label or uuid")->required();
  verb.add_option("-a,--acl-file", options->file, "One entry a line, such as A::alice@:rw")->required();
}

}  // namespace daos::dmg
