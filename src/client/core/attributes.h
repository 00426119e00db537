// User attributes of pools and containers. Thread-safety: any thread; the functions run on a lane.
#pragma once

#include <map>

#include "client/core/pool.h"
#include "model/messages/attributes.h"

namespace daos::core {

/// Whose attributes, and through which handle.
struct AttributeHolder {
  PoolRef pool;
  messages::AttributesOf of = messages::AttributesOf::kPool;
  messages::HandleId handle;
};

runtime::Task<Result<std::vector<std::string>>> list_attributes(Lane& lane, AttributeHolder holder,
                                                                runtime::StopToken stop);
/// One answer for each that is wanted, in their order.
runtime::Task<Result<std::vector<messages::AttributeFound>>> get_attributes(
    Lane& lane, AttributeHolder holder, std::vector<messages::AttributeWanted> wanted, runtime::StopToken stop);
/// kNoSpace: more than one call carries, or than the service keeps.
runtime::Task<Status> set_attributes(Lane& lane, AttributeHolder holder, std::map<std::string, std::string> values,
                                     runtime::StopToken stop);
runtime::Task<Status> delete_attributes(Lane& lane, AttributeHolder holder, std::vector<std::string> names,
                                        runtime::StopToken stop);

}  // namespace daos::core
