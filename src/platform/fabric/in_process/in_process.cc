#include "platform/fabric/in_process/in_process.h"

#include <map>
#include <mutex>

#include "platform/fabric/frames/frame_endpoint.h"

namespace daos::fabric {

/// Who listens where.
struct InProcessTransport::Registry {
  std::mutex mutex;
  std::map<std::string, std::shared_ptr<Inbox>> listeners;  // guarded by mutex
  uint64_t next_link = 1;                                   // guarded by mutex
  uint64_t next_name = 1;                                   // guarded by mutex
};

/// Travels with an invitation; if that dies unheard, because its receiver closed first, tells whoever sent it.
class Invitation {
 public:
  Invitation(LinkId link, std::shared_ptr<Inbox> from) : link_(link), from_(std::move(from)) {}
  Invitation(Invitation&& other) noexcept : link_(other.link_), from_(std::move(other.from_)) {}
  ~Invitation() {
    if (!from_) return;
    from_->post([link = link_](FrameEndpoint& endpoint) {
      endpoint.link_down(link, Status(Code::kUnreachable, "the peer's endpoint was closed"));
    });
  }
  std::shared_ptr<Inbox> accept() { return std::move(from_); }
  LinkId link() const { return link_; }

 private:
  LinkId link_;
  std::shared_ptr<Inbox> from_;
};

class InProcessTransport::Link : public Carrier {
 public:
  Link(std::shared_ptr<Registry> registry, std::string address, FrameEndpoint& endpoint)
      : registry_(std::move(registry)), address_(std::move(address)), self_(endpoint.inbox()) {}

  ~Link() override {
    if (!address_.empty()) {
      std::lock_guard lock(registry_->mutex);
      registry_->listeners.erase(address_);
    }
    for (const auto& [link, remote] : links_) tell_down(link, *remote, "the peer's endpoint was closed");
  }

  LinkId connect(const std::string& address) override {
    std::shared_ptr<Inbox> remote;
    LinkId link;
    {
      std::lock_guard lock(registry_->mutex);
      link = LinkId(2 * registry_->next_link++);
      const auto it = registry_->listeners.find(address);
      if (it != registry_->listeners.end()) remote = it->second;
    }
    if (!remote) {
      self_->post([link, address](FrameEndpoint& endpoint) {
        endpoint.link_down(link, error(Code::kUnreachable, "{}: nobody listens there", address));
      });
      return link;
    }
    remote->post([invitation = Invitation(link, self_)](FrameEndpoint& endpoint) mutable {
      const LinkId here = other_end(invitation.link());
      static_cast<Link&>(endpoint.carrier()).links_.emplace(here, invitation.accept());
      endpoint.link_accepted(here);
    });
    links_.emplace(link, std::move(remote));
    self_->post([link](FrameEndpoint& endpoint) { endpoint.link_up(link); });
    return link;
  }

  void transmit(LinkId link, std::vector<Frame> frames) override {
    const auto it = links_.find(link);
    if (it == links_.end()) return;  // closed, and link_down is on its way
    it->second->post([link, frames = std::move(frames)](FrameEndpoint& endpoint) mutable {
      endpoint.link_frames(other_end(link), std::move(frames));
    });
  }

  void close(LinkId link) override {
    const auto it = links_.find(link);
    if (it == links_.end()) return;
    tell_down(link, *it->second, "the peer closed the connection");
    links_.erase(it);
  }

 private:
  static void tell_down(LinkId link, Inbox& remote, const char* why) {
    remote.post([link, why](FrameEndpoint& endpoint) {
      static_cast<Link&>(endpoint.carrier()).links_.erase(other_end(link));
      endpoint.link_down(other_end(link), Status(Code::kConnectionLost, why));
    });
  }

  std::shared_ptr<Registry> registry_;
  std::string address_;
  std::shared_ptr<Inbox> self_;
  std::map<LinkId, std::shared_ptr<Inbox>> links_;  // to the other ends
};

InProcessTransport::InProcessTransport() : registry_(std::make_shared<Registry>()) {}
InProcessTransport::~InProcessTransport() = default;

Result<std::unique_ptr<Endpoint>> InProcessTransport::open(runtime::Reactor& reactor, EndpointOptions options,
                                                           Receiver& receiver) {
  std::string address = options.listen;
  auto endpoint = std::make_unique<FrameEndpoint>(reactor, std::move(options), receiver);
  if (!address.empty()) {
    std::lock_guard lock(registry_->mutex);
    if (address.ends_with("://") || address.ends_with(":0")) {
      address = fmt::format("inproc://endpoint-{}", registry_->next_name++);
    }
    if (!registry_->listeners.emplace(address, endpoint->inbox()).second) {
      return error(Code::kBusy, "{}: somebody listens there already", address);
    }
  }
  endpoint->start(address, std::make_unique<Link>(registry_, address, *endpoint));
  return std::unique_ptr<Endpoint>(std::move(endpoint));
}

}  // namespace daos::fabric
