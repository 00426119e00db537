#include "platform/fabric/tcp/endpoint.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>

#include "platform/fabric/tcp/tcp.h"

namespace daos::fabric::tcp {

Result<std::unique_ptr<Endpoint>> TcpTransport::open(runtime::Reactor& reactor, EndpointOptions options,
                                                     Receiver& receiver) {
  std::unique_ptr<Endpoint> endpoint =
      DX_TRY(TcpEndpoint::open(reactor, poller_, doors_, std::move(options), receiver));
  return endpoint;
}

Result<std::unique_ptr<TcpEndpoint>> TcpEndpoint::open(runtime::Reactor& reactor, runtime::EpollPoller& poller,
                                                       Doors* doors, EndpointOptions options, Receiver& receiver) {
  std::unique_ptr<TcpEndpoint> endpoint(new TcpEndpoint(reactor, poller, doors, std::move(options), receiver));
  if (!endpoint->listen_.empty()) DX_TRY(endpoint->listen());
  return endpoint;
}

TcpEndpoint::TcpEndpoint(runtime::Reactor& reactor, runtime::EpollPoller& poller, Doors* doors, EndpointOptions options,
                         Receiver& receiver)
    : reactor_(reactor),
      poller_(poller),
      doors_(doors),
      identity_(options.identity),
      nonce_(reactor.rng().next()),
      listen_(std::move(options.listen)),
      receiver_(receiver) {
  reactor_.add_source(this);
}

TcpEndpoint::~TcpEndpoint() {
  reactor_.remove_source(this);
  if (listener_ >= 0) {
    poller_.unwatch(listener_, this);
    close(listener_);
  }
  // Operations still awaited end here; nobody is told of peers any more.
  for (const auto& [serial, connection] : connections_) {
    connection->die(error(Code::kShuttingDown, "the endpoint closes"));
  }
}

void TcpEndpoint::abandon_after_fork() {
  if (listener_ >= 0) close(listener_);
  listener_ = -1;
  for (const auto& [serial, connection] : connections_) connection->close_after_fork();
}

// --- peers

Status TcpEndpoint::listen() {
  const SocketAddress wanted = DX_TRY(SocketAddress::parse(listen_));
  if (!wanted.door.empty()) {
    if (doors_ == nullptr) return error(Code::kInvalid, "{}: this transport has no doors", listen_);
    listener_ = DX_TRY(doors_->open(wanted.door));
    listens_at_door_ = true;
    address_ = wanted.door;
    return poller_.watch(listener_, EPOLLIN, this);
  }
  listener_ = DX_TRY(listen_at(wanted));
  const SocketAddress bound = DX_TRY(local_address(listener_));
  address_ = bound.to_string();
  return poller_.watch(listener_, EPOLLIN, this);
}

Result<int> TcpEndpoint::next_incoming(SocketAddress& from) {
  if (!listens_at_door_) return accept_next(listener_, from);
  from.door = address_;
  return Doors::next_entered(listener_);
}

void TcpEndpoint::accept() {
  accept_ready_ = false;
  for (int i = 0; i < kAcceptsPerTurnMax; i++) {
    SocketAddress from;
    const Result<int> fd = next_incoming(from);
    if (!fd.ok()) {
      reactor_.log().warn("{}: {}; connections wait. Raise the limit of open files (ulimit -n).", address_,
                          fd.status());
      poller_.unwatch(listener_, this);
      accept_timer_.arm(
          reactor_, reactor_.now() + kAcceptPause,
          [](void* self) { static_cast<TcpEndpoint*>(self)->resume_accepting(); }, this);
      return;
    }
    if (*fd < 0) return;
    const uint64_t serial = ++last_serial_;
    connections_.emplace(serial, std::make_unique<Connection>(*this, serial, *fd, from));
  }
}

void TcpEndpoint::resume_accepting() {
  if (Status status = poller_.watch(listener_, EPOLLIN, this); !status.ok()) {
    reactor_.log().error("{}: no longer listens: {}", address_, status);
  }
}

Result<PeerId> TcpEndpoint::peer(const std::string& address) {
  const SocketAddress parsed = DX_TRY(SocketAddress::parse(address));
  const auto [entry, fresh] = outgoing_.try_emplace(parsed.to_string());
  if (fresh) {
    entry->second = PeerId(++last_peer_);
    peers_.emplace(last_peer_, Peer{.outgoing = true, .address = parsed});
  }
  return entry->second;
}

Connection* TcpEndpoint::connection_of(PeerId id) {
  const auto found = peers_.find(id.value());
  if (found == peers_.end()) return nullptr;
  Peer& peer = found->second;
  // A dead one too: what is sent before on_peer_down must not arrive after it.
  if (peer.connection != nullptr || !peer.outgoing) return peer.connection;
  const uint64_t serial = ++last_serial_;
  auto connection = std::make_unique<Connection>(*this, serial, id, peer.address, peer.not_before);
  peer.connection = connection.get();
  connections_.emplace(serial, std::move(connection));
  return peer.connection;
}

std::tuple<Uuid, uint32_t, uint64_t> TcpEndpoint::who(const Hello& hello) {
  return {hello.identity.client, hello.identity.context, hello.endpoint};
}

Status TcpEndpoint::gone(PeerId peer) { return error(Code::kConnectionLost, "peer {} is gone", peer); }

void TcpEndpoint::send(PeerId to, ByteSpan head, IoBuf payload) {
  if (Connection* connection = connection_of(to)) connection->send(head, std::move(payload));
}

void TcpEndpoint::drop(PeerId id, const Status& why) {
  const auto found = peers_.find(id.value());
  if (found == peers_.end() || found->second.connection == nullptr) return;
  found->second.connection->die(why);
}

void TcpEndpoint::on_open(Connection& connection) {
  const Identity& identity = connection.remote().identity;
  if (connection.outgoing()) {
    Peer& peer = peers_.find(connection.peer().value())->second;
    peer.backoff = Duration(0);
    peer.not_before = Time();
  } else {
    connection.set_peer(PeerId(++last_peer_));
    peers_.emplace(last_peer_, Peer{.connection = &connection});
    if (!identity.client.is_nil()) {
      // Whoever connects again has given up its former connection: what still lies in that one must not arrive after
      // what comes now.
      const auto [entry, fresh] = incoming_.try_emplace(who(connection.remote()), connection.peer());
      if (!fresh) {
        drop(entry->second, error(Code::kConnectionLost, "the peer has connected again"));
        entry->second = connection.peer();
      }
    }
  }
  receiver_.on_peer_up(connection.peer(), identity);
}

void TcpEndpoint::on_message(Connection& connection, IoBuf message) {
  receiver_.on_message(connection.peer(), std::move(message));
}

// --- memory

MemoryKey TcpEndpoint::lend(Access access, std::vector<MutableByteSpan> memory) {
  return lent_.lend(reactor_.rng(), access, std::move(memory));
}

void TcpEndpoint::revoke(MemoryKey key) {
  const std::unique_ptr<Lent> lent = lent_.take(key);
  if (lent == nullptr) return;
  for (const uint64_t serial : lent->users) {
    const auto found = connections_.find(serial);
    if (found != connections_.end()) found->second->forget(key);
  }
}

runtime::Task<Status> TcpEndpoint::get(PeerId from, RemoteMemory memory, IoBuf into, runtime::CallContext context) {
  if (into.empty()) co_return Status();
  Connection* connection = connection_of(from);
  if (connection == nullptr || connection->dead()) co_return gone(from);
  Operation operation(reactor_);
  operation.into = into.writable();
  connection->get(operation, memory);
  Operation::Outcome outcome = DX_CO_TRY(co_await operation.done.wait(context));
  co_return std::move(outcome.status);
}

runtime::Task<Status> TcpEndpoint::put(PeerId to, RemoteMemory memory, IoBuf from, runtime::CallContext context) {
  if (from.empty()) co_return Status();
  Connection* connection = connection_of(to);
  if (connection == nullptr || connection->dead()) co_return gone(to);
  Operation operation(reactor_);
  connection->put(operation, memory, std::move(from));
  Operation::Outcome outcome = DX_CO_TRY(co_await operation.done.wait(context));
  co_return std::move(outcome.status);
}

// --- turns

void TcpEndpoint::on_ready(Connection& connection) {
  if (connection.listed_ready) return;
  connection.listed_ready = true;
  ready_.push_back(&connection);
}

void TcpEndpoint::on_dirty(Connection& connection) {
  connection.listed_dirty = true;
  dirty_.push_back(&connection);
}

void TcpEndpoint::on_dead(Connection& connection) { dead_.push_back(&connection); }

bool TcpEndpoint::poll() {
  bool progress = bury();
  if (accept_ready_) {
    accept();
    progress = true;
  }
  for (Connection* connection : hot_) on_ready(*connection);
  hot_.clear();
  processing_.swap(ready_);
  for (Connection* connection : processing_) {
    connection->listed_ready = false;
    if (connection->process()) {
      connection->hot_until = reactor_.now() + kHot;
      progress = true;
    }
    if (connection->hot_until > reactor_.now() && !connection->dead() && hot_.size() < kHotMax)
      hot_.push_back(connection);
  }
  processing_.clear();
  progress |= bury();
  return progress || !ready_.empty() || !dirty_.empty() || !dead_.empty();
}

void TcpEndpoint::flush() {
  flushing_.swap(dirty_);
  for (Connection* connection : flushing_) {
    connection->listed_dirty = false;
    connection->flush();
  }
  flushing_.clear();
}

/// Tells of the connections that died and destroys them. Nothing of theirs is on the stack here.
bool TcpEndpoint::bury() {
  if (dead_.empty()) return false;
  std::vector<std::pair<PeerId, Status>> down;
  std::vector<std::unique_ptr<Connection>> buried;
  for (Connection* connection : dead_) {
    for (auto* list : {&ready_, &dirty_, &hot_}) std::erase(*list, connection);
    const PeerId id = connection->peer();
    const Status& why = connection->why();
    const bool broken = why.code() == Code::kCorrupt || why.code() == Code::kProtocol || why.code() == Code::kOverflow;
    if (broken) reactor_.log().warn("closed: {}", why);
    if (const auto found = peers_.find(id.value()); found != peers_.end()) {
      Peer& peer = found->second;
      if (peer.outgoing) {
        peer.connection = nullptr;
        if (!connection->was_open()) {
          peer.backoff = std::clamp(peer.backoff * 2, kBackoffLeast, kBackoffMost);
          peer.not_before = reactor_.now() + peer.backoff;
        }
      } else {
        const auto known = incoming_.find(who(connection->remote()));
        if (known != incoming_.end() && known->second == id) incoming_.erase(known);
        peers_.erase(found);
      }
      down.emplace_back(id, why);
    }
    const auto found = connections_.find(connection->serial());
    buried.push_back(std::move(found->second));
    connections_.erase(found);
  }
  dead_.clear();
  for (const auto& [id, why] : down) receiver_.on_peer_down(id, why);
  return true;
}

}  // namespace daos::fabric::tcp
