#include "client/capi/properties.h"

#include <daos_cont.h>
#include <daos_obj.h>
#include <daos_security.h>
#include <gurt/common.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "client/capi/prop_lists.h"
#include "model/classes/generate.h"
#include "model/messages/pool_properties.h"
#include "model/messages/property_numbers.h"
#include "model/rights/permissions.h"

namespace daos::capi {
namespace {

using messages::Properties;
using messages::Property;

struct Default {
  uint32_t type;
  uint64_t value;
};
constexpr Default kContainerDefaults[] = {
    {DAOS_PROP_CO_LAYOUT_TYPE, DAOS_PROP_CO_LAYOUT_UNKNOWN},
    {DAOS_PROP_CO_LAYOUT_VER, 1},
    {DAOS_PROP_CO_CSUM, DAOS_PROP_CO_CSUM_OFF},
    {DAOS_PROP_CO_CSUM_CHUNK_SIZE, 32 * 1024},
    {DAOS_PROP_CO_CSUM_SERVER_VERIFY, DAOS_PROP_CO_CSUM_SV_OFF},
    {DAOS_PROP_CO_REDUN_LVL, DAOS_PROP_CO_REDUN_DEFAULT},
    {DAOS_PROP_CO_SNAPSHOT_MAX, 0},
    {DAOS_PROP_CO_COMPRESS, DAOS_PROP_CO_COMPRESS_OFF},
    {DAOS_PROP_CO_ENCRYPT, DAOS_PROP_CO_ENCRYPT_OFF},
    {DAOS_PROP_CO_DEDUP, DAOS_PROP_CO_DEDUP_OFF},
    {DAOS_PROP_CO_DEDUP_THRESHOLD, 4096},
    {DAOS_PROP_CO_ALLOCED_OID, 0},
    {DAOS_PROP_CO_SCRUBBER_DISABLED, 0},
    {DAOS_PROP_CO_OBJ_VERSION, kObjectVersion},
};
/// 0 in a container's list stands for the pool's value.
struct Inherited {
  uint32_t container;
  uint32_t pool;
};
constexpr Inherited kInherited[] = {
    {DAOS_PROP_CO_REDUN_FAC, DAOS_PROP_PO_REDUN_FAC},     {DAOS_PROP_CO_EC_CELL_SZ, DAOS_PROP_PO_EC_CELL_SZ},
    {DAOS_PROP_CO_EC_PDA, DAOS_PROP_PO_EC_PDA},           {DAOS_PROP_CO_RP_PDA, DAOS_PROP_PO_RP_PDA},
    {DAOS_PROP_CO_PERF_DOMAIN, DAOS_PROP_PO_PERF_DOMAIN},
};

// The defaults are below, where the servers see them too.
static_assert(messages::kPoolRedundancyFactor == uint32_t{DAOS_PROP_PO_REDUN_FAC});
static_assert(messages::kPoolEcAffinity == uint32_t{DAOS_PROP_PO_EC_PDA});
static_assert(messages::kPoolCopyAffinity == uint32_t{DAOS_PROP_PO_RP_PDA});
static_assert(messages::kPoolGlobalVersion == uint32_t{DAOS_PROP_PO_GLOBAL_VERSION});
static_assert(messages::kPoolUpgradeStatus == uint32_t{DAOS_PROP_PO_UPGRADE_STATUS});
static_assert(messages::kPoolServiceList == uint32_t{DAOS_PROP_PO_SVC_LIST});
static_assert(messages::kPoolObjectVersion == uint32_t{DAOS_PROP_PO_OBJ_VERSION});
static_assert(messages::kPoolPerformanceDomain == uint32_t{DAOS_PROP_PO_PERF_DOMAIN});
static_assert(messages::kPoolPropertyEnd == uint32_t{DAOS_PROP_PO_MAX});
static_assert(messages::kObjectLayoutVersion == kObjectVersion);

bool has(const Properties& properties, uint32_t type) { return messages::find_property(properties, type) != nullptr; }

void add_default(Properties& properties, Property property) {
  if (!has(properties, property.type)) properties.push_back(std::move(property));
}

/// The name of a user or group as a principal; empty for one without a name.
std::string principal(int (*lookup)(unsigned, char**), unsigned id) {
  char* text = nullptr;
  if (lookup(id, &text) != 0) return {};
  std::string name(text);
  std::free(text);
  return name;
}

/// Four object ids for whoever builds on the container; the first is made here, so that all clients find the same.
Result<std::string> roots_bytes(const PoolHandle& pool, uint32_t redundancy_factor) {
  const core::PoolViewRef view = pool.core->view();
  if (view == nullptr) return Status(Code::kAgain);
  const classes::ObjectId first =
      DX_TRY(classes::generate_oid({}, DAOS_OT_MULTI_HASHED, classes::kClassUnknown, 0,
                                   {.domains = view->map->domain_count(map::Level::kNode),
                                    .targets = static_cast<uint32_t>(view->map->targets().size()),
                                    .redundancy_factor = redundancy_factor,
                                    .reserve = {}}));
  daos_prop_co_roots roots{};
  roots.cr_oids[0] = {.lo = first.lo, .hi = first.hi};
  return std::string(reinterpret_cast<const char*>(&roots), sizeof roots);
}

/// The API's memory for one value.
Status fill_entry(daos_prop_entry& entry, const Property& property) {
  const PropKind kind = prop_kind(property.type);
  if (kind == PropKind::kNumber) {
    entry.dpe_val = property.number;
    return {};
  }
  if (kind == PropKind::kRanks) {
    const size_t count = property.text.size() / sizeof(d_rank_t);
    d_rank_list_t* ranks = d_rank_list_alloc(static_cast<uint32_t>(count));
    if (ranks == nullptr) return Status(Code::kNoMemory);
    if (count > 0) std::memcpy(ranks->rl_ranks, property.text.data(), count * sizeof(d_rank_t));
    entry.dpe_val_ptr = ranks;
    return {};
  }
  const bool text = kind == PropKind::kText;
  void* copy = std::malloc(property.text.size() + (text ? 1 : 0));
  if (copy == nullptr) return Status(Code::kNoMemory);
  std::memcpy(copy, property.text.data(), property.text.size());
  if (text) static_cast<char*>(copy)[property.text.size()] = '\0';
  entry.dpe_val_ptr = copy;
  return {};
}

}  // namespace

Properties to_messages(const daos_prop_t* prop) {
  Properties properties;
  for (uint32_t i = 0; prop != nullptr && i < prop->dpp_nr; i++) {
    const daos_prop_entry& entry = prop->dpp_entries[i];
    Property property{.type = entry.dpe_type};
    switch (prop_kind(entry.dpe_type)) {
      case PropKind::kNumber:
        property.number = entry.dpe_val;
        break;
      case PropKind::kText:
        property.text = entry.dpe_str;
        break;
      case PropKind::kAcl: {
        auto* acl = static_cast<daos_acl*>(entry.dpe_val_ptr);
        property.text.assign(reinterpret_cast<const char*>(acl), static_cast<size_t>(daos_acl_get_size(acl)));
        break;
      }
      case PropKind::kRoots:
        property.text.assign(static_cast<const char*>(entry.dpe_val_ptr), sizeof(daos_prop_co_roots));
        break;
      case PropKind::kRanks:
        break;  // read only
    }
    properties.push_back(std::move(property));
  }
  return properties;
}

Status from_messages(const Properties& known, daos_prop_t* prop) {
  if (prop->dpp_entries == nullptr) {
    prop->dpp_entries = static_cast<daos_prop_entry*>(std::calloc(known.size(), sizeof(daos_prop_entry)));
    if (prop->dpp_entries == nullptr) return Status(Code::kNoMemory);
    prop->dpp_nr = static_cast<uint32_t>(known.size());
    for (size_t i = 0; i < known.size(); i++) prop->dpp_entries[i].dpe_type = known[i].type;
  }
  for (uint32_t i = 0; i < prop->dpp_nr; i++) {
    daos_prop_entry& entry = prop->dpp_entries[i];
    const Property* property = messages::find_property(known, entry.dpe_type);
    const bool set = property != nullptr && !(property->type == DAOS_PROP_CO_LABEL && property->text.empty());
    entry.dpe_flags = set ? 0 : static_cast<uint16_t>(DAOS_PROP_ENTRY_NOT_SET);
    entry.dpe_val_ptr = nullptr;
    if (set) DX_TRY(fill_entry(entry, *property));
  }
  return {};
}

Result<Properties> complete_container(Properties properties, const PoolHandle& pool, const char* label) {
  if (has(properties, DAOS_PROP_CO_STATUS) || has(properties, DAOS_PROP_CO_GLOBAL_VERSION)) {
    return error(Code::kInvalid, "status and global version of a container are not the creator's to give");
  }
  if (label != nullptr) messages::set_property(properties, {.type = DAOS_PROP_CO_LABEL, .text = label});
  // Owner and owner group are the caller's, and the service knows who that is; so are the rights that follow from them.
  if (!has(properties, DAOS_PROP_CO_OWNER_GROUP)) {
    std::string group = principal(daos_acl_gid_to_principal, getegid());
    if (!group.empty()) properties.push_back({.type = DAOS_PROP_CO_OWNER_GROUP, .text = std::move(group)});
  }
  for (const Default& known : kContainerDefaults) add_default(properties, {.type = known.type, .number = known.value});
  for (const Inherited& inherited : kInherited) {
    const Property* given = messages::find_property(properties, inherited.container);
    const bool zero_is_a_value = inherited.container == DAOS_PROP_CO_REDUN_FAC;
    if (given != nullptr && (given->number != 0 || zero_is_a_value)) continue;
    messages::set_property(
        properties, {.type = inherited.container, .number = messages::pool_number(pool.properties, inherited.pool)});
  }
  const auto factor = static_cast<uint32_t>(messages::find_property(properties, DAOS_PROP_CO_REDUN_FAC)->number);
  if (factor > 0) {
    return error(
        Code::kNotSupported,
        "a container with redundancy factor {} (rd_fac:{}): copies and parity are not there yet; what works is "
        "`daos container create POOL LABEL --properties rd_fac:0`",
        factor, factor);
  }
  if (!has(properties, DAOS_PROP_CO_ROOTS)) {
    properties.push_back({.type = DAOS_PROP_CO_ROOTS, .text = DX_TRY(roots_bytes(pool, factor))});
  }
  return properties;
}

Properties container_properties(const messages::ContainerInfo& info) {
  Properties all = info.properties;
  messages::set_property(all, {.type = DAOS_PROP_CO_LABEL, .text = info.label});
  messages::set_property(all, {.type = DAOS_PROP_CO_GLOBAL_VERSION, .number = messages::kPoolLayoutVersion});
  return all;
}

Properties pool_properties(const messages::PoolInfo& info) {
  Properties all = messages::all_pool_properties(info);
  add_default(all, {.type = DAOS_PROP_PO_ACL, .text = rights::default_pool_acl().bytes()});
  return all;
}

}  // namespace daos::capi
