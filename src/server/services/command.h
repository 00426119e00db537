// Commands and answers of state machines, as bytes. A command is its kind and format, then the struct; an answer is a
// code, a message, and a struct of the command's own choice.
#pragma once

#include <string>

#include "platform/base/codec.h"
#include "platform/base/status.h"

namespace daos::services {

/// Each command struct has kKind (never reused within its machine), kFormat and Answer.
template <class Command>
ByteVector encode_command(const Command& command) {
  ByteVector bytes;
  Encoder encoder(bytes);
  encoder(static_cast<uint16_t>(Command::kKind), static_cast<uint8_t>(Command::kFormat), command);
  return bytes;
}

struct CommandHeader {
  uint16_t kind = 0;
  uint8_t format = 0;
  static void visit(auto&& visitor, auto& self) { visitor(self.kind, self.format); }
};

/// The struct behind a header that was read already.
template <class Command>
Result<Command> decode_command(CommandHeader header, ByteSpan body) {
  if (header.format != Command::kFormat) {
    return error(Code::kFormatVersion, "command {} has format {}, this build reads {}", header.kind, header.format,
                 static_cast<int>(Command::kFormat));
  }
  return decode<Command>(body, "service command");
}

struct AnswerHeader {
  int32_t code = 0;
  std::string message;
  static void visit(auto&& visitor, auto& self) { visitor(self.code, self.message); }
};

template <class Answer>
ByteVector encode_answer(const Result<Answer>& result) {
  ByteVector bytes;
  Encoder encoder(bytes);
  if (result.ok()) {
    encoder(AnswerHeader{}, *result);
  } else {
    const Status status = result.status();
    encoder(AnswerHeader{static_cast<int32_t>(status.code()), std::string(status.message())});
  }
  return bytes;
}
template <class Answer>
Result<Answer> decode_answer(ByteSpan bytes) {
  AnswerHeader header;
  Answer answer{};
  Decoder decoder(bytes);
  decoder(header);
  if (decoder.ok() && header.code != 0) return Status(code_from_number(header.code), header.message);
  decoder(answer);
  if (!decoder.ok()) return error(Code::kCorrupt, "a malformed answer of a state machine");
  return answer;
}

/// An answer with nothing in it.
struct Done {
  uint8_t format = 1;
  static void visit(auto&& visitor, auto& self) { visitor(self.format); }
};

}  // namespace daos::services
