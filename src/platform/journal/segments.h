// The files of a log: which exist, how one comes to be and goes. A file named "segment-N" has a durable, valid header
// from the moment the name is there, so one without is damage; everything that is not that far is a "spare-N".
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "platform/journal/format.h"
#include "platform/runtime/reactor.h"
#include "platform/storage/storage.h"

namespace daos::journal {

struct Segment {
  SegmentHeader header;
  std::unique_ptr<storage::File> file;
};

class Segments {
 public:
  /// kLook: only load_segment() is called, and a log that is in use is refused at once.
  enum class Access : uint8_t { kChange, kLook };
  Segments(runtime::Reactor& reactor, storage::Disk& disk, std::string folder, Access access = Access::kChange)
      : reactor_(reactor), disk_(disk), folder_(std::move(folder)), access_(access) {}

  /// Opens and locks what is there and reads every header. `direct`: for a log of power durability.
  runtime::Task<Status> load(bool direct);
  /// One segment of it. An error leaves it out.
  runtime::Task<Status> load_segment(uint64_t sequence);
  /// Makes a segment: from a spare, or newly written. kNoSpace when the disk is full.
  runtime::Task<Status> prepare(SegmentHeader header);
  /// Takes the oldest segment out of the log; retire() gives its file a new life.
  void free_oldest();
  /// Renames the first `count` of what was freed; keeps kSparesMax files, removes the others.
  runtime::Task<Status> retire(size_t count);
  size_t freed() const { return freed_.size(); }

  const std::map<uint64_t, Segment>& live() const { return live_; }
  bool has(uint64_t sequence) const { return live_.contains(sequence); }
  uint64_t last() const { return live_.rbegin()->first; }
  storage::File& file(uint64_t sequence) const { return *live_.at(sequence).file; }
  std::string path(uint64_t sequence) const { return at(segment_name(sequence)); }
  void close() {
    live_.clear();
    spares_.clear();
    freed_.clear();
  }

 private:
  static constexpr size_t kSparesMax = 8;  // a log that shrinks gives the rest back to the disk
  struct Spare {
    uint64_t sequence;
    std::unique_ptr<storage::File> file;
  };
  std::string at(const std::string& name) const { return folder_ + "/" + name; }
  runtime::Task<Result<std::unique_ptr<storage::File>>> open_locked(std::string path, bool create);
  runtime::Task<Result<bool>> is_reusable(storage::File& file);
  /// Takes over what an earlier run left as spare, or removes it.
  runtime::Task<Status> adopt_spare(uint64_t sequence);

  runtime::Reactor& reactor_;
  storage::Disk& disk_;
  const std::string folder_;
  const Access access_;
  bool direct_ = false;
  std::map<uint64_t, Segment> live_;
  std::vector<Spare> spares_;
  std::vector<Spare> freed_;
};

}  // namespace daos::journal
