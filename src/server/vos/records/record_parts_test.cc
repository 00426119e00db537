// The parts of a record are its bytes, whatever lies where.
#include "server/vos/records/record_parts.h"

#include <gtest/gtest.h>

namespace daos::vos {
namespace {

ByteVector joined(std::span<const ByteSpan> parts) {
  ByteVector bytes;
  for (const ByteSpan part : parts) bytes.insert(bytes.end(), part.begin(), part.end());
  return bytes;
}
IoBuf bytes_of(size_t count, uint8_t what) { return IoBuf::copy_of(ByteVector(count, std::byte{what})); }

TEST(RecordParts, AreTheBytesOfTheRecord) {
  RecordParts parts;
  for (const size_t dkey : {1u, 511u, 512u, 4000u}) {
    for (const size_t value : {0u, 10u, 511u, 512u, 70'000u}) {
      UpdateRecord record{.container = Uuid::from_random(1, 2), .epoch = 7, .dkey = bytes_of(dkey, 1)};
      for (uint8_t akey = 0; akey < 3; akey++) {
        record.values.push_back({.akey = bytes_of(3, akey), .record_bytes = value, .value = bytes_of(value, akey)});
      }
      EXPECT_EQ(joined(parts.of(record)), encode_record(record)) << dkey << " " << value;
    }
  }
  const UpdateRecord in_runs{.dkey = bytes_of(1, 1), .values = {{.record_bytes = 9, .stored = {{}, {}}}}};
  EXPECT_EQ(joined(parts.of(in_runs)), encode_record(in_runs));
  const PunchRecord punch{.level = PunchLevel::kAkey, .dkey = bytes_of(600, 1), .akeys = {bytes_of(2, 2)}};
  EXPECT_EQ(joined(parts.of(punch)), encode_record(punch));
}

TEST(RecordParts, TakeWhatIsLongFromWhereItLies) {
  RecordParts parts;
  const UpdateRecord record{.dkey = bytes_of(8, 1), .values = {{.akey = bytes_of(1, 1), .value = bytes_of(4096, 2)}}};
  const std::span<const ByteSpan> all = parts.of(record);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[1].data(), record.values[0].value.data());
}

}  // namespace
}  // namespace daos::vos
