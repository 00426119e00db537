#include "server/vos/records/transaction_records.h"

namespace daos::vos {
namespace {

Touched touched_by(const UpdateRecord& record) {
  Touched touched{.container = record.container,
                  .object = record.object,
                  .minor = record.minor,
                  .punched = {},
                  .dkey = record.dkey,
                  .akeys = {},
                  .arrays = {}};
  for (const AkeyValue& value : record.values) {
    (value.kind == ValueKind::kSingle ? touched.akeys : touched.arrays).push_back(value.akey);
  }
  return touched;
}
Touched touched_by(const PunchRecord& record) {
  return {.container = record.container,
          .object = record.object,
          .minor = record.minor,
          .punched = record.level,
          .dkey = record.dkey,
          .akeys = record.akeys,
          .arrays = {}};
}

}  // namespace

std::vector<Touched> touched_by(const PreparedRecord& record) {
  std::vector<Touched> touched;
  touched.reserve(record.modifications.size());
  for (const Modification& modification : record.modifications) {
    touched.push_back(std::visit([](const auto& what) { return touched_by(what); }, modification.what));
  }
  return touched;
}

std::string_view to_words(TransactionState state) {
  switch (state) {
    case TransactionState::kPrepared:
      return "prepared";
    case TransactionState::kCommitted:
      return "committed";
    case TransactionState::kAborted:
      return "aborted";
    case TransactionState::kRefused:
      return "refused";
  }
  return "in no known state";
}

}  // namespace daos::vos
