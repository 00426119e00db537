// Property lists: entries with a number, text or a pointer, by the type of the property.
#include "client/capi/prop_lists.h"

#include <gurt/common.h>

#include <cstdlib>
#include <cstring>
#include <initializer_list>

namespace daos::capi {

PropKind prop_kind(uint32_t type) {
  switch (type) {
    case DAOS_PROP_PO_LABEL:
    case DAOS_PROP_CO_LABEL:
    case DAOS_PROP_PO_OWNER:
    case DAOS_PROP_CO_OWNER:
    case DAOS_PROP_PO_OWNER_GROUP:
    case DAOS_PROP_CO_OWNER_GROUP:
      return PropKind::kText;
    case DAOS_PROP_PO_ACL:
    case DAOS_PROP_CO_ACL:
      return PropKind::kAcl;
    case DAOS_PROP_PO_SVC_LIST:
      return PropKind::kRanks;
    case DAOS_PROP_CO_ROOTS:
      return PropKind::kRoots;
    default:
      return PropKind::kNumber;
  }
}

bool is_pointer(PropKind kind) {
  return kind == PropKind::kAcl || kind == PropKind::kRanks || kind == PropKind::kRoots;
}

void clear_entry(daos_prop_entry* entry) {
  switch (prop_kind(entry->dpe_type)) {
    case PropKind::kNumber:
      break;
    case PropKind::kRanks:
      d_rank_list_free(static_cast<d_rank_list_t*>(entry->dpe_val_ptr));
      break;
    case PropKind::kText:
      std::free(entry->dpe_str);
      break;
    case PropKind::kAcl:
    case PropKind::kRoots:
      std::free(entry->dpe_val_ptr);
      break;
  }
  entry->dpe_val = 0;
}

int copy_entry(daos_prop_entry* dst, const daos_prop_entry* src) {
  *dst = *src;
  if (prop_kind(src->dpe_type) == PropKind::kNumber || src->dpe_val_ptr == nullptr) return 0;
  dst->dpe_val_ptr = nullptr;
  switch (prop_kind(src->dpe_type)) {
    case PropKind::kNumber:
      break;
    case PropKind::kText:
      dst->dpe_str = ::strdup(src->dpe_str);
      break;
    case PropKind::kAcl:
      dst->dpe_val_ptr = daos_acl_dup(static_cast<daos_acl*>(src->dpe_val_ptr));
      break;
    case PropKind::kRanks: {
      d_rank_list_t* ranks = nullptr;
      if (d_rank_list_dup(&ranks, static_cast<const d_rank_list_t*>(src->dpe_val_ptr)) == 0) dst->dpe_val_ptr = ranks;
      break;
    }
    case PropKind::kRoots:
      return daos_prop_entry_set_ptr(dst, src->dpe_val_ptr, sizeof(daos_prop_co_roots));
  }
  return dst->dpe_val_ptr != nullptr ? 0 : -DER_NOMEM;
}

}  // namespace daos::capi

namespace {
using daos::capi::clear_entry;
using daos::capi::copy_entry;
using daos::capi::is_pointer;
using daos::capi::prop_kind;
using daos::capi::PropKind;
}  // namespace

daos_prop_t* daos_prop_alloc(uint32_t entries_nr) {
  if (entries_nr > DAOS_PROP_ENTRIES_MAX_NR) return nullptr;
  auto* prop = static_cast<daos_prop_t*>(std::calloc(1, sizeof(daos_prop_t)));
  if (prop == nullptr || entries_nr == 0) return prop;
  prop->dpp_entries = static_cast<daos_prop_entry*>(std::calloc(entries_nr, sizeof(daos_prop_entry)));
  if (prop->dpp_entries == nullptr) {
    std::free(prop);
    return nullptr;
  }
  prop->dpp_nr = entries_nr;
  return prop;
}

void daos_prop_fini(daos_prop_t* prop) {
  if (prop == nullptr) return;
  for (uint32_t i = 0; prop->dpp_entries != nullptr && i < prop->dpp_nr; i++) clear_entry(&prop->dpp_entries[i]);
  std::free(prop->dpp_entries);
  prop->dpp_entries = nullptr;
  prop->dpp_nr = 0;
}

void daos_prop_free(daos_prop_t* prop) {
  daos_prop_fini(prop);
  std::free(prop);
}

struct daos_prop_entry* daos_prop_entry_get(daos_prop_t* prop, uint32_t type) {
  if (prop == nullptr || prop->dpp_entries == nullptr) return nullptr;
  for (uint32_t i = 0; i < prop->dpp_nr; i++) {
    if (prop->dpp_entries[i].dpe_type == type) return &prop->dpp_entries[i];
  }
  return nullptr;
}

int daos_prop_merge2(daos_prop_t* old_prop, daos_prop_t* new_prop, daos_prop_t** out_prop) {
  if (old_prop == nullptr || new_prop == nullptr || out_prop == nullptr) return -DER_INVAL;
  uint32_t count = new_prop->dpp_nr;
  for (uint32_t i = 0; i < old_prop->dpp_nr; i++) {
    if (daos_prop_entry_get(new_prop, old_prop->dpp_entries[i].dpe_type) == nullptr) count++;
  }
  if (count > DAOS_PROP_ENTRIES_MAX_NR) return -DER_INVAL;
  daos_prop_t* merged = daos_prop_alloc(count);
  if (merged == nullptr) return -DER_NOMEM;
  daos_prop_entry* next = merged->dpp_entries;
  int rc = 0;
  for (uint32_t i = 0; rc == 0 && i < old_prop->dpp_nr; i++) {
    if (daos_prop_entry_get(new_prop, old_prop->dpp_entries[i].dpe_type) != nullptr) continue;
    rc = copy_entry(next++, &old_prop->dpp_entries[i]);
  }
  for (uint32_t i = 0; rc == 0 && i < new_prop->dpp_nr; i++) rc = copy_entry(next++, &new_prop->dpp_entries[i]);
  if (rc != 0) {
    daos_prop_free(merged);
    return rc;
  }
  *out_prop = merged;
  return 0;
}

