// Access-control lists of the commands. Thread-safety: a value.
#pragma once

#include <daos_security.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "platform/base/status.h"
#include "programs/output/outcome.h"

namespace daos::acl {

/// A list of the public API.
class List {
 public:
  /// kInvalid: names the entry that is malformed, or the principal that stands twice.
  static Result<List> parse(const std::vector<std::string>& entries);
  /// Of the stored form, checked.
  static Result<List> from_bytes(std::string_view bytes);

  daos_acl* get() const { return list_.get(); }
  std::string bytes() const;
  /// "A::OWNER@:rw" ...
  std::vector<std::string> entries() const;

 private:
  explicit List(daos_acl* list) : list_(list, daos_acl_free) {}
  std::unique_ptr<daos_acl, void (*)(daos_acl*)> list_;
};

/// Entries of stored bytes; none for what is no list.
std::vector<std::string> entries_of(std::string_view bytes);

/// Lines of a file, without comments and blank lines. kInvalid: none is left, or the file cannot be read.
Result<List> read_file(const std::string& path);

/// --entry ACE or --acl-file FILE, of which exactly one is given.
Result<List> from_options(const std::string& entry, const std::string& file);

/// Whom delete-acl takes out: "u:alice@", "g:users@", "OWNER@" ...
struct Principal {
  daos_acl_principal_type type = DAOS_ACL_OWNER;
  std::string name;
};
Result<Principal> parse_principal(const std::string& text);

/// "alice" as "alice@".
std::string as_principal(std::string name);

/// A list with those whom OWNER@ and GROUP@ stand for.
struct View {
  std::vector<std::string> entries;
  std::string owner;
  std::string group;
};
enum class Comments : uint8_t { kNo, kVerbose };
/// As get-acl shows it: good as an ACL file.
std::string text(const View& view, Comments comments);
output::Json json(const View& view);

/// get-acl --outfile. kInvalid: there is a file, and `force` is not given.
Status write_file(const std::string& path, const std::string& text, bool force);

}  // namespace daos::acl
