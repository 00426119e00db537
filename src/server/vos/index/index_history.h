// For tests: random histories over few keys, and the comparison of an index with the model.
#pragma once

#include "server/vos/index/index_model.h"

namespace daos::vos::test {

inline UpdateRecord update_of(const Uuid& container, const classes::ObjectId& object, const std::string& dkey,
                              const std::string& akey, const std::string& value, uint64_t epoch) {
  UpdateRecord record{.container = container, .object = object, .epoch = epoch};
  record.dkey = IoBuf::copy_of(as_bytes(dkey));
  record.values.push_back(
      {.akey = IoBuf::copy_of(as_bytes(akey)), .record_bytes = value.size(), .value = IoBuf::copy_of(as_bytes(value))});
  return record;
}
inline PunchRecord dkey_punch_of(const Uuid& container, const classes::ObjectId& object, const std::string& dkey,
                                 uint64_t epoch) {
  PunchRecord record{.container = container, .object = object, .epoch = epoch, .level = PunchLevel::kDkey};
  record.dkey = IoBuf::copy_of(as_bytes(dkey));
  return record;
}

/// Makes records with growing epochs.
class Histories {
 public:
  explicit Histories(uint64_t seed) : rng(seed) {
    containers = {Uuid::from_random(1, 1), Uuid::from_random(2, 2)};
    for (const classes::ObjectType type :
         {classes::ObjectType::kMultiHashed, classes::ObjectType::kMultiLexical, classes::ObjectType::kMultiUint64}) {
      objects.push_back({.lo = 7, .hi = static_cast<uint64_t>(type) << 56});
    }
    std::sort(objects.begin(), objects.end());
  }

  std::string key(const classes::ObjectId& object, uint64_t number) const {
    if (object.type() == classes::ObjectType::kMultiUint64) {
      const uint64_t value = number * number * 1000;
      return {reinterpret_cast<const char*>(&value), sizeof value};
    }
    // Lexical order is decided by the first byte, by the length, by zeros, and by the digest behind 80 equal bytes.
    if (number % 3 == 0) return std::string(90, 'x') + static_cast<char>('a' + number);
    if (number % 3 == 1) return "k" + std::string(number / 3, '\0');
    return static_cast<char>('a' + number) + std::string(number % 5, 'q');
  }
  std::string random_dkey(const classes::ObjectId& object) { return key(object, rng.below(dkeys)); }
  std::string random_akey(const classes::ObjectId& object) { return key(object, rng.below(akeys)); }

  AkeyValue value(const std::string& akey, ValueKind kind, Model& model) {
    AkeyValue value{.akey = IoBuf::copy_of(as_bytes(akey)), .kind = kind};
    const uint64_t sizes[] = {0, 1, 3, 3, 8};
    value.record_bytes = sizes[rng.below(5)];
    const bool tier1 = value.record_bytes != 0 && rng.one_in(4);
    std::vector<std::string> parts;
    if (kind == ValueKind::kSingle) {
      if (rng.one_in(8)) value.record_bytes = kLarge;
      parts.push_back(bytes(value.record_bytes));
    } else {
      uint64_t start = rng.below(20);
      for (uint64_t i = 1 + rng.below(3); i > 0 && start < Model::kIndices; i--) {
        const uint64_t count = std::min(1 + rng.below(rng.one_in(3) ? 40 : 6), Model::kIndices - start);
        value.extents.push_back({.start = start, .count = count});
        parts.push_back(bytes(count * value.record_bytes));
        start += count + rng.below(8);
      }
    }
    std::string all;
    for (const std::string& part : parts) {
      if (tier1 && !part.empty()) {
        for (size_t at = 0; at < part.size();) {
          const size_t left = part.size() - at;
          const size_t n = next_run / 4096 % 3 == 0 ? left : (left + 1) / 2;
          value.stored.push_back({.offset = next_run, .bytes = n, .crc = 1});
          model.disk[next_run] = part.substr(at, n);
          next_run += 4096;
          at += n;
        }
      } else {
        all += part;
      }
    }
    value.value = IoBuf::copy_of(as_bytes(all));
    if (value.record_bytes != 0 && rng.one_in(3)) {
      value.checksums = {.type = 2, .length = 4, .chunk = 16, .values = IoBuf::copy_of(as_bytes(bytes(400)))};
    }
    return value;
  }

