// What several messages share.
#pragma once

#include <string>
#include <vector>

#include "model/classes/object_id.h"
#include "model/map/pool_map.h"
#include "platform/base/codec.h"
#include "platform/base/uuid.h"
#include "platform/rpc/slots.h"

namespace daos::messages {

enum class MethodNumber : uint16_t {
#define DX_METHOD(enumerator, number, again) enumerator = number,
#include "model/messages/methods.def"
#undef DX_METHOD
};
std::string_view method_name(uint16_t number);

/// Gives a request struct what the rpc layer wants to know of it.
#define DX_REQUEST(method)                                                                           \
  static constexpr uint16_t kMethod = static_cast<uint16_t>(::daos::messages::MethodNumber::method); \
  static constexpr std::string_view kName = #method

/// For requests whose answer is success or an error.
struct Nothing {
  uint8_t format = 1;
  static void visit(auto&& visitor, auto& self) { visitor(self.format); }
};

using PoolId = Uuid;
using ContainerId = Uuid;
/// Chosen by whoever opens, 128 random bits; so opening twice with the same id is opening once.
using HandleId = Uuid;

/// A pool's or container's property. `type` is the public API's number (daos_prop.h); `text` holds strings, and pointer
/// values in their encoded form.
struct Property {
  uint32_t type = 0;
  uint64_t number = 0;
  std::string text;
  bool operator==(const Property&) const = default;
  static void visit(auto&& visitor, auto& self) { visitor(self.type, self.number, self.text); }
};
using Properties = std::vector<Property>;
const Property* find_property(const Properties& properties, uint32_t type);
void set_property(Properties& properties, Property property);

/// Who a client is, as the agent says. The signature is empty until credentials are signed (docs/security.md).
struct Credential {
  std::string user;                 // "alice@"
  std::vector<std::string> groups;  // "users@", the first is the primary one
  std::string host;
  std::string signature;
  static void visit(auto&& visitor, auto& self) { visitor(self.user, self.groups, self.host, self.signature); }
};

/// The tiers of a pool or target, in bytes. 0: DRAM made durable by the log; 1: extents on files or devices.
inline constexpr size_t kTiers = 2;
struct TierSpace {
  uint64_t total = 0;
  uint64_t free = 0;
  bool operator==(const TierSpace&) const = default;
  static void visit(auto&& visitor, auto& self) { visitor(self.total, self.free); }
};
struct Space {
  TierSpace tiers[kTiers];
  static void visit(auto&& visitor, auto& self) { visitor(self.tiers[0], self.tiers[1]); }
};

}  // namespace daos::messages
