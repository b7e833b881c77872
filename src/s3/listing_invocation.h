#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "codec/xml_writer.h"
#include "s3/invocation.h"
#include "s3/object_request.h"

namespace signet::s3 {

// What listings of objects, versions and uploads have in common.
class ListingInvocation : public ObjectInvocation {
 public:
  using ObjectInvocation::ObjectInvocation;

 protected:
  // Keys may hold what XML cannot carry: encoding-type=url makes them readable.
  [[nodiscard]] std::string shown(std::string_view text) const {
    return encoded(param("encoding-type"), text);
  }

  // EncodingType, if the request names one.
  void write_encoding(codec::XmlWriter& xml) const {
    if (param("encoding-type")) {
      xml.element("EncodingType", "url");
    }
  }

  // MaxKeys, Delimiter, EncodingType and IsTruncated of a page of objects or versions.
  void write_extent(codec::XmlWriter& xml,
                    std::size_t max_keys,
                    std::string_view delimiter,
                    bool is_truncated) const {
    xml.element("MaxKeys", static_cast<std::int64_t>(max_keys));
    if (!delimiter.empty()) {
      xml.element("Delimiter", shown(delimiter));
    }
    write_encoding(xml);
    xml.element("IsTruncated", is_truncated ? "true" : "false");
  }

  void write_common_prefixes(codec::XmlWriter& xml,
                             const std::vector<std::string>& prefixes) const {
    for (const std::string& prefix : prefixes) {
      xml.open("CommonPrefixes");
      xml.element("Prefix", shown(prefix));
      xml.close("CommonPrefixes");
    }
  }
};

}  // namespace signet::s3
