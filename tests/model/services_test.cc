// Goal: calls of the services have their one right outcome, whatever is lost on the way: a container is made once and
// goes once, a label is never taken by its own repetition, handles are counted right, numbers for objects never come
// twice. Run by with-system, with SYSTEM_DIR set and a pool "tank".
//
// Method: threads do random calls on containers, labels and attributes of their own and compare each answer with a
// model, while engines, above all the one with the services, are killed and start again.
//
//   MODEL_SEED, MODEL_SECONDS, MODEL_THREADS    other than the usual 1, 5, 4
#include <daos.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "engine_processes.h"
#include "operation.h"

namespace api_model {
namespace {

using Clock = std::chrono::steady_clock;

uint64_t setting(const char* name, uint64_t usual) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : usual;
}

/// What has been given out to anybody of the numbers for objects of the container that all share.
class Numbers {
 public:
  bool give(uint64_t first, uint64_t count) {
    std::lock_guard lock(mutex_);
    const auto behind = given_.lower_bound(first + count);
    const bool overlaps = behind != given_.begin() && std::prev(behind)->second > first;
    given_[first] = first + count;
    return !overlaps;
  }

 private:
  std::mutex mutex_;
  std::map<uint64_t, uint64_t> given_;
};

/// Containers of one thread, and what they should be.
class Customer {
 public:
  Customer(daos_handle_t pool, daos_handle_t common, Numbers& numbers, uint64_t number, uint64_t seed)
      : pool_(pool), common_(common), numbers_(numbers), number_(number), random_(seed * 100 + number) {}

  /// Empty, or what was wrong.
  std::string step() {
    const std::string label = "c" + std::to_string(number_) + "-" + std::to_string(random_.below(4));
    Container& container = containers_[label];
    last_ = label;
    switch (random_.below(9)) {
      case 0:
      case 1:
        return create(label, container);
      case 2:
        return destroy(label, container);
      case 3:
        return open(label, container);
      case 4:
        return close(container);
      case 5:
        return set_attribute(container);
      case 6:
        return get_attribute(container);
      case 7:
        return query(container);
      default:
        return take_numbers();
    }
  }
  std::string finish() {
    for (auto& [label, container] : containers_) {
      while (!container.handles.empty()) {
        if (std::string wrong = close(container); !wrong.empty()) return wrong;
      }
      if (std::string wrong = destroy(label, container); !wrong.empty()) return wrong;
    }
    return "";
  }
  const std::string& last() const { return last_; }
  uint64_t calls() const { return calls_; }

 private:
  struct Container {
    bool there = false;
    std::vector<daos_handle_t> handles;
    std::map<std::string, std::string> attributes;
  };

  std::string expect(const char* what, int got, int wanted) {
    calls_++;
    last_ += std::string(" ") + what;
    return got == wanted ? "" : std::string(what) + " gave " + d_errstr(got) + ", not " + d_errstr(wanted);
  }
  std::string create(const std::string& label, Container& container) {
    const int rc = daos_cont_create_with_label(pool_, label.c_str(), nullptr, nullptr, nullptr);
    const int wanted = container.there ? -DER_EXIST : 0;
    if (!container.there) container = {.there = true, .handles = {}, .attributes = {}};
    return expect("create", rc, wanted);
  }
  std::string destroy(const std::string& label, Container& container) {
    const bool force = random_.one_in(3);
    const int rc = daos_cont_destroy(pool_, label.c_str(), force, nullptr);
    const bool busy = container.there && !container.handles.empty() && !force;
    const int wanted = busy ? -DER_BUSY : container.there ? 0 : -DER_NONEXIST;
    std::string wrong = expect("destroy", rc, wanted);
    if (wanted != 0 || !wrong.empty()) return wrong;
    for (const daos_handle_t handle : container.handles) {
      if (const int closed = daos_cont_close(handle, nullptr); closed != 0)
        wrong = expect("close of an evicted handle", closed, 0);
    }
    container = {};
    return wrong;
  }
  std::string open(const std::string& label, Container& container) {
    daos_handle_t handle = DAOS_HDL_INVAL;
    daos_cont_info_t info{};
    const int rc = daos_cont_open(pool_, label.c_str(), DAOS_COO_RW, &handle, &info, nullptr);
    std::string wrong = expect("open", rc, container.there ? 0 : -DER_NONEXIST);
    if (rc != 0 || !wrong.empty()) return wrong;
    container.handles.push_back(handle);
    if (info.ci_nhandles != container.handles.size())
      return "open counted " + std::to_string(info.ci_nhandles) + " handles";
    return "";
  }
  std::string close(Container& container) {
    if (container.handles.empty()) return "";
    const daos_handle_t handle = container.handles.back();
    container.handles.pop_back();
    return expect("close", daos_cont_close(handle, nullptr), 0);
  }
  std::string set_attribute(Container& container) {
    if (container.handles.empty()) return "";
    const std::string name = "a" + std::to_string(random_.below(3)), value = std::to_string(++written_);
    const char* names[] = {name.c_str()};
    const void* values[] = {value.data()};
    const size_t sizes[] = {value.size()};
    if (random_.one_in(4)) {
      container.attributes.erase(name);
      return expect("delete of an attribute", daos_cont_del_attr(container.handles[0], 1, names, nullptr), 0);
    }
    container.attributes[name] = value;
    return expect("attribute", daos_cont_set_attr(container.handles[0], 1, names, values, sizes, nullptr), 0);
  }
  std::string get_attribute(Container& container) {
    if (container.handles.empty()) return "";
    char names[64];
    size_t bytes = sizeof names;
    if (const int rc = daos_cont_list_attr(container.handles[0], names, &bytes, nullptr); rc != 0)
      return expect("list", rc, 0);
    std::set<std::string> found, wanted;
    for (size_t at = 0; at < bytes; at += std::strlen(names + at) + 1) found.insert(names + at);
    for (const auto& [name, value] : container.attributes) wanted.insert(name);
    if (found != wanted)
      return "the list of attributes has " + std::to_string(found.size()) + " of " + std::to_string(wanted.size());
    for (const auto& [name, value] : container.attributes) {
      char buffer[32];
      void* buffers[] = {buffer};
      const char* one[] = {name.c_str()};
      size_t sizes[] = {sizeof buffer};
      if (const int rc = daos_cont_get_attr(container.handles[0], 1, one, buffers, sizes, nullptr); rc != 0)
        return expect("get", rc, 0);
      if (std::string(buffer, sizes[0]) != value)
        return "attribute " + name + " is " + std::string(buffer, sizes[0]) + ", not " + value;
    }
    return "";
  }
  std::string query(Container& container) {
    if (container.handles.empty()) return "";
    daos_cont_info_t info{};
    std::string wrong = expect("query", daos_cont_query(container.handles[0], &info, nullptr, nullptr), 0);
    if (wrong.empty() && info.ci_nhandles != container.handles.size()) {
      wrong = "a query counted " + std::to_string(info.ci_nhandles) + " handles of " +
              std::to_string(container.handles.size());
    }
    return wrong;
  }
  std::string take_numbers() {
    const uint64_t count = 1 + random_.below(100);
    uint64_t first = 0;
    std::string wrong = expect("numbers", daos_cont_alloc_oids(common_, count, &first, nullptr), 0);
    if (wrong.empty() && !numbers_.give(first, count))
      wrong = "numbers from " + std::to_string(first) + " on were given before";
    return wrong;
  }

