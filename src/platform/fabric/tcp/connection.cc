#include "platform/fabric/tcp/connection.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace daos::fabric::tcp {
namespace {

constexpr size_t kSendPieces = 64;
constexpr size_t kSentPerTurnMax = 2u << 20;  // then other connections get their turn
constexpr int kReceivesPerTurnMax = 8;        // the same for receiving; each takes at most a chunk

MemoryKey key_of(const FrameHeader& header) { return MemoryKey(header.key); }

}  // namespace

Operation::~Operation() {
  if (connection != nullptr) connection->give_up(*this);
}

Connection::Connection(ConnectionHost& host, uint64_t serial, PeerId peer, const SocketAddress& to, Time begin)
    : host_(host),
      serial_(serial),
      outgoing_(true),
      address_(to),
      peer_(peer),
      state_(State::kWaiting),
      in_(host.receive_buffer(), *this),
      out_(host.send_buffer(), *this) {
  if (begin <= host_.reactor().now()) {
    begin_connect();
  } else {
    timer_.arm(host_.reactor(), begin, [](void* self) { static_cast<Connection*>(self)->on_timer(); }, this);
  }
}

Connection::Connection(ConnectionHost& host, uint64_t serial, int fd, const SocketAddress& from)
    : host_(host),
      serial_(serial),
      outgoing_(false),
      address_(from),
      fd_(fd),
      state_(State::kHello),
      in_(host.receive_buffer(), *this),
      out_(host.send_buffer(), *this) {
  timer_.arm(
      host_.reactor(), host_.reactor().now() + kHelloLimit,
      [](void* self) { static_cast<Connection*>(self)->on_timer(); }, this);
  if (Status status = host_.poller().watch(fd_, EPOLLIN, this); !status.ok()) die(std::move(status));
}

Connection::~Connection() {
  if (fd_ < 0) return;
  host_.poller().unwatch(fd_, this);
  close(fd_);
}

std::string Connection::name() const {
  return fmt::format("{} {}", outgoing_ ? "connection to" : "connection from", address_.to_string());
}

// --- opening

Result<int> Connection::begin_socket() {
  if (address_.door.empty()) return tcp::begin_connect(address_);
  if (host_.doors() == nullptr) return error(Code::kUnreachable, "this process has no door there");
  return host_.doors()->enter(address_.door);
}

void Connection::begin_connect() {
  Result<int> fd = begin_socket();
  if (!fd.ok()) return die(std::move(fd).status());
  fd_ = *fd;
  state_ = State::kConnecting;
  timer_.arm(
      host_.reactor(), host_.reactor().now() + kHelloLimit,
      [](void* self) { static_cast<Connection*>(self)->on_timer(); }, this);
  output_watched_ = true;
  if (Status status = host_.poller().watch(fd_, EPOLLIN | EPOLLOUT, this); !status.ok()) die(std::move(status));
}

bool Connection::end_connect() {
  if (!connect_ended_) return false;
  if (Status status = finish_connect(fd_); !status.ok()) {
    die(error(Code::kUnreachable, "{}", status.message()));
    return false;
  }
  watch_output(false);
  state_ = State::kHello;
  queue_hello(FrameKind::kHello, kWireVersion);
  return true;
}

void Connection::on_timer() {
  if (state_ == State::kWaiting) return begin_connect();
  die(error(Code::kTimedOut, "no {} within {} s", state_ == State::kConnecting ? "connection" : "hello",
            std::chrono::duration_cast<std::chrono::seconds>(kHelloLimit).count()));
}

void Connection::queue_hello(FrameKind kind, uint16_t version) {
  hello_ = hello_frame(kind, {.version_least = version,
                              .version_most = version,
                              .identity = host_.identity(),
                              .endpoint = host_.endpoint_nonce()});
  mark_dirty();
}

