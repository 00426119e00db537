// daos_engine inspect DIR: what a store that does not run holds, for people who debug: pools, containers, objects, keys
// and every version that is still there. Changes nothing.
#include <filesystem>

#include "platform/runtime/hlc.h"
#include "programs/daos_engine/offline.h"
#include "programs/daos_engine/verbs.h"
#include "programs/output/sizes.h"
#include "programs/output/timestamp.h"
#include "server/services/pool/pool_state.h"
#include "server/services/system/system_state.h"
#include "server/vos/index/words.h"
#include "server/vos/offline/versions.h"

namespace daos::program {
namespace {

constexpr uint64_t kLimit = 16;

struct Options {
  std::string directory;
  std::string pool, container, object, dkey, akey;
  uint64_t limit = kLimit;
};

/// Labels by uuid, where the services that know them are in the directory.
struct Labels {
  std::map<Uuid, std::string> pools, containers;
};

/// A line, and what is below it; children above the limit are only counted.
struct Node {
  std::string line;
  output::Json json = output::Json::object();
  std::string_view below;  // what the children are
  std::vector<Node> children;
  uint64_t more = 0;
};

void print(const Node& node, size_t indent, std::string& text) {
  text += fmt::format("{:{}}{}\n", "", indent, node.line);
  for (const Node& child : node.children) print(child, indent + 2, text);
  if (node.more > 0) text += fmt::format("{:{}}... {} more {}\n", "", indent + 2, node.more, node.below);
}

output::Json to_json(const Node& node) {
  output::Json json = node.json;
  if (node.below.empty()) return json;
  output::Json children = output::Json::array();
  for (const Node& child : node.children) children.push_back(to_json(child));
  json[std::string(node.below)] = std::move(children);
  json["more"] = node.more;
  return json;
}

std::string epoch_in_words(vos::Version version) {
  return fmt::format("epoch {:#x}{} ({})", version.epoch, version.minor == 0 ? "" : fmt::format(".{}", version.minor),
                     output::utc_time(runtime::hlc_to_unix_ns(version.epoch)));
}

/// Makes the tree of one shard.
class Inspector : public vos::VersionVisitor {
 public:
  Inspector(Node& shard, const Labels& labels, uint64_t limit) : labels_(labels), limit_(limit) {
    path_.push_back(&shard);
  }
  void on_object(const Uuid& container, const classes::ObjectId& object) override {
    if (container != container_) {
      container_ = container;
      const auto label = labels_.containers.find(container);
      const std::string name = label == labels_.containers.end() ? "" : label->second;
      add(1, "objects", fmt::format("container {}{}", container, name.empty() ? "" : fmt::format(" \"{}\"", name)),
          {{"container", container.to_string()}, {"label", name}});
    }
    object_ = object;
    add(2, "dkeys", fmt::format("object {}", object), {{"object", object.to_string()}});
  }
  void on_dkey(ByteSpan key) override {
    const std::string words = classes::key_in_words(classes::dkey_kind(object_.type()), key);
    add(3, "akeys", fmt::format("dkey {}", words), {{"dkey", words}});
  }
  void on_akey(ByteSpan key) override {
    const std::string words = classes::key_in_words(classes::akey_kind(object_.type()), key);
    add(4, "versions", fmt::format("akey {}", words), {{"akey", words}});
  }
  void on_highest_epoch(uint64_t epoch) override {
    if (path_.back() == nullptr) return;
    path_.back()->line += fmt::format(", last changed at {}", epoch_in_words({.epoch = epoch}));
    path_.back()->json["highest_epoch"] = epoch;
  }
  void on_punch(vos::Version version) override {
    if (path_.back() == nullptr) return;
    path_.back()->line += fmt::format(", punched at {}", epoch_in_words(version));
    path_.back()->json["punches"].push_back(version.epoch);
  }
  void on_version(const vos::StoredVersion& version) override {
    auto [line, json] = in_words(version);
    add(5, "", std::move(line), std::move(json));
  }
  void on_prepared(const vos::StoredPrepared& prepared) override {
    Node& transaction = transactions_[prepared.transaction];
    if (transaction.children.size() == limit_) {
      transaction.more++;
      return;
    }
    const std::string place = vos::place_in_words(prepared.place);
    auto [line, json] = in_words(prepared.version);
    if (prepared.punch) {
      line = epoch_in_words(prepared.version.version) + ": punch";
      json = {{"epoch", prepared.version.version.epoch}, {"minor", prepared.version.version.minor}, {"punch", true}};
    }
    json["place"] = place;
    transaction.children.push_back({.line = fmt::format("{}, {}", place, line), .json = std::move(json), .below = ""});
  }
  /// What transactions have prepared of what was looked at.
  std::map<vos::OpId, Node>& transactions() { return transactions_; }

