// loadgen: signed load for STS, IAM and S3 endpoints on loopback, and the roles, users and objects
// it needs. Exit status 1 when nothing succeeded or a wrong signature was accepted.
#include <cstdio>
#include <fstream>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include <sys/resource.h>

#include "options.h"
#include "report.h"
#include "requests.h"
#include "worker.h"

namespace signet::loadgen {
namespace {

Credential credential_in(const std::string& xml) {
  return {xml_text(xml, "AccessKeyId"),
          xml_text(xml, "SecretAccessKey"),
          xml_text(xml, "SessionToken")};
}

// Makes what the mixes use, through the API itself.
class Provisioner {
 public:
  explicit Provisioner(const Options& options) : options_(options), maker_(options, 1) {}

  std::string form(Service service, const std::string& form_text, std::string_view tolerated = {}) {
    const Draft draft{.method = "POST", .path = "/", .form = form_text, .body_hash = {}};
    return checked(form_text.substr(0, form_text.find('&', form_text.find("Action="))),
                   send_alone(options_, maker_.call(options_.credentials[0], service, draft), {}),
                   tolerated);
  }

  void put(const std::string& path, std::string_view body, std::string_view tolerated = {}) {
    const std::string hash = hex(sha256(body));
    const Draft draft{
        .method = "PUT", .path = path, .form = {}, .body_hash = hash, .body_bytes = body.size()};
    checked("PUT " + path,
            send_alone(options_, maker_.call(options_.credentials[0], Service::S3, draft), body),
            tolerated);
  }

 private:
  std::string checked(const std::string& what,
                      const PlainAnswer& answer,
                      std::string_view tolerated) {
    const bool is_fine =
        answer.status / 100 == 2 ||
        (!tolerated.empty() && answer.body_start.find(tolerated) != std::string::npos);
    if (!is_fine) {
      die(what + ": HTTP " + std::to_string(answer.status) + " " +
          answer.body_start.substr(0, 300));
    }
    return answer.body_start;
  }

  const Options& options_;
  RequestMaker maker_;
};

int provision(const Options& options) {
  const std::string allow = uri_encode(
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sts:*","s3:*","iam:Get*","iam:List*"],"Resource":"*"}]})");
  const std::string trust = uri_encode(
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]})");
  const std::string iam = "Version=2010-05-08&Action=";
  Provisioner make(options);
  for (int i = 0; i < options.roles; ++i) {
    const std::string name = "&RoleName=lg-role-" + std::to_string(i);
    make.form(Service::Iam,
              iam + "CreateRole&AssumeRolePolicyDocument=" + trust + name,
              "EntityAlreadyExists");
    make.form(Service::Iam, iam + "PutRolePolicy&PolicyName=p&PolicyDocument=" + allow + name);
  }
  std::ofstream keys;
  if (!options.keys_out.empty()) {
    keys.open(options.keys_out);
  }
  for (int i = 0; i < options.users; ++i) {
    const std::string name = "&UserName=lg-user-" + std::to_string(i);
    make.form(Service::Iam, iam + "CreateUser" + name, "EntityAlreadyExists");
    make.form(Service::Iam, iam + "PutUserPolicy&PolicyName=p&PolicyDocument=" + allow + name);
    const Credential key = credential_in(make.form(Service::Iam, iam + "CreateAccessKey" + name));
    keys << key.access_key << ',' << key.secret_key << '\n';
  }
  if (options.objects > 0) {
    make.put("/" + options.bucket, {}, "BucketAlreadyOwnedByYou");
    const std::string body(options.object_bytes, 'x');
    for (int i = 0; i < options.objects; ++i) {
      make.put(
          "/" + options.bucket + "/" + substitute(options.object, static_cast<std::uint64_t>(i)),
          body);
    }
  }
  std::fprintf(stderr,
               "made %d roles, %d users, %d objects\n",
               options.roles,
               options.users,
               options.objects);
  return 0;
}

void obtain_sessions(Options& options) {
  Options one = options;
  for (int i = 0; i < options.sessions; ++i) {
    one.credentials = {
        options.credentials[static_cast<std::size_t>(i) % options.credentials.size()]};
    const auto role = static_cast<std::uint64_t>(i % options.roles);
    const std::string xml = Provisioner(one).form(
        Service::Sts,
        "Version=2011-06-15&Action=AssumeRole&RoleSessionName=setup-" + std::to_string(i) +
            "&RoleArn=" + uri_encode(substitute(options.role_arn, role)));
    options.session_credentials.push_back(credential_in(xml));
  }
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

int run(const Options& options) {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  Run shared;
  std::vector<std::unique_ptr<Worker>> workers;
  workers.reserve(static_cast<std::size_t>(options.threads));
  for (int i = 0; i < options.threads; ++i) {
    workers.push_back(std::make_unique<Worker>(options, shared, i));
  }
  const double cpu_before = cpu_seconds();
  std::vector<std::jthread> threads;
  threads.reserve(workers.size());
  for (const auto& worker : workers) {
    threads.emplace_back(&Worker::work, worker.get());
  }
  threads.clear();
  Stats stats;
  for (const auto& worker : workers) {
    stats.merge(worker->stats());
  }
  report(options, stats, cpu_seconds() - cpu_before);
  return stats.ok > 0 && stats.wrong_accepted == 0 ? 0 : 1;
}

}  // namespace
}  // namespace signet::loadgen

int main(int argc, char** argv) {
  signet::loadgen::Options options = signet::loadgen::parse_options(argc, argv);
  if (options.command == "provision") {
    return signet::loadgen::provision(options);
  }
  signet::loadgen::obtain_sessions(options);
  return signet::loadgen::run(options);
}
