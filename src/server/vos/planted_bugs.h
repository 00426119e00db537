// Real bugs that a simulation switches on to prove that its checkers see them. All off in production.
#pragma once

namespace daos::vos {

struct PlantedBugs {
  bool acknowledge_before_flush = false;   // a reply that does not wait for the log
  bool apply_duplicates = false;           // a repeated update is executed again
  bool forget_slots_over_restart = false;  // replay restores the data but not the slots
  bool reuse_freed_extents = false;        // freed extents are overwritten before the log says that they are free
  bool reuse_under_readers = false;        // and while a fetch still reads them
  bool forget_extent_flush = false;        // a commit does not flush the extents that its records refer to
  bool trust_unsettled_extents = false;    // recovery does not look whether the extents of the last records arrived
};

}  // namespace daos::vos
