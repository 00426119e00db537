#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include "programs/acl/acl_list.h"
#include "programs/arguments/values.h"
#include "programs/dmg/pool_text.h"
#include "programs/dmg/verbs.h"
#include "programs/output/sizes.h"

namespace daos::dmg {
namespace {

struct Options {
  std::string label;
  std::string size;
  std::string scm_size;
  std::string nvme_size;
  std::string tier_ratio;
  std::string ranks;
  std::string properties;
  std::string user;
  std::string group;
  std::string acl_file;
  uint32_t rank_count = 0;
  uint32_t service_count = 0;
};

Status exclude(bool here, std::string_view option, std::string_view others) {
  if (!here) return {};
  return error(Code::kInvalid, "{} may not be mixed with {}", option, others);
}

Status read_size(const Options& options, control::PoolCreateRequest& request) {
  if (options.size.empty() && options.scm_size.empty()) {
    if (!options.nvme_size.empty()) return Status(Code::kInvalid, "--nvme-size cannot be set without --scm-size");
    return Status(Code::kInvalid, "how large? Give --size, such as --size 1GiB or --size 50%");
  }
  if (!options.size.empty()) {
    DX_TRY(exclude(!options.scm_size.empty() || !options.nvme_size.empty(), "--size", "--scm-size or --nvme-size"));
    if (options.size.ends_with('%')) {
      request.set_percent_hundredths(DX_TRY(output::parse_percent(options.size).within("--size")));
      DX_TRY(exclude(options.rank_count > 0, "--size=%", "--nranks"));
      return exclude(!options.tier_ratio.empty(), "--size=%", "--tier-ratio");
    }
    request.set_total_bytes(DX_TRY(output::parse_size(options.size).within("--size")));
    if (request.total_bytes() == 0) return Status(Code::kInvalid, "--size: a pool of 0 bytes holds nothing");
    if (options.tier_ratio.empty()) return {};
    for (const uint32_t share : DX_TRY(output::parse_tier_ratio(options.tier_ratio))) {
      request.add_tier_ratio_hundredths(share);
    }
    return {};
  }
  DX_TRY(exclude(options.rank_count > 0, "--scm-size", "--nranks"));
  DX_TRY(exclude(!options.tier_ratio.empty(), "--scm-size", "--tier-ratio"));
  request.add_tier_bytes(DX_TRY(output::parse_size(options.scm_size).within("--scm-size")));
  if (request.tier_bytes(0) == 0) return Status(Code::kInvalid, "--scm-size: a pool of 0 bytes holds nothing");
  if (!options.nvme_size.empty())
    request.add_tier_bytes(DX_TRY(output::parse_size(options.nvme_size).within("--nvme-size")));
  return {};
}

/// Whoever asks, unless others are named.
void read_owner(const Options& options, control::PoolCreateRequest& request) {
  const passwd* user = ::getpwuid(::geteuid());
  const group* group = ::getgrgid(::getegid());
  request.set_user(!options.user.empty() ? options.user
                                         : (user ? user->pw_name : std::to_string(::geteuid())) + std::string("@"));
  request.set_group(!options.group.empty() ? options.group
                                           : (group ? group->gr_name : std::to_string(::getegid())) + std::string("@"));
  if (!request.user().ends_with('@')) request.set_user(request.user() + "@");
  if (!request.group().ends_with('@')) request.set_group(request.group() + "@");
}

Result<output::Answer> create(const Options& options, bool json) {
  control::PoolCreateRequest request;
  DX_TRY(arguments::check_label(options.label));
  request.set_label(options.label);
  DX_TRY(read_size(options, request));
  if (!options.ranks.empty()) {
    DX_TRY(exclude(options.rank_count > 0, "--ranks", "--nranks"));
    for (const uint32_t rank : DX_TRY(arguments::parse_ranks(options.ranks).within("--ranks"))) request.add_ranks(rank);
  }
  request.set_rank_count(options.rank_count);
  if (options.service_count > 1) {
    return error(Code::kNotSupported,
                 "--nsvc {}: replicated pool services are not there yet, a pool has one: leave it out",
                 options.service_count);
  }
  if (!options.properties.empty()) {
    for (const auto& [key, value] : DX_TRY(arguments::parse_key_values(options.properties, "properties"))) {
      (*request.mutable_properties())[key] = value;
    }
  }
  if (!options.acl_file.empty()) request.set_acl(DX_TRY(acl::read_file(options.acl_file)).bytes());
  read_owner(options, request);
  const Result<control::PoolCreateReply> reply = ask(&control::Client::pool_create, request);
  if (!reply.ok()) return output::failed("pool create failed", reply.status());
  return output::Answer{.text = creating_text(request) + created_text(*reply), .json = created_json(*reply)};
}

}  // namespace

void add_pool_create(arguments::Program& program, CLI::App& pool) {
  auto options = std::make_shared<Options>();
  CLI::App& verb = program.verb(pool, "create", {}, "Create a pool on the system's engines",
                                [options, &program] { return create(*options, program.json()); });
  verb.add_option("LABEL", options->label, "The pool's name")->required();
  verb.add_option("-z,--size", options->size, "In all, as in 1GiB or 100GB; or a share of what is free, as in 50%");
  verb.add_option("-s,--scm-size", options->scm_size, "Tier 0 on each engine");
  verb.add_option("-n,--nvme-size", options->nvme_size, "Tier 1 on each engine: disk");
  verb.add_option("-t,--tier-ratio", options->tier_ratio,
                  "With --size: shares of tier 0 (memory) and tier 1 (disk), as in 6,94 (default: all tier 0)");
  verb.add_option("-k,--nranks", options->rank_count, "On how many engines (default: all)");
  verb.add_option("-r,--ranks", options->ranks, "On which engines, as in 0-3,5");
  verb.add_option("-v,--nsvc", options->service_count, "Replicas of the pool's service (today: 1)");
  verb.add_option(
      "-P,--properties", options->properties,
      "key:value[,key:value...]; durability:power (the default: flushed to the medium) or durability:process (survives "
      "kill -9, not loss of power)");
  verb.add_option("-a,--acl-file", options->acl_file, "Who may do what: one entry a line, such as A::alice@:rw");
  verb.add_option("-u,--user", options->user, "Owner, as in alice@ (default: you)");
  verb.add_option("-g,--group", options->group, "Owner group, as in users@ (default: yours)");
}

}  // namespace daos::dmg
