# The flows of tests/clients/README.md with the AWS SDK for Ruby, as Debian 12 has it: core and s3, no IAM.
require "aws-sdk-core"
require "aws-sdk-s3"
require "json"
require "net/http"
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

case ARGV[0]
when "identity"
  puts sts.get_caller_identity.arn
when "renewal"
  asking = sts
  puts asking.get_caller_identity.arn
  sleep ENV.fetch("PAUSE").to_f
  puts asking.get_caller_identity.arn
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
when "denied"
  begin
    sts.assume_role(**ROLE)
  rescue Aws::Errors::ServiceError => error
    puts error.code, error.message
  end
end
