#include "world.h"

#include <daos_kv.h>

#include <algorithm>
#include <cstring>
#include <set>

#include "sizes.h"

namespace api_model {
namespace {

daos_key_t key_of(const std::string& text) { return {const_cast<char*>(text.data()), text.size(), text.size()}; }

std::string akey_name(uint32_t akey) { return (akey < kAkeysOfAKind ? "s" : "a") + std::to_string(akey); }

/// Bytes that nothing else writes.
std::string content(uint64_t id, uint64_t salt, uint64_t bytes) {
  std::string text(bytes, '\0');
  for (uint64_t i = 0; i < bytes; i++) text[i] = static_cast<char>(id * 31 + salt * 7 + i * (id % 5 + 1) + (i >> 8));
  return text;
}
std::string record(uint64_t id, uint64_t index, uint32_t akey) {
  return content(id, index + 1, kRecordBytes[akey - kAkeysOfAKind]);
}

std::string name_of(int rc) { return std::string(d_errstr(rc)); }
std::string expected(const char* what, int got, int wanted) {
  return got == wanted ? "" : std::string(what) + " gave " + name_of(got) + ", not " + name_of(wanted);
}

std::vector<daos_recx_t> extents_of(const Operation& op) {
  std::vector<daos_recx_t> extents = {{op.start, op.count}};
  if (op.start2 > 0) extents.push_back({op.start2, op.count});
  return extents;
}

daos_obj_id_t make_id(daos_handle_t container, uint64_t number, daos_otype_t type) {
  daos_obj_id_t oid = {number, 0};
  return daos_obj_generate_oid(container, &oid, type, OC_SX, 0, 0) == 0 ? oid : daos_obj_id_t{};
}

}  // namespace

World::World(daos_handle_t container, uint64_t number, uint64_t shared, std::string prefix)
    : prefix_(std::move(prefix)), container_(container) {
  daos_eq_create(&queue_);
  daos_obj_open(container_, make_id(container_, number, DAOS_OT_MULTI_HASHED), DAOS_OO_RW, &own_.handle, nullptr);
  daos_obj_open(container_, make_id(container_, shared, DAOS_OT_MULTI_LEXICAL), DAOS_OO_RW, &shared_.handle, nullptr);
  daos_array_open_with_attr(container_, make_id(container_, number, DAOS_OT_ARRAY_BYTE), DAOS_TX_NONE, DAOS_OO_RW, 1,
                            kChunk, &array_, nullptr);
  daos_kv_open(container_, make_id(container_, number, DAOS_OT_KV_HASHED), DAOS_OO_RW, &kv_, nullptr);
}

World::~World() {
  daos_kv_close(kv_, nullptr);
  daos_array_close(array_, nullptr);
  daos_obj_close(shared_.handle, nullptr);
  daos_obj_close(own_.handle, nullptr);
  daos_eq_destroy(queue_, DAOS_EQ_DESTROY_FORCE);
}

template <class Call>
int World::call(const Operation& op, Call call) {
  if (!op.with_event) return call(nullptr);
  daos_event_t event, *done = nullptr;
  if (const int rc = daos_event_init(&event, queue_, nullptr); rc != 0) return rc;
  int rc = call(&event);
  if (rc == 0) {
    const int polled = daos_eq_poll(queue_, 1, DAOS_EQ_WAIT, 1, &done);
    rc = polled == 1 ? event.ev_error : -DER_MISC;
  }
  daos_event_fini(&event);
  return rc;
}

std::string World::run(const Operation& op) {
  switch (op.kind) {
    case Kind::kUpdate:
      return update(store(op), op);
    case Kind::kFetch:
      return fetch(store(op), op);
    case Kind::kWriteRecords:
      return write_records(store(op), op);
    case Kind::kRemoveRecords:
      return remove_records(store(op), op);
    case Kind::kFetchRecords:
      return fetch_records(store(op), op);
    case Kind::kPunchAkeys:
    case Kind::kPunchDkey:
    case Kind::kPunchObject:
      return punch(store(op), op);
    case Kind::kListDkeys:
      return list_dkeys(store(op), op);
    case Kind::kListAkeys:
      return list_akeys(store(op), op);
    case Kind::kListRecords:
      return list_records(store(op), op);
    case Kind::kQueryEpoch:
      return query_epoch(store(op));
    case Kind::kBurst:
      return burst(store(op), op);
    case Kind::kPut:
    case Kind::kGet:
    case Kind::kRemove:
      return key_value(op);
    case Kind::kListKeys:
      return list_keys();
    default:
      return array(op);
  }
}

// ------------------------------------------------------------------------------------------------------- values

int World::condition(const Store& store, const Operation& op) {
  const auto dkey = store.keys.find(op.dkey);
  const bool there = dkey != store.keys.end();
  const auto has = [&](uint32_t akey) { return there && dkey->second.contains(akey); };
  if ((op.flags & DAOS_COND_DKEY_INSERT) != 0 && there) return -DER_EXIST;
  if ((op.flags & (DAOS_COND_DKEY_UPDATE | DAOS_COND_DKEY_FETCH)) != 0 && !there) return -DER_NONEXIST;
  if ((op.flags & DAOS_COND_AKEY_INSERT) != 0 && std::ranges::any_of(op.akeys, has)) return -DER_EXIST;
  if ((op.flags & (DAOS_COND_AKEY_UPDATE | DAOS_COND_AKEY_FETCH)) != 0 && !std::ranges::all_of(op.akeys, has))
    return -DER_NONEXIST;
  if ((op.flags & DAOS_COND_PUNCH) != 0 && (op.akeys.empty() ? !there : !std::ranges::all_of(op.akeys, has)))
    return -DER_NONEXIST;
  return 0;
}

std::string World::update(Store& store, const Operation& op) {
  const std::string dkey_text = dkey_name(op.dkey);
  daos_key_t dkey = key_of(dkey_text);
  std::vector<std::string> names, values;
  for (const uint32_t akey : op.akeys) {
    names.push_back(akey_name(akey));
    values.push_back(content(op.id, akey, op.bytes));
  }
  std::vector<daos_iod_t> iods(names.size());
  std::vector<d_iov_t> iovs;
  std::vector<d_sg_list_t> sgls;
  for (std::string& value : values) iovs.push_back(key_of(value));
  for (size_t i = 0; i < names.size(); i++) {
    iods[i].iod_name = key_of(names[i]);
    iods[i].iod_type = DAOS_IOD_SINGLE;
    iods[i].iod_size = op.bytes;
    iods[i].iod_nr = 1;
    sgls.push_back({1, 0, &iovs[i]});
  }
  const int rc = call(op, [&](daos_event_t* ev) {
    return daos_obj_update(store.handle, DAOS_TX_NONE, op.flags, &dkey, static_cast<unsigned>(iods.size()), iods.data(),
                           op.bytes > 0 ? sgls.data() : nullptr, ev);
  });
  const int wanted = condition(store, op);
  if (wanted == 0) {
    for (size_t i = 0; i < op.akeys.size(); i++) store.keys[op.dkey][op.akeys[i]].single = values[i];
  }
  return expected("update", rc, wanted);
}

std::string World::fetch(Store& store, const Operation& op) {
  const std::string dkey_text = dkey_name(op.dkey);
  daos_key_t dkey = key_of(dkey_text);
  std::vector<std::string> names;
  for (const uint32_t akey : op.akeys) names.push_back(akey_name(akey));
  std::vector<std::string> buffers(names.size(), std::string(kValueBytesMax, '?'));
  std::vector<daos_iod_t> iods(names.size());
  std::vector<d_iov_t> iovs;
  std::vector<d_sg_list_t> sgls;
  for (std::string& buffer : buffers) iovs.push_back(key_of(buffer));
  for (size_t i = 0; i < names.size(); i++) {
    iods[i].iod_name = key_of(names[i]);
    iods[i].iod_type = DAOS_IOD_SINGLE;
    iods[i].iod_nr = 1;
    sgls.push_back({1, 0, &iovs[i]});
  }
  const int rc = call(op, [&](daos_event_t* ev) {
    return daos_obj_fetch(store.handle, DAOS_TX_NONE, op.flags, &dkey, static_cast<unsigned>(iods.size()), iods.data(),
                          sgls.data(), nullptr, ev);
  });
  const int wanted = condition(store, op);
  if (rc != 0 || wanted != 0) return expected("fetch", rc, wanted);
  for (size_t i = 0; i < op.akeys.size(); i++) {
    const auto found = store.keys.find(op.dkey);
    std::string value;
    if (found != store.keys.end() && found->second.contains(op.akeys[i])) value = found->second.at(op.akeys[i]).single;
    if (iods[i].iod_size != value.size()) {
      return names[i] + " has " + std::to_string(iods[i].iod_size) + " bytes, not " + std::to_string(value.size());
    }
    if (buffers[i].compare(0, value.size(), value) != 0) return names[i] + " has other bytes";
    if (value.size() < kValueBytesMax && buffers[i][value.size()] != '?') return names[i] + " wrote beyond its end";
  }
  return "";
}

std::string World::write_records(Store& store, const Operation& op) {
  const std::string dkey_text = dkey_name(op.dkey), name = akey_name(op.akeys[0]);
  daos_key_t dkey = key_of(dkey_text);
  std::vector<daos_recx_t> extents = extents_of(op);
  std::string data;
  for (const daos_recx_t& extent : extents) {
    for (uint64_t i = 0; i < extent.rx_nr; i++) data += record(op.id, extent.rx_idx + i, op.akeys[0]);
  }
  daos_iod_t iod{};
  iod.iod_name = key_of(name);
  iod.iod_type = DAOS_IOD_ARRAY;
  iod.iod_size = kRecordBytes[op.akeys[0] - kAkeysOfAKind];
  iod.iod_nr = static_cast<uint32_t>(extents.size());
  iod.iod_recxs = extents.data();
  d_iov_t iov = key_of(data);
  d_sg_list_t sgl{1, 0, &iov};
  const int rc = call(op, [&](daos_event_t* ev) {
    return daos_obj_update(store.handle, DAOS_TX_NONE, op.flags, &dkey, 1, &iod, &sgl, ev);
  });
  const int wanted = condition(store, op);
  if (wanted == 0) {
    Akey& akey = store.keys[op.dkey][op.akeys[0]];
    for (const daos_recx_t& extent : extents) {
      for (uint64_t i = 0; i < extent.rx_nr; i++) akey.records[extent.rx_idx + i] = op.id;
    }
  }
  return expected("update of records", rc, wanted);
}

std::string World::remove_records(Store& store, const Operation& op) {
  const std::string dkey_text = dkey_name(op.dkey), name = akey_name(op.akeys[0]);
  daos_key_t dkey = key_of(dkey_text);
  std::vector<daos_recx_t> extents = extents_of(op);
  daos_iod_t iod{};
  iod.iod_name = key_of(name);
  iod.iod_type = DAOS_IOD_ARRAY;
  iod.iod_nr = static_cast<uint32_t>(extents.size());
  iod.iod_recxs = extents.data();
  const int rc = call(op, [&](daos_event_t* ev) {
    return daos_obj_update(store.handle, DAOS_TX_NONE, 0, &dkey, 1, &iod, nullptr, ev);
  });
  Akey& akey = store.keys[op.dkey][op.akeys[0]];  // to remove nothing makes the key, too
  for (const daos_recx_t& extent : extents) {
    akey.records.erase(akey.records.lower_bound(extent.rx_idx), akey.records.lower_bound(extent.rx_idx + extent.rx_nr));
  }
  return expected("removal of records", rc, 0);
}

std::string World::fetch_records(Store& store, const Operation& op) {
  const std::string dkey_text = dkey_name(op.dkey), name = akey_name(op.akeys[0]);
  const uint64_t bytes = kRecordBytes[op.akeys[0] - kAkeysOfAKind];
  daos_key_t dkey = key_of(dkey_text);
  std::vector<daos_recx_t> extents = extents_of(op);
  std::string buffer(op.count * extents.size() * bytes, '?');
  std::string wanted = buffer;
  daos_iod_t iod{};
  iod.iod_name = key_of(name);
  iod.iod_type = DAOS_IOD_ARRAY;
  iod.iod_nr = static_cast<uint32_t>(extents.size());
  iod.iod_recxs = extents.data();
  d_iov_t iov = key_of(buffer);
  d_sg_list_t sgl{1, 0, &iov};
  const int rc = call(op, [&](daos_event_t* ev) {
    return daos_obj_fetch(store.handle, DAOS_TX_NONE, 0, &dkey, 1, &iod, &sgl, nullptr, ev);
  });
  if (rc != 0) return expected("fetch of records", rc, 0);
  bool any = false;
  const auto found = store.keys.find(op.dkey);
  if (found != store.keys.end() && found->second.contains(op.akeys[0])) {
    const Akey& akey = found->second.at(op.akeys[0]);
    uint64_t at = 0;
    for (const daos_recx_t& extent : extents) {
      for (uint64_t i = 0; i < extent.rx_nr; i++, at += bytes) {
        const auto written = akey.records.find(extent.rx_idx + i);
        if (written == akey.records.end()) continue;
        wanted.replace(at, bytes, record(written->second, extent.rx_idx + i, op.akeys[0]));
        any = true;
      }
    }
  }
  if (iod.iod_size != (any ? bytes : 0)) return name + " has records of " + std::to_string(iod.iod_size) + " bytes";
  for (uint64_t i = 0; i < op.count * extents.size(); i++) {
    if (buffer.compare(i * bytes, bytes, wanted, i * bytes, bytes) != 0) {
      return name + ": the " + std::to_string(i) + "th record differs";
    }
  }
  return "";
}

std::string World::burst(Store& store, const Operation& op) {
  struct One {
    daos_event_t event;
    std::string dkey, value;
    daos_key_t key;
    daos_iod_t iod{};
    d_iov_t iov;
    d_sg_list_t sgl;
  };
  static const std::string akey = akey_name(0);
  std::vector<One> all(kDkeys);
  int running = 0;
  std::string wrong;
  for (uint32_t i = 0; i < kDkeys; i++) {
    One& one = all[i];
    one.dkey = dkey_name(i);
    one.value = content(op.id, i, op.bytes);
    one.key = key_of(one.dkey);
    one.iod.iod_name = key_of(akey);
    one.iod.iod_type = DAOS_IOD_SINGLE;
    one.iod.iod_size = op.bytes;
    one.iod.iod_nr = 1;
    one.iov = key_of(one.value);
    one.sgl = {1, 0, &one.iov};
    daos_event_init(&one.event, queue_, nullptr);
    const int rc = daos_obj_update(store.handle, DAOS_TX_NONE, 0, &one.key, 1, &one.iod, &one.sgl, &one.event);
    running += rc == 0;
    if (rc != 0) wrong = expected("update by event", rc, 0);
    store.keys[i][0].single = one.value;
  }
  while (running > 0) {
    daos_event_t* done[kDkeys];
    const int count = daos_eq_poll(queue_, 1, DAOS_EQ_WAIT, kDkeys, done);
    if (count <= 0) return "a poll gave " + std::to_string(count);
    for (int i = 0; i < count; i++) {
      if (done[i]->ev_error != 0) wrong = expected("update by event", done[i]->ev_error, 0);
    }
    running -= count;
  }
  for (One& one : all) daos_event_fini(&one.event);
  return wrong;
}

// ------------------------------------------------------------------------------------------------------- keys

std::string World::punch(Store& store, const Operation& op) {
  const std::string dkey_text = dkey_name(op.dkey);
  daos_key_t dkey = key_of(dkey_text);
  std::vector<std::string> names;
  std::vector<daos_key_t> akeys;
  for (const uint32_t akey : op.akeys) names.push_back(akey_name(akey));
  for (const std::string& name : names) akeys.push_back(key_of(name));
  const int rc = call(op, [&](daos_event_t* ev) {
    if (op.kind == Kind::kPunchObject) return daos_obj_punch(store.handle, DAOS_TX_NONE, 0, ev);
    if (op.kind == Kind::kPunchDkey) return daos_obj_punch_dkeys(store.handle, DAOS_TX_NONE, op.flags, 1, &dkey, ev);
    return daos_obj_punch_akeys(store.handle, DAOS_TX_NONE, op.flags, &dkey, static_cast<unsigned>(akeys.size()),
                                akeys.data(), ev);
  });
  const int wanted = op.kind == Kind::kPunchObject ? 0 : condition(store, op);
  if (wanted != 0) return expected("punch", rc, wanted);
  if (op.kind == Kind::kPunchObject) {
    store.keys.clear();
  } else if (op.kind == Kind::kPunchDkey) {
    store.keys.erase(op.dkey);
  } else if (const auto found = store.keys.find(op.dkey); found != store.keys.end()) {
    for (const uint32_t akey : op.akeys) found->second.erase(akey);
    if (found->second.empty()) store.keys.erase(found);
  }
  return expected("punch", rc, wanted);
}

namespace {

/// All keys of an enumeration that begin with `prefix`, by calls with the room of `op`.
template <class Call>
std::string list_all(const Operation& op, const std::string& prefix, std::multiset<std::string>& found, Call call) {
  daos_anchor_t anchor{};
  const uint32_t room = 1 + static_cast<uint32_t>(op.id % 9);
  for (int calls = 0; !daos_anchor_is_eof(&anchor); calls++) {
    std::vector<daos_key_desc_t> kds(room);
    std::string memory(64 * room, '?');
    d_iov_t iov = key_of(memory);
    d_sg_list_t sgl{1, 0, &iov};
    uint32_t nr = room;
    if (const int rc = call(&nr, kds.data(), &sgl, &anchor); rc != 0) return expected("enumeration", rc, 0);
    if (nr > room || calls > 100'000) return "an enumeration does not end";
    size_t at = 0;
    for (uint32_t i = 0; i < nr; i++) {
      const std::string key = memory.substr(at, kds[i].kd_key_len);
      at += kds[i].kd_key_len;
      if (key.starts_with(prefix)) found.insert(key);
    }
  }
  return "";
}

std::string compare(const char* what, const std::multiset<std::string>& found, const std::set<std::string>& wanted) {
  for (const std::string& key : wanted) {
    if (!found.contains(key)) return std::string(what) + " " + key + " is missing in an enumeration";
  }
  for (const std::string& key : found) {
    if (!wanted.contains(key)) return std::string(what) + " " + key + " is in an enumeration and should not be there";
    if (found.count(key) > 1) return std::string(what) + " " + key + " comes twice";
  }
  return "";
}

}  // namespace

std::string World::list_dkeys(Store& store, const Operation& op) {
  std::multiset<std::string> found;
  const std::string wrong =
      list_all(op, prefix_, found, [&](uint32_t* nr, daos_key_desc_t* kds, d_sg_list_t* sgl, daos_anchor_t* anchor) {
        return call(op, [&](daos_event_t* ev) {
          return daos_obj_list_dkey(store.handle, DAOS_TX_NONE, nr, kds, sgl, anchor, ev);
        });
      });
  if (!wrong.empty()) return wrong;
  std::set<std::string> wanted;
  for (const auto& [dkey, akeys] : store.keys) wanted.insert(dkey_name(dkey));
  return compare("dkey", found, wanted);
}

std::string World::list_akeys(Store& store, const Operation& op) {
  const std::string dkey_text = dkey_name(op.dkey);
  daos_key_t dkey = key_of(dkey_text);
  std::multiset<std::string> found;
  const std::string wrong =
      list_all(op, "", found, [&](uint32_t* nr, daos_key_desc_t* kds, d_sg_list_t* sgl, daos_anchor_t* anchor) {
        return call(op, [&](daos_event_t* ev) {
          return daos_obj_list_akey(store.handle, DAOS_TX_NONE, &dkey, nr, kds, sgl, anchor, ev);
        });
      });
  if (!wrong.empty()) return wrong;
  std::set<std::string> wanted;
  if (const auto there = store.keys.find(op.dkey); there != store.keys.end()) {
    for (const auto& [akey, value] : there->second) wanted.insert(akey_name(akey));
  }
  return compare("akey", found, wanted);
}

std::string World::list_records(Store& store, const Operation& op) {
  const std::string dkey_text = dkey_name(op.dkey), name = akey_name(op.akeys[0]);
  daos_key_t dkey = key_of(dkey_text), akey = key_of(name);
  const bool upwards = op.id % 2 == 0;
  const uint32_t room = 1 + static_cast<uint32_t>(op.id % 7);
  std::set<uint64_t> found;
  daos_anchor_t anchor{};
  while (!daos_anchor_is_eof(&anchor)) {
    std::vector<daos_recx_t> recxs(room);
    uint32_t nr = room;
    daos_size_t size = 0;
    const int rc = call(op, [&](daos_event_t* ev) {
      return daos_obj_list_recx(store.handle, DAOS_TX_NONE, &dkey, &akey, &size, &nr, recxs.data(), nullptr, &anchor,
                                upwards, ev);
    });
    if (rc != 0) return expected("enumeration of records", rc, 0);
    if (nr > 0 && size != kRecordBytes[op.akeys[0] - kAkeysOfAKind])
      return name + " is listed with records of " + std::to_string(size) + " bytes";
    for (uint32_t i = 0; i < nr; i++) {
      for (uint64_t k = 0; k < recxs[i].rx_nr; k++) {
        if (!found.insert(recxs[i].rx_idx + k).second) return name + ": a record is listed twice";
      }
    }
  }
  std::set<uint64_t> wanted;
  const auto there = store.keys.find(op.dkey);
  if (there != store.keys.end() && there->second.contains(op.akeys[0])) {
    for (const auto& [index, id] : there->second.at(op.akeys[0]).records) wanted.insert(index);
  }
  return found == wanted ? ""
                         : name + ": " + std::to_string(found.size()) + " records are listed, there are " +
                               std::to_string(wanted.size());
}

std::string World::query_epoch(Store& store) {
  daos_epoch_t newest = 0;
  if (const int rc = daos_obj_query_max_epoch(store.handle, DAOS_TX_NONE, &newest, nullptr); rc != 0)
    return expected("epoch query", rc, 0);
  if (newest < store.newest) return "the newest epoch of an object went back";
  store.newest = newest;
  return "";
}

// ------------------------------------------------------------------------------------------------------- arrays

std::string World::array(const Operation& op) {
  daos_range_t range{op.start, op.count};
  daos_array_iod_t iod{1, &range, 0, 0};
  std::string data = op.kind == Kind::kArrayWrite ? content(op.id, 3, op.count) : std::string(op.count, '?');
  d_iov_t iov = key_of(data);
  d_sg_list_t sgl{1, 0, &iov};
  daos_size_t size = op.start;
  const int rc = call(op, [&](daos_event_t* ev) {
    if (op.kind == Kind::kArrayWrite) return daos_array_write(array_, DAOS_TX_NONE, &iod, &sgl, ev);
    if (op.kind == Kind::kArrayPunch) return daos_array_punch(array_, DAOS_TX_NONE, &iod, ev);
    if (op.kind == Kind::kArraySetSize) return daos_array_set_size(array_, DAOS_TX_NONE, size, ev);
    return daos_array_read(array_, DAOS_TX_NONE, &iod, &sgl, ev);
  });
  if (rc != 0) return expected("an array's operation", rc, 0);
  const uint64_t end = op.start + op.count;
  if (op.kind == Kind::kArrayWrite) {
    if (cells_.size() < end) cells_.resize(end, '\0');
    there_.resize(cells_.size(), false);
    cells_.replace(op.start, op.count, data);
    std::fill_n(there_.begin() + static_cast<std::ptrdiff_t>(op.start), op.count, true);
  } else if (op.kind == Kind::kArrayPunch) {
    for (uint64_t i = op.start; i < std::min<uint64_t>(end, cells_.size()); i++) {
      cells_[i] = '\0';
      there_[i] = false;
    }
    while (!there_.empty() && !there_.back()) there_.pop_back();
    cells_.resize(there_.size());
  } else if (op.kind == Kind::kArraySetSize) {
    cells_.resize(op.start, '\0');
    there_.resize(op.start, false);
    if (op.start > 0) there_[op.start - 1] = true;
  } else {
    const uint64_t below = cells_.size() > op.start ? std::min<uint64_t>(op.count, cells_.size() - op.start) : 0;
    const std::string wanted = (below > 0 ? cells_.substr(op.start, below) : "") + std::string(op.count - below, '?');
    if (data != wanted) return "the array has other bytes";
    if (iod.arr_nr_read != below)
      return "the array read " + std::to_string(iod.arr_nr_read) + " of " + std::to_string(below) + " bytes";
  }
  if (const int got = daos_array_get_size(array_, DAOS_TX_NONE, &size, nullptr); got != 0)
    return expected("size query", got, 0);
  return size == cells_.size()
             ? ""
             : "the array has " + std::to_string(size) + " bytes, not " + std::to_string(cells_.size());
}

// ------------------------------------------------------------------------------------------------------- key-value

std::string World::key_value(const Operation& op) {
  const std::string key = dkey_name(op.dkey);
  const auto old = values_.find(key);
  const bool there = old != values_.end();
  std::string value = op.kind == Kind::kPut ? content(op.id, 5, op.bytes) : std::string(kValueBytesMax, '?');
  daos_size_t size = value.size();
  const int rc = call(op, [&](daos_event_t* ev) {
    if (op.kind == Kind::kPut) return daos_kv_put(kv_, DAOS_TX_NONE, op.flags, key.c_str(), size, value.data(), ev);
    if (op.kind == Kind::kRemove) return daos_kv_remove(kv_, DAOS_TX_NONE, op.flags, key.c_str(), ev);
    return daos_kv_get(kv_, DAOS_TX_NONE, op.flags, key.c_str(), &size, value.data(), ev);
  });
  int wanted = 0;
  if ((op.flags & DAOS_COND_DKEY_INSERT) != 0 && there) wanted = -DER_EXIST;
  if ((op.flags & (DAOS_COND_DKEY_UPDATE | DAOS_COND_DKEY_FETCH | DAOS_COND_PUNCH)) != 0 && !there)
    wanted = -DER_NONEXIST;
  if (wanted != 0 || rc != 0) return expected(kKindNames[static_cast<size_t>(op.kind)], rc, wanted);
  if (op.kind == Kind::kPut) {
    values_[key] = value;
  } else if (op.kind == Kind::kRemove) {
    values_.erase(key);
  } else {
    const std::string expected_value = there ? old->second : "";
    if (size != expected_value.size())
      return "a value has " + std::to_string(size) + " bytes, not " + std::to_string(expected_value.size());
    if (value.compare(0, size, expected_value) != 0) return "a value has other bytes";
  }
  return "";
}

std::string World::list_keys() {
  std::multiset<std::string> found;
  const std::string wrong = list_all({.kind = Kind::kListKeys, .akeys = {}, .id = 3}, "", found,
                                     [&](uint32_t* nr, daos_key_desc_t* kds, d_sg_list_t* sgl, daos_anchor_t* anchor) {
                                       return daos_kv_list(kv_, DAOS_TX_NONE, nr, kds, sgl, anchor, nullptr);
                                     });
  if (!wrong.empty()) return wrong;
  std::set<std::string> wanted;
  for (const auto& [key, value] : values_) wanted.insert(key);
  return compare("key", found, wanted);
}

std::string World::check_all() {
  for (const bool shared : {false, true}) {
    for (uint32_t dkey = 0; dkey < kDkeys; dkey++) {
      for (uint32_t akey = 0; akey < kAkeysOfAKind; akey++) {
        for (const Operation& op :
             {Operation{.kind = Kind::kFetch, .shared = shared, .dkey = dkey, .akeys = {akey}},
              Operation{.kind = Kind::kFetchRecords,
                        .shared = shared,
                        .dkey = dkey,
                        .akeys = {kAkeysOfAKind + akey},
                        .count = kRecords},
              Operation{.kind = Kind::kListRecords, .shared = shared, .dkey = dkey, .akeys = {kAkeysOfAKind + akey}}}) {
          if (std::string wrong = run(op); !wrong.empty()) return op.text() + ": " + wrong;
        }
      }
      const Operation akeys{.kind = Kind::kListAkeys, .shared = shared, .dkey = dkey, .akeys = {}};
      if (std::string wrong = run(akeys); !wrong.empty()) return akeys.text() + ": " + wrong;
      if (shared) continue;
      const Operation value{.kind = Kind::kGet, .dkey = dkey, .akeys = {}};
      if (std::string wrong = run(value); !wrong.empty()) return value.text() + ": " + wrong;
    }
    const Operation dkeys{.kind = Kind::kListDkeys, .shared = shared, .akeys = {}};
    if (std::string wrong = run(dkeys); !wrong.empty()) return dkeys.text() + ": " + wrong;
  }
  const Operation read{.kind = Kind::kArrayRead, .akeys = {}, .count = kCells * 2};
  if (std::string wrong = run(read); !wrong.empty()) return read.text() + ": " + wrong;
  return list_keys();
}

}  // namespace api_model
