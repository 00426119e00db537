// The checksums that a container asks for, on the client's side: made before a value leaves, compared when one came.
// Plain functions, of this folder.
#pragma once

#include "client/core/object.h"
#include "model/stripe/chunks.h"

namespace daos::core {

/// Checksums that one reply is asked for. The target has room for more than twice as many: records may fill chunks by
/// half only, and parts begin and end within them.
inline constexpr uint64_t kReplyChecksumsMax = 96u << 10;

/// Gives each akey of the update its checksums. What the target will refuse anyway (sizes that disagree) gets none.
void protect(const stripe::ChecksumSpec& spec, Update& update);

/// Of so many bytes in one run, at most.
inline uint64_t checksums_bytes_of_part(const stripe::ChecksumSpec& spec, uint64_t bytes) {
  return spec.on() ? (bytes / spec.chunk_bytes + 2) * stripe::checksum_bytes(spec.type) : 0;
}
/// So many bytes of values have checksums that fit in one reply.
uint64_t bytes_of_checksums_that_fit(const stripe::ChecksumSpec& spec);

/// What came of one run (of a single value: {0, 1}), in pieces. kChecksum: not what was written.
Status verify(const stripe::ChecksumSpec& spec, const messages::Checksums& came, uint64_t record_bytes,
              stripe::Records range, std::span<const MutableByteSpan> pieces);
/// The checksums of the i-th run of a value; null: it was written without.
Result<const messages::Checksums*> checksums_of_run(const messages::FetchedValue& value, size_t run, size_t runs);

/// "pool P, container C, object O, dkey D", and "akey A".
std::string in_words(const Object& object, ByteSpan dkey);
std::string akey_in_words(const classes::ObjectId& object, ByteSpan akey);

}  // namespace daos::core
