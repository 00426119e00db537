// Existence and what rests on it: conditions, and whether an akey may take a value of the other kind.
#include "server/vos/index/impl.h"

namespace daos::vos {

bool Index::Impl::exists(const ObjectNode& object, const DkeyNode& dkey, const AkeyNode& akey, uint64_t epoch,
                         journal::Position& newest) {
  const Punches above = punches(object, dkey, akey);
  if (single_at(akey, above, epoch, newest) != nullptr) return true;
  const Array* array = akey.array();
  if (array == nullptr) return false;
  const bool there = array->exists_at(epoch, above);
  if (there) depend(newest, array->newest_position);
  return there;
}

bool Index::Impl::exists(const ObjectNode& object, const DkeyNode& dkey, uint64_t epoch, journal::Position& newest) {
  const Marker hiding = Punches{{&object.markers, &dkey.markers, nullptr}}.hiding(last_of(epoch));
  depend(newest, hiding.position);
  if (dkey.newest_epoch < hiding.version.epoch) return false;  // nothing since: no need to ask the akeys
  return !each_akey(dkey, [&](AkeyNode& akey) { return !exists(object, dkey, akey, epoch, newest); });
}

bool Index::Impl::exists(const ObjectNode& object, uint64_t epoch, journal::Position& newest) {
  const Marker hiding = Punches{{&object.markers, nullptr, nullptr}}.hiding(last_of(epoch));
  depend(newest, hiding.position);
  if (object.newest_epoch < hiding.version.epoch) return false;
  return object.dkeys.any(false,
                          [&](const KeyEntry<DkeyNode>& entry) { return exists(object, *entry.node, epoch, newest); });
}

bool Index::Impl::exists(const KeyPath& path, uint64_t epoch) const {
  const Found found = find(path);
  journal::Position newest;
  if (found.object == nullptr) return false;
  if (path.dkey.empty()) return exists(*found.object, epoch, newest);
  if (found.dkey == nullptr) return false;
  if (path.akey.empty()) return exists(*found.object, *found.dkey, epoch, newest);
  return found.akey != nullptr && exists(*found.object, *found.dkey, *found.akey, epoch, newest);
}

bool Index::exists(const KeyPath& path, uint64_t epoch) const {
  return impl_->exists(path, std::min(epoch, kLatest - 1));
}

namespace {

std::string printable(ByteSpan key) {
  std::string text;
  for (const std::byte byte : key.first(std::min<size_t>(key.size(), 32))) {
    const char c = static_cast<char>(byte);
    text.push_back(c >= ' ' && c <= '~' ? c : '.');
  }
  return key.size() > 32 ? text + "..." : text;
}

Status already_there(std::string_view what, ByteSpan key) {
  return error(Code::kExists, "{} \"{}\" exists, and the condition says insert", what, printable(key));
}
Status not_there(std::string_view what, ByteSpan key) {
  return error(Code::kNonexistent, "{} \"{}\" does not exist, and the condition asks for it", what, printable(key));
}

}  // namespace

Status Index::check(const UpdateRecord& record) const {
  for (const AkeyValue& value : record.values) {
    DX_TRY(check_lengths(value));
    const Impl::Found found = impl_->find({.container = record.container,
                                           .object = record.object,
                                           .dkey = record.dkey.bytes(),
                                           .akey = value.akey.bytes()});
    if (found.akey == nullptr) continue;
    const Punches punches = found.punches();
    journal::Position newest;
    const bool other_kind = value.kind == ValueKind::kSingle
                                ? found.akey->array() != nullptr && found.akey->array()->exists_at(kLatest - 1, punches)
                                : Impl::single_at(*found.akey, punches, kLatest - 1, newest) != nullptr;
    if (!other_kind) continue;
    return error(Code::kNoPerm, "akey \"{}\" holds {} already: punch it before it can hold the other kind",
                 printable(value.akey.bytes()), value.kind == ValueKind::kSingle ? "an array" : "a single value");
  }
  return {};
}

Status Index::check_conditions(const UpdateRecord& record, uint64_t conditions, const std::vector<uint64_t>& per_akey,
                               uint64_t epoch) const {
  KeyPath path{.container = record.container, .object = record.object, .dkey = record.dkey.bytes(), .akey = {}};
  if ((conditions & (kCondDkeyInsert | kCondDkeyUpdate)) != 0) {
    const bool there = exists(path, epoch);
    if (there && (conditions & kCondDkeyInsert) != 0) return already_there("dkey", path.dkey);
    if (!there && (conditions & kCondDkeyUpdate) != 0) return not_there("dkey", path.dkey);
  }
  for (size_t i = 0; i < record.values.size(); i++) {
    uint64_t asked = conditions;
    if ((conditions & kCondPerAkey) != 0) asked = i < per_akey.size() ? per_akey[i] : 0;
    if ((asked & (kCondAkeyInsert | kCondAkeyUpdate)) == 0) continue;
    path.akey = record.values[i].akey.bytes();
    const bool there = exists(path, epoch);
    if (there && (asked & kCondAkeyInsert) != 0) return already_there("akey", path.akey);
    if (!there && (asked & kCondAkeyUpdate) != 0) return not_there("akey", path.akey);
  }
  return {};
}

Status Index::check_conditions(const PunchRecord& record, uint64_t conditions, uint64_t epoch) const {
  if ((conditions & kCondPunch) == 0) return {};
  KeyPath path{.container = record.container, .object = record.object, .dkey = {}, .akey = {}};
  if (record.level == PunchLevel::kObject) {
    return exists(path, epoch) ? Status() : error(Code::kNonexistent, "object {} does not exist", record.object);
  }
  path.dkey = record.dkey.bytes();
  if (record.level == PunchLevel::kDkey) return exists(path, epoch) ? Status() : not_there("dkey", path.dkey);
  for (const IoBuf& akey : record.akeys) {
    path.akey = akey.bytes();
    if (!exists(path, epoch)) return not_there("akey", path.akey);
  }
  return {};
}

Status Index::check_fetch(const KeyPath& path, const std::vector<ByteSpan>& akeys, uint64_t conditions,
                          const std::vector<uint64_t>& per_akey, uint64_t epoch) const {
  KeyPath asked_path = path;
  asked_path.akey = {};
  if ((conditions & kCondDkeyFetch) != 0) {
    if (!exists(asked_path, epoch)) return not_there("dkey", path.dkey);
  }
  for (size_t i = 0; i < akeys.size(); i++) {
    uint64_t asked = conditions;
    if ((conditions & kCondPerAkey) != 0) asked = i < per_akey.size() ? per_akey[i] : 0;
    if ((asked & kCondAkeyFetch) == 0) continue;
    asked_path.akey = akeys[i];
    if (!exists(asked_path, epoch)) return not_there("akey", akeys[i]);
  }
  return {};
}

}  // namespace daos::vos
