// kubectl: the command-line client of Kubernetes, as a program of a virtual host
// (and natively). Text, errors and exit codes are those of kubectl 1.36.
// https://kubernetes.io/docs/reference/kubectl/
#pragma once

#include "core/base/task.h"
#include "core/programs/kubectl/connection/session.h"

namespace drydock {

class ProgramRegistry;

void register_kubectl(ProgramRegistry& programs);

namespace kubectl {
// One run with the process' arguments over the transport given.
Task<int> run(Process& process, TransportFactory transport);
}  // namespace kubectl

}  // namespace drydock
