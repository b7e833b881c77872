# The flows of tests/clients/README.md with the AWS SDK for Ruby, as Debian 12 has it: core and s3. It has no gem for IAM, so that its
# requests are signed with the SDK's own signer.
require "aws-sdk-core"
require "aws-sdk-s3"
require "json"
require "net/http"
require "rexml/document"
require "uri"

ENDPOINT = ENV.fetch("AWS_ENDPOINT_URL")
ROLE = { role_arn: ENV["ROLE_ARN"], role_session_name: "matrix" }

def sts(**keys)
  Aws::STS::Client.new(region: "us-east-1", endpoint: ENDPOINT, **keys)
end

def code
  Net::HTTP.get(URI(ENV.fetch("MFA_CODE_URL")))
end

def keys(answer)
  made = answer.credentials
  { credentials: Aws::Credentials.new(made.access_key_id, made.secret_access_key, made.session_token) }
end

def buckets(answer)
  s3 = Aws::S3::Client.new(region: "us-east-1", endpoint: ENDPOINT, force_path_style: true, **keys(answer))
  s3.list_buckets.buckets.map(&:name).join(",")
end

def refused
  yield
rescue Aws::Errors::ServiceError => error
  puts error.code
end

# Calls IAM; the parsed answer.
def iam(action, **parameters)
  url = URI("#{ENDPOINT}/")
  body = URI.encode_www_form(Action: action, Version: "2010-05-08", **parameters)
  headers = { "content-type" => "application/x-www-form-urlencoded; charset=utf-8" }
  signer = Aws::Sigv4::Signer.new(service: "iam", region: "us-east-1", credentials_provider: sts.config.credentials)
  signed = signer.sign_request(http_method: "POST", url: url, headers: headers, body: body).headers
  REXML::Document.new(Net::HTTP.post(url, body, headers.merge(signed)).body)
end

def text(answer, name)
  REXML::XPath.first(answer, "//*[local-name()='#{name}']").text
end

case ARGV[0]
when "identity"
  puts sts.get_caller_identity.arn
when "renewal"
  asking = sts
  loop do
    puts asking.get_caller_identity.arn
    break unless Net::HTTP.get(URI(ENV.fetch("LATER_URL"))) == "again"
  end
when "assume-role"
  provider = Aws::AssumeRoleCredentials.new(client: sts, **ROLE)
  puts sts(credentials: provider).get_caller_identity.arn
when "assume-role-mfa"
  refused { sts.assume_role(**ROLE) }
  puts buckets(sts.assume_role(**ROLE, serial_number: ENV["MFA_SERIAL"], token_code: code))
when "session-token-mfa"
  refused { buckets(sts.get_session_token) }
  puts buckets(sts.get_session_token(serial_number: ENV["MFA_SERIAL"], token_code: code))
when "federation"
  made = sts.assume_role(**ROLE).credentials
  session = { sessionId: made.access_key_id, sessionKey: made.secret_access_key, sessionToken: made.session_token }.to_json
  asked = URI("#{ENDPOINT}/federation?#{URI.encode_www_form(Action: "getSigninToken", Session: session)}")
  token = JSON.parse(Net::HTTP.get(asked))["SigninToken"]
  puts "#{ENDPOINT}/federation?#{URI.encode_www_form(Action: "login", Issuer: "example.org",
                                                     Destination: "https://console.aws.amazon.com/", SigninToken: token)}"
when "role-life"
  role = { RoleName: ENV.fetch("ROLE_NAME") }
  policy = { PolicyArn: ENV.fetch("POLICY_ARN") }
  iam("CreateRole", **role, AssumeRolePolicyDocument: ENV.fetch("TRUST"))
  iam("AttachRolePolicy", **role, **policy)
  puts text(iam("ListAttachedRolePolicies", **role), "PolicyName")
  iam("DetachRolePolicy", **role, **policy)
  iam("DeleteRole", **role)
  puts text(iam("GetRole", **role), "Code")
when "denied"
  begin
    sts.assume_role(**ROLE)
  rescue Aws::Errors::ServiceError => error
    puts error.code, error.message
  end
end
