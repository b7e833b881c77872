#include "api/pipeline.h"

#include <utility>

namespace signet::api {
namespace {

Step after(Step step) {
  return static_cast<Step>(static_cast<std::uint8_t>(step) + 1);
}

}  // namespace

void proceed(Steps& request, Step step) {
  Status& outcome = request.outcome();
  for (; outcome && step < Step::Encode; step = after(step)) {
    if (request.must_wait(step)) {
      return;
    }
    switch (step) {
      case Step::Admit:
        outcome = request.admit();
        break;
      case Step::Route:
        outcome = request.route();
        break;
      case Step::Authenticate:
        outcome = request.authenticate();
        break;
      case Step::Decode:
        outcome = request.decode();
        break;
      case Step::Checks:
        outcome = request.checks();
        break;
      case Step::Authorize:
        outcome = request.authorize();
        break;
      case Step::Handle:
        outcome = request.handle();
        break;
      case Step::Encode:
      case Step::Record:
        break;  // of every request, whatever came of it: conclude()
    }
  }
  if (!request.must_wait(Step::Encode)) {
    request.send(conclude(request));
  }
}

http::Response conclude(Steps& request) {
  http::Response answer = request.encode(request.outcome());
  if (const Status recorded = request.record(request.outcome(), answer); !recorded) {
    answer = request.encode(recorded);
  }
  return answer;
}

}  // namespace signet::api
