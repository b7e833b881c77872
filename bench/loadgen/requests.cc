#include "requests.h"

namespace signet::loadgen {
namespace {

// In a form given by hand: the number of the request.
constexpr std::string_view kNumberPlace = "{n}";

}  // namespace

RequestMaker::RequestMaker(const Options& options, std::uint64_t seed)
    : options_(options),
      random_(seed),
      mix_(options.mix.begin(), options.mix.end()),
      object_body_(options.object_bytes, 'x'),
      object_hash_(hex(sha256(object_body_))) {
  keys_[0].resize(options.credentials.size());
  keys_[1].resize(options.session_credentials.size());
}

bool RequestMaker::draw(double share) {
  return share > 0 && static_cast<double>(random_() >> 11) * 0x1p-53 < share;
}

const HmacKey& RequestMaker::key_for(bool is_session, std::size_t index, Service service) {
  CachedKey& cached = keys_[is_session ? 1 : 0][index][static_cast<std::size_t>(service)];
  const auto& list = is_session ? options_.session_credentials : options_.credentials;
  const std::string day = date_.substr(0, 8);
  if (cached.day != day) {
    cached.day = day;
    cached.key = signing_key(list[index].secret_key, day, options_.region, service_name(service));
  }
  return cached.key;
}

std::string RequestMaker::form_of(Op op) {
  const auto sts = [](const std::string& rest) {
    return "Version=2011-06-15&Action=" + rest;
  };
  const auto iam = [](const std::string& rest) {
    return "Version=2010-05-08&Action=" + rest;
  };
  const std::string number = std::to_string(++sequence_);
  const std::uint64_t role = pick(static_cast<std::size_t>(options_.roles));
  switch (op) {
    case Op::Gci:
      return sts("GetCallerIdentity");
    case Op::Assume:
      return sts("AssumeRole&DurationSeconds=3600&RoleSessionName=lg-" + number +
                 "&RoleArn=" + uri_encode(substitute(options_.role_arn, role)));
    case Op::Gst:
      return sts("GetSessionToken&DurationSeconds=3600");
    case Op::FedToken:
      return sts("GetFederationToken&Name=fed" + number);
    case Op::GetUser:
      return iam("GetUser");
    case Op::GetRole:
      return iam("GetRole&RoleName=lg-role-" + std::to_string(role));
    case Op::ListRoles:
      return iam("ListRoles&MaxItems=100");
    case Op::Custom: {
      std::string form = options_.custom_form;
      if (const std::size_t at = form.find(kNumberPlace); at != std::string::npos) {
        form.replace(at, kNumberPlace.size(), number);
      }
      return form;
    }
    default:
      return {};
  }
}

Request RequestMaker::next() {
  if (!options_.fixed_path.empty()) {
    return {.head = "GET " + options_.fixed_path + " HTTP/1.1\r\nHost: " + options_.host_header +
                    "\r\n\r\n"};
  }
  const Op op = static_cast<Op>(mix_(random_));
  const Service service = row_of(op).service;
  const bool is_issuing = op == Op::Assume || op == Op::Gst || op == Op::FedToken;
  const bool is_session =
      !is_issuing && !options_.session_credentials.empty() && draw(options_.session_share);
  const auto& list = is_session ? options_.session_credentials : options_.credentials;
  const std::size_t who = pick(list.size());
  if (const std::time_t now = std::time(nullptr); now != second_) {
    second_ = now;
    date_ = amz_date(now);
  }

  Draft draft{.method = "POST",
              .path = "/",
              .form = {},
              .body_hash = {},
              .has_wrong_signature = draw(options_.bad_signature_share)};
  const std::string form = form_of(op);
  std::string path;
  if (service == Service::S3) {
    draft.method = op == Op::Put ? "PUT" : op == Op::Head ? "HEAD" : "GET";
    path = "/";
    if (op != Op::List) {
      path +=
          options_.bucket + "/" +
          uri_encode(substitute(options_.object, pick(static_cast<std::size_t>(options_.objects))),
                     true);
    }
    draft.path = path;
    if (op == Op::Put) {
      draft.body_hash = object_hash_;
      draft.body_bytes = object_body_.size();
    }
  }
  draft.form = form;
  return {
      .head = sign(options_, service, list[who], key_for(is_session, who, service), date_, draft),
      .op = op,
      .has_wrong_signature = draft.has_wrong_signature,
      .has_object_body = op == Op::Put};
}

Request RequestMaker::call(const Credential& credential, Service service, const Draft& draft) {
  const std::string date = amz_date(std::time(nullptr));
  const HmacKey key =
      signing_key(credential.secret_key, date.substr(0, 8), options_.region, service_name(service));
  return {.head = sign(options_, service, credential, key, date, draft)};
}

std::string xml_text(const std::string& xml, const std::string& element) {
  const std::string open = "<" + element + ">";
  const std::size_t from = xml.find(open);
  if (from == std::string::npos) {
    return {};
  }
  const std::size_t begin = from + open.size();
  const std::size_t end = xml.find("</" + element + ">", begin);
  return end == std::string::npos ? std::string() : xml.substr(begin, end - begin);
}

}  // namespace signet::loadgen
