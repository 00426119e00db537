// Entries of access-control lists as text: ACCESS:FLAGS:PRINCIPAL:PERMISSIONS, in letters (short) or words (verbose).
#include <daos_security.h>
#include <gurt/common.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string_view>

#include "client/capi/ace.h"

namespace {

// One bit, its letter and its word; tables are in the order of output.
struct Bit {
  uint64_t bit;
  char letter;
  const char* word;
};
constexpr Bit kAccess[] = {{DAOS_ACL_ACCESS_ALLOW, 'A', "Allow"},
                           {DAOS_ACL_ACCESS_AUDIT, 'U', "Audit"},
                           {DAOS_ACL_ACCESS_ALARM, 'L', "Alarm"}};
constexpr Bit kFlags[] = {{DAOS_ACL_FLAG_GROUP, 'G', "Group"},
                          {DAOS_ACL_FLAG_ACCESS_SUCCESS, 'S', "Access-Success"},
                          {DAOS_ACL_FLAG_ACCESS_FAIL, 'F', "Access-Failure"},
                          {DAOS_ACL_FLAG_POOL_INHERIT, 'P', "Pool-Inherit"}};
constexpr Bit kPermissions[] = {{DAOS_ACL_PERM_READ, 'r', "Read"},
                                {DAOS_ACL_PERM_WRITE, 'w', "Write"},
                                {DAOS_ACL_PERM_CREATE_CONT, 'c', "Create-Container"},
                                {DAOS_ACL_PERM_DEL_CONT, 'd', "Delete-Container"},
                                {DAOS_ACL_PERM_GET_PROP, 't', "Get-Prop"},
                                {DAOS_ACL_PERM_SET_PROP, 'T', "Set-Prop"},
                                {DAOS_ACL_PERM_GET_ACL, 'a', "Get-ACL"},
                                {DAOS_ACL_PERM_SET_ACL, 'A', "Set-ACL"},
                                {DAOS_ACL_PERM_SET_OWNER, 'o', "Set-Owner"}};

bool parse_letters(std::string_view text, std::span<const Bit> table, uint64_t* bits) {
  *bits = 0;
  for (const char letter : text) {
    bool known = false;
    for (const Bit& bit : table) {
      if (bit.letter != letter) continue;
      *bits |= bit.bit;
      known = true;
    }
    if (!known) return false;
  }
  return true;
}

// The permissions of all access types that are set, if they are the same.
bool common_permissions(const daos_ace* ace, uint64_t* permissions) {
  bool first = true;
  const auto agree = [&](uint32_t access, uint64_t these) {
    if ((ace->dae_access_types & access) == 0) return true;
    if (!first) return *permissions == these;
    *permissions = these;
    first = false;
    return true;
  };
  *permissions = 0;
  return agree(DAOS_ACL_ACCESS_ALLOW, ace->dae_allow_perms) && agree(DAOS_ACL_ACCESS_AUDIT, ace->dae_audit_perms) &&
         agree(DAOS_ACL_ACCESS_ALARM, ace->dae_alarm_perms);
}

// Longer than any entry in either form, so that nothing is cut on the way: a name, and all words there are.
constexpr size_t kTextMax = DAOS_ACL_MAX_PRINCIPAL_LEN + 256;

// Text in a fixed buffer; every piece that can be added is known to fit.
class Text {
 public:
  void add(const char* piece) {
    const size_t bytes = std::strlen(piece);
    std::memcpy(text_ + size_, piece, bytes + 1);
    size_ += bytes;
  }
  void add_letters(uint64_t bits, std::span<const Bit> table) {
    for (const Bit& bit : table) {
      if ((bits & bit.bit) != 0) text_[size_++] = bit.letter;
    }
    text_[size_] = '\0';
  }
  void add_words(uint64_t bits, std::span<const Bit> table) {
    const char* separator = "";
    for (const Bit& bit : table) {
      if ((bits & bit.bit) == 0) continue;
      add(separator);
      add(bit.word);
      separator = "/";
    }
  }
  // 0, or -DER_TRUNC with what fits.
  int copy_to(char* buffer, size_t bytes) const {
    const size_t copied = size_ < bytes ? size_ : bytes - 1;
    std::memcpy(buffer, text_, copied);
    buffer[copied] = '\0';
    return copied == size_ ? 0 : -DER_TRUNC;
  }
  const char* text() const { return text_; }

