// Access-control lists: entries one after another, ordered by the type of their principal.
#include <daos_security.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>

#include "client/capi/ace.h"

namespace {

using daos::capi::is_for;
using daos::capi::is_principal;

constexpr size_t kAlignment = 8;

size_t bytes_of(const daos_ace* ace) { return sizeof(daos_ace) + ace->dae_principal_len; }

daos_acl* make_empty(size_t entry_bytes) {
  if (entry_bytes > DAOS_ACL_MAX_ACE_LEN) return nullptr;
  auto* acl = static_cast<daos_acl*>(std::calloc(1, sizeof(daos_acl) + entry_bytes));
  if (acl != nullptr) acl->dal_ver = DAOS_ACL_VERSION;
  return acl;
}

// The caller has reserved the room.
void append(daos_acl* acl, const daos_ace* ace) {
  std::memcpy(acl->dal_ace + acl->dal_len, ace, bytes_of(ace));
  acl->dal_len += static_cast<uint32_t>(bytes_of(ace));
}

daos_ace* find(daos_acl* acl, uint32_t type, const char* name) {
  for (daos_ace* ace = daos_acl_get_next_ace(acl, nullptr); ace != nullptr; ace = daos_acl_get_next_ace(acl, ace)) {
    if (is_for(ace, type, name)) return ace;
  }
  return nullptr;
}

// A copy of the list without one entry and with another in its place of the order; either may be null.
daos_acl* copy_with(daos_acl* acl, const daos_ace* without, const daos_ace* with) {
  daos_acl* copy =
      make_empty(acl->dal_len - (without != nullptr ? bytes_of(without) : 0) + (with != nullptr ? bytes_of(with) : 0));
  if (copy == nullptr) return nullptr;
  for (daos_ace* ace = daos_acl_get_next_ace(acl, nullptr); ace != nullptr; ace = daos_acl_get_next_ace(acl, ace)) {
    if (with != nullptr && ace->dae_principal_type > with->dae_principal_type) {
      append(copy, with);
      with = nullptr;
    }
    if (ace != without) append(copy, ace);
  }
  if (with != nullptr) append(copy, with);
  return copy;
}

int replace(daos_acl** acl, daos_acl* copy) {
  if (copy == nullptr) return -DER_NOMEM;
  std::free(*acl);
  *acl = copy;
  return 0;
}

}  // namespace

struct daos_acl* daos_acl_create(struct daos_ace* aces[], uint16_t num_aces) {
  if (aces == nullptr && num_aces > 0) return nullptr;
  const std::span entries(aces, num_aces);
  size_t bytes = 0;
  for (daos_ace* ace : entries) {
    if (!daos_ace_is_valid(ace)) return nullptr;
    bytes += bytes_of(ace);
  }
  daos_acl* acl = make_empty(bytes);
  for (uint32_t type = 0; acl != nullptr && type < NUM_DAOS_ACL_TYPES; type++) {
    for (const daos_ace* ace : entries) {
      if (ace->dae_principal_type == type) append(acl, ace);
    }
  }
  if (acl != nullptr && daos_acl_validate(acl) != 0) {  // a principal twice
    std::free(acl);
    return nullptr;
  }
  return acl;
}

struct daos_acl* daos_acl_dup(struct daos_acl* acl) {
  if (acl == nullptr || acl->dal_len > DAOS_ACL_MAX_ACE_LEN) return nullptr;
  const size_t bytes = sizeof(daos_acl) + acl->dal_len;
  auto* copy = static_cast<daos_acl*>(std::malloc(bytes));
  if (copy != nullptr) std::memcpy(copy, acl, bytes);
  return copy;
}

void daos_acl_free(struct daos_acl* acl) { std::free(acl); }

ssize_t daos_acl_get_size(struct daos_acl* acl) {
  return acl == nullptr ? -DER_INVAL : static_cast<ssize_t>(sizeof(daos_acl) + acl->dal_len);
}

