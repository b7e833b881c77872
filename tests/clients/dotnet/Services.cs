// What the flows and examples/dotnet call of STS and IAM, under the names of the packages AWSSDK.SecurityToken and
// AWSSDK.IdentityManagement, on the SDK's own core: its credentials, signer, retries and errors. For machines that have of the SDK the
// core and S3 alone; where the packages are, leave this file out.
using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Auth;
using Amazon.Runtime.Internal.Transform;

namespace Amazon.QueryProtocol {
  /// <summary>A request of the Query protocol: its members are its parameters.</summary>
  public class QueryRequest : AmazonWebServiceRequest {
    internal readonly Dictionary<string, string> Members = new Dictionary<string, string>();
    internal string Action { get { return GetType().Name.Replace("Request", ""); } }
    protected string this[string name] {
      get { return Members.TryGetValue(name, out var value) ? value : null; }
      set { Members[name] = value; }
    }
  }

  /// <summary>An answer: the text of each element with its name, in the order of the document.</summary>
  public class QueryResponse : AmazonWebServiceResponse {
    internal readonly List<KeyValuePair<string, string>> Elements = new List<KeyValuePair<string, string>>();
    protected string this[string name] { get { return Elements.FirstOrDefault(one => one.Key == name).Value; } }
  }

  class Marshaller : IMarshaller<IRequest, AmazonWebServiceRequest> {
    readonly ClientConfig config_;
    internal Marshaller(ClientConfig config) { config_ = config; }
    public IRequest Marshall(AmazonWebServiceRequest input) {
      var asked = (QueryRequest)input;
      var request = new DefaultRequest(asked, "Amazon." + config_.AuthenticationServiceName);
      request.Parameters.Add("Action", asked.Action);
      request.Parameters.Add("Version", config_.ServiceVersion);
      foreach (var member in asked.Members) request.Parameters.Add(member.Key, member.Value);
      return request;
    }
  }

  class Unmarshaller<TResponse> : XmlResponseUnmarshaller where TResponse : QueryResponse, new() {
    public override AmazonWebServiceResponse Unmarshall(XmlUnmarshallerContext context) {
      var answer = new TResponse();
      while (context.Read()) {
        if (!context.IsStartElement) continue;
        var path = context.CurrentPath;
        answer.Elements.Add(new KeyValuePair<string, string>(path.Substring(path.LastIndexOf('/') + 1), context.ReadText()));
      }
      return answer;
    }
    public override AmazonServiceException UnmarshallException(XmlUnmarshallerContext context, Exception inner, HttpStatusCode status) {
      var error = ErrorResponseUnmarshaller.GetInstance().Unmarshall(context);
      return new AmazonServiceException(error.Message, inner, error.Type, error.Code, error.RequestId, status);
    }
  }

  class Resolver : BaseEndpointResolver {
    protected override void ServiceSpecificHandler(IExecutionContext context, Amazon.Runtime.Endpoints.EndpointParameters parameters) {}
    protected override Amazon.Runtime.Endpoints.EndpointParameters MapEndpointsParameters(IRequestContext context) {
      return new Amazon.Runtime.Endpoints.EndpointParameters();
    }
  }

  /// <summary>The endpoint that is configured; AWS's own are in the packages.</summary>
  class Provider : Amazon.Runtime.Endpoints.IEndpointProvider {
    readonly ClientConfig config_;
    internal Provider(ClientConfig config) { config_ = config; }
    public Amazon.Runtime.Endpoints.Endpoint ResolveEndpoint(Amazon.Runtime.Endpoints.EndpointParameters parameters) {
      return new Amazon.Runtime.Endpoints.Endpoint(config_.ServiceURL);
    }
  }

  public class QueryConfig : ClientConfig {
    readonly string version_;
    public QueryConfig(string id, string version) : base(new DefaultConfigurationProvider(new[] { new DefaultConfiguration {
          Name = DefaultConfigurationMode.Legacy, RetryMode = RequestRetryMode.Legacy } })) {
      ServiceId = id;
      version_ = version;
      AuthenticationServiceName = id.ToLowerInvariant();
      RegionEndpoint = FallbackRegionFactory.GetRegionEndpoint(false) ?? RegionEndpoint.USEast1;
      EndpointProvider = new Provider(this);
    }
    public override string RegionEndpointServiceName { get { return AuthenticationServiceName; } }
    public override string ServiceVersion { get { return version_; } }
    public override string UserAgent { get { return Amazon.Util.Internal.InternalSDKUtils.BuildUserAgentString("3.7.300.2"); } }
  }

  public class QueryClient : AmazonServiceClient {
    protected QueryClient(AWSCredentials credentials, ClientConfig config) : base(credentials, config) {}
    protected override AbstractAWSSigner CreateSigner() { return new AWS4Signer(); }
    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline) {
      pipeline.RemoveHandler<EndpointResolver>();
      pipeline.AddHandlerAfter<Amazon.Runtime.Internal.Marshaller>(new Resolver());
    }
    protected Task<TResponse> Call<TResponse>(QueryRequest request, CancellationToken token) where TResponse : QueryResponse, new() {
      return InvokeAsync<TResponse>(request, new InvokeOptions {
        RequestMarshaller = new Marshaller((ClientConfig)Config), ResponseUnmarshaller = new Unmarshaller<TResponse>() }, token);
    }
  }
}

namespace Amazon.SecurityToken {
  using Amazon.QueryProtocol;
  using Amazon.SecurityToken.Model;

