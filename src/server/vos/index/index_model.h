// For tests: the plainest index there can be. It keeps every record and answers each question by looking at all of
// them; what is in a tier-1 run it remembers beside them. And random histories, and a comparison of every answer.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "server/vos/index/index.h"
#include "server/vos/index/version.h"

namespace daos::vos::test {

/// The same numbers everywhere.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15ULL + 1) {}
  uint64_t next() { return mix64(state_ += 0x9e3779b97f4a7c15ULL); }
  uint64_t below(uint64_t bound) { return next() % bound; }
  bool one_in(uint64_t n) { return below(n) == 0; }

 private:
  uint64_t state_;
};

inline std::string text_of(ByteSpan bytes) { return std::string(as_text(bytes)); }

struct AkeyPath {
  Uuid container;
  classes::ObjectId object;
  std::string dkey, akey;
  auto operator<=>(const AkeyPath&) const = default;
  KeyPath path() const {
    return {.container = container, .object = object, .dkey = as_bytes(dkey), .akey = as_bytes(akey)};
  }
};

/// One byte of an array that somebody can see.
struct Cell {
  uint64_t epoch = 0;
  std::string record;
  bool operator==(const Cell&) const = default;
  friend void PrintTo(const Cell& cell, std::ostream* out) { *out << cell.epoch << ':' << cell.record; }
};

class Model {
 public:
  static constexpr uint64_t kIndices = 64;  // arrays of the histories have no more

  void apply(const UpdateRecord& record, uint64_t position);
  void apply(const PunchRecord& record);
  void destroy(const Uuid& container);

  struct Single {
    bool exists = false;
    std::string value;
    uint64_t epoch = 0, position = 0;
  };
  Single single(const AkeyPath& akey, uint64_t epoch) const;
  std::map<uint64_t, Cell> array(const AkeyPath& akey, uint64_t epoch) const;
  bool exists(const AkeyPath& akey, uint64_t epoch) const;
  bool exists(const Uuid& container, const classes::ObjectId& object, const std::string& dkey, uint64_t epoch) const;
  bool exists(const Uuid& container, const classes::ObjectId& object, uint64_t epoch) const;
  bool holds(const AkeyPath& akey, ValueKind kind, uint64_t epoch) const;

  struct Write {
    Version version;
    ValueKind kind;
    uint64_t record_bytes;
    std::vector<Extent> extents;
    std::string bytes;
    uint64_t position;
  };
  std::map<AkeyPath, std::vector<Write>> writes;
  std::map<AkeyPath, std::set<Version>> punches;  // of objects and dkeys under empty keys
  std::map<std::pair<Uuid, classes::ObjectId>, uint64_t> highest;
  std::map<uint64_t, std::string> disk;  // tier 1

 private:
  Version hidden(const AkeyPath& akey, uint64_t epoch) const;
};

inline void Model::apply(const UpdateRecord& record, uint64_t position) {
  uint64_t& highest_epoch = highest[{record.container, record.object}];
  highest_epoch = std::max(highest_epoch, record.epoch);
  for (const AkeyValue& value : record.values) {
    std::string bytes = text_of(value.value.bytes());
    for (const TierAddress& run : value.stored) bytes += disk.at(run.offset);
    const AkeyPath akey{record.container, record.object, text_of(record.dkey.bytes()), text_of(value.akey.bytes())};
    writes[akey].push_back({.version = {record.epoch, record.minor},
                            .kind = value.kind,
                            .record_bytes = value.record_bytes,
                            .extents = value.extents,
                            .bytes = bytes,
                            .position = position});
  }
}

inline void Model::apply(const PunchRecord& record) {
  uint64_t& highest_epoch = highest[{record.container, record.object}];
  highest_epoch = std::max(highest_epoch, record.epoch);
  const Version version{record.epoch, record.minor};
  const std::string dkey = record.level == PunchLevel::kObject ? "" : text_of(record.dkey.bytes());
  if (record.level != PunchLevel::kAkey) punches[{record.container, record.object, dkey, ""}].insert(version);
  if (record.level != PunchLevel::kAkey) return;
  for (const IoBuf& akey : record.akeys) {
    punches[{record.container, record.object, dkey, text_of(akey.bytes())}].insert(version);
  }
}

