// What the server publishes about itself besides discovery: OpenAPI, OIDC discovery.
#include "core/apiserver/api_server.h"
#include "core/apiserver/openapi/openapi.h"
#include "core/base/strings.h"
#include "core/machinery/json.h"

namespace drydock {
namespace {

// Clients ask with "@" and, since that is no media type, with "."; the answer says ".".
constexpr std::string_view kV2ProtobufOld = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
constexpr std::string_view kV2Protobuf = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

Status no_such_path() {
  Status status = Status::plain("the server could not find the requested resource");
  status.code = 404;
  status.reason = "NotFound";
  return status;
}

}  // namespace

// Documents are made when first asked for, and kept as the bytes that are sent.
struct ApiServer::Documents {
  explicit Documents(const ResourceRegistry& registry, SchemaTexts texts, std::string version)
      : resources(registry.all().size()), openapi(registry, std::move(texts), std::move(version)) {}
  std::size_t resources;  // that it was made from
  OpenApi openapi;
  std::map<std::string, std::string> made;
};

void ApiServer::DocumentsDeleter::operator()(Documents* documents) const { delete documents; }

ApiServer::Answer ApiServer::openapi(Call& call) {
  if (!documents_ || documents_->resources != registry_.all().size())
    documents_.reset(new Documents(registry_, options_.texts, options_.version));
  const OpenApi& openapi = documents_->openapi;
  const std::string& path = call.http.path;
  HttpResponse response;
  if (path == "/openapi/v3" || path == "/openapi/v3/") {
    response.body.document = openapi.index();
    return response;
  }
  const bool v2 = path == "/openapi/v2";
  const bool v3 = path.starts_with("/openapi/v3/");
  if (!v2 && !v3) return no_such_path();
  const std::string name = v2 ? "v2" : path.substr(std::string_view("/openapi/v3/").size());
  const std::string hash = openapi.hash(name);
  const std::string_view accept = call.http.headers.get("Accept");
  const bool protobuf = v2 && (contains(accept, kV2Protobuf) || contains(accept, kV2ProtobufOld));
  const std::string key = name + (protobuf ? " protobuf" : "");
  std::string& bytes = documents_->made[key];
  if (bytes.empty()) {
    const Value document = v2 ? openapi.v2() : openapi.v3(name);
    if (document.is_null()) {
      documents_->made.erase(key);
      return no_such_path();
    }
    bytes = protobuf ? openapi_v2_protobuf(document) : dump_json(document);
  }
  const std::string tag = "\"" + hash + "\"";
  response.headers.set("ETag", tag);
  response.headers.set("Vary", "Accept-Encoding, Accept");
  // Asked for by its hash, a document never changes.
  if (!call.http.query.get("hash").empty()) {
    if (call.http.query.get("hash") != hash) {
      response.status = 301;
      response.headers.set("Location", path + "?hash=" + hash);
      return response;
    }
    response.headers.set("Cache-Control", "public, immutable");
  }
  if (call.http.headers.get("If-None-Match") == tag) {
    response.status = 304;
    return response;
  }
  response.headers.set("Content-Type", protobuf ? std::string(kV2Protobuf) : std::string("application/json"));
  response.body.bytes = bytes;
  return response;
}

}  // namespace drydock
