#include "operation.h"

#include <daos_obj.h>

#include <algorithm>

#include "sizes.h"

namespace api_model {
namespace {

uint64_t update_condition(Random& random) {
  constexpr uint64_t kConditions[] = {DAOS_COND_DKEY_INSERT, DAOS_COND_DKEY_UPDATE, DAOS_COND_AKEY_INSERT,
                                      DAOS_COND_AKEY_UPDATE};
  return random.one_in(3) ? kConditions[random.below(4)] : 0;
}

std::vector<uint32_t> some_akeys(Random& random, uint32_t first) {
  std::vector<uint32_t> akeys;
  for (uint32_t akey = 0; akey < kAkeysOfAKind; akey++) {
    if (random.one_in(2)) akeys.push_back(first + akey);
  }
  if (akeys.empty()) akeys.push_back(first + static_cast<uint32_t>(random.below(kAkeysOfAKind)));
  return akeys;
}

uint64_t value_bytes(Random& random) {
  switch (random.below(8)) {
    case 0:
      return 0;
    case 1:
      return 1 + random.below(kValueBytesMax);
    default:
      return 1 + random.below(300);
  }
}

Kind any_kind(Random& random) {
  // Changes and their checks more often than what removes much.
  constexpr Kind kKinds[] = {Kind::kUpdate,       Kind::kUpdate,        Kind::kUpdate,       Kind::kFetch,
                             Kind::kFetch,        Kind::kWriteRecords,  Kind::kWriteRecords, Kind::kFetchRecords,
                             Kind::kFetchRecords, Kind::kRemoveRecords, Kind::kPunchAkeys,   Kind::kPunchDkey,
                             Kind::kListDkeys,    Kind::kListAkeys,     Kind::kListRecords,  Kind::kQueryEpoch,
                             Kind::kBurst,        Kind::kArrayWrite,    Kind::kArrayWrite,   Kind::kArrayPunch,
                             Kind::kArraySetSize, Kind::kArrayRead,     Kind::kArrayRead,    Kind::kPut,
                             Kind::kPut,          Kind::kGet,           Kind::kRemove,       Kind::kListKeys};
  if (random.one_in(60)) return Kind::kPunchObject;
  return kKinds[random.below(std::size(kKinds))];
}

}  // namespace

Operation random_operation(Random& random, uint64_t id) {
  Operation op{.kind = any_kind(random), .akeys = {}, .id = id};
  op.shared = op.kind != Kind::kPunchObject && random.one_in(2);
  op.with_event = random.one_in(2);
  op.dkey = static_cast<uint32_t>(random.below(kDkeys));
  switch (op.kind) {
    case Kind::kUpdate:
      op.akeys = some_akeys(random, 0);
      op.flags = update_condition(random);
      op.bytes = value_bytes(random);
      break;
    case Kind::kFetch:
      op.akeys = some_akeys(random, 0);
      if (random.one_in(4)) op.flags = random.one_in(2) ? DAOS_COND_DKEY_FETCH : DAOS_COND_AKEY_FETCH;
      break;
    case Kind::kWriteRecords:
      op.flags = update_condition(random);
      [[fallthrough]];
    case Kind::kRemoveRecords:
    case Kind::kFetchRecords:
      op.akeys = {kAkeysOfAKind + static_cast<uint32_t>(random.below(kAkeysOfAKind))};
      op.start = random.below(kRecords);
      op.count = 1 + random.below(std::min<uint64_t>(kRecords - op.start, 40));
      if (const uint64_t behind = op.start + op.count + 1 + random.below(20);
          behind + op.count < kRecords && random.one_in(2)) {
        op.start2 = behind;
      }
      break;
    case Kind::kListRecords:
      op.akeys = {kAkeysOfAKind + static_cast<uint32_t>(random.below(kAkeysOfAKind))};
      break;
    case Kind::kPunchAkeys:
      op.akeys = some_akeys(random, random.one_in(2) ? 0 : kAkeysOfAKind);
      [[fallthrough]];
    case Kind::kPunchDkey:
    case Kind::kRemove:
      if (random.one_in(3)) op.flags = DAOS_COND_PUNCH;
      break;
    case Kind::kBurst:
      op.bytes = 1 + random.below(2000);
      break;
    case Kind::kArrayWrite:
    case Kind::kArrayPunch:
    case Kind::kArrayRead:
      op.start = random.below(kCells);
      op.count = 1 + random.below(kCells / 4);
      break;
    case Kind::kArraySetSize:
      op.start = random.below(kCells);
      break;
    case Kind::kPut:
      op.flags = random.one_in(3) ? (random.one_in(2) ? DAOS_COND_DKEY_INSERT : DAOS_COND_DKEY_UPDATE) : 0;
      op.bytes = value_bytes(random);
      break;
    case Kind::kGet:
      if (random.one_in(3)) op.flags = DAOS_COND_DKEY_FETCH;
      break;
    default:
      break;
  }
  return op;
}

}  // namespace api_model
