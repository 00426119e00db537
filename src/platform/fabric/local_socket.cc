#include "platform/fabric/local_socket.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace daos::fabric {
namespace {

constexpr size_t kPathBytesMax = sizeof(sockaddr_un::sun_path) - 1;
constexpr int kBacklog = 512;
constexpr size_t kReadBytes = 16u << 10;

sockaddr_un address_of(const SocketPath& path) {
  sockaddr_un address{.sun_family = AF_UNIX};
  std::memcpy(address.sun_path, path.text().data(), path.text().size());
  return address;
}

int connect_to(int fd, const SocketPath& path) {
  const sockaddr_un address = address_of(path);
  return ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ? 0 : errno;
}

PeerCredentials credentials_of(int fd) {
  PeerCredentials who;
  ucred cred{};
  socklen_t bytes = sizeof cred;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &bytes) == 0) {
    who.pid = cred.pid;
    who.uid = cred.uid;
    who.gid = cred.gid;
  }
  bytes = 0;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, nullptr, &bytes) != 0 && errno == ERANGE) {
    who.groups.resize(bytes / sizeof(uint32_t));
    if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, who.groups.data(), &bytes) != 0) who.groups.clear();
  }
  return who;
}

timeval as_timeval(Duration limit) {
  const int64_t us = std::max<int64_t>(1, limit.count() / 1000);
  return {.tv_sec = us / 1'000'000, .tv_usec = us % 1'000'000};
}

/// The length in front of a message.
void append_frame(ByteVector& out, ByteSpan message) {
  encode_into(out, static_cast<uint32_t>(message.size()));
  out.insert(out.end(), message.begin(), message.end());
}

}  // namespace

Result<SocketPath> SocketPath::make(const std::string& path) {
  if (path.size() <= kPathBytesMax) return SocketPath(-1, path);
  const size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash);
  const int fd = ::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return errno_error(errno, folder);
  SocketPath made(fd, fmt::format("/proc/self/fd/{}/{}", fd, path.substr(slash + 1)));
  if (made.text_.size() > kPathBytesMax) return error(Code::kInvalid, "the socket's name is too long: {}", path);
  return made;
}

SocketPath::~SocketPath() {
  if (fd_ >= 0) ::close(fd_);
}

// ---------------------------------------------------------------------------------------------------------------
// server

struct LocalServer::Connection : runtime::FdHandler {
  Connection(LocalServer& owner, ConnectionId connection, int socket)
      : server(owner), id(connection), fd(socket), who(credentials_of(socket)) {}
  ~Connection() override {
    server.poller_.unwatch(fd, this);
    ::close(fd);
  }

  void on_ready(uint32_t events) override {
    bool alive = true;
    if ((events & EPOLLOUT) != 0) alive = write_out();
    if (alive && (events & (EPOLLIN | EPOLLHUP | EPOLLERR | EPOLLRDHUP)) != 0) alive = read_in();
    if (!alive) server.end(*this);  // destroys this
  }

  bool read_in() {
    for (;;) {
      const size_t filled = in.size();
      in.resize(filled + kReadBytes);
      const ssize_t got = ::recv(fd, in.data() + filled, kReadBytes, 0);
      in.resize(filled + static_cast<size_t>(std::max<ssize_t>(got, 0)));
      if (got == 0) return false;
      if (got < 0) return errno == EAGAIN || errno == EINTR;
      if (!take_requests()) return false;
    }
  }

  /// Hands over every whole message; false for one that is too long, or when the handler dropped the connection.
  bool take_requests() {
    size_t used = 0;
    while (in.size() - used >= sizeof(uint32_t)) {
      uint32_t bytes;
      std::memcpy(&bytes, in.data() + used, sizeof bytes);
      if (bytes > kLocalMessageBytesMax) return false;
      if (in.size() - used - sizeof bytes < bytes) break;
      server.handler_.on_request(id, who, ByteSpan(in).subspan(used + sizeof bytes, bytes));
      if (dropped) return false;
      used += sizeof bytes + bytes;
    }
    in.erase(in.begin(), in.begin() + static_cast<std::ptrdiff_t>(used));
    return true;
  }

  bool write_out() {
    while (!out.empty()) {
      const ssize_t sent = ::send(fd, out.data(), out.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0 && errno != EAGAIN) return false;
      if (sent < 0) break;
      out.erase(out.begin(), out.begin() + sent);
    }
    const uint32_t wanted = EPOLLIN | (out.empty() ? 0u : static_cast<uint32_t>(EPOLLOUT));
    if (wanted == watched) return true;
    watched = wanted;
    return server.poller_.modify(fd, wanted, this).ok();
  }

  LocalServer& server;
  const ConnectionId id;
  const int fd;
  const PeerCredentials who;
  uint32_t watched = EPOLLIN;
  bool dropped = false;  // ends when the stack has left its handlers
  ByteVector in;
  ByteVector out;
};

LocalServer::LocalServer(runtime::EpollPoller& poller, SocketPath path, int fd, Options options, Handler& handler)
    : poller_(poller), path_(std::move(path)), fd_(fd), options_(options), handler_(handler) {}

