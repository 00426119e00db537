// Goal: messages stay readable, and this build still writes them byte for byte: every struct of
// model/messages/structs.def, each with all its fields filled (filler.h), and the header in front of them. A struct of
// messages_2.txt took the place of the one of that name in messages_1.txt; requests of the old format are refused.
#include <gtest/gtest.h>

#include <sstream>

#include "filler.h"
#include "fixture.h"
#include "model/messages/administration.h"
#include "model/messages/attach.h"
#include "model/messages/attributes.h"
#include "model/messages/container.h"
#include "model/messages/engine.h"
#include "model/messages/object.h"
#include "model/messages/pool.h"
#include "model/messages/system.h"
#include "platform/rpc/header.h"
#include "platform/rpc/node.h"

namespace daos::compat {
namespace {

TEST(MessagesCompat, EveryStructIsReadAndWrittenAsEver) {
  std::map<std::string, ByteVector> golden = fixture_entries("messages_2.txt");
  golden.merge(fixture_entries("messages_1.txt"));
  size_t seen = 0;
#define DX_STRUCT(name)                                                                            \
  {                                                                                                \
    SCOPED_TRACE(#name);                                                                           \
    const ByteVector bytes = encode(filled<messages::name>());                                     \
    ASSERT_TRUE(golden.contains(#name)) << "a new struct: add the line\n" #name " " << hex(bytes); \
    EXPECT_EQ(hex(bytes), hex(golden.at(#name)));                                                  \
    const Result<messages::name> read = decode<messages::name>(golden.at(#name), #name);           \
    ASSERT_TRUE(read.ok()) << read.status().to_string();                                           \
    EXPECT_EQ(encode(*read), golden.at(#name));                                                    \
    seen++;                                                                                        \
  }
#include "model/messages/structs.def"
#undef DX_STRUCT
  EXPECT_EQ(seen, golden.size()) << "the fixture has a struct that the list has not";
}

template <class Request>
void expect_refused(const ByteVector& bytes) {
  const Result<Request> opened = rpc::open_request<Request>(IoBuf::copy_of(bytes));
  EXPECT_EQ(opened.code(), Code::kProtocol);
  EXPECT_NE(opened.status().message().find("came in format 1, this build speaks 2"), std::string::npos)
      << opened.status().message();
}

TEST(MessagesCompat, RequestsOfAFormatNoLongerSpokenAreRefused) {
  const std::map<std::string, ByteVector> old = fixture_entries("messages_1.txt");
  expect_refused<messages::UpdateRequest>(old.at("UpdateRequest"));
  expect_refused<messages::FetchRequest>(old.at("FetchRequest"));
  expect_refused<messages::HandleLookupRequest>(old.at("HandleLookupRequest"));
}

TEST(MessagesCompat, TheRpcHeaderIsLaidOutAsEver) {
  const rpc::Header header{.kind = rpc::Kind::kReply,
                           .method = 0x0203,
                           .status = 0x04050607,
                           .call = 0x08090a0b0c0d0e0f,
                           .hlc = 0x1011121314151617,
                           .limit_ms = 0x18191a1b,
                           .lead_ms = 0x1c1d1e1f};
  const ByteSpan bytes = std::as_bytes(std::span(&header, 1));
  EXPECT_EQ(ByteVector(bytes.begin(), bytes.end()), fixture_bytes("rpc_header_1.hex"));
}

}  // namespace
}  // namespace daos::compat
