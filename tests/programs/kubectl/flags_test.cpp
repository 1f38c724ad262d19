#include "core/programs/kubectl/flags.h"

#include "doctest/doctest.h"

namespace drydock::kubectl {

TEST_CASE("flags read as pflag reads them") {
  Flags flags;
  flags.declare(
      "@print @files A,all-namespaces=false tail=-1 since=0s env=[*] i,stdin=false t,tty=false n,namespace= @dry");
  const std::vector<std::string> words = {"pods", "-it",  "-nteam",      "--tail=5",  "-o", "yaml", "--since=1m", "-f",
                                          "a,b",  "-f=c", "--env=A=1,2", "--dry-run", "x",  "--",   "-z"};
  REQUIRE(flags.parse(words));
  CHECK(flags.positional() == std::vector<std::string>{"pods", "x", "-z"});
  CHECK(flags.dash_at() == 2);
  CHECK(flags.on("stdin"));
  CHECK(flags.on("tty"));
  CHECK(flags.text("namespace") == "team");
  CHECK(flags.number("tail") == 5);
  CHECK(flags.text("output") == "yaml");
  CHECK(flags.duration("since") == seconds(60));
  CHECK(flags.list("filename") == std::vector<std::string>{"a", "b", "c"});
  CHECK(flags.list("env") == std::vector<std::string>{"A=1,2"});
  CHECK(flags.text("dry-run") == "unchanged");
  CHECK(flags.changed("tail"));
  CHECK_FALSE(flags.changed("recursive"));
}

TEST_CASE("wrong flags give pflag's errors") {
  struct Row {
    std::vector<std::string> words;
    const char* error;
  };
  const Row rows[] = {
      {{"--nosuch"}, "unknown flag: --nosuch"},
      {{"-az"}, "unknown shorthand flag: 'z' in -az"},
      {{"--output"}, "flag needs an argument: --output"},
      {{"-o"}, "flag needs an argument: 'o' in -o"},
      {{"--replicas=abc"},
       "invalid argument \"abc\" for \"--replicas\" flag: strconv.ParseInt: parsing \"abc\": invalid syntax"},
      {{"-a=maybe"},
       "invalid argument \"maybe\" for \"-a, --all\" flag: strconv.ParseBool: parsing \"maybe\": invalid syntax"},
      {{"--timeout=5"}, "invalid argument \"5\" for \"--timeout\" flag: time: invalid duration \"5\""},
      {{"--=x"}, "bad flag syntax: --=x"},
  };
  for (const Row& row : rows) {
    Flags flags;
    flags.declare("a,all=false o,output= replicas=1 timeout=0s");
    const Result<void> parsed = flags.parse(row.words);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().message == row.error);
  }
}

}  // namespace drydock::kubectl
