// The pool map: which engines and targets a pool has, where they are, and how they are. Sent whole to clients and
// engines, kept by the pool service. Thread-safety: immutable once built; others hold std::shared_ptr<const PoolMap>.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "platform/base/codec.h"
#include "platform/base/status.h"
#include "platform/base/strong_id.h"

namespace daos::map {

/// An engine's number within its system.
using Rank = StrongId<struct RankTag, uint32_t>;
/// Index over the pool's targets, in the order in which they joined; never reused, so it may be stored.
using TargetId = StrongId<struct TargetIdTag, uint32_t>;
using MapVersion = StrongId<struct MapVersionTag, uint32_t>;
inline constexpr TargetId kNoTarget{std::numeric_limits<uint32_t>::max()};

/// Levels of the component tree; the numbers of those that the API knows as redundancy or performance domains are its
/// own.
enum class Level : uint8_t { kTarget = 0, kEngine = 1, kNode = 2, kGroup = 200, kRoot = 255 };
std::string_view level_name(Level level);

/// The API's daos_target_state_t.
enum class State : uint8_t {
  kUnknown = 0,
  kDownOut = 1,  // excluded, its data rebuilt elsewhere
  kDown = 2,     // excluded, rebuild under way
  kUp = 3,       // coming back, not serving yet
  kUpIn = 4,     // serving
  kNew = 5,      // added, never served
  kDrain = 6,    // serving, on its way out
};
inline constexpr uint8_t kStateCount = 7;
std::string_view state_name(State state);  // "UP_IN"

/// A set of states: which components a question is about.
class StateSet {
 public:
  constexpr StateSet() = default;
  constexpr StateSet(std::initializer_list<State> states) {
    for (const State state : states) bits_ |= bit(state);
  }
  constexpr bool contains(State state) const { return (bits_ & bit(state)) != 0; }

 private:
  static constexpr uint8_t bit(State state) { return static_cast<uint8_t>(1u << static_cast<uint8_t>(state)); }
  uint8_t bits_ = 0;
};
/// Those that hold data and answer.
inline constexpr StateSet kServing{State::kUpIn, State::kDrain};

/// What every component has. `id` is unique within its level; an engine's is its rank, a target's its TargetId.
struct Component {
  uint32_t id = 0;
  State state = State::kUpIn;
  MapVersion in_version;   // of the map in which it last came in
  MapVersion out_version;  // of the map in which it last went out; 0 = never
  uint32_t weight = 1;     // share of data; an upper component's is the sum of its children's

  bool operator==(const Component&) const = default;
  static void visit(auto&& visitor, auto& self) {
    visitor(self.id, self.state, self.in_version, self.out_version, self.weight);
  }
};
struct Group : Component {
  bool operator==(const Group&) const = default;
  static void visit(auto&& visitor, auto& self) { Component::visit(visitor, self); }
};
struct Node : Component {
  uint32_t group = 0;  // index into groups()
  bool operator==(const Node&) const = default;
  static void visit(auto&& visitor, auto& self) {
    Component::visit(visitor, self);
    visitor(self.group);
  }
};
struct Engine : Component {
  uint32_t node = 0;         // index into nodes()
  std::string host;          // as text: name or address
  uint16_t system_port = 0;  // of the engine's own listener
  uint32_t first_target = 0;
  uint32_t target_count = 0;

  Rank rank() const { return Rank(id); }
  bool operator==(const Engine&) const = default;
  static void visit(auto&& visitor, auto& self) {
    Component::visit(visitor, self);
    visitor(self.node, self.host, self.system_port, self.first_target, self.target_count);
  }
};
struct Target : Component {
  uint32_t engine = 0;  // index into engines()
  uint16_t port = 0;

