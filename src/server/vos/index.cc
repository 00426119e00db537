#include "server/vos/index.h"

#include <bit>

#include "platform/base/hash.h"

namespace daos::vos {

Key make_key(classes::KeyKind kind, ByteSpan bytes) {
  Key key{.bytes = std::string(as_text(bytes))};
  switch (kind) {
    case classes::KeyKind::kHashed: key.rank = xxh3(bytes); break;
    case classes::KeyKind::kLexical: {
      uint64_t prefix = 0;
      std::memcpy(&prefix, key.bytes.data(), std::min(key.bytes.size(), sizeof prefix));
      key.rank = std::byteswap(prefix);
      break;
    }
    case classes::KeyKind::kUint64: std::memcpy(&key.rank, key.bytes.data(), std::min(key.bytes.size(), sizeof key.rank)); break;
  }
  return key;
}

const Akey* Index::find(const Uuid& container, const classes::ObjectId& object, ByteSpan dkey, ByteSpan akey) const {
  const auto in_container = containers_.find(container);
  if (in_container == containers_.end()) return nullptr;
  const auto in_object = in_container->second.objects.find(object);
  if (in_object == in_container->second.objects.end()) return nullptr;
  const auto& dkeys = in_object->second.dkeys;
  const auto in_dkey = dkeys.find(make_key(classes::dkey_kind(object.type()), dkey));
  if (in_dkey == dkeys.end()) return nullptr;
  const auto& akeys = in_dkey->second.akeys;
  const auto found = akeys.find(make_key(classes::akey_kind(object.type()), akey));
  return found == akeys.end() ? nullptr : &found->second;
}

uint64_t Index::cost_of(const UpdateRecord& record) const {
  uint64_t bytes = 0;
  bool dkey_there = false;
  for (const AkeyValue& value : record.values) {
    const Akey* akey = find(record.container, record.object, record.dkey.bytes(), value.akey.bytes());
    bytes += value.value.size();
    if (akey == nullptr) {
      bytes += kAkeyBytes + value.akey.size();
    } else {
      dkey_there = true;
    }
  }
  if (!dkey_there) bytes += kDkeyBytes + kObjectBytes + record.dkey.size();  // at most: other akeys may have made it
  return bytes;
}

Status Index::check_kinds(const UpdateRecord& record) const {
  for (const AkeyValue& value : record.values) {
    const Akey* akey = find(record.container, record.object, record.dkey.bytes(), value.akey.bytes());
    if (akey != nullptr && akey->kind != value.kind) {
      return error(Code::kNoPerm, "the akey holds {}, and its kind was fixed by its first write",
                   akey->kind == ValueKind::kSingle ? "a single value" : "an array");
    }
  }
  return {};
}

void Index::apply(const UpdateRecord& record, journal::Position position) {
  Container& container = containers_[record.container];
  const auto [object, new_object] = container.objects.try_emplace(record.object);
  if (new_object) used_bytes_ += kObjectBytes;
  object->second.highest_epoch = std::max(object->second.highest_epoch, record.epoch);
  const auto [dkey, new_dkey] =
      object->second.dkeys.try_emplace(make_key(classes::dkey_kind(record.object.type()), record.dkey.bytes()));
  if (new_dkey) used_bytes_ += kDkeyBytes + record.dkey.size();
  for (const AkeyValue& value : record.values) {
    const auto [akey, new_akey] =
        dkey->second.akeys.try_emplace(make_key(classes::akey_kind(record.object.type()), value.akey.bytes()));
    if (new_akey) {
      used_bytes_ += kAkeyBytes + value.akey.size();
      akeys_++;
    }
    used_bytes_ += value.value.size();
    used_bytes_ -= akey->second.value.bytes.size();
    akey->second.kind = value.kind;
    akey->second.value = Value{.epoch = record.epoch, .minor = record.minor, .position = position,
                               .bytes = IoBuf::copy_of(value.value.bytes())};
  }
}

void Index::destroy(const Uuid& id) {
  const auto container = containers_.find(id);
  if (container == containers_.end()) return;
  for (const auto& [object_id, object] : container->second.objects) {
    used_bytes_ -= kObjectBytes;
    for (const auto& [dkey_key, dkey] : object.dkeys) {
      used_bytes_ -= kDkeyBytes + dkey_key.bytes.size();
      for (const auto& [akey_key, akey] : dkey.akeys) {
        used_bytes_ -= kAkeyBytes + akey_key.bytes.size() + akey.value.bytes.size();
        akeys_--;
      }
    }
  }
  containers_.erase(container);
}

}  // namespace daos::vos
