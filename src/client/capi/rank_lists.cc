// Lists of ranks and of ranges of ranks.
#include <daos_api.h>
#include <gurt/common.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <span>

namespace {

std::span<d_rank_t> ranks(const d_rank_list_t* list) { return {list->rl_ranks, list->rl_nr}; }

// An empty list, or null.
d_rank_list_t* make_list(uint32_t size) {
  auto* list = static_cast<d_rank_list_t*>(std::calloc(1, sizeof(d_rank_list_t)));
  if (list == nullptr || size == 0) return list;
  list->rl_ranks = static_cast<d_rank_t*>(std::calloc(size, sizeof(d_rank_t)));
  if (list->rl_ranks == nullptr) {
    std::free(list);
    return nullptr;
  }
  list->rl_nr = size;
  return list;
}

// Calls visit(low, high) for each run of consecutive numbers.
template <class Visit>
void each_run(std::span<const d_rank_t> sorted, Visit visit) {
  for (size_t at = 0; at < sorted.size();) {
    size_t end = at + 1;
    while (end < sorted.size() && sorted[end] == sorted[end - 1] + 1) end++;
    visit(sorted[at], sorted[end - 1]);
    at = end;
  }
}

// An error stays in the buffer, where finish_text finds it.
void append_range(d_string_buffer_t* text, d_rank_t low, d_rank_t high) {
  d_write_string_buffer(text, text->str_size > 1 ? ",%u" : "%u", low);
  if (high != low) d_write_string_buffer(text, "-%u", high);
}

int finish_text(d_string_buffer_t* text, char** out) {
  const int rc = d_write_string_buffer(text, "]");
  if (rc != 0) {
    d_free_string(text);
  } else {
    *out = text->str;
  }
  return rc;
}

}  // namespace

d_rank_list_t* daos_rank_list_parse(const char* str, const char* sep) {
  if (str == nullptr || sep == nullptr) return nullptr;
  d_rank_list_t* list = make_list(0);
  for (const char* at = str + std::strspn(str, sep); list != nullptr && *at != '\0'; at += std::strspn(at, sep)) {
    if (d_rank_list_append(list, static_cast<d_rank_t>(std::atoi(at))) != 0) {
      d_rank_list_free(list);
      return nullptr;
    }
    at += std::strcspn(at, sep);
  }
  if (list != nullptr && list->rl_nr == 0) {
    d_rank_list_free(list);
    return nullptr;
  }
  return list;
}

d_rank_list_t* d_rank_list_alloc(uint32_t size) {
  d_rank_list_t* list = make_list(size);
  for (uint32_t i = 0; list != nullptr && i < size; i++) list->rl_ranks[i] = i;
  return list;
}

void d_rank_list_free(d_rank_list_t* rank_list) {
  if (rank_list == nullptr) return;
  std::free(rank_list->rl_ranks);
  std::free(rank_list);
}

int d_rank_list_resize(d_rank_list_t* rank_list, uint32_t size) {
  if (rank_list == nullptr) return -DER_INVAL;
  if (size == 0) {
    std::free(rank_list->rl_ranks);
    *rank_list = {};
    return 0;
  }
  auto* grown = static_cast<d_rank_t*>(std::realloc(rank_list->rl_ranks, size * sizeof(d_rank_t)));
  if (grown == nullptr) return -DER_NOMEM;
  if (size > rank_list->rl_nr) std::fill(grown + rank_list->rl_nr, grown + size, 0);
  rank_list->rl_ranks = grown;
  rank_list->rl_nr = size;
  return 0;
}

int d_rank_list_copy(d_rank_list_t* dst, d_rank_list_t* src) {
  if (dst == nullptr || src == nullptr) return -DER_INVAL;
  if (dst == src) return 0;
  if (dst->rl_nr != src->rl_nr) {
    const int rc = d_rank_list_resize(dst, src->rl_nr);
    if (rc != 0) return rc;
  }
  std::ranges::copy(ranks(src), dst->rl_ranks);
  return 0;
}

int d_rank_list_dup(d_rank_list_t** dst, const d_rank_list_t* src) {
  if (dst == nullptr) return -DER_INVAL;
  if (src == nullptr) {
    *dst = nullptr;
    return 0;
  }
  d_rank_list_t* copy = make_list(src->rl_nr);
  if (copy == nullptr) return -DER_NOMEM;
  std::ranges::copy(ranks(src), copy->rl_ranks);
  *dst = copy;
  return 0;
}

