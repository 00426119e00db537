#include "platform/fabric/tcp/doors.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace daos::fabric::tcp {
namespace {

constexpr int kFlags = SOCK_NONBLOCK | SOCK_CLOEXEC;

Result<std::pair<int, int>> make_pair(int type) {
  int ends[2];
  if (socketpair(AF_UNIX, type | kFlags, 0, ends) != 0) return errno_error(errno, "socketpair");
  return std::pair(ends[0], ends[1]);
}

/// Room for one descriptor in a control message.
union Control {
  cmsghdr align;
  char bytes[CMSG_SPACE(sizeof(int))];
};

/// Hands a descriptor to the other end, which gets a copy of its own.
int pass(int through, int descriptor) {
  char byte = 0;
  iovec piece{&byte, 1};
  Control control{};
  msghdr message{
      .msg_iov = &piece, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof descriptor);
  std::memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
  return sendmsg(through, &message, MSG_DONTWAIT | MSG_NOSIGNAL) == 1 ? 0 : errno;
}

/// Whether the other end of a door still is somebody's.
bool is_listened_at(int outside) {
  pollfd door{.fd = outside, .events = 0, .revents = 0};
  return poll(&door, 1, 0) <= 0 || (door.revents & (POLLHUP | POLLERR)) == 0;
}

}  // namespace

Doors::~Doors() {
  for (const auto& [address, fd] : outside_) close(fd);
}

Result<int> Doors::open(const std::string& address) {
  const auto [inside, outside] = DX_TRY(make_pair(SOCK_SEQPACKET));
  const std::lock_guard lock(mutex_);
  const auto [door, fresh] = outside_.try_emplace(address, outside);
  if (fresh) return inside;
  if (is_listened_at(door->second)) {
    close(inside);
    close(outside);
    return error(Code::kBusy, "{}: somebody listens there already", address);
  }
  close(std::exchange(door->second, outside));  // the listener has gone without a word
  return inside;
}

Result<int> Doors::find(const std::string& address) const {
  const auto found = outside_.find(address);
  if (found == outside_.end()) return error(Code::kUnreachable, "{}: there is no such door in this process", address);
  return found->second;
}

Result<int> Doors::copy(const std::string& address) const {
  const std::lock_guard lock(mutex_);
  const int fd = fcntl(DX_TRY(find(address)), F_DUPFD_CLOEXEC, 3);  // never a standard stream
  if (fd < 0) return errno_error(errno, address);
  return fd;
}

void Doors::add(const std::string& address, int outside) {
  const std::lock_guard lock(mutex_);
  const auto [entry, fresh] = outside_.try_emplace(address, outside);
  if (!fresh) close(std::exchange(entry->second, outside));
}

void Doors::remove(const std::string& address) {
  const std::lock_guard lock(mutex_);
  const auto found = outside_.find(address);
  if (found == outside_.end()) return;
  close(found->second);
  outside_.erase(found);
}

Result<int> Doors::enter(const std::string& address) const {
  const std::lock_guard lock(mutex_);  // so that the door is not closed, and its number not used again, meanwhile
  const int door = DX_TRY(find(address));
  const auto [mine, theirs] = DX_TRY(make_pair(SOCK_STREAM));
  const int failed = pass(door, theirs);
  close(theirs);
  if (failed == 0) return mine;
  close(mine);
  if (failed == EAGAIN) return error(Code::kAgain, "{}: too many wait at the door", address);
  return error(Code::kUnreachable, "{}: nobody listens behind the door ({})", address,
               errno_error(failed, "").message());
}

Result<int> Doors::next_entered(int inside) {
  char byte;
  iovec piece{&byte, 1};
  Control control{};
  msghdr message{
      .msg_iov = &piece, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
  const ssize_t got = recvmsg(inside, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (got < 0) {
    if (errno == ENOMEM || errno == ENOBUFS) return errno_error(errno, "accept");
    return -1;
  }
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header == nullptr || header->cmsg_type != SCM_RIGHTS) {
    // No descriptor was free to receive it: the kernel has closed the connection, and its maker will try again.
    if ((message.msg_flags & MSG_CTRUNC) != 0) return errno_error(EMFILE, "accept");
    return -1;
  }
  int fd;
  std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
  return fd;
}

void Doors::abandon_after_fork() {
  for (const auto& [address, fd] : outside_) close(fd);
  outside_.clear();
  mutex_.unlock();
}

}  // namespace daos::fabric::tcp
