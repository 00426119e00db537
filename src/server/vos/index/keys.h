// The order of keys, which enumeration, anchors and checkpoint share.
//
//   hashed    (xxh3 of the key, its digest, its bytes)
//   lexical   (its first 80 bytes, its digest, its bytes)
//   integer   (the number, its digest, its bytes): keys of other lengths than 8 are refused above, but have a place
//   here
//
// `rank` decides most comparisons: the hash, the first eight bytes as a big-endian number, or the integer. The digest
// stands before the bytes, so that an anchor of fixed size knows its place among keys of equal rank when its own key is
// gone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "model/classes/object_id.h"
#include "platform/base/bytes.h"

namespace daos::vos {

struct KeyAnchor;

inline constexpr size_t kPrefixBytes = 80;

/// A key that is looked for.
struct KeyProbe {
  uint64_t rank = 0;
  ByteSpan bytes;
  bool lexical = false;
};
KeyProbe probe_of(classes::KeyKind kind, ByteSpan bytes);
/// Tells keys of equal rank (or prefix) apart; never 0, so that an anchor can stand before every key of its rank.
uint64_t digest_of(ByteSpan bytes);

/// Below 0, 0 or above 0, of keys whose ranks are equal.
int compare_equal_ranks(ByteSpan a, ByteSpan b, bool lexical);
/// The same of any key and an anchor that stands at one.
int compare_with_anchor(uint64_t rank, ByteSpan bytes, bool lexical, const KeyAnchor& anchor);
/// An anchor that stands at `bytes`: enumeration continues behind it.
KeyAnchor anchor_at(classes::KeyKind kind, ByteSpan bytes);

/// The key as a string that memcmp orders as above; no key's string is the beginning of another's.
void append_order(std::string& out, classes::KeyKind kind, ByteSpan bytes);
/// Takes such a string off the front of `rest`; false when there is none.
bool take_order(std::string_view& rest, classes::KeyKind kind, std::string& bytes);

}  // namespace daos::vos
