// Any bytes: no crash, no unbounded memory; what is accepted encodes to the same bytes and answers every question.
#include <cstddef>
#include <cstdint>

#include "model/map/pool_map.h"
#include "platform/base/check.h"

using daos::map::kServing;
using daos::map::Level;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const daos::ByteSpan bytes = std::as_bytes(std::span(data, size));
  const daos::Result<daos::map::PoolMapRef> decoded = daos::map::PoolMap::decode(bytes);
  if (!decoded.ok()) return 0;
  const daos::map::PoolMap& map = **decoded;
  const daos::ByteVector again = map.encode();
  DX_CHECK(again == daos::ByteVector(bytes.begin(), bytes.end()), "{} bytes", size);
  uint32_t serving = 0;
  for (const daos::map::Target& target : map.targets()) {
    DX_CHECK(map.find_target(map.engine_of(target).rank(), map.index_in_engine(target)) == &target, "target {}",
             target.id);
    for (const Level level : {Level::kTarget, Level::kEngine, Level::kNode, Level::kGroup, Level::kRoot}) {
      DX_CHECK(map.domain_of(target, level) < map.domain_count(level), "target {}", target.id);
    }
    serving += map.is_in(target, kServing);
  }
  DX_CHECK(serving == map.count_targets(kServing), "{} serving", serving);
  return 0;
}
