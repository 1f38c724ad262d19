// How kubectl words failures on standard error (k8s.io/kubectl/pkg/cmd/util).
#pragma once

#include <string>
#include <string_view>

#include "core/base/status.h"

namespace drydock::kubectl {

// The lines kubectl prints for an error that ends a command, with the newline.
std::string error_text(const Status& error);

// "error when creating \"web.yaml\": …" in front of what went wrong.
Status with_source(Status error, std::string_view verb, std::string_view source);
// Puts text in front of the message and keeps what kind of error it is.
Status with_prefix(Status error, std::string_view prefix);
// As %v prints it inside another error that kubectl made itself: "failed to create secret …".
Status as_own_error(std::string_view prefix, const Status& error);

// A child's or container's exit code that becomes kubectl's own; its message is printed bare.
Status exit_code(int code, std::string message);
// Nothing to print: what went wrong is on the screen already.
Status silent_failure();

// The code kubectl exits with for this error.
int exit_code_of(const Status& error);

}  // namespace drydock::kubectl
