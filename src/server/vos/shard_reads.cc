#include "server/vos/shard.h"

namespace daos::vos {
namespace {

constexpr size_t kListedKeysMax = 16'384;  // of one answer, whatever is asked for

Status check_key(std::string_view what, const IoBuf& key) {
  if (!key.empty() && key.size() <= kKeyBytesMax) return {};
  return error(Code::kInvalid, "{} of {} bytes (1 to {} are possible)", what, key.size(), kKeyBytesMax);
}

}  // namespace

bool Shard::is_busy() {
  constexpr uint32_t kCrowd = 4;
  if (reactor_.turn_number() != turn_) {
    callers_before_ = reactor_.turn_number() == turn_ + 1 ? callers_ : 0;
    turn_ = reactor_.turn_number();
    callers_ = 0;
  }
  callers_++;
  return callers_ + callers_before_ > kCrowd;
}

runtime::Task<Result<FetchResult>> Shard::fetch(FetchOp op) {
  KeyPath path{.container = op.container, .object = op.object, .dkey = op.dkey.bytes(), .akey = {}};
  if (is_busy()) {
    Index::Approach at;
    while (index_.approach(path, at)) co_await runtime::yield(reactor_);
  }
  DX_CO_TRY(health());
  DX_CO_TRY(check_epoch(op.epoch));
  DX_CO_TRY(check_key("dkey", op.dkey));
  for (const FetchKey& key : op.keys) DX_CO_TRY(check_key("akey", key.akey));
  if (index_.has_prepared()) {
    FetchResult doubtful{.in_doubt = doubts_of(op)};
    if (!doubtful.in_doubt.empty()) co_return doubtful;
  }
  if (op.conditions != 0) {
    std::vector<ByteSpan> akeys;
    std::vector<uint64_t> conditions;
    for (const FetchKey& key : op.keys) {
      akeys.push_back(key.akey.bytes());
      conditions.push_back(key.conditions);
    }
    DX_CO_TRY(index_.check_fetch(path, akeys, op.conditions, conditions, op.epoch));
  }
  FetchResult result{.epoch = op.epoch == kLatest ? reactor_.hlc().last() : op.epoch};
  journal::Position newest;
  bool in_extents = false;
  for (const FetchKey& key : op.keys) {
    path.akey = key.akey.bytes();
    FetchedKey& fetched = result.keys.emplace_back();
    if (key.kind == ValueKind::kSingle) {
      SingleView view = index_.single(path, op.epoch);
      newest = std::max(newest, view.position);
      fetched = {.record_bytes = view.bytes,
                 .value = std::move(view.data.bytes),
                 .stored = std::move(view.data.stored),
                 .checksums = std::move(view.checksums)};
      in_extents |= !fetched.stored.empty();
      continue;
    }
    for (const Extent& extent : key.extents) {
      ArrayView view = index_.array(path, extent, op.epoch);
      newest = std::max(newest, view.position);
      for (ExtentView& run : view.extents) {
        if (fetched.record_bytes != 0 && fetched.record_bytes != run.record_bytes) {
          co_return error(Code::kInvalid, "the extents asked for hold records of {} and of {} bytes",
                          fetched.record_bytes, run.record_bytes);
        }
        fetched.record_bytes = run.record_bytes;
        in_extents |= !run.data.stored.empty();
        fetched.extents.push_back(std::move(run));
      }
    }
  }
  if (in_extents) DX_CO_TRY(co_await read_extents(result, op.keys));
  DX_CO_TRY(co_await acknowledge(newest));
  co_return result;
}

runtime::Task<Result<ListKeysResult>> Shard::list_keys(ListKeysOp op) {
  DX_CO_TRY(health());
  DX_CO_TRY(check_epoch(op.epoch));
  const KeyPath path{.container = op.container, .object = op.object, .dkey = op.dkey.bytes(), .akey = {}};
  ListKeysResult result{.anchor = op.anchor};
  result.in_doubt =
      index_.doubts({.container = op.container, .object = op.object, .dkey = op.dkey.bytes(), .epoch = op.epoch});
  if (!result.in_doubt.empty()) co_return result;
  uint64_t bytes = 0;
  const size_t keys_max = std::min<size_t>(op.keys_max, kListedKeysMax);
  const journal::Position position = index_.enumerate_keys(path, op.epoch, result.anchor, [&](ByteSpan key) {
    if (result.keys.size() == keys_max) return false;
    if (bytes + key.size() > op.bytes_max) {
      if (result.keys.empty()) result.first_bytes = key.size();
      return false;
    }
    bytes += key.size();
    result.keys.push_back(IoBuf::copy_of(key));
    return true;
  });
  DX_CO_TRY(co_await acknowledge(position));
  co_return result;
}

runtime::Task<Result<ListExtentsResult>> Shard::list_extents(ListExtentsOp op) {
  DX_CO_TRY(health());
  DX_CO_TRY(check_epoch(op.epoch));
  const KeyPath path{.container = op.container, .object = op.object, .dkey = op.dkey.bytes(), .akey = op.akey.bytes()};
  ListExtentsResult result{.end = true};
  result.in_doubt = index_.doubts({.container = op.container,
                                   .object = op.object,
                                   .dkey = op.dkey.bytes(),
                                   .akey = op.akey.bytes(),
                                   .epoch = op.epoch});
  if (!result.in_doubt.empty()) co_return result;
  const size_t extents_max = std::min<size_t>(op.extents_max, kListedKeysMax);
  const journal::Position position =
      index_.enumerate_extents(path, op.epoch, op.from, op.upwards, [&](const ExtentView& extent) {
        if (result.extents.size() == extents_max) {
          result.end = false;
          return false;
        }
        result.extents.push_back(extent);
        return true;
      });
  DX_CO_TRY(co_await acknowledge(position));
  co_return result;
}

runtime::Task<Result<Index::QueryResult>> Shard::query(Uuid container, classes::ObjectId object, IoBuf dkey, IoBuf akey,
                                                       Index::Query query, uint64_t epoch) {
  DX_CO_TRY(health());
  DX_CO_TRY(check_epoch(epoch));
  Index::Reading reading{.container = container, .object = object, .epoch = epoch};
  if (!query.dkey) reading.dkey = dkey.bytes();
  if (!query.dkey && !query.akey) reading.akey = akey.bytes();
  Index::QueryResult doubtful{.in_doubt = index_.doubts(reading)};
  if (!doubtful.in_doubt.empty()) co_return doubtful;
  const Index::QueryResult result = index_.query(
      {.container = container, .object = object, .dkey = dkey.bytes(), .akey = akey.bytes()}, query, epoch);
  DX_CO_TRY(co_await acknowledge(result.position));
  co_return result;
}

runtime::Task<Result<Shard::HighestEpoch>> Shard::highest_epoch(Uuid container, classes::ObjectId object) {
  DX_CO_TRY(health());
  HighestEpoch result{.in_doubt = index_.doubts({.container = container, .object = object})};
  if (!result.in_doubt.empty()) co_return result;
  result.epoch = index_.highest_epoch(container, object);
  DX_CO_TRY(co_await acknowledge(journal_->appended()));
  co_return result;
}

}  // namespace daos::vos
