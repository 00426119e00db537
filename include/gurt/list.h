/**
 * Linked lists whose links are members of the records: doubly linked rings (d_list) and lists with a one-word head
 * (d_hlist, for hash tables). Nothing is allocated; no locks.
 */
#ifndef GURT_LIST_H
#define GURT_LIST_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef container_of
/** The record whose `member` is at `ptr`. */
#define container_of(ptr, type, member) ((type*)((char*)(ptr) - offsetof(type, member)))
#endif

/* ---- rings ---- */

/** A link, or the head of a ring; an empty ring's head points to itself. */
typedef struct d_list_head {
  struct d_list_head* next;
  struct d_list_head* prev;
} d_list_t;

#define D_LIST_HEAD_INIT(name) {&(name), &(name)}
/** Defines an empty ring. */
#define D_LIST_HEAD(name) d_list_t name = D_LIST_HEAD_INIT(name)

static inline void D_INIT_LIST_HEAD(d_list_t* head) {
  head->next = head;
  head->prev = head;
}

/* Puts `node` between two neighbours. */
static inline void d_list_put_between_(d_list_t* node, d_list_t* before, d_list_t* after) {
  node->prev = before;
  node->next = after;
  before->next = node;
  after->prev = node;
}

/** Adds behind `head`: a stack. */
static inline void d_list_add(d_list_t* node, d_list_t* head) { d_list_put_between_(node, head, head->next); }
/** Adds before `head`, at the end: a queue. */
static inline void d_list_add_tail(d_list_t* node, d_list_t* head) { d_list_put_between_(node, head->prev, head); }

/** Takes a link out; it is then undefined. */
static inline void d_list_del(d_list_t* node) {
  node->prev->next = node->next;
  node->next->prev = node->prev;
}
/** Takes a link out and makes it an empty ring. */
static inline void d_list_del_init(d_list_t* node) {
  d_list_del(node);
  D_INIT_LIST_HEAD(node);
}

static inline void d_list_move(d_list_t* node, d_list_t* head) {
  d_list_del(node);
  d_list_add(node, head);
}
static inline void d_list_move_tail(d_list_t* node, d_list_t* head) {
  d_list_del(node);
  d_list_add_tail(node, head);
}

static inline int d_list_empty(const d_list_t* head) { return head->next == head; }
/** Empty by both of its links. */
static inline int d_list_empty_careful(const d_list_t* head) { return head->next == head && head->prev == head; }

/** Puts the records of `list` behind `head`; `list` is then undefined. */
static inline void d_list_splice(d_list_t* list, d_list_t* head) {
  d_list_t* first = list->next;
  d_list_t* last = list->prev;
  if (d_list_empty(list)) return;
  last->next = head->next;
  head->next->prev = last;
  head->next = first;
  first->prev = head;
}
/** The same; `list` is then empty. */
static inline void d_list_splice_init(d_list_t* list, d_list_t* head) {
  d_list_splice(list, head);
  D_INIT_LIST_HEAD(list);
}

/** The record of a link. */
#define d_list_entry(ptr, type, member) container_of(ptr, type, member)

static inline d_list_t* d_list_pop_link_(d_list_t* head) {
  d_list_t* first = head->next;
  if (first == head) return NULL;
  d_list_del_init(first);
  return first;
}
/** Takes the first record out and yields it, or NULL. */
#define d_list_pop_entry(head, type, member)                          \
  ({                                                                  \
    d_list_t* d_popped_ = d_list_pop_link_(head);                     \
    d_popped_ != NULL ? d_list_entry(d_popped_, type, member) : NULL; \
  })

/* Loops over links. The _safe ones allow the current link to be taken out. */
#define d_list_for_each(pos, head) for ((pos) = (head)->next; (pos) != (head); (pos) = (pos)->next)
#define d_list_for_each_safe(pos, n, head) \
  for ((pos) = (head)->next, (n) = (pos)->next; (pos) != (head); (pos) = (n), (n) = (pos)->next)
#define d_list_for_each_prev(pos, head) for ((pos) = (head)->prev; (pos) != (head); (pos) = (pos)->prev)

/* Loops over records; _typed ones are told the type of `pos`. */
#define d_list_for_each_entry_typed(type, pos, head, member)                       \
  for ((pos) = d_list_entry((head)->next, type, member); &(pos)->member != (head); \
       (pos) = d_list_entry((pos)->member.next, type, member))
#define d_list_for_each_entry_reverse_typed(type, pos, head, member)               \
  for ((pos) = d_list_entry((head)->prev, type, member); &(pos)->member != (head); \
       (pos) = d_list_entry((pos)->member.prev, type, member))
#define d_list_for_each_entry_continue_typed(type, pos, head, member)                    \
  for ((pos) = d_list_entry((pos)->member.next, type, member); &(pos)->member != (head); \
       (pos) = d_list_entry((pos)->member.next, type, member))
