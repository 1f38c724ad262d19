// A Pod object as the view draws it.
#pragma once

#include "core/machinery/object.h"
#include "core/world/feed.h"

namespace drydock {

// Everything but the ids.
feed::Pod pod_picture(const Object& pod);

}  // namespace drydock
