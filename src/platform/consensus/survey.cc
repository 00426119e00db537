#include "platform/consensus/survey.h"

#include "platform/consensus/format.h"

namespace daos::consensus {

runtime::Task<Result<ReplicaSurvey>> survey_replica(runtime::Reactor& reactor, storage::Disk& disk,
                                                    std::string directory, StateMachine& machine) {
  ReplicaSurvey result{.snapshot_path = directory + "/snapshot"};
  if (disk.exists(result.snapshot_path)) {
    result.has_snapshot = true;
    const IoBuf bytes = DX_CO_TRY(co_await storage::read_file(disk, result.snapshot_path, kSnapshotBytesMax));
    const Result<Snapshot> snapshot = decode_snapshot(bytes.bytes(), result.snapshot_path);
    result.snapshot = snapshot.status();
    if (snapshot.ok()) {
      result.snapshot_position = snapshot->position;
      result.snapshot = machine.restore(snapshot->state);
    }
  }
  result.log = DX_CO_TRY(co_await journal::survey(
      reactor, disk, directory + "/log",
      [&](journal::Position position, ByteSpan record, journal::Settled) -> Status {
        if (position <= result.snapshot_position) return {};
        const Entry entry = DX_TRY(decode_entry(record));
        // Without its snapshot a machine takes no command, which says nothing about the commands.
        if (!result.snapshot.ok()) return {};
        DX_TRY(machine.apply(entry.command).status());
        result.commands++;
        return {};
      },
      [](uint64_t, ByteSpan) {}));
  if (result.snapshot.ok() && result.log.tail.trimmed > result.snapshot_position.value()) {
    result.snapshot = error(Code::kCorrupt, "{}: the log was given up to position {}",
                            result.has_snapshot ? "it is an old one" : "it is missing", result.log.tail.trimmed);
  }
  co_return result;
}

}  // namespace daos::consensus
