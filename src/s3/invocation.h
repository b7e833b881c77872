#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/rest.h"
#include "facts/s3_operations.h"
#include "objects/object_store.h"
#include "s3/answers.h"
#include "s3/request_headers.h"
#include "s3/route.h"
#include "s3/store_id.h"

namespace signet::upstream {
class Upstream;
class Upstreams;
}  // namespace signet::upstream

namespace signet::s3 {

class BucketNodes;

// What every operation of one service shares. Outlives the invocations.
struct ServiceParts {
  objects::ObjectStore& store;
  // Which buckets' objects lie elsewhere; null: none.
  const upstream::Upstreams* upstreams = nullptr;
  // Which nodes of a cluster hold objects of a bucket; null: there is this one alone.
  BucketNodes* nodes = nullptr;

  // The upstream that holds the objects of a bucket; null: they lie here.
  [[nodiscard]] upstream::Upstream* upstream_of(std::string_view bucket) const;
};

// What an operation is made from. The request outlives the invocation.
struct InvocationParts {
  const ServiceParts& service;
  const facts::S3OperationRow& row;
  const api::RestRequest& request;
  Address address;
};

// What is asked about an object, as far as the request tells.
struct ObjectQuestion {
  std::string action;
  Address on;
  std::vector<authz::ContextEntry> keys;
};

// What the operations of S3 have in common: names, headers, checks, and the answer under
// construction.
class S3Invocation : public api::RestInvocation {
 public:
  explicit S3Invocation(InvocationParts parts);

  [[nodiscard]] std::string_view service() const final { return "s3"; }

  [[nodiscard]] std::string_view name() const final { return row_.name; }

  [[nodiscard]] std::size_t number() const final { return static_cast<std::size_t>(row_.id); }

  [[nodiscard]] api::BodyUse body_use() const override { return api::BodyUse::None; }

  // Refuses what nobody here does; then open_upload().
  [[nodiscard]] Result<std::unique_ptr<api::BodySink>> open_sink(
      const authz::Authorized& proof, api::HandlerContext& context) final;

  // Refuses that too, then runs serve() with a fresh answer.
  [[nodiscard]] Status handle(const authz::Authorized& proof, api::HandlerContext& context) final;

  [[nodiscard]] std::optional<Status> try_handle(const authz::Authorized& proof,
                                                 api::HandlerContext& context) final;

  [[nodiscard]] api::RestResponse answer() final;

  // Adds x-amz-bucket-region where tells_region(), and what add_refusal_header() was given.
  void add_to_refusal(const identity::Snapshot& snapshot, http::Response& response) const final;

  // What checks() left open, since only who holds the objects knows their tags.
  [[nodiscard]] virtual std::span<const ObjectQuestion> questions_left() const { return {}; }

  // What is wrong with the document of the request, besides what body() said, on the state that it
  // is for.
  [[nodiscard]] virtual Status check_document(const api::HandlerContext& /*context*/,
                                              const identity::Snapshot& /*now*/) {
    return {};
  }

 protected:
  // Whether the region of the bucket is told to everybody, refused or not. Clients find it so
  // before they can sign (THREAT_MODEL.md).
  [[nodiscard]] virtual bool tells_region() const { return false; }

  // Does the work, which nobody can call without the proof that it is allowed (see
  // Invocation::handle), and leaves the answer in response_.
  [[nodiscard]] virtual Status serve(const authz::Authorized& proof,
                                     api::HandlerContext& context) = 0;

  // For operations with a streamed body: see RestInvocation::open_sink.
  [[nodiscard]] virtual Result<std::unique_ptr<api::BodySink>> open_upload(
      const authz::Authorized& /*proof*/, api::HandlerContext& /*context*/) {
    return std::unique_ptr<api::BodySink>();
  }

  // serve() without blocking; nothing if that cannot be (see RestInvocation::try_handle).
  [[nodiscard]] virtual std::optional<Status> try_serve(const authz::Authorized& /*proof*/,
                                                        api::HandlerContext& /*context*/) {
    return std::nullopt;
  }

  // What else must be allowed for the call still to be, besides its checks; see still_allowed().
  [[nodiscard]] virtual Status decide_rest(const api::HandlerContext& /*context*/,
                                           const identity::Snapshot& /*newest*/) const {
    return {};
  }

  // For what names its key elsewhere than in the URL.
  void set_key(std::string key) { address_.key = std::move(key); }

  [[nodiscard]] const std::string& bucket_name() const { return address_.bucket; }

  [[nodiscard]] const std::string& key() const { return address_.key; }

  [[nodiscard]] const api::RestRequest& request() const { return request_; }

  // Every header, also where a presigned URL carries it in the query.
  [[nodiscard]] RequestHeaders headers() const { return RequestHeaders(request_); }

  // First value of a request header or query parameter; nothing if absent.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;

  [[nodiscard]] std::optional<std::string_view> param(std::string_view name) const;