 private:
  char text_[kTextMax] = "";
  size_t size_ = 0;
};

int short_form(daos_ace* ace, Text* text) {
  uint64_t permissions = 0;
  if (!daos_ace_is_valid(ace) || !common_permissions(ace, &permissions)) return -DER_INVAL;
  text->add_letters(ace->dae_access_types, kAccess);
  text->add(":");
  text->add_letters(ace->dae_access_flags, kFlags);
  text->add(":");
  text->add(daos_ace_get_principal_str(ace));
  text->add(":");
  text->add_letters(permissions, kPermissions);
  return 0;
}

const char* principal_word(daos_ace* ace) {
  switch (ace->dae_principal_type) {
    case DAOS_ACL_OWNER:
      return "Owner";
    case DAOS_ACL_OWNER_GROUP:
      return "Owner-Group";
    case DAOS_ACL_EVERYONE:
      return "Everyone";
    default:
      return ace->dae_principal;
  }
}

int long_form(daos_ace* ace, Text* text) {
  uint64_t permissions = 0;
  if (!daos_ace_is_valid(ace) || !common_permissions(ace, &permissions)) return -DER_INVAL;
  text->add_words(ace->dae_access_types, kAccess);
  text->add(":");
  text->add_words(ace->dae_access_flags, kFlags);
  text->add(":");
  text->add(principal_word(ace));
  text->add(":");
  if ((permissions & DAOS_ACL_PERM_ALL) == 0) {
    text->add("No-Access");
  } else {
    text->add_words(permissions, kPermissions);
  }
  return 0;
}

daos_acl_principal_type type_of(std::string_view principal, uint64_t flags) {
  if (principal == DAOS_ACL_PRINCIPAL_OWNER) return DAOS_ACL_OWNER;
  if (principal == DAOS_ACL_PRINCIPAL_OWNER_GRP) return DAOS_ACL_OWNER_GROUP;
  if (principal == DAOS_ACL_PRINCIPAL_EVERYONE) return DAOS_ACL_EVERYONE;
  return (flags & DAOS_ACL_FLAG_GROUP) != 0 ? DAOS_ACL_GROUP : DAOS_ACL_USER;
}

}  // namespace

int daos_ace_from_str(const char* str, struct daos_ace** ace) {
  if (str == nullptr || ace == nullptr) return -DER_INVAL;
  std::string_view rest(str);
  std::string_view fields[4];
  for (size_t i = 0; i < 4; i++) {
    const size_t end = rest.find(':');
    if ((end == std::string_view::npos) != (i == 3)) return -DER_INVAL;  // too few, or too many
    fields[i] = rest.substr(0, end);
    rest.remove_prefix(i == 3 ? rest.size() : end + 1);
  }
  uint64_t access = 0;
  uint64_t flags = 0;
  uint64_t permissions = 0;
  if (!parse_letters(fields[0], kAccess, &access) || !parse_letters(fields[1], kFlags, &flags) ||
      !parse_letters(fields[3], kPermissions, &permissions)) {
    return -DER_INVAL;
  }
  if (fields[2].size() > DAOS_ACL_MAX_PRINCIPAL_LEN) return -DER_INVAL;
  char name[DAOS_ACL_MAX_PRINCIPAL_BUF_LEN] = "";
  fields[2].copy(name, sizeof name - 1);
  const daos_acl_principal_type type = type_of(fields[2], flags);
  if (!daos::capi::is_principal(type, name)) return -DER_INVAL;
  daos_ace* parsed = daos_ace_create(type, name);
  if (parsed == nullptr) return -DER_NOMEM;
  parsed->dae_access_types = static_cast<uint8_t>(access);
  parsed->dae_access_flags = static_cast<uint16_t>(flags);
  if ((access & DAOS_ACL_ACCESS_ALLOW) != 0) parsed->dae_allow_perms = permissions;
  if ((access & DAOS_ACL_ACCESS_AUDIT) != 0) parsed->dae_audit_perms = permissions;
  if ((access & DAOS_ACL_ACCESS_ALARM) != 0) parsed->dae_alarm_perms = permissions;
  if (!daos_ace_is_valid(parsed)) {
    daos_ace_free(parsed);
    return -DER_INVAL;
  }
  *ace = parsed;
  return 0;
}

