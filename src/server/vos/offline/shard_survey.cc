#include "server/vos/offline/shard_survey.h"

#include <map>
#include <set>

#include "platform/base/hash.h"
#include "platform/journal/survey.h"
#include "server/vos/block_space.h"
#include "server/vos/checkpoint/format.h"
#include "server/vos/extents/extent_file.h"
#include "server/vos/extents/runs_of_records.h"
#include "server/vos/index/words.h"
#include "server/vos/offline/affected.h"
#include "server/vos/offline/versions.h"
#include "server/vos/power_loss.h"

namespace daos::vos {
namespace {

constexpr size_t kSuperblockBytesMax = 16u << 20;
constexpr size_t kTableBytesMax = 128u << 20;
constexpr uint64_t kRunBytesMax = 1u << 30;

/// Which image holds which range, for replay.
class TableBuckets : public Index::Buckets {
 public:
  explicit TableBuckets(const Table& table) {
    buckets_[Index::Boundary()] = {};
    for (const BucketEntry& entry : table.buckets) {
      buckets_[entry.first] = entry.position;
      newest_ = std::max(newest_, entry.position);
    }
  }
  Bucket at(const Index::Boundary& boundary) const override {
    const auto next = buckets_.upper_bound(boundary);
    return {std::prev(next)->second, next == buckets_.end() ? Index::Boundary() : next->first};
  }
  journal::Position newest() const override { return newest_; }

 private:
  std::map<Index::Boundary, journal::Position> buckets_;
  journal::Position newest_;
};

/// The runs of what a reader can see, each with the place of the first version that lies in it. What is hidden is not
/// looked at: nobody needs it, and its run may have been written again.
class RunsOfIndex : public VersionVisitor {
 public:
  std::map<TierAddress, std::string> runs;
  void on_object(const Uuid& container, const classes::ObjectId& object) override {
    at_ = {.level = Place::Level::kAkey, .container = container, .object = object};
  }
  void on_dkey(ByteSpan key) override { at_.dkey = as_text(key); }
  void on_akey(ByteSpan key) override { at_.akey = as_text(key); }
  void on_highest_epoch(uint64_t) override {}
  void on_punch(Version) override {}
  void on_prepared(const StoredPrepared& prepared) override {
    for (const TierAddress& run : prepared.version.stored)
      runs.try_emplace(run, fmt::format("{}, prepared by {}", place_in_words(prepared.place), prepared.transaction));
  }
  void on_version(const StoredVersion& version) override {
    if (version.hidden != Version{}) return;
    for (const TierAddress& run : version.stored) runs.try_emplace(run, place_in_words(at_));
  }

 private:
  Place at_;
};

class Surveyor {
 public:
  Surveyor(runtime::Reactor& reactor, storage::Disk& disk, std::string directory, std::string engine)
      : reactor_(reactor), disk_(disk), directory_(std::move(directory)), engine_(std::move(engine)) {}

  runtime::Task<Result<std::unique_ptr<ShardSurvey>>> run() {
    if (!disk_.exists(path("shard"))) co_return error(Code::kNonexistent, "{} holds no shard", directory_);
    DX_CO_TRY(co_await superblock());
    DX_CO_TRY(co_await checkpoint());
    DX_CO_TRY(co_await open_extents());
    DX_CO_TRY(co_await log());
    judge_transactions();
    DX_CO_TRY(co_await extents());
    DX_CO_TRY(co_await power_loss());
    survey_->sessions = slots_.size();
    co_return std::move(survey_);
  }

 private:
  class Replayer;
  std::string path(std::string_view name) const {
    return directory_.empty() ? std::string(name) : fmt::format("{}/{}", directory_, name);
  }
  void note(std::string file, std::string found) { report().files.push_back({std::move(file), std::move(found)}); }
  void damaged(std::string file, std::optional<uint64_t> offset, std::string_view what, std::string affected) {
    report().damage.push_back({std::move(file), offset, std::string(what), std::move(affected)});
  }
  /// An error whose text begins with the file's name, as those of decoders do.
  void damaged(const std::string& file, const Status& why, std::string affected) {
    std::string_view what = why.message();
    if (what.starts_with(file)) what.remove_prefix(std::min(what.size(), file.size() + 1));
    damaged(file, 0, what.substr(0, what.find("; affected: ")), std::move(affected));
  }
  Report& report() { return survey_->report; }
  std::string in_pool(std::string_view what) const {
    const size_t slash = directory_.rfind('/');
    const std::string pool = survey_->superblock ? survey_->superblock->pool.to_string()
                                                 : directory_.substr(slash == std::string::npos ? 0 : slash + 1);
    return what.empty() ? fmt::format("pool {}", pool) : fmt::format("pool {}: {}", pool, what);
  }

