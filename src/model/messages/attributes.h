// To a pool's service: user attributes of the pool or of a container, through a handle of it.
#pragma once

#include <map>

#include "model/messages/common.h"

namespace daos::messages {

/// Whose handle it is.
enum class AttributesOf : uint8_t { kPool = 0, kContainer = 1 };

/// Bytes of a name (the API's DAOS_ATTR_NAME_MAX), and of names and values of one request, so that it fits a message.
inline constexpr size_t kAttributeNameMax = 511;
inline constexpr size_t kAttributeBytesPerCall = 2u << 20;

struct AttributeListReply {
  std::vector<std::string> names;  // in their order as bytes
  static void visit(auto&& visitor, auto& self) { visitor(self.names); }
};
struct AttributeListRequest {
  DX_REQUEST(kAttributeList);
  using Reply = AttributeListReply;
  uint8_t format = 1;
  PoolId pool;
  AttributesOf of = AttributesOf::kPool;
  HandleId handle;
  static void visit(auto&& visitor, auto& self) { visitor(self.format, self.pool, self.of, self.handle); }
};

struct AttributeWanted {
  std::string name;
  uint64_t bytes_max = 0;  // of the value; the rest is cut off
  static void visit(auto&& visitor, auto& self) { visitor(self.name, self.bytes_max); }
};
struct AttributeFound {
  uint64_t bytes = 0;  // of the whole value; 0: there is no such attribute
  std::string value;
  static void visit(auto&& visitor, auto& self) { visitor(self.bytes, self.value); }
};
struct AttributeGetReply {
  std::vector<AttributeFound> found;  // as asked; those that did not fit one message are missing at the end
  static void visit(auto&& visitor, auto& self) { visitor(self.found); }
};
struct AttributeGetRequest {
  DX_REQUEST(kAttributeGet);
  using Reply = AttributeGetReply;
  uint8_t format = 1;
  PoolId pool;
  AttributesOf of = AttributesOf::kPool;
  HandleId handle;
  std::vector<AttributeWanted> wanted;
  static void visit(auto&& visitor, auto& self) { visitor(self.format, self.pool, self.of, self.handle, self.wanted); }
};

/// All in one step. kNoPerm: the handle does not write. kNoSpace: the service keeps no more.
struct AttributeSetRequest {
  DX_REQUEST(kAttributeSet);
  using Reply = Nothing;
  uint8_t format = 1;
  Uuid operation;
  PoolId pool;
  AttributesOf of = AttributesOf::kPool;
  HandleId handle;
  std::map<std::string, std::string> values;
  static void visit(auto&& visitor, auto& self) {
    visitor(self.format, self.operation, self.pool, self.of, self.handle, self.values);
  }
};
/// Names that are not there are ignored.
struct AttributeDeleteRequest {
  DX_REQUEST(kAttributeDelete);
  using Reply = Nothing;
  uint8_t format = 1;
  Uuid operation;
  PoolId pool;
  AttributesOf of = AttributesOf::kPool;
  HandleId handle;
  std::vector<std::string> names;
  static void visit(auto&& visitor, auto& self) {
    visitor(self.format, self.operation, self.pool, self.of, self.handle, self.names);
  }
};

}  // namespace daos::messages
