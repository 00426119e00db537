#include "programs/daos_engine/store_tree.h"

#include <algorithm>
#include <filesystem>

#include "platform/base/uuid.h"
#include "programs/hosted_engine/hosted_engine.h"
#include "programs/local/directory.h"
#include "programs/local/system_file.h"
#include "server/engine/superblock.h"

namespace daos::program {
namespace {

namespace fs = std::filesystem;

std::string below(const std::string& folder, const std::string& name) {
  return folder == "." ? name : folder + "/" + name;
}

std::vector<std::string> folders_of(const fs::path& path) {
  std::vector<std::string> names;
  std::error_code err;
  for (const fs::directory_entry& entry : fs::directory_iterator(path, err)) {
    if (entry.is_directory(err)) names.push_back(entry.path().filename().string());
  }
  // By number where there is one: target-10 behind target-9.
  std::sort(names.begin(), names.end(),
            [](const std::string& a, const std::string& b) { return std::pair(a.size(), a) < std::pair(b.size(), b); });
  return names;
}

bool has(const fs::path& path) {
  std::error_code err;
  return fs::exists(path, err);
}

bool is_shard(const fs::path& path) { return has(path / "shard"); }

bool is_target(const fs::path& path) {
  const std::vector<std::string> names = folders_of(path);
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& name) { return Uuid::parse(name) && is_shard(path / name); });
}

void add_target(StoreTree& tree, const std::string& target) {
  for (const std::string& name : folders_of(tree.path(target))) {
    if (!Uuid::parse(name)) continue;
    const std::string shard = below(target, name);
    (is_shard(tree.path(shard)) ? tree.shards : tree.half_shards).push_back(shard);
  }
}

void add_engine(StoreTree& tree, const std::string& engine) {
  tree.engines.push_back(engine);
  for (const std::string& name : folders_of(tree.path(below(engine, "services"))))
    tree.services.push_back(below(engine, "services/" + name));
  for (const std::string& name : folders_of(tree.path(engine))) {
    if (name.starts_with("target-")) add_target(tree, below(engine, name));
  }
}

bool has_file(const fs::path& path) {
  std::error_code err;
  return fs::is_regular_file(path, err);
}

}  // namespace

std::string counted(size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string StoreTree::in_words() const {
  switch (kind) {
    case Kind::kSystem:
      return fmt::format("a local system of {}, {}", counted(engines.size(), "engine"),
                         counted(shards.size(), "shard"));
    case Kind::kEngine:
      return fmt::format("an engine with {}", counted(shards.size(), "shard"));
    case Kind::kTarget:
      return fmt::format("a target with {}", counted(shards.size(), "shard"));
    case Kind::kShard:
      return "a shard";
  }
  return "";
}

std::string StoreTree::path(std::string_view name) const {
  return name == "." ? root : fmt::format("{}/{}", root, name);
}

Result<StoreTree> look_at(const std::string& directory) {
  std::error_code err;
  const fs::path path = fs::canonical(directory, err);
  if (err) return errno_error(err.value(), directory);
  if (!fs::is_directory(path)) return Status(Code::kInvalid, fmt::format("{} is not a directory", directory));
  StoreTree tree{.root = path.string()};
  const std::vector<std::string> names = folders_of(path);
  const bool has_engines =
      std::any_of(names.begin(), names.end(), [](const std::string& name) { return name.starts_with("engine-"); });
  const bool has_targets =
      std::any_of(names.begin(), names.end(), [](const std::string& name) { return name.starts_with("target-"); });
  if (has_file(path / local::kSystemFileName) || has_engines) {
    tree.kind = StoreTree::Kind::kSystem;
    for (const std::string& name : names) {
      if (name.starts_with("engine-")) add_engine(tree, name);
    }
  } else if (has_file(path / engine::kSuperblockName) || has_targets) {
    tree.kind = StoreTree::Kind::kEngine;
    add_engine(tree, ".");
  } else if (is_shard(path)) {
    tree.kind = StoreTree::Kind::kShard;
    tree.shards.emplace_back(".");
  } else if (is_target(path) || path.filename().string().starts_with("target-")) {
    tree.kind = StoreTree::Kind::kTarget;
    add_target(tree, ".");
  } else {
    return Status(Code::kInvalid,
                  fmt::format("{} holds nothing of DAOS: the directory of a local system, or the engine-R or target-T "
                              "folder of one, is wanted",
                              tree.root));
  }
  return tree;
}

Status lock_tree(const StoreTree& tree) {
  fs::path system = tree.root;
  std::vector<std::string> engines;
  for (const std::string& name : tree.engines) engines.push_back(tree.path(name));
  // The engine that a target or shard belongs to, when it stands where it belongs.
  const int up = tree.kind == StoreTree::Kind::kSystem   ? 0
                 : tree.kind == StoreTree::Kind::kEngine ? 1
                 : tree.kind == StoreTree::Kind::kTarget ? 2
                                                         : 3;
  for (int i = 0; i < up; i++) {
    if (i + 1 == up && engines.empty() && has(system / engine::kSuperblockName)) engines.push_back(system.string());
    system = system.parent_path();
  }
  if (has(system / local::kSystemFileName)) {
    const local::Directory directory = DX_TRY(local::Directory::at(system.string()));
    if (const std::optional<pid_t> server = DX_TRY(local::running_server(directory))) {
      return error(Code::kBusy,
                   "{} is in use by daos_server, process {}: end it first, `daos_server local --dir {} stop`",
                   directory.path(), *server, directory.path());
    }
  }
  for (const std::string& folder : engines) DX_TRY(FolderLock::take(folder)).keep();
  return {};
}

}  // namespace daos::program
