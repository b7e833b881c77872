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

#include "api/pipeline.h"
#include "api/worker_pool.h"
#include "audit/sink.h"
#include "authn/key_rings.h"
#include "authn/mfa_gate.h"
#include "base/log.h"
#include "base/strings.h"
#include "crypto/random.h"
#include "facts/errors.h"
#include "http/server.h"
#include "iam/service.h"
#include "s3/object_store.h"
#include "s3/service.h"
#include "server/admin.h"
#include "server/control.h"
#include "server/control_socket.h"
#include "server/dev_folder.h"
#include "server/directory_trail.h"
#include "server/housekeeper.h"
#include "server/listen_options.h"
#include "server/reload.h"
#include "server/state.h"
#include "signin/service.h"
#include "store/embedded/folder_marker.h"
#include "sts/service.h"

namespace signet::server {
namespace {

constexpr std::size_t kPoolThreads = 2;
constexpr std::size_t kPoolQueue = 1024;

std::unexpected<Error> failure(std::string cause) {
  return std::unexpected(facts::service_failure(std::move(cause)));
}

}  // namespace

// Everything a server is made of, in the order it is built; destroyed in reverse.
struct App::Parts {
  Options options;
  SystemClock clock;
  crypto::SystemRandom random;
  std::unique_ptr<audit::Sink> audit;
  std::optional<DirectoryTrail> trail;  // of the directory, which is in the state
  State state;
  FirstStart first;
  std::shared_ptr<const identity::Checkpoint> checkpoint;  // dev mode: what reset goes back to
  std::optional<DevFolder> dev_folder;
  std::unique_ptr<s3::ObjectStore> objects;
  std::optional<authn::KeyRings> rings;
  authn::MfaGate mfa;
  std::optional<api::Deps> deps;
  iam::IamService iam;
  sts::StsService sts;
  std::unique_ptr<s3::S3Service> s3;
  std::unique_ptr<signin::SigninService> signin;
  std::unique_ptr<AdminService> admin;
  std::unique_ptr<api::WorkerPool> pool;
  std::unique_ptr<api::Pipeline> pipeline;
  std::unique_ptr<http::Server> http;
  std::unique_ptr<Housekeeper> housekeeper;
  ReloadHooks reload;
  std::optional<Control> control;
  std::unique_ptr<ControlSocket> control_socket;

  Status build_state();
  Status build_objects();
  Status build_audit();
  Status build_services();
  Status build_http();
  Status build_control();

