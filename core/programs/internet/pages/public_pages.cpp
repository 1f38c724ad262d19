// Pages that people fetch to see whether the network works.
#include "core/programs/internet/pages.h"

namespace drydock {
namespace {

constexpr std::string_view kExample = R"(<!doctype html>
<html lang="en"><head><title>Example Domain</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><div><h1>Example Domain</h1>
<p>This domain is for use in documentation examples without needing permission. Avoid use in operations.</p>
<p><a href="https://iana.org/domains/example">Learn more</a></p></div></body></html>
)";

constexpr std::string_view kKubernetes = R"(<!doctype html>
<html lang="en"><head><title>Kubernetes</title></head>
<body><h1>Production-Grade Container Orchestration</h1>
<p>Kubernetes, also known as K8s, is an open source system for automating deployment, scaling, and management of containerized applications.</p></body></html>
)";

constexpr WebPage kPages[] = {
    {"example.com/", kExample},
    {"google.com/", {}, 301, "http://www.google.com/"},
    {"www.google.com/", "<!doctype html><html lang=\"en\"><head><title>Google</title></head><body></body></html>\n"},
    {"kubernetes.io/", kKubernetes},
    {"k8s.io/", {}, 301, "https://kubernetes.io/"},
    {"github.com/", "<!doctype html>\n<html lang=\"en\"><head><title>GitHub</title></head><body></body></html>\n"},
    {"dl.k8s.io/release/stable.txt", "v1.36.3"},
    {"info.cern.ch/",
     "<html><head></head><body><header>\n<title>http://info.cern.ch</title>\n</header>\n\n<h1>http://info.cern.ch - "
     "home of the first website</h1>\n</body></html>\n"},
    {"httpbin.org/ip", "{\n  \"origin\": \"203.0.113.5\"\n}\n"},
};

}  // namespace

std::span<const WebPage> public_pages() { return kPages; }

}  // namespace drydock
