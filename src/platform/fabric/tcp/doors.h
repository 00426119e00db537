// Connections that no network carries. "tcp://@NAME:PORT" is the address of a door inside this process: a pair of
// sockets. Whoever enters makes a connection, a second pair, and passes one end of it through the first. So two
// libraries that share no C++ object are connected by descriptors alone, and everything else of the transport (hello,
// frames, loss, reconnection) is as it is over a network.
//
// Thread-safety: any thread. fork: hold() before it, release() in the parent, abandon_after_fork() in the child.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "platform/base/status.h"

namespace daos::fabric::tcp {

class Doors {
 public:
  Doors() = default;
  Doors(const Doors&) = delete;
  ~Doors();

  /// Makes a door. The end that a listener waits at is returned, and is the caller's; it ends with the caller, and what
  /// enters then is kUnreachable. kBusy: somebody listens there.
  Result<int> open(const std::string& address);
  /// Another copy of the end that one enters by, for a library that has Doors of its own. The caller's.
  Result<int> copy(const std::string& address) const;
  /// Takes over what copy() gave elsewhere. In place of a door that had this address before.
  void add(const std::string& address, int outside);
  void remove(const std::string& address);

  /// A new connection with whoever listens behind the door. kUnreachable: nobody does. kAgain: too many wait there.
  Result<int> enter(const std::string& address) const;
  /// For the listener: the next connection, or -1 when there is none.
  static Result<int> next_entered(int inside);

  void hold() { mutex_.lock(); }
  void release() { mutex_.unlock(); }
  /// With hold() from before the fork, which it ends.
  void abandon_after_fork();

 private:
  Result<int> find(const std::string& address) const;

  mutable std::mutex mutex_;
  std::map<std::string, int, std::less<>> outside_;  // guarded by mutex_
};

}  // namespace daos::fabric::tcp