inline void Model::destroy(const Uuid& container) {
  std::erase_if(writes, [&](const auto& entry) { return entry.first.container == container; });
  std::erase_if(punches, [&](const auto& entry) { return entry.first.container == container; });
  std::erase_if(highest, [&](const auto& entry) { return entry.first.first == container; });
}

inline Version Model::hidden(const AkeyPath& akey, uint64_t epoch) const {
  Version hidden;
  for (const AkeyPath& level :
       {AkeyPath{akey.container, akey.object, "", ""}, AkeyPath{akey.container, akey.object, akey.dkey, ""}, akey}) {
    const auto found = punches.find(level);
    if (found == punches.end()) continue;
    for (const Version& version : found->second) {
      if (version.epoch <= epoch) hidden = std::max(hidden, version);
    }
  }
  return hidden;
}

inline Model::Single Model::single(const AkeyPath& akey, uint64_t epoch) const {
  Single single{.exists = exists(akey, epoch)};
  const auto found = writes.find(akey);
  if (found == writes.end()) return single;
  Version newest;
  const Version before = hidden(akey, epoch);
  for (const Write& write : found->second) {
    if (write.kind != ValueKind::kSingle || write.version.epoch > epoch || write.version < before) continue;
    if (write.version < newest) continue;
    newest = write.version;
    single.value = write.bytes;
    single.epoch = write.version.epoch;
    single.position = write.position;
  }
  return single;
}

inline std::map<uint64_t, Cell> Model::array(const AkeyPath& akey, uint64_t epoch) const {
  std::map<uint64_t, Cell> cells;
  const auto found = writes.find(akey);
  if (found == writes.end()) return cells;
  const Version before = hidden(akey, epoch);
  std::vector<const Write*> visible;
  for (const Write& write : found->second) {
    if (write.kind == ValueKind::kArray && write.version.epoch <= epoch && write.version >= before)
      visible.push_back(&write);
  }
  // The same akey twice in one update: the later one counts.
  std::multimap<Version, const Write*> in_order;
  for (const Write* write : visible) in_order.insert({write->version, write});
  for (const auto& [version, write] : in_order) {
    size_t at = 0;
    for (const Extent& extent : write->extents) {
      for (uint64_t i = extent.start; i < extent.end(); i++, at += write->record_bytes) {
        if (write->record_bytes == 0) {
          cells.erase(i);
        } else {
          cells[i] = {.epoch = write->version.epoch, .record = write->bytes.substr(at, write->record_bytes)};
        }
      }
    }
  }
  return cells;
}

inline bool Model::exists(const AkeyPath& akey, uint64_t epoch) const {
  return holds(akey, ValueKind::kSingle, epoch) || holds(akey, ValueKind::kArray, epoch);
}
inline bool Model::holds(const AkeyPath& akey, ValueKind kind, uint64_t epoch) const {
  const auto found = writes.find(akey);
  if (found == writes.end()) return false;
  const Version before = hidden(akey, epoch);
  return std::any_of(found->second.begin(), found->second.end(), [&](const Write& write) {
    return write.kind == kind && write.version.epoch <= epoch && write.version >= before;
  });
}
inline bool Model::exists(const Uuid& container, const classes::ObjectId& object, const std::string& dkey,
                          uint64_t epoch) const {
  return std::any_of(writes.begin(), writes.end(), [&](const auto& entry) {
    const AkeyPath& akey = entry.first;
    return akey.container == container && akey.object == object && akey.dkey == dkey && exists(akey, epoch);
  });
}
inline bool Model::exists(const Uuid& container, const classes::ObjectId& object, uint64_t epoch) const {
  return std::any_of(writes.begin(), writes.end(), [&](const auto& entry) {
    return entry.first.container == container && entry.first.object == object && exists(entry.first, epoch);
  });
}

}  // namespace daos::vos::test
