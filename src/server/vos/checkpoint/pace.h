// Slows those who fill the log in step with the checkpoint, so that nobody ever finds it full and waits for long.
//
// From the moment that the log is longer than it should be, each image that is written lets the log grow by its share:
// were that the image's part of all images times the log's length, a round would leave the log exactly as long as it
// found it. It is twice that at first and less the longer the log gets, so the length settles in between, whatever the
// disk, the sizes and the number of those who wait. Counted is what is appended, not what somebody says that he will.
#pragma once

#include <algorithm>
#include <cstdint>

#include "platform/runtime/sync.h"

namespace daos::vos {

struct PaceOptions {
  uint64_t from_bytes = UINT64_MAX;  // a log shorter than this holds nobody up
  uint64_t over_bytes = 1;           // behind so much more, images let the log grow by nothing; only a trim helps
};

class Pace {
 public:
  Pace(runtime::Reactor& reactor, PaceOptions options) : options_(options), turn_(reactor, 1), changed_(reactor) {}

  /// Whether who wants to append must wait().
  bool holds() const { return held_ && (waiting_ > 0 || appended_ >= limit_); }
  /// First come, first served. kTimedOut, kCancelled: the context ended first.
  runtime::Task<Status> wait(runtime::CallContext context) {
    waiting_++;
    Status turn = co_await turn_.acquire(context);
    if (turn.ok()) {
      while (turn.ok() && held_ && appended_ >= limit_) {
        changed_.reset();
        turn = co_await changed_.wait(context);
      }
      turn_.release();  // whoever is next comes when the caller has appended
    }
    waiting_--;
    co_return turn;
  }

  /// From where to where the log reaches now: whenever that changes.
  void log_is(uint64_t begin, uint64_t end) {
    length_ = end - begin;
    appended_ = end;
    const bool held = !ended_ && length_ > options_.from_bytes;
    if (held == held_) return;
    held_ = held;
    if (held_) {
      limit_ = appended_;
    } else {
      changed_.set();
    }
  }
  /// Nothing will be written any more: who waits is let go, to find out why.
  void end() {
    ended_ = true;
    log_is(appended_, appended_);
  }
  /// So much of `total` bytes of images was written.
  void wrote(uint64_t bytes, uint64_t total) {
    if (!held_) return;
    const double beyond =
        std::min(1.0, static_cast<double>(length_ - options_.from_bytes) / static_cast<double>(options_.over_bytes));
    const auto share =
        static_cast<uint64_t>(2 * (1 - beyond) * static_cast<double>(length_) * static_cast<double>(bytes) /
                              static_cast<double>(std::max(total, length_)));
    // Neither what nobody used nor what went beyond the limit (who does not wait: punches) counts for long.
    limit_ = std::clamp(limit_, appended_ - std::min(appended_, share), appended_ + share) + share;
    changed_.set();
  }

 private:
  PaceOptions options_;
  runtime::Semaphore turn_;
  runtime::Event changed_;
  uint64_t length_ = 0;
  uint64_t appended_ = 0;
  uint64_t limit_ = 0;  // of `appended_`, while held_
  uint64_t waiting_ = 0;
  bool held_ = false;
  bool ended_ = false;
};

}  // namespace daos::vos
