#include "programs/acl/acl_list.h"
#include "programs/daos/container_choice.h"
#include "programs/daos/posix_options.h"

namespace daos::cli {
namespace {

constexpr uint32_t kLookUp = static_cast<uint32_t>(-1);  // daos_fs.h: the name says which number

struct Options {
  ContainerChoice choice;
  std::string user;
  std::string group;
  uint32_t uid = kLookUp;
  uint32_t gid = kLookUp;
  bool no_check = false;
};

Status check(const Options& options, bool posix) {
  if (!options.no_check && (options.uid != kLookUp || options.gid != kLookUp)) {
    return Status(Code::kInvalid, "--uid and --gid are for --no-check: otherwise the names say which they are");
  }
  if (!posix || !options.no_check) return {};
  const bool complete =
      (options.user.empty() || options.uid != kLookUp) && (options.group.empty() || options.gid != kLookUp);
  return complete ? Status()
                  : Status(Code::kInvalid,
                           "a container of type POSIX keeps numbers: with --no-check give --uid with --user, and --gid "
                           "with --group");
}

Result<output::Answer> set_owner(Options options, const Global& global) {
  if (options.user.empty() && options.group.empty()) {
    return Status(Code::kInvalid, "at least one of user or group must be supplied");
  }
  DX_TRY(options.choice.settle());
  options.user = acl::as_principal(options.user);
  options.group = acl::as_principal(options.group);
  const OpenContainer opened = DX_TRY(open_chosen(options.choice, global, DAOS_PC_RO, DAOS_COO_RW));
  const Container::Info info = DX_TRY(opened.container.query());
  const bool posix = info.layout == DAOS_PROP_CO_LAYOUT_POSIX;
  DX_TRY(check(options, posix));
  const daos_handle_t handle = opened.container.handle();
  char* user = options.user.empty() ? nullptr : options.user.data();
  char* group = options.group.empty() ? nullptr : options.group.data();
  const Status status = posix ? from_errno(dfs_cont_set_owner(handle, user, options.uid, group, options.gid))
                              : from_api(options.no_check ? daos_cont_set_owner_no_check(handle, user, group, nullptr)
                                                          : daos_cont_set_owner(handle, user, group, nullptr));
  if (status.code() == Code::kNonexistent) {
    return error(
        Code::kNonexistent,
        "failed to set owner for container {}: this host does not know {}{}{}; --no-check sets it all the same",
        options.choice.shown(), options.user, user != nullptr && group != nullptr ? " or " : "", options.group);
  }
  if (!status.ok()) return output::failed("failed to set owner for container " + options.choice.shown(), status);
  return output::Answer{.text = fmt::format("Successfully set owner for container {}\n", options.choice.shown())};
}

}  // namespace

void add_container_set_owner(arguments::Program& program, CLI::App& container, const Global& global) {
  auto options = std::make_shared<Options>();
  CLI::App& verb = program.verb(container, "set-owner", {"chown"}, "Give a container to another user or group",
                                [options, &global] { return set_owner(*options, global); });
  options->choice.add_to(verb);
  verb.add_option("-u,--user", options->user, "As in alice@");
  verb.add_option("-g,--group", options->group, "As in users@");
  verb.add_flag("--no-check", options->no_check, "Although this host may not know the names");
  verb.add_option("--uid", options->uid, "With --no-check, type POSIX: the user's number");
  verb.add_option("--gid", options->gid, "With --no-check, type POSIX: the group's number");
}

}  // namespace daos::cli
