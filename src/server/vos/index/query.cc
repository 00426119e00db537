// The largest or smallest integer dkey, akey and extent, nested.
#include "server/vos/index/impl.h"

namespace daos::vos {

/// Whether the akey has what is asked for; then `result` says what.
bool Index::Impl::query_akey(const Found& at, const Query& query, uint64_t epoch, QueryResult& result) {
  if (!query.recx) return exists(*at.object, *at.dkey, *at.akey, epoch, result.position);
  const Array* array = at.akey->array();
  if (array == nullptr) return false;
  const Marker hiding = at.punches().hiding(last_of(epoch));
  depend(result.position, hiding.position);
  if (array->newest < hiding.version) return false;
  bool found = false;
  const Array::View view{.epoch = epoch, .hidden_before = hiding.version};
  depend(result.position, array->each(query.max ? ~0ull : 0, !query.max, view, [&](const Array::Seen& seen) {
    result.recx = {.start = seen.start, .count = seen.end - seen.start};
    found = true;
    return false;
  }));
  return found;
}

bool Index::Impl::query_dkey(const Found& at, const KeyPath& path, const Query& query, uint64_t epoch,
                             QueryResult& result) {
  if (!query.akey && !query.recx) return exists(*at.object, *at.dkey, epoch, result.position);
  Found below = at;
  if (!query.akey) {
    below.akey = find_akey(*at.object, *at.dkey, path.akey);
    return below.akey != nullptr && query_akey(below, query, epoch, result);
  }
  const auto try_akey = [&](AkeyNode& akey) {
    below.akey = &akey;
    if (!query_akey(below, query, epoch, result)) return false;
    result.akey = probe_of(at.object->akey_kind(), akey.key()).rank;
    return true;
  };
  if (at.dkey->akeys == nullptr) return at.dkey->has_first != 0 && try_akey(at.dkey->first);
  return at.dkey->akeys->any(query.max, [&](const KeyEntry<AkeyNode>& entry) { return try_akey(*entry.node); });
}

Index::QueryResult Index::query(const KeyPath& path, Query query, uint64_t epoch) const {
  epoch = std::min(epoch, kLatest - 1);
  QueryResult result;
  Impl::Found at = impl_->find({.container = path.container, .object = path.object, .dkey = path.dkey, .akey = {}});
  if (at.object == nullptr) return result;
  const Marker hiding = Punches{{&at.object->markers}}.hiding(last_of(epoch));
  depend(result.position, hiding.position);
  if (at.object->newest_epoch < hiding.version.epoch) return result;
  if (!query.dkey) {
    result.found = at.dkey != nullptr && Impl::query_dkey(at, path, query, epoch, result);
    return result;
  }
  const auto try_dkey = [&](const KeyEntry<DkeyNode>& entry) {
    at.dkey = entry.node;
    if (!Impl::query_dkey(at, path, query, epoch, result)) return false;
    result.dkey = entry.rank;
    return true;
  };
  result.found = at.object->dkeys.any(query.max, try_dkey);
  return result;
}

}  // namespace daos::vos