Status Connection::on_hello(const FrameHeader& header, const IoBuf& payload) {
  if (state_ != State::kHello) return error(Code::kProtocol, "a second hello");
  const FrameKind expected = outgoing_ ? FrameKind::kHelloAnswer : FrameKind::kHello;
  if (header.kind != expected) return error(Code::kProtocol, "a hello in the wrong direction");
  const Hello hello = DX_TRY(open_hello(payload.bytes()));
  const bool common = hello.version_least <= kWireVersion && kWireVersion <= hello.version_most;
  if (outgoing_ && !common) {
    return error(Code::kProtocol, "it does not speak version {} of the wire protocol, which this build speaks",
                 kWireVersion);
  }
  if (!outgoing_) {
    queue_hello(FrameKind::kHelloAnswer, common ? kWireVersion : 0);
    if (!common) {
      flush();  // so that it can say why
      return error(Code::kProtocol, "it speaks versions {} to {} of the wire protocol, this build speaks {}",
                   hello.version_least, hello.version_most, kWireVersion);
    }
  }
  timer_.cancel();
  state_ = State::kOpen;
  was_open_ = true;
  remote_ = hello;
  host_.on_open(*this);
  if (!out_.empty()) mark_dirty();
  return {};
}

// --- what the endpoint asks for

void Connection::send(ByteSpan head, IoBuf payload) {
  if (dead()) return;
  out_.message(head, std::move(payload));
  if (out_.bytes_held() > kHeldBytesMax) {
    return die(error(Code::kOverflow, "it does not take what is sent to it: {} bytes wait", out_.bytes_held()));
  }
  mark_dirty();
}

uint32_t Connection::add_operation(Operation& operation) {
  do {
    last_operation_++;
  } while (last_operation_ == 0 || operations_.contains(last_operation_));
  operation.connection = this;
  operation.id = last_operation_;
  operations_.emplace(operation.id, &operation);
  if (!operation.into.empty()) gets_++;
  return operation.id;
}

Operation* Connection::operation(uint32_t id) {
  const auto found = operations_.find(id);
  return found == operations_.end() ? nullptr : found->second;
}

Operation* Connection::take_operation(uint32_t id) {
  const auto found = operations_.find(id);
  if (found == operations_.end()) return nullptr;
  Operation* operation = found->second;
  operations_.erase(found);
  operation->connection = nullptr;
  if (!operation->into.empty()) gets_--;
  return operation;
}

void Connection::get(Operation& operation, RemoteMemory from) {
  const uint32_t id = add_operation(operation);
  const uint64_t bytes = operation.into.size();
  out_.control({.payload_bytes = sizeof bytes,
                .kind = FrameKind::kGet,
                .operation = id,
                .key = from.key.value(),
                .offset = from.offset},
               std::as_bytes(std::span(&bytes, 1)));
  mark_dirty();
}

void Connection::put(Operation& operation, RemoteMemory to, IoBuf from) {
  const uint32_t id = add_operation(operation);
  out_.put(id, to, std::move(from));
  if (out_.bytes_held() > kHeldBytesMax) {
    return die(error(Code::kOverflow, "it does not take what is sent to it: {} bytes wait", out_.bytes_held()));
  }
  mark_dirty();
}

void Connection::give_up(Operation& operation) {
  const bool get = !operation.into.empty();
  const uint32_t id = operation.id;
  take_operation(id);
  if (!get) return out_.cancel_put(id);
  const FrameHeader* chunk = in_.chunk();
  if (chunk != nullptr && chunk->kind == FrameKind::kGetData && chunk->operation == id) in_.abandon_landing();
  out_.control({.kind = FrameKind::kGetCancel, .operation = id});
  mark_dirty();
}

void Connection::forget(MemoryKey key) {
  if (dead()) return;
  const FrameHeader* chunk = in_.chunk();
  if (chunk != nullptr && chunk->kind == FrameKind::kPutData && key_of(*chunk) == key) {
    in_.abandon_landing();
    out_.control({.kind = FrameKind::kPutFailed,
                  .operation = chunk->operation,
                  .offset = static_cast<uint64_t>(Code::kKeyRevoked)});
  }
  out_.forget(key);
  if (!out_.empty()) mark_dirty();
}

// --- frames