 private:
  static std::pair<std::string, output::Json> in_words(const vos::StoredVersion& version) {
    std::string line = epoch_in_words(version.version) + ": ";
    output::Json json = {{"epoch", version.version.epoch}, {"minor", version.version.minor}};
    if (version.extent) {
      line += fmt::format("records [{}, {})", version.extent->start, version.extent->end());
      json["start"] = version.extent->start;
      json["count"] = version.extent->count;
      json["record_bytes"] = version.record_bytes;
      line += version.record_bytes == 0 ? ", removed" : fmt::format(" of {} bytes", version.record_bytes);
    } else {
      line += version.record_bytes == 0 ? "no value" : fmt::format("{} bytes", version.record_bytes);
      json["bytes"] = version.record_bytes;
    }
    if (version.stored.size() == 1) {
      line += fmt::format(", extent at offset {}", version.stored.front().offset);
      json["extent_offset"] = version.stored.front().offset;
    } else if (!version.stored.empty()) {
      std::vector<uint64_t> offsets;
      for (const vos::TierAddress& run : version.stored) offsets.push_back(run.offset);
      line += fmt::format(", extents at offsets {}", fmt::join(offsets, ", "));
      json["extent_offsets"] = offsets;
    }
    if (version.checksum_type != 0) line += fmt::format(", checksum type {}", version.checksum_type);
    json["checksum_type"] = version.checksum_type;
    if (version.hidden != vos::Version{}) {
      line += fmt::format(", hidden since epoch {:#x}", version.hidden.epoch);
      json["hidden_since"] = version.hidden.epoch;
    }
    return {std::move(line), std::move(json)};
  }
  void add(size_t level, std::string_view below, std::string line, output::Json json) {
    path_.resize(level);
    Node* parent = path_.back();
    Node* added = nullptr;
    if (parent != nullptr) {
      if (parent->children.size() < limit_) {
        // The path holds pointers into this vector, but only to its last element.
        added = &parent->children.emplace_back(Node{.line = std::move(line), .json = std::move(json), .below = below});
      } else {
        parent->more++;
      }
    }
    path_.push_back(added);
  }

