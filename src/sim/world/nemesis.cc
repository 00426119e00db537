#include "sim/world/nemesis.h"

#include <algorithm>

namespace daos::sim {

using namespace std::chrono_literals;
using storage::DiskOperation;

namespace {

constexpr std::array<std::string_view, kFaults> kNames = {
    "fault: process killed",        "fault: power lost",
    "fault: power lost everywhere", "fault: machine stopped in a disk operation",
    "fault: disk failed",           "fault: disk slow",
    "fault: network partitioned",   "fault: bad network",
    "fault: clock stepped",         "fault: client killed"};

void usual_disk(Node& node) {
  node.set_disk_delay(DiskOperation::kRead, {.least = 20us, .most = 200us, .per_mib = 500us});
  node.set_disk_delay(DiskOperation::kWrite, {.least = 10us, .most = 300us, .per_mib = 500us});
  node.set_disk_delay(DiskOperation::kFlush, {.least = 50us, .most = 2ms});
}

}  // namespace

Nemesis::Nemesis(World& world, NemesisOptions options)
    : world_(world), options_(std::move(options)), rng_(world.rng().fork()) {
  for (Duration& every : every_) {
    if (rng_.below(100) < 60) every = 300ms + up_to(6s);
  }
  usual_.delay_min = 5us + up_to(100us);
  usual_.delay_max = usual_.delay_min + up_to(rng_.below(4) == 0 ? 5ms : 300us);
  world_.network().set_model(usual_);
  for (Node* node : options_.servers) usual_disk(*node);
}

void Nemesis::begin() {
  active_ = true;
  for (size_t fault = 0; fault < kFaults; fault++) {
    if (every_[fault] > Duration(0)) schedule(static_cast<Fault>(fault));
  }
}

void Nemesis::schedule(Fault fault) {
  world_.timeline().after(up_to(2 * every_[static_cast<size_t>(fault)]), [this, fault, alive = alive_] {
    if (!*alive || !active_) return;
    strike(fault);
    schedule(fault);
  });
}

Node* Nemesis::any(const std::vector<Node*>& nodes) {
  std::vector<Node*> running;
  for (Node* node : nodes) {
    if (node->life() != nullptr) running.push_back(node);
  }
  return running.empty() ? nullptr : running[rng_.below(running.size())];
}

Duration Nemesis::a_while() { return rng_.below(4) == 0 ? up_to(options_.lasts_max) : up_to(options_.lasts_max / 20); }

void Nemesis::strike(Fault fault) {
  Node* server = any(options_.servers);
  if (server == nullptr && fault != Fault::kClientDies) return;
  world_.probes().hit(kNames[static_cast<size_t>(fault)]);
  world_.note(kNames[static_cast<size_t>(fault)]);
  switch (fault) {
    case Fault::kKill:
      crash(*server, storage::Loss::kProcess);
      break;
    case Fault::kPowerLoss:
      crash(*server, loss());
      break;
    case Fault::kOutage:
      for (Node* node : options_.servers) {
        if (node->life() != nullptr) crash(*node, loss());
      }
      break;
    case Fault::kDiskStops:
      stop_disk(*server);
      break;
    case Fault::kDiskFails:
      fail_disk(*server);
      break;
    case Fault::kDiskSlow:
      server->set_disk_delay(DiskOperation::kWrite, {.least = 1ms, .most = 1ms + up_to(100ms), .per_mib = 10ms});
      server->set_disk_delay(DiskOperation::kFlush, {.least = 1ms, .most = 1ms + up_to(500ms)});
      world_.timeline().after(a_while(), [server, alive = alive_] {
        if (*alive) usual_disk(*server);
      });
      break;
    case Fault::kPartition:
      partition();
      break;
    case Fault::kWeather:
      weather();
      break;
    case Fault::kClockStep: {
      Duration& skew = skew_[server];
      const Duration next = up_to(2 * options_.clock_skew_max) - options_.clock_skew_max;
      server->clock().step_wall_clock(next - skew);
      skew = next;
      break;
    }
    case Fault::kClientDies:
      if (Node* client = any(options_.clients)) crash(*client, storage::Loss::kProcess);
      break;
  }
}

void Nemesis::crash(Node& node, storage::Loss loss) {
  const bool silent = loss == storage::Loss::kPower && rng_.below(2) == 0;
  node.crash(silent ? fabric::CrashKind::kSilent : fabric::CrashKind::kReset, loss);
  restart_later(node);
}

void Nemesis::restart_later(Node& node) {
  world_.timeline().after(1us + a_while(), [&node, alive = alive_] {
    if (*alive && node.life() == nullptr) node.start();
  });
}

void Nemesis::stop_disk(Node& node) {
  const auto& disks = node.life()->disks();
  if (disks.empty()) return;
  storage::MemoryDisk& disk = *disks[rng_.below(disks.size())];
  static constexpr DiskOperation kKinds[] = {DiskOperation::kWrite, DiskOperation::kFlush, DiskOperation::kNames};
  disk.crash_at(kKinds[rng_.below(3)], rng_.below(6));
  const uint32_t life = node.life()->number();
  // The machine as a whole stops with it, as soon as anybody can look.
  world_.when([&node, &disk, life] { return node.life() == nullptr || node.life()->number() != life || disk.dead(); },
              [this, &node, life, alive = alive_] {
                if (*alive && node.life() != nullptr && node.life()->number() == life) crash(node, loss());
              });
}

void Nemesis::fail_disk(Node& node) {
  const auto& disks = node.life()->disks();
  if (disks.empty()) return;
  storage::MemoryDisk& disk = *disks[rng_.below(disks.size())];
  node.life()->excuse();
  disk.fail_at(rng_.below(2) == 0 ? DiskOperation::kWrite : DiskOperation::kFlush, rng_.below(10), Code::kIo,
               1 + rng_.below(3));
  world_.timeline().after(up_to(1s), [this, &node, life = node.life()->number(), alive = alive_] {
    if (*alive && node.life() != nullptr && node.life()->number() == life) crash(node, storage::Loss::kProcess);
  });
}

void Nemesis::partition() {
  std::vector<Node*> nodes = options_.servers;
  nodes.insert(nodes.end(), options_.clients.begin(), options_.clients.end());
  std::vector<std::pair<Node*, Node*>> cut;
  const uint64_t shape = rng_.below(3);
  if (shape == 0) {  // one direction of one link
    cut.emplace_back(nodes[rng_.below(nodes.size())], nodes[rng_.below(nodes.size())]);
  } else {  // one node alone, or two halves
    const size_t alone = rng_.below(nodes.size());
    std::vector<bool> side;
    for (size_t i = 0; i < nodes.size(); i++) side.push_back(shape == 1 ? i == alone : rng_.below(2) == 0);
    for (size_t i = 0; i < nodes.size(); i++) {
      for (size_t j = 0; j < nodes.size(); j++) {
        if (side[i] != side[j]) cut.emplace_back(nodes[i], nodes[j]);
      }
    }
  }
  for (const auto& [from, to] : cut) {
    if (from != to) world_.network().block(from->id(), to->id());
  }
  world_.timeline().after(a_while(), [this, cut, alive = alive_] {
    if (!*alive) return;
    for (const auto& [from, to] : cut) world_.network().unblock(from->id(), to->id());
  });
}

void Nemesis::weather() {
  fabric::LinkModel bad = usual_;
  if (rng_.below(2) == 0) bad.reset_ppm = static_cast<uint32_t>(rng_.below(50'000));
  if (options_.messages_come_twice && rng_.below(2) == 0) {
    bad.duplicate_ppm = static_cast<uint32_t>(rng_.below(200'000));
  }
  if (rng_.below(2) == 0) bad.slow_ppm = static_cast<uint32_t>(rng_.below(300'000));
  bad.slow_max = 1ms + up_to(rng_.below(4) == 0 ? 3s : 50ms);
  world_.network().set_model(bad);
  world_.timeline().after(a_while(), [this, alive = alive_] {
    if (*alive) world_.network().set_model(usual_);
  });
}

void Nemesis::heal() {
  active_ = false;
  world_.note("no more faults");
  world_.network().unblock_all();
  world_.network().set_model(usual_);
  for (Node* node : options_.servers) {
    usual_disk(*node);
    // Armed disk faults, and targets that a failed disk stopped, end with their process.
    if (node->life() != nullptr) node->crash(fabric::CrashKind::kReset, loss());
    node->start();
  }
}

}  // namespace daos::sim
