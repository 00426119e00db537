#include "server/vos/offline/affected.h"

#include "server/vos/index/words.h"
#include "server/vos/records/transaction_records.h"

namespace daos::vos {
namespace {

constexpr size_t kShownPlaces = 8;

class Places : public RecordVisitor {
 public:
  explicit Places(std::set<std::string>& places) : places_(places) {}
  Status on(UpdateRecord record) override { return add(record.container, record.object, record.dkey); }
  Status on(PunchRecord record) override { return add(record.container, record.object, record.dkey); }
  Status on(SlotClosedRecord record) override { return sessions(record.endpoint.client); }
  Status on(ClientEndedRecord record) override { return sessions(record.client); }
  Status on(ClockReservedRecord) override { return {}; }
  Status on(ContainerDestroyedRecord record) override {
    places_.insert(fmt::format("container {} (its destruction)", record.container));
    return {};
  }
  Status on(PreparedRecord record) override { return add(record.id, touched_by(record)); }
  Status on(DecisionRecord record) override { return add(record.id, record.keys); }
  Status on(ForgottenRecord record) override { return add(record.id, {}); }

 private:
  Status add(const OpId& id, const std::vector<Touched>& keys) {
    for (const Touched& touched : keys) DX_TRY(add(touched.container, touched.object, touched.dkey));
    if (keys.empty()) places_.insert(fmt::format("{}", id));
    return {};
  }
  Status add(const Uuid& container, const classes::ObjectId& object, const IoBuf& dkey) {
    Place place{.level = dkey.empty() ? Place::Level::kObject : Place::Level::kDkey,
                .container = container,
                .object = object,
                .dkey = std::string(as_text(dkey.bytes()))};
    places_.insert(place_in_words(place));
    return {};
  }
  Status sessions(const Uuid& client) {
    places_.insert(fmt::format("sessions of client {}", client));
    return {};
  }

  std::set<std::string>& places_;
};

}  // namespace

void Affected::add(ByteSpan record) {
  Places places(places_);
  decode_record(record, places).ignore("bytes that are no record tell nothing");
}

std::string Affected::in_words() const {
  std::string words;
  size_t shown = 0;
  for (const std::string& place : places_) {
    if (shown++ == kShownPlaces) return words + fmt::format("; {} more", places_.size() - kShownPlaces);
    if (!words.empty()) words += "; ";
    words += place;
  }
  return words;
}

}  // namespace daos::vos