  daos_handle_t pool_, common_;
  Numbers& numbers_;
  const uint64_t number_;
  Random random_;
  std::map<std::string, Container> containers_;
  std::string last_;
  uint64_t written_ = 0, calls_ = 0;
};

int run() {
  const uint64_t seed = setting("MODEL_SEED", 1), length = setting("MODEL_SECONDS", 5),
                 threads = setting("MODEL_THREADS", 4);
  std::printf("seed %s: %s threads for %s s\n", std::to_string(seed).c_str(), std::to_string(threads).c_str(),
              std::to_string(length).c_str());
  std::fflush(stdout);
  daos_handle_t pool, common;
  if (daos_init() != 0 || daos_pool_connect("tank", nullptr, DAOS_PC_RW, &pool, nullptr, nullptr) != 0 ||
      daos_cont_create_with_label(pool, "common", nullptr, nullptr, nullptr) != 0 ||
      daos_cont_open(pool, "common", DAOS_COO_RW, &common, nullptr, nullptr) != 0) {
    std::fputs("the test could not begin\n", stderr);
    return 2;
  }
  Numbers numbers;
  std::atomic<bool> right{true};
  std::atomic<uint64_t> calls{0}, running{threads};
  const Clock::time_point until = Clock::now() + std::chrono::seconds(length);
  {
    std::vector<std::jthread> all;
    for (uint64_t t = 0; t < threads; t++) {
      all.emplace_back([&, t] {
        Customer customer(pool, common, numbers, t, seed);
        std::vector<std::string> history;
        std::string wrong;
        while (wrong.empty() && right && Clock::now() < until) {
          wrong = customer.step();
          history.push_back(customer.last());
        }
        if (wrong.empty() && right) wrong = customer.finish();
        calls += customer.calls();
        running--;
        if (wrong.empty()) return;
        right = false;
        std::string text = "seed " + std::to_string(seed) + ", thread " + std::to_string(t) + ": " + wrong + " (" +
                           customer.last() + ")\n";
        for (size_t i = history.size() > 20 ? history.size() - 20 : 0; i < history.size(); i++)
          text += "  " + history[i] + "\n";
        std::fputs(text.c_str(), stderr);
      });
    }
    Random random(seed);
    uint64_t killed = 0;
    while (running > 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100 + random.below(900)));
      if (Clock::now() >= until) continue;
      // The services are on the first engine.
      for (const pid_t engine : api_test::engines(random.one_in(4) ? "engine-1" : "engine-0"))
        killed += kill(engine, SIGKILL) == 0;
    }
    std::printf("%s engines killed\n", std::to_string(killed).c_str());
    if (killed == 0) right = false;
  }
  daos_size_t left = 0;
  const int listed = daos_pool_list_cont(pool, &left, nullptr, nullptr);
  if (right && (listed != 0 || left != 1)) {
    std::fprintf(stderr, "%s containers are left: %s\n", std::to_string(left).c_str(), d_errstr(listed));
    right = false;
  }
  const bool closed = daos_cont_close(common, nullptr) == 0 && daos_cont_destroy(pool, "common", 0, nullptr) == 0 &&
                      daos_pool_disconnect(pool, nullptr) == 0 && daos_fini() == 0;
  std::printf("seed %s: %s calls, %s\n", std::to_string(seed).c_str(), std::to_string(calls).c_str(),
              right && closed ? "every answer was right" : "FAILED");
  return right && closed ? 0 : 1;
}

}  // namespace
}  // namespace api_model

int main() { return api_model::run(); }
