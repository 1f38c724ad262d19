#include "server/cluster/authority.h"

#include <fcntl.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include "core/base/check.h"
#include "core/machinery/yaml.h"
#include "core/programs/kubeadm/assets.h"

namespace drydock::server {
namespace {

constexpr Duration kCertificateLifetime = std::chrono::hours(24 * 365);
constexpr long kAuthorityLifetimeSeconds = 10L * 365 * 24 * 3600;

struct FreeOpenSsl {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(BIO* bio) const { BIO_free(bio); }
};
template <class T>
using Owned = std::unique_ptr<T, FreeOpenSsl>;

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<std::size_t>(size));
}

Owned<EVP_PKEY> draw_key() {
  Owned<EVP_PKEY> key(EVP_EC_gen("P-256"));
  DRYDOCK_CHECK(key != nullptr);
  return key;
}

pki::KeyPair pems_of(EVP_PKEY* key) {
  pki::KeyPair pair;
  const Owned<BIO> secret(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey_traditional(secret.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  pair.private_pem = text_of(secret.get());
  const Owned<BIO> open(BIO_new(BIO_s_mem()));
  PEM_write_bio_PUBKEY(open.get(), key);
  pair.public_pem = text_of(open.get());
  return pair;
}

void extend(X509* certificate, int kind, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value);
  DRYDOCK_CHECK(extension != nullptr);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

// The CA signs itself: nothing of ours has a certificate yet.
pki::SignedKey make_ca() {
  const Owned<EVP_PKEY> key = draw_key();
  const Owned<X509> certificate(X509_new());
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), random_seed() >> 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -300);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kAuthorityLifetimeSeconds);
  X509_NAME* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("kubernetes"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  X509_set_pubkey(certificate.get(), key.get());
  extend(certificate.get(), NID_key_usage, "critical,digitalSignature,keyEncipherment,keyCertSign");
  extend(certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  extend(certificate.get(), NID_subject_key_identifier, "hash");
  extend(certificate.get(), NID_subject_alt_name, "DNS:kubernetes");
  const int bytes = X509_sign(certificate.get(), key.get(), EVP_sha256());
  DRYDOCK_CHECK(bytes > 0);
  const Owned<BIO> out(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(out.get(), certificate.get());
  return {text_of(out.get()), pems_of(key.get()).private_pem};
}

Status failure(const std::string& what, const std::string& path) {
  return Status::plain(what + " " + path + ": " + std::strerror(errno));
}

// Waits until nobody else holds the file.
class Locked {
 public:
  explicit Locked(const std::string& path) : file_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    if (file_ >= 0) ::flock(file_, LOCK_EX);
  }
  ~Locked() {
    if (file_ >= 0) ::close(file_);
  }
  Locked(const Locked&) = delete;

 private:
  int file_;
};

}  // namespace

std::uint64_t random_seed() {
  std::uint64_t seed = 0;
  const int drawn = RAND_bytes(reinterpret_cast<unsigned char*>(&seed), sizeof seed);
  DRYDOCK_CHECK(drawn == 1);
  return seed;
}

pki::KeyPair random_key() { return pems_of(draw_key().get()); }

Result<std::string> read_text_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return failure("open", path);
  return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
}

Result<void> write_text_file(const std::string& path, std::string_view text, unsigned mode) {
  const std::string fresh = path + ".new";
  ::unlink(fresh.c_str());
  const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (file < 0) return failure("open", fresh);
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t count = ::write(file, text.data() + written, text.size() - written);
    if (count < 0) {
      const Status why = failure("write", fresh);
      ::close(file);
      return why;
    }
    written += static_cast<std::size_t>(count);
  }
  const bool safe = ::fchmod(file, mode) == 0 && ::fsync(file) == 0;
  ::close(file);
  if (!safe || std::rename(fresh.c_str(), path.c_str()) != 0) return failure("write", path);
  return {};
}

Result<void> make_private_folder(const std::string& path) {
  std::error_code error;
  const bool existed = std::filesystem::exists(path, error);
  std::filesystem::create_directories(path, error);
  if (error) return Status::plain("mkdir " + path + ": " + error.message());
  if (!existed) ::chmod(path.c_str(), 0700);
  return {};
}

