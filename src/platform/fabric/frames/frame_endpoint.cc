#include "platform/fabric/frames/frame_endpoint.h"

#include <algorithm>

#include "platform/base/check.h"

namespace daos::fabric {

using runtime::CallContext;
using runtime::Task;

FrameEndpoint::FrameEndpoint(runtime::Reactor& reactor, EndpointOptions options, Receiver& receiver)
    : reactor_(reactor),
      identity_(options.identity),
      receiver_(receiver),
      inbox_(std::make_shared<Inbox>(reactor, *this)) {
  reactor_.add_source(this);
}

FrameEndpoint::~FrameEndpoint() {
  inbox_->close();
  reactor_.remove_source(this);
  carrier_.reset();
  auto transfers = std::exchange(transfers_, {});
  for (auto& [id, transfer] : transfers) {
    transfer->failed = error(Code::kConnectionLost, "the endpoint was closed");
    transfer->ended.set({});
    transfer->room.release(kChunksUnderWayMax);
  }
}

void FrameEndpoint::start(std::string address, std::unique_ptr<Carrier> carrier) {
  address_ = std::move(address);
  carrier_ = std::move(carrier);
}

FrameEndpoint::Peer* FrameEndpoint::find(PeerId id) {
  const auto it = peers_.find(id);
  return it == peers_.end() ? nullptr : &it->second;
}

Result<PeerId> FrameEndpoint::peer(const std::string& address) {
  const auto known = by_address_.find(address);
  if (known != by_address_.end()) return known->second;
  const size_t scheme = address.find("://");
  if (scheme == std::string::npos || scheme + 3 == address.size()) {
    return error(Code::kInvalid, "\"{}\" is no address: it should read like scheme://name", address);
  }
  const PeerId id(next_peer_++);
  Peer& peer = peers_[id];
  peer.id = id;
  peer.address = address;
  peer.owner = this;
  by_address_.emplace(address, id);
  return id;
}

void FrameEndpoint::send(PeerId to, ByteSpan head, IoBuf payload) {
  Peer* peer = find(to);
  if (peer == nullptr) return;  // an incoming peer that has gone: on_peer_down said so
  DX_CHECK(head.size() + payload.size() <= kMessageBytesMax, "a message of {} bytes", head.size() + payload.size());
  Frame frame{.kind = Frame::Kind::kMessage};
  if (head.empty()) {
    frame.payload = std::move(payload);
  } else {
    Result<IoBuf> whole = IoBuf::allocate(head.size() + payload.size());
    if (!whole.ok()) {
      drop(to, std::move(whole).status());  // a message that cannot be sent ends the connection: order is promised
      return;
    }
    std::memcpy(whole->data(), head.data(), head.size());
    if (!payload.empty()) std::memcpy(whole->data() + head.size(), payload.data(), payload.size());
    frame.payload = std::move(whole).take();
  }
  enqueue(*peer, std::move(frame));
}

void FrameEndpoint::enqueue(Peer& peer, Frame frame) {
  peer.queue.push_back(std::move(frame));
  if (peer.up) {
    if (!std::exchange(peer.dirty, true)) dirty_.push_back(peer.id);
    if (!flush_soon_.armed()) flush_soon_.arm(reactor_, reactor_.now(), [](void*) {}, this);
  } else if (peer.link == LinkId() && !peer.retry.armed()) {
    connect(peer);
  }
}

void FrameEndpoint::connect(Peer& peer) {
  if (reactor_.now() < peer.not_before) {
    peer.retry.arm(
        reactor_, peer.not_before,
        [](void* self) {
          auto* waiting = static_cast<Peer*>(self);
          waiting->owner->connect(*waiting);
        },
        &peer);
    return;
  }
  peer.link = carrier_->connect(peer.address);
  by_link_[peer.link] = peer.id;
}

void FrameEndpoint::flush() {
  flush_soon_.cancel();
  for (const PeerId id : std::exchange(dirty_, {})) {
    Peer* peer = find(id);
    if (peer == nullptr) continue;
    peer->dirty = false;
    if (peer->up && !peer->queue.empty()) carrier_->transmit(peer->link, std::exchange(peer->queue, {}));
  }
}

void FrameEndpoint::greet(Peer& peer) {
  peer.up = true;
  std::vector<Frame> waiting = std::exchange(peer.queue, {});
  enqueue(peer, Frame{.kind = Frame::Kind::kHello, .identity = identity_});
  for (Frame& frame : waiting) peer.queue.push_back(std::move(frame));
}

void FrameEndpoint::link_accepted(LinkId link) {
  const PeerId id(next_peer_++);
  Peer& peer = peers_[id];
  peer.id = id;
  peer.owner = this;
  peer.link = link;
  by_link_[link] = id;
  greet(peer);
}

void FrameEndpoint::link_up(LinkId link) {
  const auto it = by_link_.find(link);
  if (it != by_link_.end()) greet(*find(it->second));
}

void FrameEndpoint::link_down(LinkId link, const Status& why) {
  const auto it = by_link_.find(link);
  if (it == by_link_.end()) return;
  const PeerId id = it->second;
  by_link_.erase(it);
  Peer& peer = *find(id);
  const bool incoming = peer.address.empty();
  const bool tell = peer.greeted || !incoming;  // nobody has heard of an incoming peer before its greeting
  fail_transfers(id, why);
  if (incoming) {
    peers_.erase(id);
  } else {
    peer.link = LinkId();
    peer.queue.clear();
    peer.up = false;
    if (!std::exchange(peer.greeted, false)) peer.failures++;
    const Duration wait = std::min(kBackOffMax, kBackOffMin * (1 << std::min<uint32_t>(peer.failures, 10)));
    peer.not_before = peer.failures == 0 ? reactor_.now() : reactor_.now() + wait;
  }
  if (tell) receiver_.on_peer_down(id, why);
}

void FrameEndpoint::drop(PeerId id, const Status& why) {
  Peer* peer = find(id);
  if (peer == nullptr || peer->link == LinkId()) return;
  carrier_->close(peer->link);
  inbox_->post([link = peer->link, why](FrameEndpoint& self) { self.link_down(link, why); });
}

void FrameEndpoint::link_frames(LinkId link, std::vector<Frame> frames) {
  for (Frame& frame : frames) {
    const auto it = by_link_.find(link);
    if (it == by_link_.end()) return;  // dropped by what an earlier frame led to
    handle(*find(it->second), std::move(frame));
  }
}

void FrameEndpoint::handle(Peer& peer, Frame frame) {
  switch (frame.kind) {
    case Frame::Kind::kHello:
      peer.greeted = true;
      peer.failures = 0;
      receiver_.on_peer_up(peer.id, frame.identity);
      break;
    case Frame::Kind::kMessage:
      receiver_.on_message(peer.id, std::move(frame.payload));
      break;
    case Frame::Kind::kGet:
      serve_get(peer, frame);
      break;
    case Frame::Kind::kGetChunk:
      take_get_chunk(peer, frame);
      break;
    case Frame::Kind::kPutChunk:
      take_put_chunk(peer, frame);
      break;
    case Frame::Kind::kGetTaken: {
      const auto serving = serving_.find({peer.id, frame.transfer});
      if (serving != serving_.end()) send_chunk(peer, frame.transfer, serving->second);
      break;
    }
    case Frame::Kind::kPutTaken: {
      const auto transfer = transfers_.find(frame.transfer);
      if (transfer != transfers_.end()) transfer->second->room.release();
      break;
    }
    case Frame::Kind::kDone:
      end_transfer(frame.transfer, Status(frame.code, frame.text));
      break;
    case Frame::Kind::kAbort:
      serving_.erase({peer.id, frame.transfer});
      break;
  }
}

}  // namespace daos::fabric
