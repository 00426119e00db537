// A slice of the index: its nodes, then what is prepared in the same range.
#include "server/vos/index/boundary.h"
#include "server/vos/index/impl.h"
#include "server/vos/index/items.h"

namespace daos::vos {
namespace {

constexpr size_t kItemBytes = 150;  // about, beside keys and value

size_t bytes_of(const Prepared::Entries::value_type& entry) {
  const Blob* blob = entry.second.blob;
  return kItemBytes + entry.first.size() + (blob == nullptr ? 0 : blob->tier0_bytes().size());
}

void write(const Prepared::Entries::value_type& prepared, ByteVector& out) {
  const auto& [boundary, entry] = prepared;
  std::optional<Place> place = place_of(boundary);
  DX_CHECK(place.has_value(), "something prepared stands nowhere");
  items::PreparedItem item{.container = place->container,
                           .object = place->object,
                           .dkey = std::move(place->dkey),
                           .akey = std::move(place->akey),
                           .transaction = entry.transaction,
                           .order = entry.order,
                           .kind = entry.kind,
                           .version = entry.version,
                           .start = entry.start,
                           .end = entry.end,
                           .runs = {}};
  if (entry.blob != nullptr && entry.blob->stored().size() > 1)
    item.runs.assign(entry.blob->stored().begin(), entry.blob->stored().end());
  out.push_back(static_cast<std::byte>(items::Kind::kPrepared));
  encode_into(out, item);
  if (entry.blob != nullptr) encode_into(out, items::content_of(*entry.blob));
}

}  // namespace

Index::Boundary Index::serialise(const Boundary& from, const Boundary& to, size_t bytes_max, ByteVector& out) {
  Prepared& prepared = impl_->prepared;
  if (prepared.empty()) return impl_->serialise_nodes(from, to, bytes_max, out);
  prepared.split(from);
  const auto each = [&](const Boundary& end, auto&& visit) {
    for (auto entry = prepared.entries().lower_bound(from); entry != prepared.entries().end(); ++entry) {
      if (!end.empty() && entry->first >= end) return;
      if (!visit(*entry)) return;
    }
  };
  // What is prepared has room of its own in a slice: as much again as the nodes.
  Boundary end = to;
  size_t bytes = 0;
  const std::string* last = nullptr;  // what stands at one boundary stays together
  each(to, [&](const Prepared::Entries::value_type& entry) {
    if (bytes >= bytes_max && entry.first != *last) {
      end = entry.first;
      return false;
    }
    bytes += bytes_of(entry);
    last = &entry.first;
    return true;
  });
  const Boundary stopped = impl_->serialise_nodes(from, end, bytes_max, out);
  prepared.split(stopped);
  each(stopped, [&](const Prepared::Entries::value_type& entry) {
    write(entry, out);
    return true;
  });
  return stopped;
}

}  // namespace daos::vos
