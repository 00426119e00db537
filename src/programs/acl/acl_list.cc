#include "programs/acl/acl_list.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

namespace daos::acl {
namespace {

constexpr std::string_view kBlank = " \t\r";

std::string_view trimmed(std::string_view line) {
  const size_t first = line.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return line.substr(first, line.find_last_not_of(kBlank) - first + 1);
}

Status not_an_entry(const std::string& entry) {
  return error(Code::kInvalid, "\"{}\" is not an entry of an access-control list, such as A::alice@:rw or A:G:users@:r",
               entry);
}

}  // namespace

Result<List> List::parse(const std::vector<std::string>& entries) {
  List list(daos_acl_create(nullptr, 0));
  if (list.get() == nullptr) return Status(Code::kNoMemory);
  for (const std::string& entry : entries) {
    daos_ace* parsed = nullptr;
    if (daos_ace_from_str(entry.c_str(), &parsed) != 0) return not_an_entry(entry);
    const std::unique_ptr<daos_ace, void (*)(daos_ace*)> ace(parsed, daos_ace_free);
    daos_ace* there = nullptr;
    const auto type = static_cast<daos_acl_principal_type>(ace->dae_principal_type);
    if (daos_acl_get_ace_for_principal(list.get(), type, ace->dae_principal, &there) == 0) {
      return error(Code::kInvalid, "there are two entries for {}", daos_ace_get_principal_str(parsed));
    }
    daos_acl* grown = list.list_.release();
    const int rc = daos_acl_add_ace(&grown, parsed);
    list.list_.reset(grown);
    if (rc != 0) return rc == -DER_NOMEM ? Status(Code::kNoMemory) : not_an_entry(entry);
  }
  return list;
}

Result<List> List::from_bytes(std::string_view bytes) {
  // Copied first: a list is read in place, aligned, and says itself how long it is.
  std::unique_ptr<daos_acl, void (*)(void*)> copy(static_cast<daos_acl*>(std::malloc(bytes.size() + 1)), std::free);
  if (copy == nullptr) return Status(Code::kNoMemory);
  std::memcpy(copy.get(), bytes.data(), bytes.size());
  const bool whole = bytes.size() >= sizeof(daos_acl) && sizeof(daos_acl) + copy->dal_len == bytes.size();
  if (!whole || daos_acl_validate(copy.get()) != 0) return error(Code::kInvalid, "malformed access-control list");
  List list(daos_acl_dup(copy.get()));
  if (list.get() == nullptr) return Status(Code::kNoMemory);
  return list;
}

std::string List::bytes() const {
  return {reinterpret_cast<const char*>(list_.get()), static_cast<size_t>(daos_acl_get_size(list_.get()))};
}

std::vector<std::string> List::entries() const {
  std::vector<std::string> entries;
  char** texts = nullptr;
  size_t count = 0;
  if (daos_acl_to_strs(list_.get(), &texts, &count) != 0) return entries;
  for (size_t i = 0; i < count; i++) {
    entries.emplace_back(texts[i]);
    std::free(texts[i]);
  }
  std::free(texts);
  return entries;
}

std::vector<std::string> entries_of(std::string_view bytes) {
  const Result<List> list = List::from_bytes(bytes);
  return list.ok() ? list->entries() : std::vector<std::string>();
}

Result<List> read_file(const std::string& path) {
  std::ifstream file(path);
  if (!file) return error(Code::kInvalid, "ACL file '{}' cannot be read: {}", path, std::strerror(errno));
  std::vector<std::string> entries;
  for (std::string line; std::getline(file, line);) {
    const std::string_view entry = trimmed(line);
    if (!entry.empty() && entry.front() != '#') entries.emplace_back(entry);
  }
  if (entries.empty()) return error(Code::kInvalid, "ACL file '{}' contains no entries", path);
  Result<List> list = List::parse(entries);
  if (!list.ok()) return std::move(list).status().within(fmt::format("ACL file '{}'", path));
  return list;
}

Result<List> from_options(const std::string& entry, const std::string& file) {
  if (!entry.empty() && !file.empty()) {
    return Status(Code::kInvalid, "only one of --entry or --acl-file may be supplied");
  }
  if (entry.empty() && file.empty()) return Status(Code::kInvalid, "one of --entry or --acl-file must be supplied");
  return file.empty() ? List::parse({entry}) : read_file(file);
}

Result<Principal> parse_principal(const std::string& text) {
  Principal principal;
  char* name = nullptr;
  if (daos_acl_principal_from_str(text.c_str(), &principal.type, &name) != 0) {
    return error(Code::kInvalid,
                 "\"{}\" is not a principal: u:NAME@ for a user, g:NAME@ for a group, OWNER@, GROUP@ or EVERYONE@",
                 text);
  }
  if (name != nullptr) principal.name = name;
  std::free(name);
  return principal;
}

std::string as_principal(std::string name) {
  if (!name.empty() && !name.contains('@')) name += '@';
  return name;
}

/// The commands shorten what the library writes out.
std::string shortened(std::string words) {
  constexpr std::pair<std::string_view, std::string_view> kShort[] = {{"Create-Container", "Create-Cont"},
                                                                      {"Delete-Container", "Destroy-Cont"}};
  for (const auto& [whole, cut] : kShort) {
    if (const size_t at = words.find(whole); at != std::string::npos) words.replace(at, whole.size(), cut);
  }
  return words;
}

std::string text(const View& view, Comments comments) {
  std::string text;
  if (!view.owner.empty()) text += fmt::format("# Owner: {}\n", view.owner);
  if (!view.group.empty()) text += fmt::format("# Owner Group: {}\n", view.group);
  text += "# Entries:\n";
  if (view.entries.empty()) text += "#   None\n";
  for (const std::string& entry : view.entries) {
    char words[DAOS_ACL_MAX_PRINCIPAL_LEN + 256];
    if (comments == Comments::kVerbose && daos_ace_str_get_verbose(entry.c_str(), words, sizeof words) == 0) {
      text += fmt::format("# {}\n", shortened(words));
    }
    text += entry + "\n";
  }
  return text;
}

output::Json json(const View& view) {
  return {{"entries", view.entries}, {"owner_user", view.owner}, {"owner_group", view.group}};
}

Status write_file(const std::string& path, const std::string& text, bool force) {
  if (!force && ::access(path.c_str(), F_OK) == 0) {
    return error(Code::kInvalid, "file already exists: {} (--force replaces it)", path);
  }
  std::ofstream file(path, std::ios::trunc);
  file << text;
  file.flush();
  if (!file) return error(Code::kInvalid, "file {} cannot be written: {}", path, std::strerror(errno));
  return {};
}

}  // namespace daos::acl
