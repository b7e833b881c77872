#include "server/app.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include <unistd.h>

#include "accessanalyzer/service.h"
#include "api/request_handler.h"
#include "api/worker_pool.h"
#include "audit/sink.h"
#include "authn/key_rings.h"
#include "authn/mfa_gate.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/process.h"
#include "base/strings.h"
#include "cloudtrail/service.h"
#include "crypto/random.h"
#include "facts/errors.h"
#include "http/server.h"
#include "iam/service.h"
#include "insight/service.h"
#include "objects/object_store.h"
#include "oidc/https_fetch.h"
#include "oidc/issuer_keys.h"
#include "organizations/service.h"
#include "rolesanywhere/service.h"
#include "s3/bucket_nodes.h"
#include "s3/service.h"
#include "s3/store_questions.h"
#include "server/admin.h"
#include "server/backup_stage.h"
#include "server/bucket_remover.h"
#include "server/certificate_times.h"
#include "server/control.h"
#include "server/control_socket.h"
#include "server/dev_folder.h"
#include "server/directory_trail.h"
#include "server/health_watch.h"
#include "server/housekeeper.h"
#include "server/issuer_key_files.h"
#include "server/lifecycle_worker.h"
#include "server/listen_options.h"
#include "server/memory_watch.h"
#include "server/metrics.h"
#include "server/notification_files.h"
#include "server/object_options.h"
#include "server/pool_options.h"
#include "server/reload.h"
#include "server/reporting.h"
#include "server/state.h"
#include "server/template_files.h"
#include "server/trail.h"
#include "signin/api_service.h"
#include "signin/service.h"
#include "ssooidc/service.h"
#include "store/embedded/folder_marker.h"
#include "sts/issuer_service.h"
#include "sts/saml_sign_in.h"
#include "sts/service.h"

namespace signet::server {
namespace {

std::unexpected<Error> failure(std::string cause) {
  return std::unexpected(facts::service_failure(std::move(cause)));
}

// A value that several threads look at.
template <class T>
class Guarded {
 public:
  void set(T value) {
    const std::scoped_lock lock(mutex_);
    value_ = std::move(value);
  }

  [[nodiscard]] T get() const {
    const std::scoped_lock lock(mutex_);
    return value_;
  }

 private:
  mutable std::mutex mutex_;
  T value_;  // guarded by mutex_
};

}  // namespace

// Everything a server is made of, in the order it is built; destroyed in reverse.
struct App::Parts {
  Options options;
  std::unique_ptr<const identity::TemplateCatalogue> templates;
  SystemClock clock;
  crypto::SystemRandom random;
  std::unique_ptr<audit::Sink> audit;
  std::optional<DirectoryTrail> trail;  // of the directory, which is in the state
  State state;
  FirstStart first;
  std::shared_ptr<const identity::Checkpoint> checkpoint;  // dev mode: what reset goes back to
  std::optional<DevFolder> dev_folder;
  SystemClock real_clock;  // the machine's, whatever --dev sets the other one to
  std::unique_ptr<upstream::Upstreams> upstreams;
  std::unique_ptr<objects::ObjectStore> objects;
  std::unique_ptr<BucketRemover> remover;
  std::unique_ptr<LifecycleWorker> lifecycle;
  std::optional<authn::KeyRings> rings;
  authn::MfaGate mfa;
  std::optional<oidc::IssuerKeys> issuer_keys;
  std::optional<api::Deps> deps;
  iam::IamService iam;
  sts::StsService sts;
  sts::IssuerService issuer;
  rolesanywhere::RolesAnywhereService rolesanywhere;
  accessanalyzer::AccessAnalyzerService accessanalyzer;
  cloudtrail::CloudTrailService cloudtrail;
  organizations::OrganizationsService organizations;
  std::optional<s3::BucketNodes> nodes;  // of a cluster
  std::unique_ptr<s3::S3Service> s3;
  Secret asker_token;  // until the request handler has it
  std::unique_ptr<s3::StoreQuestions> store_questions;
  std::unique_ptr<signin::SigninService> signin;
  signin::SigninApi signin_api;
  insight::InsightService insight;
  ssooidc::SsoOidcService ssooidc;
  std::unique_ptr<AdminService> admin;
  std::unique_ptr<api::WorkerPools> pools;
  ReloadHooks reload;
  std::unique_ptr<Reporting> reporting;
  std::unique_ptr<api::RequestHandler> requests;
  std::unique_ptr<http::Server> http;
  std::atomic<const http::Server*> serving = nullptr;    // `http`, for its own loops
  Guarded<std::optional<CertificateTimes>> certificate;  // of the chain that is served
  MemoryWatch memory;
  std::uint64_t connections_seen = 0;  // by watch()
  std::unique_ptr<HealthWatch> health;
  std::optional<NotificationFiles> notifications;
  bool is_delivering = true;  // the last notifications could be delivered
  std::unique_ptr<Housekeeper> housekeeper;
  std::optional<Control> control;
  std::unique_ptr<ControlSocket> control_socket;

