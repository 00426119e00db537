// Which property lists are valid: one table of ranges per kind of list.
#include <daos_prop.h>
#include <daos_security.h>

#include <bitset>
#include <cstring>
#include <span>

#include "client/capi/prop_lists.h"

namespace daos::capi {
namespace {

struct Range {
  uint32_t type;
  uint64_t low;
  uint64_t high;
};

constexpr uint64_t kAny = UINT64_MAX;
constexpr uint64_t kBelow4GiB = UINT32_MAX;
constexpr uint64_t kEcCellMin = 4 << 10;
constexpr uint64_t kEcCellMax = 1 << 20;
constexpr uint64_t kEcCellMultiple = 32;
constexpr uint64_t kDedupThresholdMin = 4096;

// Numbers that a caller may give; what is missing here is refused as input.
constexpr Range kPoolRanges[] = {
    {DAOS_PROP_PO_SPACE_RB, 0, 100},
    {DAOS_PROP_PO_SELF_HEAL, 0,
     DAOS_SELF_HEAL_AUTO_EXCLUDE | DAOS_SELF_HEAL_AUTO_REBUILD | DAOS_SELF_HEAL_DELAY_REBUILD},
    {DAOS_PROP_PO_RECLAIM, DAOS_RECLAIM_DISABLED, DAOS_RECLAIM_TIME},
    {DAOS_PROP_PO_EC_CELL_SZ, kEcCellMin, kEcCellMax},
    {DAOS_PROP_PO_DATA_THRESH, 0, kAny},
    {DAOS_PROP_PO_REDUN_FAC, 0, DAOS_PROP_PO_REDUN_FAC_MAX},
    {DAOS_PROP_PO_EC_PDA, 1, DAOS_PROP_PDA_MAX},
    {DAOS_PROP_PO_RP_PDA, 1, DAOS_PROP_PDA_MAX},
    {DAOS_PROP_PO_GLOBAL_VERSION, 0, kAny},
    {DAOS_PROP_PO_UPGRADE_STATUS, DAOS_UPGRADE_STATUS_NOT_STARTED, DAOS_UPGRADE_STATUS_FAILED},
    {DAOS_PROP_PO_SCRUB_MODE, DAOS_SCRUB_MODE_OFF, DAOS_SCRUB_MODE_TIMED},
    {DAOS_PROP_PO_SCRUB_FREQ, 0, kAny},
    {DAOS_PROP_PO_SCRUB_THRESH, 0, kAny},
    {DAOS_PROP_PO_SVC_REDUN_FAC, 0, DAOS_PROP_PO_SVC_REDUN_FAC_MAX},
    {DAOS_PROP_PO_OBJ_VERSION, 0, kAny},
    {DAOS_PROP_PO_CHECKPOINT_MODE, DAOS_CHECKPOINT_DISABLED, DAOS_CHECKPOINT_LAZY},
    {DAOS_PROP_PO_CHECKPOINT_FREQ, DAOS_PROP_PO_CHECKPOINT_FREQ_MIN, DAOS_PROP_PO_CHECKPOINT_FREQ_MAX},
    {DAOS_PROP_PO_CHECKPOINT_THRESH, DAOS_PROP_PO_CHECKPOINT_THRESH_MIN, DAOS_PROP_PO_CHECKPOINT_THRESH_MAX},
    {DAOS_PROP_PO_REINT_MODE, DAOS_REINT_MODE_DATA_SYNC, DAOS_REINT_MODE_INCREMENTAL},
    {DAOS_PROP_PO_SVC_OPS_ENABLED, 0, 1},
    {DAOS_PROP_PO_SVC_OPS_ENTRY_AGE, DAOS_PROP_PO_SVC_OPS_ENTRY_AGE_MIN, DAOS_PROP_PO_SVC_OPS_ENTRY_AGE_MAX},
    {DAOS_PROP_PO_PERF_DOMAIN, DAOS_PROP_PERF_DOMAIN_GROUP, DAOS_PROP_PERF_DOMAIN_ROOT},
};

// 0 for a cell size, an affinity or a performance domain stands for the pool's.
constexpr Range kContainerRanges[] = {
    {DAOS_PROP_CO_LAYOUT_TYPE, DAOS_PROP_CO_LAYOUT_UNKNOWN, DAOS_PROP_CO_LAYOUT_MAX - 1},
    {DAOS_PROP_CO_LAYOUT_VER, 0, kAny},
    {DAOS_PROP_CO_CSUM, DAOS_PROP_CO_CSUM_OFF, DAOS_PROP_CO_CSUM_ADLER32},
    {DAOS_PROP_CO_CSUM_CHUNK_SIZE, 0, kBelow4GiB},
    {DAOS_PROP_CO_CSUM_SERVER_VERIFY, DAOS_PROP_CO_CSUM_SV_OFF, DAOS_PROP_CO_CSUM_SV_ON},
    {DAOS_PROP_CO_REDUN_FAC, DAOS_PROP_CO_REDUN_RF0, DAOS_RF_MAX},
    {DAOS_PROP_CO_REDUN_LVL, DAOS_PROP_CO_REDUN_MIN, DAOS_PROP_CO_REDUN_MAX},
    {DAOS_PROP_CO_SNAPSHOT_MAX, 0, kAny},
    {DAOS_PROP_CO_COMPRESS, DAOS_PROP_CO_COMPRESS_OFF, DAOS_PROP_CO_COMPRESS_DEFLATE4},
    {DAOS_PROP_CO_ENCRYPT, DAOS_PROP_CO_ENCRYPT_OFF, DAOS_PROP_CO_ENCRYPT_AES_GCM256},
    {DAOS_PROP_CO_DEDUP, DAOS_PROP_CO_DEDUP_OFF, DAOS_PROP_CO_DEDUP_HASH},
    {DAOS_PROP_CO_DEDUP_THRESHOLD, kDedupThresholdMin, kBelow4GiB},
    {DAOS_PROP_CO_STATUS, 0, kAny},
    {DAOS_PROP_CO_ALLOCED_OID, 0, kAny},
    {DAOS_PROP_CO_EC_CELL_SZ, 0, kEcCellMax},
    {DAOS_PROP_CO_EC_PDA, 0, DAOS_PROP_PDA_MAX},
    {DAOS_PROP_CO_RP_PDA, 0, DAOS_PROP_PDA_MAX},
    {DAOS_PROP_CO_GLOBAL_VERSION, 0, kAny},
    {DAOS_PROP_CO_SCRUBBER_DISABLED, 0, 1},
    {DAOS_PROP_CO_OBJ_VERSION, 0, kAny},
    {DAOS_PROP_CO_PERF_DOMAIN, 0, DAOS_PROP_PERF_DOMAIN_ROOT},
};

bool is_cell_size(uint64_t bytes) { return bytes >= kEcCellMin && bytes <= kEcCellMax && bytes % kEcCellMultiple == 0; }
bool is_domain(uint64_t value) { return value == DAOS_PROP_PERF_DOMAIN_ROOT || value == DAOS_PROP_PERF_DOMAIN_GROUP; }

bool number_is_valid(uint32_t type, uint64_t value) {
  switch (type) {
    case DAOS_PROP_PO_EC_CELL_SZ:
      return is_cell_size(value);
    case DAOS_PROP_CO_EC_CELL_SZ:
      return value == 0 || is_cell_size(value);
    case DAOS_PROP_PO_PERF_DOMAIN:
      return is_domain(value);
    case DAOS_PROP_CO_PERF_DOMAIN:
      return value == 0 || is_domain(value);
    case DAOS_PROP_CO_STATUS: {
      daos_co_status status{};
      daos_prop_val_2_co_status(value, &status);
      return status.dcs_status <= DAOS_PROP_CO_UNCLEAN;
    }
    default:
      break;
  }
  for (const auto ranges : {std::span<const Range>(kPoolRanges), std::span<const Range>(kContainerRanges)}) {
    for (const Range& range : ranges) {
      if (range.type == type) return value >= range.low && value <= range.high;
    }
  }
  return false;
}

bool text_is_valid(uint32_t type, const char* text) {
  switch (type) {
    case DAOS_PROP_PO_LABEL:
      return daos_label_is_valid(text) && std::strcmp(text, DAOS_PROP_NO_PO_LABEL) != 0;
    case DAOS_PROP_CO_LABEL:
      return daos_label_is_valid(text) && std::strcmp(text, DAOS_PROP_NO_CO_LABEL) != 0;
    default:
      return daos_acl_principal_is_valid(text);
  }
}

bool value_is_valid(const daos_prop_entry& entry) {
  switch (prop_kind(entry.dpe_type)) {
    case PropKind::kNumber:
      return number_is_valid(entry.dpe_type, entry.dpe_val);
    case PropKind::kText:
      return text_is_valid(entry.dpe_type, entry.dpe_str);
    case PropKind::kAcl:
      return daos_acl_validate(static_cast<daos_acl*>(entry.dpe_val_ptr)) == 0;
    case PropKind::kRanks:
    case PropKind::kRoots:
      return entry.dpe_val_ptr != nullptr;
  }
  return false;
}

}  // namespace

int validate_props(const daos_prop_t* prop, PropsOf of, PropUse use) {
  if (prop == nullptr || prop->dpp_nr > DAOS_PROP_ENTRIES_MAX_NR) return -DER_INVAL;
  if ((prop->dpp_nr == 0) != (prop->dpp_entries == nullptr)) return -DER_INVAL;
  const uint32_t first = of == PropsOf::kPool ? uint32_t{DAOS_PROP_PO_MIN} : uint32_t{DAOS_PROP_CO_MIN};
  const uint32_t end = of == PropsOf::kPool ? uint32_t{DAOS_PROP_PO_MAX} : uint32_t{DAOS_PROP_CO_MAX};
  std::bitset<DAOS_PROP_ENTRIES_MAX_NR> seen;
  for (const daos_prop_entry& entry : std::span(prop->dpp_entries, prop->dpp_nr)) {
    if (entry.dpe_type <= first || entry.dpe_type >= end || seen.test(entry.dpe_type - first)) return -DER_INVAL;
    seen.set(entry.dpe_type - first);
    if (use == PropUse::kInput && !value_is_valid(entry)) return -DER_INVAL;
  }
  return 0;
}

}  // namespace daos::capi