  Status reset();
  [[nodiscard]] std::string metrics() const;
};

Status App::Parts::build_state() {
  state = TRY(open_state(options, random));
  first = TRY(first_start(options, *state.directory, clock, random));
  rings.emplace(!options.is_dev);
  TRY_STATUS(rings->refresh(*state.directory, random, clock.now()));
  if (options.is_dev) {
    checkpoint = TRY(state.directory->checkpoint());
  }
  return {};
}

Status App::Parts::build_objects() {
  if (options.is_dev) {
    dev_folder.emplace(TRY(DevFolder::make(std::filesystem::temp_directory_path().string())));
    objects =
        TRY(s3::ObjectStore::open({.folder = dev_folder->path(), .is_durable = false}, random));
    return {};
  }
  store::FolderMarker marker =
      TRY(store::read_folder_marker(options.data_folder)).value_or(store::FolderMarker());
  objects = TRY(s3::ObjectStore::open(
      {.folder = options.data_folder + "/objects", .is_durable = true, .id = marker.objects},
      random));
  if (marker.objects.empty()) {
    marker.objects = objects->id();
    TRY_STATUS(store::write_folder_marker(options.data_folder, marker));
  }
  return {};
}

Status App::Parts::build_audit() {
  const bool has_audit =
      options.audit_file != "off" && !(options.is_dev && options.audit_file.empty());
  if (!has_audit) {
    audit = std::make_unique<audit::Sink>();
    return {};
  }
  audit = TRY(
      audit::Sink::open({.path = options.audit_file.empty() ? options.data_folder + "/audit.jsonl"
                                                            : options.audit_file,
                         .rotate_bytes = static_cast<std::uint64_t>(options.audit_rotate_mib) << 20,
                         .keep = options.audit_keep,
                         .is_required = options.is_audit_required},
                        clock));
  reload.add("audit", [this]() -> Status {
    return audit->reopen() ? Status() : Status(failure("the audit files cannot be opened anew"));
  });
  return state.directory->attach(trail.emplace(*audit));
}

Status App::Parts::build_services() {
  deps.emplace(api::Deps{.clock = clock,
                         .random = random,
                         .rings = *rings,
                         .mfa = mfa,
                         .catalogue = *state.catalogue});
  s3 = std::make_unique<s3::S3Service>(*objects,
                                       s3::S3Service::Options{.domains = options.s3_domains});
  signin = std::make_unique<signin::SigninService>(*rings);
  AdminHooks hooks{.metrics = [this] { return metrics(); }, .reset = {}, .clock_changed = {}};
  if (options.is_dev) {
    hooks.reset = [this] {
      return reset();
    };
    hooks.clock_changed = [this] {
      return rings->refresh(*state.directory, random, clock.now());
    };
  }
  admin = std::make_unique<AdminService>(
      std::move(hooks), clock, options.is_dev, http::is_loopback(options.address));
  pool = std::make_unique<api::WorkerPool>(kPoolThreads, kPoolQueue);
  return {};
}

Status App::Parts::build_http() {
  pipeline = std::make_unique<api::Pipeline>(api::PipelineParts{.deps = *deps,
                                                                .directory = *state.directory,
                                                                .audit = *audit,
                                                                .pool = *pool,
                                                                .iam = iam,
                                                                .sts = sts,
                                                                .s3 = *s3,
                                                                .web = {admin.get(), signin.get()},
                                                                .loops = options.threads});
  auto started = http::Server::start(TRY(listen_options(options)), *pipeline, clock);
  if (!started) {
    return failure(std::move(started.error()));
  }
  http = std::move(*started);
  if (!options.tls_certificate.empty()) {
    reload.add("tls", [this]() -> Status {
      const auto reloaded = http->reload_tls();
      return reloaded ? Status() : Status(failure(reloaded.error()));
    });
  }
  housekeeper = std::make_unique<Housekeeper>(*state.directory, *rings, random, clock);
  return {};
}

Status App::Parts::build_control() {
  if (options.is_dev) {
    return {};
  }
  control.emplace(Control::Deps{.directory = *state.directory,
                                .rings = *rings,
                                .audit = *audit,
                                .random = random,
                                .clock = clock});
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
  return objects->clear();
}

std::string App::Parts::metrics() const {
  const http::ServerCounters counters = http->counters();
  std::string text;
  const auto add = [&text](std::string_view name, std::string_view type, std::uint64_t value) {
    text += concat(
        "# TYPE signet_", name, " ", type, "\nsignet_", name, " ", std::to_string(value), "\n");
  };
  add("http_connections_total", "counter", counters.connections);
  add("http_connections_open", "gauge", counters.open_connections);
  add("http_connections_refused_total", "counter", counters.refused_connections);
  add("http_requests_total", "counter", counters.requests);
  add("http_requests_refused_total", "counter", counters.refused_requests);
  add("http_timeouts_total", "counter", counters.timeouts);
  add("directory_revision", "gauge", state.directory->revision());
  const audit::SinkHealth audit_health = audit->health();
  add("audit_lines_lost_total", "counter", audit_health.lost);
  add("audit_unauthenticated_dropped_total", "counter", audit_health.dropped_unauthenticated);
  add("audit_well", "gauge", audit_health.is_well ? 1 : 0);
  return text;
}

Result<std::unique_ptr<App>> App::start(const Options& options) {
  // Said before anything is made: a wrong flag or certificate leaves no data folder behind, whose
  // first credentials nobody has seen.
  if (auto usable = http::Server::check_tls(TRY(listen_options(options))); !usable) {
    return failure(std::move(usable.error()));
  }
  auto parts = std::make_unique<Parts>();
  parts->options = options;
  TRY_STATUS(parts->build_state());
  TRY_STATUS(parts->build_objects());
  TRY_STATUS(parts->build_audit());
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

std::vector<identity::CreatedKey>& App::created_keys() {
  return parts_->first.keys;
}

const Secret& App::admin_password() const {
  return parts_->first.admin_password;
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
  parts_->pool->stop();
  parts_->http.reset();
  parts_->state.directory->stop();
  parts_->audit->flush();
  parts_->objects.reset();
  parts_->dev_folder.reset();
}

}  // namespace signet::server