  UpdateRecord update(Model& model, ValueKind (*kind_of)(const AkeyPath&)) {
    UpdateRecord record;
    record.container = containers[rng.below(containers.size())];
    record.object = objects[rng.below(objects.size())];
    next_version(record.epoch, record.minor);
    const std::string dkey = random_dkey(record.object);
    record.dkey = IoBuf::copy_of(as_bytes(dkey));
    for (uint64_t i = rng.below(3) + 1; i > 0; i--) {
      const std::string akey = random_akey(record.object);
      ValueKind kind = rng.one_in(2) ? ValueKind::kSingle : ValueKind::kArray;
      if (kind_of != nullptr) kind = kind_of({record.container, record.object, dkey, akey});
      record.values.push_back(value(akey, kind, model));
    }
    return record;
  }

  PunchRecord punch() {
    PunchRecord record;
    record.container = containers[rng.below(containers.size())];
    record.object = objects[rng.below(objects.size())];
    next_version(record.epoch, record.minor);
    const uint64_t level = rng.below(10);
    record.level = level < 2 ? PunchLevel::kObject : level < 5 ? PunchLevel::kDkey : PunchLevel::kAkey;
    if (record.level != PunchLevel::kObject) record.dkey = IoBuf::copy_of(as_bytes(random_dkey(record.object)));
    if (record.level == PunchLevel::kAkey) {
      for (uint64_t i = rng.below(2) + 1; i > 0; i--) {
        record.akeys.push_back(IoBuf::copy_of(as_bytes(random_akey(record.object))));
      }
    }
    return record;
  }

  static constexpr uint64_t kLarge = 700;  // not inside a blob
  Random rng;
  std::vector<Uuid> containers;
  std::vector<classes::ObjectId> objects;
  uint64_t dkeys = 4, akeys = 3;
  uint64_t epoch = 10;
  uint16_t minor = 0;
  uint64_t next_run = 4096;

 private:
  std::string bytes(uint64_t count) {
    std::string bytes;
    for (uint64_t i = 0; i < count; i++) bytes.push_back(static_cast<char>('!' + rng.below(90)));
    return bytes;
  }
  void next_version(uint64_t& record_epoch, uint16_t& record_minor) {
    if (rng.one_in(4)) {
      minor++;
    } else {
      epoch += 1 + rng.below(3);
      minor = 0;
    }
    record_epoch = epoch;
    record_minor = minor;
  }
};

/// Every answer of the index, against the model's.
class Comparison {
 public:
  Comparison(const Index& index, const Model& model, Histories& histories)
      : index_(index), model_(model), histories_(histories) {}
  void at(uint64_t epoch);
  bool positions = false;  // records' positions are those that the model was given

 private:
  void akey(const AkeyPath& path, uint64_t epoch);
  void extents(const AkeyPath& path, uint64_t epoch, const std::map<uint64_t, Cell>& expected);
  void object(const Uuid& container, const classes::ObjectId& id, uint64_t epoch);
  void queries(const Uuid& container, const classes::ObjectId& id, uint64_t epoch);
  std::vector<std::string> keys(const KeyPath& path, uint64_t epoch);
  void cells(const ExtentView& view, std::map<uint64_t, Cell>& out) const;
  std::string bytes_of(const Data& data) const;

