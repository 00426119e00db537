// What a filter says about one dkey: conditions and numbers, over the dkey and the akeys that were read for it. Pure
// functions on filters that were checked (daos_pipeline_check).
#pragma once

#include <daos_pipeline.h>

#include <optional>
#include <vector>

#include "platform/base/bytes.h"
#include "platform/base/status.h"

namespace daos::capi {

/// -DER_DIV_BY_ZERO, which only pipelines know and the table of codes therefore does not.
inline constexpr Code kDivisionByZero = static_cast<Code>(DER_DIV_BY_ZERO);

/// An akey as it was read.
struct PipelineValue {
  ByteSpan akey;
  bool there = false;
  ByteSpan bytes;  // of an array: records one behind the other, holes as zeros
  // Of an array, else 0: size of a record, and which records `bytes` are.
  uint64_t record_bytes = 0;
  std::vector<daos_recx_t> records;
};
struct PipelineRow {
  ByteSpan dkey;
  std::vector<PipelineValue> values;
};

/// Whether all conditions hold. kDivisionByZero.
Result<bool> matches(const daos_pipeline_t& pipeline, const PipelineRow& row);

/// One aggregation over the rows that it is given.
class Aggregate {
 public:
  explicit Aggregate(const daos_filter_t& filter);
  /// A row without the value is left out. kDivisionByZero.
  Status add(const PipelineRow& row);
  double result() const;

 private:
  enum class Kind : uint8_t { kSum, kMin, kMax, kAverage };
  const daos_filter_t* filter_;
  Kind kind_;
  double value_;
  uint64_t count_ = 0;
};

}  // namespace daos::capi
