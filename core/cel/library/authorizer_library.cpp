#include "core/cel/authorizer.h"
#include "core/cel/function.h"

namespace drydock::cel {
namespace {

using Kind = Val::Kind;

constexpr std::uint64_t kCheckCost = 350'000;

struct Check final : OpaqueBox {
  AskAuthorizer ask;
  AuthorizerQuery query;
  AuthorizerDecision decision;
};

Val made(char type, const AskAuthorizer& ask, AuthorizerQuery query, AuthorizerDecision decision = {}) {
  auto box = std::make_shared<Check>();
  box->type = opaque_name(type);
  box->ask = ask;
  box->query = std::move(query);
  box->decision = std::move(decision);
  return Val::of_box(Kind::kOpaque, std::move(box));
}

// The receiver when it is of that type and all that follows are strings.
const Check* receiver(const Call& call, char type) {
  if (!call[0].is_opaque(opaque_name(type))) return nullptr;
  for (std::size_t i = 1; i < call.size(); ++i) {
    if (!call[i].is(Kind::kString)) return nullptr;
  }
  return &static_cast<const Check&>(call[0].opaque());
}

// A check like the receiver with one more thing said.
Val narrowed(Call& call, char from, char to, std::string AuthorizerQuery::* part) {
  const Check* check = receiver(call, from);
  if (check == nullptr) return no_such_overload();
  AuthorizerQuery query = check->query;
  query.*part = call[1].text();
  return made(to, check->ask, std::move(query));
}

Val path(Call& call) {
  if (call[1].is(Kind::kString) && call[1].text().empty()) return Val::error("path must not be empty");
  return narrowed(call, 'a', 'h', &AuthorizerQuery::path);
}
Val group(Call& call) { return narrowed(call, 'a', 'g', &AuthorizerQuery::group); }
Val resource(Call& call) { return narrowed(call, 'g', 'k', &AuthorizerQuery::resource); }
Val subresource(Call& call) { return narrowed(call, 'k', 'k', &AuthorizerQuery::subresource); }
Val ns(Call& call) { return narrowed(call, 'k', 'k', &AuthorizerQuery::ns); }
Val name(Call& call) { return narrowed(call, 'k', 'k', &AuthorizerQuery::name); }
Val field_selector(Call& call) { return narrowed(call, 'k', 'k', &AuthorizerQuery::field_selector); }
Val label_selector(Call& call) { return narrowed(call, 'k', 'k', &AuthorizerQuery::label_selector); }

Val service_account(Call& call) {
  const Check* check = receiver(call, 'a');
  if (check == nullptr) return no_such_overload();
  AuthorizerQuery query = check->query;
  query.service_account_namespace = call[1].text();
  query.service_account_name = call[2].text();
  return made('a', check->ask, std::move(query));
}

Val ask(Call& call) {
  const Check* check = receiver(call, call[0].is_opaque(opaque_name('h')) ? 'h' : 'k');
  if (check == nullptr) return no_such_overload();
  call.cost = kCheckCost;
  AuthorizerQuery query = check->query;
  query.verb = call[1].text();
  return made('e', check->ask, query, check->ask(query));
}

const AuthorizerDecision* decision(const Call& call) {
  const Check* check = receiver(call, 'e');
  return check == nullptr ? nullptr : &check->decision;
}
Val allowed(Call& call) {
  const AuthorizerDecision* of = decision(call);
  return of == nullptr ? no_such_overload() : Val::of_bool(of->allowed);
}
Val reason(Call& call) {
  const AuthorizerDecision* of = decision(call);
  return of == nullptr ? no_such_overload() : Val::of_string(of->reason);
}
Val errored(Call& call) {
  const AuthorizerDecision* of = decision(call);
  return of == nullptr ? no_such_overload() : Val::of_bool(!of->error.empty());
}
Val error_text(Call& call) {
  const AuthorizerDecision* of = decision(call);
  return of == nullptr ? no_such_overload() : Val::of_string(of->error);
}

constexpr Function kFunctions[] = {
    {"path", ".as>h", path},
    {"group", ".as>g", group},
    {"serviceAccount", ".ass>a", service_account},
    {"resource", ".gs>k", resource},
    {"subresource", ".ks>k", subresource},
    {"namespace", ".ks>k", ns},
    {"name", ".ks>k", name},
    {"fieldSelector", ".ks>k", field_selector},
    {"labelSelector", ".ks>k", label_selector},
    {"check", ".hs>e .ks>e", ask},
    {"allowed", ".e>o", allowed},
    {"reason", ".e>s", reason},
    {"errored", ".e>o", errored},
    {"error", ".e>s", error_text},
};

}  // namespace

Val authorizer_value(AskAuthorizer ask_it) { return made('a', ask_it, {}); }
Val resource_check_value(AskAuthorizer ask_it, AuthorizerQuery query) { return made('k', ask_it, std::move(query)); }

std::span<const Function> authorizer_functions() { return kFunctions; }

}  // namespace drydock::cel
