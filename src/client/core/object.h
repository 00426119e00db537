// Object operations, sent to the targets that hold the object's groups: an operation on a dkey to the one of its group,
// one on the whole object to all of them at once. Changes go through the session with a target's part of the pool
// (session.h), so they happen exactly once whatever is lost on the way; reads simply repeat.
// Thread-safety: an Object is immutable; the functions run on a lane.
#pragma once

#include <span>

#include "client/core/container.h"
#include "client/core/memory_list.h"
#include "model/classes/object_class.h"
#include "model/messages/object.h"

namespace daos::core {

/// Keys, extents and short values of one request, and what one reply carries, together; the transport's limit with room
/// for the rest.
inline constexpr size_t kRequestBytesMax = fabric::kMessageBytesMax - (256u << 10);
/// Values of an update up to this leave with the request; longer ones the target pulls out of their own memory, for the
/// price of a round trip.
inline constexpr uint64_t kEagerBytesMax = 64u << 10;
/// A fetch into up to this has its data in the reply; into more, the target writes to its own place.
inline constexpr uint64_t kReplyBytesMax = 64u << 10;

class Object {
 public:
  Object(ContainerRef container, classes::ObjectId id, classes::Shape shape, bool may_write)
      : container_(std::move(container)), id_(id), shape_(shape), may_write_(may_write) {}

  const ContainerRef& container() const { return container_; }
  const classes::ObjectId& id() const { return id_; }
  const classes::Shape& shape() const { return shape_; }
  /// By the mode in which it was opened; the container's rights count besides.
  bool may_write() const { return may_write_; }
  uint32_t group_count() const { return shape_.group_count; }
  classes::GroupIndex group_of(ByteSpan dkey) const {
    return classes::group_of(classes::dkey_hash(id_.type(), dkey), shape_.group_count);
  }

 private:
  const ContainerRef container_;
  const classes::ObjectId id_;
  const classes::Shape shape_;
  const bool may_write_;
};
using ObjectRef = std::shared_ptr<const Object>;

/// No I/O. kInvalid: an id that no generate_oid made, or one that tolerates fewer failures than the container asks for;
/// kNotSupported: a redundant class.
Result<ObjectRef> open_object(ContainerRef container, classes::ObjectId id, bool may_write);

// --- changes: object_update.cc, object_punch.cc
// kNoHandle, kNoPerm; kExists, kNonexistent: a condition does not hold; kOutcomeUnknown: given up, and whether it was
// executed could not be learnt.

struct Update {
  IoBuf dkey;
  std::vector<messages::AkeyUpdate> akeys;
  uint64_t conditions = 0;
  /// Where the values are, one per akey, when they are not in `akeys`: the caller's memory until the task ends.
  std::vector<MemoryList> memory;
};
/// kOverflow: the values are longer than messages::kUpdateBytesMax together.
runtime::Task<Status> update_object(Lane& lane, ObjectRef object, Update update, runtime::StopToken stop);

/// Of the whole object in every group, each group for itself.
struct Punch {
  messages::PunchLevel level = messages::PunchLevel::kObject;
  IoBuf dkey;
  std::vector<IoBuf> akeys;
  uint64_t conditions = 0;
};
runtime::Task<Status> punch_object(Lane& lane, ObjectRef object, Punch punch, runtime::StopToken stop);

// --- reads: object_fetch.cc, object_list.cc, object_query.cc

struct Fetch {
  IoBuf dkey;
  std::vector<messages::AkeyFetch> akeys;  // the extents of one akey do not overlap
  uint64_t conditions = 0;
  /// Where the data goes, one per akey, in place of their bytes_max: the caller's memory until the task ends. What is
  /// between the runs of an array stays as it is, unless an attempt that failed had found data there.
  std::vector<MemoryList> memory;
};
/// As many values as akeys were asked for. With memory their data is there and not with them, and when what one akey
/// asks for has no room in its memory, nothing is anywhere: `too_big`, with all sizes. Without memory the data comes
/// along, and what is too long for bytes_max or for one reply is `too_big`.
runtime::Task<Result<std::vector<messages::FetchedValue>>> fetch_object(Lane& lane, ObjectRef object, Fetch fetch,
                                                                        runtime::StopToken stop);

/// A part of the dkeys of one group, or of the akeys of a dkey. Positions are the target's, for this group only.
struct KeyList {
  classes::GroupIndex group{};  // of dkeys
  IoBuf dkey;                   // empty: dkeys are listed
  messages::AnchorBytes anchor{};
  IoBuf from;  // if not empty: the first key, instead of the anchor
  uint32_t keys_max = 0;
  uint64_t bytes_max = 0;
};
/// `first_bytes` is not 0 when already the first key is above `bytes_max`.
runtime::Task<Result<messages::KeyListReply>> list_keys(Lane& lane, ObjectRef object, KeyList list,
                                                        runtime::StopToken stop);

struct ExtentList {
  IoBuf dkey;
  IoBuf akey;
  uint64_t from = 0;  // upwards: the first record; downwards: behind the last one
  bool upwards = true;
  uint32_t extents_max = 0;
};
runtime::Task<Result<messages::ExtentListReply>> list_extents(Lane& lane, ObjectRef object, ExtentList list,
                                                              runtime::StopToken stop);

struct KeyQuery {
  uint8_t parts = 0;  // messages::KeyQueryParts
  IoBuf dkey;
  IoBuf akey;
};
/// The best of all groups when a dkey is asked for, else of the dkey's.
runtime::Task<Result<messages::KeyQueryReply>> query_key(Lane& lane, ObjectRef object, KeyQuery query,
                                                         runtime::StopToken stop);
/// At which the object was modified last; 0: never.
runtime::Task<Result<uint64_t>> query_highest_epoch(Lane& lane, ObjectRef object, runtime::StopToken stop);

}  // namespace daos::core
