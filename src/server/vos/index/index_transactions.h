// For tests: random transactions beside the model. What is open is in no answer; what is committed is in the model as
// updates and punches like any other.
#pragma once

#include "server/vos/index/index_history.h"

namespace daos::vos::test {

class Transactions {
 public:
  Transactions(Histories& histories, Model& model) : histories_(histories), model_(model) {}

  /// Of an epoch of its own, above everything so far.
  PreparedRecord propose() {
    PreparedRecord record;
    record.id.endpoint.client = Uuid::from_random(9, 9);
    record.id.slot = {.slot = 1, .sequence = ++sequence_};
    record.map_version = 4;
    record.leader = 1;
    record.participants = {1, 2};
    for (uint64_t i = 1 + histories_.rng.below(4); i > 0; i--) {
      if (histories_.rng.one_in(3)) {
        record.modifications.push_back({.what = histories_.punch()});
      } else {
        record.modifications.push_back({.what = histories_.update(model_, nullptr)});
      }
    }
    set_epoch(record);
    open[record.id] = record;
    return record;
  }
  /// One that is open, at a later epoch; nothing without any.
  std::optional<PreparedRecord> propose_again() {
    PreparedRecord* record = any();
    if (record == nullptr) return {};
    set_epoch(*record);
    return *record;
  }
  std::optional<DecisionRecord> decide() {
    PreparedRecord* record = any();
    if (record == nullptr) return {};
    DecisionRecord decision{.id = record->id,
                            .outcome = histories_.rng.one_in(3) ? Outcome::kAborted : Outcome::kCommitted,
                            .epoch = record->epoch,
                            .keys = touched_by(*record)};
    for (const Modification& modification : record->modifications) {
      if (decision.outcome == Outcome::kCommitted) commit(modification, record->epoch, model_);
    }
    open.erase(decision.id);
    return decision;
  }
  void destroy(const Uuid& container) {
    for (auto& [id, record] : open) {
      std::erase_if(record.modifications, [&](const Modification& modification) {
        return std::visit([&](const auto& what) { return what.container == container; }, modification.what);
      });
    }
  }
  /// The model as it would be if everything that is open were committed.
  Model all_committed() const {
    Model model = model_;
    for (const auto& [id, record] : open) {
      for (const Modification& modification : record.modifications) commit(modification, record.epoch, model);
    }
    return model;
  }
  std::set<OpId> doubts(const Index::Reading& reading) const {
    std::set<OpId> ids;
    for (const auto& [id, record] : open) {
      if (record.epoch > reading.epoch) continue;
      for (const Modification& modification : record.modifications) {
        if (std::visit([&](const auto& what) { return meets(what, reading); }, modification.what)) ids.insert(id);
      }
    }
    return ids;
  }
  std::map<OpId, PreparedRecord> open;

 private:
  static void commit(const Modification& modification, uint64_t epoch, Model& model) {
    if (const auto* update = std::get_if<UpdateRecord>(&modification.what)) {
      UpdateRecord record = *update;
      record.epoch = epoch;
      model.apply(record, 0);
    } else {
      PunchRecord record = std::get<PunchRecord>(modification.what);
      record.epoch = epoch;
      model.apply(record);
    }
  }
  void set_epoch(PreparedRecord& record) {
    record.epoch = histories_.epoch + 1;
    histories_.epoch += 2;
    histories_.minor = 0;
    uint16_t minor = 0;
    for (Modification& modification : record.modifications) {
      minor = static_cast<uint16_t>(minor + 1 + histories_.rng.below(3));  // some are other participants'
      std::visit([&](auto& what) { what.minor = minor; }, modification.what);
    }
  }
  PreparedRecord* any() {
    if (open.empty()) return nullptr;
    return &std::next(open.begin(), static_cast<ptrdiff_t>(histories_.rng.below(open.size())))->second;
  }
  static bool on_way(const auto& what, const Index::Reading& reading) {
    return what.container == reading.container && (!reading.object || what.object == *reading.object);
  }
  static bool is_or_all(ByteSpan asked, const IoBuf& key) {
    return asked.empty() || text_of(asked) == text_of(key.bytes());
  }
  static bool meets(const PunchRecord& punch, const Index::Reading& reading) {
    if (!on_way(punch, reading)) return false;
    if (punch.level == PunchLevel::kObject) return true;
    if (!is_or_all(reading.dkey, punch.dkey)) return false;
    return punch.level == PunchLevel::kDkey ||
           std::any_of(punch.akeys.begin(), punch.akeys.end(),
                       [&](const IoBuf& akey) { return is_or_all(reading.akey, akey); });
  }
  static bool meets(const UpdateRecord& update, const Index::Reading& reading) {
    if (!on_way(update, reading) || !is_or_all(reading.dkey, update.dkey)) return false;
    return std::any_of(update.values.begin(), update.values.end(), [&](const AkeyValue& value) {
      if (!is_or_all(reading.akey, value.akey)) return false;
      if (!reading.records || value.kind == ValueKind::kSingle) return true;
      return std::any_of(value.extents.begin(), value.extents.end(), [&](const Extent& extent) {
        return extent.start < reading.records->end() && extent.end() > reading.records->start;
      });
    });
  }

  Histories& histories_;
  Model& model_;
  uint64_t sequence_ = 0;
};

/// Whether the index knows by whose outcome answers may differ, at every place; and that where nobody's outcome counts,
/// the answer is the same when everything is committed.
inline void compare_doubts(const Index& index, const Model& model, Histories& histories,
                           const Transactions& transactions, uint64_t epoch) {
  const Model committed = transactions.all_committed();
  const auto compare = [&](const Index::Reading& reading) {
    const std::vector<OpId> told = index.doubts(reading);
    ASSERT_EQ(std::set<OpId>(told.begin(), told.end()), transactions.doubts(reading)) << "at " << epoch;
    ASSERT_EQ(std::set<OpId>(told.begin(), told.end()).size(), told.size());
  };
  for (const Uuid& container : histories.containers) {
    Index::Reading reading{.container = container, .epoch = epoch};
    ASSERT_NO_FATAL_FAILURE(compare(reading));
    for (const classes::ObjectId& object : histories.objects) {
      reading = {.container = container, .object = object, .epoch = epoch};
      ASSERT_NO_FATAL_FAILURE(compare(reading));
      for (uint64_t d = 0; d < histories.dkeys; d++) {
        AkeyPath path{container, object, histories.key(object, d), ""};
        reading = {.container = container, .object = object, .dkey = as_bytes(path.dkey), .epoch = epoch};
        ASSERT_NO_FATAL_FAILURE(compare(reading));
        for (uint64_t a = 0; a < histories.akeys; a++) {
          path.akey = histories.key(object, a);
          reading.akey = as_bytes(path.akey);
          reading.records.reset();
          ASSERT_NO_FATAL_FAILURE(compare(reading));
          if (index.doubts(reading).empty()) {
            ASSERT_EQ(committed.single(path, epoch).value, model.single(path, epoch).value);
            ASSERT_EQ(committed.array(path, epoch), model.array(path, epoch));
            ASSERT_EQ(committed.exists(path, epoch), model.exists(path, epoch));
          }
          const uint64_t start = histories.rng.below(Model::kIndices);
          reading.records = Extent{.start = start, .count = 1 + histories.rng.below(10)};
          ASSERT_NO_FATAL_FAILURE(compare(reading));
        }
      }
    }
  }
}

}  // namespace daos::vos::test
