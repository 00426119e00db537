// Reclaim: what nobody can see any more goes. Nothing is searched for: who makes something that may go one day (an
// older value, a punch) puts the akey, dkey or object into its container's queue, once, with the epoch at which that
// died. The queue is about in the order of those epochs, so a round ends at the first job that is not due; what is
// looked at and still needed waits behind the others.
//
// Only an akey's own job removes it, and only a dkey's own job or its last akey's removes that: jobs point at living
// nodes.
#include "server/vos/index/impl.h"

namespace daos::vos {
namespace {

bool wanted(const Needed& needed, Version born, Version died) {
  return born.epoch < died.epoch && needed(born.epoch, died.epoch);
}
/// Whether anybody may ask for the moment itself; then also writes from before it may still come.
bool moment_wanted(const Needed& needed, Version version) { return needed(version.epoch, version.epoch + 1); }

/// Drops the punches that hide nothing any more: `oldest` is the oldest thing below.
void drop_markers(Markers& markers, Memory& memory, Version oldest, const Needed& needed) {
  markers.drop(
      memory, [&](const Marker& marker) { return marker.version <= oldest && !moment_wanted(needed, marker.version); });
}

}  // namespace

void Index::Impl::enqueue(ObjectNode& object, uint64_t due) {
  if (object.queued) return;
  object.queued = true;
  object.container->jobs.push_back(store.memory, {.object = &object, .due = due});
}
void Index::Impl::enqueue(ObjectNode& object, DkeyNode& dkey, uint64_t due) {
  if (dkey.queued != 0) return;
  dkey.queued = 1;
  object.container->jobs.push_back(store.memory, {.object = &object, .dkey = &dkey, .due = due});
}
void Index::Impl::enqueue(ObjectNode& object, DkeyNode& dkey, AkeyNode& akey, uint64_t due) {
  if (akey.queued != 0) return;
  akey.queued = 1;
  object.container->jobs.push_back(store.memory, {.object = &object, .dkey = &dkey, .akey = &akey, .due = due});
}

bool Index::Impl::reclaim_singles(const Job& job, const Needed& needed, size_t& budget) {
  AkeyNode& akey = *job.akey;
  Version& next_version = job.object->container->progress.version;
  const Punches above = punches(*job.object, *job.dkey, akey);
  if (Blob* older = akey.older()) {
    const Version overwritten = akey.single->version();
    if (!wanted(needed, older->version(), std::min(overwritten, above.first_after(older->version())))) {
      akey.forget_older();
      Blob::release(store, older);
    }
  }
  if (akey.rest() != nullptr) {
    History& history = akey.rest()->history;
    auto place = history.lower_bound(next_version);
    while (place != history.end()) {
      Blob* blob = *place;
      if (budget == 0) {
        next_version = blob->version();
        return false;
      }
      budget--;
      const auto next = std::next(place);
      const Version overwritten = next != history.end()    ? (*next)->version()
                                  : akey.single != nullptr ? akey.single->version()
                                                           : kNever;
      if (wanted(needed, blob->version(), std::min(overwritten, above.first_after(blob->version())))) {
        ++place;
        continue;
      }
      place = history.erase(place);
      Blob::release(store, blob);
    }
  }
  if (akey.single == nullptr) return true;
  const Version punched = above.first_after(akey.single->version());
  if (punched == kNever || wanted(needed, akey.single->version(), punched)) return true;
  Blob::release(store, akey.single);
  akey.single = akey.older();
  if (akey.single != nullptr) {
    akey.forget_older();
    return true;
  }
  if (akey.rest() == nullptr || akey.rest()->history.empty()) return true;
  History& history = akey.rest()->history;
  const auto newest = std::prev(history.end());
  akey.single = *newest;
  history.erase(newest);
  return true;
}

bool Index::Impl::reclaim_past(const Job& job, const Needed& needed, size_t& budget) {
  Array& array = *job.akey->array();
  JobProgress& progress = job.object->container->progress;
  const Punches above = punches(*job.object, *job.dkey, *job.akey);
  auto place = progress.past.blob == nullptr ? array.past.begin() : array.past.lower_bound(progress.past);
  while (place != array.past.end()) {
    if (budget == 0) {
      // Held, so that its version can be compared with when we go on.
      progress.past = *place;
      progress.past.blob->share();
      return false;
    }
    budget--;
    const Piece piece = *place;
    if (wanted(needed, piece.born(), std::min(piece.died, above.first_after(piece.born())))) {
      progress.oldest = std::min(progress.oldest, piece.born());
      ++place;
      continue;
    }
    place = array.past.erase(place);
    Blob::release(store, piece.blob);
  }
  return true;
}

bool Index::Impl::reclaim_current(const Job& job, const Needed& needed, size_t& budget) {
  Array& array = *job.akey->array();
  JobProgress& progress = job.object->container->progress;
  const Punches above = punches(*job.object, *job.dkey, *job.akey);
  auto place = array.current.lower_bound(progress.start);
  while (place != array.current.end()) {
    progress.start = place->first;
    if (budget == 0) return false;
    budget--;
    const Piece piece{.start = place->first, .end = place->second.end, .blob = place->second.blob};
    const Version punched = above.first_after(piece.born());
    bool stays = punched == kNever || wanted(needed, piece.born(), punched);
    if (piece.blob->removes() && !array.has_past(piece.start, piece.end)) stays = moment_wanted(needed, piece.born());
    if (stays) {
      progress.oldest = std::min(progress.oldest, piece.born());
      ++place;
      continue;
    }
    array.removals -= piece.blob->removes();
    place = array.current.erase(place);
    Blob::release(store, piece.blob);
  }
  return true;
}

Version Index::Impl::oldest_of(const AkeyNode& akey) {
  Version oldest = akey.single == nullptr ? kNever : akey.single->version();
  if (const Blob* older = akey.older()) oldest = std::min(oldest, older->version());
  const AkeyRest* rest = akey.rest();
  if (rest == nullptr) return oldest;
  if (!rest->history.empty()) oldest = std::min(oldest, (*rest->history.begin())->version());
  if (const Array* array = rest->array) {
    oldest = std::min(oldest, array->oldest_piece);
    if (!array->births.empty()) oldest = std::min(oldest, array->births.front());
  }
  return oldest;
}

Index::Impl::Verdict Index::Impl::finish_akey(const Job& job, const Needed& needed) {
  AkeyNode& akey = *job.akey;
  bool more = false;
  if (Array* array = akey.array()) {
    const Punches above = punches(*job.object, *job.dkey, akey);
    std::erase_if(array->births, [&](Version birth) {
      const Version punched = above.first_after(birth);
      return punched != kNever && !wanted(needed, birth, punched);
    });
    if (array->empty()) {
      remove_array(akey);
    } else {
      more = !array->past.empty() || array->removals > 0;
    }
  }
  const Version oldest = oldest_of(akey);
  more |= akey.older() != nullptr;
  if (AkeyRest* rest = akey.rest()) {
    drop_markers(rest->markers, store.memory, oldest, needed);
    more |= !rest->markers.empty() || !rest->history.empty();
  }
  more |= punches(*job.object, *job.dkey, akey).first_after(oldest) != kNever;
  remove_rest_if_empty(akey);
  if (more) return Verdict::kKeep;
  akey.queued = 0;
  if (akey.single != nullptr || akey.rest() != nullptr) return Verdict::kDone;
  remove_akey(*job.object, *job.dkey, akey);
  DkeyNode& dkey = *job.dkey;
  const bool empty = dkey.akeys == nullptr && dkey.has_first == 0;
  if (empty && dkey.markers.empty() && dkey.queued == 0) remove_dkey(*job.object, dkey);
  return Verdict::kDone;
}

Index::Impl::Verdict Index::Impl::reclaim_akey(const Job& job, const Needed& needed, size_t& budget) {
  JobProgress& progress = job.object->container->progress;
  if (progress.phase == 0) {
    if (!reclaim_singles(job, needed, budget)) return Verdict::kBudget;
    progress.phase = 1;
    progress.oldest = kNever;
    if (Array* array = job.akey->array()) {
      progress.oldest_before = array->oldest_piece;
      array->oldest_piece = kNever;  // from here on: of what comes while we are under way
    }
  }
  Array* array = job.akey->array();
  if (array == nullptr) return finish_akey(job, needed);
  if (progress.phase == 1) {
    Blob* held = progress.past.blob;
    const bool done = reclaim_past(job, needed, budget);
    if (held != nullptr) Blob::release(store, held);
    if (!done) return Verdict::kBudget;
    progress.past = {};
    progress.phase = 2;
  }
  const Punches above = punches(*job.object, *job.dkey, *job.akey);
  if (array->removals == 0 && above.first_after(progress.oldest_before) == kNever) {
    array->oldest_piece = std::min(array->oldest_piece, progress.oldest_before);  // nothing current can go
    return finish_akey(job, needed);
  }
  if (!reclaim_current(job, needed, budget)) return Verdict::kBudget;
  array->oldest_piece = std::min(array->oldest_piece, progress.oldest);
  return finish_akey(job, needed);
}

/// Looks for akeys from `progress.akey` on that the punch `last` hides something of, and queues them.
bool Index::Impl::walk_dkey(ObjectNode& object, DkeyNode& dkey, Version last, size_t& budget) {
  JobProgress& progress = object.container->progress;
  const auto look = [&](AkeyNode& akey) {
    const Version oldest = oldest_of(akey);
    progress.oldest = std::min(progress.oldest, oldest);
    if (oldest < last) enqueue(object, dkey, akey, last.epoch);
  };
  if (dkey.akeys == nullptr) {
    if (budget == 0) return false;
    budget--;
    if (dkey.has_first != 0) look(dkey.first);
    return true;
  }
  const KeyProbe from = probe_of(object.akey_kind(), as_bytes(progress.akey));
  auto akey = progress.akey.empty() ? dkey.akeys->begin() : dkey.akeys->lower_bound(from);
  for (; akey != dkey.akeys->end(); ++akey) {
    if (budget == 0) {
      progress.akey = as_text(akey.node()->key());
      return false;
    }
    budget--;
    look(*akey.node());
  }
  progress.akey.clear();
  return true;
}

Index::Impl::Verdict Index::Impl::reclaim_dkey(const Job& job, const Needed& needed, size_t& budget) {
  DkeyNode& dkey = *job.dkey;
  if (!dkey.markers.empty()) {
    if (!walk_dkey(*job.object, dkey, dkey.markers.at(dkey.markers.size() - 1).version, budget))
      return Verdict::kBudget;
    drop_markers(dkey.markers, store.memory, job.object->container->progress.oldest, needed);
    if (!dkey.markers.empty()) return Verdict::kKeep;
  }
  dkey.queued = 0;
  if (dkey.akeys == nullptr && dkey.has_first == 0) remove_dkey(*job.object, dkey);
  return Verdict::kDone;
}

Index::Impl::Verdict Index::Impl::reclaim_object(const Job& job, const Needed& needed, size_t& budget) {
  ObjectNode& object = *job.object;
  JobProgress& progress = object.container->progress;
  if (!object.markers.empty()) {
    const Version last = object.markers.at(object.markers.size() - 1).version;
    const KeyProbe from = probe_of(object.dkey_kind(), as_bytes(progress.dkey));
    auto dkey = progress.dkey.empty() ? object.dkeys.begin() : object.dkeys.lower_bound(from);
    for (; dkey != object.dkeys.end(); ++dkey) {
      if (as_text(dkey.node()->key()) != progress.dkey) progress.akey.clear();  // the one we stopped in is gone
      progress.dkey = as_text(dkey.node()->key());
      if (!walk_dkey(object, *dkey.node(), last, budget)) return Verdict::kBudget;
    }
    drop_markers(object.markers, store.memory, progress.oldest, needed);
    if (!object.markers.empty()) return Verdict::kKeep;
  }
  object.queued = false;
  if (is_dead(object)) remove_object(object);
  return Verdict::kDone;
}

namespace {

/// Jobs point at what nobody has looked at for a while. In time for the job itself, its nodes are asked for and then
/// the values that it will compare.
void fetch_ahead(const JobQueue& jobs) {
  if (const Job* job = jobs.ahead(12); job != nullptr && job->akey != nullptr) {
    __builtin_prefetch(job->akey);
    __builtin_prefetch(job->dkey);
  }
  if (const Job* job = jobs.ahead(6); job != nullptr && job->akey != nullptr) {
    __builtin_prefetch(job->akey->single);
    __builtin_prefetch(job->akey->rest_pointer);
  }
}

}  // namespace

bool Index::Impl::reclaim_container(ContainerNode& container, const Needed& needed, size_t& budget) {
  while (!container.jobs.empty()) {
    Job job = container.jobs.front();
    if (job.due > needed.horizon && !container.progress.begun) break;
    if (budget == 0) return false;
    budget--;
    fetch_ahead(container.jobs);
    if (!container.progress.begun) container.progress = {.begun = true};
    const Needed here = prepared.empty() ? needed : needed_by_prepared(job, needed);
    const Verdict verdict = job.akey != nullptr   ? reclaim_akey(job, here, budget)
                            : job.dkey != nullptr ? reclaim_dkey(job, here, budget)
                                                  : reclaim_object(job, here, budget);
    if (verdict == Verdict::kBudget) return false;
    container.progress = {};
    container.jobs.pop_front(store.memory);
    if (verdict == Verdict::kDone) continue;
    job.due = std::max(job.due, newest_epoch);  // what keeps it has died by then, if it ever does
    container.kept.push_back(store.memory, job);
  }
  container.jobs.append(container.kept);
  return true;
}

bool Index::has_garbage() const {
  if (!impl_->destroyed.empty() || impl_->prepared.has_dropped()) return true;
  return std::any_of(impl_->containers.begin(), impl_->containers.end(),
                     [](const auto& entry) { return !entry.second->jobs.empty() || !entry.second->kept.empty(); });
}

bool Index::reclaim(const Retention& retention, size_t budget, Freed& freed) {
  Impl& impl = *impl_;
  const uint64_t before = impl.store.memory.used;
  const bool swept = impl.prepared.free_some(budget);
  while (!impl.destroyed.empty() && impl.free_some(*impl.destroyed.front(), budget)) impl.destroyed.pop_front();
  bool complete = false;
  while (swept && impl.destroyed.empty() && !complete) {
    const auto container = impl.round_at ? impl.containers.lower_bound(*impl.round_at) : impl.containers.begin();
    if (container != impl.containers.end()) {
      impl.round_at = container->first;
      const auto moments = retention.moments.find(container->first);
      const Needed needed{.horizon = retention.horizon,
                          .moments = moments == retention.moments.end() ? nullptr : &moments->second};
      if (!impl.reclaim_container(*container->second, needed, budget)) break;
    }
    const auto next = container == impl.containers.end() ? container : std::next(container);
    complete = next == impl.containers.end();
    impl.round_at = complete ? std::nullopt : std::optional(next->first);
  }
  freed.tier0_bytes += before > impl.store.memory.used ? before - impl.store.memory.used : 0;
  freed.tier1.insert(freed.tier1.end(), impl.store.freed_runs.begin(), impl.store.freed_runs.end());
  impl.store.freed_runs.clear();
  return complete;
}

}  // namespace daos::vos
