// LeaderElection: of several equal processes one works, the others wait. The seat
// is a Lease that the leader keeps renewing.
// https://kubernetes.io/docs/concepts/architecture/leases/#leader-election
#pragma once

#include <string>

#include "core/base/event_loop.h"
#include "core/client/client.h"
#include "core/client/event_recorder.h"

namespace drydock {

struct LeaderElectionOptions {
  std::string ns = "kube-system";
  std::string name;      // "kube-scheduler"
  std::string identity;  // "node1_0b1c…": host name and a uuid
  Duration lease_duration = seconds(15);
  Duration renew_deadline = seconds(10);
  Duration retry_period = seconds(2);
};

class LeaderElection {
 public:
  LeaderElection(EventLoop& loop, Prng prng, Client& client, LeaderElectionOptions options);

  // Returns once this process leads.
  Task<void> acquire();
  // Renews; returns when the lease could not be renewed within the deadline.
  Task<void> hold();
  // acquire(), then `work` beside hold(). Returns, with `work` destroyed, when the
  // lead is lost: real components then exit with "leaderelection lost".
  Task<void> lead(Task<void> work);

 private:
  Task<bool> try_acquire_or_renew();

  EventLoop& loop_;
  Client& client_;
  LeaderElectionOptions options_;
  EventRecorder recorder_;
  // What was seen of another leader's lease, and when by this process' clock:
  // clocks of different hosts are not compared.
  Value observed_spec_;
  TimePoint observed_at_{};
};

}  // namespace drydock
