// daos_engine verify DIR: checks every file of a store that does not run, names what is damaged and what that affects,
// and ends with an error if anything is. Changes nothing.
#include <filesystem>
#include <map>

#include "programs/daos_engine/offline.h"
#include "programs/daos_engine/verbs.h"
#include "programs/local/system_file.h"
#include "programs/output/table.h"
#include "server/engine/superblock.h"
#include "server/services/pool/pool_state.h"
#include "server/services/system/system_state.h"

namespace daos::program {
namespace {

class Verification {
 public:
  explicit Verification(OfflineStore& store) : store_(store) {}

  Status run() {
    const StoreTree& tree = store_.tree();
    if (tree.kind == StoreTree::Kind::kSystem) system_file();
    for (const std::string& engine : tree.engines) superblock(engine == "." ? "" : engine + "/");
    for (const std::string& folder : tree.services) DX_TRY(service(folder));
    for (const std::string& folder : tree.shards) DX_TRY(shard(folder));
    for (const std::string& folder : tree.half_shards)
      note(folder, "a shard that was not finished or is being removed; the engine removes it");
    return {};
  }
  output::Answer answer() const;

 private:
  void note(std::string path, std::string found) { report_.files.push_back({std::move(path), std::move(found)}); }
  void damaged(std::string path, std::optional<uint64_t> offset, std::string_view what, std::string affected) {
    if (what.starts_with(path)) what.remove_prefix(std::min(what.size(), path.size() + 2));
    report_.damage.push_back({std::move(path), offset, std::string(what), std::move(affected)});
  }
  void system_file();
  void superblock(const std::string& prefix);
  Status service(const std::string& folder);
  Status shard(const std::string& folder);