  const Labels& labels_;
  const uint64_t limit_;
  std::map<vos::OpId, Node> transactions_;
  std::vector<Node*> path_;  // shard, container, object, dkey, akey; null: above the limit
  Uuid container_;
  classes::ObjectId object_;
};

Result<Labels> labels_of(OfflineStore& store) {
  Labels labels;
  for (const std::string& folder : store.tree().services) {
    if (std::filesystem::path(folder).filename() == "system") {
      services::SystemState system;
      DX_TRY(store.service(folder, system).status());
      for (const auto& [pool, record] : system.pools()) labels.pools[pool] = record.summary.label;
    } else {
      services::PoolState pool;
      DX_TRY(store.service(folder, pool).status());
      for (const messages::ContainerInfo& container : pool.containers().list())
        labels.containers[container.container] = container.label;
    }
  }
  return labels;
}

/// A uuid, or a label that the services in the directory know.
Result<std::optional<Uuid>> named(const std::string& name, const std::map<Uuid, std::string>& labels,
                                  std::string_view what) {
  if (name.empty()) return std::optional<Uuid>();
  if (const std::optional<Uuid> uuid = Uuid::parse(name)) return uuid;
  for (const auto& [uuid, label] : labels) {
    if (label == name) return std::optional(uuid);
  }
  return Status(Code::kInvalid,
                fmt::format("--{}: \"{}\" is no uuid, and no service here knows that label", what, name));
}

/// Text, "0x" and hex digits, or for an integer key a number: as they are printed.
Result<std::string> key_from_words(const std::string& words, classes::KeyKind kind, std::string_view what) {
  if (kind == classes::KeyKind::kUint64 && !words.starts_with("0x")) {
    char* end = nullptr;
    const uint64_t number = std::strtoull(words.c_str(), &end, 10);
    if (*end != '\0')
      return Status(Code::kInvalid, fmt::format("--{}: \"{}\" is no number, as this object's keys are", what, words));
    return std::string(reinterpret_cast<const char*>(&number), sizeof number);
  }
  if (!words.starts_with("0x")) return words;
  std::string bytes;
  for (size_t i = 2; i < words.size(); i += 2) {
    char* end = nullptr;
    const std::string digits = words.substr(i, 2);
    bytes.push_back(static_cast<char>(std::strtoul(digits.c_str(), &end, 16)));
    if (digits.size() != 2 || *end != '\0')
      return Status(Code::kInvalid,
                    fmt::format("--{}: \"{}\" is no sequence of hex digits, two for a byte", what, words));
  }
  return bytes;
}

Result<vos::Selection> selection_of(const Options& options, const Labels& labels) {
  vos::Selection selection;
  selection.container = DX_TRY(named(options.container, labels.containers, "container"));
  if (!options.object.empty()) {
    selection.object = classes::ObjectId::parse(options.object);
    if (!selection.object)
      return Status(Code::kInvalid,
                    fmt::format("--object: \"{}\" is no object id, such as 281479271677952.7", options.object));
  }
  const classes::ObjectType type = selection.object ? selection.object->type() : classes::ObjectType::kMultiHashed;
  if (!options.dkey.empty()) selection.dkey = DX_TRY(key_from_words(options.dkey, classes::dkey_kind(type), "dkey"));
  if (!options.akey.empty()) selection.akey = DX_TRY(key_from_words(options.akey, classes::akey_kind(type), "akey"));
  return selection;
}

Node shard_node(const std::string& folder, const vos::ShardSurvey& survey, const Labels& labels) {
  Node node{.line = fmt::format("shard {}", folder), .json = {{"shard", folder}}, .below = "containers"};
  if (survey.superblock) {
    const vos::ShardSuperblock& superblock = *survey.superblock;
    const auto label = labels.pools.find(superblock.pool);
    const std::string name = label == labels.pools.end() ? "" : label->second;
    node.line +=
        fmt::format(": pool {}{}, durability {}, tier 0 {}, tier 1 {}", superblock.pool,
                    name.empty() ? "" : fmt::format(" \"{}\"", name), superblock.durability == 0 ? "power" : "process",
                    output::binary_size(superblock.tier_bytes[0]), output::binary_size(superblock.tier_bytes[1]));
    node.json["pool"] = superblock.pool.to_string();
    node.json["label"] = name;
    node.json["durability"] = superblock.durability == 0 ? "power" : "process";
    node.json["tier_bytes"] = {superblock.tier_bytes[0], superblock.tier_bytes[1]};
  }
  if (const size_t damaged = survey.report.damage.size()) {
    node.line += fmt::format(", {} damaged places (`daos_engine verify` names them): what follows is not all", damaged);
  }
  node.json["damage"] = survey.report.damage.size();
  return node;
}

/// The transactions that the shard knows: all of them, or those that have prepared something of what was looked at.
Node transactions_node(const vos::ShardSurvey& survey, std::map<vos::OpId, Node> prepared, bool all, uint64_t limit) {
  Node node{.line = "transactions", .below = "transactions"};
  for (const vos::TransactionEntry& entry : survey.transactions.all()) {
    const auto found = prepared.find(entry.id);
    if (!all && found == prepared.end()) continue;
    if (node.children.size() == limit) {
      node.more++;
      continue;
    }
    Node of_one = found == prepared.end() ? Node() : std::move(found->second);
    of_one.below = "prepared";
    of_one.line = fmt::format("{}: {}", entry.id, vos::to_words(entry.state));
    if (entry.epoch != 0) {
      of_one.line +=
          fmt::format(", {}, leader target {}, participants {} (pool map {})", epoch_in_words({.epoch = entry.epoch}),
                      entry.leader, fmt::join(entry.participants, ", "), entry.map_version);
    }
    of_one.json = {{"transaction", fmt::format("{}", entry.id)},
                   {"state", vos::to_words(entry.state)},
                   {"epoch", entry.epoch},
                   {"leader", entry.leader},
                   {"participants", entry.participants},
                   {"map_version", entry.map_version}};
    node.children.push_back(std::move(of_one));
  }
  return node;
}

Result<output::Answer> inspect(const Options& options) {
  const std::unique_ptr<OfflineStore> store = DX_TRY(OfflineStore::open(options.directory));
  const Labels labels = DX_TRY(labels_of(*store));
  const std::optional<Uuid> pool = DX_TRY(named(options.pool, labels.pools, "pool"));
  const vos::Selection selection = DX_TRY(selection_of(options, labels));
  output::Answer answer{.text = fmt::format("{}: {}\n", store->tree().root, store->tree().in_words())};
  output::Json shards = output::Json::array();
  for (const std::string& folder : store->tree().shards) {
    const std::unique_ptr<vos::ShardSurvey> survey = DX_TRY(store->shard(folder));
    if (pool && (!survey->superblock || survey->superblock->pool != *pool)) continue;
    Node node = shard_node(folder, *survey, labels);
    Inspector inspector(node, labels, options.limit);
    DX_TRY(vos::each_version(survey->index, selection, inspector));
    const bool all = !selection.container && !selection.object && !selection.dkey && !selection.akey;
    const Node transactions = transactions_node(*survey, std::move(inspector.transactions()), all, options.limit);
    answer.text += '\n';
    print(node, 0, answer.text);
    if (!transactions.children.empty()) print(transactions, 2, answer.text);
    output::Json shard = to_json(node);
    shard["transactions"] = to_json(transactions)["transactions"];
    shard["more_transactions"] = transactions.more;
    shards.push_back(std::move(shard));
  }
  answer.json = {{"directory", store->tree().root}, {"shards", std::move(shards)}};
  return answer;
}

}  // namespace

void add_inspect(arguments::Program& program) {
  auto options = std::make_shared<Options>();
  CLI::App& verb = program.verb(program.app(), "inspect", {},
                                "Show what a store holds on which no engine runs: every version of every key",
                                [options] { return inspect(*options); });
  verb.add_option("DIR", options->directory,
                  "The directory of a local system, or the folder of an engine, a target or a shard")
      ->required();
  verb.add_option("--pool", options->pool, "Only this pool: its uuid, or its label where its service is in DIR");
  verb.add_option("--container", options->container, "Only this container, likewise");
  verb.add_option("--object", options->object, "Only this object: HI.LO");
  verb.add_option("--dkey", options->dkey, "Only this dkey: text, 0x and hex digits, or a number");
  verb.add_option("--akey", options->akey, "Only this akey, likewise");
  verb.add_option("--limit", options->limit, "How much of each level is shown; the rest is counted (default: 16)");
}

}  // namespace daos::program
