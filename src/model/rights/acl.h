// Access-control lists. Their stored form is the public API's (struct daos_acl, little-endian), so that nothing needs
// translating at its edge:
//
//   off size field
//     0    2 version     1
//     2    2 reserved
//     4    4 bytes       of the entries that follow; a multiple of 8, at most 65536
//   then entries, ordered by type of principal:
//     0    1 access types  bit 0 allow, 1 audit, 2 alarm
//     1    1 type          Principal
//     2    2 name bytes    with NUL and padding to a multiple of 8; 0 where the type needs no name
//     4    2 flags         bit 0 group, 1 pool inherit, 2 access failure, 3 access success
//     6    2 reserved
//     8    8 permissions allowed, then audited (8), then alarmed (8)
//    32      name
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "platform/base/status.h"

namespace daos::rights {

/// Whom an entry is for; also their order in a list. The API's daos_acl_principal_type.
enum class Principal : uint8_t { kOwner = 0, kUser = 1, kOwnerGroup = 2, kGroup = 3, kEveryone = 4 };
inline constexpr uint8_t kPrincipals = 5;

struct AclEntry {
  uint8_t access_types = kAllow;
  Principal type = Principal::kOwner;
  uint16_t flags = 0;
  uint64_t allow = 0;
  uint64_t audit = 0;
  uint64_t alarm = 0;
  std::string name;  // "alice@"; empty where the type needs none
  bool operator==(const AclEntry&) const = default;

  static constexpr uint8_t kAllow = 1;
  static constexpr uint8_t kAudit = 2;
  static constexpr uint8_t kAlarm = 4;
  static constexpr uint16_t kFlagGroup = 1;
  static constexpr uint16_t kFlagFailure = 4;
  static constexpr uint16_t kFlagSuccess = 8;
};

/// "name@" or "name@domain": exactly one @, not in front, at most 255 characters.
bool is_principal_name(std::string_view name);

class Acl {
 public:
  static constexpr size_t kEntryBytesMax = 0x10000;

  /// kInvalid, saying which entry breaks which rule.
  static Result<Acl> parse(std::string_view bytes);
  std::string bytes() const;

  const std::vector<AclEntry>& entries() const { return entries_; }
  const AclEntry* find(Principal type, std::string_view name) const;
  /// Adds the entries, each in the place of the one for the same principal. kInvalid: the list would be too long.
  Status merge(const Acl& more);
  /// kNonexistent.
  Status remove(Principal type, std::string_view name);
  /// For lists that are made here; the entries are valid and in order.
  static Acl of(std::vector<AclEntry> entries);

 private:
  size_t entry_bytes() const;
  std::vector<AclEntry> entries_;
};

}  // namespace daos::rights