int daos_ace_to_str(struct daos_ace* ace, char* buf, size_t buf_len) {
  if (ace == nullptr || buf == nullptr || buf_len == 0) return -DER_INVAL;
  Text text;
  const int rc = short_form(ace, &text);
  return rc != 0 ? rc : text.copy_to(buf, buf_len);
}

int daos_ace_str_get_verbose(const char* ace_str, char* buf, size_t buf_len) {
  if (ace_str == nullptr || buf == nullptr || buf_len == 0) return -DER_INVAL;
  daos_ace* ace = nullptr;
  int rc = daos_ace_from_str(ace_str, &ace);
  if (rc != 0) return rc;
  Text text;
  rc = long_form(ace, &text);
  daos_ace_free(ace);
  return rc != 0 ? rc : text.copy_to(buf, buf_len);
}

int daos_acl_from_strs(const char** ace_strs, size_t ace_nr, struct daos_acl** acl) {
  if (ace_strs == nullptr || ace_nr == 0 || acl == nullptr) return -DER_INVAL;
  daos_acl* parsed = daos_acl_create(nullptr, 0);
  int rc = parsed == nullptr ? -DER_NOMEM : 0;
  for (size_t i = 0; rc == 0 && i < ace_nr; i++) {
    daos_ace* ace = nullptr;
    rc = daos_ace_from_str(ace_strs[i], &ace);
    if (rc != 0) break;
    daos_ace* there = nullptr;
    const auto type = static_cast<daos_acl_principal_type>(ace->dae_principal_type);
    rc = daos_acl_get_ace_for_principal(parsed, type, ace->dae_principal, &there) == 0 ? -DER_INVAL
                                                                                       : daos_acl_add_ace(&parsed, ace);
    daos_ace_free(ace);
  }
  if (rc != 0) {
    daos_acl_free(parsed);
  } else {
    *acl = parsed;
  }
  return rc;
}

int daos_acl_to_strs(struct daos_acl* acl, char*** ace_strs, size_t* ace_nr) {
  if (ace_strs == nullptr || ace_nr == nullptr || daos_acl_validate(acl) != 0) return -DER_INVAL;
  size_t count = 0;
  for (daos_ace* ace = daos_acl_get_next_ace(acl, nullptr); ace != nullptr; ace = daos_acl_get_next_ace(acl, ace)) {
    count++;
  }
  char** texts = nullptr;
  if (count > 0) {
    texts = static_cast<char**>(std::calloc(count, sizeof(char*)));
    if (texts == nullptr) return -DER_NOMEM;
  }
  int rc = 0;
  size_t at = 0;
  for (daos_ace* ace = daos_acl_get_next_ace(acl, nullptr); ace != nullptr; ace = daos_acl_get_next_ace(acl, ace)) {
    Text text;
    rc = short_form(ace, &text);
    if (rc == 0) texts[at] = ::strdup(text.text());
    if (rc == 0 && texts[at] == nullptr) rc = -DER_NOMEM;
    if (rc != 0) break;
    at++;
  }
  if (rc != 0) {
    while (at > 0) std::free(texts[--at]);
    std::free(texts);
    return rc;
  }
  *ace_strs = texts;
  *ace_nr = count;
  return 0;
}

int daos_acl_to_stream(FILE* stream, struct daos_acl* acl, bool verbose) {
  if (stream == nullptr || (acl != nullptr && daos_acl_validate(acl) != 0)) return -DER_INVAL;
  std::fputs("# Entries:\n", stream);
  if (acl == nullptr || acl->dal_len == 0) std::fputs("#   None\n", stream);
  for (daos_ace* ace = daos_acl_get_next_ace(acl, nullptr); ace != nullptr; ace = daos_acl_get_next_ace(acl, ace)) {
    if (verbose) {
      Text words;
      const int rc = long_form(ace, &words);
      if (rc != 0) return rc;
      std::fprintf(stream, "# %s\n", words.text());
    }
    Text letters;
    const int rc = short_form(ace, &letters);
    if (rc != 0) return rc;
    std::fprintf(stream, "%s\n", letters.text());
  }
  return std::ferror(stream) != 0 ? -DER_IO : 0;
}
