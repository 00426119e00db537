// From what a target answered to what the caller's memory holds. Plain functions. Of this folder and of the C API.
#pragma once

#include "client/core/object.h"

namespace daos::core {

/// A run of data, and its place in a buffer for everything that was asked for.
struct Run {
  uint64_t place = 0;
  uint64_t bytes = 0;
};

/// As many bytes as a buffer for everything that an akey asks for has; the largest number there is when it has more.
uint64_t asked_bytes(messages::ValueKind kind, std::span<const messages::Extent> asked, uint64_t record_bytes);
/// In the order of the data. kCorrupt: runs that were not asked for, or that reach over `room` bytes.
Result<std::vector<Run>> places_of(messages::ValueKind kind, std::span<const messages::Extent> asked,
                                   const messages::FetchedValue& value, uint64_t room);
/// Whether everything that is asked for has its place in the memory of its akey.
bool fits(const Fetch& fetch, std::span<const messages::FetchedValue> values);
/// How data is judged, and of what object it is.
struct Judgement {
  stripe::ChecksumSpec checksums;
  classes::ObjectId object;
};
inline Judgement judgement_of(const Object& object) { return {object.container()->checksums(), object.id()}; }

/// Data that came with the reply goes to its place in the fetch's memory, if it has one; what the target has placed is
/// only judged. No value holds data, or checksums, that have gone there. kChecksum: data is not what was written.
Status settle(const Judgement& by, Fetch& fetch, messages::FetchReply& reply);
/// Of a fetch without memory: judges the data that came with the reply.
Status judge(const Judgement& by, const Fetch& fetch, messages::FetchReply& reply);

}  // namespace daos::core
