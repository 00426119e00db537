// What one worker of the model test works on, twice: in the library, and as plain values. Every operation is done on
// both; what the library answers must be what the model says. A worker is alone on its keys, so there is one right
// answer, whatever happens to engines meanwhile.
#pragma once

#include <daos.h>

#include <map>
#include <string>
#include <vector>

#include "operation.h"

namespace api_model {

class World {
 public:
  /// `number` gives the ids of its objects; workers with the same `shared` meet in one object there.
  World(daos_handle_t container, uint64_t number, uint64_t shared, std::string prefix);
  ~World();
  World(const World&) = delete;

  /// Empty, or how the library's answer differs from the model's.
  std::string run(const Operation& op);
  /// Reads everything that there should be.
  std::string check_all();

 private:
  struct Akey {
    std::string single;                    // empty: it is there without a value
    std::map<uint64_t, uint64_t> records;  // index to the id of the operation that wrote it
  };
  using Dkey = std::map<uint32_t, Akey>;  // an akey that is there
  using Keys = std::map<uint32_t, Dkey>;  // a dkey that is there

  struct Store {
    daos_handle_t handle = DAOS_HDL_INVAL;
    Keys keys;
    daos_epoch_t newest = 0;
  };
  Store& store(const Operation& op) { return op.shared ? shared_ : own_; }
  std::string dkey_name(uint32_t dkey) const { return prefix_ + std::to_string(dkey); }

  std::string update(Store& store, const Operation& op);
  std::string fetch(Store& store, const Operation& op);
  std::string write_records(Store& store, const Operation& op);
  std::string remove_records(Store& store, const Operation& op);
  std::string fetch_records(Store& store, const Operation& op);
  std::string punch(Store& store, const Operation& op);
  std::string list_dkeys(Store& store, const Operation& op);
  std::string list_akeys(Store& store, const Operation& op);
  std::string list_records(Store& store, const Operation& op);
  std::string query_epoch(Store& store);
  std::string burst(Store& store, const Operation& op);
  std::string array(const Operation& op);
  std::string key_value(const Operation& op);
  std::string list_keys();
  /// What a conditional change of `akeys` must answer.
  static int condition(const Store& store, const Operation& op);
  template <class Call>
  int call(const Operation& op, Call call);

  std::string prefix_;
  daos_handle_t container_;
  daos_handle_t queue_ = DAOS_HDL_INVAL;
  Store own_, shared_;
  daos_handle_t array_ = DAOS_HDL_INVAL;
  std::string cells_;        // below the array's size
  std::vector<bool> there_;  // whether a cell was written and not removed
  daos_handle_t kv_ = DAOS_HDL_INVAL;
  std::map<std::string, std::string> values_;
};

}  // namespace api_model
