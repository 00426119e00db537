// Any bytes as a record of a shard's log and as its superblock: read or refused without a crash; what is read is
// written the same again. Records go on into an index, as a replay takes them.
#include "platform/base/check.h"
#include "platform/base/hash.h"
#include "server/vos/extents/extent_file.h"
#include "server/vos/index/index.h"
#include "server/vos/records/log_records.h"
#include "server/vos/shard_file.h"

namespace {

using namespace daos;

class Replay : public vos::RecordVisitor {
 public:
  Status on(vos::UpdateRecord record) override {
    index_.cost_of(record);
    if (index_.check(record).ok()) index_.apply(record, journal::Position(1));
    index_.destroy(record.container);
    vos::Freed freed;
    while (!index_.reclaim({}, 10, freed)) {
    }
    DX_CHECK(index_.akeys() == 0, "{} akeys are left", index_.akeys());
    return keep(record);
  }
  Status on(vos::PunchRecord record) override {
    index_.apply(record, journal::Position(1));
    return keep(record);
  }
  Status on(vos::SlotClosedRecord record) override { return keep(record); }
  Status on(vos::ClientEndedRecord record) override { return keep(record); }
  Status on(vos::ClockReservedRecord record) override { return keep(record); }
  Status on(vos::ContainerDestroyedRecord record) override { return keep(record); }
  ByteVector bytes;

 private:
  template <class Record>
  Status keep(const Record& record) {
    bytes = vos::encode_record(record);
    return {};
  }
  vos::Index index_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ByteSpan input = std::as_bytes(std::span(data, size));
  Replay replay;
  if (vos::decode_record(input, replay).ok())
    DX_CHECK(replay.bytes == ByteVector(input.begin(), input.end()), "{}", size);

  vos::decode_superblock(input, "fuzz").ignore("any outcome will do");
  vos::check_extents_header(input, Uuid::from_random(1, 1), "fuzz").ignore("any outcome will do");
  // The same bytes as a body behind a true magic and checksum, which no fuzzer guesses.
  ByteVector file(8);
  std::memcpy(file.data(), "DAOSSHRD", 8);
  encode_into(file, crc32c(input));
  file.insert(file.end(), input.begin(), input.end());
  const Result<vos::ShardSuperblock> read = vos::decode_superblock(file, "fuzz");
  if (read.ok()) DX_CHECK(vos::encode_superblock(*read) == file, "{}", size);
  return 0;
}
