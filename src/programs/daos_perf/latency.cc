#include "programs/daos_perf/latency.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace daos::perf {

unsigned Latencies::bucket_of(uint64_t ns) {
  if (ns < (1u << kSubBits)) return static_cast<unsigned>(ns);
  const auto shift = static_cast<unsigned>(std::bit_width(ns)) - 1 - kSubBits;
  return ((shift + 1) << kSubBits) + static_cast<unsigned>((ns >> shift) - (1u << kSubBits));
}

uint64_t Latencies::upper_end(unsigned bucket) {
  if (bucket < (1u << kSubBits)) return bucket;
  const unsigned shift = (bucket >> kSubBits) - 1;
  const uint64_t lower = uint64_t{(1u << kSubBits) + (bucket & ((1u << kSubBits) - 1))} << shift;
  return lower + ((uint64_t{1} << shift) - 1);
}

void Latencies::merge(const Latencies& other) {
  for (unsigned i = 0; i < kBuckets; i++) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  sum_ns_ += other.sum_ns_;
  max_ns_ = std::max(max_ns_, other.max_ns_);
  min_ns_ = std::min(min_ns_, other.min_ns_);
}

uint64_t Latencies::percentile_ns(double share) const {
  const auto wanted = std::max<uint64_t>(1, static_cast<uint64_t>(std::ceil(share * static_cast<double>(count_))));
  uint64_t seen = 0;
  for (unsigned i = 0; i < kBuckets; i++) {
    seen += buckets_[i];
    if (seen >= wanted) return std::min(upper_end(i), max_ns_);
  }
  return max_ns_;
}

}  // namespace daos::perf