Status Connection::on_frame(const FrameHeader& header, IoBuf payload) {
  if (dead()) return why_;  // it was dropped by who got the frame before
  if (header.kind == FrameKind::kHello || header.kind == FrameKind::kHelloAnswer) return on_hello(header, payload);
  if (state_ != State::kOpen) return error(Code::kProtocol, "a frame before the hello");
  switch (header.kind) {
    case FrameKind::kMessage:
      host_.on_message(*this, std::move(payload));
      break;
    case FrameKind::kGet:
      return on_get(header, payload);
    case FrameKind::kGetCancel:
      out_.cancel_answer(header.operation);
      break;
    case FrameKind::kGetFailed:
    case FrameKind::kPutFailed: {
      const bool get = header.kind == FrameKind::kGetFailed;
      const Operation* known = operation(header.operation);
      if (known == nullptr || known->into.empty() == get) break;  // it ended meanwhile
      if (!get) out_.cancel_put(header.operation);
      const Code code = header.offset > INT32_MAX ? Code::kMisc : code_from_number(static_cast<int32_t>(header.offset));
      take_operation(header.operation)
          ->done.set({error(code, "{}: the peer ended the {}", name(), get ? "get" : "put")});
      break;
    }
    default:
      return error(Code::kProtocol, "an unexpected frame of kind {}", static_cast<unsigned>(header.kind));
  }
  return dead() ? why_ : Status();
}

Status Connection::on_get(const FrameHeader& header, const IoBuf& payload) {
  uint64_t bytes;
  std::memcpy(&bytes, payload.data(), sizeof bytes);
  Lent* lent = host_.lent_memory().find(key_of(header));
  Code code = Code::kOk;
  if (lent == nullptr) {
    code = Code::kKeyRevoked;
  } else if (lent->access != Access::kPeerReads || bytes == 0 || !lent->holds(header.offset, bytes)) {
    code = Code::kInvalid;
    host_.reactor().log().warn("{}: refused to read {} bytes at {} of {} lent bytes", name(), bytes, header.offset,
                               lent->bytes());
  }
  if (code != Code::kOk) {
    out_.control({.kind = FrameKind::kGetFailed, .operation = header.operation, .offset = static_cast<uint64_t>(code)});
  } else {
    lent->add_user(serial_);
    if (!out_.answer(header.operation, key_of(header), *lent, header.offset, bytes)) {
      return error(Code::kProtocol, "more than {} gets under way", Outbound::kAnswersMax);
    }
  }
  if (out_.bytes_held() > kHeldBytesMax) return error(Code::kOverflow, "it asks, but does not take the answers");
  mark_dirty();
  return {};
}

Status Connection::on_chunk(const FrameHeader& header, std::vector<MutableByteSpan>& landing) {
  if (dead()) return why_;
  if (state_ != State::kOpen) return error(Code::kProtocol, "a frame before the hello");
  return header.kind == FrameKind::kGetData ? on_get_chunk(header, landing) : on_put_chunk(header, landing);
}

Status Connection::on_get_chunk(const FrameHeader& header, std::vector<MutableByteSpan>& landing) {
  Operation* get = operation(header.operation);
  if (get == nullptr) return {};  // given up: drained
  if (header.offset != get->arrived || header.payload_bytes > get->into.size() - get->arrived) {
    return error(Code::kProtocol, "a chunk of {} bytes at {}, expected was one at {} of {}", header.payload_bytes,
                 header.offset, get->arrived, get->into.size());
  }
  landing.push_back(get->into.subspan(get->arrived, header.payload_bytes));
  return {};
}

Status Connection::on_put_chunk(const FrameHeader& header, std::vector<MutableByteSpan>& landing) {
  more_chunks_ = (header.flags & kFlagMore) != 0;
  Lent* lent = host_.lent_memory().find(key_of(header));
  Code code = Code::kOk;
  if (lent == nullptr) {
    code = Code::kKeyRevoked;
  } else if (lent->access != Access::kPeerWrites || !lent->holds(header.offset, header.payload_bytes)) {
    code = Code::kInvalid;
    host_.reactor().log().warn("{}: refused to write {} bytes at {} of {} lent bytes", name(), header.payload_bytes,
                               header.offset, lent->bytes());
  }
  if (code == Code::kOk) {
    lent->add_user(serial_);
    lent->cut(header.offset, header.payload_bytes, landing);
    return {};
  }
  out_.control({.kind = FrameKind::kPutFailed, .operation = header.operation, .offset = static_cast<uint64_t>(code)});
  if (out_.bytes_held() > kHeldBytesMax) return error(Code::kOverflow, "it writes, but does not take the answers");
  mark_dirty();
  return {};
}

Status Connection::on_chunk_end(const FrameHeader& header) {
  if (header.kind != FrameKind::kGetData) return {};
  Operation* get = operation(header.operation);
  if (get == nullptr) return {};
  get->arrived += header.payload_bytes;
  if (get->arrived == get->into.size()) take_operation(header.operation)->done.set({Status()});
  return {};
}

