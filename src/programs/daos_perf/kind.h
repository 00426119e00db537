// A kind of thing that is stored, behind one interface: single values, key-value, arrays. Each is one file, on its own
// part of the C API. Thread-safety: one thread.
#pragma once

#include <daos.h>

#include <memory>
#include <span>

#include "programs/daos_perf/options.h"

namespace daos::perf {

/// The API's return code as a Status.
Status from_api(int rc);

/// One operation's arguments, at a fixed place, so that the library may look at them until the event has ended.
class Request {
 public:
  virtual ~Request() = default;
  /// Starts it; the API's return code.
  virtual int update(uint64_t key, daos_event_t* event) = 0;
  virtual int fetch(uint64_t key, daos_event_t* event) = 0;
  /// After a fetch: bytes of the value that was there, 0 if there was none.
  virtual uint64_t found_bytes() const = 0;
};

/// One client's open object.
class Kind {
 public:
  virtual ~Kind() = default;
  /// `value` stays where it is and is the request's source and destination.
  virtual std::unique_ptr<Request> request(std::span<std::byte> value) = 0;
};

Result<std::unique_ptr<Kind>> open_single(daos_handle_t container, const Plan& plan);
Result<std::unique_ptr<Kind>> open_key_value(daos_handle_t container, const Plan& plan);
Result<std::unique_ptr<Kind>> open_array(daos_handle_t container, const Plan& plan, uint32_t client);

}  // namespace daos::perf
