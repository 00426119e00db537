#include "programs/arguments/values.h"
#include "programs/dmg/pool_acl.h"

namespace daos::dmg {
namespace {

struct Options {
  std::string pool;
  std::string file;
  std::string entry;
};

Result<output::Answer> update_acl(const Options& options) {
  DX_TRY(arguments::check_label_or_uuid(options.pool));
  if (options.entry.empty() && options.file.empty()) {
    return Status(Code::kInvalid, "either ACL file or entry parameter is required");
  }
  control::PoolChangeAclRequest request;
  request.set_pool(options.pool);
  request.set_merge(DX_TRY(acl::from_options(options.entry, options.file)).bytes());
  return change_acl("Pool-update-ACL", request);
}

}  // namespace

void add_pool_update_acl(arguments::Program& program, CLI::App& pool) {
  auto options = std::make_shared<Options>();
  CLI::App& verb = program.verb(pool, "update-acl", {}, "Add or change entries of a pool's list",
                                [options] { return update_acl(*options); });
  verb.add_option("POOL", options->pool, "Label or uuid")->required();
  verb.add_option("-e,--entry", options->entry, "One entry, such as A::alice@:rw");
  verb.add_option("-a,--acl-file", options->file, "Or a file with one entry a line");
}

}  // namespace daos::dmg
