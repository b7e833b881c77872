#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "codec/xml_reader.h"
#include "http/client_message.h"
#include "http/message.h"
#include "objects/object_change.h"
#include "objects/object_info.h"
#include "s3/request_headers.h"
#include "upstream/upstream.h"

namespace signet::s3 {

// What is said to an upstream and what its answers mean here. Everything blocks.

// Answers are documents of this size at most.
inline constexpr std::size_t kUpstreamDocumentBytes = 16UL * 1024 * 1024;

// ServiceUnavailable, or SlowDown where too much is under way.
[[nodiscard]] Error error_of(const upstream::Fault& fault);

// What an upstream's refusal means to the client. What it says of Signet's own keys is no business
// of the client's: S3InternalError. Its words are passed on where they are about the request.
// `document`: the body; empty for HEAD.
[[nodiscard]] Error upstream_refusal(int status, std::string_view document);

// Whether a header of a request, lower case, goes to the upstream as it is.
[[nodiscard]] bool goes_upstream(std::string_view name);

// Whether a parameter of a request's query does.
[[nodiscard]] bool parameter_goes_upstream(std::string_view name);

// Whether a header of an upstream's answer, lower case, goes to the client.
[[nodiscard]] bool comes_from_upstream(std::string_view name);

// Refuses keys, and prefixes of keys, that a store on a file system would take for others: with an
// empty segment, "." or "..", or a NUL. What is decided must be what is done there.
[[nodiscard]] Status check_upstream_key(std::string_view key);

// A request's document as the upstream gets it: what Signet read, and nothing else. MalformedXML.
[[nodiscard]] Result<std::string> document_for_upstream(std::string_view document);

// A document of an answer, read whole. S3InternalError for what is no XML; the refusal that it is,
// since some answers begin with 200 and end with an error.
[[nodiscard]] Result<codec::XmlElement> read_document(upstream::Exchange& exchange);

// Sends a request that has a document, or no body at all, and reads the document of the answer.
[[nodiscard]] Result<codec::XmlElement> ask_upstream(upstream::Upstream& upstream,
                                                     const upstream::Request& request,
                                                     std::string_view body);

// The headers of an object that an upstream has; nothing if it has none of that name.
[[nodiscard]] Result<std::optional<http::ClientResponse>> head_upstream(
    upstream::Upstream& upstream,
    std::string_view bucket,
    std::string_view key,
    std::string_view version);

// What Signet knows of an object by its headers.
[[nodiscard]] objects::ObjectInfo info_of(const http::ClientResponse& head, std::string key);

// Its tags, as they are stored here; none if there is no such object.
[[nodiscard]] Result<objects::StoredHeaders> tags_upstream(upstream::Upstream& upstream,
                                                           std::string_view bucket,
                                                           std::string_view key,
                                                           std::string_view version);

// Whether a condition of a write holds now, which not every upstream looks at: NoSuchKey,
// PreconditionFailed. It goes along with the write too, so that it is decided together with it
// where the upstream can.
[[nodiscard]] Status check_upstream(upstream::Upstream& upstream,
                                    std::string_view bucket,
                                    std::string_view key,
                                    const objects::WriteCondition& condition);

// Asks for deletions, and what became of one of them.
[[nodiscard]] Result<codec::XmlElement> delete_upstream(
    upstream::Upstream& upstream,
    std::string_view bucket,
    std::span<const objects::Deletion> deletions);
[[nodiscard]] Result<objects::Deleted> upstream_outcome(const codec::XmlElement& answer,
                                                        const objects::Deletion& deletion);

// Makes a bucket that nobody has there yet. BucketAlreadyExists.
[[nodiscard]] Status make_upstream_bucket(upstream::Upstream& upstream, std::string_view bucket);

// Deletes it; one that is gone already counts as deleted. BucketNotEmpty.
[[nodiscard]] Status delete_upstream_bucket(upstream::Upstream& upstream, std::string_view bucket);

}  // namespace signet::s3
