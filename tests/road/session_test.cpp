// Sessions in which somebody types into something that runs: attached pods, editors,
// completion. On the cluster of scenarios/two-nodes.yaml.
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "core/base/strings.h"
#include "core/world/console.h"
#include "core/world/world_file.h"

using namespace drydock;

namespace {

struct SessionRig {
  std::unique_ptr<World> world;
  std::string out;
  std::unique_ptr<Console> console;

  SessionRig() {
    std::ifstream file("scenarios/two-nodes.yaml", std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    auto made = make_world(text, 1);
    REQUIRE_MESSAGE(made.ok(), made.error().message);
    world = *std::move(made);
    ConsoleOptions options;
    options.plain = true;
    options.command_limit = std::chrono::minutes(10);
    console = std::make_unique<Console>(*world, options, [this](std::string_view bytes) { out += bytes; });
  }
  // What one line shows.
  std::string line(const std::string& text) {
    out.clear();
    const auto done = console->line(text);
    REQUIRE_MESSAGE(done.ok(), text, ": ", done.ok() ? "" : done.error().message);
    return std::exchange(out, {});
  }
  std::string node1(const std::string& command) { return std::string(trim(line("node1$ " + command))); }
  void pass(Duration time) { world->advance(world->now() + time, 10000000); }
};

constexpr std::string_view kPressEnter = "If you don't see a command prompt, try pressing enter.";

}  // namespace

TEST_CASE_FIXTURE(SessionRig, "kubectl run -it and attach: a person at the main process") {
  std::string shown = line("node1$ kubectl run box -it --rm --restart=Never --image=busybox -- sh");
  CHECK_MESSAGE(contains(shown, kPressEnter), shown);
  CHECK(trim(line("/ # hostname")) == "box");
  CHECK(trim(line("/ # test -t 0 && echo a terminal; echo $TERM")) == "a terminal\nxterm");
  shown = line("/ # exit 3");
  CHECK_MESSAGE(contains(shown, "pod \"box\" deleted from default namespace"), shown);
  CHECK_MESSAGE(contains(shown, "pod default/box terminated (Error)"), shown);
  CHECK(node1("echo $?; kubectl get pod box") == "3\nError from server (NotFound): pods \"box\" not found");

  // Restarted pods say how to come back.
  (void)line("node1$ kubectl run keeper -it --image=busybox -- sh");
  (void)line("/ # cd /tmp");
  shown = line("/ # exit");
  CHECK_MESSAGE(contains(shown,
                         "Session ended, resume using 'kubectl attach keeper -c keeper -i -t' command when the pod "
                         "is running"),
                shown);
  (void)node1("kubectl wait --for=condition=Ready pod/keeper --timeout=60s; sleep 2");
  CHECK(contains(line("node1$ kubectl attach keeper -it"), kPressEnter));
  CHECK(trim(line("/ # pwd")) == "/");
  CHECK(trim(line("/ # echo $((6*7))")) == "42");
  (void)line("/ # exit");
  CHECK(node1("kubectl attach nopod") == "Error from server (NotFound): pods \"nopod\" not found");
}

TEST_CASE_FIXTURE(SessionRig, "input through pipes") {
  CHECK(node1("echo hi | kubectl run cat -i --rm --restart=Never --image=busybox --quiet -- cat") == "hi");
  std::string shown = node1(
      "printf '1\\n2\\n' | kubectl run sum -i --rm --restart=Never --image=busybox -- sh -c 'read a; "
      "read b; echo $((a+b)); exit 4'; echo $?");
  CHECK_MESSAGE(contains(shown, "3\n"), shown);
  CHECK_MESSAGE(shown.ends_with("\n4"), shown);
  CHECK(contains(node1("kubectl run once --rm -i --restart=Never --image=busybox -- echo hello"), "hello"));
  // Without stdin there is none; with it and nobody attached it waits.
  (void)node1("kubectl run none --image=busybox --restart=Never -- sh -c 'cat; echo over'");
  (void)node1("kubectl wait --for=jsonpath={.status.phase}=Succeeded pod/none --timeout=60s");
  CHECK(node1("kubectl logs none") == "over");
  (void)node1(
      "kubectl run waits --image=busybox --restart=Never --overrides='{\"spec\":{\"containers\":[{\"name\":\"waits\","
      "\"image\":\"busybox\",\"stdin\":true,\"stdinOnce\":true,\"command\":[\"sh\",\"-c\",\"cat; echo over\"]}]}}'");
  (void)node1("kubectl wait --for=condition=Ready pod/waits --timeout=60s; sleep 5");
  CHECK(node1("kubectl get pod waits -o jsonpath={.status.phase}") == "Running");
  CHECK(contains(node1("echo fed | kubectl attach -i waits"), "fed"));
  (void)node1("kubectl wait --for=jsonpath={.status.phase}=Succeeded pod/waits --timeout=60s");
  CHECK(node1("kubectl logs waits") == "fed\nover");
  // exec reads a pipe to its end.
  (void)node1("kubectl run web --image=nginx; kubectl wait --for=condition=Ready pod/web --timeout=60s");
  CHECK(node1("printf 'a\\nb\\n' | kubectl exec -i web -- wc -l") == "2");
  CHECK(node1("echo 'exit 5' | kubectl exec -i web -- sh; echo $?") == "command terminated with exit code 5\n5");
}

TEST_CASE_FIXTURE(SessionRig, "kubectl edit") {
  (void)node1("kubectl create configmap conf --from-literal=colour=blue");
  CHECK(node1("EDITOR=true kubectl edit cm conf; echo $?") == "Edit cancelled, no changes made.\n0");
  CHECK(node1("EDITOR=false kubectl edit cm conf 2>&1 | sed 's/[0-9]\\{10\\}/N/'") ==
        "error: there was a problem with the editor \"false\"");
  CHECK(node1("EDITOR=nosuch kubectl edit cm conf 2>&1 | sed 's/[0-9]\\{10\\}/N/' | tail -1") ==
        "error: unable to launch the editor \"nosuch\"");
  CHECK(node1("EDITOR='truncate -s 0' kubectl edit cm conf; echo $?") == "Edit cancelled, saved file was empty.\n0");
  // The default is vi.
  (void)line("node1$ kubectl edit cm conf");
  (void)line("node1> /blue<Enter>cwgreen<Esc>");
  CHECK(contains(line("node1> :wq<Enter>"), "configmap/conf edited"));
  CHECK(node1("kubectl get cm conf -o jsonpath={.data.colour}") == "green");
  (void)line("node1$ kubectl edit cm conf");
  CHECK(contains(line("node1> :q!<Enter>"), "Edit cancelled, no changes made."));

  (void)node1("kubectl create deployment web --image=nginx");
  CHECK(node1("KUBE_EDITOR='sed -i \"s/replicas: 1$/replicas: 2/\"' EDITOR=false kubectl edit deploy web") ==
        "deployment.apps/web edited");
  CHECK(node1("kubectl get deploy web -o jsonpath={.spec.replicas}") == "2");
  // What the server refuses comes back with the reasons; unchanged, it is given up.
  CHECK(node1("KUBE_EDITOR='sed -i \"s/replicas: 2$/replicas: -5/\"' kubectl edit deploy web 2>&1 | sed "
              "'s/[0-9]\\{10\\}/N/'") ==
        "error: deployments.apps \"web\" is invalid\nA copy of your changes has been stored to "
        "\"/tmp/kubectl-edit-N.yaml\"\nerror: Edit cancelled, no valid changes were saved.");
  const std::string kept = node1("cat $(ls -t /tmp/kubectl-edit-*.yaml | head -1)");
  CHECK_MESSAGE(contains(kept,
                         "# deployments.apps \"web\" was not valid:\n# * spec.replicas: Invalid value: -5: must be "
                         "greater than or equal to 0\n#\n"),
                kept);
  (void)node1("rm -f /tmp/kubectl-edit-*");
  // In vi: broken, then mended in the file that comes back.
  (void)line("node1$ kubectl edit deploy web");
  (void)line("node1> /replicas: 2<Enter>f2r-<Esc>:wq<Enter>");
  (void)line("node1> /replicas: -<Enter>f-r3<Esc>");
  CHECK(contains(line("node1> :wq<Enter>"), "deployment.apps/web edited"));
  CHECK(node1("kubectl get deploy web -o jsonpath={.spec.replicas}; ls /tmp/kubectl-edit-* 2>/dev/null") == "3");
  // Another refusal is not tried again by itself.
  const std::string refused =
      node1("KUBE_EDITOR='sed -i s/containers:/contaners:/' kubectl edit deploy web 2>&1 | sed 's/[0-9]\\{10\\}/N/'");
  CHECK_MESSAGE(contains(refused, "error: deployments.apps \"web\" could not be patched: "), refused);
  CHECK_MESSAGE(
      contains(refused, "You can run `kubectl replace -f /tmp/kubectl-edit-N.yaml` to try this update again."),
      refused);
  CHECK(node1("KUBE_EDITOR='sed -i \"s/name: web$/name: wob/\"' kubectl edit deploy web 2>&1 | tail -1") ==
        "error: At least one of apiVersion, kind and name was changed");
}

TEST_CASE_FIXTURE(SessionRig, "ConfigMap and Secret volumes follow their sources") {
  (void)node1("kubectl create configmap conf --from-literal=a=one --from-literal=b=two");
  (void)node1("kubectl create secret generic key --from-literal=k=old");
  (void)world->host("node1")->files().write_file("/root/pod.yaml", R"(
apiVersion: v1
kind: Pod
metadata: {name: reader, labels: {tier: front}}
spec:
  containers:
  - name: c
    image: busybox
    command: [sleep, "100000"]
    env: [{name: A, valueFrom: {configMapKeyRef: {name: conf, key: a}}}]
    volumeMounts:
    - {name: conf, mountPath: /conf}
    - {name: conf, mountPath: /one, subPath: a}
    - {name: key, mountPath: /key}
    - {name: me, mountPath: /me}
  volumes:
  - {name: conf, configMap: {name: conf}}
  - {name: key, secret: {secretName: key, defaultMode: 256}}
  - {name: me, downwardAPI: {items: [{path: labels, fieldRef: {fieldPath: metadata.labels}}]}}
)",
                                                 world->now());
  (void)node1("kubectl apply -f /root/pod.yaml; kubectl wait --for=condition=Ready pod/reader --timeout=60s");
  const std::string show = "kubectl exec reader -- sh -c 'cat /conf/a /one /key/k /me/labels; echo $A; ls /conf'";
  CHECK(node1(show) == "oneoneoldtier=\"front\"\none\na\nb");
  CHECK(
      node1("kubectl exec reader -- sh -c 'readlink /conf/a; readlink /conf/..data | cut -c1-4; ls -l /key/..data/'") !=
      "");
  CHECK(node1("kubectl exec reader -- readlink /conf/a") == "..data/a");
  CHECK(node1("kubectl exec reader -- readlink /conf/..data").starts_with("..2026_01_01_"));

