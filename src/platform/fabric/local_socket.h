// Requests and answers over a unix socket on one machine, where each side knows by the kernel who the other is. Every
// message is a u32 length (little-endian), then that many bytes; the connection stays open, and its end is news by
// itself. Used for the agent's socket: the server side never blocks and lives on an EpollPoller; the client side
// blocks, because a program asks once, before it has anything else to wait for. Thread-safety: LocalServer belongs to
// the poller's thread. LocalSocket: one thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "platform/base/bytes.h"
#include "platform/base/codec.h"
#include "platform/base/status.h"
#include "platform/base/strong_id.h"
#include "platform/base/units.h"
#include "platform/runtime/epoll_poller.h"

namespace daos::fabric {

/// Longer messages end the connection.
inline constexpr uint32_t kLocalMessageBytesMax = 1u << 20;

/// What the kernel says of the process at the other end, at the time it connected.
struct PeerCredentials {
  int32_t pid = 0;
  uint32_t uid = 0;
  uint32_t gid = 0;
  std::vector<uint32_t> groups;  // supplementary ones
};

/// A unix socket's address holds 107 bytes of path. For a longer one, text() reaches the same file through the open
/// descriptor of its folder; it works in this process only, and as long as this object lives.
class SocketPath {
 public:
  /// kNonexistent (naming the folder) when a long path's folder is not there.
  static Result<SocketPath> make(const std::string& path);
  SocketPath(SocketPath&& other) noexcept : fd_(std::exchange(other.fd_, -1)), text_(std::move(other.text_)) {}
  SocketPath& operator=(SocketPath&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(text_, other.text_);
    return *this;
  }
  ~SocketPath();
  const std::string& text() const { return text_; }

 private:
  SocketPath(int fd, std::string text) : fd_(fd), text_(std::move(text)) {}
  int fd_;
  std::string text_;
};

class LocalServer : public runtime::FdHandler {
 public:
  /// Of one server; never reused.
  using ConnectionId = StrongId<struct LocalConnectionTag>;

  /// Who the server tells, from inside the poller. May answer, must not destroy the server.
  class Handler {
   public:
    virtual ~Handler() = default;
    virtual void on_request(ConnectionId from, const PeerCredentials& who, ByteSpan request) = 0;
    /// The other side is gone, or was dropped.
    virtual void on_end(ConnectionId connection) = 0;
  };
  struct Options {
    uint32_t mode = 0666;             // who may connect; what they may do is decided from their credentials
    size_t connections_max = 16'384;  // more wait in the backlog until others end
  };

  /// Replaces a socket file that nobody serves any more; kBusy when somebody does.
  static Result<std::unique_ptr<LocalServer>> open(runtime::EpollPoller& poller, const std::string& path,
                                                   Options options, Handler& handler);
  /// Removes the socket file and ends all connections, telling nobody.
  ~LocalServer() override;

  /// Sends an answer; nothing happens when that connection has ended.
  void answer(ConnectionId to, ByteSpan message);
  /// Ends a connection; on_end follows from the poller.
  void drop(ConnectionId connection);
  size_t connections() const { return connections_.size(); }

  void on_ready(uint32_t events) override;

 private:
  struct Connection;
  LocalServer(runtime::EpollPoller& poller, SocketPath path, int fd, Options options, Handler& handler);
  void accept_all();
  void set_accepting(bool accepting);
  void end(Connection& connection);

  runtime::EpollPoller& poller_;
  SocketPath path_;
  int fd_;
  Options options_;
  Handler& handler_;
  bool accepting_ = false;
  uint64_t next_ = 1;
  std::map<uint64_t, std::unique_ptr<Connection>> connections_;
};

class LocalSocket {
 public:
  /// kNonexistent: no such socket. kUnreachable: nobody serves it. kTimedOut.
  static Result<LocalSocket> connect(const std::string& path, Duration limit);
  LocalSocket(LocalSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  LocalSocket& operator=(LocalSocket&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~LocalSocket() { close(); }

  /// One request, one answer. `limit` bounds each wait for the other side. After an error the socket is of no use.
  Result<ByteVector> ask(ByteSpan request, Duration limit);
  /// Whether the other side is known to be gone; does not wait.
  bool ended() const;
  /// In a forked child too: closes this process's copy of the descriptor and does nothing else.
  void close();

 private:
  explicit LocalSocket(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace daos::fabric