daos_prop_t* daos_prop_merge(daos_prop_t* old_prop, daos_prop_t* new_prop) {
  daos_prop_t* merged = nullptr;
  return daos_prop_merge2(old_prop, new_prop, &merged) == 0 ? merged : nullptr;
}

int daos_prop_entry_set_str(struct daos_prop_entry* entry, const char* str, daos_size_t len) {
  if (entry == nullptr || prop_kind(entry->dpe_type) != PropKind::kText) return -DER_INVAL;
  char* copy = nullptr;
  if (str != nullptr && len > 0) {
    copy = ::strndup(str, len);
    if (copy == nullptr) return -DER_NOMEM;
  }
  clear_entry(entry);
  entry->dpe_str = copy;
  return 0;
}

int daos_prop_set_str(daos_prop_t* prop, uint32_t type, const char* str, daos_size_t len) {
  if (prop_kind(type) != PropKind::kText) return -DER_INVAL;
  daos_prop_entry* entry = daos_prop_entry_get(prop, type);
  return entry == nullptr ? -DER_NONEXIST : daos_prop_entry_set_str(entry, str, len);
}

int daos_prop_entry_set_ptr(struct daos_prop_entry* entry, const void* ptr, daos_size_t size) {
  if (entry == nullptr || !is_pointer(prop_kind(entry->dpe_type))) return -DER_INVAL;
  void* copy = nullptr;
  if (ptr != nullptr && size > 0) {
    copy = std::malloc(size);
    if (copy == nullptr) return -DER_NOMEM;
    std::memcpy(copy, ptr, size);
  }
  clear_entry(entry);
  entry->dpe_val_ptr = copy;
  return 0;
}

int daos_prop_set_ptr(daos_prop_t* prop, uint32_t type, const void* ptr, daos_size_t size) {
  if (!is_pointer(prop_kind(type))) return -DER_INVAL;
  daos_prop_entry* entry = daos_prop_entry_get(prop, type);
  return entry == nullptr ? -DER_NONEXIST : daos_prop_entry_set_ptr(entry, ptr, size);
}

int daos_prop_entry_dup_ptr(struct daos_prop_entry* entry_dst, struct daos_prop_entry* entry_src, size_t len) {
  if (entry_dst == nullptr || entry_src == nullptr || !is_pointer(prop_kind(entry_src->dpe_type))) return -DER_INVAL;
  void* copy = nullptr;
  if (entry_src->dpe_val_ptr != nullptr) {
    copy = std::malloc(len == 0 ? 1 : len);
    if (copy == nullptr) return -DER_NOMEM;
    std::memcpy(copy, entry_src->dpe_val_ptr, len);
  }
  entry_dst->dpe_val_ptr = copy;
  return 0;
}

// No property has bytes as its value.
int daos_prop_entry_set_byteval(struct daos_prop_entry*, const void*, size_t) { return -DER_INVAL; }
int daos_prop_set_byteval(daos_prop_t*, uint32_t, const void*, size_t) { return -DER_INVAL; }
int daos_prop_entry_dup_byteval(struct daos_prop_entry*, struct daos_prop_entry*) { return -DER_INVAL; }
bool daos_prop_has_byteval(struct daos_prop_entry*) { return false; }

int daos_prop_entry_cmp_acl(struct daos_prop_entry* entry1, struct daos_prop_entry* entry2) {
  for (const daos_prop_entry* entry : {entry1, entry2}) {
    if (entry == nullptr || prop_kind(entry->dpe_type) != PropKind::kAcl || entry->dpe_val_ptr == nullptr) {
      return -DER_INVAL;
    }
  }
  auto* acl1 = static_cast<daos_acl*>(entry1->dpe_val_ptr);
  auto* acl2 = static_cast<daos_acl*>(entry2->dpe_val_ptr);
  const ssize_t bytes = daos_acl_get_size(acl1);
  const bool equal = bytes == daos_acl_get_size(acl2) && std::memcmp(acl1, acl2, static_cast<size_t>(bytes)) == 0;
  return equal ? 0 : -DER_MISMATCH;
}

int daos_prop_entry_dup_co_roots(struct daos_prop_entry* dst, struct daos_prop_entry* src) {
  if (dst == nullptr || src == nullptr || src->dpe_val_ptr == nullptr) return -DER_INVAL;
  if (dst->dpe_val_ptr == nullptr) {
    dst->dpe_val_ptr = std::malloc(sizeof(daos_prop_co_roots));
    if (dst->dpe_val_ptr == nullptr) return -DER_NOMEM;
  }
  std::memmove(dst->dpe_val_ptr, src->dpe_val_ptr, sizeof(daos_prop_co_roots));
  return 0;
}

bool daos_prop_has_str(struct daos_prop_entry* entry) {
  return entry != nullptr && prop_kind(entry->dpe_type) == PropKind::kText && entry->dpe_str != nullptr;
}

bool daos_prop_has_ptr(struct daos_prop_entry* entry) {
  return entry != nullptr && is_pointer(prop_kind(entry->dpe_type)) && entry->dpe_val_ptr != nullptr;
}
