// SysResult<T>: the result of a system call of a virtual machine.
#pragma once

#include "core/base/errno.h"
#include "core/base/result.h"

namespace drydock {

template <class T>
using SysResult = Result<T, Errno>;

}  // namespace drydock
