// Properties of an open pool or container, as plain data that programs/properties shows.
#pragma once

#include "model/messages/common.h"
#include "programs/daos/session.h"

namespace daos::cli {

/// All that the caller may see: without the right to get the access-control list, all but that.
Result<messages::Properties> properties_of(const Container& container);
Result<messages::Properties> properties_of(const Pool& pool);

/// An API list of what is to be set: numbers and texts.
Status fill(PropertyList& list, const messages::Properties& properties, size_t first = 0);

}  // namespace daos::cli