  runtime::Task<Status> superblock();
  runtime::Task<Status> checkpoint();
  runtime::Task<Status> images();
  runtime::Task<Status> image(storage::File& file, size_t number);
  runtime::Task<Status> log();
  void judge(const journal::Tail& tail);
  void judge_transactions();
  runtime::Task<Status> open_extents();
  runtime::Task<Status> open_device();
  bool has_extents() const { return extents_ != nullptr || on_device_ != nullptr; }
  /// The file or device that runs lie in, and where in it a run does.
  std::string extents_path() const { return on_device_ ? on_device_->path() : path("extents"); }
  uint64_t place_of(uint64_t offset) const {
    return on_device_ ? on_device_->offset_of(offset / kExtentBlock) : offset;
  }
  runtime::Task<Status> extents();
  runtime::Task<Status> power_loss();
  /// Whether the run is there as it was written.
  runtime::Task<Result<bool>> run_is_good(TierAddress run);
  runtime::Task<Status> look_for_unsettled(std::vector<journal::UnsettledRecord> records);

  runtime::Reactor& reactor_;
  storage::Disk& disk_;
  const std::string directory_;
  const std::string engine_;
  std::unique_ptr<ShardSurvey> survey_ = std::make_unique<ShardSurvey>();
  std::optional<Table> table_;  // nothing: there is none, or it cannot be read
  bool table_damaged_ = false;
  std::unique_ptr<storage::File> extents_;  // nothing: there are none, or their header cannot be read
  std::unique_ptr<ExtentFile> on_device_;   // instead, where tier 1 lies on a device
  std::set<journal::Position> missing_;     // records that are not settled and whose extents did not arrive
  std::set<std::pair<rpc::EndpointId, uint16_t>> slots_;
};

class Surveyor::Replayer : public RecordVisitor {
 public:
  Replayer(Surveyor& surveyor, const Table& table)
      : index_(surveyor.survey_->index),
        slots_(surveyor.slots_),
        transactions_(surveyor.survey_->transactions),
        slots_position_(table.slots_position),
        transactions_position_(table.transactions_position),
        buckets_(table) {}
  void set_position(journal::Position position) { position_ = position; }
  Status on(UpdateRecord record) override {
    index_.replay(record, position_, buckets_);
    slots_.insert({record.endpoint, record.slot.slot});
    return {};
  }
  Status on(PunchRecord record) override {
    index_.replay(record, position_, buckets_);
    slots_.insert({record.endpoint, record.slot.slot});
    return {};
  }
  Status on(SlotClosedRecord record) override {
    slots_.insert({record.endpoint, record.slot});
    return {};
  }
  Status on(ClientEndedRecord record) override {
    if (position_ <= slots_position_) return {};
    std::erase_if(slots_, [&](const auto& slot) { return slot.first.client == record.client; });
    return {};
  }
  Status on(ClockReservedRecord) override { return {}; }
  Status on(PreparedRecord record) override {
    index_.replay(record, position_, buckets_);
    if (position_ > transactions_position_) transactions_.apply(record);
    return {};
  }
  Status on(DecisionRecord record) override {
    index_.replay(record, position_, buckets_);
    if (position_ > transactions_position_) transactions_.apply(record);
    return {};
  }
  Status on(ForgottenRecord record) override {
    if (position_ > transactions_position_) transactions_.apply(record);
    return {};
  }
  Status on(ContainerDestroyedRecord record) override {
    if (position_ > transactions_position_) transactions_.destroy_container(record.container);
    index_.destroy(record.container);
    Freed freed;
    index_.reclaim({.horizon = 0, .moments = {}}, SIZE_MAX, freed);  // so that its runs are free
    return {};
  }

