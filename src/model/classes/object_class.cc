#include "model/classes/object_class.h"

#include <array>

namespace daos::classes {
namespace {

constexpr Redundancy replicas(uint8_t ordinal, uint16_t copies) { return {ordinal, copies, 1, 0}; }
constexpr Redundancy erasure(uint8_t ordinal, uint16_t data, uint16_t parity) { return {ordinal, 1, data, parity}; }

// The ordinals are part of stored object ids: never reused, never reordered.
constexpr auto kRedundancies = std::to_array<Redundancy>({
    replicas(1, 1),     replicas(8, 2),     replicas(9, 3),    replicas(10, 4),   replicas(11, 5),
    replicas(12, 6),    replicas(13, 8),    replicas(14, 12),  replicas(15, 16),  replicas(16, 24),
    replicas(17, 32),   replicas(18, 48),   replicas(19, 64),  replicas(20, 128), erasure(32, 2, 1),
    erasure(33, 2, 2),  erasure(34, 4, 1),  erasure(35, 4, 2), erasure(36, 8, 1), erasure(37, 8, 2),
    erasure(38, 16, 1), erasure(39, 16, 2), erasure(40, 4, 3), erasure(41, 8, 3), erasure(42, 16, 3),
});

// Groups of the named classes. Erasure code has no name for 6 groups (the id works all the same).
constexpr uint32_t kNamedGroups[] = {1, 2, 4, 6, 8, 12, 16, 32, kAllGroups};
constexpr uint32_t kGroupsUnnamedForErasure = 6;
constexpr uint16_t kNamedCopiesMax = 6;

constexpr bool has_name(const Redundancy& redundancy, uint32_t groups) {
  if (redundancy.is_erasure_code()) return groups != kGroupsUnnamedForErasure;
  return redundancy.copies <= kNamedCopiesMax;
}

struct NameText {
  std::array<char, kClassNameMax + 1> text{};
  size_t size = 0;

  constexpr void add(std::string_view part) {
    for (const char c : part) text[size++] = c;
  }
  constexpr void add(uint32_t number) {
    char digits[10] = {};
    size_t count = 0;
    do {
      digits[count++] = static_cast<char>('0' + number % 10);
      number /= 10;
    } while (number > 0);
    while (count > 0) text[size++] = digits[--count];
  }
  constexpr std::string_view view() const { return {text.data(), size}; }
};

constexpr NameText make_name(const Redundancy& redundancy, uint32_t groups) {
  NameText name;
  if (redundancy.is_erasure_code()) {
    name.add("EC_");
    name.add(redundancy.data);
    name.add("P");
    name.add(redundancy.parity);
    name.add("G");
  } else if (redundancy.copies == 1) {
    name.add("S");
  } else {
    name.add("RP_");
    name.add(redundancy.copies);
    name.add("G");
  }
  if (groups == kAllGroups) {
    name.add("X");
  } else {
    name.add(groups);
  }
  return name;
}

constexpr size_t count_named() {
  size_t count = 1;  // RP_XSF
  for (const Redundancy& redundancy : kRedundancies) {
    for (const uint32_t groups : kNamedGroups) count += has_name(redundancy, groups);
  }
  return count;
}

struct NameTable {
  std::array<NameText, count_named()> texts{};
  std::array<ClassId, count_named()> ids{};
};

constexpr NameTable make_names() {
  NameTable table;
  size_t i = 0;
  for (const Redundancy& redundancy : kRedundancies) {
    for (const uint32_t groups : kNamedGroups) {
      if (!has_name(redundancy, groups)) continue;
      table.texts[i] = make_name(redundancy, groups);
      table.ids[i++] = make_class(redundancy.ordinal, groups);
    }
  }
  table.texts[i].add("RP_XSF");
  table.ids[i] = kClassReplicateWide;
  return table;
}

constexpr NameTable kNames = make_names();

constexpr std::array<NamedClass, count_named()> make_named_classes() {
  std::array<NamedClass, count_named()> named{};
  for (size_t i = 0; i < named.size(); i++) named[i] = {kNames.texts[i].view(), kNames.ids[i]};
  return named;
}

constexpr auto kNamedClasses = make_named_classes();

}  // namespace

const Redundancy* find_redundancy(uint8_t ordinal) {
  for (const Redundancy& redundancy : kRedundancies) {
    if (redundancy.ordinal == ordinal) return &redundancy;
  }
  return nullptr;
}

std::span<const Redundancy> redundancies() { return kRedundancies; }

Result<Shape> shape_of(const ObjectId& id) {
  if (!is_valid_type(static_cast<uint8_t>(id.type()))) {
    return error(Code::kInvalid, "object {}: type {} does not exist; make ids with daos_obj_generate_oid", id,
                 static_cast<uint8_t>(id.type()));
  }
  const Redundancy* const redundancy = find_redundancy(id.ordinal());
  if (redundancy == nullptr) {
    return error(Code::kInvalid, "object {}: class {} does not exist; make ids with daos_obj_generate_oid", id,
                 id.class_id());
  }
  const uint32_t groups = id.group_count();
  if (groups == 0 || groups == kAllGroups) {
    return error(Code::kInvalid, "object {}: {} redundancy groups; make ids with daos_obj_generate_oid", id, groups);
  }
  return Shape{*redundancy, groups};
}

std::span<const NamedClass> named_classes() { return kNamedClasses; }

ClassId class_from_name(std::string_view name) {
  for (const NamedClass& named : kNamedClasses) {
    if (named.name == name) return named.id;
  }
  return kClassUnknown;
}

std::string class_name(ClassId id) {
  if (id == kClassReplicateWide) return "RP_XSF";
  const uint32_t groups = id.value() & 0xffffff;
  const Redundancy* const redundancy = find_redundancy(static_cast<uint8_t>(id.value() >> 24));
  if (redundancy == nullptr || groups == 0 || groups > kAllGroups) return {};
  return std::string(make_name(*redundancy, groups).view());
}

}  // namespace daos::classes
