#include "sim/world/world.h"

#include <algorithm>

#include "platform/base/check.h"

namespace daos::sim {

Life::Life(World& world, Node& node, uint32_t number)
    : world_(world),
      node_(node),
      number_(number),
      name_(fmt::format("{}.{}", node.name(), number)),
      rng_(node.rng_.fork()) {
  add_reactor();
  transport_ = world_.network().transport(node.id());
  scope_.emplace(reactor());
}

// Whoever uses something goes before it.
Life::~Life() {
  program_.reset();
  scope_.reset();
  disks_.clear();
  transport_.reset();
  reactors_.clear();
}

runtime::Clock& Life::clock() { return node_.clock_; }

runtime::Reactor& Life::add_reactor() {
  reactors_.push_back(std::make_unique<runtime::VirtualReactor>(
      world_.timeline(),
      runtime::Reactor::Options{.clock = &node_.clock_, .seed = rng_.next(), .log = world_.logger(name_)}));
  return reactors_.back()->reactor();
}

storage::MemoryDisk& Life::disk(runtime::Reactor& reactor) {
  storage::MemoryDisk*& disk = disk_of_[&reactor];
  if (disk == nullptr) {
    storage::MemoryOptions options{.timeline = &world_.timeline(), .seed = rng_.next(), .delays = node_.delays_};
    disks_.push_back(std::make_unique<storage::MemoryDisk>(reactor, node_.medium_, options));
    disk = disks_.back().get();
  }
  return *disk;
}

void Life::begin(std::unique_ptr<Program> program) {
  program_ = std::move(program);
  reactor().post([this] { scope_->spawn(run()); });
}

runtime::Task<void> Life::run() {
  const Status started = co_await program_->start(stop_.token());
  if (crashed_) co_return;
  serving_ = started.ok();
  world_.note(fmt::format("{} {}", name_, started.ok() ? "serves" : "does not start"));
  bool alive = true;
  for (const auto& disk : disks_) alive &= !disk->dead();
  if (!started.ok() && alive && !excused_) world_.fail(fmt::format("{} does not start: {}", name_, started));
}

runtime::Task<void> Life::end() {
  co_await program_->stop();
  ended_ = true;
  world_.reap_ = true;
}

Node::Node(World& world, std::string name, uint64_t seed)
    : world_(world),
      name_(std::move(name)),
      id_(world.network().add_node(name_)),
      rng_(seed),
      clock_(world.timeline()) {}

void Node::start() {
  DX_CHECK(life_ == nullptr, "{} runs already", name_);
  if (lives_ > 0) world_.network().restart(id_);
  life_ = std::make_unique<Life>(world_, *this, ++lives_);
  world_.note(life_->name() + " starts");
  life_->begin(make_(*life_));
}

void Node::crash(fabric::CrashKind network, storage::Loss disk) {
  DX_CHECK(life_ != nullptr, "{} does not run", name_);
  world_.network().crash(id_, network);
  Life& life = *life_;
  life.crashed_ = true;
  life.serving_ = false;
  life.crashed_at_ = world_.timeline().now();
  for (const auto& view : life.disks_) view->die();
  if (!life.disks_.empty()) life.disks_[0]->crash(disk);  // all views are of one medium, which loses once
  life.reactor().post([&life] {
    life.stop_.request_stop();
    life.scope_->spawn(
        // Behind the start that may still be under way: it is the only other task of this scope.
        [](Life& ending, runtime::Scope& scope) -> runtime::Task<void> {
          while (scope.running() > 1) {
            const Status slept =
                co_await runtime::sleep(ending.reactor(), ending.reactor().within(std::chrono::milliseconds(1)));
            slept.ignore("nobody stops this wait");
          }
          co_await ending.end();
        }(life, *life.scope_));
  });
  world_.ending_.push_back(std::move(life_));
}

void Node::set_disk_delay(storage::DiskOperation kind, storage::DiskDelay delay) {
  delays_[static_cast<size_t>(kind)] = delay;
  if (life_ == nullptr) return;
  for (const auto& disk : life_->disks_) disk->set_delay(kind, delay);
}

World::World(uint64_t seed, LogSink* log) : rng_(seed), network_(timeline_, rng_.next()), log_(log) {}

World::~World() { take_down(); }

Node& World::add_node(std::string name) {
  nodes_.push_back(std::make_unique<Node>(*this, std::move(name), rng_.next()));
  return *nodes_.back();
}

bool World::step(Time limit) {
  if (timeline_.steps() > kStepsMax) {
    if (failures_.empty()) fail(fmt::format("{} steps and no end: something runs in a circle", kStepsMax));
    return false;
  }
  if (!timeline_.step(limit)) return false;
  if (reap_) reap();
  if (!watched_.empty()) look();
  return true;
}

void World::reap() {
  reap_ = false;
  // Not from inside the turn that ended it: here no reactor runs.
  std::erase_if(ending_,
                [](const std::unique_ptr<Life>& life) { return life->ended_ && life->scope_->running() == 0; });
}

void World::look() {
  for (size_t i = 0; i < watched_.size();) {
    if (!watched_[i].first()) {
      i++;
      continue;
    }
    const std::function<void()> what = std::move(watched_[i].second);
    watched_.erase(watched_.begin() + static_cast<std::ptrdiff_t>(i));
    what();
  }
}

bool World::run_for(Duration time) {
  const Time until = timeline_.now() + time;
  while (step(until)) {
  }
  if (timeline_.steps() > kStepsMax) return false;
  timeline_.run_until(until);
  return true;
}

bool World::run_until(const std::function<bool()>& condition, Duration limit) {
  const Time until = timeline_.now() + limit;
  while (!condition()) {
    if (!step(until)) return condition();
  }
  return true;
}

void World::set_observer(std::function<void(const std::string& line)> observer) {
  observer_ = std::move(observer);
  network_.set_observer([this](const std::string& line) { note(line); });
}

void World::note(std::string_view line) {
  if (observer_) observer_(fmt::format("{:.6f} {}", static_cast<double>(timeline_.now().ns) / 1e9, line));
}

void World::take_down() {
  for (const auto& node : nodes_) {
    if (node->life() != nullptr) node->crash(fabric::CrashKind::kReset, storage::Loss::kProcess);
  }
  run_until([this] { return ending_.empty(); }, kEndWithin);
  for (const auto& life : ending_) {
    if (life->scope_)
      fail(fmt::format("{} crashed at {:.6f} s and its objects have not ended yet", life->name(),
                       static_cast<double>(life->crashed_at_.ns) / 1e9));
  }
  // What cannot end cannot be destroyed either: its coroutines refer to it. The failure is reported; the memory is
  // lost.
  for (auto& life : ending_) (void)life.release();
  ending_.clear();
}

}  // namespace daos::sim