  public class AmazonSecurityTokenServiceClient : QueryClient {
    public AmazonSecurityTokenServiceClient() : this(FallbackCredentialsFactory.GetCredentials()) {}
    public AmazonSecurityTokenServiceClient(AWSCredentials credentials) : base(credentials, new QueryConfig("STS", "2011-06-15")) {}
    public Task<GetCallerIdentityResponse> GetCallerIdentityAsync(GetCallerIdentityRequest request, CancellationToken token = default(CancellationToken)) {
      return Call<GetCallerIdentityResponse>(request, token);
    }
    public Task<AssumeRoleResponse> AssumeRoleAsync(AssumeRoleRequest request, CancellationToken token = default(CancellationToken)) {
      return Call<AssumeRoleResponse>(request, token);
    }
    public Task<GetSessionTokenResponse> GetSessionTokenAsync(GetSessionTokenRequest request, CancellationToken token = default(CancellationToken)) {
      return Call<GetSessionTokenResponse>(request, token);
    }
  }
}

namespace Amazon.SecurityToken.Model {
  using Amazon.QueryProtocol;

  public class GetCallerIdentityRequest : QueryRequest {}

  public class GetCallerIdentityResponse : QueryResponse {
    public string Arn { get { return this["Arn"]; } }
  }

  public class GetSessionTokenRequest : QueryRequest {
    public int DurationSeconds { set { this["DurationSeconds"] = value.ToString(CultureInfo.InvariantCulture); } }
    public string SerialNumber { set { this["SerialNumber"] = value; } }
    public string TokenCode { set { this["TokenCode"] = value; } }
  }

  public class AssumeRoleRequest : GetSessionTokenRequest {
    public string RoleArn { get { return this["RoleArn"]; } set { this["RoleArn"] = value; } }
    public string RoleSessionName { set { this["RoleSessionName"] = value; } }
  }

  public class Credentials : AWSCredentials {
    public string AccessKeyId { get; internal set; }
    public string SecretAccessKey { get; internal set; }
    public string SessionToken { get; internal set; }
    public DateTime Expiration { get; internal set; }
    public override ImmutableCredentials GetCredentials() { return new ImmutableCredentials(AccessKeyId, SecretAccessKey, SessionToken); }
  }

  public class GetSessionTokenResponse : QueryResponse {
    public Credentials Credentials {
      get {
        return new Credentials { AccessKeyId = this["AccessKeyId"], SecretAccessKey = this["SecretAccessKey"], SessionToken = this["SessionToken"],
                                 Expiration = DateTime.Parse(this["Expiration"], CultureInfo.InvariantCulture) };
      }
    }
  }

  public class AssumedRoleUser {
    public string Arn { get; internal set; }
  }

  public class AssumeRoleResponse : GetSessionTokenResponse {
    public AssumedRoleUser AssumedRoleUser { get { return new AssumedRoleUser { Arn = this["Arn"] }; } }
  }
}

namespace Amazon.IdentityManagement {
  using Amazon.IdentityManagement.Model;
  using Amazon.QueryProtocol;

  public class AmazonIdentityManagementServiceClient : QueryClient {
    public AmazonIdentityManagementServiceClient() : base(FallbackCredentialsFactory.GetCredentials(), new QueryConfig("IAM", "2010-05-08")) {}
    public Task<QueryResponse> CreateRoleAsync(CreateRoleRequest request) { return Call<QueryResponse>(request, default(CancellationToken)); }
    public Task<QueryResponse> AttachRolePolicyAsync(AttachRolePolicyRequest request) { return Call<QueryResponse>(request, default(CancellationToken)); }
    public Task<QueryResponse> DetachRolePolicyAsync(DetachRolePolicyRequest request) { return Call<QueryResponse>(request, default(CancellationToken)); }
    public Task<QueryResponse> DeleteRoleAsync(DeleteRoleRequest request) { return Call<QueryResponse>(request, default(CancellationToken)); }
    public Task<QueryResponse> GetRoleAsync(GetRoleRequest request) { return Call<QueryResponse>(request, default(CancellationToken)); }
    public Task<QueryResponse> ListUsersAsync(ListUsersRequest request) { return Call<QueryResponse>(request, default(CancellationToken)); }
    public Task<ListAttachedRolePoliciesResponse> ListAttachedRolePoliciesAsync(ListAttachedRolePoliciesRequest request) {
      return Call<ListAttachedRolePoliciesResponse>(request, default(CancellationToken));
    }
  }
}

namespace Amazon.IdentityManagement.Model {
  using Amazon.QueryProtocol;

  public class OfRole : QueryRequest {
    public string RoleName { set { this["RoleName"] = value; } }
  }

  public class CreateRoleRequest : OfRole {
    public string AssumeRolePolicyDocument { set { this["AssumeRolePolicyDocument"] = value; } }
  }

  public class AttachRolePolicyRequest : OfRole {
    public string PolicyArn { set { this["PolicyArn"] = value; } }
  }

  public class DetachRolePolicyRequest : AttachRolePolicyRequest {}
  public class DeleteRoleRequest : OfRole {}
  public class GetRoleRequest : OfRole {}
  public class ListAttachedRolePoliciesRequest : OfRole {}
  public class ListUsersRequest : QueryRequest {}

  public class AttachedPolicyType {
    public string PolicyName { get; internal set; }
  }

  public class ListAttachedRolePoliciesResponse : QueryResponse {
    public List<AttachedPolicyType> AttachedPolicies {
      get { return Elements.Where(one => one.Key == "PolicyName").Select(one => new AttachedPolicyType { PolicyName = one.Value }).ToList(); }
    }
  }
}
