#include "s3/post_object.h"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "codec/base64.h"
#include "codec/uri.h"
#include "codec/xml_reader.h"
#include "codec/xml_writer.h"
#include "facts/errors.h"
#include "facts/quotas.h"
#include "facts/s3_sentences.h"
#include "facts/s3_wire.h"
#include "s3/form_reader.h"
#include "s3/object_request.h"
#include "s3/post_policy.h"
#include "s3/put_invocation.h"
#include "s3/tags.h"
#include "s3/upload_headers.h"
#include "s3/upload_sink.h"

namespace signet::s3 {
namespace {

using api::CheckContext;
using api::CheckList;
using api::HandlerContext;
using authz::Authorized;

// Takes the body behind the head of the form: the file, as large as the policy allows.
class FormSink final : public api::BodySink {
 public:
  FormSink(std::unique_ptr<UploadSink> upload, std::string delimiter, const PostPolicy* policy)
      : upload_(std::move(upload)), file_(std::move(delimiter)), policy_(policy) {}

  [[nodiscard]] Status open() override { return upload_->open(); }

  [[nodiscard]] Status write(std::span<const char> bytes) override {
    const std::string piece = file_.take({bytes.data(), bytes.size()});
    size_ += piece.size();
    if (policy_ != nullptr && size_ > policy_->max_size()) {
      return policy_->check_size(size_);
    }
    return piece.empty() ? Status() : upload_->write(piece);
  }

  [[nodiscard]] Status trailer(std::string_view /*name*/, std::string_view /*value*/) override {
    return {};
  }

  // MalformedPOSTRequest for a form without its end.
  [[nodiscard]] Status check_whole() const {
    if (!file_.is_whole()) {
      return std::unexpected(facts::make_error(ErrorCode::MalformedPOSTRequest));
    }
    return policy_ == nullptr ? Status() : policy_->check_size(size_);
  }

  [[nodiscard]] UploadSink& upload() { return *upload_; }

 private:
  std::unique_ptr<UploadSink> upload_;
  FormFile file_;
  const PostPolicy* policy_;  // null: nobody signed
  std::uint64_t size_ = 0;
};

// What the invocation reads instead of the request: the fields of the form as if they stood in a
// presigned query. Made before the bases that keep a reference to it.
struct FormRequest {
  http::RequestHead head;
  api::RestRequest request;
};

class PostObject final : private FormRequest, public PutInvocation {
 public:
  PostObject(const ServiceParts& service,
             const api::RestRequest& sent,
             Address bucket,
             std::string boundary)
      : PutInvocation({.service = service,
                       .row = facts::s3_operation_row(facts::S3Operation::PutObject),
                       .request = FormRequest::request,
                       .address = std::move(bucket)}),
        sent_(sent),
        reader_(std::move(boundary)) {}

  [[nodiscard]] api::BodyUse body_use() const override { return api::BodyUse::Form; }

  Result<bool> take_form(std::string_view& piece) override {
    const bool is_whole = TRY(reader_.take(piece));
    if (is_whole) {
      TRY_STATUS(read_fields());
    }
    return is_whole;
  }

  Status end_form() const override { return about(form_file_missing(), "file", "0"); }

  Result<std::optional<authn::FormSignature>> form_signature() const override {
    const auto policy = reader_.find("policy");
    const auto old_signature = reader_.find("signature");
    const auto access_key = reader_.find("awsaccesskeyid");
    const bool is_version_4 = std::ranges::any_of(reader_.fields(), [](const auto& field) {
      return field.first == "x-amz-signature" || field.first == "x-amz-algorithm" ||
             field.first == "x-amz-credential";
    });
    // A policy alone is signed by nobody (recorded).
    if (!is_version_4 && !old_signature && !access_key) {
      return std::nullopt;
    }
    if (old_signature || access_key) {
      TRY_STATUS(require_fields({"Policy", "AWSAccessKeyId", "Signature"}));
      return authn::FormSignature{.is_version_2 = true,
                                  .credential = *access_key,
                                  .signature = *old_signature,
                                  .session_token = reader_.find("x-amz-security-token"),
                                  .policy = *policy};
    }
    TRY_STATUS(require_fields(
        {"Policy", "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Signature"}));
    return authn::FormSignature{.algorithm = *reader_.find("x-amz-algorithm"),
                                .credential = *reader_.find("x-amz-credential"),
                                .date = *reader_.find("x-amz-date"),
                                .signature = *reader_.find("x-amz-signature"),
                                .session_token = reader_.find("x-amz-security-token"),
                                .policy = *policy};
  }