Result<std::unique_ptr<LocalServer>> LocalServer::open(runtime::EpollPoller& poller, const std::string& path,
                                                       Options options, Handler& handler) {
  SocketPath short_path = DX_TRY(SocketPath::make(path));
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return errno_error(errno, "socket");
  std::unique_ptr<LocalServer> server(new LocalServer(poller, std::move(short_path), fd, options, handler));
  const SocketPath& name = server->path_;

  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int answer = probe < 0 ? errno : connect_to(probe, name);
  if (probe >= 0) ::close(probe);
  if (answer == 0 || answer == EAGAIN) {
    server->path_ = DX_TRY(SocketPath::make(""));  // it is not ours to remove
    return error(Code::kBusy, "{}: another process serves this socket", path);
  }
  if (answer == ECONNREFUSED) ::unlink(name.text().c_str());  // left behind by a process that was killed

  const sockaddr_un address = address_of(name);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const int err = errno;
    server->path_ = DX_TRY(SocketPath::make(""));
    return errno_error(err, path);
  }
  if (::chmod(name.text().c_str(), options.mode) != 0) return errno_error(errno, path);
  if (::listen(fd, kBacklog) != 0) return errno_error(errno, path);
  DX_TRY(poller.watch(fd, EPOLLIN, server.get()));
  server->accepting_ = true;
  return server;
}

LocalServer::~LocalServer() {
  connections_.clear();
  poller_.unwatch(fd_, this);
  ::close(fd_);
  if (!path_.text().empty()) ::unlink(path_.text().c_str());
}

void LocalServer::on_ready(uint32_t events) { accept_all(); }

void LocalServer::accept_all() {
  while (connections_.size() < options_.connections_max) {
    const int fd = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      // Out of descriptors: the readiness would come back at once, so ask again when a connection has ended.
      if (errno != EAGAIN) set_accepting(connections_.empty());
      return;
    }
    const ConnectionId id(next_++);
    auto connection = std::make_unique<Connection>(*this, id, fd);
    const Status watched = poller_.watch(fd, EPOLLIN, connection.get());
    if (watched.ok()) connections_[id.value()] = std::move(connection);
  }
  set_accepting(false);
}

void LocalServer::set_accepting(bool accepting) {
  if (accepting == accepting_) return;
  accepting_ = accepting;
  poller_.modify(fd_, accepting ? static_cast<uint32_t>(EPOLLIN) : 0u, this).ignore("the listener is watched");
}

void LocalServer::answer(ConnectionId to, ByteSpan message) {
  const auto found = connections_.find(to.value());
  if (found == connections_.end()) return;
  append_frame(found->second->out, message);
  if (!found->second->write_out()) ::shutdown(found->second->fd, SHUT_RDWR);  // the poller reports its end
}

void LocalServer::drop(ConnectionId connection) {
  const auto found = connections_.find(connection.value());
  if (found == connections_.end()) return;
  found->second->dropped = true;
  ::shutdown(found->second->fd, SHUT_RDWR);  // the poller reports its end
}

void LocalServer::end(Connection& connection) {
  const ConnectionId id = connection.id;
  connections_.erase(id.value());
  set_accepting(true);
  handler_.on_end(id);
}

// ---------------------------------------------------------------------------------------------------------------
// client

Result<LocalSocket> LocalSocket::connect(const std::string& path, Duration limit) {
  const SocketPath short_path = DX_TRY(SocketPath::make(path));
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return errno_error(errno, "socket");
  LocalSocket made(fd);
  const timeval wait = as_timeval(limit);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);  // bounds connect() too
  const int err = connect_to(fd, short_path);
  if (err == EAGAIN) return error(Code::kTimedOut, "{}: no answer", path);
  if (err != 0) return errno_error(err, path);
  return made;
}

Result<ByteVector> LocalSocket::ask(ByteSpan request, Duration limit) {
  if (request.size() > kLocalMessageBytesMax) return error(Code::kOverflow, "a request of {} bytes", request.size());
  const timeval wait = as_timeval(limit);
  setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);

  ByteVector frame;
  append_frame(frame, request);
  for (size_t sent = 0; sent < frame.size();) {
    const ssize_t n = ::send(fd_, frame.data() + sent, frame.size() - sent, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return Status(Code::kTimedOut, "the request could not be sent");
    if (n < 0) return errno_error(errno, "send");
    sent += static_cast<size_t>(n);
  }

  const auto receive = [this](void* into, size_t bytes) -> Status {
    for (size_t filled = 0; filled < bytes;) {
      const ssize_t n = ::recv(fd_, static_cast<std::byte*>(into) + filled, bytes - filled, 0);
      if (n == 0) return Status(Code::kConnectionLost, "the socket was closed before the answer came");
      if (n < 0 && errno == EINTR) continue;
      if (n < 0 && errno == EAGAIN) return Status(Code::kTimedOut, "no answer");
      if (n < 0) return errno_error(errno, "receive");
      filled += static_cast<size_t>(n);
    }
    return {};
  };
  uint32_t bytes = 0;
  DX_TRY(receive(&bytes, sizeof bytes));
  if (bytes > kLocalMessageBytesMax) return error(Code::kProtocol, "an answer claims {} bytes", bytes);
  ByteVector answer(bytes);
  DX_TRY(receive(answer.data(), answer.size()));
  return answer;
}

bool LocalSocket::ended() const {
  pollfd ready{.fd = fd_, .events = POLLRDHUP, .revents = 0};
  return ::poll(&ready, 1, 0) > 0 && (ready.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) != 0;
}

void LocalSocket::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

}  // namespace daos::fabric
