// Goal: lists are read from entries and files as administrators write them, refused by name, and shown as they are
// read.
#include "programs/acl/acl_list.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace daos::acl {
namespace {

std::string temporary(const std::string& name, const std::string& content) {
  const std::string path = testing::TempDir() + name;
  std::ofstream(path) << content;
  return path;
}

TEST(AclList, EntriesSurviveTheStoredForm) {
  const std::vector<std::string> entries = {"A::OWNER@:rw", "A::alice@:r", "A:G:users@:rt"};
  const Result<List> list = List::parse(entries);
  ASSERT_TRUE(list.ok()) << list.status().to_string();
  EXPECT_EQ(list->entries(), entries);
  EXPECT_EQ(entries_of(list->bytes()), entries);
  EXPECT_TRUE(entries_of(list->bytes().substr(1)).empty());
  EXPECT_TRUE(entries_of("").empty());
}

TEST(AclList, MistakesAreNamed) {
  EXPECT_NE(List::parse({"A::alice:rw"}).status().message().find("\"A::alice:rw\" is not an entry"),
            std::string_view::npos);
  EXPECT_EQ(List::parse({"A::alice@:r", "A::alice@:w"}).status().message(), "there are two entries for alice@");
  EXPECT_EQ(from_options("", "").status().message(), "one of --entry or --acl-file must be supplied");
  EXPECT_EQ(from_options("A::alice@:r", "f").status().message(), "only one of --entry or --acl-file may be supplied");
  EXPECT_NE(parse_principal("alice").status().message().find("u:NAME@"), std::string_view::npos);
}

TEST(AclList, FilesMayHaveCommentsAndBlankLines) {
  const std::string path = temporary("acl", "# a comment\n\n  A::OWNER@:rw  \nA::EVERYONE@:r\n");
  ASSERT_TRUE(read_file(path).ok());
  EXPECT_EQ(read_file(path)->entries(), (std::vector<std::string>{"A::OWNER@:rw", "A::EVERYONE@:r"}));
  const std::string empty = temporary("empty-acl", "# nothing\n");
  EXPECT_EQ(read_file(empty).status().message(), "ACL file '" + empty + "' contains no entries");
  EXPECT_NE(read_file("/nonexistent").status().message().find("cannot be read"), std::string_view::npos);
}

TEST(AclList, TextIsGoodAsAFile) {
  const View view{.entries = {"A::OWNER@:rw"}, .owner = "alice@", .group = "users@"};
  EXPECT_EQ(text(view, Comments::kVerbose),
            "# Owner: alice@\n# Owner Group: users@\n# Entries:\n# Allow::Owner:Read/Write\nA::OWNER@:rw\n");
  EXPECT_EQ(text({}, Comments::kNo), "# Entries:\n#   None\n");
  const std::string path = testing::TempDir() + "written-acl";
  std::filesystem::remove(path);
  EXPECT_TRUE(write_file(path, text(view, Comments::kNo), false).ok());
  EXPECT_EQ(read_file(path)->entries(), view.entries);
  EXPECT_NE(write_file(path, "", false).message().find("file already exists: " + path), std::string_view::npos);
  EXPECT_TRUE(write_file(path, "A::OWNER@:r\n", true).ok());
}

}  // namespace
}  // namespace daos::acl
