// Object operations: single values, read and written at the one target that holds the dkey's group. Updates go through
// the session with that target's part of the pool (session.h), so they happen exactly once whatever is lost on the way.
// Thread-safety: an Object is immutable; the functions run on a lane.
#pragma once

#include "client/core/container.h"
#include "model/classes/object_class.h"
#include "model/messages/object.h"

namespace daos::core {

/// No stored value is larger yet: pools are made with this threshold.
inline constexpr uint64_t kInlineBytesMax = 64 * kKiB;
/// Keys and values of one request, and what one reply may carry, together; the transport's limit with room for the
/// rest.
inline constexpr size_t kRequestBytesMax = fabric::kMessageBytesMax - (256u << 10);

class Object {
 public:
  Object(ContainerRef container, classes::ObjectId id, classes::Shape shape, bool may_write)
      : container_(std::move(container)), id_(id), shape_(shape), may_write_(may_write) {}

  const ContainerRef& container() const { return container_; }
  const classes::ObjectId& id() const { return id_; }
  const classes::Shape& shape() const { return shape_; }
  /// By the mode in which it was opened; the container's rights count besides.
  bool may_write() const { return may_write_; }

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

struct Update {
  IoBuf dkey;
  std::vector<messages::AkeyUpdate> akeys;
  uint64_t conditions = 0;
};
/// kNoHandle, kNoPerm; kOutcomeUnknown: given up, and whether it was executed could not be learnt.
runtime::Task<Status> update_object(Lane& lane, ObjectRef object, Update update, runtime::StopToken stop);

struct Fetch {
  IoBuf dkey;
  std::vector<messages::AkeyFetch> akeys;
  uint64_t conditions = 0;
};
/// As many values as akeys were asked for.
runtime::Task<Result<std::vector<messages::FetchedValue>>> fetch_object(Lane& lane, ObjectRef object, Fetch fetch,
                                                                        runtime::StopToken stop);

}  // namespace daos::core