  // The policy is as old as the form's signature: it is looked at once, before the first byte.
  Result<CheckList> checks(const CheckContext& context) override {
    if (!is_policy_checked_) {
      TRY_STATUS(check_policy(context.request.now));
      is_policy_checked_ = true;
    }
    return PutInvocation::checks(context);
  }

  Result<std::unique_ptr<api::BodySink>> open_upload(const Authorized& /*proof*/,
                                                     HandlerContext& context) override {
    const std::int64_t size =
        std::min(sent_.content_length, static_cast<std::int64_t>(facts::kUploadBytesMax));
    return std::make_unique<FormSink>(
        TRY(begin_put(context, size)), reader_.delimiter(), policy_ ? &*policy_ : nullptr);
  }

  void take_sink(std::unique_ptr<api::BodySink> sink) override {
    // Only open_upload() makes sinks for this invocation.
    sink_.reset(static_cast<FormSink*>(sink.release()));
  }

  Status serve(const Authorized& /*proof*/, HandlerContext& context) override {
    const std::unique_ptr<FormSink> sink = std::move(sink_);  // ends here, not on a loop
    TRY_STATUS(require_begun_bucket(context));
    TRY_STATUS(sink->check_whole());
    return end_put(sink->upload(), context);
  }

 private:
  // There are none in forms.
  [[nodiscard]] Result<objects::WriteCondition> condition() const override {
    return objects::WriteCondition();
  }

  [[nodiscard]] Status require_fields(std::initializer_list<std::string_view> names) const {
    for (const std::string_view name : names) {
      if (!reader_.find(to_lower(name))) {
        return about(form_field_missing(name), name, "");
      }
    }
    return {};
  }

  [[nodiscard]] Status read_fields() {
    const auto name = reader_.find("key");
    if (!name) {
      return about(form_field_missing("key"), "key", "");
    }
    std::string key(*name);
    constexpr std::string_view kFileName = "${filename}";
    const std::size_t at = key.find(kFileName);
    if (at != std::string::npos && !reader_.file_name().empty()) {
      key.replace(at, kFileName.size(), reader_.file_name());
    }
    if (key.empty()) {
      return about(form_key_missing(), "key", "");
    }
    if (key.size() > facts::kKeyBytesMax) {
      return std::unexpected(key_too_long(key.size()));
    }
    if (!is_utf8(key)) {
      return std::unexpected(facts::make_error(ErrorCode::InvalidURI));
    }
    set_key(std::move(key));
    return fill_request();
  }

  // Fields that are headers of a PutObject, under the names that those have.
  [[nodiscard]] Status fill_request() {
    head = *sent_.head;
    head.headers = {};
    FormRequest::request = sent_;
    FormRequest::request.head = &head;
    FormRequest::request.is_form = true;
    // So the fields count as headers; the name says that "Expires" is one of them.
    FormRequest::request.is_presigned = true;
    FormRequest::request.query = {{"X-Amz-Signature", ""}};
    for (const auto& [name, value] : reader_.fields()) {
      if (name == "tagging") {
        FormRequest::request.query.emplace_back(objects::kTagsHeader, TRY(tagging_text(value)));
      } else if (name != "if-match" && name != "if-none-match") {  // no conditions in forms
        FormRequest::request.query.emplace_back(name == "acl" ? "x-amz-acl" : name, value);
      }
    }
    return {};
  }

  // A <Tagging> document as the header has it.
  [[nodiscard]] Result<std::string> tagging_text(std::string_view document) const {
    const auto nothing = [](std::string_view) {
      return std::optional<std::string_view>();
    };
    const std::optional<codec::XmlElement> root = codec::read_xml(document);
    if (root && root->name != "Tagging") {
      return std::string();  // another document says nothing of tags (recorded)
    }
    shapes::PutObjectTaggingRequest read;
    TRY_STATUS(decode(facts::S3Input{.bucket = bucket_name(),
                                     .key = key(),
                                     .header = nothing,
                                     .param = nothing,
                                     .body = document},
                      read));
    Tags tags;
    for (const shapes::Tag& tag : read.tagging.tag_set) {
      tags.push_back({.key = tag.key, .value = tag.value});
    }
    objects::StoredHeaders stored;
    set_tags(stored, tags);
    return stored.empty() ? std::string() : stored.front().second;
  }

