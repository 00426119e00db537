// Object classes: redundancy of a group, number of groups, and their names. Plain data, pure functions; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "model/classes/object_id.h"
#include "platform/base/status.h"

namespace daos::classes {

/// "All groups": as many as fit. Only in class ids; a generated object id holds the resolved number.
inline constexpr uint32_t kAllGroups = 0xffff;
/// Replicas on as many domains as there are replica classes for; one group.
inline constexpr ClassId kClassReplicateWide{80};  // RP_XSF

/// One group of an object. Replicas: `copies` equal shards, data = 1. Erasure code:
/// `data` = k and `parity` = p, one copy.
struct Redundancy {
  uint8_t ordinal = 0;
  uint16_t copies = 1;
  uint16_t data = 1;
  uint16_t parity = 0;

  constexpr bool is_erasure_code() const { return parity > 0; }
  constexpr uint32_t group_size() const { return is_erasure_code() ? uint32_t{data} + parity : copies; }
  /// How many shards of a group may be lost without losing data.
  constexpr uint32_t failures_tolerated() const { return is_erasure_code() ? parity : uint32_t{copies} - 1; }
};

/// Null for an ordinal that is not a class (reserved and legacy numbers).
const Redundancy* find_redundancy(uint8_t ordinal);

/// All of them, by ordinal: replicas by rising number of copies, then erasure code.
std::span<const Redundancy> redundancies();

constexpr ClassId make_class(uint8_t ordinal, uint32_t groups) { return ClassId(uint32_t{ordinal} << 24 | groups); }

/// The shape of an object whose id holds a resolved class.
struct Shape {
  Redundancy redundancy;
  uint32_t group_count = 1;

  constexpr uint32_t group_size() const { return redundancy.group_size(); }
  constexpr uint64_t shard_count() const { return uint64_t{group_size()} * group_count; }
};
/// Refuses (kInvalid) what no generated id holds: an unknown type or ordinal, no groups, unresolved groups.
Result<Shape> shape_of(const ObjectId& id);

/// A name of the table and its id.
struct NamedClass {
  std::string_view name;
  ClassId id;
};
/// All named classes, in the order of ordinal and group count; RP_XSF last.
std::span<const NamedClass> named_classes();
/// Longest name of the API, without the terminator.
inline constexpr size_t kClassNameMax = 24;

/// kClassUnknown unless `name` is in the table; case matters.
ClassId class_from_name(std::string_view name);
/// The table's name, or one made up by the same rule for a known ordinal with another group count ("RP_2G7"); empty for
/// an unknown class (the API writes "UNKNOWN").
std::string class_name(ClassId id);

}  // namespace daos::classes