  // One decision on a bucket or, with a key, on an object. `context` comes on top of the keys that
  // every S3 call has.
  [[nodiscard]] authz::Check check_of(const identity::Snapshot& snapshot,
                                      const model::Caller& caller,
                                      const authz::RequestInfo& info,
                                      std::string_view action,
                                      const Address& on,
                                      std::vector<authz::ContextEntry> context = {}) const;
  // A check with the same keys for each action that headers of the upload imply.
  void add_implied_checks(const api::CheckContext& context,
                          const std::vector<authz::ContextEntry>& keys,
                          api::CheckList& list) const;
  // The operation's own action on its own bucket or object.
  [[nodiscard]] authz::Check own_check(const api::CheckContext& context,
                                       std::vector<authz::ContextEntry> more = {}) const;

  // The bucket of the request. NoSuchBucket if there is none, AccessDenied if
  // x-amz-expected-bucket-owner names another account. To be called after authorization.
  [[nodiscard]] Result<const identity::Bucket*> require_bucket(
      const identity::Snapshot& snapshot) const;

  // Holds a bucket to the owner that the header of that name expects:
  // InvalidBucketOwnerAWSAccountID for what is no account, AccessDenied for another.
  [[nodiscard]] Status check_owner(const identity::Bucket& bucket, std::string_view name) const;

  // The bucket of the request is still the one with that id of the object store: OperationAborted
  // if another one was made under its name. For changes of objects whose bucket was found on an
  // earlier state.
  [[nodiscard]] Result<const identity::Bucket*> require_same_bucket(
      const identity::Snapshot& snapshot, std::string_view bucket_id) const;

  // The call is still allowed, and in that same bucket: for changes that were long in coming, right
  // before the object store is changed. Answers the newest state, which it was decided on.
  [[nodiscard]] Result<std::shared_ptr<const identity::Snapshot>> still_allowed(
      const api::HandlerContext& context, std::string_view bucket_id) const;

  // What a missing key is answered with: NoSuchKey only for those who may list the bucket
  // (policy-semantics 8.4).
  [[nodiscard]] Error missing_key(const api::HandlerContext& context, const Address& address) const;

  // Where the client reached what the request names: scheme, host and path as it wrote them.
  [[nodiscard]] std::string own_uri(const api::HandlerContext& context) const;

  // An XML answer; `document` without the declaration.
  void answer_xml(std::string document);

  // A header that a refusal of this call shows besides its error document.
  void add_refusal_header(std::string_view name, std::string_view value);

  http::Response response_;
  // What follows response_.body, if that is not all.
  std::unique_ptr<api::BodyReader> rest_;

 private:
  // Refuses what the request asks for and nobody here does.
  [[nodiscard]] Status check_asked(const api::HandlerContext& context) const;
  void begin_answer(const api::HandlerContext& context);

  const facts::S3OperationRow& row_;
  const api::RestRequest& request_;
  Address address_;
  std::vector<std::pair<std::string, std::string>> refusal_headers_;
};

enum class Creation : std::uint8_t;    // object_request.h
enum class VersionIds : std::uint8_t;  // object_request.h
enum class Bypass : std::uint8_t;      // object_lock.h

// An operation that works with objects. The object store blocks on the disk, so it is at hand on
// the worker pool only: never on an event loop, nor on the directory's writer.
class ObjectInvocation : public S3Invocation {
 public:
  explicit ObjectInvocation(InvocationParts parts)
      : ObjectInvocation(parts.service, std::move(parts)) {}

  [[nodiscard]] api::RunMode run_mode() const final { return api::RunMode::Blocking; }

  [[nodiscard]] std::span<const ObjectQuestion> questions_left() const final { return left_; }

 protected:
  [[nodiscard]] objects::ObjectStore& store() const { return service_.store; }

  // Who holds the objects of the request's bucket; null: the store.
  [[nodiscard]] upstream::Upstream* upstream() const { return upstream_of(bucket_name()); }

  // The same for another bucket.
  [[nodiscard]] upstream::Upstream* upstream_of(std::string_view bucket) const {
    return service_.upstream_of(bucket);
  }

  // The version that the request names; empty: none. InvalidArgument for what is no id of one.
  [[nodiscard]] Result<std::string> named_version() const;
  [[nodiscard]] VersionIds version_ids() const;

  // The check of a call that is decided on the tags that its object has (s3:ExistingObjectTag), its
  // owner and its access control list. Where the bucket has objects with tags, or is one in which
  // lists count, it passes whatever policies say, since only the disk knows them: serve() must call
  // decide_on_tags() with the same question before it tells or changes anything.
  [[nodiscard]] authz::Check check_on_tags(const api::CheckContext& context,
                                           const ObjectQuestion& question);

  // That decision. `stored`: of the object; null where there is none.
  [[nodiscard]] Status decide_on_tags(const api::HandlerContext& context,
                                      const ObjectQuestion& question,
                                      const objects::StoredHeaders* stored);