  (void)node1(
      "kubectl create configmap conf --from-literal=a=ONE --from-literal=c=three --dry-run=client -o yaml | kubectl "
      "replace -f -");
  (void)node1("kubectl patch secret key -p '{\"stringData\":{\"k\":\"new\"}}'");
  pass(seconds(70));
  // All of it within about a minute; never what a subPath or a variable took.
  CHECK(node1(show) == "ONEonenewtier=\"front\"\none\na\nc");
  (void)node1("kubectl label pod reader tier=back --overwrite");
  pass(seconds(2));
  CHECK(node1("kubectl exec reader -- cat /me/labels") == "tier=\"back\"");
  // What is deleted leaves the files.
  (void)node1("kubectl delete configmap conf");
  pass(seconds(130));
  CHECK(node1("kubectl exec reader -- cat /conf/a") == "ONE");
  CHECK(node1("kubectl delete pod reader --now") == "pod \"reader\" deleted from default namespace");
}

TEST_CASE_FIXTURE(SessionRig, "completion of kubectl against the cluster") {
  (void)node1("kubectl create deployment nginx --image=nginx; kubectl rollout status deploy/nginx");
  (void)node1("source <(kubectl completion bash); alias k=kubectl; complete -o default -F __start_kubectl k");
  CHECK(contains(node1("kubectl logs ngi\t| head -1"), "/docker-entrypoint.sh"));
  CHECK(contains(node1("kubectl -n kube-s\tget pods"), "coredns"));
  CHECK(contains(node1("kubectl get pods --namespace=kube-s\t"), "coredns"));
  CHECK(contains(node1("kubectl get pods --namespa\t=kube-system"), "coredns"));
  CHECK(contains(node1("k get deploym\tngi\t-o na\t"), "deployment.apps/nginx"));
  CHECK(node1("kubectl __complete get po 2>/dev/null") == "pods\npodtemplates\npoddisruptionbudgets.policy\n:4");
  CHECK(contains(node1("kubectl __complete '' 2>/dev/null"), "get\tDisplay one or many resources"));
  CHECK_FALSE(contains(node1("kubectl __completeNoDesc ''"), "\t"));
  CHECK(node1("kubectl __complete get --namespace=kube-s 2>&1") ==
        "kube-system\n:4\nCompletion ended with directive: ShellCompDirectiveNoFileComp");
  CHECK(node1("kubectl __complete get pods --namespac 2>/dev/null") == "--namespace\n--namespace=\n:4");
  CHECK(node1("kubectl __complete get pods -o js 2>/dev/null") ==
        "json\njsonpath\njsonpath-as-json\njsonpath-file\n:4");
  CHECK(node1("kubectl completion tcsh").starts_with("error: Unsupported shell type \"tcsh\"."));
}

