#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace signet::http {

// One deadline, a member of what it times.
struct TimerNode {
  TimerNode* previous = nullptr;
  TimerNode* next = nullptr;
  std::int64_t visit_at = 0;
  std::int64_t deadline = 0;  // 0: none
};

// Deadlines in whole seconds for one loop. Moving a deadline into the future, which happens on
// every request, only stores a number: the node is looked at when its slot comes and put where it
// belongs then.
class TimerWheel {
 public:
  explicit TimerWheel(std::int64_t now) : now_(now) {
    for (TimerNode& slot : slots_) {
      slot.previous = slot.next = &slot;
    }
  }

  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;
  TimerWheel(TimerWheel&&) = delete;
  TimerWheel& operator=(TimerWheel&&) = delete;
  ~TimerWheel() = default;

  [[nodiscard]] std::int64_t now() const { return now_; }

  void set(TimerNode& node, std::int64_t deadline) {
    node.deadline = deadline;
    if (deadline != 0 && (node.next == nullptr || deadline < node.visit_at)) {
      unlink(node);
      link(node);
    }
  }

  void remove(TimerNode& node) {
    unlink(node);
    node.deadline = 0;
  }

  // Calls `fire(node)` for every node whose deadline is at or before `now`; it has no deadline
  // then, and may be set or removed in the call.
  template <class Fire>
  void advance(std::int64_t now, const Fire& fire) {
    while (now_ < now) {
      // After a long stop of the process no more than one turn is needed.
      now_ = now - now_ > kSlots ? now - kSlots : now_ + 1;
      visit(slots_[static_cast<std::size_t>(now_ % kSlots)], now, fire);
    }
  }

 private:
  static constexpr std::int64_t kSlots = 64;

  template <class Fire>
  void visit(TimerNode& slot, std::int64_t now, const Fire& fire) {
    TimerNode due;
    due.previous = due.next = &due;
    if (slot.next != &slot) {
      due = slot;
      due.next->previous = due.previous->next = &due;
      slot.previous = slot.next = &slot;
    }
    while (due.next != &due) {
      TimerNode& node = *due.next;
      unlink(node);
      if (node.deadline == 0) {
        continue;
      }
      if (node.deadline > now) {
        link(node);
        continue;
      }
      node.deadline = 0;
      fire(node);
    }
  }

  void link(TimerNode& node) {
    const std::int64_t soonest = now_ + 1;
    const std::int64_t latest = now_ + kSlots - 1;
    node.visit_at = node.deadline < soonest  ? soonest
                    : node.deadline > latest ? latest
                                             : node.deadline;
    TimerNode& slot = slots_[static_cast<std::size_t>(node.visit_at % kSlots)];
    node.next = &slot;
    node.previous = slot.previous;
    slot.previous->next = &node;
    slot.previous = &node;
  }

  static void unlink(TimerNode& node) {
    if (node.next != nullptr) {
      node.previous->next = node.next;
      node.next->previous = node.previous;
      node.previous = node.next = nullptr;
    }
  }

  std::int64_t now_;
  std::array<TimerNode, static_cast<std::size_t>(kSlots)> slots_;
};

}  // namespace signet::http
