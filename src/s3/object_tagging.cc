// GetObjectTagging, PutObjectTagging, DeleteObjectTagging.
#include <utility>

#include "base/strings.h"
#include "facts/errors.h"
#include "s3/object_request.h"
#include "s3/operations.h"
#include "s3/tags.h"
#include "s3/typed.h"

namespace signet::s3 {
namespace {

using api::CheckContext;
using api::CheckList;
using api::HandlerContext;

Tags tags_in(const std::vector<shapes::Tag>& set) {
  Tags tags;
  for (const shapes::Tag& tag : set) {
    tags.push_back({.key = tag.key, .value = tag.value});
  }
  return tags;
}

// What the three have in common: they are decided on the tags that the object has.
template <class Request, class Response>
class TaggingOperation : public Typed<ObjectInvocation, Request, Response> {
 public:
  using Typed<ObjectInvocation, Request, Response>::Typed;

 protected:
  Result<CheckList> checks_of(const CheckContext& context) override {
    static_cast<void>(TRY(this->named_version()));
    return only(this->check_on_tags(context, question()));
  }

  // Replaces the tags, if the call is allowed on those that are there.
  [[nodiscard]] Result<Response> replace(const identity::Bucket& bucket,
                                         const HandlerContext& context,
                                         const Tags& tags) {
    const std::string bucket_id = store_id(bucket);
    const objects::ObjectInfo found =
        TRY(this->find_allowed_or_marker(context, bucket, question()));
    TRY_STATUS(this->still_allowed(context, bucket_id));
    const auto change = [&](objects::ObjectInfo& info) -> Status {
      if (tags_of(info.headers) != tags_of(found.headers)) {  // the call was decided on others
        return std::unexpected(facts::make_error(ErrorCode::OperationAborted));
      }
      set_tags(info.headers, tags);
      return {};
    };
    const std::string version(this->param("versionId").value_or(""));
    TRY_STATUS(this->store().amend(bucket_id, this->key(), version, change));
    return Response{.version_id = told_version(bucket, found)};
  }

  // x-amz-version-id, of a bucket that keeps versions or did once.
  [[nodiscard]] static std::optional<std::string> told_version(const identity::Bucket& bucket,
                                                               const objects::ObjectInfo& info) {
    return versioning_of(bucket) == objects::Versioning::Off
               ? std::nullopt
               : std::optional<std::string>(objects::shown_version(info));
  }

  // "s3:GetObjectTagging" of its own; with a version "s3:GetObjectVersionTagging".
  [[nodiscard]] ObjectQuestion question() const {
    ObjectQuestion asked{.action = this->action_of_version(),
                         .on = {.bucket = this->bucket_name(), .key = this->key()},
                         .keys = version_keys(this->request())};
    add_request_tag_keys(request_tags(), asked.keys);
    return asked;
  }

  [[nodiscard]] virtual Tags request_tags() const { return {}; }
};

class GetObjectTagging final
    : public TaggingOperation<shapes::GetObjectTaggingRequest, shapes::GetObjectTaggingResponse> {
 public:
  using TaggingOperation::TaggingOperation;

 protected:
  Result<shapes::GetObjectTaggingResponse> answer_to(
      const shapes::GetObjectTaggingRequest& /*request*/,
      const identity::Bucket* bucket,
      HandlerContext& context) override {
    Result<objects::ObjectInfo> found = find_allowed_or_marker(context, *bucket, question());
    if (!found) {
      return std::unexpected(with_bucket(std::move(found).error()));
    }
    const objects::ObjectInfo info = *std::move(found);
    shapes::GetObjectTaggingResponse answer{.version_id = told_version(*bucket, info)};
    for (model::Tag& tag : tags_of(info.headers)) {
      answer.tag_set.push_back({.key = std::move(tag.key), .value = std::move(tag.value)});
    }
    return answer;
  }

 private:
  // Of a key that is not there S3 names the bucket too (recorded).
  [[nodiscard]] Error with_bucket(Error error) const {
    for (auto& [name, value] : error.fields) {
      if (error.code == ErrorCode::NoSuchKey && name == "Key") {
        value = concat(bucket_name(), "/", value);
      }
    }
    return error;
  }
};

class PutObjectTagging final
    : public TaggingOperation<shapes::PutObjectTaggingRequest, shapes::PutObjectTaggingResponse> {
 public:
  using TaggingOperation::TaggingOperation;

  [[nodiscard]] Status check_document(const HandlerContext& context,
                                      const identity::Snapshot& now) override {
    TRY_STATUS(TaggingOperation::check_document(context, now));
    return check_object_tags(request_tags());
  }

 protected:
  [[nodiscard]] Tags request_tags() const override { return tags_in(asked().tagging.tag_set); }

  Result<shapes::PutObjectTaggingResponse> answer_to(const shapes::PutObjectTaggingRequest& request,
                                                     const identity::Bucket* bucket,
                                                     HandlerContext& context) override {
    const Tags tags = tags_in(request.tagging.tag_set);
    TRY_STATUS(check_object_tags(tags));
    return replace(*bucket, context, tags);
  }
};

class DeleteObjectTagging final : public TaggingOperation<shapes::DeleteObjectTaggingRequest,
                                                          shapes::DeleteObjectTaggingResponse> {
 public:
  using TaggingOperation::TaggingOperation;

 protected:
  Result<shapes::DeleteObjectTaggingResponse> answer_to(
      const shapes::DeleteObjectTaggingRequest& /*request*/,
      const identity::Bucket* bucket,
      HandlerContext& context) override {
    shapes::DeleteObjectTaggingResponse answer = TRY(replace(*bucket, context, {}));
    response_.status = 204;
    return answer;
  }
};

}  // namespace

SIGNET_S3_MAKE(GetObjectTagging)
SIGNET_S3_MAKE(PutObjectTagging)
SIGNET_S3_MAKE(DeleteObjectTagging)

}  // namespace signet::s3