  // The object of the request, or the version that it names, once all of that is allowed on its
  // tags. NoSuchKey (or AccessDenied, as for reads), NoSuchVersion; MethodNotAllowed for a delete
  // marker.
  [[nodiscard]] Result<objects::ObjectInfo> find_allowed(
      const api::HandlerContext& context,
      const identity::Bucket& bucket,
      const std::vector<ObjectQuestion>& questions);

  // The same without tags to decide on, for a call that its checks allowed: of objects held here.
  [[nodiscard]] Result<objects::ObjectInfo> find_present(const api::HandlerContext& context,
                                                         const identity::Bucket& bucket);

  // The action of an operation on objects: "s3:GetObjectAcl" of GetObjectAcl, with a version
  // "s3:GetObjectVersionAcl".
  [[nodiscard]] std::string action_of_version() const;

  // missing_key(), or NoSuchVersion where a version is named (empty: none is).
  [[nodiscard]] Error missing_version(const api::HandlerContext& context,
                                      const Address& address,
                                      std::string_view version) const;

  // MethodNotAllowed: a version that is a delete marker can be deleted, and nothing else.
  [[nodiscard]] Error marker_refused() const;

  // find_allowed(), with MethodNotAllowed instead of NoSuchKey where a delete marker hides the
  // object.
  [[nodiscard]] Result<objects::ObjectInfo> find_allowed_or_marker(
      const api::HandlerContext& context,
      const identity::Bucket& bucket,
      const ObjectQuestion& question);

  // The decisions about a call that uploads: its own, and those that its headers ask for.
  [[nodiscard]] api::CheckList upload_checks(const api::CheckContext& context,
                                             Creation creation) const;

  // Decides what an operation left, on the tags that the object has.
  [[nodiscard]] Status decide_left(const api::HandlerContext& context,
                                   const ObjectQuestion& question,
                                   const objects::StoredHeaders& stored);

  // The tags of the request's object at an upstream, where those decisions can depend on them.
  [[nodiscard]] Result<objects::StoredHeaders> demanded_tags(
      const api::HandlerContext& context,
      std::span<const ObjectQuestion> questions,
      std::string_view version) const;

  // Says of an object that is made how it is encrypted, unless with a customer's key, and which
  // version it is where versions are kept.
  void tell_made(const objects::ObjectInfo& info,
                 bool is_encrypted,
                 objects::Versioning versioning);

  // Whether the governance of versions of a key is bypassed: the request asks for it, and the
  // caller may (s3:BypassGovernanceRetention).
  [[nodiscard]] Bypass bypass_of(const api::HandlerContext& context,
                                 const identity::Snapshot& newest,
                                 std::string_view key) const;

  // A further decision on an object, with the tags that it has.
  [[nodiscard]] Status decide(const api::HandlerContext& context,
                              const ObjectQuestion& question,
                              const objects::StoredHeaders* stored) const;

  // Decides again what decide_on_tags() decided.
  [[nodiscard]] Status decide_rest(const api::HandlerContext& context,
                                   const identity::Snapshot& newest) const final;

  // Of the object that the request names.
  [[nodiscard]] std::string own_arn() const;

  // The access control list to be stored with an object that the request makes: a text for
  // set_stored_list(). Errors of list_for_upload().
  [[nodiscard]] Result<std::string> new_list(const api::HandlerContext& context,
                                             const identity::Bucket& bucket) const;

  // The id of a bucket that something is about to be stored in, whose owner is to be charged.
  [[nodiscard]] std::string charged_store_id(const identity::Bucket& bucket) const;

  // Runs what stores an object in the bucket with this id. In a cluster the bucket names this node
  // before, so that no other one takes it for an empty bucket; and again afterwards, since it may
  // have been closed here meanwhile, found empty, and opened.
  [[nodiscard]] Status store_in(std::string_view bucket_id,
                                const std::function<Status()>& put) const;

 private:
  ObjectInvocation(const ServiceParts& service, InvocationParts&& parts)
      : S3Invocation(std::move(parts)), service_(service) {}

  // NoSuchKey and so on where there is none; MethodNotAllowed for a delete marker.
  [[nodiscard]] Result<objects::ObjectInfo> present(const api::HandlerContext& context,
                                                    std::optional<objects::ObjectInfo> info,
                                                    std::string_view version) const;

  const ServiceParts& service_;

  struct Decided {
    ObjectQuestion question;
    objects::StoredHeaders stored;
  };

  bool is_decision_left_ = false;  // to decide_on_tags()
  bool is_left_known_ = false;
  std::vector<ObjectQuestion> left_;  // to who asks an upstream
  std::vector<Decided> decided_;      // by it
};

// The one check that most operations have; a braced list would copy it.
[[nodiscard]] api::CheckList only(authz::Check check);

// x-amz-bucket-region.
void add_region_header(http::ResponseHeaders& headers, const identity::Bucket& bucket);

}  // namespace signet::s3