TEST_CASE_FIXTURE(SessionRig, "the next command of a node ends what still reads there") {
  for (const char* left : {"cat", "less /etc/passwd", "vi /tmp/f", "nano /tmp/f", "kubectl explain pod | less",
                           "sh -c 'sh -c cat'", "top", "watch date"}) {
    CAPTURE(left);
    (void)line(std::string("node1$ ") + left);
    CHECK(node1("echo next; ls /tmp/f 2>&1").ends_with("next\nls: cannot access '/tmp/f': No such file or directory"));
  }
}

TEST_CASE_FIXTURE(SessionRig, "what one looks up about a session") {
  CHECK(node1("history | tail -1 | awk '{print $2}'") == "history");
  // Sockets of containers belong to the machine's numbers for their processes.
  CHECK(node1("ss -tlnp | grep -c \"(\\\"etcd\\\",pid=$(pgrep -x etcd),\"") != "0");
  CHECK(node1("netstat -tlnp | grep -c \" $(pgrep -x etcd)/etcd\"") != "0");
  CHECK(node1("netstat -tlnp | grep -c ' 1/etcd'") == "0");
}

TEST_CASE_FIXTURE(SessionRig, "time passes between two lines, and a login leaves no zombie") {
  const auto first = parse_int(node1("date +%s"));
  const auto second = parse_int(node1("date +%s"));
  REQUIRE(first);
  REQUIRE(second);
  CHECK(*second > *first);
  CHECK(node1("ps -eo stat= | grep -c Z") == "0");
  CHECK(node1("cat <(echo a) <(echo b)") == "a\nb");
  CHECK(node1("ps -eo stat= | grep -c Z") == "0");
}

