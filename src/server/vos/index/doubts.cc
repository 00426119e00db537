// By whose outcome an answer may differ. Told by place and epoch alone: something prepared that a later write hides, or
// that would write the same again, counts too; asking its leader costs a message, a wrong answer costs more.
#include "server/vos/index/boundary.h"
#include "server/vos/index/impl.h"

namespace daos::vos {
namespace {

class Doubts {
 public:
  Doubts(const Prepared& prepared, const OpId* but)
      : entries_(prepared.entries()), transactions_(prepared.transactions()), but_(but) {}

  /// What stands exactly there: the punches of that level.
  void at(const std::string& boundary, uint64_t epoch) {
    const auto [first, last] = entries_.equal_range(boundary);
    for (auto entry = first; entry != last; ++entry) take(entry->second, epoch);
  }
  /// What stands there and below, as far as `counts(entry)`.
  template <class Counts>
  void below(std::string_view boundary, uint64_t epoch, Counts&& counts) {
    for (auto entry = entries_.lower_bound(boundary); entry != entries_.end(); ++entry) {
      if (!entry->first.starts_with(boundary) || ids.size() == transactions_) return;
      if (counts(entry->second)) take(entry->second, epoch);
    }
  }
  void read(const Index::Reading& reading);
  void kinds(const Index& index, const UpdateRecord& record);
  std::vector<OpId> ids;

 private:
  void take(const Prepared::Entry& entry, uint64_t epoch) {
    if (entry.version.epoch > epoch || (but_ != nullptr && entry.transaction == *but_)) return;
    if (std::find(ids.rbegin(), ids.rend(), entry.transaction) == ids.rend()) ids.push_back(entry.transaction);
  }

  const Prepared::Entries& entries_;
  size_t transactions_;  // when all of them are in doubt nothing is left to be found: one may have thousands of entries
  const OpId* but_;
};

void Doubts::read(const Index::Reading& reading) {
  const auto all = [](const Prepared::Entry&) { return true; };
  if (!reading.object) {
    const auto* bytes = reinterpret_cast<const char*>(reading.container.bytes.data());
    return below({bytes, reading.container.bytes.size()}, reading.epoch, all);
  }
  const std::string object = object_boundary(reading.container, *reading.object);
  if (reading.dkey.empty()) return below(object, reading.epoch, all);
  at(object, reading.epoch);
  const std::string dkey = dkey_boundary(reading.container, *reading.object, reading.dkey);
  if (reading.akey.empty()) return below(dkey, reading.epoch, all);
  at(dkey, reading.epoch);
  const std::string akey = akey_boundary(reading.container, *reading.object, reading.dkey, reading.akey);
  below(akey, reading.epoch, [&](const Prepared::Entry& entry) {
    if (!reading.records || entry.kind != Prepared::Kind::kExtent) return true;
    return entry.start < reading.records->end() && entry.end > reading.records->start;
  });
}

void Doubts::kinds(const Index& index, const UpdateRecord& record) {
  // One kind now: whether a punch makes room for the other.
  const bool held = !index.check(record).ok();
  if (held) {
    at(object_boundary(record.container, record.object), kLatest);
    at(dkey_boundary(record.container, record.object, record.dkey.bytes()), kLatest);
  }
  for (const AkeyValue& value : record.values) {
    const std::string akey = akey_boundary(record.container, record.object, record.dkey.bytes(), value.akey.bytes());
    if (held) at(akey, kLatest);
    const Prepared::Kind other = value.kind == ValueKind::kSingle ? Prepared::Kind::kExtent : Prepared::Kind::kValue;
    below(akey, kLatest, [&](const Prepared::Entry& entry) { return entry.kind == other; });
  }
}

}  // namespace

std::vector<OpId> Index::doubts(const Reading& reading) const {
  if (impl_->prepared.empty()) return {};
  Doubts doubts(impl_->prepared, nullptr);
  doubts.read(reading);
  return std::move(doubts.ids);
}

std::vector<OpId> Index::doubts(const UpdateRecord& record, uint64_t conditions, const std::vector<uint64_t>& per_akey,
                                uint64_t epoch, const OpId* but) const {
  if (impl_->prepared.empty()) return {};
  Doubts doubts(impl_->prepared, but);
  doubts.kinds(*this, record);
  Reading reading{.container = record.container,
                  .object = record.object,
                  .dkey = record.dkey.bytes(),
                  .akey = {},
                  .records = {},
                  .epoch = epoch};
  if ((conditions & (kCondDkeyInsert | kCondDkeyUpdate)) != 0) doubts.read(reading);
  for (size_t i = 0; i < record.values.size(); i++) {
    uint64_t asked = conditions;
    if ((conditions & kCondPerAkey) != 0) asked = i < per_akey.size() ? per_akey[i] : 0;
    if ((asked & (kCondAkeyInsert | kCondAkeyUpdate)) == 0) continue;
    reading.akey = record.values[i].akey.bytes();
    doubts.read(reading);
  }
  return std::move(doubts.ids);
}

std::vector<OpId> Index::doubts(const PunchRecord& record, uint64_t conditions, uint64_t epoch, const OpId* but) const {
  if (impl_->prepared.empty() || (conditions & kCondPunch) == 0) return {};
  Doubts doubts(impl_->prepared, but);
  Reading reading{
      .container = record.container, .object = record.object, .dkey = {}, .akey = {}, .records = {}, .epoch = epoch};
  if (record.level != PunchLevel::kObject) reading.dkey = record.dkey.bytes();
  if (record.level != PunchLevel::kAkey) doubts.read(reading);
  for (size_t i = 0; record.level == PunchLevel::kAkey && i < record.akeys.size(); i++) {
    reading.akey = record.akeys[i].bytes();
    doubts.read(reading);
  }
  return std::move(doubts.ids);
}

}  // namespace daos::vos
