#include "model/classes/object_id.h"

#include <charconv>
#include <cstring>

namespace daos::classes {

KeyKind dkey_kind(ObjectType type) {
  switch (type) {
    case ObjectType::kDkeyUint64:
    case ObjectType::kMultiUint64:
    case ObjectType::kKvUint64:
    case ObjectType::kArray:
    case ObjectType::kArrayAttr:
    case ObjectType::kArrayByte:
      return KeyKind::kUint64;
    case ObjectType::kDkeyLexical:
    case ObjectType::kMultiLexical:
    case ObjectType::kKvLexical:
      return KeyKind::kLexical;
    default:
      return KeyKind::kHashed;
  }
}

KeyKind akey_kind(ObjectType type) {
  switch (type) {
    case ObjectType::kAkeyUint64:
    case ObjectType::kMultiUint64:
      return KeyKind::kUint64;
    case ObjectType::kAkeyLexical:
    case ObjectType::kMultiLexical:
      return KeyKind::kLexical;
    default:
      return KeyKind::kHashed;
  }
}

bool is_array(ObjectType type) {
  return type == ObjectType::kArray || type == ObjectType::kArrayAttr || type == ObjectType::kArrayByte;
}

bool is_kv(ObjectType type) {
  return type == ObjectType::kKvHashed || type == ObjectType::kKvUint64 || type == ObjectType::kKvLexical;
}

bool is_flat(ObjectType type) { return is_array(type) || is_kv(type); }

std::string ObjectId::to_string() const { return fmt::format("{}.{}", hi, lo); }

std::optional<ObjectId> ObjectId::parse(std::string_view text) {
  ObjectId id;
  const char* const end = text.data() + text.size();
  const auto [dot, hi_error] = std::from_chars(text.data(), end, id.hi);
  if (hi_error != std::errc() || dot == end || *dot != '.') return std::nullopt;
  const auto [last, lo_error] = std::from_chars(dot + 1, end, id.lo);
  if (lo_error != std::errc() || last != end) return std::nullopt;
  return id;
}

uint64_t dkey_hash(ObjectType type, ByteSpan dkey) {
  constexpr uint64_t kDkeySeed = 5731;
  if (dkey_kind(type) == KeyKind::kUint64 && dkey.size() == sizeof(uint64_t)) {
    uint64_t number = 0;
    std::memcpy(&number, dkey.data(), sizeof number);
    return number;
  }
  return murmur64(dkey, kDkeySeed);
}

GroupIndex group_of(uint64_t dkey_hash, uint32_t groups) { return GroupIndex(jump_hash(dkey_hash, groups)); }

}  // namespace daos::classes