  OfflineStore& store_;
  vos::Report report_;
  std::map<std::pair<Uuid, uint32_t>, std::string> pieces_;  // of devices, and the shard that has them
};

void Verification::system_file() {
  const std::string path(local::kSystemFileName);
  const std::string affected = "the whole system: daos_server does not start it";
  const Result<IoBuf> bytes = store_.file(path, local::kSystemFileBytesMax);
  if (!bytes.ok()) return damaged(path, {}, bytes.status().message(), affected);
  const Result<local::SystemFile> system = local::decode_system_file(bytes->bytes(), path);
  if (!system.ok()) return damaged(path, 0, system.status().message(), affected);
  note(path, fmt::format("system {}, {}", system->name, system->shape.to_string()));
  for (uint32_t rank = 0; rank < system->shape.engines; rank++) {
    const std::string engine = fmt::format("engine-{}", rank);
    const std::vector<std::string>& engines = store_.tree().engines;
    if (std::find(engines.begin(), engines.end(), engine) == engines.end())
      damaged(engine, {}, "the folder is missing", fmt::format("rank {}", rank));
  }
}

void Verification::superblock(const std::string& prefix) {
  const std::string path = prefix + std::string(engine::kSuperblockName);
  const std::string affected = fmt::format("the engine in {}: it does not start", prefix.empty() ? "." : prefix);
  const Result<IoBuf> bytes = store_.file(path, engine::kSuperblockBytesMax);
  if (!bytes.ok()) return damaged(path, {}, bytes.status().message(), affected);
  const Result<engine::Superblock> superblock = engine::decode_superblock(bytes->bytes(), path);
  if (!superblock.ok()) return damaged(path, 0, superblock.status().message(), affected);
  note(path, fmt::format("superblock of rank {} of system {}, {}{}", superblock->rank, superblock->system_name,
                         counted(superblock->targets, "target"),
                         superblock->devices.empty() ? "" : ", " + counted(superblock->devices.size(), "device")));
  const std::string_view folder =
      prefix.empty() ? std::string_view() : std::string_view(prefix).substr(0, prefix.size() - 1);
  for (const vos::DeviceRef& device : engine::devices_of(*superblock, folder)) {
    const Status sound = store_.device(device);
    note(device.path, fmt::format("{}: {}", device.name, sound.ok() ? "header of this engine's device" : "not usable"));
    if (!sound.ok()) damaged(device.path, 0, sound.message(), affected);
  }
}

Status Verification::service(const std::string& folder) {
  services::SystemState system;
  services::PoolState pool;
  const bool is_system = std::filesystem::path(folder).filename() == "system";
  consensus::StateMachine& machine = is_system ? static_cast<consensus::StateMachine&>(system) : pool;
  const consensus::ReplicaSurvey survey = DX_TRY(store_.service(folder, machine));
  const std::string affected = is_system ? "the system service: its ranks and pools" : [&] {
    const std::string name = std::filesystem::path(folder).filename().string();
    return fmt::format("the service of pool {}: its map, containers and handles",
                       name.starts_with("pool-") ? name.substr(5) : name);
  }();
  if (survey.has_snapshot) {
    note(survey.snapshot_path, survey.snapshot.ok()
                                   ? fmt::format("snapshot at log position {}", survey.snapshot_position)
                                   : "snapshot, damaged");
  }
  if (!survey.snapshot.ok()) damaged(survey.snapshot_path, 0, survey.snapshot.message(), affected);
  for (const journal::SegmentSurvey& segment : survey.log.segments)
    note(segment.path, fmt::format("blocks: {}, commands: {}", segment.blocks, segment.records));
  for (const std::string& spare : survey.log.spares) note(spare, "spare, holds nothing");
  for (const journal::Damage& damage : survey.log.damage) {
    damaged(damage.path.empty() ? folder + "/log" : damage.path, damage.offset, damage.what,
            damage.to > damage.from
                ? fmt::format("{} (commands from log position {} up to {})", affected, damage.from, damage.to)
                : affected);
  }
  if (survey.log.segments.empty() && survey.log.damage.empty())
    damaged(folder + "/log", {}, "there is no log", affected);
  return {};
}

Status Verification::shard(const std::string& folder) {
  std::unique_ptr<vos::ShardSurvey> survey = DX_TRY(store_.shard(folder));
  if (survey->superblock && survey->superblock->part) {
    // Two shards with one piece would write over each other: the engine opens neither.
    const vos::DevicePart& part = *survey->superblock->part;
    for (const uint32_t piece : part.pieces) {
      const auto [owner, first] = pieces_.try_emplace({part.device, piece}, folder);
      if (first) continue;
      damaged(folder + "/shard", {},
              fmt::format("claims piece {} of device {}, as {} does", piece, part.number, owner->second),
              fmt::format("the pools of {} and {}, and the engine, which does not start", folder, owner->second));
    }
  }
  for (vos::FileNote& file : survey->report.files) report_.files.push_back(std::move(file));
  for (vos::DamageNote& damage : survey->report.damage) report_.damage.push_back(std::move(damage));
  return {};
}

output::Answer Verification::answer() const {
  output::Answer answer;
  const StoreTree& tree = store_.tree();
  answer.text = fmt::format("{}: {}\n\n", tree.root, tree.in_words());
  std::vector<output::Row> rows;
  output::Json files = output::Json::array();
  for (const vos::FileNote& file : report_.files) {
    rows.push_back({file.path, file.found});
    files.push_back({{"path", file.path}, {"found", file.found}});
  }
  answer.text += output::table({"File", "Found"}, rows);
  output::Json damage = output::Json::array();
  for (const vos::DamageNote& note : report_.damage) {
    answer.text += fmt::format("\nDAMAGED: {}{}: {}\n  affected: {}\n", note.path,
                               note.offset ? fmt::format(" at offset {}", *note.offset) : "", note.what, note.affected);
    damage.push_back({{"path", note.path},
                      {"offset", note.offset ? output::Json(*note.offset) : output::Json(nullptr)},
                      {"what", note.what},
                      {"affected", note.affected}});
  }
  answer.text += fmt::format("\n{}, {}\n", counted(report_.files.size(), "file"),
                             report_.damage.empty() ? "no damage" : counted(report_.damage.size(), "damaged place"));
  answer.json = {
      {"directory", tree.root}, {"kind", tree.in_words()}, {"files", std::move(files)}, {"damage", std::move(damage)}};
  if (!report_.damage.empty()) {
    const vos::DamageNote& first = report_.damage.front();
    answer.verdict = error(Code::kFormatInvalid, "{}: {}, the first in {}{}", tree.root,
                           counted(report_.damage.size(), "damaged place"), first.path,
                           first.offset ? fmt::format(" at offset {}", *first.offset) : "");
  }
  return answer;
}

Result<output::Answer> verify(const std::string& directory) {
  const std::unique_ptr<OfflineStore> store = DX_TRY(OfflineStore::open(directory));
  Verification verification(*store);
  DX_TRY(verification.run());
  return verification.answer();
}

}  // namespace

void add_verify(arguments::Program& program) {
  auto directory = std::make_shared<std::string>();
  CLI::App& verb = program.verb(program.app(), "verify", {},
                                "Check every file of a store on which no engine runs, and name what is damaged",
                                [directory] { return verify(*directory); });
  verb.add_option("DIR", *directory, "The directory of a local system, or the folder of an engine, a target or a shard")
      ->required();
}

}  // namespace daos::program
