// Real bugs that a simulation switches on to prove that its checkers see them. All off in production.
#pragma once

namespace daos::vos {

struct PlantedBugs {
  bool acknowledge_before_flush = false;   // a reply that does not wait for the log
  bool apply_duplicates = false;           // a repeated update is executed again
  bool forget_slots_over_restart = false;  // replay restores the data but not the slots
};

}  // namespace daos::vos
