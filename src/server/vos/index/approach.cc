// Going to a key step by step: what a look-up would wait for, one read of memory after the other, is asked for ahead,
// and whoever else has something to do works meanwhile.
#include "server/vos/index/impl.h"

namespace daos::vos {
namespace {

/// The lines that most values lie in.
void fetch_blob(const Blob* blob) {
  if (blob == nullptr) return;
  const auto* bytes = reinterpret_cast<const char*>(blob);
  __builtin_prefetch(bytes);
  __builtin_prefetch(bytes + 64);
}

}  // namespace

bool Index::approach(const KeyPath& path, Approach& at) const {
  const Impl& impl = *impl_;
  const uint64_t changes = impl.store.memory.tree_changes;
  const auto find_leaf = [&] {
    at.changes = changes;
    at.object = impl.find_object(path.container, path.object);
    if (at.object == nullptr || path.dkey.empty()) return false;
    const KeyProbe probe = probe_of(at.object->dkey_kind(), path.dkey);
    at.rank = probe.rank;
    at.leaf = at.object->dkeys.expect(probe);
    return at.leaf != nullptr;
  };
  switch (at.step++) {
    case 0:
      return find_leaf();
    case 1:
      if (at.changes != changes && !find_leaf()) return false;  // the way there is warm by now
      at.dkey = DkeyTree::expect(*static_cast<const DkeyTree::Leaf*>(at.leaf), at.rank);
      return at.dkey != nullptr;
    case 2:
      if (at.changes != changes) return false;
      fetch_blob(at.dkey->first.single);
      __builtin_prefetch(at.dkey->first.rest_pointer);
      return true;
    case 3:
      if (at.changes != changes) return false;
      if (const Blob* value = at.dkey->first.single; value != nullptr && value->fetch_ahead()) return true;
      [[fallthrough]];
    default:
      if (at.changes == changes && as_text(at.dkey->key()) == as_text(path.dkey)) impl.remember(*at.object, *at.dkey);
      return false;
  }
}

}  // namespace daos::vos