  [[nodiscard]] Status check_policy(Instant now) {
    const auto text = reader_.find("policy");
    const bool is_signed = reader_.find("x-amz-signature") || reader_.find("signature");
    if (!text || !is_signed) {
      return {};  // of a stranger, for whom the bucket's policy decides
    }
    const std::optional<std::string> json = codec::decode_base64(*text);
    if (!json) {
      return form_policy_invalid("Could not decode policy.");
    }
    policy_ = TRY(PostPolicy::parse(*json));
    std::vector<std::pair<std::string, std::string>> fields = reader_.fields();
    for (auto& [name, value] : fields) {
      if (name == "key") {
        value = key();
      }
    }
    if (!reader_.find("bucket")) {
      fields.emplace_back("bucket", bucket_name());
    } else if (*reader_.find("bucket") != bucket_name()) {
      return form_policy_failed(concat("[\"eq\", \"$bucket\", \"", bucket_name(), "\"]"));
    }
    return policy_->check(fields, now);
  }

  // Where the object is, as the browser can ask for it.
  [[nodiscard]] std::string object_uri(const HandlerContext& context) const {
    std::string uri = own_uri(context);
    uri += uri.ends_with('/') ? "" : "/";
    codec::append_percent_encoded(uri, key(), codec::Slash::Keep);
    return uri;
  }

  void tell(const objects::ObjectInfo& info, const HandlerContext& context) override {
    response_.headers.add("ETag", quoted(info.etag));
    add_checksum_headers(response_.headers, *info.checksum);
    if (const std::string target = redirection(info.etag); !target.empty()) {
      response_.status = 303;
      response_.headers.add("Location", target);
      return;
    }
    const std::string uri = object_uri(context);
    response_.headers.add("Location", uri);
    const std::string_view status = reader_.find("success_action_status").value_or("204");
    response_.status = status == "200" ? 200 : status == "201" ? 201 : 204;
    if (response_.status != 201) {
      return;
    }
    std::string document;
    codec::XmlWriter xml(document, codec::Controls::Reference);
    xml.open("PostResponse");
    xml.element("Location", uri);
    xml.element("Bucket", bucket_name());
    xml.element("Key", key());
    xml.element("ETag", quoted(info.etag));
    xml.close("PostResponse");
    answer_xml(std::move(document));
  }

  // Where the browser is to go, with what was made; empty where the form names no place, or none
  // that a browser can go to.
  [[nodiscard]] std::string redirection(std::string_view etag) const {
    auto target = reader_.find("success_action_redirect");
    target = target ? target : reader_.find("redirect");
    const bool is_url =
        target && (target->starts_with("https://") || target->starts_with("http://"));
    const auto is_plain = [](char c) {
      return c > ' ' && c < '\x7f';
    };
    if (!is_url || !std::ranges::all_of(*target, is_plain)) {
      return {};
    }
    const std::string_view mark = target->contains('?') ? "&" : "?";
    return concat(*target,
                  mark,
                  "bucket=",
                  codec::percent_encode(bucket_name()),
                  "&key=",
                  codec::percent_encode(key()),
                  "&etag=",
                  codec::percent_encode(quoted(etag)));
  }

  const api::RestRequest& sent_;
  FormReader reader_;
  std::optional<PostPolicy> policy_;  // nothing: nobody signed
  bool is_policy_checked_ = false;
  std::unique_ptr<FormSink> sink_;
};

}  // namespace

Result<std::unique_ptr<api::RestInvocation>> make_post_object(const ServiceParts& service,
                                                              const api::RestRequest& request,
                                                              Address bucket) {
  std::optional<std::string> boundary =
      form_boundary(request.head->find("content-type").value_or(""));
  if (!boundary) {
    Error error = facts::make_error(ErrorCode::PreconditionFailed);
    error.fields.emplace_back("Condition",
                              "Bucket POST must be of the enclosure-type multipart/form-data");
    return std::unexpected(std::move(error));
  }
  return std::make_unique<PostObject>(service, request, std::move(bucket), *std::move(boundary));
}

}  // namespace signet::s3
