// Objects, keys and extents one after the other.
#include "server/vos/index/impl.h"

namespace daos::vos {
namespace {

/// Offers keys until one is not taken, and sets the anchor behind the last one that was.
class Walk {
 public:
  Walk(KeyAnchor& anchor, classes::KeyKind kind, const std::function<bool(ByteSpan)>& take)
      : anchor_(anchor), kind_(kind), take_(take) {}
  bool offer(ByteSpan key) {
    if (!take_(key)) {
      if (!last_.empty()) anchor_ = anchor_at(kind_, last_);
      return false;
    }
    last_ = key;
    return true;
  }
  void end() { anchor_.state = KeyAnchor::State::kEnd; }

 private:
  KeyAnchor& anchor_;
  classes::KeyKind kind_;
  const std::function<bool(ByteSpan)>& take_;
  ByteSpan last_;
};

}  // namespace

journal::Position Index::enumerate_keys(const KeyPath& path, uint64_t epoch, KeyAnchor& anchor,
                                        const std::function<bool(ByteSpan)>& take) const {
  epoch = std::min(epoch, kLatest - 1);
  journal::Position newest;
  if (anchor.state == KeyAnchor::State::kEnd) return newest;
  const Impl::Found at =
      impl_->find({.container = path.container, .object = path.object, .dkey = path.dkey, .akey = {}});
  const bool from_start = anchor.state == KeyAnchor::State::kStart;
  if (at.object == nullptr || (!path.dkey.empty() && at.dkey == nullptr)) {
    if (at.object != nullptr) depend(newest, Punches{{&at.object->markers}}.hiding(last_of(epoch)).position);
    anchor.state = KeyAnchor::State::kEnd;
    return newest;
  }
  const ObjectNode& object = *at.object;
  const Punches above{{&object.markers, at.dkey == nullptr ? nullptr : &at.dkey->markers}};
  const Marker hiding = above.hiding(last_of(epoch));
  depend(newest, hiding.position);
  if ((at.dkey == nullptr ? object.newest_epoch : at.dkey->newest_epoch) < hiding.version.epoch) {
    anchor.state =
        KeyAnchor::State::kEnd;  // nothing was written since: no need to look at what reclaim has not removed yet
    return newest;
  }
  if (path.dkey.empty()) {
    Walk walk(anchor, object.dkey_kind(), take);
    auto dkey = from_start ? object.dkeys.begin() : object.dkeys.upper_bound(anchor);
    for (; dkey != object.dkeys.end(); ++dkey) {
      fetch_ahead(dkey);
      if (!Impl::exists(object, *dkey.node(), epoch, newest)) continue;
      if (!walk.offer(dkey.node()->key())) return newest;
    }
    walk.end();
    return newest;
  }
  Walk walk(anchor, object.akey_kind(), take);
  const DkeyNode& dkey = *at.dkey;
  const auto offer = [&](AkeyNode& akey) {
    return !Impl::exists(object, dkey, akey, epoch, newest) || walk.offer(akey.key());
  };
  if (dkey.akeys == nullptr) {
    if (dkey.has_first != 0) {
      const uint64_t rank = probe_of(object.akey_kind(), dkey.first.key()).rank;
      const bool behind = from_start || compare_with_anchor(rank, dkey.first.key(), dkey.first.lexical(), anchor) > 0;
      if (behind && !offer(const_cast<AkeyNode&>(dkey.first))) return newest;
    }
    walk.end();
    return newest;
  }
  auto akey = from_start ? dkey.akeys->begin() : dkey.akeys->upper_bound(anchor);
  for (; akey != dkey.akeys->end(); ++akey) {
    if (!offer(*akey.node())) return newest;
  }
  walk.end();
  return newest;
}

journal::Position Index::enumerate_objects(const Uuid& container, uint64_t epoch,
                                           std::optional<classes::ObjectId>& after,
                                           const std::function<bool(const classes::ObjectId&)>& take) const {
  epoch = std::min(epoch, kLatest - 1);
  journal::Position newest;
  const auto found = impl_->containers.find(container);
  if (found == impl_->containers.end()) return newest;
  const auto& objects = found->second->objects;
  auto object = after ? objects.upper_bound(*after) : objects.begin();
  for (; object != objects.end(); ++object) {
    if (object->second.node == nullptr || !Impl::exists(*object->second.node, epoch, newest)) continue;
    if (!take(object->first)) return newest;
    after = object->first;
  }
  return newest;
}

journal::Position Index::enumerate_extents(const KeyPath& path, uint64_t epoch, uint64_t from, bool upwards,
                                           const std::function<bool(const ExtentView&)>& take) const {
  epoch = std::min(epoch, kLatest - 1);
  const Impl::Found found = impl_->find(path);
  if (found.akey == nullptr || found.akey->array() == nullptr) return single(path, epoch).position;
  const Array& array = *found.akey->array();
  const Marker hiding = found.punches().hiding(last_of(epoch));
  journal::Position newest = hiding.position;
  if (array.newest < hiding.version) return newest;
  const Array::View view{.epoch = epoch, .hidden_before = hiding.version};
  depend(newest, array.each(from, upwards, view,
                            [&](const Array::Seen& seen) { return take(view_of(seen.start, seen.end, *seen.blob)); }));
  return newest;
}

}  // namespace daos::vos
