#include "programs/acl/acl_list.h"
#include "programs/arguments/values.h"
#include "programs/dmg/verbs.h"

namespace daos::dmg {
namespace {

struct Options {
  std::string pool;
  std::string container;
  std::string user;
  std::string group;
};

Result<output::Answer> set_owner(const Options& options) {
  DX_TRY(arguments::check_label_or_uuid(options.pool));
  DX_TRY(arguments::check_label_or_uuid(options.container));
  if (options.user.empty() && options.group.empty()) {
    return Status(Code::kInvalid, "at least one of user or group must be supplied");
  }
  control::ContainerSetOwnerRequest request;
  request.set_pool(options.pool);
  request.set_container(options.container);
  request.set_user(acl::as_principal(options.user));
  request.set_group(acl::as_principal(options.group));
  const Status status = ask(&control::Client::container_set_owner, request).status();
  if (!status.ok()) return output::failed("Container-set-owner command failed", status);
  return output::Answer{.text = "Container-set-owner command succeeded\n"};
}

}  // namespace

void add_container_set_owner(arguments::Program& program, CLI::App& container) {
  auto options = std::make_shared<Options>();
  CLI::App& verb = program.verb(container, "set-owner", {"chown"}, "Give a container to another user or group",
                                [options] { return set_owner(*options); });
  verb.add_option("POOL", options->pool, "The pool's label or uuid")->required();
  verb.add_option("CONTAINER", options->container, "Label or uuid")->required();
  verb.add_option("-u,--user", options->user, "As in alice@");
  verb.add_option("-g,--group", options->group, "As in users@");
}

}  // namespace daos::dmg
