#include "model/map/builder.h"

#include <algorithm>

#include "platform/base/check.h"

namespace daos::map {
namespace {

template <class T>
T* find_by_id(std::vector<T>& components, uint32_t id) {
  const auto found = std::ranges::find(components, id, &T::id);
  return found != components.end() ? &*found : nullptr;
}

/// Weights are summed upwards, saturating: make() then refuses the map, because the sum does not fit.
void add_weight(Component& component, uint32_t weight) {
  const uint64_t sum = uint64_t{component.weight} + weight;
  component.weight = static_cast<uint32_t>(std::min<uint64_t>(sum, UINT32_MAX));
}

void sum_weights(PoolMapParts& parts) {
  parts.root.weight = 0;
  for (Group& group : parts.groups) group.weight = 0;
  for (Node& node : parts.nodes) node.weight = 0;
  for (Engine& engine : parts.engines) engine.weight = 0;
  for (const Target& target : parts.targets) add_weight(parts.engines[target.engine], target.weight);
  for (const Engine& engine : parts.engines) add_weight(parts.nodes[engine.node], engine.weight);
  for (const Node& node : parts.nodes) add_weight(parts.groups[node.group], node.weight);
  for (const Group& group : parts.groups) add_weight(parts.root, group.weight);
}

}  // namespace

Builder::Builder(const PoolMap& map) : parts_(map.parts()) {
  for (uint32_t i = 0; i < parts_.engines.size(); i++) engine_by_rank_.emplace(parts_.engines[i].id, i);
  for (uint32_t i = 0; i < parts_.nodes.size(); i++) {
    node_by_id_.emplace(parts_.nodes[i].id, i);
    next_node_id_ = std::max(next_node_id_, parts_.nodes[i].id + 1);
  }
}

void Builder::fail(Status status) {
  if (failure_.ok()) failure_ = std::move(status);
}

Engine* Builder::find_engine(Rank rank) {
  const auto found = engine_by_rank_.find(rank.value());
  if (found != engine_by_rank_.end()) return &parts_.engines[found->second];
  fail(error(Code::kNonexistent, "pool map: rank {} has no engine in this pool", rank));
  return nullptr;
}

void Builder::set_state(Component& component, State state) {
  const bool served = kServing.contains(component.state);
  const bool serves = kServing.contains(state);
  if (serves && !served) component.in_version = next_version();
  if (served && !serves) component.out_version = next_version();
  component.state = state;
}

uint32_t Builder::node_for(const EngineSpec& spec) {
  if (spec.node_id) {
    const auto known = node_by_id_.find(*spec.node_id);
    if (known != node_by_id_.end()) {
      if (parts_.groups[parts_.nodes[known->second].group].id != spec.group_id) {
        fail(error(Code::kInvalid, "pool map: rank {}: node {} is in another group than {}", spec.rank, *spec.node_id,
                   spec.group_id));
      }
      return known->second;
    }
  }
  Group* group = find_by_id(parts_.groups, spec.group_id);
  if (group == nullptr) {
    group = &parts_.groups.emplace_back();
    group->id = spec.group_id;
    group->in_version = next_version();
  }
  Node& node = parts_.nodes.emplace_back();
  node.id = spec.node_id ? *spec.node_id : next_node_id_;
  next_node_id_ = std::max(next_node_id_, node.id + 1);
  node.in_version = next_version();
  node.group = static_cast<uint32_t>(group - parts_.groups.data());
  const auto index = static_cast<uint32_t>(parts_.nodes.size() - 1);
  node_by_id_.emplace(node.id, index);
  return index;
}

Builder& Builder::add_engine(const EngineSpec& spec, State state) {
  const MapVersion in = kServing.contains(state) ? next_version() : MapVersion();
  if (!engine_by_rank_.emplace(spec.rank.value(), static_cast<uint32_t>(parts_.engines.size())).second) {
    fail(error(Code::kInvalid, "pool map: rank {} is already in this pool", spec.rank));
    return *this;
  }
  Engine engine;
  engine.node = node_for(spec);
  engine.id = spec.rank.value();
  engine.state = state;
  engine.in_version = in;
  engine.host = spec.host;
  engine.system_port = spec.system_port;
  engine.first_target = static_cast<uint32_t>(parts_.targets.size());
  engine.target_count = static_cast<uint32_t>(spec.target_ports.size());
  for (const uint16_t port : spec.target_ports) {
    Target target;
    target.id = static_cast<uint32_t>(parts_.targets.size());
    target.state = state;
    target.in_version = in;
    target.weight = spec.target_weight;
    target.engine = static_cast<uint32_t>(parts_.engines.size());
    target.port = port;
    parts_.targets.push_back(target);
  }
  parts_.engines.push_back(std::move(engine));
  return *this;
}

Builder& Builder::set_target_state(TargetId id, State state) {
  if (id.value() >= parts_.targets.size()) {
    fail(error(Code::kNonexistent, "pool map: there is no target {}", id));
    return *this;
  }
  set_state(parts_.targets[id.value()], state);
  return *this;
}

Builder& Builder::set_engine_state(Rank rank, State state) {
  Engine* const engine = find_engine(rank);
  if (engine == nullptr) return *this;
  set_state(*engine, state);
  for (uint32_t i = 0; i < engine->target_count; i++) set_state(parts_.targets[engine->first_target + i], state);
  return *this;
}

Builder& Builder::set_target_weight(TargetId id, uint32_t weight) {
  if (id.value() >= parts_.targets.size()) {
    fail(error(Code::kNonexistent, "pool map: there is no target {}", id));
    return *this;
  }
  parts_.targets[id.value()].weight = weight;
  return *this;
}

Builder& Builder::set_address(Rank rank, std::string_view host, uint16_t system_port,
                              const std::vector<uint16_t>& target_ports) {
  Engine* const engine = find_engine(rank);
  if (engine == nullptr) return *this;
  if (target_ports.size() != engine->target_count) {
    fail(error(Code::kInvalid, "pool map: rank {}: {} target ports for {} targets", rank, target_ports.size(),
               engine->target_count));
    return *this;
  }
  if (!host.empty()) engine->host = host;
  engine->system_port = system_port;
  for (uint32_t i = 0; i < engine->target_count; i++) parts_.targets[engine->first_target + i].port = target_ports[i];
  return *this;
}

Result<PoolMapRef> Builder::build() {
  DX_TRY(Status(failure_));
  PoolMapParts parts = parts_;
  parts.version = next_version();
  sum_weights(parts);
  return PoolMap::make(std::move(parts));
}

PoolMapRef make_uniform_map(uint32_t engines, uint32_t targets_per_engine, std::string_view host, uint16_t first_port) {
  Builder builder;
  uint16_t port = first_port;
  const auto take_port = [&] { return first_port == 0 ? uint16_t{0} : port++; };
  for (uint32_t rank = 0; rank < engines; rank++) {
    EngineSpec spec{.rank = Rank(rank), .host = std::string(host), .system_port = take_port()};
    for (uint32_t i = 0; i < targets_per_engine; i++) spec.target_ports.push_back(take_port());
    builder.add_engine(spec);
  }
  Result<PoolMapRef> map = builder.build();
  DX_CHECK(map.ok(), "{} engines of {} targets: {}", engines, targets_per_engine, map.status().to_string());
  return std::move(map).take();
}

}  // namespace daos::map
