#include "api/json.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>

#include "codec/form.h"
#include "codec/uri.h"
#include "facts/credentials.h"
#include "http/message.h"

namespace signet::api {
namespace {

using facts::JsonRoute;
using facts::NamedText;

// Takes the first segment off a path, with the slash before it.
std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1);
  const std::string_view segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

// What the labels of a template stand for in a path; nothing if it is not of that form.
std::optional<std::vector<NamedText>> labels_in(std::string_view form, std::string_view path) {
  std::vector<NamedText> labels;
  while (!form.empty() && path.starts_with('/')) {
    const std::string_view wanted = take_segment(form);
    const std::string_view found = take_segment(path);
    if (!wanted.starts_with('{')) {
      if (wanted != found) {
        return std::nullopt;
      }
      continue;
    }
    auto value = codec::percent_decode(found);
    if (!value || value->empty()) {
      return std::nullopt;
    }
    labels.emplace_back(wanted.substr(1, wanted.size() - 2), *std::move(value));
  }
  return form.empty() && path.empty() ? std::optional(std::move(labels)) : std::nullopt;
}

bool asks_for(const std::vector<NamedText>& query, std::string_view wanted) {
  const std::size_t equals = wanted.find('=');
  return wanted.empty() || std::ranges::any_of(query, [&](const NamedText& sent) {
           return sent.first == wanted.substr(0, equals) &&
                  sent.second == wanted.substr(equals + 1);
         });
}

bool takes_unsigned(const JsonRoute& route) {
  return facts::operation_row(route.id).is_implemented &&
         !facts::credentials_of(route.id).needs_signature;
}

std::array<bool, facts::kServices> services_that_take_unsigned() {
  std::array<bool, facts::kServices> services{};
  for (const JsonRoute& route : facts::all_json_routes()) {
    services.at(static_cast<std::size_t>(facts::operation_row(route.id).service)) |=
        takes_unsigned(route);
  }
  return services;
}

}  // namespace

JsonTarget json_target(facts::Service service, const http::RequestHead& head) {
  JsonTarget target;
  bool is_query_read = false;  // of the first route that the path fits: most requests fit none
  for (const JsonRoute& route : facts::all_json_routes()) {
    if (facts::operation_row(route.id).service != service || route.method != head.method) {
      continue;
    }
    auto labels = labels_in(route.path, head.path());
    if (!labels) {
      continue;
    }
    if (!is_query_read) {
      const auto form = codec::FormParams::parse(head.query());
      if (!form) {
        return target;
      }
      for (const codec::FormParam& param : form->all()) {
        target.query.emplace_back(param.name, param.value);
      }
      is_query_read = true;
    }
    if (asks_for(target.query, route.query)) {
      target.route = &route;
      target.path = *std::move(labels);
      break;
    }
  }
  return target;
}

std::string_view targeted_operation(facts::Service service, const http::RequestHead& head) {
  const std::string_view prefix = facts::service_row(service).target;
  const std::string_view target = head.find("x-amz-target").value_or("");
  const bool is_of_service = !prefix.empty() && target.size() > prefix.size() &&
                             target.starts_with(prefix) && target[prefix.size()] == '.';
  return is_of_service ? target.substr(prefix.size() + 1) : std::string_view();
}

std::string_view targeted_service(const http::RequestHead& head) {
  for (std::size_t i = 0; i < facts::kServices; ++i) {
    const auto service = static_cast<facts::Service>(i);
    if (!targeted_operation(service, head).empty()) {
      return facts::service_row(service).name;
    }
  }
  return {};
}

bool json_takes_unsigned(const JsonService& service, const http::RequestHead& head) {
  // Every request without a signature is asked about, for every service, and most have no such
  // operation.
  static const auto kTakeUnsigned = services_that_take_unsigned();
  if (!kTakeUnsigned.at(static_cast<std::size_t>(service.id()))) {
    return false;
  }
  const JsonTarget target = json_target(service.id(), head);
  return target.route != nullptr && takes_unsigned(*target.route);
}

}  // namespace signet::api
