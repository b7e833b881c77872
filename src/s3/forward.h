#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "http/client_message.h"
#include "s3/operations.h"
#include "upstream/upstream.h"

namespace signet::s3 {

// An operation on objects that an upstream holds (decision 0070): decided here as its local twin
// is, signed anew, sent there, and answered as S3 does. What the upstream is to be asked is made
// anew from what the request says; nothing is passed on unseen.
class Forward : public ObjectInvocation {
 public:
  // `twin`: the operation as it is on objects that lie here, which says what is to be decided.
  Forward(InvocationParts parts, InvocationPtr twin, upstream::Upstream& upstream);

  [[nodiscard]] api::BodyUse body_use() const final { return twin_->body_use(); }

  [[nodiscard]] std::size_t body_limit() const final { return twin_->body_limit(); }

  [[nodiscard]] Status body(std::string_view bytes) final;

  [[nodiscard]] Result<api::CheckList> checks(const api::CheckContext& context) final {
    return twin_->checks(context);
  }

  void append_parameters(codec::JsonWriter& json) const final { twin_->append_parameters(json); }

 protected:
  [[nodiscard]] Status serve(const authz::Authorized& proof, api::HandlerContext& context) override;

  // All that is to be found out before the upstream is asked for the work itself: decisions on
  // tags, the source of a copy, conditions of a write.
  [[nodiscard]] Status settle(const api::HandlerContext& context);

  // AccessControlListNotSupported for an object that would have an access control list, or another
  // owner than the bucket's: there are neither at an upstream.
  [[nodiscard]] Status refuse_lists(const api::HandlerContext& context,
                                    const identity::Bucket& bucket) const;

  // The request as it goes to the upstream, but for its body.
  [[nodiscard]] Result<upstream::Request> request_for_upstream() const;

  // Makes the upstream's answer ours.
  [[nodiscard]] Status take(upstream::Upstream::Answered answered,
                            const api::HandlerContext& context);

 private:
  [[nodiscard]] Status decide_on_upstream_tags(const api::HandlerContext& context);
  [[nodiscard]] Status settle_range(upstream::Request& request) const;
  [[nodiscard]] Status settle_copy(const api::HandlerContext& context);
  [[nodiscard]] Error refusal(const http::ClientResponse& head,
                              std::string_view document,
                              const api::HandlerContext& context);
  [[nodiscard]] Error missing(const http::ClientResponse& head, const api::HandlerContext& context);
  [[nodiscard]] Status take_bytes(upstream::Upstream::Answered answered,
                                  const api::HandlerContext& context);
  [[nodiscard]] Status take_document(upstream::Exchange& exchange,
                                     const api::HandlerContext& context);
  void take_headers(const http::ClientResponse& head, const api::HandlerContext& context);
  void write_tag_count(const http::ClientResponse& head, const api::HandlerContext& context);

  [[nodiscard]] bool is(facts::S3Operation operation) const { return operation_ == operation; }

  facts::S3Operation operation_;
  InvocationPtr twin_;
  upstream::Upstream& upstream_;
  std::string document_;          // of the request
  objects::StoredHeaders known_;  // tags of the object, where they were asked for
};

// The operation for a bucket whose objects an upstream holds, made from the one for a bucket whose
// objects lie here: which is sent on, which stays as it is, and which there is not.
[[nodiscard]] Result<InvocationPtr> through_upstream(InvocationParts parts,
                                                     InvocationPtr twin,
                                                     upstream::Upstream& upstream);

// PutObject and UploadPart (forward_upload.cc).
[[nodiscard]] InvocationPtr make_forward_upload(InvocationParts parts,
                                                InvocationPtr twin,
                                                upstream::Upstream& upstream);

}  // namespace signet::s3
