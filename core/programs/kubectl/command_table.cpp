#include "core/base/strings.h"
#include "core/programs/kubectl/command.h"

namespace drydock::kubectl {
namespace {

constexpr Command kCommands[] = {
    {"create", "Create a resource from a file or from stdin", "-f FILENAME",
     "@print @files @dry edit=false field-manager=kubectl-create raw= save-config=false l,selector= validate=strict "
     "windows-line-endings=false",
     run_create},
#define CREATE "@print @dry field-manager=kubectl-create save-config=false validate=strict "
    {"create clusterrole", "Create a cluster role",
     "NAME --verb=verb --resource=resource.group [--resource-name=resourcename] [--dry-run=server|client|none]",
     CREATE "aggregation-rule= non-resource-url=[] resource=[] resource-name=[*] verb=[]", run_create_generated},
    {"create clusterrolebinding", "Create a cluster role binding for a particular cluster role",
     "NAME --clusterrole=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] "
     "[--dry-run=server|client|none]",
     CREATE "clusterrole= group=[*] serviceaccount=[*] user=[*]", run_create_generated, "", "clusterrole"},
    {"create configmap", "Create a config map from a local file, directory or literal value",
     "NAME [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none]",
     CREATE "append-hash=false from-env-file=[] from-file=[] from-literal=[*]", run_create_generated, "cm"},
    {"create cronjob", "Create a cron job with the specified name",
     "NAME --image=image --schedule='0/5 * * * ?' -- [COMMAND] [args...] [flags]",
     CREATE "image= restart= schedule=", run_create_generated, "cj", "image schedule"},
    {"create deployment", "Create a deployment with the specified name", "NAME --image=image -- [COMMAND] [args...]",
     CREATE "image=[] port=-1 r,replicas=1", run_create_generated, "deploy", "image"},
    {"create ingress", "Create an ingress with the specified name",
     "NAME --rule=host/path=service:port[,tls[=secret]] ", CREATE "annotation=[*] class= default-backend= rule=[*]",
     run_create_generated, "ing"},
    {"create job", "Create a job with the specified name",
     "NAME --image=image [--from=cronjob/name] -- [COMMAND] [args...]", CREATE "from= image=", run_create_generated},
    {"create namespace", "Create a namespace with the specified name", "NAME [--dry-run=server|client|none]", CREATE,
     run_create_generated, "ns"},
    {"create poddisruptionbudget", "Create a pod disruption budget with the specified name",
     "NAME --selector=SELECTOR --min-available=N [--dry-run=server|client|none]",
     CREATE "max-unavailable= min-available= selector=", run_create_generated, "pdb"},
    {"create priorityclass", "Create a priority class with the specified name",
     "NAME --value=VALUE --global-default=BOOL [--dry-run=server|client|none]",
     CREATE "description= global-default=false preemption-policy=PreemptLowerPriority value=0", run_create_generated,
     "pc"},
    {"create quota", "Create a quota with the specified name",
     "NAME [--hard=key1=value1,key2=value2] [--scopes=Scope1,Scope2] [--dry-run=server|client|none]",
     CREATE "hard= scopes=", run_create_generated, "resourcequota"},
    {"create role", "Create a role with single rule",
     "NAME --verb=verb --resource=resource.group/subresource [--resource-name=resourcename] "
     "[--dry-run=server|client|none]",
     CREATE "resource=[] resource-name=[*] verb=[]", run_create_generated},
    {"create rolebinding", "Create a role binding for a particular role or cluster role",
     "NAME --clusterrole=NAME|--role=NAME [--user=username] [--group=groupname] "
     "[--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]",
     CREATE "clusterrole= group=[*] role= serviceaccount=[*] user=[*]", run_create_generated},
    {"create secret", "Create a secret using a specified subcommand", "(docker-registry | generic | tls)", "", nullptr},
    {"create secret docker-registry", "Create a secret for use with a Docker registry",
     "NAME --docker-username=user --docker-password=password --docker-email=email [--docker-server=string] "
     "[--from-file=[key=]source] [--dry-run=server|client|none]",
     CREATE "append-hash=false docker-email= docker-password= docker-server=https://index.docker.io/v1/ "
            "docker-username= from-file=[]",
     run_create_generated},
    {"create secret generic", "Create a secret from a local file, directory, or literal value",
     "NAME [--type=string] [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none]",
     CREATE "append-hash=false from-env-file=[] from-file=[] from-literal=[*] type=", run_create_generated},
    {"create secret tls", "Create a TLS secret",
     "NAME --cert=path/to/cert/file --key=path/to/key/file [--dry-run=server|client|none]",
     CREATE "append-hash=false cert= key=", run_create_generated},
    {"create service", "Create a service using a specified subcommand", "[flags]", "", nullptr, "svc"},
    {"create service clusterip", "Create a ClusterIP service",
     "NAME [--tcp=<port>:<targetPort>] [--dry-run=server|client|none]", CREATE "clusterip= tcp=[]",
     run_create_generated},
    {"create service externalname", "Create an ExternalName service",
     "NAME --external-name external.name [--dry-run=server|client|none]", CREATE "external-name= tcp=[]",
     run_create_generated, "", "external-name"},
    {"create service loadbalancer", "Create a LoadBalancer service",
     "NAME [--tcp=port:targetPort] [--dry-run=server|client|none]", CREATE "tcp=[]", run_create_generated},
    {"create service nodeport", "Create a NodePort service",
     "NAME [--tcp=port:targetPort] [--dry-run=server|client|none]", CREATE "node-port=0 tcp=[]", run_create_generated},
    {"create serviceaccount", "Create a service account with the specified name", "NAME [--dry-run=server|client|none]",
     CREATE, run_create_generated, "sa"},
    {"create token", "Request a service account token", "SERVICE_ACCOUNT_NAME",
     "@print audience=[*] bound-object-kind= bound-object-name= bound-object-uid= duration=0s", run_create_token},
#undef CREATE
    {"expose", "Take a replication controller, service, deployment or pod and expose it as a new Kubernetes service",
     "(-f FILENAME | TYPE NAME) [--port=port] [--protocol=TCP|UDP|SCTP] [--target-port=number-or-name] [--name=name] "
     "[--external-ip=external-ip-of-service] [--type=type]",
     "@print @files @dry cluster-ip= external-ip= field-manager=kubectl-expose l,labels= load-balancer-ip= name= "
     "override-type=merge overrides= port= protocol= save-config=false selector= session-affinity= target-port= type=",
     run_expose},
    {"run", "Run a particular image on the cluster",
     "NAME --image=image [--env=\"key=value\"] [--port=port] [--dry-run=server|client] [--overrides=inline-json] "
     "[--command] -- [COMMAND] [args...]",
     "@print @files @dry annotations=[*] attach=false cascade=background command=false detach-keys=ctrl-p,ctrl-q "
     "env=[*] expose=false "
     "field-manager=kubectl-run force=false grace-period=-1 image= image-pull-policy= l,labels= leave-stdin-open=false "
     "override-type=merge overrides= pod-running-timeout=1m0s port= privileged=false q,quiet=false restart=Always "
     "rm=false save-config=false i,stdin=false timeout=0s t,tty=false wait=false",
     run_run, "", "image"},
    {"set", "Set specific features on objects", "SUBCOMMAND", "", nullptr},
#define SET "@print @dry @files all=false field-manager=kubectl-set local=false "
    {"set env", "Update environment variables on a pod template", "RESOURCE/NAME KEY_1=VAL_1 ... KEY_N=VAL_N",
     SET "c,containers=* e,env=[*] from= keys=[] list=false overwrite=true prefix= resolve=false l,selector=",
     run_set_env},
    {"set image", "Update the image of a pod template",
     "(-f FILENAME | TYPE NAME) CONTAINER_NAME_1=CONTAINER_IMAGE_1 ... CONTAINER_NAME_N=CONTAINER_IMAGE_N",
     SET "l,selector=", run_set_image},
    {"set resources", "Update resource requests/limits on objects with pod templates",
     "(-f FILENAME | TYPE NAME)  ([--limits=LIMITS & --requests=REQUESTS]",
     SET "c,containers=* limits= requests= l,selector=", run_set_resources},
    {"set selector", "Set the selector on a resource",
     "(-f FILENAME | TYPE NAME) EXPRESSIONS [--resource-version=version]",
     "@print @dry f,filename=[] R,recursive=true all=false field-manager=kubectl-set local=false resource-version=",
     run_set_selector},
    {"set serviceaccount", "Update the service account of a resource", "(-f FILENAME | TYPE NAME) SERVICE_ACCOUNT", SET,
     run_set_serviceaccount, "sa"},
    {"set subject", "Update the user, group, or service account in a role binding or cluster role binding",
     "(-f FILENAME | TYPE NAME) [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] "
     "[--dry-run=server|client|none]",
     SET "group=[*] l,selector= serviceaccount=[*] user=[*]", run_set_subject},
#undef SET
    {"explain", "Get documentation for a resource",
     "TYPE [--recursive=FALSE|TRUE] [--api-version=api-version-group] [-o|--output=plaintext|plaintext-openapiv2]",
     "api-version= o,output=plaintext R,recursive=false", run_explain},
    {"get", "Display one or many resources",
     "[(-o|--output=)json|yaml|kyaml|name|go-template|go-template-file|template|templatefile|jsonpath|jsonpath-as-json|"
     "jsonpath-file|custom-columns|custom-columns-file|wide] (TYPE[.VERSION][.GROUP] [NAME | -l label] | "
     "TYPE[.VERSION][.GROUP]/NAME ...) [flags]",
     "@print @files A,all-namespaces=false chunk-size=500 field-selector= ignore-not-found=false L,label-columns=[] "
     "no-headers=false output-watch-events=false raw= l,selector= server-print=true show-kind=false show-labels=false "
     "sort-by= subresource= w,watch=false watch-only=false",
     run_get},
    {"edit", "Edit a resource on the server", "(RESOURCE/NAME | -f FILENAME)",
     "@print @files field-manager=kubectl-edit output-patch=false save-config=false subresource= validate=strict "
     "windows-line-endings=false",
     run_edit},
    {"delete", "Delete resources by file names, stdin, resources and names, or by resources and label selector",
     "([-f FILENAME] | [-k DIRECTORY] | TYPE [(NAME | -l label | --all)])",
     "@files @dry all=false A,all-namespaces=false cascade=background field-selector= force=false grace-period=-1 "
     "ignore-not-found=false i,interactive=false now=false o,output= raw= l,selector= timeout=0s wait=true",
     run_delete},
    {"rollout", "Manage the rollout of a resource", "SUBCOMMAND", "", nullptr},
    {"rollout history", "View rollout history", "(TYPE NAME | TYPE/NAME) [flags]",
     "@print @files revision=0 l,selector=", run_rollout_history},
    {"rollout pause", "Mark the provided resource as paused", "RESOURCE",
     "@print @files field-manager=kubectl-rollout l,selector=", run_rollout_pause},
    {"rollout restart", "Restart a resource", "RESOURCE",
     "@print @files field-manager=kubectl-rollout l,selector=", run_rollout_restart},
    {"rollout resume", "Resume a paused resource", "RESOURCE",
     "@print @files field-manager=kubectl-rollout l,selector=", run_rollout_resume},
    {"rollout status", "Show the status of the rollout", "(TYPE NAME | TYPE/NAME) [flags]",
     "@files revision=0 l,selector= timeout=0s w,watch=true", run_rollout_status},
    {"rollout undo", "Undo a previous rollout", "(TYPE NAME | TYPE/NAME) [flags]",
     "@print @files @dry l,selector= to-revision=0", run_rollout_undo},
    {"scale", "Set a new size for a deployment, replica set, or replication controller",
     "[--resource-version=version] [--current-replicas=count] --replicas=COUNT (-f FILENAME | TYPE NAME)",
     "@print @files @dry all=false current-replicas=-1 replicas=0 resource-version= l,selector= timeout=0s", run_scale,
     "", "replicas"},
    {"autoscale", "Auto-scale a deployment, replica set, stateful set, or replication controller",
     "(-f FILENAME | TYPE NAME | TYPE/NAME) [--min=MINPODS] --max=MAXPODS [--cpu=CPU] [--memory=MEMORY]",
     "@print @files @dry cpu= !cpu-percent=-1 field-manager=kubectl-autoscale max=-1 memory= min=-1 name= "
     "save-config=false",
     run_autoscale, "", "max"},
    {"certificate", "Modify certificate resources", "SUBCOMMAND", "", nullptr},
    {"certificate approve", "Approve a certificate signing request", "(-f FILENAME | NAME)",
     "@print @files force=false", run_certificate_approve},
    {"certificate deny", "Deny a certificate signing request", "(-f FILENAME | NAME)", "@print @files force=false",
     run_certificate_deny},
    {"cluster-info", "Display cluster information", "[flags]", "", run_cluster_info},
    {"cluster-info dump", "Dump relevant information for debugging and diagnosis", "[flags]",
     "o,output=json @print A,all-namespaces=false namespaces=[] output-directory= pod-running-timeout=20s",
     run_cluster_info_dump},
    {"top", "Display resource (CPU/memory) usage", "[flags]", "", nullptr},
    {"top node", "Display resource (CPU/memory) usage of nodes", "[NAME | -l label]",
     "no-headers=false l,selector= show-capacity=false show-swap=false sort-by= use-protocol-buffers=true",
     run_top_node, "nodes no"},
    {"top pod", "Display resource (CPU/memory) usage of pods", "[NAME | -l label]",
     "A,all-namespaces=false containers=false field-selector= no-headers=false l,selector= show-swap=false sort-by= "
     "sum=false "
     "use-protocol-buffers=true",
     run_top_pod, "pods po"},
    {"cordon", "Mark node as unschedulable", "NODE", "@dry l,selector=", run_cordon},
    {"uncordon", "Mark node as schedulable", "NODE", "@dry l,selector=", run_uncordon},
    {"drain", "Drain node in preparation for maintenance", "NODE",
     "@dry chunk-size=500 delete-emptydir-data=false disable-eviction=false force=false grace-period=-1 "
     "ignore-daemonsets=false pod-selector= l,selector= skip-wait-for-delete-timeout=0 timeout=0s",
     run_drain},
    {"taint", "Update the taints on one or more nodes",
     "NODE NAME KEY_1=VAL_1:TAINT_EFFECT_1 ... KEY_N=VAL_N:TAINT_EFFECT_N",
     "@print @dry all=false field-manager=kubectl-taint overwrite=false l,selector= validate=strict", run_taint},
    {"describe", "Show details of a specific resource or group of resources",
     "(-f FILENAME | TYPE [NAME_PREFIX | -l label] | TYPE/NAME)",
     "@files A,all-namespaces=false chunk-size=500 l,selector= show-events=true", run_describe},
    {"logs", "Print the logs for a container in a pod", "[-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]",
     "all-containers=false all-pods=false c,container= f,follow=false ignore-errors=false "
     "insecure-skip-tls-verify-backend=false limit-bytes=0 max-log-requests=5 pod-running-timeout=20s prefix=false "
     "p,previous=false l,selector= since=0s since-time= tail=-1 timestamps=false",
     run_logs},
    {"attach", "Attach to a running container", "(POD | TYPE/NAME) -c CONTAINER",
     "c,container= detach-keys=ctrl-p,ctrl-q pod-running-timeout=1m0s q,quiet=false i,stdin=false t,tty=false",
     run_attach},
    {"exec", "Execute a command in a container", "(POD | TYPE/NAME) [-c CONTAINER] [flags] -- COMMAND [args...]",
     "c,container= f,filename=[] pod-running-timeout=1m0s q,quiet=false i,stdin=false t,tty=false", run_exec},
    {"port-forward", "Forward one or more local ports to a pod",
     "TYPE/NAME [options] [LOCAL_PORT:]REMOTE_PORT [...[LOCAL_PORT_N:]REMOTE_PORT_N]",
     "address=[localhost] pod-running-timeout=1m0s", run_port_forward},
    {"proxy", "Run a proxy to the Kubernetes API server",
     "[--port=PORT] [--www=static-dir] [--www-prefix=prefix] [--api-prefix=prefix]",
     "accept-hosts=^localhost$,^127\\.0\\.0\\.1$,^\\[::1\\]$ accept-paths=^.* address=127.0.0.1 api-prefix=/ "
     "append-server-path=false disable-filter=false keepalive=0s p,port=8001 reject-methods=^$ "
     "reject-paths=^/api/.*/pods/.*/exec,^/api/.*/pods/.*/attach u,unix-socket= w,www= P,www-prefix=/static/",
     run_proxy},
    {"cp", "Copy files and directories to and from containers", "<file-spec-src> <file-spec-dest>",
     "c,container= no-preserve=false retries=0", run_cp},
    {"auth", "Inspect authorization", "[flags]", "", nullptr},
    {"auth can-i", "Check whether an action is allowed", "VERB [TYPE | TYPE/NAME | NONRESOURCEURL]",
     "A,all-namespaces=false list=false no-headers=false q,quiet=false subresource=", run_auth_can_i},
    {"auth reconcile", "Reconciles rules for RBAC role, role binding, cluster role, and cluster role binding objects",
     "-f FILENAME", "@print @dry @files remove-extra-permissions=false remove-extra-subjects=false",
     run_auth_reconcile},
    {"auth whoami", "Experimental: Check self subject attributes", "", "@print", run_auth_whoami},
    {"debug", "Create debugging sessions for troubleshooting workloads and nodes",
     "(POD | TYPE[[.VERSION].GROUP]/NAME) [ -- COMMAND [args...] ]",
     "arguments-only=false attach=false c,container= copy-to= custom= env=[*] f,filename=[] image= image-pull-policy= "
     "keep-annotations=false keep-init-containers=true keep-labels=false keep-liveness=false keep-readiness=false "
     "keep-startup=false profile=general q,quiet=false replace=false same-node=false set-image=[] share-processes=true "
     "i,stdin=false target= t,tty=false",
     run_debug},
    {"events", "List events",
     "[(-o|--output=)json|yaml|kyaml|name|go-template|go-template-file|template|templatefile|jsonpath|jsonpath-as-json|"
     "jsonpath-file] [--for TYPE/NAME] [--watch] [--types=Normal,Warning]",
     "@print A,all-namespaces=false chunk-size=500 for= no-headers=false types=[] w,watch=false", run_events},
    {"diff", "Diff the live version against a would-be applied version", "-f FILENAME",
     "@files concurrency=1 field-manager=kubectl-client-side-apply force-conflicts=false prune=false "
     "prune-allowlist=[*] l,selector= server-side=false show-managed-fields=false show-secrets=false",
     run_diff},
    {"apply", "Apply a configuration to a resource by file name or stdin", "(-f FILENAME | -k DIRECTORY)",
     "@print @files @dry all=false cascade=background field-manager=kubectl-client-side-apply force=false "
     "force-conflicts=false grace-period=-1 openapi-patch=true overwrite=true prune=false prune-allowlist=[*] "
     "l,selector= server-side=false subresource= timeout=0s validate=strict wait=false",
     run_apply},
    {"apply edit-last-applied", "Edit latest last-applied-configuration annotations of a resource/object",
     "(RESOURCE/NAME | -f FILENAME)",
     "@print @files field-manager=kubectl-client-side-apply validate=strict windows-line-endings=false",
     run_apply_edit_last_applied},
    {"apply set-last-applied",
     "Set the last-applied-configuration annotation on a live object to match the contents of a file", "-f FILENAME",
     "@print @dry create-annotation=false f,filename=[]", run_apply_set_last_applied},
    {"apply view-last-applied", "View the latest last-applied-configuration annotations of a resource/object",
     "(TYPE [NAME | -l label] | TYPE/NAME | -f FILENAME)",
     "@files all=false o,output=yaml l,selector=", run_apply_view_last_applied},
    {"patch", "Update fields of a resource", "(-f FILENAME | TYPE NAME) [-p PATCH|--patch-file FILE]",
     "@print @files @dry field-manager=kubectl-patch local=false p,patch= patch-file= subresource= type=strategic",
     run_patch},
    {"replace", "Replace a resource by file name or stdin", "-f FILENAME",
     "@print @files @dry cascade=background field-manager=kubectl-replace force=false grace-period=-1 raw= "
     "save-config=false subresource= timeout=0s validate=strict wait=false",
     run_replace},
    {"wait", "Wait for a specific condition on one or many resources",
     "([-f FILENAME] | resource.group/resource.name | resource.group [(-l label | --all)]) "
     "[--for=create|--for=delete|--for condition=available|--for=jsonpath='{}'[=value]]",
     "@print all=false A,all-namespaces=false field-selector= f,filename=[] for=[*] local=false R,recursive=true "
     "l,selector= timeout=30s",
     run_wait},
    {"kustomize", "Build a kustomization target from a directory or URL", "DIR [flags]",
     "as-current-user=false enable-alpha-plugins=false enable-helm=false e,env=[*] helm-api-versions=[] "
     "helm-command=helm helm-debug=false helm-kube-version= mount=[] network=false network-name=bridge "
     "load-restrictor=LoadRestrictionsRootOnly o,output=",
     run_kustomize},
    {"label", "Update the labels on a resource",
     "[--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version]",
     "@print @files @dry all=false A,all-namespaces=false field-manager=kubectl-label field-selector= list=false "
     "local=false overwrite=false resource-version= l,selector=",
     run_label},
    {"annotate", "Update the annotations on a resource",
     "[--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version]",
     "@print @files @dry all=false A,all-namespaces=false field-manager=kubectl-annotate field-selector= list=false "
     "local=false overwrite=false resource-version= l,selector=",
     run_annotate},
    {"completion", "Output shell completion code for the specified shell (bash, zsh, fish, or powershell)", "SHELL", "",
     run_completion},
    {"api-resources", "Print the supported API resources on the server", "[flags]",
     "api-group= cached=false categories=[] namespaced=true no-headers=false o,output= sort-by= verbs=[] "
     "show-managed-fields=false",
     run_api_resources},
    {"api-versions", "Print the supported API versions on the server, in the form of \"group/version\"", "", "",
     run_api_versions},
    {"config", "Modify kubeconfig files", "SUBCOMMAND", "", nullptr},
    {"config current-context", "Display the current-context", "[flags]", "", run_config_current_context},
    {"config delete-cluster", "Delete the specified cluster from the kubeconfig", "NAME", "", run_config_delete},
    {"config delete-context", "Delete the specified context from the kubeconfig", "NAME", "", run_config_delete},
    {"config delete-user", "Delete the specified user from the kubeconfig", "NAME", "", run_config_delete},
    {"config get-clusters", "Display clusters defined in the kubeconfig", "[flags]", "", run_config_get_names},
    {"config get-contexts", "Describe one or many contexts", "[(-o|--output=)name)]",
     "no-headers=false o,output=", run_config_get_contexts},
    {"config get-users", "Display users defined in the kubeconfig", "[flags]", "", run_config_get_names},
    {"config rename-context", "Rename a context from the kubeconfig file", "CONTEXT_NAME NEW_NAME", "",
     run_config_rename_context},
    {"config set", "Set an individual value in a kubeconfig file", "PROPERTY_NAME PROPERTY_VALUE",
     "set-raw-bytes=false", run_config_set},
    {"config set-cluster", "Set a cluster entry in kubeconfig",
     "NAME [--server=server] [--certificate-authority=path/to/certificate/authority] [--insecure-skip-tls-verify=true] "
     "[--tls-server-name=example.com]",
     "certificate-authority= embed-certs=false insecure-skip-tls-verify=false proxy-url= server= tls-server-name=",
     run_config_set_cluster},
    {"config set-context", "Set a context entry in kubeconfig",
     "[NAME | --current] [--cluster=cluster_nickname] [--user=user_nickname] [--namespace=namespace]",
     "cluster= current=false n,namespace= user=", run_config_set_context},
    {"config set-credentials", "Set a user entry in kubeconfig",
     "NAME [--client-certificate=path/to/certfile] [--client-key=path/to/keyfile] [--token=bearer_token] "
     "[--username=basic_user] [--password=basic_password] [--auth-provider=provider_name] "
     "[--auth-provider-arg=key=value] [--exec-command=exec_command] [--exec-api-version=exec_api_version] "
     "[--exec-arg=arg] [--exec-env=key=value]",
     "auth-provider= auth-provider-arg=[] client-certificate= client-key= embed-certs=false exec-api-version= "
     "exec-arg=[] exec-command= exec-env=[*] exec-interactive-mode= exec-provide-cluster-info=false password= token= "
     "username=",
     run_config_set_credentials},
    {"config unset", "Unset an individual value in a kubeconfig file", "PROPERTY_NAME", "", run_config_unset},
    {"config use-context", "Set the current-context in a kubeconfig file", "CONTEXT_NAME", "", run_config_use_context,
     "use"},
    {"config view", "Display merged kubeconfig settings or a specified kubeconfig file", "[flags]",
     "allow-missing-template-keys=true flatten=false merge=true minify=false o,output=yaml raw=false "
     "show-managed-fields=false template=",
     run_config_view},
    {"plugin", "Provides utilities for interacting with plugins", "[flags]", "", nullptr},
    {"plugin list", "List all visible plugin executables on a user's PATH", "[flags]", "name-only=false",
     run_plugin_list},
    {"version", "Print the client and server version information", "[flags]", "client=false o,output=", run_version},
    {"options", "Print the list of flags inherited by all commands", "[flags]", "", run_options},
    {"__complete", "", "", "", run_complete},
};

constexpr std::string_view kGlobalFlags =
    "as= as-group=[*] as-uid= as-user-extra=[*] cache-dir= certificate-authority= client-certificate= client-key= "
    "cluster= context= "
    "disable-compression=false insecure-skip-tls-verify=false kubeconfig= kuberc= log-flush-frequency=5s "
    "match-server-version=false n,namespace= "
    "password= profile=none profile-output=profile.pprof request-timeout='0' s,server= tls-server-name= token= user= "
    "username= "
    "v,v=0 vmodule= warnings-as-errors=false h,help=false";

}  // namespace

std::span<const Command> commands() { return kCommands; }
std::string_view global_flags() { return kGlobalFlags; }

std::string_view last_word(std::string_view path) {
  const std::size_t space = path.rfind(' ');
  return space == std::string_view::npos ? path : path.substr(space + 1);
}

const Command* find_command(std::string_view path) {
  for (const Command& command : kCommands) {
    if (command.path == path) return &command;
  }
  // By an alias of the last word.
  const std::string_view word = last_word(path);
  const std::string_view parent = path.substr(0, path.size() - word.size());
  for (const Command& command : kCommands) {
    const std::string_view candidate = command.path;
    if (candidate.substr(0, candidate.size() - last_word(candidate).size()) != parent) continue;
    for (const std::string& alias : split_whitespace(command.aliases)) {
      if (alias == word) return &command;
    }
  }
  return nullptr;
}

std::vector<const Command*> sub_commands(std::string_view path) {
  std::vector<const Command*> result;
  for (const Command& command : kCommands) {
    std::string_view candidate = command.path;
    if (!path.empty()) {
      if (!candidate.starts_with(path) || candidate.size() <= path.size() || candidate[path.size()] != ' ') continue;
      candidate.remove_prefix(path.size() + 1);
    }
    if (candidate.find(' ') == std::string_view::npos && !candidate.starts_with("__")) result.push_back(&command);
  }
  return result;
}

}  // namespace drydock::kubectl