  TargetId target_id() const { return TargetId(id); }
  bool operator==(const Target&) const = default;
  static void visit(auto&& visitor, auto& self) {
    Component::visit(visitor, self);
    visitor(self.engine, self.port);
  }
};

/// Everything a map consists of, as it is encoded; not checked. PoolMap::make turns it into a map.
///
///   off size field      meaning
///     0    1 format     kPoolMapFormat; another one is refused
///     1    4 version    of the map, from 1
///     5   17 root       Component
///        ... groups     u32 count, then Component each
///        ... nodes      u32 count, then Component + u32 group index
///        ... engines    u32 count, then Component + u32 node index, host (u32 length, bytes), u16 system port,
///                       u32 first target, u32 target count
///        ... targets    u32 count, then Component + u32 engine index, u16 port
///
/// Component: u32 id, u8 state, u32 in version, u32 out version, u32 weight. A parent is an index into the level above,
/// so a cycle cannot be written down. Engines hold consecutive targets, in their order: target i has id i.
struct PoolMapParts {
  MapVersion version;
  Component root;
  std::vector<Group> groups;
  std::vector<Node> nodes;
  std::vector<Engine> engines;
  std::vector<Target> targets;

  static void visit(auto&& visitor, auto& self) {
    visitor(self.version, self.root, self.groups, self.nodes, self.engines, self.targets);
  }
};
inline constexpr uint8_t kPoolMapFormat = 1;
inline constexpr uint32_t kTargetsMax = 1u << 20;
inline constexpr uint32_t kTargetsPerEngineMax = 1024;
inline constexpr uint32_t kHostBytesMax = 255;

class PoolMap {
 public:
  /// Checks everything that a reader relies on (kInvalid, naming the component): unique ids, parents that exist,
  /// targets that match their engines, states, weights, lengths, at least one target.
  static Result<std::shared_ptr<const PoolMap>> make(PoolMapParts parts);
  /// From a peer or the disk: kCorrupt for hostile or damaged bytes, kProtocol for another format.
  static Result<std::shared_ptr<const PoolMap>> decode(ByteSpan bytes);
  ByteVector encode() const;

  MapVersion version() const { return parts_.version; }
  const Component& root() const { return parts_.root; }
  std::span<const Group> groups() const { return parts_.groups; }
  std::span<const Node> nodes() const { return parts_.nodes; }
  std::span<const Engine> engines() const { return parts_.engines; }
  std::span<const Target> targets() const { return parts_.targets; }
  /// To build a successor from: change the copy, raise the version, make().
  const PoolMapParts& parts() const { return parts_; }

  // Lookups; null when there is no such component.
  const Target* find_target(TargetId id) const;
  const Engine* find_engine(Rank rank) const;
  /// The index-th target of an engine.
  const Target* find_target(Rank rank, uint32_t index) const;
  const Engine& engine_of(const Target& target) const { return parts_.engines[target.engine]; }
  std::span<const Target> targets_of(const Engine& engine) const {
    return std::span(parts_.targets).subspan(engine.first_target, engine.target_count);
  }
  /// Its number within its engine.
  uint32_t index_in_engine(const Target& target) const { return target.id - engine_of(target).first_target; }

  /// Whether the target and everything above it is in one of these states.
  bool is_in(const Target& target, StateSet states) const;
  /// Targets by their own state.
  const std::array<uint32_t, kStateCount>& target_counts() const { return target_counts_; }
  uint32_t target_count(State state) const { return target_counts_[static_cast<size_t>(state)]; }
  /// Targets that are in `states`, they and everything above them.
  uint32_t count_targets(StateSet states) const;

  /// How many components a level has, whatever their state; kRoot: 1.
  uint32_t domain_count(Level level) const;
  /// How many of them have a target in `states`.
  uint32_t count_domains(Level level, StateSet states) const;
  /// Index, within its level, of the component that holds this target.
  uint32_t domain_of(const Target& target, Level level) const;
  const Component& domain(Level level, uint32_t index) const;

 private:
  explicit PoolMap(PoolMapParts parts);

  PoolMapParts parts_;
  std::unordered_map<uint32_t, uint32_t> engine_by_rank_;  // looked up only, never iterated
  std::array<uint32_t, kStateCount> target_counts_{};
};

using PoolMapRef = std::shared_ptr<const PoolMap>;

}  // namespace daos::map
