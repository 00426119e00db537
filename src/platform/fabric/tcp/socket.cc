#include "platform/fabric/tcp/socket.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

namespace daos::fabric::tcp {
namespace {

constexpr std::string_view kScheme = "tcp://";
constexpr int kBacklog = 1024;

// A host that vanishes is noticed after about half a minute: idle connections by keepalive, busy ones by the user
// time-out. Not sooner, because a client that computes between its calls lets its window run full for as long.
constexpr int kKeepaliveIdleSeconds = 10;
constexpr int kKeepaliveIntervalSeconds = 5;
constexpr int kKeepaliveProbes = 4;
constexpr int kUserTimeoutMs = 30'000;

Status set_option(int fd, int level, int option, int value, std::string_view what) {
  if (setsockopt(fd, level, option, &value, sizeof value) != 0) return errno_error(errno, what);
  return {};
}

Status tune(int fd) {
  DX_TRY(set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1, "TCP_NODELAY"));
  DX_TRY(set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1, "SO_KEEPALIVE"));
  DX_TRY(set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, kKeepaliveIdleSeconds, "TCP_KEEPIDLE"));
  DX_TRY(set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, kKeepaliveIntervalSeconds, "TCP_KEEPINTVL"));
  DX_TRY(set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, kKeepaliveProbes, "TCP_KEEPCNT"));
  return set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, kUserTimeoutMs, "TCP_USER_TIMEOUT");
}

}  // namespace

Result<SocketAddress> SocketAddress::parse(const std::string& text) {
  const auto malformed = [&](std::string_view why) {
    return error(Code::kInvalid, "address \"{}\": {}; write it as tcp://127.0.0.1:20011 or tcp://[::1]:20011", text,
                 why);
  };
  std::string_view rest = text;
  if (!rest.starts_with(kScheme)) return malformed("it does not start with tcp://");
  rest.remove_prefix(kScheme.size());
  const size_t colon = rest.rfind(':');
  if (colon == std::string_view::npos) return malformed("the port is missing");
  std::string host(rest.substr(0, colon));
  const std::string port(rest.substr(colon + 1));
  if (host.starts_with('[')) {
    if (!host.ends_with(']')) return malformed("the bracket is not closed");
    host = host.substr(1, host.size() - 2);
  }
  if (host.empty()) return malformed("the host is missing");
  if (host.starts_with('@')) {
    if (host.size() == 1 || port.empty()) return malformed("a door needs a name and a number");
    SocketAddress address;
    address.door = text;
    return address;
  }
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) return malformed("not a numeric host and port");
  SocketAddress address;
  address.length = found->ai_addrlen;
  std::copy_n(reinterpret_cast<const char*>(found->ai_addr), found->ai_addrlen,
              reinterpret_cast<char*>(&address.storage));
  freeaddrinfo(found);
  return address;
}

std::string SocketAddress::to_string() const {
  if (!door.empty()) return door;
  char host[NI_MAXHOST];
  char port[NI_MAXSERV];
  if (getnameinfo(raw(), length, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return "?";
  const bool v6 = storage.ss_family == AF_INET6;
  return fmt::format("{}{}{}{}:{}", kScheme, v6 ? "[" : "", host, v6 ? "]" : "", port);
}

Result<int> listen_at(const SocketAddress& address) {
  const std::string where = address.to_string();
  const int fd = socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return errno_error(errno, "socket");
  // A server that returns at the same address must not wait for connections of its former life to fade.
  Status status = set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR");
  if (status.ok() && bind(fd, address.raw(), address.length) != 0) {
    status = errno == EADDRINUSE ? error(Code::kBusy, "{}: another process listens there; choose another port", where)
                                 : errno_error(errno, fmt::format("bind to {}", where));
  }
  if (status.ok() && listen(fd, kBacklog) != 0) {
    status = errno == EADDRINUSE ? error(Code::kBusy, "{}: another process listens there; choose another port", where)
                                 : errno_error(errno, fmt::format("listen at {}", where));
  }
  if (status.ok()) return fd;
  close(fd);
  return status;
}

Result<SocketAddress> local_address(int fd) {
  SocketAddress address;
  address.length = sizeof address.storage;
  if (getsockname(fd, address.raw(), &address.length) != 0) return errno_error(errno, "getsockname");
  return address;
}

Result<int> begin_connect(const SocketAddress& address) {
  const int fd = socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return errno_error(errno, "socket");
  Status status = tune(fd);
  if (status.ok() && connect(fd, address.raw(), address.length) != 0) {
    if (errno != EINPROGRESS) status = errno_error(errno, "connect");
  }
  if (status.ok()) return fd;
  close(fd);
  return status;
}

Status finish_connect(int fd) {
  int err = 0;
  socklen_t length = sizeof err;
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &length) != 0) return errno_error(errno, "SO_ERROR");
  if (err != 0) return errno_error(err, "connect");
  return {};
}

Result<int> accept_next(int listener, SocketAddress& from) {
  from.length = sizeof from.storage;
  const int fd = accept4(listener, from.raw(), &from.length, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) {
    // Besides "none": a connection that died while it waited (accept(2) lists what that may say) is simply not there.
    switch (errno) {
      case EMFILE:
      case ENFILE:
      case ENOBUFS:
      case ENOMEM:
        return errno_error(errno, "accept");
      default:
        return -1;
    }
  }
  if (Status status = tune(fd); !status.ok()) {
    close(fd);
    return -1;  // gone already: the options of a reset connection cannot be set
  }
  return fd;
}

}  // namespace daos::fabric::tcp
