// Values on their way between a client's lent memory and a target's store.
#pragma once

#include "model/messages/object.h"
#include "server/target/target.h"

namespace daos::object {

/// A client that moves none of its bytes for so long is given up, and nothing was executed.
inline constexpr Duration kSilenceMax = std::chrono::seconds(5);
/// Short data is sent with a reply even if there is memory to write it to: the reply is sent anyway.
inline constexpr uint64_t kReplyDataMax = 64u << 10;
/// Data in runs that are shorter than this on average is sent with the reply as long as that has room: by then every
/// run would be a transfer of its own.
inline constexpr uint64_t kPlacedRunBytesMin = 4096;
/// What a reply carries of data, whoever asks; the transport's limit with room for the rest.
inline constexpr uint64_t kReplyDataLimit = fabric::kMessageBytesMax - (512u << 10);

/// Part of the bytes that somebody lent.
struct Piece {
  uint64_t offset = 0;  // in the lent range
  IoBuf data;
};

/// Fills the pieces from what `caller` lent for reading. kKeyRevoked: it no longer waits; kTimedOut: it is silent.
runtime::Task<Status> pull(target::Target& target, const rpc::Caller& caller, fabric::RemoteMemory lent,
                           std::vector<Piece> pieces);
/// Writes them to what it lent for writing. Everything is ahead of the next message to it then.
runtime::Task<Status> place(target::Target& target, const rpc::Caller& caller, fabric::RemoteMemory lent,
                            std::vector<Piece> pieces);

}  // namespace daos::object