int d_rank_list_dup_sort_uniq(d_rank_list_t** dst, const d_rank_list_t* src) {
  const int rc = d_rank_list_dup(dst, src);
  if (rc != 0 || *dst == nullptr) return rc;
  d_rank_list_sort(*dst);
  (*dst)->rl_nr -= static_cast<uint32_t>(std::ranges::unique(ranks(*dst)).size());
  return 0;
}

void d_rank_list_filter(d_rank_list_t* src_set, d_rank_list_t* dst_set, bool exclude) {
  if (src_set == nullptr || dst_set == nullptr) return;
  const auto drops = [&](d_rank_t rank) { return d_rank_in_rank_list(src_set, rank) == exclude; };
  dst_set->rl_nr -= static_cast<uint32_t>(std::ranges::remove_if(ranks(dst_set), drops).size());
}

int d_rank_list_append(d_rank_list_t* rank_list, d_rank_t rank) {
  if (rank_list == nullptr || rank_list->rl_nr == UINT32_MAX) return -DER_INVAL;
  const int rc = d_rank_list_resize(rank_list, rank_list->rl_nr + 1);
  if (rc == 0) ranks(rank_list).back() = rank;
  return rc;
}

int d_rank_list_merge(d_rank_list_t* src_set, d_rank_list_t* ranks_merge) {
  if (src_set == nullptr || ranks_merge == nullptr) return -DER_INVAL;
  if (src_set == ranks_merge) return 0;
  for (const d_rank_t rank : ranks(ranks_merge)) {
    if (d_rank_in_rank_list(src_set, rank)) continue;
    const int rc = d_rank_list_append(src_set, rank);
    if (rc != 0) return rc;
  }
  return 0;
}

void d_rank_list_del_at(d_rank_list_t* rank_list, int index) {
  if (rank_list == nullptr || index < 0 || static_cast<uint32_t>(index) >= rank_list->rl_nr) return;
  std::ranges::copy(ranks(rank_list).subspan(static_cast<size_t>(index) + 1), rank_list->rl_ranks + index);
  rank_list->rl_nr--;
}

int d_rank_list_del(d_rank_list_t* rank_list, d_rank_t rank) {
  if (rank_list == nullptr) return -DER_INVAL;
  int index = 0;
  if (d_rank_list_find(rank_list, rank, &index)) d_rank_list_del_at(rank_list, index);
  return 0;
}

bool d_rank_list_find(d_rank_list_t* rank_list, d_rank_t rank, int* idx) {
  if (rank_list == nullptr) return false;
  const auto all = ranks(rank_list);
  const auto found = std::ranges::find(all, rank);
  if (found == all.end()) return false;
  if (idx != nullptr) *idx = static_cast<int>(found - all.begin());
  return true;
}

bool d_rank_list_bsearch(d_rank_list_t* rank_list, d_rank_t rank, int* idx) {
  if (rank_list == nullptr) return false;
  const auto all = ranks(rank_list);
  const auto found = std::ranges::lower_bound(all, rank);
  if (found == all.end() || *found != rank) return false;
  if (idx != nullptr) *idx = static_cast<int>(found - all.begin());
  return true;
}

bool d_rank_in_rank_list(d_rank_list_t* rank_list, d_rank_t rank) { return d_rank_list_find(rank_list, rank, nullptr); }

int d_idx_in_rank_list(d_rank_list_t* rank_list, d_rank_t rank, uint32_t* idx) {
  int index = 0;
  if (rank_list == nullptr || idx == nullptr) return -DER_INVAL;
  if (!d_rank_list_find(rank_list, rank, &index)) return -DER_NONEXIST;
  *idx = static_cast<uint32_t>(index);
  return 0;
}

bool d_rank_list_identical(d_rank_list_t* rank_list1, d_rank_list_t* rank_list2) {
  if (rank_list1 == rank_list2) return true;
  if (rank_list1 == nullptr || rank_list2 == nullptr || rank_list1->rl_nr != rank_list2->rl_nr) return false;
  d_rank_list_sort(rank_list1);
  return std::ranges::equal(ranks(rank_list1), ranks(rank_list2));
}

void d_rank_list_sort(d_rank_list_t* rank_list) {
  if (rank_list != nullptr) std::ranges::sort(ranks(rank_list));
}

void d_rank_list_shuffle(d_rank_list_t* rank_list) {
  if (rank_list == nullptr) return;
  const auto all = ranks(rank_list);
  for (size_t left = all.size(); left > 1; left--) {
    std::swap(all[left - 1], all[static_cast<size_t>(d_randd() * static_cast<double>(left))]);
  }
}

