#include "programs/arguments/values.h"
#include "programs/dmg/pool_acl.h"

namespace daos::dmg {
namespace {

struct Options {
  std::string pool;
  std::string principal;
};

Result<output::Answer> delete_acl(const Options& options) {
  DX_TRY(arguments::check_label_or_uuid(options.pool));
  const acl::Principal principal = DX_TRY(acl::parse_principal(options.principal));
  control::PoolChangeAclRequest request;
  request.set_pool(options.pool);
  request.set_remove(true);
  request.set_principal_type(principal.type);
  request.set_principal_name(principal.name);
  return change_acl("Pool-delete-ACL", request);
}

}  // namespace

void add_pool_delete_acl(arguments::Program& program, CLI::App& pool) {
  auto options = std::make_shared<Options>();
  CLI::App& verb = program.verb(pool, "delete-acl", {}, "Delete an entry of a pool's list",
                                [options] { return delete_acl(*options); });
  verb.add_option("POOL", options->pool, "Label or uuid")->required();
  verb.add_option("-p,--principal", options->principal, "Whose: u:NAME@, g:NAME@, OWNER@, GROUP@ or EVERYONE@")
      ->required();
}

}  // namespace daos::dmg