// Text that only looks like commands when it is expanded: never more than a message.
TEST_CASE_FIXTURE(SessionRig, "substitutions that cannot be parsed") {
  std::string shown = line("node1$ cat <<E\n$(fi) here\nE");
  CHECK_MESSAGE(contains(shown, "syntax error near unexpected token `fi'"), shown);
  CHECK_MESSAGE(contains(shown, " here"), shown);
  shown = node1("echo $(fi)");
  CHECK_MESSAGE(contains(shown, "syntax error near unexpected token `fi'"), shown);
  (void)node1("a='x[$(fi)]'; echo $((a))");
  (void)node1("read 'a[$(fi)]' <<< x");
  (void)node1("echo !$");
  (void)node1("PS1='$(fi)> '");
  CHECK(node1("PS1='[\\u@\\h \\W]\\$ '; echo still here") == "still here");
}

TEST_CASE_FIXTURE(SessionRig, "a pod's token is renewed, and the old one still opens the API") {
  (void)node1("kubectl run keeper --image=curlimages/curl --command -- sleep 1000000");
  CHECK(contains(node1("kubectl wait --for=condition=Ready pod/keeper --timeout=5m"), "condition met"));
  const std::string read = "kubectl exec keeper -- cat /var/run/secrets/kubernetes.io/serviceaccount/token; echo";
  const std::string first = node1(read);
  const auto answer_to = [&](const std::string& token) {
    return node1("curl -sk -o /dev/null -w '%{http_code}\\n' -H 'Authorization: Bearer " + token +
                 "' https://10.0.0.2:6443/api");
  };
  CHECK(answer_to(first) == "200");
  pass(std::chrono::minutes(40));
  CHECK(node1(read) == first);
  pass(std::chrono::minutes(10));
  const std::string second = node1(read);
  CHECK(second != first);
  CHECK(answer_to(second) == "200");
  // kube-apiserver extends what is bound to a pod to a year: who never reads the file again goes on.
  pass(std::chrono::hours(3));
  CHECK(answer_to(first) == "200");
  CHECK(node1(read) != second);
  // One that somebody asked for by hand ends when it says.
  const std::string own = node1("kubectl create token default --duration=10m");
  CHECK(answer_to(own) == "200");
  pass(std::chrono::minutes(11));
  CHECK(answer_to(own) == "401");
}
