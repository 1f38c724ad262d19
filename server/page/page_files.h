// PageFiles: the built page (build/web), a flat folder of static files, over HTTP.
#pragma once

#include <set>
#include <string>

#include "core/base/result.h"
#include "core/machinery/http_message.h"

namespace drydock::server {

class PageFiles {
 public:
  // Fails when the folder holds no page: the error says how to build one.
  static Result<PageFiles> open(const std::string& folder);
  // GET and HEAD of a file that was there at the start; anything else is 404 or 405.
  HttpResponse serve(const HttpRequest& request) const;

 private:
  std::string folder_;
  std::set<std::string> names_;
};

// build/web beside the folder of the running program, where the build puts both.
std::string default_page_folder();

}  // namespace drydock::server
