#include "platform/journal/survey.h"

namespace daos::journal {

runtime::Task<Result<Survey>> survey(runtime::Reactor& reactor, storage::Disk& disk, std::string directory,
                                     Replay replay, Recoverer::Lost lost, Prepare prepare) {
  Survey result;
  Segments segments(reactor, disk, directory, Segments::Access::kLook);
  const std::vector<std::string> names = DX_CO_TRY(disk.list(directory));
  for (const std::string& name : names) {
    if (sequence_of(name, "spare-")) result.spares.push_back(directory + "/" + name);
    const std::optional<uint64_t> sequence = sequence_of(name, "segment-");
    if (!sequence) continue;
    Status loaded = co_await segments.load_segment(*sequence);
    if (loaded.code() == Code::kBusy) co_return loaded;
    if (!loaded.ok()) {
      result.damage.push_back(
          {.path = directory + "/" + name, .offset = 0, .what = std::string(loaded.message()), .from = 0, .to = 0});
    }
  }
  if (segments.live().empty()) co_return result;

  const SegmentHeader& first = segments.live().begin()->second.header;
  result.durability = first.block_bytes == kBlockBytesPower ? Durability::kPower : Durability::kProcess;
  Recoverer recoverer(reactor, segments, result.durability, replay, prepare);
  result.tail = DX_CO_TRY(co_await recoverer.look(result.damage, lost));
  for (const auto& [sequence, segment] : segments.live()) {
    const auto counted = recoverer.counts().find(sequence);
    const Recoverer::Counts counts = counted == recoverer.counts().end() ? Recoverer::Counts{} : counted->second;
    result.segments.push_back({.path = segments.path(sequence), .blocks = counts.blocks, .records = counts.records});
  }
  segments.close();
  co_return result;
}

}  // namespace daos::journal
