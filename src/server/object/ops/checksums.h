// Checksums of values on their way into the store and out of it.
#pragma once

#include "model/messages/object.h"
#include "server/vos/shard.h"

namespace daos::object {

/// Checksums in one reply: more of them, and the client asks for parts.
inline constexpr uint64_t kReplyChecksumsMax = 256u << 10;

/// kInvalid: what came is not what belongs to the value; nothing may be stored then.
Status check_shape(const vos::AkeyValue& value);
/// kChecksum, saying which records. The shape was checked.
runtime::Task<Status> verify(runtime::Reactor& reactor, const vos::AkeyValue& value);

/// Whether writes that lie side by side may be one run to a reader.
bool protected_alike(const vos::Checksums& a, const vos::Checksums& b);
/// Bytes of the checksums that go with the runs of an array in `value`; each is one of `key`, or several side by side.
uint64_t checksums_bytes(const vos::FetchedKey& key, const messages::FetchedValue& value);
/// Those of everything that was found, whose data is at hand, into `value`, one for each of its runs. kChecksum: data
/// of a chunk of which only a part is asked for, or which several writes share, does not match.
Status take_checksums(const vos::FetchedKey& key, messages::FetchedValue& value);

}  // namespace daos::object