  Status build_state();
  Status build_objects();
  Status build_audit();
  Status build_issuer_keys();
  Status build_services();
  Status build_http();
  Status build_control();

  Status reset();
  [[nodiscard]] std::vector<std::string> troubles() const;
  [[nodiscard]] std::string issuer_base() const;
  [[nodiscard]] MetricsSources metrics_sources() const;
  void watch();
  void deliver_notifications();
};

Status App::Parts::build_state() {
  state = TRY(open_state(options, random));
  first = TRY(first_start(options, *state.directory, *state.catalogue, clock, random));
  rings.emplace(!options.is_dev);
  if (state.directory->is_shared()) {
    state.directory->on_sealing_keys(
        [this](const identity::Snapshot& snapshot, std::uint64_t revision) {
          rings->adopt(snapshot, revision);
        });
    log(LogLevel::Warning,
        "objects_are_local",
        {{"node", state.node->id()},
         {"hint",
          "the nodes of a cluster share identities, policies and keys; the bytes of objects stay "
          "in the folder of the node that took them"}});
  }
  if (Status fresh = rings->refresh(*state.directory, random, clock.now()); !fresh) {
    // On a full disk the keys that exist serve on; the housekeeper tries again.
    if (!rings->has_ring()) {
      return fresh;
    }
    log(LogLevel::Error, "key_rotation_failed", {{"cause", fresh.error().cause}});
  }
  if (options.is_dev) {
    checkpoint = TRY(state.directory->checkpoint());
  }
  return {};
}

Status App::Parts::build_objects() {
  if (options.is_dev) {
    std::error_code error;
    const auto parent = std::filesystem::temp_directory_path(error);
    if (error) {
      return failure(concat("--dev keeps objects in a temporary folder, and there is none (",
                            error.message(),
                            "): make /tmp, or name another one in TMPDIR"));
    }
    dev_folder.emplace(TRY(DevFolder::make(parent.string())));
    objects = TRY(objects::ObjectStore::open(
        object_options(options, dev_folder->path(), state.object_keys), random));
    s3::own_buckets(*objects, *state.directory->current());
    return {};
  }
  store::FolderMarker marker =
      TRY(store::read_folder_marker(options.data_folder)).value_or(store::FolderMarker());
  objects::ObjectStore::Options wanted =
      object_options(options, options.data_folder + "/objects", state.object_keys);
  wanted.id = marker.objects;
  objects = TRY(objects::ObjectStore::open(std::move(wanted), random));
  s3::own_buckets(*objects, *state.directory->current());
  if (marker.objects.empty()) {
    marker.objects = objects->id();
    TRY_STATUS(store::write_folder_marker(options.data_folder, marker));
  }
  return {};
}

Status App::Parts::build_audit() {
  audit = TRY(open_trail(options, clock));
  if (!audit->is_enabled()) {
    return {};
  }
  reload.add("audit", [this]() -> Status {
    return audit->reopen() ? Status() : Status(failure("the audit files cannot be opened anew"));
  });
  return state.directory->attach(trail.emplace(*audit));
}

Status App::Parts::build_issuer_keys() {
  issuer_keys.emplace(
      [this](const std::string& url) { return oidc::https_fetch(options.issuers, url); },
      monotonic_ms);
  reload.add("oidc-jwks",
             [this] { return read_issuer_key_files(options.issuer_key_files, *issuer_keys); });
  return read_issuer_key_files(options.issuer_key_files, *issuer_keys);
}

Status App::Parts::build_services() {
  deps.emplace(api::Deps{.clock = clock,
                         .random = random,
                         .rings = *rings,
                         .mfa = mfa,
                         .catalogue = *state.catalogue,
                         .issuer_keys = &*issuer_keys,
                         .issuer_base = [this] { return issuer_base(); },
                         .templates = templates.get(),
                         .trail = audit.get()});
  remover = std::make_unique<BucketRemover>(*objects, [this](std::string_view bucket) {
    return s3::has_bucket(*state.directory->current(), bucket);
  });
  lifecycle = std::make_unique<LifecycleWorker>(
      *objects, [this] { return state.directory->current(); }, clock);
  if (state.node) {
    TRY_STATUS(nodes.emplace(*state.directory, state.node->id()).add_all(*objects));
  }
  s3 = std::make_unique<s3::S3Service>(*objects,
                                       s3::S3Service::Options{.domains = options.s3_domains,
                                                              .upstreams = upstreams.get(),
                                                              .nodes = nodes ? &*nodes : nullptr});
  asker_token = TRY(read_authorizer_token(options.authorizer_token_file));
  store_questions = std::make_unique<s3::StoreQuestions>(asker_token.clone());
  signin = std::make_unique<signin::SigninService>(
      *rings,
      signin::TicketLimits{
          .per_session = options.limits.size(Limit::TicketsSession),
          .per_account = options.limits.size(Limit::TicketsAccount),
          .idle_seconds = static_cast<std::uint32_t>(options.limits.get(Limit::TicketsIdle))},
      options.console,
      sts::make_saml_sign_in);
  AdminHooks hooks{.metrics = [this] { return metrics_text(metrics_sources()); },
                   .troubles = [this] { return troubles(); },
                   .reset = {},
                   .clock_changed = {}};
  if (options.is_dev) {
    hooks.reset = [this] {
      return reset();
    };
    hooks.clock_changed = [this] {
      lifecycle->wake();
      return rings->refresh(*state.directory, random, clock.now());
    };
  }
  admin = std::make_unique<AdminService>(
      std::move(hooks),
      clock,
      AdminAccess{.is_dev = options.is_dev, .shows_metrics = options.shows_metrics});
  pools = std::make_unique<api::WorkerPools>(pool_options(
      options.limits, upstreams != nullptr ? Waiting::ForUpstreams : Waiting::ForDisks));
  return {};
}

Status App::Parts::build_http() {
  reporting = TRY(Reporting::start(
      {.options = options, .audit = *audit, .random = random, .clock = clock}, reload));
  requests = std::make_unique<api::RequestHandler>(api::Parts{
      .deps = *deps,
      .directory = *state.directory,
      .audit = *audit,
      .pools = *pools,
      .services = {{"iam", &iam},
                   {"sts", &sts},
                   {"rolesanywhere", &rolesanywhere},
                   {"access-analyzer", &accessanalyzer},
                   {"cloudtrail", &cloudtrail},
                   {"organizations", &organizations},
                   {"s3", s3.get()},
                   {"store-questions", store_questions.get()},
                   {"signet", admin.get()},
                   {"signin", &signin_api},
                   {"insight", &insight},
                   {"sso-oauth", &ssooidc},
                   {"console", signin.get()},
                   {"issuer", &issuer}},
      .write_shares = {.account_places = options.limits.size(Limit::WritesQueueAccount),
                       .caller_places = options.limits.size(Limit::WritesQueueCaller)},
      .loops = options.threads,
      .unsigned_body_max = options.limits.size(Limit::MemoryUnsignedBody),
      .is_shared = state.directory->is_shared(),
      .reads_newest = options.reads_newest,
      .stale_ms_max =
          state.directory->is_shared() ? std::int64_t{1000} * options.stale_seconds_max : 0,
      .asker_token = std::move(asker_token),
      .observer = reporting->is_observing() ? reporting.get() : nullptr});
  health = std::make_unique<HealthWatch>(*state.directory, *objects, *audit);
  health->look();
  auto started = http::Server::start(TRY(listen_options(options)), *requests, clock);
  if (!started) {
    return failure(concat(started.error(), "; --listen chooses another address or port"));
  }
  http = std::move(*started);
  if (!options.tls_certificate.empty()) {
    certificate.set(read_certificate_times(options.tls_certificate));
    reload.add("tls", [this]() -> Status {
      const auto reloaded = http->reload_tls();
      if (reloaded) {
        certificate.set(read_certificate_times(options.tls_certificate));
      }
      return reloaded ? Status() : Status(failure(reloaded.error()));
    });
  }
  serving.store(http.get());
  notifications.emplace(options.notifications.empty() && !options.is_dev
                            ? options.data_folder + "/notifications"
                            : options.notifications);
  housekeeper =
      std::make_unique<Housekeeper>(*state.directory, *rings, random, clock, [this] { watch(); });
  return {};
}

Status App::Parts::build_control() {
  if (options.is_dev) {
    return {};
  }
  control.emplace(
      Control::Deps{.directory = *state.directory,
                    .rings = *rings,
                    .audit = *audit,
                    .random = random,
                    .clock = clock,
                    .store = *state.store,
                    .node = state.node ? state.node->id() : std::string(),
                    .data_folder = options.data_folder,
                    .open_objects = [this] { return Result<objects::ObjectStore*>(objects.get()); },
                    .stage_backup =
                        [this] {
                          return stage_backup({.store = *state.store,
                                               .directory = *state.directory,
                                               .objects = *objects,
                                               .audit = *audit,
                                               .data_folder = options.data_folder});
                        }});
  remove_stale_staging(options.data_folder);
  control_socket = TRY(ControlSocket::listen(
      options.data_folder, [this](std::string_view request, std::string_view who) {
        return control->answer(request, who);
      }));
  return {};
}

Status App::Parts::reset() {
  clock.reset();
  TRY_STATUS(state.directory->restore(checkpoint));
  mfa.reset();
  signin->reset();
  return objects->clear();
}

// What the cluster does is asked for here and now: the watch may be busy with a write that waits.
std::vector<std::string> App::Parts::troubles() const {
  std::vector<std::string> all = health->troubles();
  if (std::string trouble = state.directory->follow_stats().trouble; !trouble.empty()) {
    all.push_back(std::move(trouble));
  }
  return all;
}

// Requests come in before the port is known that the system chose.
std::string App::Parts::issuer_base() const {
  if (!options.issuer_url.empty()) {
    return options.issuer_url;
  }
  const http::Server* server = serving.load();
  return server != nullptr ? listening_url(options, server->port()) : std::string();
}

MetricsSources App::Parts::metrics_sources() const {
  // Requests come in before the server is in our hands.
  const http::Server* server = serving.load();
  return {.http = server != nullptr ? server->counters() : http::ServerCounters(),
          .requests = requests->counts(),
          .refusals = requests->refusals(),
          .authentication_failures = requests->authentication_failures(),
          .pools = *pools,
          .directory = *state.directory,
          .audit = *audit,
          .disk = health->disk(),
          .disk_reserve = objects->disk().reserve(),
          .process = health->process(),
          .certificate = certificate.get(),
          .reporting = reporting->counts(),
          .is_ready = troubles().empty()};
}

// Every second, on the housekeeper's thread.
void App::Parts::watch() {
  const http::ServerCounters counters = http->counters();
  // Those that came and went since the last look left memory behind too.
  const std::uint64_t opened =
      counters.connections - std::exchange(connections_seen, counters.connections);
  memory.look(counters.buffered_bytes, counters.open_connections + opened);
  health->look();
  if (state.directory->is_in_office()) {
    deliver_notifications();
  }
}

// What cannot be delivered waits, and is told of once.
void App::Parts::deliver_notifications() {
  const Status delivered = notifications->deliver(*state.directory);
  if (!delivered && is_delivering) {
    log(LogLevel::Error, "notifications_failed", {{"cause", delivered.error().cause}});
  }
  is_delivering = delivered.has_value();
}

Result<std::unique_ptr<App>> App::start(const Options& options) {
  // Said before anything is made: a wrong flag or certificate leaves no data folder behind, whose
  // first credentials nobody has seen.
  if (auto usable = http::Server::check_tls(TRY(listen_options(options))); !usable) {
    return failure(std::move(usable.error()));
  }
  map_large_blocks();
  auto parts = std::make_unique<Parts>();
  parts->options = options;
  parts->options.reserves_room = true;
  parts->templates =
      TRY(load_templates({.roles = options.role_templates, .policies = options.policy_templates}));
  parts->upstreams = TRY(make_upstreams(options.upstreams, parts->real_clock));
  TRY_STATUS(parts->build_state());
  TRY_STATUS(parts->build_objects());
  TRY_STATUS(parts->build_audit());
  TRY_STATUS(parts->build_issuer_keys());
  TRY_STATUS(parts->build_services());
  TRY_STATUS(parts->build_http());
  TRY_STATUS(parts->build_control());
  return std::unique_ptr<App>(new App(std::move(parts)));
}

App::App(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

App::~App() {
  stop(0);
}

std::uint16_t App::port() const {
  return parts_->http->port();
}

bool App::is_bootstrap_ignored() const {
  return parts_->first.is_bootstrap_ignored;
}

Credentials& App::created() {
  return parts_->first.made;
}

void App::reload() {
  parts_->reload.run();
}

void App::stop(int drain_seconds) {
  if (!parts_->http) {
    return;
  }
  parts_->control_socket.reset();
  parts_->housekeeper.reset();
  parts_->http->stop(drain_seconds);
  parts_->pools->stop();
  parts_->http.reset();
  parts_->remover.reset();
  parts_->state.directory->stop();
  parts_->audit->flush();
  parts_->objects.reset();
  parts_->dev_folder.reset();
}

}  // namespace signet::server
