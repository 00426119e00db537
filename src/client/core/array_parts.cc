#include "client/core/array_parts.h"

#include <algorithm>
#include <map>

namespace daos::core {
namespace {

/// The part of a chunk that is being filled, and where its extents are.
struct Open {
  ArrayPart part;
  std::map<uint64_t, uint64_t> ends;  // start -> end of each extent

  bool overlaps(const messages::Extent& extent) const {
    auto behind = ends.lower_bound(extent.start + extent.count);
    return behind != ends.begin() && std::prev(behind)->second > extent.start;
  }
};

}  // namespace

std::vector<ArrayPart> cut_by_chunk(const CellRanges& ranges, uint64_t chunk, uint64_t cells_max) {
  std::map<uint64_t, Open> open;
  std::vector<ArrayPart> parts;
  uint64_t offset = 0;
  for (const messages::Extent& range : ranges) {
    for (uint64_t at = range.start; at - range.start < range.count;) {
      const uint64_t record = at % chunk;
      const uint64_t count = std::min({chunk - record, range.count - (at - range.start), cells_max});
      const messages::Extent extent{.start = record, .count = count};
      Open& here = open[at / chunk];
      const bool full = count > cells_max - here.part.cells || here.part.extents.size() == kPartExtentsMax;
      if (full || here.overlaps(extent)) parts.push_back(std::move(std::exchange(here, {}).part));
      here.part.chunk = at / chunk;
      here.part.extents.push_back(extent);
      here.part.offsets.push_back(offset);
      here.part.cells += count;
      here.ends[extent.start] = extent.start + extent.count;
      offset += count;
      at += count;
    }
  }
  for (auto& [index, last] : open) parts.push_back(std::move(last.part));
  return parts;
}

}  // namespace daos::core