int d_rank_list_dump(d_rank_list_t* rank_list, d_string_t name, int name_len) {
  if (rank_list == nullptr || name == nullptr || name_len < 0) return -DER_INVAL;
  char* text = nullptr;
  const int rc = d_rank_list_to_str(rank_list, &text);
  if (rc != 0) return rc;
  D_DEBUG(DB_TRACE, "rank list %.*s: %u ranks %s\n", name_len, name, rank_list->rl_nr, text);
  std::free(text);
  return 0;
}

int d_rank_list_to_str(d_rank_list_t* rank_list, char** rank_str) {
  if (rank_str == nullptr) return -DER_INVAL;
  *rank_str = nullptr;
  if (rank_list == nullptr) return 0;
  d_string_buffer_t text{};
  d_write_string_buffer(&text, "[");
  each_run(ranks(rank_list), [&](d_rank_t low, d_rank_t high) { append_range(&text, low, high); });
  return finish_text(&text, rank_str);
}

d_rank_list_t* uint32_array_to_rank_list(uint32_t* ints, size_t len) {
  if (len > UINT32_MAX) return nullptr;
  d_rank_list_t* list = make_list(static_cast<uint32_t>(len));
  if (list != nullptr && len > 0) std::copy(ints, ints + len, list->rl_ranks);
  return list;
}

int rank_list_to_uint32_array(d_rank_list_t* rl, uint32_t** ints, size_t* len) {
  if (rl == nullptr || ints == nullptr || len == nullptr) return -DER_INVAL;
  auto* copy = static_cast<uint32_t*>(std::calloc(std::max<uint32_t>(rl->rl_nr, 1), sizeof(uint32_t)));
  if (copy == nullptr) return -DER_NOMEM;
  std::ranges::copy(ranks(rl), copy);
  *ints = copy;
  *len = rl->rl_nr;
  return 0;
}

d_rank_range_list_t* d_rank_range_list_alloc(uint32_t size) {
  auto* list = static_cast<d_rank_range_list_t*>(std::calloc(1, sizeof(d_rank_range_list_t)));
  if (list == nullptr || size == 0) return list;
  list->rrl_ranges = static_cast<d_rank_range_t*>(std::calloc(size, sizeof(d_rank_range_t)));
  if (list->rrl_ranges == nullptr) {
    std::free(list);
    return nullptr;
  }
  list->rrl_nr = size;
  return list;
}

d_rank_range_list_t* d_rank_range_list_realloc(d_rank_range_list_t* range_list, uint32_t size) {
  if (range_list == nullptr) return d_rank_range_list_alloc(size);
  if (size == 0) {
    std::free(range_list->rrl_ranges);
    *range_list = {};
    return range_list;
  }
  auto* grown = static_cast<d_rank_range_t*>(std::realloc(range_list->rrl_ranges, size * sizeof(d_rank_range_t)));
  if (grown == nullptr) return nullptr;
  if (size > range_list->rrl_nr) std::fill(grown + range_list->rrl_nr, grown + size, d_rank_range_t{});
  range_list->rrl_ranges = grown;
  range_list->rrl_nr = size;
  return range_list;
}

d_rank_range_list_t* d_rank_range_list_create_from_ranks(d_rank_list_t* rank_list) {
  if (rank_list == nullptr) return d_rank_range_list_alloc(0);
  uint32_t count = 0;
  each_run(ranks(rank_list), [&](d_rank_t, d_rank_t) { count++; });
  d_rank_range_list_t* list = d_rank_range_list_alloc(count);
  if (list == nullptr) return nullptr;
  d_rank_range_t* next = list->rrl_ranges;
  each_run(ranks(rank_list), [&](d_rank_t low, d_rank_t high) { *next++ = {low, high}; });
  return list;
}

int d_rank_range_list_str(d_rank_range_list_t* list, char** ranks_str) {
  if (list == nullptr || ranks_str == nullptr) return -DER_INVAL;
  d_string_buffer_t text{};
  d_write_string_buffer(&text, "[");
  for (const d_rank_range_t& range : std::span(list->rrl_ranges, list->rrl_nr)) append_range(&text, range.lo, range.hi);
  return finish_text(&text, ranks_str);
}

void d_rank_range_list_free(d_rank_range_list_t* rank_range_list) {
  if (rank_range_list == nullptr) return;
  std::free(rank_range_list->rrl_ranges);
  std::free(rank_range_list);
}
