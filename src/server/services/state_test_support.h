// Commands to a state machine, answers from it, and what every state machine of this room must keep: the same commands
// give the same bytes, and a snapshot restores them. For the tests of this folder.
#pragma once

#include <gtest/gtest.h>

#include <vector>

#include "platform/consensus/replica.h"
#include "server/services/command.h"

namespace daos::services {

template <class Machine>
class Commanded {
 public:
  template <class Command>
  Result<typename Command::Answer> operator()(const Command& command) {
    log_.push_back(encode_command(command));
    Result<ByteVector> answer = machine_.apply(log_.back());
    if (!answer.ok()) return answer.status();
    return decode_answer<typename Command::Answer>(*answer);
  }
  const Machine& state() const { return machine_; }

  /// A second machine, halfway restored from a snapshot of itself, comes to the same bytes.
  void expect_determined() const {
    Machine again;
    for (size_t i = 0; i < log_.size(); i++) {
      if (i == log_.size() / 2) {
        Machine restored;
        ASSERT_TRUE(restored.restore(again.snapshot()).ok());
        EXPECT_EQ(restored.snapshot(), again.snapshot());
        again = std::move(restored);
      }
      ASSERT_TRUE(again.apply(log_[i]).ok());
    }
    EXPECT_EQ(again.snapshot(), machine_.snapshot());
  }
  /// Every other length of the snapshot, another format, and commands of a newer build are refused.
  void expect_refuses_what_it_cannot_read() const {
    const ByteVector whole = machine_.snapshot();
    for (size_t bytes = 0; bytes < whole.size(); bytes++) {
      Machine machine;
      EXPECT_FALSE(machine.restore(ByteSpan(whole).first(bytes)).ok()) << bytes;
    }
    ByteVector newer = whole;
    newer[0] = std::byte(9);
    Machine machine;
    EXPECT_EQ(machine.restore(newer).code(), Code::kFormatVersion);
    ByteVector longer = whole;
    longer.push_back(std::byte(0));
    EXPECT_EQ(machine.restore(longer).code(), Code::kFormatInvalid);
    EXPECT_EQ(machine.apply(encode(CommandHeader{.kind = 999, .format = 1})).code(), Code::kFormatVersion);
    EXPECT_EQ(machine.apply(encode(CommandHeader{.kind = 1, .format = 99})).code(), Code::kFormatVersion);
    EXPECT_FALSE(machine.apply({}).ok());
  }

 private:
  Machine machine_;
  std::vector<ByteVector> log_;
};

}  // namespace daos::services
