// Latencies in a histogram of fixed size: plain data, so that it can lie in memory shared between processes. A bucket
// is at most 1/32 wider than its lower end.
#pragma once

#include <array>
#include <cstdint>

namespace daos::perf {

class Latencies {
 public:
  void add(uint64_t ns) {
    buckets_[bucket_of(ns)]++;
    count_++;
    sum_ns_ += ns;
    if (ns > max_ns_) max_ns_ = ns;
    if (ns < min_ns_) min_ns_ = ns;
  }
  void merge(const Latencies& other);

  uint64_t count() const { return count_; }
  uint64_t min_ns() const { return count_ == 0 ? 0 : min_ns_; }
  uint64_t max_ns() const { return max_ns_; }
  double mean_ns() const { return count_ == 0 ? 0 : static_cast<double>(sum_ns_) / static_cast<double>(count_); }
  /// So many ns or less took `share` (0 to 1) of them, to a bucket's width.
  uint64_t percentile_ns(double share) const;

 private:
  static constexpr unsigned kSubBits = 5;
  static constexpr unsigned kBuckets = (64 - kSubBits + 1) << kSubBits;
  static unsigned bucket_of(uint64_t ns);
  static uint64_t upper_end(unsigned bucket);

  std::array<uint64_t, kBuckets> buckets_{};
  uint64_t count_ = 0;
  uint64_t sum_ns_ = 0;
  uint64_t max_ns_ = 0;
  uint64_t min_ns_ = UINT64_MAX;
};

}  // namespace daos::perf
