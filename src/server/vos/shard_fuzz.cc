// Any bytes as a record of a shard's log and as its superblock: read or refused without a crash; what is read is
// written the same again. Records go on into an index, as a replay takes them.
#include <set>

#include "platform/base/check.h"
#include "platform/base/hash.h"
#include "server/vos/extents/extent_file.h"
#include "server/vos/index/index.h"
#include "server/vos/records/transaction_records.h"
#include "server/vos/shard_file.h"
#include "server/vos/transaction_table.h"

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
  Status on(vos::PreparedRecord record) override {
    // Committed as soon as it is prepared; what one record says of keys need not be what the other one said.
    index_.cost_of(record);
    index_.prepare(record, journal::Position(1));
    vos::TransactionTable table;
    table.apply(record);
    DX_CHECK(table.in_doubt().size() == 1, "{} in doubt", table.in_doubt().size());
    bool sound = true;
    for (const vos::Modification& modification : record.modifications) {
      const auto* update = std::get_if<vos::UpdateRecord>(&modification.what);
      sound = sound && (update == nullptr || index_.check(*update).ok());
      containers_.insert(std::visit([](const auto& what) { return what.container; }, modification.what));
    }
    const vos::Outcome outcome = sound ? vos::Outcome::kCommitted : vos::Outcome::kAborted;
    index_.decide({.id = record.id, .outcome = outcome, .epoch = record.epoch, .keys = vos::touched_by(record)},
                  journal::Position(2));
    DX_CHECK(!index_.has_prepared(), "prepared after its decision");
    wipe();
    return keep(record);
  }
  Status on(vos::DecisionRecord record) override {
    index_.decide(record, journal::Position(1));
    vos::TransactionTable table;
    table.apply(record);
    for (const vos::Touched& touched : record.keys) containers_.insert(touched.container);
    wipe();
    return keep(record);
  }
  Status on(vos::ForgottenRecord record) override { return keep(record); }
  Status on(vos::SlotClosedRecord record) override { return keep(record); }
  Status on(vos::ClientEndedRecord record) override { return keep(record); }
  Status on(vos::ClockReservedRecord record) override { return keep(record); }
  Status on(vos::ContainerDestroyedRecord record) override { return keep(record); }
  ByteVector bytes;

 private:
  void wipe() {
    for (const Uuid& container : containers_) index_.destroy(container);
    vos::Freed freed;
    while (!index_.reclaim({}, 10, freed)) {
    }
    DX_CHECK(index_.akeys() == 0, "{} akeys are left", index_.akeys());
  }
  template <class Record>
  Status keep(const Record& record) {
    bytes = vos::encode_record(record);
    return {};
  }
  vos::Index index_;
  std::set<Uuid> containers_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ByteSpan input = std::as_bytes(std::span(data, size));
  Replay replay;
  if (vos::decode_record(input, replay).ok()) {
    // Of formats that can say the same the oldest is written.
    DX_CHECK(replay.bytes[1] <= input[1], "{}", size);
    replay.bytes[1] = input[1];
    DX_CHECK(replay.bytes == ByteVector(input.begin(), input.end()), "{}", size);
  }

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
