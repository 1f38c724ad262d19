// ControllerContext: what every controller of one controller-manager shares.
#pragma once

#include "core/base/event_loop.h"
#include "core/base/prng.h"
#include "core/client/client.h"
#include "core/client/event_recorder.h"
#include "core/controllers/informer_factory.h"
#include "core/controllers/shared/pod_cache.h"

namespace drydock::controllers {

struct ControllerContext {
  ControllerContext(EventLoop& event_loop, Prng random, Client& api)
      : loop(event_loop),
        prng(random),
        client(api),
        informers(event_loop, api),
        pods(informers.get(resources::kPods)) {}

  EventLoop& loop;
  Prng prng;
  Client& client;
  InformerFactory informers;
  PodCache pods;

  TimePoint now() const { return loop.now(); }
};

}  // namespace drydock::controllers
