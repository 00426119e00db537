// The few socket calls that the transport makes, each with the options that every one of our sockets has: non-blocking,
// close-on-exec, no delay, keepalive and a user time-out. Thread-safety: pure functions of their arguments.
#pragma once

#include <sys/socket.h>

#include <string>

#include "platform/base/status.h"

namespace daos::fabric::tcp {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
  std::string door;  // the whole address of a door of this process (doors.h); then the rest is empty

  /// "tcp://127.0.0.1:20011" or "tcp://[::1]:20011". Numeric only: resolving a name would block the reactor. Or
  /// "tcp://@NAME:1".
  static Result<SocketAddress> parse(const std::string& text);
  std::string to_string() const;
  const sockaddr* raw() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* raw() { return reinterpret_cast<sockaddr*>(&storage); }
};

/// A listening socket; kBusy names a port that is taken.
Result<int> listen_at(const SocketAddress& address);
Result<SocketAddress> local_address(int fd);
/// A socket that has begun to connect.
Result<int> begin_connect(const SocketAddress& address);
/// How the connection attempt went, once the socket is writable.
Status finish_connect(int fd);
/// The next connection, or -1 when there is none.
Result<int> accept_next(int listener, SocketAddress& from);

}  // namespace daos::fabric::tcp
