// Principals: names of users and groups, and the accounts of this machine behind them.
#include <daos_security.h>
#include <grp.h>
#include <pwd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

constexpr size_t kRecordMax = 4 << 20;  // a group with more members than this is not found

// Runs look(buffer, bytes), which returns an errno, with a growing buffer. 0 also when nothing was found.
template <class Look>
int with_buffer(Look look) {
  char* buffer = nullptr;
  for (size_t bytes = 1024; bytes <= kRecordMax; bytes *= 2) {
    auto* grown = static_cast<char*>(std::realloc(buffer, bytes));
    if (grown == nullptr) {
      std::free(buffer);
      return -DER_NOMEM;
    }
    buffer = grown;
    const int err = look(buffer, bytes);
    if (err == ERANGE) continue;
    std::free(buffer);
    return err == ENOMEM ? -DER_NOMEM : 0;
  }
  std::free(buffer);
  return 0;
}

// "name@" in *principal.
int make_principal(const char* name, char** principal) {
  char* text = nullptr;
  if (::asprintf(&text, "%s@", name) < 0) return -DER_NOMEM;
  *principal = text;
  return 0;
}

// What stands before the @.
struct LocalName {
  char text[DAOS_ACL_MAX_PRINCIPAL_BUF_LEN] = "";

  explicit LocalName(const char* principal) { std::memcpy(text, principal, std::strcspn(principal, "@")); }
};

}  // namespace

bool daos_acl_principal_is_valid(const char* name) {
  if (name == nullptr) return false;
  if (::strnlen(name, DAOS_ACL_MAX_PRINCIPAL_BUF_LEN) > DAOS_ACL_MAX_PRINCIPAL_LEN) return false;
  const char* at = std::strchr(name, '@');
  return at != nullptr && at != name && std::strchr(at + 1, '@') == nullptr;
}

int daos_acl_uid_to_principal(uid_t uid, char** name) {
  if (name == nullptr) return -DER_INVAL;
  int made = -DER_NONEXIST;
  const int rc = with_buffer([&](char* buffer, size_t bytes) {
    struct passwd record;
    struct passwd* found = nullptr;
    const int err = ::getpwuid_r(uid, &record, buffer, bytes, &found);
    if (found != nullptr) made = make_principal(found->pw_name, name);
    return err;
  });
  return rc != 0 ? rc : made;
}

int daos_acl_gid_to_principal(gid_t gid, char** name) {
  if (name == nullptr) return -DER_INVAL;
  int made = -DER_NONEXIST;
  const int rc = with_buffer([&](char* buffer, size_t bytes) {
    struct group record;
    struct group* found = nullptr;
    const int err = ::getgrgid_r(gid, &record, buffer, bytes, &found);
    if (found != nullptr) made = make_principal(found->gr_name, name);
    return err;
  });
  return rc != 0 ? rc : made;
}

int daos_acl_principal_to_uid(const char* principal, uid_t* uid) {
  if (uid == nullptr || !daos_acl_principal_is_valid(principal)) return -DER_INVAL;
  const LocalName name(principal);
  bool known = false;
  const int rc = with_buffer([&](char* buffer, size_t bytes) {
    struct passwd record;
    struct passwd* found = nullptr;
    const int err = ::getpwnam_r(name.text, &record, buffer, bytes, &found);
    known = found != nullptr;
    if (known) *uid = found->pw_uid;
    return err;
  });
  return rc != 0 ? rc : known ? 0 : -DER_NONEXIST;
}

int daos_acl_principal_to_gid(const char* principal, gid_t* gid) {
  if (gid == nullptr || !daos_acl_principal_is_valid(principal)) return -DER_INVAL;
  const LocalName name(principal);
  bool known = false;
  const int rc = with_buffer([&](char* buffer, size_t bytes) {
    struct group record;
    struct group* found = nullptr;
    const int err = ::getgrnam_r(name.text, &record, buffer, bytes, &found);
    known = found != nullptr;
    if (known) *gid = found->gr_gid;
    return err;
  });
  return rc != 0 ? rc : known ? 0 : -DER_NONEXIST;
}

int daos_acl_principal_from_str(const char* principal_str, enum daos_acl_principal_type* type, char** name) {
  if (principal_str == nullptr || type == nullptr || name == nullptr) return -DER_INVAL;
  struct Special {
    const char* text;
    daos_acl_principal_type type;
  };
  constexpr Special kSpecials[] = {{DAOS_ACL_PRINCIPAL_OWNER, DAOS_ACL_OWNER},
                                   {DAOS_ACL_PRINCIPAL_OWNER_GRP, DAOS_ACL_OWNER_GROUP},
                                   {DAOS_ACL_PRINCIPAL_EVERYONE, DAOS_ACL_EVERYONE}};
  for (const Special& special : kSpecials) {
    if (std::strcmp(principal_str, special.text) != 0) continue;
    *type = special.type;
    *name = nullptr;
    return 0;
  }
  const bool user = std::strncmp(principal_str, "u:", 2) == 0;
  const bool group = std::strncmp(principal_str, "g:", 2) == 0;
  if ((!user && !group) || !daos_acl_principal_is_valid(principal_str + 2)) return -DER_INVAL;
  char* copy = ::strdup(principal_str + 2);
  if (copy == nullptr) return -DER_NOMEM;
  *type = user ? DAOS_ACL_USER : DAOS_ACL_GROUP;
  *name = copy;
  return 0;
}
