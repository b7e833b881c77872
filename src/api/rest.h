#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/operation.h"
#include "authn/form_signature.h"
#include "codec/json_writer.h"
#include "http/message.h"

namespace signet::api {

// A request of a REST protocol (S3) after routing. Views live as long as the request.
struct RestRequest {
  std::string_view method;
  std::string_view host;      // Host header without port, lower case not applied
  std::string_view raw_path;  // as on the wire, without the query
  std::string path;           // percent-decoded once; not cleaned
  std::vector<std::pair<std::string, std::string>> query;  // decoded, in order, repeats kept
  const http::RequestHead* head = nullptr;                 // for headers
  bool is_presigned = false;
  bool is_version_2 = false;  // a presigned link of Signature Version 2
  bool is_form = false;       // a browser's form, whose fields these are
  // Bytes of the body as the application sees them (x-amz-decoded-content-length for aws-chunked);
  // -1: not announced.
  std::int64_t content_length = -1;

  // First value of a query parameter; nothing if it is absent.
  [[nodiscard]] std::optional<std::string_view> param(std::string_view name) const;
};

// Makes the rest of an answer's body, piece by piece, on the worker pool for bodies, which also
// destroys it.
class BodyReader {
 public:
  BodyReader() = default;
  BodyReader(const BodyReader&) = delete;
  BodyReader& operator=(const BodyReader&) = delete;
  BodyReader(BodyReader&&) = delete;
  BodyReader& operator=(BodyReader&&) = delete;
  virtual ~BodyReader() = default;

  // The next piece; not empty before the end. An error ends the connection, since the answer has
  // begun. `spare`: a text whose memory the piece may take.
  [[nodiscard]] virtual Result<std::string> next(std::string spare) = 0;
};

// The answer of a REST operation. `response.body` is the whole body unless a file is named, or
// `rest` makes what follows it, up to response.content_length bytes in all.
struct RestResponse {
  http::Response response;
  std::unique_ptr<BodyReader> rest = nullptr;
};

// Takes a streamed request body, already decoded from aws-chunked and checked against its hash.
// One thread at a time: the worker pool for bodies, which also destroys what is given up.
class BodySink {
 public:
  BodySink() = default;
  BodySink(const BodySink&) = delete;
  BodySink& operator=(const BodySink&) = delete;
  BodySink(BodySink&&) = delete;
  BodySink& operator=(BodySink&&) = delete;
  // Dropping a sink that was not handed back to handle() discards what it took.
  virtual ~BodySink() = default;

  // Gets what the bytes go into, before the first of them, and before a client that waits is asked
  // for any; an error ends the request with that answer.
  [[nodiscard]] virtual Status open() = 0;

  // Appends; an error ends the request with that answer.
  [[nodiscard]] virtual Status write(std::span<const char> bytes) = 0;

  // One trailing header of an aws-chunked body (x-amz-checksum-crc32 and so on), after the last
  // byte. Those that only the signature needs are not passed on.
  [[nodiscard]] virtual Status trailer(std::string_view name, std::string_view value) = 0;
};

enum class BodyUse : unsigned char {
  None,    // a body is refused or ignored
  Buffer,  // small documents: up to body_limit() bytes arrive in body()
  Stream,  // open_sink() is called after authorization, then handle() once all bytes are in
  Form,    // take_form() gets the first bytes, which say who asks; then as Stream
};

// An Invocation of a REST protocol.
class RestInvocation : public Invocation {
 public:
  [[nodiscard]] virtual BodyUse body_use() const = 0;

  // Work::Long for what takes as long as an object is large.
  [[nodiscard]] Work work() const override { return Work::Objects; }

  // For Buffer: the largest body in bytes.
  [[nodiscard]] virtual std::size_t body_limit() const { return 0; }

  // For Buffer: called before checks() with the whole body, whose hash has been verified.
  [[nodiscard]] virtual Status body(std::string_view) { return {}; }

  // For Stream: called once the call is authorized, before the first byte; on the event loop, so
  // what takes the disk is left to BodySink::open().
  [[nodiscard]] virtual Result<std::unique_ptr<BodySink>> open_sink(const Authorized&,
                                                                    HandlerContext&) {
    return std::unique_ptr<BodySink>();
  }

  // For Stream: the finished sink, handed over just before handle().
  virtual void take_sink(std::unique_ptr<BodySink>) {}

  // For Form: takes the fields before the file off the front of the body, piece by piece; true once
  // the file begins, whose first bytes are left in `piece`.
  [[nodiscard]] virtual Result<bool> take_form(std::string_view& /*piece*/) { return true; }

  // For Form, of a body that ended before: what is missing.
  [[nodiscard]] virtual Status end_form() const { return {}; }

  // For Form, once take_form() was true: what signs it. Nothing: nobody.
  [[nodiscard]] virtual Result<std::optional<authn::FormSignature>> form_signature() const {
    return std::nullopt;
  }

  // For Blocking operations: does what handle() does if that needs no waiting, on the event loop
  // and with its authorizer. Nothing: it would have to wait, handle() is called on the worker pool.
  [[nodiscard]] virtual std::optional<Status> try_handle(const Authorized&, HandlerContext&) {
    return std::nullopt;
  }

  // What an audit record tells of the body, as members of an object.
  virtual void append_parameters(codec::JsonWriter& /*json*/) const {}

  // Adds what a refusal tells besides its error document.
  virtual void add_to_refusal(const identity::Snapshot&, http::Response&) const {}

  // The answer; valid after handle() or try_handle() succeeded.
  [[nodiscard]] virtual RestResponse answer() = 0;
};

// What a request is about, as far as its head tells, for its record.
struct RestTarget {
  std::string_view event;  // name of the operation, also of one that is not written; empty: none
  std::string bucket;
  std::string key;
  bool is_data_event = false;  // about objects
};

// A service with a REST protocol: decides which operation a request is.
class RestService {
 public:
  RestService() = default;
  RestService(const RestService&) = delete;
  RestService& operator=(const RestService&) = delete;
  RestService(RestService&&) = delete;
  RestService& operator=(RestService&&) = delete;
  virtual ~RestService() = default;

  // The operation of a request, or the caller's error (MethodNotAllowed, NotImplemented, InvalidURI
  // ...). Called before authentication with the head only; must not look at any state.
  [[nodiscard]] virtual Result<std::unique_ptr<RestInvocation>> match(
      const RestRequest& request) = 0;

  // The names of its operations, in the order of their numbers.
  [[nodiscard]] virtual std::vector<std::string_view> operations() const = 0;

  // The bucket that a Host (without port) names; empty for path style.
  [[nodiscard]] virtual std::string host_bucket(std::string_view host) const = 0;

  // Adds what an answer, also a refusal, tells the browser of a page of another origin.
  virtual void add_for_origin(const RestRequest& /*request*/,
                              const identity::Snapshot& /*snapshot*/,
                              http::Response& /*response*/) const {}

  // For the record; empty where the request names nothing.
  [[nodiscard]] virtual RestTarget target_of(const RestRequest& request) const = 0;

  // The error document of this protocol for an answer; `is_head` leaves the body out. `resource` is
  // the raw path.
  [[nodiscard]] virtual http::Response error(const Error& error,
                                             std::string_view request_id,
                                             std::string_view resource,
                                             bool is_head) = 0;
};

}  // namespace signet::api