Result<Authority> Authority::open(const std::string& folder, TimePoint now) {
  Authority authority(now);
  DRYDOCK_TRY_VOID(make_private_folder(folder));
  // Two servers that share the folder may start at the same time: one makes the keys.
  const Locked lock(folder + "/lock");
  std::error_code ignored;
  const std::string key_path = folder + "/ca.key";
  // The key is written first: without it the certificate would be of no use.
  if (!std::filesystem::exists(folder + "/ca.crt", ignored)) {
    const pki::SignedKey fresh = make_ca();
    DRYDOCK_TRY_VOID(write_text_file(key_path, fresh.key_pem, 0600));
    DRYDOCK_TRY_VOID(write_text_file(folder + "/ca.crt", fresh.certificate_pem, 0644));
  }
  DRYDOCK_TRY(authority.ca_.certificate_pem, read_text_file(folder + "/ca.crt"));
  DRYDOCK_TRY(authority.ca_.key_pem, read_text_file(key_path));
  if (!pki::key_matches(authority.ca_.certificate_pem, authority.ca_.key_pem))
    return Status::plain(key_path + " does not belong to " + folder + "/ca.crt");
  if (!std::filesystem::exists(folder + "/sa.key", ignored)) {
    const pki::KeyPair fresh = random_key();
    DRYDOCK_TRY_VOID(write_text_file(folder + "/sa.pub", fresh.public_pem, 0644));
    DRYDOCK_TRY_VOID(write_text_file(folder + "/sa.key", fresh.private_pem, 0600));
  }
  DRYDOCK_TRY(authority.account_key_.private_pem, read_text_file(folder + "/sa.key"));
  DRYDOCK_TRY(authority.account_key_.public_pem, pki::public_key_of(authority.account_key_.private_pem));
  return authority;
}

Result<pki::SignedKey> Authority::issue(pki::CertificateSpec spec) {
  spec.not_before = now_ - std::chrono::minutes(5);  // clocks differ a little
  spec.lifetime = kCertificateLifetime;
  pki::KeyPair key = random_key();
  DRYDOCK_TRY(std::string certificate, pki::sign_public_key(prng_, spec, key.public_pem, ca_));
  return pki::SignedKey{std::move(certificate), std::move(key.private_pem)};
}

Result<pki::SignedKey> Authority::issue_client(const std::string& name, std::vector<std::string> groups) {
  pki::CertificateSpec spec;
  spec.common_name = name;
  spec.organizations = std::move(groups);
  spec.client_auth = true;
  return issue(std::move(spec));
}

Result<pki::SignedKey> Authority::issue_server(std::vector<std::string> dns_names, std::vector<std::string> addresses) {
  pki::CertificateSpec spec;
  spec.common_name = "kube-apiserver";
  spec.dns_names = std::move(dns_names);
  spec.ip_addresses = std::move(addresses);
  spec.server_auth = true;
  return issue(std::move(spec));
}

Result<std::string> Authority::admin_kubeconfig(const std::string& server) {
  DRYDOCK_TRY(const pki::SignedKey key, issue_client("kubernetes-admin", {"system:masters"}));
  kubeadm::KubeconfigIdentity admin;
  admin.user = "kubernetes-admin";
  admin.client_certificate_pem = key.certificate_pem;
  admin.client_key_pem = key.key_pem;
  return dump_yaml(kubeadm::kubeconfig(server, ca_pem(), admin));
}

Result<std::string> Authority::sign_request(const std::string& request_pem, Duration lifetime, TimePoint now) {
  DRYDOCK_TRY(const pki::RequestInfo request, pki::parse_request(request_pem));
  pki::CertificateSpec spec;
  spec.common_name = request.common_name;
  spec.organizations = request.organizations;
  spec.dns_names = request.dns_names;
  spec.ip_addresses = request.ip_addresses;
  spec.client_auth = true;
  spec.not_before = now - std::chrono::minutes(5);
  spec.lifetime = lifetime > Duration{0} ? lifetime : kCertificateLifetime;
  return pki::sign_public_key(prng_, spec, request.public_pem, ca_);
}

}  // namespace drydock::server