struct daos_ace* daos_acl_get_next_ace(struct daos_acl* acl, struct daos_ace* current_ace) {
  if (acl == nullptr) return nullptr;
  uint8_t* const begin = acl->dal_ace;
  uint8_t* const end = begin + acl->dal_len;
  uint8_t* at = begin;
  if (current_ace != nullptr) {
    at = reinterpret_cast<uint8_t*>(current_ace);
    if (at < begin || at + sizeof(daos_ace) > end) return nullptr;
    at += bytes_of(current_ace);
  }
  // An entry that sticks out of the list, or would leave the next one unaligned, is none.
  if (at > end || static_cast<size_t>(end - at) < sizeof(daos_ace)) return nullptr;
  auto* next = reinterpret_cast<daos_ace*>(at);
  const bool fits = bytes_of(next) % kAlignment == 0 && bytes_of(next) <= static_cast<size_t>(end - at);
  return fits ? next : nullptr;
}

int daos_acl_get_ace_for_principal(struct daos_acl* acl, enum daos_acl_principal_type type, const char* principal,
                                   struct daos_ace** ace) {
  if (acl == nullptr || ace == nullptr || !is_principal(type, principal)) return -DER_INVAL;
  daos_ace* found = find(acl, type, principal);
  if (found == nullptr) return -DER_NONEXIST;
  *ace = found;
  return 0;
}

int daos_acl_add_ace(struct daos_acl** acl, struct daos_ace* new_ace) {
  if (acl == nullptr || daos_acl_validate(*acl) != 0 || !daos_ace_is_valid(new_ace)) return -DER_INVAL;
  const daos_ace* old = find(*acl, new_ace->dae_principal_type, new_ace->dae_principal);
  const size_t bytes = (*acl)->dal_len + bytes_of(new_ace) - (old != nullptr ? bytes_of(old) : 0);
  if (bytes > DAOS_ACL_MAX_ACE_LEN) return -DER_INVAL;
  return replace(acl, copy_with(*acl, old, new_ace));
}

int daos_acl_remove_ace(struct daos_acl** acl, enum daos_acl_principal_type type, const char* principal_name) {
  if (acl == nullptr || daos_acl_validate(*acl) != 0 || !is_principal(type, principal_name)) return -DER_INVAL;
  const daos_ace* old = find(*acl, type, principal_name);
  if (old == nullptr) return -DER_NONEXIST;
  return replace(acl, copy_with(*acl, old, nullptr));
}

int daos_acl_validate(struct daos_acl* acl) {
  if (acl == nullptr || acl->dal_ver != DAOS_ACL_VERSION) return -DER_INVAL;
  if (acl->dal_len % kAlignment != 0 || acl->dal_len > DAOS_ACL_MAX_ACE_LEN) return -DER_INVAL;
  size_t bytes = 0;
  uint8_t last_type = 0;
  for (daos_ace* ace = daos_acl_get_next_ace(acl, nullptr); ace != nullptr; ace = daos_acl_get_next_ace(acl, ace)) {
    if (!daos_ace_is_valid(ace) || ace->dae_principal_type < last_type) return -DER_INVAL;
    if (find(acl, ace->dae_principal_type, ace->dae_principal) != ace) return -DER_INVAL;  // this principal was before
    last_type = ace->dae_principal_type;
    bytes += bytes_of(ace);
  }
  return bytes == acl->dal_len ? 0 : -DER_INVAL;
}

void daos_acl_dump(struct daos_acl* acl) {
  if (acl == nullptr) {
    std::puts("access-control list: none");
    return;
  }
  std::printf("access-control list: version %u, %u bytes of entries%s\n", acl->dal_ver, acl->dal_len,
              daos_acl_validate(acl) == 0 ? "" : " (not valid)");
  for (daos_ace* ace = daos_acl_get_next_ace(acl, nullptr); ace != nullptr; ace = daos_acl_get_next_ace(acl, ace)) {
    daos_ace_dump(ace, 1);
  }
}
