// A record on its way to the log: what is long in it is taken from where it lies, what is short is gathered. Its bytes
// are encode_record()'s.
#pragma once

#include "server/vos/records/log_records.h"

namespace daos::vos {

/// Kept and used again, so that a record costs no allocation.
class RecordParts {
 public:
  /// The record's parts in order, valid until the next call and as long as the record is.
  template <class Record>
  std::span<const ByteSpan> of(const Record& record) {
    parts_.clear();
    size_t short_bytes = 2;
    visit<CountSink>(record, CountSink{short_bytes});
    if (short_bytes > gathered_.size()) gathered_.resize(short_bytes);
    gathered_[0] = static_cast<std::byte>(Record::kKind);
    gathered_[1] = static_cast<std::byte>(format_for(record));
    at_ = 2;
    begin_ = 0;
    visit<PlaceSink>(record, PlaceSink{*this});
    end_run();
    return parts_;
  }

 private:
  static constexpr size_t kGatheredMax = 512;
  struct CountSink {
    size_t& short_bytes;
    void put(const void*, size_t bytes) { short_bytes += bytes < kGatheredMax ? bytes : 0; }
  };
  struct PlaceSink {
    RecordParts& parts;
    void put(const void* data, size_t bytes) { parts.put(data, bytes); }
  };
  template <class Sink, class Record>
  static void visit(const Record& record, Sink sink) {
    BasicEncoder<Sink> encoder(sink);
    encoder(record);
  }
  void put(const void* data, size_t bytes) {
    if (bytes < kGatheredMax) {
      if (bytes > 0) std::memcpy(gathered_.data() + at_, data, bytes);
      at_ += bytes;
      return;
    }
    end_run();
    parts_.emplace_back(static_cast<const std::byte*>(data), bytes);
  }
  void end_run() {
    if (at_ > begin_) parts_.emplace_back(gathered_.data() + begin_, at_ - begin_);
    begin_ = at_;
  }

  ByteVector gathered_;
  size_t begin_ = 0, at_ = 0;  // of the run that is being gathered
  std::vector<ByteSpan> parts_;
};

}  // namespace daos::vos