 private:
  Index& index_;
  std::set<std::pair<rpc::EndpointId, uint16_t>>& slots_;
  TransactionTable& transactions_;
  journal::Position slots_position_, transactions_position_, position_;
  TableBuckets buckets_;
};

runtime::Task<Status> Surveyor::superblock() {
  const std::string file = path("shard");
  const IoBuf bytes = DX_CO_TRY(co_await storage::read_file(disk_, file, kSuperblockBytesMax));
  Result<ShardSuperblock> decoded = decode_superblock(bytes.bytes(), file);
  if (!decoded.ok()) {
    damaged(file, decoded.status(), in_pool("the whole shard: it is not opened without its superblock"));
    note(file, "superblock, damaged");
    co_return Status();
  }
  survey_->superblock = std::move(decoded).take();
  const ShardSuperblock& found = *survey_->superblock;
  note(file, fmt::format("superblock of a shard of pool {}, durability {}, written by build {}", found.pool,
                         found.durability == 0 ? "power" : "process", found.build));
  co_return Status();
}

runtime::Task<Status> Surveyor::checkpoint() {
  const std::string file = path("checkpoint/table");
  if (!disk_.exists(file)) co_return Status();
  const IoBuf bytes = DX_CO_TRY(co_await storage::read_file(disk_, file, kTableBytesMax));
  Result<Table> decoded = decode_table(bytes.bytes(), file);
  if (!decoded.ok()) {
    table_damaged_ = true;
    damaged(file, decoded.status(), in_pool("everything that the log does not hold any more"));
    note(file, "table of the checkpoint, damaged");
    co_return Status();
  }
  table_ = std::move(decoded).take();
  if (survey_->superblock && table_->pool != survey_->superblock->pool) {
    damaged(file, 0, fmt::format("belongs to pool {}", table_->pool), in_pool("the whole shard"));
  }
  for (const SlotEntry& slot : table_->slots) slots_.insert({slot.endpoint, slot.slot});
  for (const TransactionEntry& entry : table_->transactions) survey_->transactions.restore(entry);
  note(file,
       fmt::format("table of {} images, {} slots and {} transactions, log positions {} to {}", table_->buckets.size(),
                   table_->slots.size(), table_->transactions.size(), table_->oldest, table_->newest));
  Status read = co_await images();
  co_return read;
}

runtime::Task<Status> Surveyor::images() {
  const std::string file = path("checkpoint/images");
  if (!disk_.exists(file)) {
    if (!table_->buckets.empty())
      damaged(file, {}, "the file is missing", in_pool("everything that is not in the log"));
    co_return Status();
  }
  const std::unique_ptr<storage::File> images = DX_CO_TRY(co_await disk_.open(file, {}));
  BlockSpace space(DX_CO_TRY(images->size()) / kImageBlock);
  const size_t before = report().damage.size();
  uint64_t blocks = 0;
  for (size_t number = 0; number < table_->buckets.size(); number++) {
    const ImageRun run = table_->buckets[number].run;
    blocks += run.blocks;
    if (!space.take({.block = run.block, .blocks = run.blocks})) {
      damaged(path("checkpoint/table"), {},
              fmt::format("its image at block {} lies outside {} or overlaps another", run.block, file),
              in_pool("the whole shard"));
      continue;
    }
    DX_CO_TRY(co_await image(*images, number));
    co_await runtime::yield(reactor_);
  }
  note(file, fmt::format("{} images in {} of {} blocks, {} damaged", table_->buckets.size(), blocks, space.blocks(),
                         report().damage.size() - before));
  co_return Status();
}

runtime::Task<Status> Surveyor::image(storage::File& file, size_t number) {
  const BucketEntry& entry = table_->buckets[number];
  const std::string name = path("checkpoint/images");
  const uint64_t offset = entry.run.block * kImageBlock;
  const IoBuf bytes = DX_CO_TRY(IoBuf::allocate(size_t{entry.run.blocks} * kImageBlock));
  const size_t got = DX_CO_TRY(co_await file.read(offset, bytes));
  const Result<IoBuf> items = decode_image(bytes.slice(0, got), entry, name);
  const Status status = items.ok() ? survey_->index.load(items->bytes()) : items.status();
  if (!status.ok()) {
    const bool last = number + 1 == table_->buckets.size();
    std::string_view what = status.message();
    const std::string prefix = fmt::format("{} at offset {}: ", name, offset);
    if (what.starts_with(prefix)) what.remove_prefix(prefix.size());
    damaged(name, offset, what,
            in_pool(range_in_words(entry.first, last ? std::string_view() : table_->buckets[number + 1].first)));
  }
  co_return Status();
}

runtime::Task<Status> Surveyor::log() {
  const Table none;
  Replayer replayer(*this, table_ ? *table_ : none);
  Affected affected;
  journal::Survey found = DX_CO_TRY(co_await journal::survey(
      reactor_, disk_, path("log"),
      [&](journal::Position position, ByteSpan record, journal::Settled) {
        if (missing_.contains(position)) return error(Code::kChecksum, "extents are missing");
        replayer.set_position(position);
        return decode_record(record, replayer);
      },
      [&](uint64_t, ByteSpan record) { affected.add(record); },
      [&](std::vector<journal::UnsettledRecord> records) { return look_for_unsettled(std::move(records)); }));
  for (const journal::SegmentSurvey& segment : found.segments)
    note(segment.path, fmt::format("blocks: {}, records: {}", segment.blocks, segment.records));
  for (const std::string& spare : found.spares) note(spare, "spare, holds nothing");
  const std::string known = affected.in_words();
  for (journal::Damage& damage : found.damage) {
    std::string what = std::move(damage.what);
    if (what.starts_with(damage.path)) what.erase(0, std::min(what.size(), damage.path.size() + 2));
    std::string lost = damage.to > damage.from
                           ? fmt::format("records from log position {} up to {}", damage.from, damage.to)
                           : "records of the log";
    if (!known.empty()) lost += fmt::format(", among them {}", known);
    damaged(damage.path.empty() ? path("log") : damage.path, damage.offset, what, in_pool(lost));
  }
  if (found.segments.empty()) {
    if (found.damage.empty())
      damaged(path("log"), {}, "there is no log", in_pool("everything that is not in the checkpoint"));
    co_return Status();
  }
  if (found.damage.empty()) judge(found.tail);
  co_return Status();
}

/// What only log and checkpoint together tell.
void Surveyor::judge(const journal::Tail& tail) {
  if (table_damaged_) return;
  const uint64_t newest = table_ ? table_->newest.value() : 0;
  const uint64_t oldest = table_ ? table_->oldest.value() : 0;
  if (tail.last_record < newest) {
    damaged(path("log"), {},
            fmt::format("it ends at position {}, the checkpoint was taken at {}", tail.last_record, newest),
            in_pool(fmt::format("records from log position {} up to {}", tail.last_record, newest)));
  }
  if (tail.trimmed > oldest) {
    damaged(path("checkpoint/table"), {},
            table_ ? fmt::format("it needs the log from position {} on, which was given up to {}", oldest, tail.trimmed)
                   : fmt::format("it is missing, and the log was given up to position {}", tail.trimmed),
            in_pool(fmt::format("records from log position {} up to {}", oldest, tail.trimmed)));
  }
}

/// What is prepared must be somebody's who will be decided, or it stays for ever. Where something cannot be read, that
/// may be why.
void Surveyor::judge_transactions() {
  if (!report().damage.empty()) return;
  for (const OpId& id : survey_->index.prepared_transactions()) {
    const TransactionEntry* entry = survey_->transactions.find(id);
    if (entry != nullptr && entry->state == TransactionState::kPrepared) continue;
    damaged(path("checkpoint/table"), {},
            fmt::format("{} is {} to it, and has something prepared in an image", id,
                        entry == nullptr ? "unknown" : to_words(entry->state)),
            in_pool(fmt::format("what {} prepared", id)));
  }
}

runtime::Task<Status> Surveyor::open_device() {
  const ShardSuperblock& superblock = *survey_->superblock;
  const DevicePart& part = *superblock.part;
  const std::string name = device_link_name(part.number);
  const DeviceRef device{
      .number = part.number, .id = part.device, .path = engine_.empty() ? name : fmt::format("{}/{}", engine_, name)};
  Result<std::unique_ptr<ExtentFile>> opened =
      co_await ExtentFile::on_device(disk_, device, part.pieces, superblock.tier_bytes[1] / kExtentBlock);
  if (opened.ok()) {
    on_device_ = std::move(opened).take();
    note(device.path, fmt::format("{} pieces of this device are the pool's", part.pieces.size()));
    co_return Status();
  }
  damaged(device.path, opened.status(), in_pool("the whole shard: it is not opened without its extents"));
  note(device.path, "device of extents, not the right one");
  co_return Status();
}

runtime::Task<Status> Surveyor::open_extents() {
  if (survey_->superblock && survey_->superblock->part) co_return co_await open_device();
  const std::string file = path("extents");
  if (!disk_.exists(file)) co_return Status();
  std::unique_ptr<storage::File> opened = DX_CO_TRY(co_await disk_.open(file, {}));
  const IoBuf header = DX_CO_TRY(IoBuf::allocate(kExtentBlock));
  const size_t got = DX_CO_TRY(co_await opened->read(0, header));
  if (!survey_->superblock) co_return Status();  // nothing is known of whose they must be
  const Status sound = check_extents_header(header.bytes().first(got), survey_->superblock->pool, file);
  if (sound.ok()) {
    extents_ = std::move(opened);
  } else {
    damaged(file, sound, in_pool("the whole shard: it is not opened without its extents"));
    note(file, "extents of values, header damaged");
  }
  co_return Status();
}

runtime::Task<Result<bool>> Surveyor::run_is_good(TierAddress run) {
  if (run.bytes > kRunBytesMax) co_return false;  // no record of ours says so
  if (on_device_) {
    const BlockRun blocks{.block = run.offset / kExtentBlock, .blocks = run.bytes / kExtentBlock};
    if (run.offset % kExtentBlock != 0 || run.bytes % kExtentBlock != 0 || blocks.end() > on_device_->blocks())
      co_return false;
    const Result<IoBuf> read = co_await on_device_->read(blocks);
    if (!read.ok() && read.code() != Code::kCorrupt) co_return read.status();
    co_return read.ok() && crc32c(read->bytes()) == run.crc;
  }
  const IoBuf bytes = DX_CO_TRY(IoBuf::allocate(run.bytes));
  const size_t got = DX_CO_TRY(co_await extents_->read(run.offset, bytes));
  co_return got == run.bytes&& crc32c(bytes.bytes()) == run.crc;
}

runtime::Task<Status> Surveyor::look_for_unsettled(std::vector<journal::UnsettledRecord> records) {
  if (!has_extents()) co_return Status();
  for (const journal::UnsettledRecord& record : records) {
    RunsOfRecords runs;
    if (!decode_record(record.bytes, runs).ok()) continue;  // the replay tells
    for (const TierAddress& run : runs.runs) {
      if (!DX_CO_TRY(co_await run_is_good(run))) missing_.insert(record.position);
    }
  }
  co_return Status();
}

runtime::Task<Status> Surveyor::extents() {
  RunsOfIndex wanted;
  Status walked = each_version(survey_->index, {}, wanted);
  if (!walked.ok()) co_return walked;
  const std::string file = extents_path();
  const bool in_a_file = !survey_->superblock || !survey_->superblock->part;
  if (in_a_file && !disk_.exists(file)) {
    if (!wanted.runs.empty()) damaged(file, {}, "the file is missing", in_pool(wanted.runs.begin()->second));
    co_return Status();
  }
  if (!has_extents()) co_return Status();
  uint64_t bytes = 0, bad = 0;
  for (const auto& [run, place] : wanted.runs) {
    bytes += run.bytes;
    const bool good = DX_CO_TRY(co_await run_is_good(run));
    if (good) continue;
    bad++;
    damaged(file, place_of(run.offset), fmt::format("the {} bytes there are not what was written", run.bytes),
            in_pool(place));
    co_await runtime::yield(reactor_);
  }
  note(file, fmt::format("extents of values: {} in use, {} bytes, {} damaged", wanted.runs.size(), bytes, bad));
  co_return Status();
}

runtime::Task<Status> Surveyor::power_loss() {
  const std::string file = path(kPowerLossFileName);
  if (!disk_.exists(file)) co_return Status();
  const IoBuf bytes = DX_CO_TRY(co_await storage::read_file(disk_, file, kPowerLossFileBytesMax));
  const Result<PowerLoss> loss = decode_power_loss(bytes.bytes(), file);
  if (!loss.ok()) {
    damaged(file, loss.status(), in_pool("the whole shard: it is not opened without knowing what was lost"));
    note(file, "note of a loss of power, damaged");
    co_return Status();
  }
  note(file, fmt::format("power was lost, and records from log position {} up to {} at least; the pool's service {}",
                         loss->from, loss->to, loss->reported ? "knows" : "does not know yet"));
  co_return Status();
}

}  // namespace

runtime::Task<Result<std::unique_ptr<ShardSurvey>>> survey_shard(runtime::Reactor& reactor, storage::Disk& disk,
                                                                 std::string directory, std::string engine) {
  Surveyor surveyor(reactor, disk, std::move(directory), std::move(engine));
  Result<std::unique_ptr<ShardSurvey>> result = co_await surveyor.run();
  co_return result;
}

}  // namespace daos::vos
