// What reclaim has to look at, first come, first served. Millions may wait for the horizon at once, so a job is four
// words in a chunk of many.
#pragma once

#include <string>

#include "server/vos/index/array.h"
#include "server/vos/index/memory.h"

namespace daos::vos {

struct ObjectNode;
struct DkeyNode;
struct AkeyNode;

/// One akey, or the punches of a dkey or an object (then what is below is null).
struct Job {
  ObjectNode* object = nullptr;
  DkeyNode* dkey = nullptr;
  AkeyNode* akey = nullptr;
  uint64_t due = 0;  // the epoch that nobody may ask below before there is something to do
};

class JobQueue {
 public:
  JobQueue() = default;
  JobQueue(const JobQueue&) = delete;
  JobQueue& operator=(const JobQueue&) = delete;

  bool empty() const { return size_ == 0; }
  uint64_t size() const { return size_; }
  const Job& front() const { return first_->jobs[first_->begin]; }
  /// The job some places behind the first, if that is near: null otherwise.
  const Job* ahead(uint32_t places) const {
    const uint32_t here = first_->end - first_->begin;
    if (places < here) return &first_->jobs[first_->begin + places];
    const Chunk* next = first_->next;
    return next != nullptr && places - here < next->end - next->begin ? &next->jobs[next->begin + places - here]
                                                                      : nullptr;
  }
  void push_back(Memory& memory, const Job& job) {
    if (last_ == nullptr || last_->end == kChunk) {
      auto* chunk = make_counted<Chunk>(memory);
      (last_ == nullptr ? first_ : last_->next) = chunk;
      last_ = chunk;
    }
    last_->jobs[last_->end++] = job;
    size_++;
  }
  void pop_front(Memory& memory) {
    size_--;
    if (++first_->begin == first_->end) drop_chunk(memory);
  }
  /// Takes over what is in `other`, behind what is here.
  void append(JobQueue& other) {
    if (other.empty()) return;
    (last_ == nullptr ? first_ : last_->next) = other.first_;
    last_ = other.last_;
    size_ += other.size_;
    other.first_ = other.last_ = nullptr;
    other.size_ = 0;
  }
  /// The first jobs, up to a few dozen, whatever they are.
  void drop_some(Memory& memory) {
    size_ -= first_->end - first_->begin;
    drop_chunk(memory);
  }
  /// What `jobs` more may take.
  uint64_t push_cost(uint64_t jobs) const;

 private:
  static constexpr uint32_t kChunk = 15;
  struct Chunk {
    Chunk* next = nullptr;
    uint32_t begin = 0, end = 0;
    Job jobs[kChunk];
  };
  void drop_chunk(Memory& memory) {
    Chunk* gone = first_;
    first_ = gone->next;
    if (first_ == nullptr) last_ = nullptr;
    release_counted(memory, gone);
  }

  Chunk* first_ = nullptr;
  Chunk* last_ = nullptr;
  uint64_t size_ = 0;
};
inline uint64_t JobQueue::push_cost(uint64_t jobs) const {
  const uint64_t room = last_ == nullptr ? 0 : kChunk - last_->end;
  return jobs <= room ? 0 : (jobs - room + kChunk - 1) / kChunk * chunk_bytes(sizeof(Chunk));
}

/// Where the first job of a queue stopped for want of budget.
struct JobProgress {
  bool begun = false;
  uint8_t phase = 0;
  Version version;  // of an akey's single values
  Piece past;       // of an array: the next to look at
  uint64_t start = 0;
  std::string dkey, akey;   // of a walk over what is below a punch
  Version oldest = kNever;  // seen so far
  Version oldest_before = kNever;
};

}  // namespace daos::vos
