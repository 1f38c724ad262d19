#include "core/apiserver/openapi/protobuf_messages.h"

#include <iterator>

namespace drydock {
namespace {

using Shape = ProtobufShape;
using FieldRow = ProtobufFieldRow;
using MessageRow = ProtobufMessageRow;

constexpr FieldRow kOwnerReference[] = {{5, "apiVersion", Shape::kText}, {1, "kind", Shape::kText},
                                        {3, "name", Shape::kText},       {4, "uid", Shape::kText},
                                        {6, "controller", Shape::kBool}, {7, "blockOwnerDeletion", Shape::kBool}};
constexpr FieldRow kObjectMeta[] = {{1, "name", Shape::kText},
                                    {2, "generateName", Shape::kText},
                                    {3, "namespace", Shape::kText},
                                    {5, "uid", Shape::kText},
                                    {6, "resourceVersion", Shape::kText},
                                    {7, "generation", Shape::kInt},
                                    {8, "creationTimestamp", Shape::kTime},
                                    {9, "deletionTimestamp", Shape::kTime},
                                    {10, "deletionGracePeriodSeconds", Shape::kInt},
                                    {11, "labels", Shape::kMap},
                                    {12, "annotations", Shape::kMap},
                                    {13, "ownerReferences", Shape::kMessage, true, "OwnerReference"},
                                    {14, "finalizers", Shape::kText, true}};
constexpr FieldRow kPreconditions[] = {{1, "uid", Shape::kText}, {2, "resourceVersion", Shape::kText}};
constexpr FieldRow kDeleteOptions[] = {{1, "gracePeriodSeconds", Shape::kInt},
                                       {2, "preconditions", Shape::kMessage, false, "Preconditions"},
                                       {3, "orphanDependents", Shape::kBool},
                                       {4, "propagationPolicy", Shape::kText},
                                       {5, "dryRun", Shape::kText, true}};
constexpr FieldRow kEviction[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"},
                                  {2, "deleteOptions", Shape::kMessage, false, "DeleteOptions"}};
constexpr FieldRow kResourceAttributes[] = {{1, "namespace", Shape::kText}, {2, "verb", Shape::kText},
                                            {3, "group", Shape::kText},     {4, "version", Shape::kText},
                                            {5, "resource", Shape::kText},  {6, "subresource", Shape::kText},
                                            {7, "name", Shape::kText}};
constexpr FieldRow kNonResourceAttributes[] = {{1, "path", Shape::kText}, {2, "verb", Shape::kText}};
constexpr FieldRow kSelfSubjectAccessReviewSpec[] = {
    {1, "resourceAttributes", Shape::kMessage, false, "ResourceAttributes"},
    {2, "nonResourceAttributes", Shape::kMessage, false, "NonResourceAttributes"}};
constexpr FieldRow kSelfSubjectAccessReview[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"},
                                                 {2, "spec", Shape::kMessage, false, "SelfSubjectAccessReviewSpec"}};
constexpr FieldRow kSubjectAccessReviewSpec[] = {
    {1, "resourceAttributes", Shape::kMessage, false, "ResourceAttributes"},
    {2, "nonResourceAttributes", Shape::kMessage, false, "NonResourceAttributes"},
    {3, "user", Shape::kText},
    {4, "groups", Shape::kText, true},
    {6, "uid", Shape::kText}};
constexpr FieldRow kSubjectAccessReview[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"},
                                             {2, "spec", Shape::kMessage, false, "SubjectAccessReviewSpec"}};
constexpr FieldRow kSelfSubjectRulesReviewSpec[] = {{1, "namespace", Shape::kText}};
constexpr FieldRow kSelfSubjectRulesReview[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"},
                                                {2, "spec", Shape::kMessage, false, "SelfSubjectRulesReviewSpec"}};
constexpr FieldRow kSelfSubjectReview[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"}};
constexpr FieldRow kTokenReviewSpec[] = {{1, "token", Shape::kText}, {2, "audiences", Shape::kText, true}};
constexpr FieldRow kTokenReview[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"},
                                     {2, "spec", Shape::kMessage, false, "TokenReviewSpec"}};
constexpr FieldRow kBoundObjectReference[] = {
    {1, "kind", Shape::kText}, {2, "apiVersion", Shape::kText}, {3, "name", Shape::kText}, {4, "uid", Shape::kText}};
constexpr FieldRow kTokenRequestSpec[] = {{1, "audiences", Shape::kText, true},
                                          {4, "expirationSeconds", Shape::kInt},
                                          {3, "boundObjectRef", Shape::kMessage, false, "BoundObjectReference"}};
constexpr FieldRow kTokenRequest[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"},
                                      {2, "spec", Shape::kMessage, false, "TokenRequestSpec"}};
constexpr FieldRow kLeaseSpec[] = {{1, "holderIdentity", Shape::kText},   {2, "leaseDurationSeconds", Shape::kInt},
                                   {3, "acquireTime", Shape::kMicroTime}, {4, "renewTime", Shape::kMicroTime},
                                   {5, "leaseTransitions", Shape::kInt},  {6, "strategy", Shape::kText},
                                   {7, "preferredHolder", Shape::kText}};
constexpr FieldRow kLease[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"},
                               {2, "spec", Shape::kMessage, false, "LeaseSpec"}};
constexpr FieldRow kObjectReference[] = {{1, "kind", Shape::kText},       {2, "namespace", Shape::kText},
                                         {3, "name", Shape::kText},       {4, "uid", Shape::kText},
                                         {5, "apiVersion", Shape::kText}, {6, "resourceVersion", Shape::kText},
                                         {7, "fieldPath", Shape::kText}};
constexpr FieldRow kEventSource[] = {{1, "component", Shape::kText}, {2, "host", Shape::kText}};
constexpr FieldRow kEventSeries[] = {{1, "count", Shape::kInt}, {2, "lastObservedTime", Shape::kMicroTime}};
constexpr FieldRow kEvent[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"},
                               {2, "involvedObject", Shape::kMessage, false, "ObjectReference"},
                               {3, "reason", Shape::kText},
                               {4, "message", Shape::kText},
                               {5, "source", Shape::kMessage, false, "EventSource"},
                               {6, "firstTimestamp", Shape::kTime},
                               {7, "lastTimestamp", Shape::kTime},
                               {8, "count", Shape::kInt},
                               {9, "type", Shape::kText},
                               {10, "eventTime", Shape::kMicroTime},
                               {11, "series", Shape::kMessage, false, "EventSeries"},
                               {12, "action", Shape::kText},
                               {13, "related", Shape::kMessage, false, "ObjectReference"},
                               {14, "reportingComponent", Shape::kText},
                               {15, "reportingInstance", Shape::kText}};
constexpr FieldRow kNewEvent[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"},
                                  {2, "eventTime", Shape::kMicroTime},
                                  {3, "series", Shape::kMessage, false, "EventSeries"},
                                  {4, "reportingController", Shape::kText},
                                  {5, "reportingInstance", Shape::kText},
                                  {6, "action", Shape::kText},
                                  {7, "reason", Shape::kText},
                                  {8, "regarding", Shape::kMessage, false, "ObjectReference"},
                                  {9, "related", Shape::kMessage, false, "ObjectReference"},
                                  {10, "note", Shape::kText},
                                  {11, "type", Shape::kText},
                                  {12, "deprecatedSource", Shape::kMessage, false, "EventSource"},
                                  {13, "deprecatedFirstTimestamp", Shape::kTime},
                                  {14, "deprecatedLastTimestamp", Shape::kTime},
                                  {15, "deprecatedCount", Shape::kInt}};
constexpr FieldRow kBinding[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"},
                                 {2, "target", Shape::kMessage, false, "ObjectReference"}};
constexpr FieldRow kScaleSpec[] = {{1, "replicas", Shape::kInt}};
constexpr FieldRow kScale[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"},
                               {2, "spec", Shape::kMessage, false, "ScaleSpec"}};
constexpr FieldRow kNamespaceSpec[] = {{1, "finalizers", Shape::kText, true}};
constexpr FieldRow kNamespace[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"},
                                   {2, "spec", Shape::kMessage, false, "NamespaceSpec"}};

constexpr FieldRow kConfigMap[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"},
                                   {2, "data", Shape::kMap},
                                   {3, "binaryData", Shape::kBytesMap},
                                   {4, "immutable", Shape::kBool}};
constexpr FieldRow kSecret[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"},
                                {2, "data", Shape::kBytesMap},
                                {3, "type", Shape::kText},
                                {4, "stringData", Shape::kMap},
                                {5, "immutable", Shape::kBool}};
constexpr FieldRow kLocalObjectReference[] = {{1, "name", Shape::kText}};
constexpr FieldRow kServiceAccount[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"},
                                        {2, "secrets", Shape::kMessage, true, "ObjectReference"},
                                        {3, "imagePullSecrets", Shape::kMessage, true, "LocalObjectReference"},
                                        {4, "automountServiceAccountToken", Shape::kBool}};
constexpr FieldRow kKeyToPath[] = {{1, "key", Shape::kText}, {2, "path", Shape::kText}, {3, "mode", Shape::kInt}};
constexpr FieldRow kObjectFieldSelector[] = {{1, "apiVersion", Shape::kText}, {2, "fieldPath", Shape::kText}};
constexpr FieldRow kDownwardAPIVolumeFile[] = {{1, "path", Shape::kText},
                                               {2, "fieldRef", Shape::kMessage, false, "ObjectFieldSelector"},
                                               {4, "mode", Shape::kInt}};
constexpr FieldRow kSecretProjection[] = {{1, "", Shape::kMessage, false, "LocalObjectReference"},
                                          {2, "items", Shape::kMessage, true, "KeyToPath"},
                                          {4, "optional", Shape::kBool}};
constexpr FieldRow kDownwardAPIProjection[] = {{1, "items", Shape::kMessage, true, "DownwardAPIVolumeFile"}};
constexpr FieldRow kServiceAccountTokenProjection[] = {
    {1, "audience", Shape::kText}, {2, "expirationSeconds", Shape::kInt}, {3, "path", Shape::kText}};
constexpr FieldRow kVolumeProjection[] = {
    {1, "secret", Shape::kMessage, false, "SecretProjection"},
    {2, "downwardAPI", Shape::kMessage, false, "DownwardAPIProjection"},
    {3, "configMap", Shape::kMessage, false, "SecretProjection"},
    {4, "serviceAccountToken", Shape::kMessage, false, "ServiceAccountTokenProjection"}};
constexpr FieldRow kProjectedVolumeSource[] = {{1, "sources", Shape::kMessage, true, "VolumeProjection"},
                                               {2, "defaultMode", Shape::kInt}};
constexpr FieldRow kHostPathVolumeSource[] = {{1, "path", Shape::kText}, {2, "type", Shape::kText}};
constexpr FieldRow kEmptyDirVolumeSource[] = {{1, "medium", Shape::kText}, {2, "sizeLimit", Shape::kQuantity}};
constexpr FieldRow kSecretVolumeSource[] = {{1, "secretName", Shape::kText},
                                            {2, "items", Shape::kMessage, true, "KeyToPath"},
                                            {3, "defaultMode", Shape::kInt},
                                            {4, "optional", Shape::kBool}};
constexpr FieldRow kPersistentVolumeClaimVolumeSource[] = {{1, "claimName", Shape::kText},
                                                           {2, "readOnly", Shape::kPlainBool}};
constexpr FieldRow kConfigMapVolumeSource[] = {{1, "", Shape::kMessage, false, "LocalObjectReference"},
                                               {2, "items", Shape::kMessage, true, "KeyToPath"},
                                               {3, "defaultMode", Shape::kInt},
                                               {4, "optional", Shape::kBool}};
constexpr FieldRow kDownwardAPIVolumeSource[] = {{1, "items", Shape::kMessage, true, "DownwardAPIVolumeFile"},
                                                 {2, "defaultMode", Shape::kInt}};
constexpr FieldRow kVolumeSource[] = {
    {1, "hostPath", Shape::kMessage, false, "HostPathVolumeSource"},
    {2, "emptyDir", Shape::kMessage, false, "EmptyDirVolumeSource"},
    {6, "secret", Shape::kMessage, false, "SecretVolumeSource"},
    {10, "persistentVolumeClaim", Shape::kMessage, false, "PersistentVolumeClaimVolumeSource"},
    {16, "downwardAPI", Shape::kMessage, false, "DownwardAPIVolumeSource"},
    {19, "configMap", Shape::kMessage, false, "ConfigMapVolumeSource"},
    {26, "projected", Shape::kMessage, false, "ProjectedVolumeSource"}};
constexpr FieldRow kVolume[] = {{1, "name", Shape::kText}, {2, "", Shape::kMessage, false, "VolumeSource"}};
constexpr FieldRow kCapabilities[] = {{1, "add", Shape::kText, true}, {2, "drop", Shape::kText, true}};
constexpr FieldRow kSeccompProfile[] = {{1, "type", Shape::kText}, {2, "localhostProfile", Shape::kText}};
constexpr FieldRow kSecurityContext[] = {{1, "capabilities", Shape::kMessage, false, "Capabilities"},
                                         {2, "privileged", Shape::kBool},
                                         {4, "runAsUser", Shape::kInt},
                                         {5, "runAsNonRoot", Shape::kBool},
                                         {6, "readOnlyRootFilesystem", Shape::kBool},
                                         {7, "allowPrivilegeEscalation", Shape::kBool},
                                         {8, "runAsGroup", Shape::kInt},
                                         {11, "seccompProfile", Shape::kMessage, false, "SeccompProfile"}};
constexpr FieldRow kPodSecurityContext[] = {{2, "runAsUser", Shape::kInt},
                                            {3, "runAsNonRoot", Shape::kBool},
                                            {4, "supplementalGroups", Shape::kInt, true},
                                            {5, "fsGroup", Shape::kInt},
                                            {6, "runAsGroup", Shape::kInt},
                                            {10, "seccompProfile", Shape::kMessage, false, "SeccompProfile"}};
constexpr FieldRow kKeySelector[] = {
    {1, "", Shape::kMessage, false, "LocalObjectReference"}, {2, "key", Shape::kText}, {3, "optional", Shape::kBool}};
constexpr FieldRow kEnvVarSource[] = {{1, "fieldRef", Shape::kMessage, false, "ObjectFieldSelector"},
                                      {3, "configMapKeyRef", Shape::kMessage, false, "KeySelector"},
                                      {4, "secretKeyRef", Shape::kMessage, false, "KeySelector"}};
constexpr FieldRow kLabelSelectorRequirement[] = {
    {1, "key", Shape::kText}, {2, "operator", Shape::kText}, {3, "values", Shape::kText, true}};
constexpr FieldRow kLabelSelector[] = {{1, "matchLabels", Shape::kMap},
                                       {2, "matchExpressions", Shape::kMessage, true, "LabelSelectorRequirement"}};
constexpr FieldRow kContainerPort[] = {{1, "name", Shape::kText},
                                       {2, "hostPort", Shape::kPlainInt},
                                       {3, "containerPort", Shape::kInt},
                                       {4, "protocol", Shape::kText},
                                       {5, "hostIP", Shape::kText}};
constexpr FieldRow kEnvVar[] = {
    {1, "name", Shape::kText}, {2, "value", Shape::kText}, {3, "valueFrom", Shape::kMessage, false, "EnvVarSource"}};
constexpr FieldRow kResourceRequirements[] = {{1, "limits", Shape::kQuantityMap}, {2, "requests", Shape::kQuantityMap}};
constexpr FieldRow kVolumeMount[] = {{1, "name", Shape::kText},
                                     {2, "readOnly", Shape::kPlainBool},
                                     {3, "mountPath", Shape::kText},
                                     {4, "subPath", Shape::kText}};
constexpr FieldRow kContainer[] = {{1, "name", Shape::kText},
                                   {2, "image", Shape::kText},
                                   {3, "command", Shape::kText, true},
                                   {4, "args", Shape::kText, true},
                                   {5, "workingDir", Shape::kText},
                                   {6, "ports", Shape::kMessage, true, "ContainerPort"},
                                   {7, "env", Shape::kMessage, true, "EnvVar"},
                                   {8, "resources", Shape::kMessage, false, "ResourceRequirements"},
                                   {9, "volumeMounts", Shape::kMessage, true, "VolumeMount"},
                                   {13, "terminationMessagePath", Shape::kText},
                                   {14, "imagePullPolicy", Shape::kText},
                                   {16, "stdin", Shape::kPlainBool},
                                   {17, "stdinOnce", Shape::kPlainBool},
                                   {18, "tty", Shape::kPlainBool},
                                   {20, "terminationMessagePolicy", Shape::kText},
                                   {15, "securityContext", Shape::kMessage, false, "SecurityContext"}};
constexpr FieldRow kToleration[] = {{1, "key", Shape::kText},
                                    {2, "operator", Shape::kText},
                                    {3, "value", Shape::kText},
                                    {4, "effect", Shape::kText},
                                    {5, "tolerationSeconds", Shape::kInt}};
constexpr FieldRow kPodSpec[] = {{2, "containers", Shape::kMessage, true, "Container"},
                                 {3, "restartPolicy", Shape::kText},
                                 {4, "terminationGracePeriodSeconds", Shape::kInt},
                                 {5, "activeDeadlineSeconds", Shape::kInt},
                                 {6, "dnsPolicy", Shape::kText},
                                 {7, "nodeSelector", Shape::kMap},
                                 {8, "serviceAccountName", Shape::kText},
                                 {9, "serviceAccount", Shape::kText},
                                 {10, "nodeName", Shape::kText},
                                 {11, "hostNetwork", Shape::kPlainBool},
                                 {12, "hostPID", Shape::kPlainBool},
                                 {13, "hostIPC", Shape::kPlainBool},
                                 {15, "imagePullSecrets", Shape::kMessage, true, "LocalObjectReference"},
                                 {16, "hostname", Shape::kText},
                                 {17, "subdomain", Shape::kText},
                                 {19, "schedulerName", Shape::kText},
                                 {20, "initContainers", Shape::kMessage, true, "Container"},
                                 {21, "automountServiceAccountToken", Shape::kBool},
                                 {22, "tolerations", Shape::kMessage, true, "Toleration"},
                                 {24, "priorityClassName", Shape::kText},
                                 {1, "volumes", Shape::kMessage, true, "Volume"},
                                 {14, "securityContext", Shape::kMessage, false, "PodSecurityContext"},
                                 {25, "priority", Shape::kInt},
                                 {27, "shareProcessNamespace", Shape::kBool},
                                 {30, "enableServiceLinks", Shape::kBool},
                                 {31, "preemptionPolicy", Shape::kText}};
constexpr FieldRow kPodTemplateSpec[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"},
                                         {2, "spec", Shape::kMessage, false, "PodSpec"}};
constexpr FieldRow kPod[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"},
                             {2, "spec", Shape::kMessage, false, "PodSpec"}};
constexpr FieldRow kRollingUpdate[] = {{1, "maxUnavailable", Shape::kIntOrString},
                                       {2, "maxSurge", Shape::kIntOrString}};
constexpr FieldRow kDeploymentStrategy[] = {{1, "type", Shape::kText},
                                            {2, "rollingUpdate", Shape::kMessage, false, "RollingUpdate"}};
constexpr FieldRow kDeploymentSpec[] = {{1, "replicas", Shape::kInt},
                                        {2, "selector", Shape::kMessage, false, "LabelSelector"},
                                        {3, "template", Shape::kMessage, false, "PodTemplateSpec"},
                                        {4, "strategy", Shape::kMessage, false, "DeploymentStrategy"},
                                        {5, "minReadySeconds", Shape::kPlainInt},
                                        {6, "revisionHistoryLimit", Shape::kInt},
                                        {7, "paused", Shape::kPlainBool},
                                        {9, "progressDeadlineSeconds", Shape::kInt}};
constexpr FieldRow kDeployment[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"},
                                    {2, "spec", Shape::kMessage, false, "DeploymentSpec"}};
constexpr FieldRow kJobSpec[] = {
    {1, "parallelism", Shape::kInt},           {2, "completions", Shape::kInt},
    {3, "activeDeadlineSeconds", Shape::kInt}, {4, "selector", Shape::kMessage, false, "LabelSelector"},
    {5, "manualSelector", Shape::kBool},       {6, "template", Shape::kMessage, false, "PodTemplateSpec"},
    {7, "backoffLimit", Shape::kInt},          {8, "ttlSecondsAfterFinished", Shape::kInt},
    {9, "completionMode", Shape::kText},       {10, "suspend", Shape::kBool}};
constexpr FieldRow kJob[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"},
                             {2, "spec", Shape::kMessage, false, "JobSpec"}};
constexpr FieldRow kJobTemplateSpec[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"},
                                         {2, "spec", Shape::kMessage, false, "JobSpec"}};
constexpr FieldRow kCronJobSpec[] = {{1, "schedule", Shape::kText},
                                     {2, "startingDeadlineSeconds", Shape::kInt},
                                     {3, "concurrencyPolicy", Shape::kText},
                                     {4, "suspend", Shape::kBool},
                                     {5, "jobTemplate", Shape::kMessage, false, "JobTemplateSpec"},
                                     {6, "successfulJobsHistoryLimit", Shape::kInt},
                                     {7, "failedJobsHistoryLimit", Shape::kInt},
                                     {8, "timeZone", Shape::kText}};
constexpr FieldRow kCronJob[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"},
                                 {2, "spec", Shape::kMessage, false, "CronJobSpec"}};
constexpr FieldRow kServicePort[] = {{1, "name", Shape::kText},         {2, "protocol", Shape::kText},
                                     {3, "port", Shape::kInt},          {4, "targetPort", Shape::kIntOrString},
                                     {5, "nodePort", Shape::kPlainInt}, {6, "appProtocol", Shape::kText}};
constexpr FieldRow kServiceSpec[] = {{1, "ports", Shape::kMessage, true, "ServicePort"},
                                     {2, "selector", Shape::kMap},
                                     {3, "clusterIP", Shape::kText},
                                     {4, "type", Shape::kText},
                                     {5, "externalIPs", Shape::kText, true},
                                     {7, "sessionAffinity", Shape::kText},
                                     {8, "loadBalancerIP", Shape::kText},
                                     {9, "loadBalancerSourceRanges", Shape::kText, true},
                                     {10, "externalName", Shape::kText},
                                     {11, "externalTrafficPolicy", Shape::kText},
                                     {12, "healthCheckNodePort", Shape::kPlainInt},
                                     {13, "publishNotReadyAddresses", Shape::kPlainBool},
                                     {17, "ipFamilyPolicy", Shape::kText},
                                     {18, "clusterIPs", Shape::kText, true},
                                     {19, "ipFamilies", Shape::kText, true},
                                     {20, "allocateLoadBalancerNodePorts", Shape::kBool},
                                     {21, "loadBalancerClass", Shape::kText},
                                     {22, "internalTrafficPolicy", Shape::kText}};
constexpr FieldRow kService[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"},
                                 {2, "spec", Shape::kMessage, false, "ServiceSpec"}};
constexpr FieldRow kResourceQuotaSpec[] = {{1, "hard", Shape::kQuantityMap}, {2, "scopes", Shape::kText, true}};
constexpr FieldRow kResourceQuota[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"},
                                       {2, "spec", Shape::kMessage, false, "ResourceQuotaSpec"}};
constexpr FieldRow kPodDisruptionBudgetSpec[] = {{1, "minAvailable", Shape::kIntOrString},
                                                 {2, "selector", Shape::kMessage, false, "LabelSelector"},
                                                 {3, "maxUnavailable", Shape::kIntOrString},
                                                 {4, "unhealthyPodEvictionPolicy", Shape::kText}};
constexpr FieldRow kPodDisruptionBudget[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"},
                                             {2, "spec", Shape::kMessage, false, "PodDisruptionBudgetSpec"}};
constexpr FieldRow kPriorityClass[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"},
                                       {2, "value", Shape::kInt},
                                       {3, "globalDefault", Shape::kPlainBool},
                                       {4, "description", Shape::kText},
                                       {5, "preemptionPolicy", Shape::kText}};
constexpr FieldRow kPolicyRule[] = {{1, "verbs", Shape::kText, true},
                                    {2, "apiGroups", Shape::kText, true},
                                    {3, "resources", Shape::kText, true},
                                    {4, "resourceNames", Shape::kText, true},
                                    {5, "nonResourceURLs", Shape::kText, true}};
constexpr FieldRow kRole[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"},
                              {2, "rules", Shape::kMessage, true, "PolicyRule"}};
constexpr FieldRow kAggregationRule[] = {{1, "clusterRoleSelectors", Shape::kMessage, true, "LabelSelector"}};
constexpr FieldRow kClusterRole[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"},
                                     {2, "rules", Shape::kMessage, true, "PolicyRule"},
                                     {3, "aggregationRule", Shape::kMessage, false, "AggregationRule"}};
constexpr FieldRow kSubject[] = {{1, "kind", Shape::kText},
                                 {2, "apiGroup", Shape::kText},
                                 {3, "name", Shape::kText},
                                 {4, "namespace", Shape::kText}};
constexpr FieldRow kRoleRef[] = {{1, "apiGroup", Shape::kText}, {2, "kind", Shape::kText}, {3, "name", Shape::kText}};
constexpr FieldRow kRoleBinding[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"},
                                     {2, "subjects", Shape::kMessage, true, "Subject"},
                                     {3, "roleRef", Shape::kMessage, false, "RoleRef"}};
constexpr FieldRow kClusterRoleBinding[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"},
                                            {2, "subjects", Shape::kMessage, true, "Subject"},
                                            {3, "roleRef", Shape::kMessage, false, "RoleRef"}};
constexpr FieldRow kServiceBackendPort[] = {{1, "name", Shape::kText}, {2, "number", Shape::kPlainInt}};
constexpr FieldRow kIngressServiceBackend[] = {{1, "name", Shape::kText},
                                               {2, "port", Shape::kMessage, false, "ServiceBackendPort"}};
constexpr FieldRow kTypedLocalObjectReference[] = {
    {1, "apiGroup", Shape::kText}, {2, "kind", Shape::kText}, {3, "name", Shape::kText}};
constexpr FieldRow kIngressBackend[] = {{3, "resource", Shape::kMessage, false, "TypedLocalObjectReference"},
                                        {4, "service", Shape::kMessage, false, "IngressServiceBackend"}};
constexpr FieldRow kIngressTLS[] = {{1, "hosts", Shape::kText, true}, {2, "secretName", Shape::kText}};
constexpr FieldRow kHTTPIngressPath[] = {
    {1, "path", Shape::kText}, {2, "backend", Shape::kMessage, false, "IngressBackend"}, {3, "pathType", Shape::kText}};
constexpr FieldRow kHTTPIngressRuleValue[] = {{1, "paths", Shape::kMessage, true, "HTTPIngressPath"}};
constexpr FieldRow kIngressRuleValue[] = {{1, "http", Shape::kMessage, false, "HTTPIngressRuleValue"}};
constexpr FieldRow kIngressRule[] = {{1, "host", Shape::kText}, {2, "", Shape::kMessage, false, "IngressRuleValue"}};
constexpr FieldRow kIngressSpec[] = {{1, "defaultBackend", Shape::kMessage, false, "IngressBackend"},
                                     {2, "tls", Shape::kMessage, true, "IngressTLS"},
                                     {3, "rules", Shape::kMessage, true, "IngressRule"},
                                     {4, "ingressClassName", Shape::kText}};
constexpr FieldRow kIngress[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"},
                                 {2, "spec", Shape::kMessage, false, "IngressSpec"}};
constexpr FieldRow kCrossVersionObjectReference[] = {
    {1, "kind", Shape::kText}, {2, "name", Shape::kText}, {3, "apiVersion", Shape::kText}};
constexpr FieldRow kMetricTarget[] = {{1, "type", Shape::kText},
                                      {2, "value", Shape::kQuantity},
                                      {3, "averageValue", Shape::kQuantity},
                                      {4, "averageUtilization", Shape::kInt}};
constexpr FieldRow kResourceMetricSource[] = {{1, "name", Shape::kText},
                                              {2, "target", Shape::kMessage, false, "MetricTarget"}};
constexpr FieldRow kMetricSpec[] = {{1, "type", Shape::kText},
                                    {4, "resource", Shape::kMessage, false, "ResourceMetricSource"}};
constexpr FieldRow kHorizontalPodAutoscalerSpec[] = {
    {1, "scaleTargetRef", Shape::kMessage, false, "CrossVersionObjectReference"},
    {2, "minReplicas", Shape::kInt},
    {3, "maxReplicas", Shape::kInt},
    {4, "metrics", Shape::kMessage, true, "MetricSpec"}};
constexpr FieldRow kHorizontalPodAutoscaler[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"},
                                                 {2, "spec", Shape::kMessage, false, "HorizontalPodAutoscalerSpec"}};
constexpr FieldRow kHorizontalPodAutoscalerSpecV1[] = {
    {1, "scaleTargetRef", Shape::kMessage, false, "CrossVersionObjectReference"},
    {2, "minReplicas", Shape::kInt},
    {3, "maxReplicas", Shape::kInt},
    {4, "targetCPUUtilizationPercentage", Shape::kInt}};
constexpr FieldRow kHorizontalPodAutoscalerV1[] = {
    {1, "metadata", Shape::kMessage, false, "ObjectMeta"},
    {2, "spec", Shape::kMessage, false, "HorizontalPodAutoscalerSpecV1"}};
constexpr FieldRow kCertificateSigningRequestSpec[] = {
    {1, "request", Shape::kBytes},        {2, "username", Shape::kText},     {3, "uid", Shape::kText},
    {4, "groups", Shape::kText, true},    {5, "usages", Shape::kText, true}, {7, "signerName", Shape::kText},
    {8, "expirationSeconds", Shape::kInt}};
constexpr FieldRow kCertificateSigningRequestCondition[] = {{1, "type", Shape::kText},
                                                            {2, "reason", Shape::kText},
                                                            {3, "message", Shape::kText},
                                                            {4, "lastUpdateTime", Shape::kTime},
                                                            {5, "lastTransitionTime", Shape::kTime},
                                                            {6, "status", Shape::kText}};
constexpr FieldRow kCertificateSigningRequestStatus[] = {
    {1, "conditions", Shape::kMessage, true, "CertificateSigningRequestCondition"}, {2, "certificate", Shape::kBytes}};
constexpr FieldRow kCertificateSigningRequest[] = {
    {1, "metadata", Shape::kMessage, false, "ObjectMeta"},
    {2, "spec", Shape::kMessage, false, "CertificateSigningRequestSpec"},
    {3, "status", Shape::kMessage, false, "CertificateSigningRequestStatus"}};
#define DRYDOCK_MESSAGE(name) {#name, std::begin(k##name), std::end(k##name)}
constexpr MessageRow kMessages[] = {
    DRYDOCK_MESSAGE(OwnerReference),
    DRYDOCK_MESSAGE(ObjectMeta),
    DRYDOCK_MESSAGE(Preconditions),
    DRYDOCK_MESSAGE(DeleteOptions),
    DRYDOCK_MESSAGE(Eviction),
    DRYDOCK_MESSAGE(ResourceAttributes),
    DRYDOCK_MESSAGE(NonResourceAttributes),
    DRYDOCK_MESSAGE(SelfSubjectAccessReviewSpec),
    DRYDOCK_MESSAGE(SelfSubjectAccessReview),
    DRYDOCK_MESSAGE(SubjectAccessReviewSpec),
    DRYDOCK_MESSAGE(SubjectAccessReview),
    DRYDOCK_MESSAGE(SelfSubjectRulesReviewSpec),
    DRYDOCK_MESSAGE(SelfSubjectRulesReview),
    DRYDOCK_MESSAGE(SelfSubjectReview),
    DRYDOCK_MESSAGE(TokenReviewSpec),
    DRYDOCK_MESSAGE(TokenReview),
    DRYDOCK_MESSAGE(BoundObjectReference),
    DRYDOCK_MESSAGE(TokenRequestSpec),
    DRYDOCK_MESSAGE(TokenRequest),
    DRYDOCK_MESSAGE(LeaseSpec),
    DRYDOCK_MESSAGE(Lease),
    DRYDOCK_MESSAGE(ObjectReference),
    DRYDOCK_MESSAGE(EventSource),
    DRYDOCK_MESSAGE(EventSeries),
    DRYDOCK_MESSAGE(Event),
    DRYDOCK_MESSAGE(NewEvent),
    DRYDOCK_MESSAGE(Binding),
    DRYDOCK_MESSAGE(ScaleSpec),
    DRYDOCK_MESSAGE(Scale),
    DRYDOCK_MESSAGE(NamespaceSpec),
    DRYDOCK_MESSAGE(Namespace),
    DRYDOCK_MESSAGE(ConfigMap),
    DRYDOCK_MESSAGE(Secret),
    DRYDOCK_MESSAGE(LocalObjectReference),
    DRYDOCK_MESSAGE(ServiceAccount),
    DRYDOCK_MESSAGE(KeyToPath),
    DRYDOCK_MESSAGE(ObjectFieldSelector),
    DRYDOCK_MESSAGE(DownwardAPIVolumeFile),
    DRYDOCK_MESSAGE(SecretProjection),
    DRYDOCK_MESSAGE(DownwardAPIProjection),
    DRYDOCK_MESSAGE(ServiceAccountTokenProjection),
    DRYDOCK_MESSAGE(VolumeProjection),
    DRYDOCK_MESSAGE(ProjectedVolumeSource),
    DRYDOCK_MESSAGE(HostPathVolumeSource),
    DRYDOCK_MESSAGE(EmptyDirVolumeSource),
    DRYDOCK_MESSAGE(SecretVolumeSource),
    DRYDOCK_MESSAGE(PersistentVolumeClaimVolumeSource),
    DRYDOCK_MESSAGE(ConfigMapVolumeSource),
    DRYDOCK_MESSAGE(DownwardAPIVolumeSource),
    DRYDOCK_MESSAGE(VolumeSource),
    DRYDOCK_MESSAGE(Volume),
    DRYDOCK_MESSAGE(Capabilities),
    DRYDOCK_MESSAGE(SeccompProfile),
    DRYDOCK_MESSAGE(SecurityContext),
    DRYDOCK_MESSAGE(PodSecurityContext),
    DRYDOCK_MESSAGE(KeySelector),
    DRYDOCK_MESSAGE(EnvVarSource),
    DRYDOCK_MESSAGE(LabelSelectorRequirement),
    DRYDOCK_MESSAGE(LabelSelector),
    DRYDOCK_MESSAGE(ContainerPort),
    DRYDOCK_MESSAGE(EnvVar),
    DRYDOCK_MESSAGE(ResourceRequirements),
    DRYDOCK_MESSAGE(VolumeMount),
    DRYDOCK_MESSAGE(Container),
    DRYDOCK_MESSAGE(Toleration),
    DRYDOCK_MESSAGE(PodSpec),
    DRYDOCK_MESSAGE(PodTemplateSpec),
    DRYDOCK_MESSAGE(Pod),
    DRYDOCK_MESSAGE(RollingUpdate),
    DRYDOCK_MESSAGE(DeploymentStrategy),
    DRYDOCK_MESSAGE(DeploymentSpec),
    DRYDOCK_MESSAGE(Deployment),
    DRYDOCK_MESSAGE(JobSpec),
    DRYDOCK_MESSAGE(Job),
    DRYDOCK_MESSAGE(JobTemplateSpec),
    DRYDOCK_MESSAGE(CronJobSpec),
    DRYDOCK_MESSAGE(CronJob),
    DRYDOCK_MESSAGE(ServicePort),
    DRYDOCK_MESSAGE(ServiceSpec),
    DRYDOCK_MESSAGE(Service),
    DRYDOCK_MESSAGE(ResourceQuotaSpec),
    DRYDOCK_MESSAGE(ResourceQuota),
    DRYDOCK_MESSAGE(PodDisruptionBudgetSpec),
    DRYDOCK_MESSAGE(PodDisruptionBudget),
    DRYDOCK_MESSAGE(PriorityClass),
    DRYDOCK_MESSAGE(PolicyRule),
    DRYDOCK_MESSAGE(Role),
    DRYDOCK_MESSAGE(AggregationRule),
    DRYDOCK_MESSAGE(ClusterRole),
    DRYDOCK_MESSAGE(Subject),
    DRYDOCK_MESSAGE(RoleRef),
    DRYDOCK_MESSAGE(RoleBinding),
    DRYDOCK_MESSAGE(ClusterRoleBinding),
    DRYDOCK_MESSAGE(ServiceBackendPort),
    DRYDOCK_MESSAGE(IngressServiceBackend),
    DRYDOCK_MESSAGE(TypedLocalObjectReference),
    DRYDOCK_MESSAGE(IngressBackend),
    DRYDOCK_MESSAGE(IngressTLS),
    DRYDOCK_MESSAGE(HTTPIngressPath),
    DRYDOCK_MESSAGE(HTTPIngressRuleValue),
    DRYDOCK_MESSAGE(IngressRuleValue),
    DRYDOCK_MESSAGE(IngressRule),
    DRYDOCK_MESSAGE(IngressSpec),
    DRYDOCK_MESSAGE(Ingress),
    DRYDOCK_MESSAGE(CrossVersionObjectReference),
    DRYDOCK_MESSAGE(MetricTarget),
    DRYDOCK_MESSAGE(ResourceMetricSource),
    DRYDOCK_MESSAGE(MetricSpec),
    DRYDOCK_MESSAGE(HorizontalPodAutoscalerSpec),
    DRYDOCK_MESSAGE(HorizontalPodAutoscaler),
    DRYDOCK_MESSAGE(HorizontalPodAutoscalerSpecV1),
    DRYDOCK_MESSAGE(HorizontalPodAutoscalerV1),
    DRYDOCK_MESSAGE(CertificateSigningRequestSpec),
    DRYDOCK_MESSAGE(CertificateSigningRequestCondition),
    DRYDOCK_MESSAGE(CertificateSigningRequestStatus),
    DRYDOCK_MESSAGE(CertificateSigningRequest),
};
#undef DRYDOCK_MESSAGE

}  // namespace

const ProtobufMessageRow* find_protobuf_message(std::string_view name) {
  for (const MessageRow& row : kMessages) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

}  // namespace drydock
