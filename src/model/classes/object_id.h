// Object ids and what their bits say. Plain data, pure functions; any thread.
#pragma once

#include <fmt/format.h>

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "platform/base/bytes.h"
#include "platform/base/hash.h"
#include "platform/base/strong_id.h"

namespace daos::classes {

/// What an object's keys are. The numbers are the public API's (daos_otype_t) and sit in every stored id.
enum class ObjectType : uint8_t {
  kMultiHashed = 0,
  kOit = 1,  // object id table, version 1: the library's own
  kDkeyUint64 = 2,
  kAkeyUint64 = 3,
  kMultiUint64 = 4,
  kDkeyLexical = 5,
  kAkeyLexical = 6,
  kMultiLexical = 7,
  kKvHashed = 8,
  kKvUint64 = 9,
  kKvLexical = 10,
  kArray = 11,
  kArrayAttr = 12,
  kArrayByte = 13,
  kOitV2 = 14,
};
inline constexpr uint8_t kObjectTypeMax = 14;

/// How keys are ordered and hashed. Uint64 keys are exactly 8 bytes, a number in host order.
enum class KeyKind : uint8_t { kHashed, kLexical, kUint64 };

constexpr bool is_valid_type(uint32_t type) { return type <= kObjectTypeMax; }
KeyKind dkey_kind(ObjectType type);
KeyKind akey_kind(ObjectType type);
/// One akey only, which the API hides.
bool is_flat(ObjectType type);
bool is_array(ObjectType type);
bool is_kv(ObjectType type);

/// Class id: redundancy ordinal << 24 | number of groups. 0 is "unknown": choose one for me.
using ClassId = StrongId<struct ClassIdTag, uint32_t>;
inline constexpr ClassId kClassUnknown{0};

/// 128 bits. `lo` and the low half of `hi` are the user's; the upper half of `hi` holds, from the top, 8 bits of type,
/// 8 bits of redundancy ordinal and 16 bits of group count. Only generate_oid writes those.
struct ObjectId {
  uint64_t lo = 0;
  uint64_t hi = 0;

  constexpr bool is_nil() const { return lo == 0 && hi == 0; }
  /// May be above kObjectTypeMax in an id that a peer or an application made up: shape_of refuses it.
  constexpr ObjectType type() const { return static_cast<ObjectType>(hi >> 56); }
  constexpr uint8_t ordinal() const { return static_cast<uint8_t>(hi >> 48); }
  constexpr uint16_t group_count() const { return static_cast<uint16_t>(hi >> 32); }
  constexpr ClassId class_id() const { return ClassId(uint32_t{ordinal()} << 24 | group_count()); }
  constexpr uint32_t user_hi() const { return static_cast<uint32_t>(hi); }

  constexpr bool operator==(const ObjectId&) const = default;
  /// By (hi, lo): objects of one type and class are neighbours.
  constexpr std::strong_ordering operator<=>(const ObjectId& other) const {
    if (const auto order = hi <=> other.hi; order != 0) return order;
    return lo <=> other.lo;
  }
  /// For the codec: lo, then hi, 16 bytes.
  static void visit(auto&& visitor, auto& self) { visitor(self.lo, self.hi); }

  /// "HI.LO", both decimal, as the commands print it.
  std::string to_string() const;
  static std::optional<ObjectId> parse(std::string_view text);
};

/// A well-mixed hash of all 128 bits. Fixed for ever: placement starts from it.
constexpr uint64_t hash_of(const ObjectId& id) {
  return mix64(mix64(id.lo + 0x9e3779b97f4a7c15ULL) ^ (id.hi + 0xd1b54a32d192ed03ULL));
}

/// Index of a redundancy group within its object, and of a shard within its group.
using GroupIndex = StrongId<struct GroupIndexTag, uint32_t>;
using ShardIndex = StrongId<struct ShardIndexTag, uint32_t>;

/// The 64-bit hash that decides a dkey's group: Murmur2 with seed 5731, or the number itself for uint64 dkeys (whose
/// length the caller has checked; other lengths are hashed).
uint64_t dkey_hash(ObjectType type, ByteSpan dkey);
/// The group of a dkey hash among `groups` >= 1, by jump consistent hash.
GroupIndex group_of(uint64_t dkey_hash, uint32_t groups);

}  // namespace daos::classes

template <>
struct std::hash<daos::classes::ObjectId> {
  size_t operator()(const daos::classes::ObjectId& id) const { return daos::classes::hash_of(id); }
};
template <>
struct fmt::formatter<daos::classes::ObjectId> : fmt::formatter<std::string_view> {
  auto format(const daos::classes::ObjectId& id, fmt::format_context& context) const {
    return fmt::formatter<std::string_view>::format(id.to_string(), context);
  }
};
