#include "sim/check/register_checker.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

namespace daos::sim {

namespace {

std::string seconds(Time time) {
  return time == Time::never() ? "never" : fmt::format("{:.6f}", static_cast<double>(time.ns) / 1e9);
}

std::string name(ValueId value) {
  if (value == kAbsent) return "nothing";
  if (value == kMixture) return "a mixture";
  return fmt::format("#{}", value);
}

/// An update and the fetches that saw it.
struct Cluster {
  ValueId value = kAbsent;
  const Operation* update = nullptr;  // null for kAbsent: nothing was there before everything
  std::vector<const Operation*> fetches;
  Time low = Time::never();
  Time high{INT64_MIN};

  bool forward() const { return low < high; }
  void close() {
    if (value == kAbsent) low = high = Time{INT64_MIN};
    const auto widen = [&](const Operation& o) {
      // An update of unknown outcome has no answer that bounds it.
      if (o.kind == OperationKind::kFetch || o.outcome == Outcome::kOk) low = std::min(low, o.answered);
      high = std::max(high, o.asked);
    };
    if (update != nullptr) widen(*update);
    for (const Operation* fetch : fetches) widen(*fetch);
  }
};

std::vector<Operation> evidence(std::initializer_list<const Cluster*> clusters) {
  std::vector<Operation> operations;
  for (const Cluster* cluster : clusters) {
    if (cluster->update != nullptr) operations.push_back(*cluster->update);
    // The fetches that span the zone suffice.
    const Operation* first = nullptr;
    const Operation* last = nullptr;
    for (const Operation* fetch : cluster->fetches) {
      if (first == nullptr || fetch->answered < first->answered) first = fetch;
      if (last == nullptr || fetch->asked > last->asked) last = fetch;
    }
    if (first != nullptr) operations.push_back(*first);
    if (last != first) operations.push_back(*last);
  }
  std::ranges::sort(operations, {}, [](const Operation& o) { return o.asked; });
  return operations;
}

std::optional<Violation> check_one(uint32_t key, const std::vector<const Operation*>& operations) {
  std::map<ValueId, Cluster> clusters;
  clusters[kAbsent];
  for (const Operation* o : operations) {
    if (o->kind != OperationKind::kUpdate) continue;
    Cluster& cluster = clusters[o->value];
    cluster.value = o->value;
    cluster.update = o;
  }
  for (const Operation* o : operations) {
    if (o->kind != OperationKind::kFetch || o->outcome != Outcome::kOk) continue;
    if (o->value == kMixture) {
      return Violation{key, "a fetch saw parts of different updates, or bytes that nobody wrote", {*o}};
    }
    const auto it = clusters.find(o->value);
    if (it == clusters.end())
      return Violation{key, fmt::format("a fetch saw {}, which nobody wrote", name(o->value)), {*o}};
    Cluster& cluster = it->second;
    if (cluster.update != nullptr) {
      if (cluster.update->outcome == Outcome::kNotExecuted) {
        return Violation{
            key, fmt::format("{} was promised not to be executed, and was", name(o->value)), {*cluster.update, *o}};
      }
      if (o->answered < cluster.update->asked) {
        return Violation{key, fmt::format("{} was seen before it was written", name(o->value)), {*o, *cluster.update}};
      }
    }
    cluster.fetches.push_back(o);
  }

  std::vector<Cluster*> forward, backward;
  for (auto& [value, cluster] : clusters) {
    // What nobody saw and nobody acknowledged need not have happened.
    if (cluster.update != nullptr && cluster.update->outcome != Outcome::kOk && cluster.fetches.empty()) continue;
    cluster.close();
    (cluster.forward() ? forward : backward).push_back(&cluster);
  }
  std::ranges::sort(forward, {}, [](const Cluster* c) { return c->low; });
  const Cluster* furthest = nullptr;
  for (const Cluster* zone : forward) {
    if (furthest != nullptr && zone->low < furthest->high) {
      return Violation{key,
                       fmt::format("{} was there at {} s and {} s, and {} at {} s and {} s: no order explains both",
                                   name(furthest->value), seconds(furthest->low), seconds(furthest->high),
                                   name(zone->value), seconds(zone->low), seconds(zone->high)),
                       evidence({furthest, zone})};
    }
    if (furthest == nullptr || zone->high > furthest->high) furthest = zone;
  }
  // Forward zones do not overlap now, so only the last one that begins before a backward zone can contain it.
  for (const Cluster* zone : backward) {
    const auto after = std::ranges::upper_bound(forward, zone->high, {}, [](const Cluster* c) { return c->low; });
    if (after == forward.begin()) continue;
    const Cluster* before = *std::prev(after);
    if (before->low < zone->high && zone->low < before->high) {
      return Violation{
          key,
          fmt::format("{} was there from {} s to {} s, yet {} must have replaced it in between: lost, or undone",
                      name(before->value), seconds(before->low), seconds(before->high), name(zone->value)),
          evidence({before, zone})};
    }
  }
  return std::nullopt;
}

}  // namespace

std::string to_string(const Operation& o) {
  static constexpr std::string_view kOutcomes[] = {"ok", "not executed", "unknown"};
  return fmt::format(
      "client {} {} k{} {} {}: {}{}{}, {} .. {} s", o.client, o.kind == OperationKind::kUpdate ? "update" : "fetch ",
      o.key, o.kind == OperationKind::kUpdate ? "=" : "saw", name(o.value), kOutcomes[static_cast<size_t>(o.outcome)],
      o.error.empty() ? "" : ": ", o.error, seconds(o.asked), seconds(o.answered));
}

std::string Violation::to_string() const {
  std::string text = fmt::format("key k{}: {}", key, what);
  for (const Operation& operation : operations) text += "\n    " + sim::to_string(operation);
  return text;
}

std::vector<Violation> check_registers(const History& history) {
  std::map<uint32_t, std::vector<const Operation*>> keys;
  for (const Operation& operation : history.operations()) keys[operation.key].push_back(&operation);
  std::vector<Violation> violations;
  for (const auto& [key, operations] : keys) {
    if (std::optional<Violation> violation = check_one(key, operations)) violations.push_back(std::move(*violation));
  }
  return violations;
}

}  // namespace daos::sim