#define d_list_for_each_entry_safe_typed(type, pos, n, head, member)                                           \
  for ((pos) = d_list_entry((head)->next, type, member), (n) = d_list_entry((pos)->member.next, type, member); \
       &(pos)->member != (head); (pos) = (n), (n) = d_list_entry((n)->member.next, type, member))
#define d_list_for_each_entry_reverse_safe_typed(type, pos, n, head, member)                                   \
  for ((pos) = d_list_entry((head)->prev, type, member), (n) = d_list_entry((pos)->member.prev, type, member); \
       &(pos)->member != (head); (pos) = (n), (n) = d_list_entry((n)->member.prev, type, member))
#define d_list_for_each_entry_safe_from_typed(type, pos, n, head, member)              \
  for ((n) = d_list_entry((pos)->member.next, type, member); &(pos)->member != (head); \
       (pos) = (n), (n) = d_list_entry((n)->member.next, type, member))

#define d_list_for_each_entry(pos, head, member) d_list_for_each_entry_typed(__typeof__(*(pos)), pos, head, member)
#define d_list_for_each_entry_reverse(pos, head, member) \
  d_list_for_each_entry_reverse_typed(__typeof__(*(pos)), pos, head, member)
#define d_list_for_each_entry_continue(pos, head, member) \
  d_list_for_each_entry_continue_typed(__typeof__(*(pos)), pos, head, member)
#define d_list_for_each_entry_safe(pos, n, head, member) \
  d_list_for_each_entry_safe_typed(__typeof__(*(pos)), pos, n, head, member)
#define d_list_for_each_entry_reverse_safe(pos, n, head, member) \
  d_list_for_each_entry_reverse_safe_typed(__typeof__(*(pos)), pos, n, head, member)
#define d_list_for_each_entry_safe_from(pos, n, head, member) \
  d_list_for_each_entry_safe_from_typed(__typeof__(*(pos)), pos, n, head, member)

/* ---- lists with a one-word head ---- */

typedef struct d_hlist_node {
  struct d_hlist_node* next;
  struct d_hlist_node** pprev; /**< what points to this node; NULL when it is on no list */
} d_hlist_node_t;

typedef struct d_hlist_head {
  d_hlist_node_t* first;
} d_hlist_head_t;

#define D_HLIST_HEAD_INIT {NULL}
#define D_HLIST_HEAD(name) d_hlist_head_t name = D_HLIST_HEAD_INIT

static inline void D_INIT_HLIST_HEAD(d_hlist_head_t* head) { head->first = NULL; }
static inline void D_INIT_HLIST_NODE(d_hlist_node_t* node) {
  node->next = NULL;
  node->pprev = NULL;
}

static inline int d_hlist_unhashed(const d_hlist_node_t* node) { return node->pprev == NULL; }
static inline int d_hlist_empty(const d_hlist_head_t* head) { return head->first == NULL; }

static inline void d_hlist_del(d_hlist_node_t* node) {
  *node->pprev = node->next;
  if (node->next != NULL) node->next->pprev = node->pprev;
}
static inline void d_hlist_del_init(d_hlist_node_t* node) {
  if (d_hlist_unhashed(node)) return;
  d_hlist_del(node);
  D_INIT_HLIST_NODE(node);
}

static inline void d_hlist_add_head(d_hlist_node_t* node, d_hlist_head_t* head) {
  node->next = head->first;
  if (head->first != NULL) head->first->pprev = &node->next;
  head->first = node;
  node->pprev = &head->first;
}
/** Adds `node` before `next`, which is on a list. */
static inline void d_hlist_add_before(d_hlist_node_t* node, d_hlist_node_t* next) {
  node->pprev = next->pprev;
  node->next = next;
  next->pprev = &node->next;
  *node->pprev = node;
}
/** Adds `next` behind `node`, which is on a list. */
static inline void d_hlist_add_after(d_hlist_node_t* node, d_hlist_node_t* next) {
  next->next = node->next;
  node->next = next;
  next->pprev = &node->next;
  if (next->next != NULL) next->next->pprev = &next->next;
}

#define d_hlist_entry(ptr, type, member) container_of(ptr, type, member)

#define dhlist_for_each(pos, head) for ((pos) = (head)->first; (pos) != NULL; (pos) = (pos)->next)
#define dhlist_for_each_safe(pos, n, head) \
  for ((pos) = (head)->first; (pos) != NULL && ((n) = (pos)->next, 1); (pos) = (n))
#define dhlist_for_each_entry(tpos, pos, head, member)                                                        \
  for ((pos) = (head)->first; (pos) != NULL && ((tpos) = d_hlist_entry(pos, __typeof__(*(tpos)), member), 1); \
       (pos) = (pos)->next)
#define dhlist_for_each_entry_safe(tpos, pos, n, head, member)                                                   \
  for ((pos) = (head)->first;                                                                                    \
       (pos) != NULL && ((n) = (pos)->next, 1) && ((tpos) = d_hlist_entry(pos, __typeof__(*(tpos)), member), 1); \
       (pos) = (n))

#ifdef __cplusplus
}
#endif
#endif /* GURT_LIST_H */
