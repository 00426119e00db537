// Goal: any graph of tasks comes to its end, in an order that respects it, with the results that the rules give.
// Method: random graphs over two schedulers, whose tasks complete at once, later, in a preparation, through sub-tasks,
// or after several runs; a plain model predicts each result from the order in which tasks were done. With one thread
// the prediction is exact. With several, for ThreadSanitizer too, it is a set.
#include <daos_errno.h>
#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <mutex>
#include <thread>

#include "client/capi/tse_scheduler.h"
#include "platform/runtime/rng.h"

namespace daos::capi {
namespace {

class Graph;

/// A task and what the model knows of it.
struct Node {
  enum class Kind { kAtOnce, kLater, kNoBody, kPrepared, kParent };

  Graph* graph = nullptr;
  int index = 0;
  tse_task_t* task = nullptr;  // with a reference
  std::vector<Node*> dependencies;
  Kind kind = Kind::kAtOnce;
  int own_result = 0;
  int runs_wanted = 1;
  bool again_in_body = false;  // else in a completion callback
  bool deaf = false;
  int sub_tasks = 0;
  int sub_task_result = 0;

  std::atomic<int> runs{0};
  std::atomic<int> completions{0};
  int inherited = 0;  // one thread: the result of the first dependency done that failed
};

class Graph {
 public:
  Graph(uint64_t seed, int tasks, bool exact) : rng_(seed), exact_(exact) {
    for (tse_sched_t& sched : scheds_) EXPECT_EQ(tse_sched_init(&sched, nullptr, nullptr), 0);
    for (int i = 0; i < tasks; i++) add(i);
    std::vector<Node*> order;
    for (Node& node : nodes_) order.push_back(&node);
    for (size_t i = order.size(); i > 1; i--) std::swap(order[i - 1], order[rng_.below(i)]);
    for (Node* node : order) schedule(*node);
  }
  ~Graph() {
    for (Node& node : nodes_) tse_task_decref(node.task);
    for (tse_sched_t& sched : scheds_) tse_sched_fini(&sched);
  }

  bool done() { return tse_sched_check_complete(&scheds_[0]) && tse_sched_check_complete(&scheds_[1]); }
  /// One round of everything; `who` decides with which scheduler it begins.
  void step(size_t who) {
    for (size_t i = 0; i < 2; i++) tse_sched_progress(&scheds_[(who + i) % 2]);
    tse_task_t* task = nullptr;
    int result = 0;
    {
      std::lock_guard lock(mutex_);
      if (later_.empty()) return;
      task = later_.front().first;
      result = later_.front().second;
      later_.pop_front();
    }
    tse_task_complete(task, result);
  }
  void check() {
    for (Node& node : nodes_) {
      EXPECT_EQ(node.completions, 1) << node.index;
      const bool never_ran = node.kind == Node::Kind::kNoBody || node.kind == Node::Kind::kPrepared;
      EXPECT_EQ(node.runs, never_ran ? 0 : node.runs_wanted) << node.index;
      if (exact_) {
        EXPECT_EQ(node.task->dt_result, expected(node)) << node.index;
      } else {
        EXPECT_TRUE(is_possible(node)) << node.index << ": " << node.task->dt_result;
      }
    }
  }

 private:
  static int own_failure(const Node& node) {
    if (node.kind != Node::Kind::kParent || node.sub_tasks == 0) return node.own_result;
    return node.deaf ? 0 : node.sub_task_result;
  }
  int expected(const Node& node) {
    if (node.runs_wanted == 1 && node.inherited != 0) return node.inherited;
    return own_failure(node);
  }
  bool is_possible(const Node& node) {
    const int result = node.task->dt_result;
    if (result == own_failure(node)) return true;
    if (node.deaf || node.runs_wanted > 1) return false;
    for (const Node* dependency : node.dependencies) {
      if (result == dependency->task->dt_result) return true;
    }
    return false;
  }

