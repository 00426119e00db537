#include <algorithm>
#include <cstring>

#include "platform/base/check.h"
#include "platform/storage/memory/memory_inode.h"

namespace daos::storage {

void SparseBytes::resize(uint64_t bytes) {
  if (bytes < size_) {
    pages_.erase(pages_.lower_bound(align_up(bytes, kPageBytes) / kPageBytes), pages_.end());
    if (const auto last = pages_.find(bytes / kPageBytes); last != pages_.end()) {
      std::fill(last->second->begin() + static_cast<std::ptrdiff_t>(bytes % kPageBytes), last->second->end(),
                std::byte{0});
    }
  }
  size_ = bytes;
}

void SparseBytes::write(uint64_t offset, ByteSpan bytes) {
  size_ = std::max(size_, offset + bytes.size());
  while (!bytes.empty()) {
    const uint64_t within = offset % kPageBytes;
    const size_t n = std::min<uint64_t>(kPageBytes - within, bytes.size());
    std::unique_ptr<Page>& page = pages_[offset / kPageBytes];
    if (!page) page = std::make_unique<Page>();
    std::memcpy(page->data() + within, bytes.data(), n);
    bytes = bytes.subspan(n);
    offset += n;
  }
}

void SparseBytes::read(uint64_t offset, MutableByteSpan into) const {
  while (!into.empty()) {
    const uint64_t within = offset % kPageBytes;
    const size_t n = std::min<uint64_t>(kPageBytes - within, into.size());
    if (const auto page = pages_.find(offset / kPageBytes); page != pages_.end()) {
      std::memcpy(into.data(), page->second->data() + within, n);
    } else {
      std::memset(into.data(), 0, n);
    }
    into = into.subspan(n);
    offset += n;
  }
}

SparseBytes SparseBytes::clone() const {
  SparseBytes copy;
  copy.size_ = size_;
  for (const auto& [index, page] : pages_) copy.pages_.emplace(index, std::make_unique<Page>(*page));
  return copy;
}

void MemoryMedium::Inode::put(SparseBytes& bytes, const Change& change) {
  if (change.resizes) {
    bytes.resize(change.offset);
  } else {
    bytes.write(change.offset, change.bytes);
  }
}

void MemoryMedium::Inode::tear(Change& change, std::vector<Change>& kept, runtime::Rng& rng) {
  for (uint64_t done = 0; done < change.bytes.size();) {
    const uint64_t sector_end = align_down(change.offset + done, kSectorBytes) + kSectorBytes;
    const uint64_t n = std::min<uint64_t>(sector_end - change.offset - done, change.bytes.size() - done);
    if (rng.below(2) == 0) {
      const auto from = change.bytes.begin() + static_cast<std::ptrdiff_t>(done);
      kept.push_back({.id = change.id,
                      .offset = change.offset + done,
                      .bytes = ByteVector(from, from + static_cast<std::ptrdiff_t>(n)),
                      .ended = true,
                      .spoiled = change.spoiled});
    }
    done += n;
  }
}

void MemoryMedium::Inode::settle(uint64_t id) {
  while (true) {
    const auto found =
        std::find_if(changes.begin(), changes.end(), [&](const Change& change) { return change.id == id; });
    if (found == changes.end()) return;
    const Change settled = std::move(*found);
    changes.erase(found);
    put(durable, settled);
    supersede(settled);
  }
}

void MemoryMedium::Inode::supersede(const Change& settled) {
  // What is older and was overwritten never reaches the medium any more, there.
  std::vector<Change> rest;
  for (Change& change : changes) {
    const uint64_t end = change.offset + change.bytes.size();
    const uint64_t from = std::max(change.offset, settled.offset);
    const uint64_t to = std::min(end, settled.offset + settled.bytes.size());
    if (change.id >= settled.id || change.resizes || settled.resizes || !change.ended || from >= to) {
      rest.push_back(std::move(change));
      continue;
    }
    const auto keep = [&](uint64_t begin, uint64_t stop) {
      if (begin >= stop) return;
      Change part{.id = change.id, .offset = begin, .ended = true, .spoiled = change.spoiled};
      part.bytes.assign(change.bytes.begin() + static_cast<std::ptrdiff_t>(begin - change.offset),
                        change.bytes.begin() + static_cast<std::ptrdiff_t>(stop - change.offset));
      rest.push_back(std::move(part));
    };
    keep(change.offset, from);
    keep(to, end);
  }
  changes = std::move(rest);
}

void MemoryMedium::Inode::lose(Loss loss, runtime::Rng& rng) {
  std::vector<Change> kept;
  for (Change& change : changes) {
    if (loss == Loss::kProcess && change.ended) {
      kept.push_back(std::move(change));
      continue;
    }
    const uint64_t fate = rng.below(3);
    if (fate == 0) continue;
    if (fate == 1 || change.resizes) {
      change.ended = true;
      kept.push_back(std::move(change));
    } else {
      tear(change, kept, rng);
    }
  }
  if (loss == Loss::kPower) {
    for (const Change& change : kept) put(durable, change);
    kept.clear();
  }
  changes = std::move(kept);
  current = durable.clone();
  for (const Change& change : changes) put(current, change);
  lock_owner = nullptr;
  lock_sharers.clear();
}

MemoryMedium::MemoryMedium() {
  current_.folders.insert("");
  durable_.folders.insert("");
}
MemoryMedium::~MemoryMedium() = default;

std::vector<std::string> MemoryMedium::files() const {
  std::vector<std::string> paths;
  for (const auto& [path, inode] : current_.files) paths.push_back(path);
  return paths;
}

MemoryMedium::Inode* MemoryMedium::find(const std::string& path) const {
  const auto found = current_.files.find(path);
  DX_CHECK(found != current_.files.end(), "the medium has no file {}", path);
  return found->second.get();
}

uint64_t MemoryMedium::size(const std::string& path) const { return find(path)->current.size(); }

ByteVector MemoryMedium::content(const std::string& path) const {
  ByteVector bytes(size(path));
  find(path)->current.read(0, bytes);
  return bytes;
}

void MemoryMedium::flip_bit(const std::string& path, uint64_t offset, unsigned bit) {
  std::byte value;
  find(path)->current.read(offset, {&value, 1});
  value ^= std::byte(1u << bit);
  overwrite(path, offset, {&value, 1});
}

void MemoryMedium::overwrite(const std::string& path, uint64_t offset, ByteSpan bytes) {
  Inode* inode = find(path);
  inode->current.write(offset, bytes);
  inode->durable.write(offset, bytes);
}

std::shared_ptr<MemoryMedium> MemoryMedium::clone() const {
  auto copy = std::make_shared<MemoryMedium>();
  std::map<const Inode*, std::shared_ptr<Inode>> copies;  // looked up only, never walked: addresses order nothing
  const auto copy_of = [&](const std::shared_ptr<Inode>& inode) {
    if (!inode) return inode;
    std::shared_ptr<Inode>& twin = copies[inode.get()];
    if (!twin) {
      twin = std::make_shared<Inode>();
      twin->current = inode->current.clone();
      twin->durable = inode->durable.clone();
      twin->changes = inode->changes;
    }
    return twin;
  };
  for (const auto& [from, to] : {std::pair(&current_, &copy->current_), std::pair(&durable_, &copy->durable_)}) {
    to->folders = from->folders;
    for (const auto& [path, inode] : from->files) to->files.emplace(path, copy_of(inode));
  }
  for (const NameChange& change : name_changes_) {
    copy->name_changes_.push_back(change);
    copy->name_changes_.back().inode = copy_of(change.inode);
  }
  return copy;
}

uint64_t MemoryMedium::used_bytes() const {
  uint64_t bytes = 0;
  for (const auto& [path, inode] : current_.files) bytes += inode->current.size();
  return bytes;
}

void MemoryMedium::apply(Names& names, const NameChange& change) {
  if (!change.erased.empty()) {
    const auto found = names.files.find(change.erased);
    if (found != names.files.end() && (!change.inode || found->second == change.inode)) names.files.erase(found);
    if (!change.inode) names.folders.erase(change.erased);
  }
  if (!change.added.empty()) names.files[change.added] = change.inode;
}

void MemoryMedium::sync_names(const std::string& folder, uint64_t up_to) {
  std::vector<NameChange> rest;
  for (NameChange& change : name_changes_) {
    if (change.id <= up_to && change.folder == folder) {
      apply(durable_, change);
    } else {
      rest.push_back(std::move(change));
    }
  }
  name_changes_ = std::move(rest);
}

void MemoryMedium::forget_folder(const std::string& folder) {
  const std::string below = folder + "/";
  std::erase_if(name_changes_,
                [&](const NameChange& change) { return change.folder == folder || change.folder.starts_with(below); });
  std::erase_if(durable_.files, [&](const auto& entry) { return entry.first.starts_with(below); });
  std::erase_if(durable_.folders, [&](const std::string& each) { return each.starts_with(below); });
}

void MemoryMedium::lose(Loss loss, runtime::Rng& rng) {
  if (loss == Loss::kPower) {
    std::map<std::string, uint64_t> pending;  // by folder; then how many of them survive
    for (const NameChange& change : name_changes_) pending[change.folder]++;
    for (auto& [folder, survive] : pending) survive = rng.below(survive + 1);
    for (const NameChange& change : name_changes_) {
      if (pending[change.folder] == 0) continue;
      pending[change.folder]--;
      apply(durable_, change);
    }
    name_changes_.clear();
    // What stood in a folder that is gone is out of reach, however deep. Parents come before their children here.
    std::erase_if(durable_.folders, [&](const std::string& folder) {
      return !folder.empty() && !durable_.folders.contains(folder_of(folder));
    });
    std::erase_if(durable_.files,
                  [&](const auto& entry) { return !durable_.folders.contains(folder_of(entry.first)); });
    current_ = durable_;
  }
  std::vector<Inode*> done;
  for (const auto& [path, inode] : current_.files) {
    if (std::find(done.begin(), done.end(), inode.get()) != done.end()) continue;
    done.push_back(inode.get());
    inode->lose(loss, rng);
  }
}

}  // namespace daos::storage
