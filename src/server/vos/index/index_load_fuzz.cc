// Any bytes as items: no crash, no unbounded memory; what is accepted can be read, written as items again, and taken
// down.
#include <cstddef>
#include <cstdint>

#include "platform/base/check.h"
#include "server/vos/index/index.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using daos::vos::Index;
  Index index;
  const daos::Status loaded = index.load(std::as_bytes(std::span(data, size)));
  daos::ByteVector items;
  DX_CHECK(index.serialise("", "", ~size_t{0}, items).empty());
  if (loaded.ok()) {
    Index again;
    DX_CHECK(again.load(items).ok(), "{} bytes", size);
  }
  for (const daos::Uuid& container : index.containers()) {
    std::optional<daos::classes::ObjectId> after;
    index.enumerate_objects(container, daos::vos::kLatest, after, [&](const daos::classes::ObjectId& object) {
      daos::vos::KeyAnchor anchor;
      index.enumerate_keys({.container = container, .object = object, .dkey = {}, .akey = {}}, daos::vos::kLatest,
                           anchor, [](daos::ByteSpan) { return true; });
      return true;
    });
  }
  daos::vos::Freed freed;
  index.reclaim({}, 1000, freed);
  for (const daos::Uuid& container : index.containers()) index.destroy(container);
  while (!index.reclaim({}, 10, freed)) {
  }
  return 0;
}