  void add(int index) {
    Node& node = nodes_.emplace_back();
    node.graph = this;
    node.index = index;
    node.kind = static_cast<Node::Kind>(rng_.below(5));
    node.own_result = rng_.chance_ppm(200'000) ? -static_cast<int>(2000 + index) : 0;
    node.deaf = rng_.chance_ppm(100'000);
    const bool may_repeat = node.kind != Node::Kind::kNoBody && node.kind != Node::Kind::kPrepared;
    if (may_repeat && rng_.chance_ppm(200'000)) node.runs_wanted = static_cast<int>(rng_.between(2, 4));
    node.again_in_body = rng_.chance_ppm(500'000);
    node.sub_tasks = node.kind == Node::Kind::kParent ? static_cast<int>(rng_.below(4)) : 0;
    node.sub_task_result = rng_.chance_ppm(300'000) ? -static_cast<int>(5000 + index) : 0;

    tse_sched_t* sched = &scheds_[rng_.below(2)];
    const tse_task_func_t run = node.kind == Node::Kind::kNoBody ? nullptr : body;
    EXPECT_EQ(tse_task_create(run, sched, &node, &node.task), 0);
    tse_task_addref(node.task);
    if (node.deaf) tse_disable_propagate(node.task);
    // Runs last: the task is done.
    EXPECT_EQ(tse_task_register_comp_cb(node.task, on_done, nullptr, 0), 0);
    if (!node.again_in_body && node.runs_wanted > 1) again_on_completion(node.task);
    const bool with_preparation = node.kind == Node::Kind::kPrepared || node.kind == Node::Kind::kNoBody;
    if (with_preparation) {
      EXPECT_EQ(tse_task_register_cbs(node.task, prepare, nullptr, 0, nullptr, nullptr, 0), 0);
    }
    std::vector<tse_task_t*> tasks;
    for (uint64_t n = rng_.below(4); n > 0 && index > 0; n--) {
      node.dependencies.push_back(&nodes_[rng_.below(static_cast<uint64_t>(index))]);
      tasks.push_back(node.dependencies.back()->task);
    }
    EXPECT_EQ(tse_task_register_deps(node.task, static_cast<int>(tasks.size()), tasks.data()), 0);
  }
  void schedule(Node& node) {
    if (rng_.chance_ppm(100'000)) {
      EXPECT_EQ(tse_task_schedule_with_delay(node.task, false, 1), 0);
    } else {
      EXPECT_EQ(tse_task_schedule(node.task, rng_.chance_ppm(300'000)), 0);
    }
  }

  static Node& of(tse_task_t* task) { return *static_cast<Node*>(tse_task_get_priv(task)); }
  void finish_later(tse_task_t* task, int result) {
    std::lock_guard lock(mutex_);
    later_.emplace_back(task, result);
  }
  static void again_on_completion(tse_task_t* task) {
    EXPECT_EQ(tse_task_register_comp_cb(task, on_again, nullptr, 0), 0);
  }

  /// What must be true whenever a body or a preparation begins.
  static void check_begin(Node& node) {
    for (const Node* dependency : node.dependencies) EXPECT_EQ(dependency->completions, 1) << node.index;
    if (node.graph->exact_) EXPECT_EQ(node.task->dt_result, node.runs == 0 ? node.inherited : 0) << node.index;
  }
  static int prepare(tse_task_t* task, void*) {
    Node& node = of(task);
    check_begin(node);
    if (node.kind == Node::Kind::kPrepared) {
      tse_task_complete(task, node.own_result);
    } else {
      node.graph->finish_later(task, node.own_result);
    }
    return 0;
  }
  static int body(tse_task_t* task) {
    Node& node = of(task);
    check_begin(node);
    const int run = ++node.runs;
    if (run < node.runs_wanted && node.again_in_body) {
      EXPECT_EQ(tse_task_reinit(task), 0);
    } else if (node.kind == Node::Kind::kParent && node.sub_tasks > 0) {
      add_sub_tasks(node);
    } else if (node.kind == Node::Kind::kLater) {
      node.graph->finish_later(task, node.own_result);
    } else {
      tse_task_complete(task, node.own_result);
    }
    return 0;
  }
  static void add_sub_tasks(Node& node) {
    std::vector<tse_task_t*> children;
    for (int i = 0; i < node.sub_tasks; i++) {
      tse_sched_t* sched = &node.graph->scheds_[(node.index + i) % 2];
      children.emplace_back();
      EXPECT_EQ(tse_task_create(
                    [](tse_task_t* child) {
                      tse_task_complete(child, of(child).sub_task_result);
                      return 0;
                    },
                    sched, &node, &children.back()),
                0);
    }
    EXPECT_EQ(tse_task_register_deps(node.task, node.sub_tasks, children.data()), 0);
    for (size_t i = 0; i < children.size(); i++) {
      EXPECT_EQ(tse_task_schedule(children[i], (node.index + static_cast<int>(i)) % 3 == 0), 0);
    }
  }
  static int on_again(tse_task_t* task, void*) {
    Node& node = of(task);
    if (node.runs >= node.runs_wanted) return 0;
    again_on_completion(task);
    EXPECT_EQ(tse_task_reinit(task), 0);
    return -DER_MISC;
  }
  static int on_done(tse_task_t* task, void*) {
    Node& node = of(task);
    node.completions++;
    if (!node.graph->exact_ || task->dt_result == 0) return 0;
    for (Node& other : node.graph->nodes_) {
      for (const Node* dependency : other.dependencies) {
        if (dependency == &node && !other.deaf && other.inherited == 0) other.inherited = task->dt_result;
      }
    }
    return 0;
  }

  runtime::Rng rng_;
  const bool exact_;
  tse_sched_t scheds_[2];
  std::deque<Node> nodes_;
  std::mutex mutex_;
  std::deque<std::pair<tse_task_t*, int>> later_;  // guarded by mutex_
};

TEST(TseGraph, EveryGraphEndsAsTheRulesSay) {
  for (uint64_t seed = 1; seed <= 300; seed++) {
    SCOPED_TRACE(seed);
    Graph graph(seed, static_cast<int>(1 + seed % 60), true);
    for (int round = 0; !graph.done() && round < 10'000; round++) graph.step(static_cast<size_t>(round));
    ASSERT_TRUE(graph.done());
    graph.check();
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(TseGraph, SeveralThreadsMakeProgress) {
  constexpr int kThreads = 4;
  for (uint64_t seed = 1; seed <= 20; seed++) {
    SCOPED_TRACE(seed);
    Graph graph(seed, 200, false);
    std::vector<std::thread> threads;
    for (size_t i = 0; i < kThreads; i++) {
      threads.emplace_back([&graph, i] {
        while (!graph.done()) graph.step(i);
      });
    }
    for (std::thread& thread : threads) thread.join();
    graph.check();
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace daos::capi
