#include "server/vos/index/memory.h"

#include "platform/base/check.h"

namespace daos::vos {

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define DX_PLAIN_OBJECTS 1  // it must see every object's birth and death
#endif
#endif

#ifdef DX_PLAIN_OBJECTS

void* Memory::allocate_small(uint32_t size_class) { return ::operator new(class_bytes(size_class)); }
void Memory::release_small(void* memory) { ::operator delete(memory); }
Memory::~Memory() { DX_CHECK(used == 0, "an index goes with {} bytes in it", used); }

#else

Memory::~Memory() {
  if (spare_ != nullptr) {
    ::operator delete(spare_, std::align_val_t(kPageBytes));
    pages_--;
  }
  DX_CHECK(pages_ == 0, "an index goes with {} pages in it", pages_);
  DX_CHECK(used == 0, "an index goes with {} bytes in its account", used);
}

void Memory::list(Page* page) {
  Page*& first = with_room_[page->size_class];
  page->previous = nullptr;
  page->next = first;
  if (first != nullptr) first->previous = page;
  first = page;
  page->listed = true;
}

void Memory::unlist(Page* page) {
  (page->previous == nullptr ? with_room_[page->size_class] : page->previous->next) = page->next;
  if (page->next != nullptr) page->next->previous = page->previous;
  page->listed = false;
}

Memory::Page* Memory::new_page(uint32_t size_class) {
  Page* page = spare_;
  if (page != nullptr) {
    spare_ = nullptr;
    new (page) Page;
  } else {
    page = new (::operator new(kPageEnd, std::align_val_t(kPageBytes))) Page;
    pages_++;
  }
  page->unused = kFirst;
  page->size_class = size_class;
  list(page);
  return page;
}

void* Memory::allocate_small(uint32_t size_class) {
  Page* page = with_room_[size_class];
  if (page == nullptr) page = new_page(size_class);
  void* memory = page->free;
  if (memory != nullptr) {
    page->free = page->free->next;
  } else {
    memory = reinterpret_cast<char*>(page) + page->unused;
    page->unused += class_bytes(size_class);
  }
  page->live++;
  small_bytes_ += class_bytes(size_class);
  if (is_full(*page)) unlist(page);
  return memory;
}

void Memory::release_small(void* memory) {
  Page* page = page_of(memory);
  auto* free = new (memory) Free{page->free};
  page->free = free;
  page->live--;
  small_bytes_ -= class_bytes(page->size_class);
  if (page->live > 0) {
    if (!page->listed) list(page);
    return;
  }
  if (page->listed) unlist(page);
  if (spare_ == nullptr) {
    spare_ = page;
  } else {
    ::operator delete(page, std::align_val_t(kPageBytes));
    pages_--;
  }
}

#endif

}  // namespace daos::vos