void Connection::on_put_committed(uint32_t id) {
  if (Operation* put = take_operation(id)) put->done.set({Status()});
}

// --- the socket

void Connection::on_ready(uint32_t events) {
  if (state_ == State::kConnecting) {
    connect_ended_ = true;
  } else if ((events & EPOLLOUT) != 0) {
    watch_output(false);
    mark_dirty();
  }
  host_.on_ready(*this);
}

bool Connection::process() {
  if (state_ == State::kConnecting) return end_connect();
  if (state_ != State::kHello && state_ != State::kOpen) return false;
  bool progress = false;
  for (int i = 0; i < kReceivesPerTurnMax && !dead(); i++) {
    iovec pieces[Inbound::kPiecesMax];
    const Result<size_t> count = in_.prepare(pieces, gets_ > 0 || more_chunks_);
    if (!count.ok()) {
      die(count.status());
      break;
    }
    size_t wanted = 0;
    for (size_t p = 0; p < *count; p++) wanted += pieces[p].iov_len;
    ssize_t got;
    if (*count == 1) {
      got = recv(fd_, pieces[0].iov_base, pieces[0].iov_len, MSG_DONTWAIT);
    } else {
      msghdr message{.msg_iov = pieces, .msg_iovlen = *count};
      got = recvmsg(fd_, &message, MSG_DONTWAIT);
    }
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) break;
    progress = true;
    if (got <= 0) {
      die(got == 0 ? error(Code::kConnectionLost, "the peer closed the connection")
                   : error(Code::kConnectionLost, "{}", errno_error(errno, "receive").message()));
      break;
    }
    Status status = in_.arrived(static_cast<size_t>(got));
    if (!status.ok() && !dead()) die(std::move(status));
    if (static_cast<size_t>(got) < wanted) break;  // the socket is empty
    if (i + 1 == kReceivesPerTurnMax) host_.on_ready(*this);
  }
  return progress;
}

void Connection::mark_dirty() {
  if (!listed_dirty && !dead()) host_.on_dirty(*this);
}

void Connection::watch_output(bool wanted) {
  if (output_watched_ == wanted || fd_ < 0) return;
  output_watched_ = wanted;
  const uint32_t events = wanted ? EPOLLIN | EPOLLOUT : EPOLLIN;
  if (Status status = host_.poller().modify(fd_, events, this); !status.ok()) die(std::move(status));
}

void Connection::flush() {
  if (state_ != State::kHello && state_ != State::kOpen) return;
  if (output_watched_) return;  // full: the poller says when not
  for (size_t total = 0; total < kSentPerTurnMax;) {
    iovec pieces[kSendPieces];
    size_t count;
    if (!hello_.empty()) {
      pieces[0] = {hello_.data(), hello_.size()};
      count = 1;
    } else {
      count = state_ == State::kOpen ? out_.gather(pieces, kSendPieces) : 0;
    }
    if (count == 0) return;
    msghdr message{.msg_iov = pieces, .msg_iovlen = count};
    const ssize_t sent = sendmsg(fd_, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno == EAGAIN || errno == EINTR) return watch_output(true);
      return die(error(Code::kConnectionLost, "{}", errno_error(errno, "send").message()));
    }
    total += static_cast<size_t>(sent);
    if (!hello_.empty()) {
      hello_ = hello_.slice(static_cast<size_t>(sent), hello_.size() - static_cast<size_t>(sent));
    } else {
      out_.sent(static_cast<size_t>(sent));
    }
    if (out_.empty()) return;
  }
  mark_dirty();  // the rest in the next turn
}

void Connection::die(Status why) {
  if (dead()) return;
  state_ = State::kDead;
  why_ = std::move(why).within(name());
  timer_.cancel();
  if (fd_ >= 0) {
    host_.poller().unwatch(fd_, this);
    close(fd_);
    fd_ = -1;
  }
  in_.abandon_landing();
  gets_ = 0;
  for (const auto& [id, operation] : operations_) {
    operation->connection = nullptr;
    operation->done.set({error(Code::kConnectionLost, "{}", why_.message())});
  }
  operations_.clear();
  host_.on_dead(*this);
}

void Connection::close_after_fork() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

}  // namespace daos::fabric::tcp
