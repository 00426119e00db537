#include "server/vos/index/keys.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "server/vos/index/index.h"

namespace daos::vos {
namespace {

constexpr uint64_t kDigestSeed = 0x6b65'7964'6967'6573;
// In an order string a zero byte is followed by 0xff, and the end is two zero bytes: shorter keys come first.
constexpr char kEscaped = '\xff';

int compare_bytes(ByteSpan a, ByteSpan b) { return as_text(a).compare(as_text(b)); }
int compare_numbers(uint64_t a, uint64_t b) { return a < b ? -1 : a > b; }
uint64_t first_bytes(ByteSpan bytes) {
  uint64_t number = 0;
  if (!bytes.empty()) std::memcpy(&number, bytes.data(), std::min(bytes.size(), sizeof number));
  return number;
}
ByteSpan prefix_of(ByteSpan bytes) { return bytes.first(std::min(bytes.size(), kPrefixBytes)); }

void append_number(std::string& out, uint64_t number) {
  const uint64_t big = std::byteswap(number);
  out.append(reinterpret_cast<const char*>(&big), sizeof big);
}
void append_escaped(std::string& out, ByteSpan bytes) {
  for (const std::byte byte : bytes) {
    out.push_back(static_cast<char>(byte));
    if (byte == std::byte{0}) out.push_back(kEscaped);
  }
  out.append(2, '\0');
}
bool take_escaped(std::string_view& rest, std::string& bytes) {
  bytes.clear();
  for (size_t i = 0; i + 1 < rest.size(); i++) {
    if (rest[i] != '\0') {
      bytes.push_back(rest[i]);
    } else if (rest[i + 1] == '\0') {
      rest.remove_prefix(i + 2);
      return true;
    } else if (rest[i + 1] == kEscaped) {
      bytes.push_back('\0');
      i++;
    } else {
      return false;
    }
  }
  return false;
}

}  // namespace

KeyProbe probe_of(classes::KeyKind kind, ByteSpan bytes) {
  KeyProbe probe{.bytes = bytes, .lexical = kind == classes::KeyKind::kLexical};
  switch (kind) {
    case classes::KeyKind::kHashed:
      probe.rank = xxh3(bytes);
      break;
    case classes::KeyKind::kLexical:
      probe.rank = std::byteswap(first_bytes(bytes));
      break;
    case classes::KeyKind::kUint64:
      probe.rank = first_bytes(bytes);
      break;
  }
  return probe;
}

uint64_t digest_of(ByteSpan bytes) { return std::max<uint64_t>(1, xxh3(bytes, kDigestSeed)); }

int compare_equal_ranks(ByteSpan a, ByteSpan b, bool lexical) {
  if (as_text(a) == as_text(b)) return 0;
  if (lexical) {
    if (const int order = compare_bytes(prefix_of(a), prefix_of(b)); order != 0) return order;
  }
  if (const int order = compare_numbers(digest_of(a), digest_of(b)); order != 0) return order;
  return compare_bytes(a, b);
}

int compare_with_anchor(uint64_t rank, ByteSpan bytes, bool lexical, const KeyAnchor& anchor) {
  if (lexical) {
    const size_t length = std::min<uint64_t>(anchor.rank, kPrefixBytes);
    const int order = compare_bytes(prefix_of(bytes), std::as_bytes(std::span(anchor.prefix)).first(length));
    if (order != 0) return order;
  } else if (rank != anchor.rank) {
    return rank < anchor.rank ? -1 : 1;
  }
  return compare_numbers(digest_of(bytes), anchor.digest);
}

KeyAnchor anchor_at(classes::KeyKind kind, ByteSpan bytes) {
  KeyAnchor anchor{.state = KeyAnchor::State::kAt, .digest = digest_of(bytes)};
  if (kind == classes::KeyKind::kLexical) {
    anchor.rank = prefix_of(bytes).size();
    if (anchor.rank > 0) std::memcpy(anchor.prefix.data(), bytes.data(), anchor.rank);
  } else {
    anchor.rank = probe_of(kind, bytes).rank;
  }
  return anchor;
}

KeyAnchor anchor_before(classes::KeyKind kind, ByteSpan bytes) {
  KeyAnchor anchor = anchor_at(kind, bytes);
  anchor.digest--;
  return anchor;
}

void append_order(std::string& out, classes::KeyKind kind, ByteSpan bytes) {
  if (kind == classes::KeyKind::kLexical) {
    append_escaped(out, prefix_of(bytes));
  } else {
    append_number(out, probe_of(kind, bytes).rank);
  }
  append_number(out, digest_of(bytes));
  append_escaped(out, bytes);
}

bool take_order(std::string_view& rest, classes::KeyKind kind, std::string& bytes) {
  if (kind == classes::KeyKind::kLexical) {
    if (!take_escaped(rest, bytes)) return false;
  } else {
    if (rest.size() < sizeof(uint64_t)) return false;
    rest.remove_prefix(sizeof(uint64_t));
  }
  if (rest.size() < sizeof(uint64_t)) return false;
  rest.remove_prefix(sizeof(uint64_t));
  return take_escaped(rest, bytes);
}

}  // namespace daos::vos