  const Index& index_;
  const Model& model_;
  Histories& histories_;
};

inline std::string Comparison::bytes_of(const Data& data) const {
  std::string bytes = text_of(data.bytes.bytes());
  for (const TierAddress& each : data.stored) {
    const auto run = model_.disk.find(each.offset);
    EXPECT_NE(run, model_.disk.end()) << "a run that was given back";
    if (run != model_.disk.end()) bytes += run->second;
  }
  return bytes;
}

inline void Comparison::cells(const ExtentView& view, std::map<uint64_t, Cell>& out) const {
  const std::string bytes = bytes_of(view.data);
  ASSERT_EQ(bytes.size(), view.written.count * view.record_bytes);
  ASSERT_EQ(view.skip, (view.extent.start - view.written.start) * view.record_bytes);
  ASSERT_LE(view.extent.end(), view.written.end());
  for (uint64_t i = 0; i < view.extent.count; i++) {
    const auto [cell, added] = out.insert(
        {view.extent.start + i,
         {.epoch = view.epoch, .record = bytes.substr(view.skip + i * view.record_bytes, view.record_bytes)}});
    ASSERT_TRUE(added) << "index " << view.extent.start + i << " twice";
  }
}

inline void Comparison::akey(const AkeyPath& path, uint64_t epoch) {
  ASSERT_EQ(index_.exists(path.path(), epoch), model_.exists(path, epoch)) << "epoch " << epoch;
  const SingleView single = index_.single(path.path(), epoch);
  const Model::Single expected = model_.single(path, epoch);
  ASSERT_EQ(single.exists, expected.exists);
  ASSERT_EQ(single.epoch, expected.epoch);
  ASSERT_EQ(single.bytes, expected.value.size());
  ASSERT_EQ(bytes_of(single.data), expected.value);
  if (positions && expected.epoch != 0) ASSERT_EQ(single.position.value(), expected.position);

  const std::map<uint64_t, Cell> all = model_.array(path, epoch);
  const uint64_t start = histories_.rng.below(Model::kIndices);
  const Extent range{.start = start, .count = 1 + histories_.rng.below(Model::kIndices - start)};
  const ArrayView array = index_.array(path.path(), range, epoch);
  ASSERT_EQ(array.exists, expected.exists);
  std::map<uint64_t, Cell> seen;
  for (const ExtentView& view : array.extents) ASSERT_NO_FATAL_FAILURE(cells(view, seen));
  std::map<uint64_t, Cell> wanted;
  for (const auto& [i, cell] : all) {
    if (i >= range.start && i < range.end()) wanted[i] = cell;
  }
  ASSERT_EQ(seen, wanted) << "[" << range.start << ", " << range.end() << ") at " << epoch;
  ASSERT_NO_FATAL_FAILURE(extents(path, epoch, all));
}

inline void Comparison::extents(const AkeyPath& path, uint64_t epoch, const std::map<uint64_t, Cell>& expected) {
  for (const bool upwards : {true, false}) {
    std::map<uint64_t, Cell> seen;
    uint64_t from = upwards ? 0 : ~0ull;
    bool more = true;
    while (more) {
      size_t room = 1 + histories_.rng.below(4);
      more = false;
      index_.enumerate_extents(path.path(), epoch, from, upwards, [&](const ExtentView& view) {
        if (room-- == 0) {
          more = true;
          return false;
        }
        EXPECT_TRUE(upwards ? view.extent.start >= from : view.extent.end() <= from);
        cells(view, seen);
        from = upwards ? view.extent.end() : view.extent.start;
        return true;
      });
    }
    ASSERT_EQ(seen, expected) << (upwards ? "upwards" : "downwards") << " at " << epoch;
  }
}

inline std::vector<std::string> Comparison::keys(const KeyPath& path, uint64_t epoch) {
  std::vector<std::string> keys;
  KeyAnchor anchor;
  while (anchor.state != KeyAnchor::State::kEnd) {
    size_t room = 1 + histories_.rng.below(3);
    index_.enumerate_keys(path, epoch, anchor, [&](ByteSpan key) {
      if (room-- == 0) return false;
      keys.push_back(text_of(key));
      return true;
    });
  }
  return keys;
}

inline void Comparison::object(const Uuid& container, const classes::ObjectId& id, uint64_t epoch) {
  const AkeyPath object{container, id, "", ""};
  ASSERT_EQ(index_.exists(object.path(), epoch), model_.exists(container, id, epoch));
  std::set<std::string> dkeys;
  for (uint64_t d = 0; d < histories_.dkeys; d++) {
    const std::string dkey = histories_.key(id, d);
    const bool there = model_.exists(container, id, dkey, epoch);
    if (there) dkeys.insert(dkey);
    const AkeyPath in_dkey{container, id, dkey, ""};
    ASSERT_EQ(index_.exists(in_dkey.path(), epoch), there);
    std::set<std::string> akeys;
    for (uint64_t a = 0; a < histories_.akeys; a++) {
      const AkeyPath path{container, id, dkey, histories_.key(id, a)};
      if (model_.exists(path, epoch)) akeys.insert(path.akey);
      ASSERT_NO_FATAL_FAILURE(akey(path, epoch));
    }
    const std::vector<std::string> listed = keys(in_dkey.path(), epoch);
    ASSERT_EQ(std::set<std::string>(listed.begin(), listed.end()), akeys) << "akeys at " << epoch;
    ASSERT_EQ(listed.size(), akeys.size());
  }
  const std::vector<std::string> listed = keys(object.path(), epoch);
  ASSERT_EQ(std::set<std::string>(listed.begin(), listed.end()), dkeys) << "dkeys at " << epoch;
  ASSERT_EQ(listed.size(), dkeys.size());
  if (id.type() == classes::ObjectType::kMultiUint64) ASSERT_NO_FATAL_FAILURE(queries(container, id, epoch));
}

inline void Comparison::queries(const Uuid& container, const classes::ObjectId& id, uint64_t epoch) {
  const auto number = [](const std::string& key) {
    uint64_t value = 0;
    std::memcpy(&value, key.data(), sizeof value);
    return value;
  };
  for (uint32_t flags = 1; flags < 16; flags++) {
    const Index::Query query{
        .max = (flags & 8) != 0, .dkey = (flags & 1) != 0, .akey = (flags & 2) != 0, .recx = (flags & 4) != 0};
    if (!query.dkey && !query.akey && !query.recx) continue;
    const AkeyPath given{container, id, histories_.random_dkey(id), histories_.random_akey(id)};
    bool found = false;
    std::pair<uint64_t, uint64_t> best;  // of what is asked for
    uint64_t edge = 0;
    for (const auto& [path, unused] : model_.writes) {
      if (path.container != container || path.object != id || !model_.exists(path, epoch)) continue;
      if (!query.dkey && path.dkey != given.dkey) continue;
      if (!query.akey && query.recx && path.akey != given.akey) continue;
      const auto cells = model_.array(path, epoch);
      if (query.recx && cells.empty()) continue;
      const std::pair<uint64_t, uint64_t> here{query.dkey ? number(path.dkey) : 0, query.akey ? number(path.akey) : 0};
      if (found && (query.max ? here <= best : here >= best)) continue;
      found = true;
      best = here;
      if (query.recx) edge = query.max ? cells.rbegin()->first + 1 : cells.begin()->first;
    }
    const Index::QueryResult result = index_.query(given.path(), query, epoch);
    ASSERT_EQ(result.found, found) << "flags " << flags << " at " << epoch;
    if (!found) continue;
    if (query.dkey) ASSERT_EQ(result.dkey, best.first);
    if (query.akey) ASSERT_EQ(result.akey, best.second);
    if (query.recx) ASSERT_EQ(query.max ? result.recx.end() : result.recx.start, edge);
  }
}

inline void Comparison::at(uint64_t epoch) {
  for (const Uuid& container : histories_.containers) {
    std::vector<classes::ObjectId> expected, listed;
    for (const classes::ObjectId& id : histories_.objects) {
      ASSERT_NO_FATAL_FAILURE(object(container, id, epoch));
      if (model_.exists(container, id, epoch)) expected.push_back(id);
      const auto highest = model_.highest.find({container, id});
      ASSERT_EQ(index_.highest_epoch(container, id), highest == model_.highest.end() ? 0 : highest->second);
    }
    std::optional<classes::ObjectId> after;
    size_t before = ~size_t{0};
    while (listed.size() != before) {
      before = listed.size();
      size_t room = 1 + histories_.rng.below(2);
      index_.enumerate_objects(container, epoch, after, [&](const classes::ObjectId& id) {
        if (room-- == 0) return false;
        listed.push_back(id);
        return true;
      });
    }
    ASSERT_EQ(listed, expected) << "objects at " << epoch;
  }
}

}  // namespace daos::vos::test
