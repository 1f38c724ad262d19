// kubectl plugin list, kustomize.
#include "core/base/strings.h"
#include "core/machinery/yaml.h"
#include "core/programs/kubectl/command.h"
#include "core/programs/kubectl/connection/session.h"
#include "core/programs/kubectl/errors.h"
#include "core/programs/kubectl/objects/kustomize.h"

namespace drydock::kubectl {

Task<Result<int>> run_plugin_list(Session& session, Arguments) {
  Process& process = session.process();
  std::vector<std::string> found;
  for (const std::string& folder : split(process.env("PATH"), ':')) {
    const auto names = process.list_directory(folder);
    if (!names) continue;
    for (const std::string& name : *names) {
      if (name.starts_with("kubectl-")) found.push_back(session.flags().on("name-only") ? name : folder + "/" + name);
    }
  }
  if (found.empty()) co_return Status::plain("unable to find any kubectl plugins in your PATH");
  co_await session.out("The following compatible plugins are available:\n\n" + join(found, "\n") + "\n");
  co_return 0;
}

Task<Result<int>> run_kustomize(Session& session, Arguments arguments) {
  if (arguments.size() > 1) co_return Status::plain("specify one path to kustomization.yaml");
  const std::string folder = arguments.empty() ? "." : arguments[0];
  if (!contains(folder, "://") && !session.process().exists(folder)) {
    co_return Status::plain("must build at directory: not a valid directory: evalsymlink failure on '" + folder +
                            "' : lstat " + session.process().absolute(folder) + ": no such file or directory");
  }
  DRYDOCK_CO_TRY(const std::vector<Value> built, co_await build_kustomization(session, folder));
  std::string text;
  for (const Value& document : built) text += (text.empty() ? "" : "---\n") + dump_yaml(document);
  if (const std::string output = session.flags().text("output"); !output.empty()) {
    auto written = session.process().write_file(output, std::move(text));
    if (!written) co_return Status::plain("open " + output + ": " + to_lower(errno_text(written.error())));
    co_return 0;
  }
  co_await session.out(std::move(text));
  co_return 0;
}

}  // namespace drydock::kubectl
