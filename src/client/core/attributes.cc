#include "client/core/attributes.h"

#include <span>

namespace daos::core {

runtime::Task<Result<std::vector<std::string>>> list_attributes(Lane& lane, AttributeHolder holder,
                                                                runtime::StopToken stop) {
  messages::AttributeListReply reply = DX_CO_TRY(co_await ask_pool(
      lane, holder.pool,
      messages::AttributeListRequest{.pool = holder.pool->id(), .of = holder.of, .handle = holder.handle}, stop));
  co_return std::move(reply.names);
}

runtime::Task<Result<std::vector<messages::AttributeFound>>> get_attributes(
    Lane& lane, AttributeHolder holder, std::vector<messages::AttributeWanted> wanted, runtime::StopToken stop) {
  std::vector<messages::AttributeFound> all;
  while (all.size() < wanted.size()) {  // large values come in several answers
    const std::span rest = std::span(wanted).subspan(all.size());
    messages::AttributeGetReply reply = DX_CO_TRY(co_await ask_pool(
        lane, holder.pool,
        messages::AttributeGetRequest{
            .pool = holder.pool->id(), .of = holder.of, .handle = holder.handle, .wanted = {rest.begin(), rest.end()}},
        stop));
    if (reply.found.empty() || reply.found.size() > rest.size()) {
      co_return error(Code::kProtocol, "{} attributes were answered, {} asked for", reply.found.size(), rest.size());
    }
    for (messages::AttributeFound& found : reply.found) all.push_back(std::move(found));
  }
  co_return all;
}

runtime::Task<Status> set_attributes(Lane& lane, AttributeHolder holder, std::map<std::string, std::string> values,
                                     runtime::StopToken stop) {
  size_t bytes = 0;
  for (const auto& [name, value] : values) bytes += name.size() + value.size();
  if (bytes > messages::kAttributeBytesPerCall) {
    co_return error(Code::kNoSpace, "{} bytes of attributes in one call, at most {} are possible", bytes,
                    messages::kAttributeBytesPerCall);
  }
  const Uuid operation = lane.reactor().rng().uuid();
  DX_CO_TRY(co_await ask_pool(lane, holder.pool,
                              messages::AttributeSetRequest{.operation = operation,
                                                            .pool = holder.pool->id(),
                                                            .of = holder.of,
                                                            .handle = holder.handle,
                                                            .values = std::move(values)},
                              stop));
  co_return Status();
}

runtime::Task<Status> delete_attributes(Lane& lane, AttributeHolder holder, std::vector<std::string> names,
                                        runtime::StopToken stop) {
  const Uuid operation = lane.reactor().rng().uuid();
  DX_CO_TRY(co_await ask_pool(lane, holder.pool,
                              messages::AttributeDeleteRequest{.operation = operation,
                                                               .pool = holder.pool->id(),
                                                               .of = holder.of,
                                                               .handle = holder.handle,
                                                               .names = std::move(names)},
                              stop));
  co_return Status();
}

}  // namespace daos::core
