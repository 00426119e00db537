#include "platform/fabric/sim/sim_network.h"

#include <algorithm>

#include "platform/base/check.h"
#include "platform/fabric/frames/frame_endpoint.h"

namespace daos::fabric {

namespace {

/// Frames from here on travel alone, so that something can happen between the chunks of a transfer.
constexpr size_t kTravelsAloneBytes = 16u << 10;

LinkId link_of(uint64_t connection, int side) { return LinkId(2 * connection + static_cast<uint64_t>(side)); }

uint64_t digest(const Frame& frame) {
  TraceHash hash;
  hash.add(static_cast<uint64_t>(frame.kind));
  hash.add(frame.transfer);
  hash.add(frame.memory.key.value());
  hash.add(frame.payload.bytes());
  return hash.value();
}

}  // namespace

SimNetwork::~SimNetwork() { *alive_ = false; }

bool SimNetwork::lives(SimNodeId node, uint32_t life) const {
  const Node& n = nodes_[node.value()];
  return n.alive && n.life == life;
}

const LinkModel& SimNetwork::model(SimNodeId from, SimNodeId to) const {
  if (from == to) return loopback_;
  const auto it = models_.find({from, to});
  return it == models_.end() ? model_ : it->second;
}

Duration SimNetwork::delay(const LinkModel& model) {
  if (rng_.chance_ppm(model.slow_ppm)) return model.delay_min + up_to(model.slow_max);
  return model.delay_min + up_to(model.delay_max - model.delay_min);
}

LinkId SimNetwork::connect(SimNodeId node, uint32_t life, const std::shared_ptr<Inbox>& inbox,
                           const std::string& address) {
  const auto connection = std::make_shared<Connection>();
  connection->id = next_connection_++;
  connection->address = address;
  connection->ends[0] = {.node = node, .life = life, .inbox = inbox};
  connection->ends[1].closed = true;  // until accepted
  if (lives(node, life)) {
    connections_.emplace(connection->id, connection);
    const Time give_up = timeline_.now() + kConnectTimeout;
    timeline_.after(delay(model_), [this, alive = alive_, connection, give_up] {
      if (*alive) try_connect(connection, give_up);
    });
  }
  return link_of(connection->id, 0);
}

void SimNetwork::try_connect(const std::shared_ptr<Connection>& connection, Time give_up) {
  End& from = connection->ends[0];
  if (from.closed || !lives(from.node, from.life)) return;
  const auto it = listeners_.find(connection->address);
  const bool known = it != listeners_.end();
  const bool reachable = known && !blocked(from.node, it->second.node) && !blocked(it->second.node, from.node);
  const bool silent = known && nodes_[it->second.node.value()].silent && !nodes_[it->second.node.value()].alive;
  if (known && (!reachable || silent)) {
    if (timeline_.now() >= give_up) {
      return end_at(connection, 0, timeline_.now(), error(Code::kUnreachable, "{}: no answer", connection->address));
    }
    timeline_.after(kConnectRetry, [this, alive = alive_, connection, give_up] {
      if (*alive) try_connect(connection, give_up);
    });
    return;
  }
  if (!known || !lives(it->second.node, it->second.life)) {
    return end_at(connection, 0, timeline_.now() + delay(model_),
                  error(Code::kUnreachable, "{}: connection refused", connection->address));
  }
  End& to = connection->ends[1];
  to = {.node = it->second.node, .life = it->second.life, .inbox = it->second.inbox};
  note("connection {}: {} reached {}", connection->id, name(from.node), name(to.node));
  trace_.add(connection->id);
  to.inbox->post([link = link_of(connection->id, 1)](FrameEndpoint& endpoint) { endpoint.link_accepted(link); });
  timeline_.after(delay(model(to.node, from.node)), [this, alive = alive_, connection] {
    End& end = connection->ends[0];
    if (!*alive || end.closed || !lives(end.node, end.life)) return;
    end.inbox->post([link = link_of(connection->id, 0)](FrameEndpoint& endpoint) { endpoint.link_up(link); });
  });
}

void SimNetwork::transmit(LinkId link, Batch frames) {
  const auto it = connections_.find(link.value() / 2);
  if (it == connections_.end()) return;
  const std::shared_ptr<Connection> connection = it->second;
  const int side = static_cast<int>(link.value() & 1);
  const End& from = connection->ends[side];
  if (from.closed || !lives(from.node, from.life)) return;
  if (side == 0 && !frames.empty() && frames[0].kind == Frame::Kind::kHello) connection->hello = frames[0];
  End& to = connection->ends[side ^ 1];
  Batch batch;
  for (Frame& frame : frames) {
    const bool alone = frame.payload.size() >= kTravelsAloneBytes;
    if (alone && !batch.empty()) convey(connection, side ^ 1, to.sent++, std::exchange(batch, {}));
    batch.push_back(std::move(frame));
    if (alone) convey(connection, side ^ 1, to.sent++, std::exchange(batch, {}));
  }
  if (!batch.empty()) convey(connection, side ^ 1, to.sent++, std::move(batch));
}

void SimNetwork::convey(const std::shared_ptr<Connection>& connection, int to, uint64_t number, Batch batch) {
  if (connection->broken) return;
  End& end = connection->ends[to];
  const End& from = connection->ends[to ^ 1];
  counts_.batches++;
  if (blocked(from.node, end.node)) return hold(connection, to, number, std::move(batch));
  if (!lives(end.node, end.life)) {  // a silent host, or one that came back and does not know this connection
    connection->broken = true;
    counts_.timed_out++;
    const bool resets = nodes_[end.node.value()].alive;
    return end_at(connection, to ^ 1, timeline_.now() + (resets ? delay(model_) : kUserTimeout),
                  error(Code::kConnectionLost, "{}: {}", name(end.node), resets ? "reset" : "no answer"));
  }
  const LinkModel& way = model(from.node, end.node);
  if (rng_.chance_ppm(way.reset_ppm)) return lose(connection, to, std::move(batch));
  uint64_t bytes = 0;
  for (const Frame& frame : batch) bytes += wire_bytes(frame);
  const Duration takes(static_cast<int64_t>(bytes * 1'000'000'000 / way.bytes_per_second));
  end.busy_until = std::max(end.busy_until, timeline_.now()) + takes;
  end.last_arrival = std::max(end.last_arrival, end.busy_until + delay(way));
  timeline_.at(end.last_arrival, [this, alive = alive_, connection, to, number, batch = std::move(batch)]() mutable {
    if (*alive) deliver(connection, to, number, std::move(batch));
  });
}

void SimNetwork::deliver(const std::shared_ptr<Connection>& connection, int to, uint64_t number, Batch batch) {
  End& end = connection->ends[to];
  const SimNodeId from = connection->ends[to ^ 1].node;
  if (end.closed || !lives(end.node, end.life)) return;
  if (blocked(from, end.node)) return hold(connection, to, number, std::move(batch));
  trace_.add(static_cast<uint64_t>(timeline_.now().ns));
  trace_.add(link_of(connection->id, to).value());
  for (const Frame& frame : batch) trace_.add(digest(frame));
  note("connection {}: {} -> {}, {} frames, {} bytes", connection->id, name(from), name(end.node), batch.size(),
       batch[0].payload.size());
  if (to == 1) duplicate(*connection, batch, model(from, end.node));
  end.inbox->post([link = link_of(connection->id, to), batch = std::move(batch)](FrameEndpoint& endpoint) mutable {
    endpoint.link_frames(link, std::move(batch));
  });
}

void SimNetwork::hold(const std::shared_ptr<Connection>& connection, int to, uint64_t number, Batch batch) {
  End& end = connection->ends[to];
  counts_.held++;
  end.held.emplace(number, std::move(batch));
  if (end.held.size() > 1) return;
  timeline_.after(kUserTimeout, [this, alive = alive_, connection, to] {
    if (!*alive || connection->ends[to].held.empty() || connection->broken) return;
    connection->broken = true;
    connection->ends[to].held.clear();
    counts_.timed_out++;
    const Status why = error(Code::kConnectionLost, "{}: no answer", name(connection->ends[to].node));
    end_at(connection, to ^ 1, timeline_.now(), why);
    end_at(connection, to, timeline_.now() + up_to(kUserTimeout), why);
  });
}

void SimNetwork::lose(const std::shared_ptr<Connection>& connection, int to, Batch batch) {
  connection->broken = true;
  counts_.resets++;
  End& end = connection->ends[to];
  const LinkModel& way = model(connection->ends[to ^ 1].node, end.node);
  const Status why(Code::kConnectionLost, "connection reset");
  end_at(connection, to ^ 1, timeline_.now() + delay(way), why);
  if (!rng_.chance_ppm(way.late_ppm)) return end_at(connection, to, timeline_.now() + delay(way), why);
  counts_.late++;
  end.last_arrival = std::max(end.last_arrival, timeline_.now() + up_to(way.late_max));
  timeline_.at(end.last_arrival, [this, alive = alive_, connection, to, batch = std::move(batch)]() mutable {
    if (*alive) deliver(connection, to, 0, std::move(batch));
  });
  end_at(connection, to, end.last_arrival, why);
}

void SimNetwork::duplicate(const Connection& connection, const Batch& batch, const LinkModel& way) {
  if (way.duplicate_ppm == 0) return;
  Batch messages;
  for (const Frame& frame : batch) {
    if (frame.kind == Frame::Kind::kMessage) messages.push_back(frame);
  }
  if (messages.empty() || !rng_.chance_ppm(way.duplicate_ppm)) return;
  timeline_.after(up_to(way.duplicate_max),
                  [this, alive = alive_, address = connection.address, from = connection.ends[0].node,
                   hello = connection.hello, messages = std::move(messages)]() mutable {
                    if (*alive) appear_again(address, from, std::move(hello), std::move(messages));
                  });
}

void SimNetwork::appear_again(const std::string& address, SimNodeId from, Frame hello, Batch messages) {
  const auto it = listeners_.find(address);
  if (it == listeners_.end() || !lives(it->second.node, it->second.life) || blocked(from, it->second.node)) return;
  counts_.duplicates++;
  const auto ghost = std::make_shared<Connection>();
  ghost->id = next_connection_++;
  ghost->ends[0] = {.node = from, .closed = true};
  ghost->ends[1] = {.node = it->second.node, .life = it->second.life, .inbox = it->second.inbox};
  connections_.emplace(ghost->id, ghost);
  note("connection {}: {} messages of {} appear again", ghost->id, messages.size(), name(from));
  const LinkId link = link_of(ghost->id, 1);
  ghost->ends[1].inbox->post([link](FrameEndpoint& endpoint) { endpoint.link_accepted(link); });
  messages.insert(messages.begin(), std::move(hello));
  deliver(ghost, 1, 0, std::move(messages));
  end_at(ghost, 1, timeline_.now() + up_to(std::chrono::milliseconds(20)), Status(Code::kConnectionLost, "closed"));
}

void SimNetwork::end_at(const std::shared_ptr<Connection>& connection, int side, Time when, Status why) {
  timeline_.at(when, [this, alive = alive_, connection, side, why = std::move(why)] {
    if (!*alive) return;
    End& end = connection->ends[side];
    if (end.closed) return;
    end.closed = true;
    connection->broken = true;
    if (lives(end.node, end.life)) {
      trace_.add(link_of(connection->id, side).value());
      note("connection {}: ends at {}: {}", connection->id, name(end.node), why);
      end.inbox->post(
          [link = link_of(connection->id, side), why](FrameEndpoint& endpoint) { endpoint.link_down(link, why); });
    }
    forget_if_ended(*connection);
  });
}

void SimNetwork::close(const std::shared_ptr<Connection>& connection, int side, const char* why) {
  End& end = connection->ends[side];
  End& other = connection->ends[side ^ 1];
  if (end.closed) return;
  end.closed = true;
  connection->broken = true;
  if (other.closed) return forget_if_ended(*connection);
  const LinkModel& way = model(end.node, other.node);
  other.last_arrival = std::max(other.last_arrival, timeline_.now() + delay(way));
  const bool cut = blocked(end.node, other.node);
  end_at(connection, side ^ 1, cut ? timeline_.now() + kUserTimeout : other.last_arrival,
         Status(Code::kConnectionLost, why));
}

void SimNetwork::forget_if_ended(const Connection& connection) {
  if (connection.ends[0].closed && connection.ends[1].closed) connections_.erase(connection.id);
}

void SimNetwork::endpoint_gone(const std::shared_ptr<Inbox>& inbox, const std::string& address) {
  const auto listener = listeners_.find(address);
  if (listener != listeners_.end() && listener->second.inbox == inbox) listeners_.erase(listener);
  for (const auto& [id, connection] : std::map(connections_)) {
    for (const int side : {0, 1}) {
      const End& end = connection->ends[side];
      if (end.inbox == inbox && lives(end.node, end.life)) close(connection, side, "the peer's endpoint was closed");
    }
  }
}

void SimNetwork::crash(SimNodeId node, CrashKind kind) {
  Node& n = nodes_[node.value()];
  note("{} crashes{}", n.name, kind == CrashKind::kSilent ? " silently" : "");
  n.alive = false;
  n.silent = kind == CrashKind::kSilent;
  for (const auto& [id, connection] : std::map(connections_)) {
    for (const int side : {0, 1}) {
      End& end = connection->ends[side];
      if (end.node != node || end.closed) continue;
      end.closed = true;
      End& other = connection->ends[side ^ 1];
      if (other.closed) {
        forget_if_ended(*connection);
        continue;
      }
      // What the dead node had sent is on its way; a reset overtakes some of it.
      const Time resets =
          timeline_.now() + up_to(std::max(Duration(0), other.last_arrival - timeline_.now()) + delay(model_));
      if (kind == CrashKind::kReset) connection->broken = true;
      end_at(connection, side ^ 1,
             kind == CrashKind::kReset ? resets : timeline_.now() + kUserTimeout + up_to(kUserTimeout),
             error(Code::kConnectionLost, "{}: {}", n.name, kind == CrashKind::kReset ? "reset" : "no answer"));
    }
  }
}

void SimNetwork::restart(SimNodeId node) {
  Node& n = nodes_[node.value()];
  DX_CHECK(!n.alive, "{} has not crashed", n.name);
  n.alive = true;
  n.life++;
}

void SimNetwork::block(SimNodeId from, SimNodeId to) {
  note("nothing gets from {} to {}", name(from), name(to));
  blocked_.insert({from, to});
}

void SimNetwork::unblock(SimNodeId from, SimNodeId to) {
  if (blocked_.erase({from, to}) == 0) return;
  note("from {} to {} works again", name(from), name(to));
  for (const auto& [id, connection] : std::map(connections_)) {
    for (const int side : {0, 1}) {
      End& end = connection->ends[side];
      if (end.node != to || connection->ends[side ^ 1].node != from) continue;
      for (auto& [number, batch] : std::exchange(end.held, {})) convey(connection, side, number, std::move(batch));
    }
  }
}

void SimNetwork::unblock_all() {
  for (const auto& [from, to] : std::set(blocked_)) unblock(from, to);
}

}  // namespace daos::fabric
