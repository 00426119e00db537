#include "model/map/pool_map.h"

#include <algorithm>

namespace daos::map {
namespace {

Status bad(std::string_view what, uint64_t id, std::string_view why) {
  return error(Code::kInvalid, "pool map: {} {}: {}", what, id, why);
}

/// What holds for a component of any level. `children_weight`: null for targets.
Status check_component(std::string_view what, const Component& component, MapVersion version,
                       const uint64_t* children_weight) {
  if (static_cast<uint8_t>(component.state) >= kStateCount || component.state == State::kUnknown) {
    return bad(what, component.id, "unknown state");
  }
  if (component.in_version > version || component.out_version > version) {
    return bad(what, component.id, "changed in a version later than the map's");
  }
  if (children_weight != nullptr && component.weight != *children_weight) {
    return bad(what, component.id, "its weight is not the sum of what it holds");
  }
  return {};
}

template <class T>
Status check_unique_ids(std::string_view what, const std::vector<T>& components) {
  std::vector<uint32_t> ids;
  ids.reserve(components.size());
  for (const T& component : components) ids.push_back(component.id);
  std::sort(ids.begin(), ids.end());
  const auto twice = std::adjacent_find(ids.begin(), ids.end());
  if (twice != ids.end()) return bad(what, *twice, "appears twice");
  return {};
}

Status check_host(const Engine& engine) {
  if (engine.host.empty()) return bad("engine", engine.id, "no host");
  if (engine.host.size() > kHostBytesMax) return bad("engine", engine.id, "host name too long");
  for (const char c : engine.host) {
    if (c <= ' ' || c > '~') return bad("engine", engine.id, "host name is not printable");
  }
  return {};
}

/// Engines hold consecutive targets and together all of them; every target names its engine and has its index as id.
Status check_targets(const PoolMapParts& parts) {
  if (parts.targets.empty()) return error(Code::kInvalid, "pool map: no targets");
  if (parts.targets.size() > kTargetsMax) {
    return error(Code::kInvalid, "pool map: {} targets, at most {}", parts.targets.size(), kTargetsMax);
  }
  uint64_t next = 0;
  for (uint32_t e = 0; e < parts.engines.size(); e++) {
    const Engine& engine = parts.engines[e];
    if (engine.target_count == 0 || engine.target_count > kTargetsPerEngineMax) {
      return bad("engine", engine.id, "wrong number of targets");
    }
    if (engine.first_target != next || next + engine.target_count > parts.targets.size()) {
      return bad("engine", engine.id, "its targets are not where they must be");
    }
    for (uint32_t i = 0; i < engine.target_count; i++, next++) {
      const Target& target = parts.targets[next];
      if (target.id != next) return bad("target", next, "its id is not its index");
      if (target.engine != e) return bad("target", next, "names another engine");
    }
  }
  if (next != parts.targets.size()) return bad("target", next, "belongs to no engine");
  return {};
}

Status check_tree(const PoolMapParts& parts) {
  // Sums are taken in 64 bits, so a weight that overflows 32 cannot match its parent's.
  std::vector<uint64_t> engine_weight(parts.engines.size());
  std::vector<uint64_t> node_weight(parts.nodes.size());
  std::vector<uint64_t> group_weight(parts.groups.size());
  uint64_t root_weight = 0;
  for (const Target& target : parts.targets) {
    DX_TRY(check_component("target", target, parts.version, nullptr));
    engine_weight[target.engine] += target.weight;
  }
  for (size_t i = 0; i < parts.engines.size(); i++) {
    const Engine& engine = parts.engines[i];
    if (engine.node >= parts.nodes.size()) return bad("engine", engine.id, "its node does not exist");
    DX_TRY(check_component("engine", engine, parts.version, &engine_weight[i]));
    DX_TRY(check_host(engine));
    node_weight[engine.node] += engine.weight;
  }
  for (size_t i = 0; i < parts.nodes.size(); i++) {
    const Node& node = parts.nodes[i];
    if (node.group >= parts.groups.size()) return bad("node", node.id, "its group does not exist");
    DX_TRY(check_component("node", node, parts.version, &node_weight[i]));
    group_weight[node.group] += node.weight;
  }
  for (size_t i = 0; i < parts.groups.size(); i++) {
    DX_TRY(check_component("group", parts.groups[i], parts.version, &group_weight[i]));
    root_weight += parts.groups[i].weight;
  }
  return check_component("root", parts.root, parts.version, &root_weight);
}

}  // namespace

std::string_view level_name(Level level) {
  switch (level) {
    case Level::kTarget:
      return "target";
    case Level::kEngine:
      return "engine";
    case Level::kNode:
      return "node";
    case Level::kGroup:
      return "group";
    case Level::kRoot:
      return "root";
  }
  return "?";
}

std::string_view state_name(State state) {
  static constexpr std::string_view kNames[kStateCount] = {"UNKNOWN", "DOWN_OUT", "DOWN", "UP",
                                                           "UP_IN",   "NEW",      "DRAIN"};
  const auto number = static_cast<size_t>(state);
  return number < kStateCount ? kNames[number] : "?";
}

PoolMap::PoolMap(PoolMapParts parts) : parts_(std::move(parts)) {
  engine_by_rank_.reserve(parts_.engines.size());
  for (uint32_t i = 0; i < parts_.engines.size(); i++) engine_by_rank_.emplace(parts_.engines[i].id, i);
  for (const Target& target : parts_.targets) target_counts_[static_cast<size_t>(target.state)]++;
}

Result<PoolMapRef> PoolMap::make(PoolMapParts parts) {
  if (parts.version == MapVersion()) return error(Code::kInvalid, "pool map: versions start at 1");
  DX_TRY(check_targets(parts));
  DX_TRY(check_tree(parts));
  DX_TRY(check_unique_ids("engine", parts.engines));
  DX_TRY(check_unique_ids("node", parts.nodes));
  DX_TRY(check_unique_ids("group", parts.groups));
  return PoolMapRef(new PoolMap(std::move(parts)));
}

Result<PoolMapRef> PoolMap::decode(ByteSpan bytes) {
  Decoder decoder(bytes);
  uint8_t format = 0;
  decoder(format);
  if (decoder.ok() && format != kPoolMapFormat) {
    return error(Code::kProtocol, "pool map: format {}, this build reads {}; run the same release everywhere", format,
                 kPoolMapFormat);
  }
  PoolMapParts parts;
  decoder(parts);
  if (!decoder.ok() || !decoder.rest().empty()) {
    return error(Code::kCorrupt, "pool map: malformed ({} bytes)", bytes.size());
  }
  Result<PoolMapRef> map = make(std::move(parts));
  if (!map.ok()) return error(Code::kCorrupt, "{}", map.status().message());
  return map;
}

ByteVector PoolMap::encode() const {
  ByteVector out;
  Encoder encoder(out);
  encoder(kPoolMapFormat, parts_);
  return out;
}

const Target* PoolMap::find_target(TargetId id) const {
  return id.value() < parts_.targets.size() ? &parts_.targets[id.value()] : nullptr;
}

const Engine* PoolMap::find_engine(Rank rank) const {
  const auto found = engine_by_rank_.find(rank.value());
  return found != engine_by_rank_.end() ? &parts_.engines[found->second] : nullptr;
}

const Target* PoolMap::find_target(Rank rank, uint32_t index) const {
  const Engine* const engine = find_engine(rank);
  if (engine == nullptr || index >= engine->target_count) return nullptr;
  return &parts_.targets[engine->first_target + index];
}

bool PoolMap::is_in(const Target& target, StateSet states) const {
  if (!states.contains(target.state)) return false;
  const Engine& engine = parts_.engines[target.engine];
  if (!states.contains(engine.state)) return false;
  const Node& node = parts_.nodes[engine.node];
  return states.contains(node.state) && states.contains(parts_.groups[node.group].state) &&
         states.contains(parts_.root.state);
}

uint32_t PoolMap::count_targets(StateSet states) const {
  return static_cast<uint32_t>(
      std::ranges::count_if(parts_.targets, [&](const Target& target) { return is_in(target, states); }));
}

uint32_t PoolMap::domain_count(Level level) const {
  switch (level) {
    case Level::kTarget:
      return static_cast<uint32_t>(parts_.targets.size());
    case Level::kEngine:
      return static_cast<uint32_t>(parts_.engines.size());
    case Level::kNode:
      return static_cast<uint32_t>(parts_.nodes.size());
    case Level::kGroup:
      return static_cast<uint32_t>(parts_.groups.size());
    case Level::kRoot:
      break;
  }
  return 1;
}

uint32_t PoolMap::count_domains(Level level, StateSet states) const {
  std::vector<bool> seen(domain_count(level));
  uint32_t count = 0;
  for (const Target& target : parts_.targets) {
    const uint32_t index = domain_of(target, level);
    if (seen[index] || !is_in(target, states)) continue;
    seen[index] = true;
    count++;
  }
  return count;
}

uint32_t PoolMap::domain_of(const Target& target, Level level) const {
  switch (level) {
    case Level::kTarget:
      return target.id;
    case Level::kEngine:
      return target.engine;
    case Level::kNode:
      return parts_.engines[target.engine].node;
    case Level::kGroup:
      return parts_.nodes[parts_.engines[target.engine].node].group;
    case Level::kRoot:
      break;
  }
  return 0;
}

const Component& PoolMap::domain(Level level, uint32_t index) const {
  switch (level) {
    case Level::kTarget:
      return parts_.targets[index];
    case Level::kEngine:
      return parts_.engines[index];
    case Level::kNode:
      return parts_.nodes[index];
    case Level::kGroup:
      return parts_.groups[index];
    case Level::kRoot:
      break;
  }
  return parts_.root;
}

}  // namespace daos::map
