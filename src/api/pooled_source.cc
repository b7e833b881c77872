#include "api/pooled_source.h"

#include <utility>

#include "api/exchange_base.h"

namespace signet::api {

PooledSource::PooledSource(WorkerPool& pool,
                           Share share,
                           std::string request_id,
                           std::unique_ptr<BodyReader> reader)
    : pool_(pool),
      share_(std::move(share)),
      request_id_(std::move(request_id)),
      reader_(std::move(reader)) {}

PooledSource::~PooledSource() {
  static_cast<void>(pool_.submit(share_, [reader = std::move(reader_)](authz::Authorizer&) {}));
}

void PooledSource::fetch(http::PieceTaker to) {
  // If there is no place the taker is dropped, and says so.
  auto taker = std::make_shared<http::PieceTaker>(std::move(to));
  static_cast<void>(pool_.submit(
      share_, [reader = reader_, id = request_id_, taker = std::move(taker)](authz::Authorizer&) {
        Result<std::string> piece = reader->next();
        if (piece) {
          taker->give(*std::move(piece));
        } else {
          log_fault(piece.error(), id);
        }
      }));
}

}  // namespace signet::api
