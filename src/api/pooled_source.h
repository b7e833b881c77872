#pragma once

#include <memory>
#include <string>

#include "api/rest.h"
#include "api/worker_pool.h"
#include "http/body_source.h"

namespace signet::api {

// A body whose pieces a pool makes: no loop decrypts any.
class PooledSource final : public http::BodySource {
 public:
  // The pool must outlive the source. `request_id`: for the log, of a body that cannot go on.
  PooledSource(WorkerPool& pool,
               Share share,
               std::string request_id,
               std::unique_ptr<BodyReader> reader);
  PooledSource(const PooledSource&) = delete;
  PooledSource& operator=(const PooledSource&) = delete;
  PooledSource(PooledSource&&) = delete;
  PooledSource& operator=(PooledSource&&) = delete;
  ~PooledSource() override;

  void fetch(http::PieceTaker to) override;

 private:
  WorkerPool& pool_;
  Share share_;
  std::string request_id_;
  std::shared_ptr<BodyReader> reader_;
};

}  // namespace signet::api
