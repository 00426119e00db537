#include "programs/daos/attribute_holder.h"

#include "programs/arguments/values.h"

namespace daos::cli {
namespace {

std::vector<const char*> pointers(const std::vector<std::string>& texts) {
  std::vector<const char*> pointers;
  for (const std::string& text : texts) pointers.push_back(text.c_str());
  return pointers;
}

Status check_name(const std::string& name) {
  if (name.size() <= DAOS_ATTR_NAME_MAX) return {};
  return error(Code::kInvalid, "attribute name \"{}...\" has {} bytes, at most {} are possible", name.substr(0, 20),
               name.size(), DAOS_ATTR_NAME_MAX);
}

}  // namespace

void AttributeOptions::add_to(CLI::App& verb, const std::string& own_name, const std::string& own_what) {
  if (kind == HolderKind::kContainer) return choice.add_to(verb, own_name, own_what);
  verb.add_option("POOL", choice.pool, "Label or uuid")->required();
  if (!own_name.empty()) verb.add_option(own_name, choice.own, own_what);
}

Result<std::vector<std::string>> AttributeOptions::names() {
  if (!attribute.empty() && !choice.own.empty()) {
    return Status(Code::kInvalid, "cannot specify both --attr and positional arguments");
  }
  if (!attribute.empty()) return std::vector{attribute};
  if (choice.own.empty()) return std::vector<std::string>();
  return arguments::parse_names(choice.own, "attributes");
}

Result<AttributeHolder> AttributeHolder::open(AttributeOptions& options, const Global& global, Access access) {
  const bool change = access == Access::kChange;
  if (options.kind == HolderKind::kPool) {
    DX_TRY(arguments::check_pool(options.choice.pool));
    AttributeHolder holder(DX_TRY(Library::open()));
    holder.pool_.emplace(DX_TRY(Pool::connect(options.choice.pool, change ? DAOS_PC_RW : DAOS_PC_RO, global.system)));
    return holder;
  }
  OpenContainer opened =
      DX_TRY(open_chosen(options.choice, global, DAOS_PC_RO, change ? unsigned{DAOS_COO_RW} : Container::kLook));
  AttributeHolder holder(std::move(opened.library));
  holder.pool_.emplace(std::move(opened.pool));
  holder.container_.emplace(std::move(opened.container));
  return holder;
}

Result<std::vector<std::string>> AttributeHolder::names() const {
  std::string buffer;
  for (;;) {
    size_t bytes = buffer.size();
    DX_TRY(from_api(of_pool() ? daos_pool_list_attr(pool_->handle(), buffer.data(), &bytes, nullptr)
                              : daos_cont_list_attr(container_->handle(), buffer.data(), &bytes, nullptr)));
    if (bytes <= buffer.size()) {
      buffer.resize(bytes);
      break;
    }
    buffer.resize(bytes);  // and again: some may have been added in between
  }
  std::vector<std::string> names;
  for (size_t at = 0; at < buffer.size(); at += names.back().size() + 1) names.emplace_back(buffer.c_str() + at);
  return names;
}

Result<std::vector<std::string>> AttributeHolder::values(const std::vector<std::string>& names) const {
  std::vector<std::string> values(names.size());
  if (names.empty()) return values;
  for (const std::string& name : names) DX_TRY(check_name(name));
  const std::vector<const char*> keys = pointers(names);
  for (bool whole = false; !whole;) {
    std::vector<size_t> sizes;
    std::vector<void*> buffers;
    for (std::string& value : values) {
      sizes.push_back(value.size());
      buffers.push_back(value.empty() ? nullptr : value.data());
    }
    const int count = static_cast<int>(names.size());
    DX_TRY(from_api(
        of_pool()
            ? daos_pool_get_attr(pool_->handle(), count, keys.data(), buffers.data(), sizes.data(), nullptr)
            : daos_cont_get_attr(container_->handle(), count, keys.data(), buffers.data(), sizes.data(), nullptr)));
    whole = true;
    for (size_t i = 0; i < values.size(); i++) {
      if (sizes[i] == 0) return error(Code::kNonexistent, "there is no attribute \"{}\"", names[i]);
      whole = whole && sizes[i] <= values[i].size();
      values[i].resize(sizes[i]);
    }
  }
  return values;
}

Status AttributeHolder::set(const std::vector<std::pair<std::string, std::string>>& attributes) const {
  std::vector<const char*> names;
  std::vector<const void*> values;
  std::vector<size_t> sizes;
  for (const auto& [name, value] : attributes) {
    DX_TRY(check_name(name));
    names.push_back(name.c_str());
    values.push_back(value.data());
    sizes.push_back(value.size());
  }
  const int count = static_cast<int>(names.size());
  return from_api(
      of_pool() ? daos_pool_set_attr(pool_->handle(), count, names.data(), values.data(), sizes.data(), nullptr)
                : daos_cont_set_attr(container_->handle(), count, names.data(), values.data(), sizes.data(), nullptr));
}

Status AttributeHolder::remove(const std::vector<std::string>& names) const {
  for (const std::string& name : names) DX_TRY(check_name(name));
  const std::vector<const char*> keys = pointers(names);
  const int count = static_cast<int>(names.size());
  return from_api(of_pool() ? daos_pool_del_attr(pool_->handle(), count, keys.data(), nullptr)
                            : daos_cont_del_attr(container_->handle(), count, keys.data(), nullptr));
}

}  // namespace daos::cli
