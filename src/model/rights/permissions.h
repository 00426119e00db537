// Permissions, and what they allow. The numbers are the public API's (enum daos_acl_perm); client/capi asserts it.
#pragma once

#include "model/rights/acl.h"

namespace daos::rights {

enum Permission : uint64_t {
  kRead = 1u << 0,
  kWrite = 1u << 1,
  kCreateContainer = 1u << 2,
  kDeleteContainer = 1u << 3,
  kGetProperties = 1u << 4,
  kSetProperties = 1u << 5,
  kGetAcl = 1u << 6,
  kSetAcl = 1u << 7,
  kSetOwner = 1u << 8,
};
inline constexpr uint64_t kContainerAll =
    kRead | kWrite | kDeleteContainer | kGetProperties | kSetProperties | kGetAcl | kSetAcl | kSetOwner;

struct Ownership {
  std::string_view owner;
  std::string_view group;
};
struct Who {
  std::string_view user;                // "alice@"
  std::span<const std::string> groups;  // "users@"
};

/// What the list allows somebody. The owner of a container keeps kGetAcl and kSetAcl whatever the list says.
uint64_t pool_permissions(const Acl& acl, Ownership owned, Who who);
uint64_t container_permissions(const Acl& acl, Ownership owned, Who who);

/// Lists of what was created without one.
Acl default_pool_acl();
Acl default_container_acl();

enum class Access : uint8_t { kReadOnly, kReadWrite };
/// Whether these permissions suffice to connect to a pool, or to open a container.
bool may_connect(uint64_t permissions, Access access);
bool may_open(uint64_t permissions, Access access);
/// What is left of the permissions through a handle of that kind.
uint64_t through_handle(uint64_t permissions, Access access);

}  // namespace daos::rights
