#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "api/operation.h"
#include "api/query.h"
#include "api/rest.h"
#include "api/web.h"
#include "api/worker_pool.h"
#include "audit/sink.h"
#include "http/handler.h"
#include "identity/directory.h"

namespace signet::api {

class LoopState;

// What the pipeline is put together from. All of it outlives the pipeline.
struct PipelineParts {
  Deps deps;
  identity::Directory& directory;
  audit::Sink& audit;
  WorkerPools& pools;
  const QueryService& iam;
  const QueryService& sts;
  RestService& s3;
  std::vector<WebService*> web;
  int loops = 1;
  // Longest body of a request that nobody has signed, in bytes.
  std::uint64_t unsigned_body_max = std::uint64_t{16} * 1024;
};

// The only way in and the only way out: admit, route, authenticate, decode, checks, authorize,
// handle, encode, record. The only caller of handlers; knows no service.
class Pipeline final : public http::Handler {
 public:
  explicit Pipeline(PipelineParts parts);
  ~Pipeline() override;
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;
  Pipeline(Pipeline&&) = delete;
  Pipeline& operator=(Pipeline&&) = delete;

  http::ExchangePtr open(const http::RequestHead& head) override;
  // Bytes that were no request leave a record too.
  void refused(int loop, int status, std::string_view remote_address) override;

 private:
  [[nodiscard]] WebService* web_service_for(const http::RequestHead& head) const;

  PipelineParts parts_;
  authz::Authorizer writer_authorizer_;  // of the directory's writer thread
  std::vector<std::unique_ptr<LoopState>> loops_;
};

}  // namespace signet::api
