// The system as a whole: its shape, the version of its servers, aids for testing. What is handed out comes from malloc.
#include <daos_mgmt.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>

#include "client/capi/api_call.h"
#include "client/capi/handles.h"
#include "client/core/system.h"

using namespace daos;        // NOLINT: a file of C entry points
using namespace daos::capi;  // NOLINT
using runtime::Task;

namespace {

struct ReleaseInfo {
  void operator()(daos_sys_info* info) const { daos_mgmt_put_sys_info(info); }
};
using InfoPtr = std::unique_ptr<daos_sys_info, ReleaseInfo>;

template <size_t N>
void copy_text(char (&to)[N], const std::string& from) {
  to[from.copy(to, N - 1)] = '\0';
}

Result<core::SystemRef> named(core::SystemRef system, const std::string& name) {
  if (!name.empty() && name != system->name) {
    return error(Code::kNonexistent, "the agent belongs to system {}, not to {}", system->name, name);
  }
  return system;
}

/// "0.1.0 something": numbers that are missing are 0; what follows them is the tag.
struct Version {
  std::array<uint32_t, 3> numbers{};
  std::string tag;

  explicit Version(const std::string& text) {
    const char* at = text.data();
    const char* const end = at + text.size();
    for (uint32_t& number : numbers) {
      const auto [behind, err] = std::from_chars(at, end, number);
      if (err != std::errc()) break;
      at = behind;
      if (at == end || *at != '.') break;
      at++;
    }
    tag.assign(at, end);
  }
};

Task<Status> get_info(core::Lane& lane, std::string name, daos_sys_info** out, runtime::StopToken stop) {
  const core::SystemRef found = DX_CO_TRY(co_await lane.client().system()->find(lane));
  const core::SystemRef system = DX_CO_TRY(named(found, name));
  const messages::SystemQueryReply reply = DX_CO_TRY(co_await core::query_system(lane, stop));

  InfoPtr info(static_cast<daos_sys_info*>(std::calloc(1, sizeof(daos_sys_info))));
  if (info == nullptr) co_return Status(Code::kNoMemory);
  copy_text(info->dsi_system_name, system->name);
  copy_text(info->dsi_fabric_provider, system->provider);
  copy_text(info->dsi_agent_path, system->agent);
  info->dsi_ranks = static_cast<daos_rank_uri*>(std::calloc(reply.members.size() + 1, sizeof(daos_rank_uri)));
  info->dsi_ms_ranks = static_cast<uint32_t*>(std::calloc(1, sizeof(uint32_t)));
  if (info->dsi_ranks == nullptr || info->dsi_ms_ranks == nullptr) co_return Status(Code::kNoMemory);
  for (const messages::Member& member : reply.members) {
    const std::string uri =
        fmt::format("{}://{}:{}", system->provider, member.address.host, member.address.system_port);
    daos_rank_uri& entry = info->dsi_ranks[info->dsi_nr_ranks++];
    entry.dru_rank = member.rank.value();
    entry.dru_uri = ::strdup(uri.c_str());
    if (entry.dru_uri == nullptr) co_return Status(Code::kNoMemory);
  }
  info->dsi_ms_ranks[0] = 0;  // the services live on rank 0
  info->dsi_nr_ms_ranks = 1;
  *out = info.release();
  co_return Status();
}

struct VersionOut {
  uint32_t* numbers[3];
  char** tag;
};
Task<Status> get_version(core::Lane& lane, VersionOut out, runtime::StopToken stop) {
  const messages::SystemQueryReply reply = DX_CO_TRY(co_await core::query_system(lane, stop));
  const Version version(reply.build);
  char* tag = ::strdup(version.tag.c_str());
  if (tag == nullptr) co_return Status(Code::kNoMemory);
  for (size_t i = 0; i < version.numbers.size(); i++) *out.numbers[i] = version.numbers[i];
  *out.tag = tag;
  co_return Status();
}

}  // namespace

int daos_mgmt_get_sys_info(const char* sys, struct daos_sys_info** info) {
  return api_call(nullptr, [&](Call& call) -> Result<Task<Status>> {
    if (info == nullptr) return Status(Code::kInvalid);
    return get_info(call.lane, sys != nullptr ? sys : "", info, call.stop);
  });
}

void daos_mgmt_put_sys_info(struct daos_sys_info* info) {
  if (info == nullptr) return;
  for (uint32_t i = 0; info->dsi_ranks != nullptr && i < info->dsi_nr_ranks; i++) std::free(info->dsi_ranks[i].dru_uri);
  std::free(info->dsi_ranks);
  std::free(info->dsi_ms_ranks);
  std::free(info);
}

int dc_mgmt_srv_version(uint32_t* major, uint32_t* minor, uint32_t* patch, char** tag) {
  return api_call(nullptr, [&](Call& call) -> Result<Task<Status>> {
    if (major == nullptr || minor == nullptr || patch == nullptr || tag == nullptr) return Status(Code::kInvalid);
    if (call.library.handles().all<PoolHandle>().empty()) return Status(Code::kUninitialized);
    return get_version(call.lane, {{major, minor, patch}, tag}, call.stop);
  });
}

int daos_mgmt_get_bs_state(const char*, uuid_t blobstore_uuid, int* blobstore_state, daos_event_t* ev) {
  constexpr uuid_t kNil = {};
  if (blobstore_uuid == nullptr || std::memcmp(blobstore_uuid, kNil, sizeof kNil) == 0) return -DER_INVAL;
  return local_call(ev, [&](Library&) -> Status {
    if (blobstore_state == nullptr) return Status(Code::kInvalid);
    return error(Code::kNonexistent, "engines keep extents in files: there are no blobstores");
  });
}

// Faults are injected in simulation (src/sim), not into engines that run. Not offered, by contract.
int daos_debug_set_params(const char*, d_rank_t, unsigned int, uint64_t, uint64_t, daos_event_t*) { return -DER_NOSYS; }
int daos_debug_add_mark(const char*) { return -DER_NOSYS; }
