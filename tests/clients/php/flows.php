<?php
// The flows of tests/clients/README.md with AsyncAws, the part that Debian 12 has: its core with some operations of STS. The others, IAM and
// S3 are called on that core.
require_once 'AsyncAws/Core/autoload.php';

use AsyncAws\Core\AbstractApi;
use AsyncAws\Core\Credentials\Credentials;
use AsyncAws\Core\Exception\Http\HttpException;
use AsyncAws\Core\Request;
use AsyncAws\Core\Stream\StringStream;
use AsyncAws\Core\Sts\StsClient;

const ROLE_SESSION = 'matrix';

function sts(?Credentials $keys = null): StsClient
{
    $settings = ['endpoint' => getenv('AWS_ENDPOINT_URL'), 'region' => 'us-east-1'];
    return $keys ? new StsClient($settings, $keys) : new StsClient($settings);
}

// A service that is not there, or not whole: each call's answer as XML.
final class Service extends AbstractApi
{
    private $service;

    public function __construct(string $service, ?Credentials $keys = null)
    {
        $this->service = $service;
        parent::__construct(['endpoint' => getenv('AWS_ENDPOINT_URL'), 'region' => 'us-east-1'], $keys);
    }

    public function query(string $action, array $parameters = []): SimpleXMLElement
    {
        $version = $this->service === 'sts' ? '2011-06-15' : '2010-05-08';
        $body = http_build_query(['Action' => $action, 'Version' => $version] + $parameters, '', '&', PHP_QUERY_RFC3986);
        return $this->send('POST', ['content-type' => 'application/x-www-form-urlencoded'], $body);
    }

    public function buckets(): string
    {
        $answer = $this->send('GET', ['x-amz-content-sha256' => 'UNSIGNED-PAYLOAD'], '');
        return implode(',', array_map('strval', $answer->xpath('//*[local-name()="Bucket"]/*[local-name()="Name"]')));
    }

    private function send(string $method, array $headers, string $body): SimpleXMLElement
    {
        $answer = $this->getResponse(new Request($method, '/', [], $headers, StringStream::create($body)));
        return new SimpleXMLElement($answer->getContent() ?: '<empty/>');
    }

    protected function getEndpointMetadata(?string $region): array
    {
        return ['endpoint' => getenv('AWS_ENDPOINT_URL'), 'signRegion' => 'us-east-1', 'signService' => $this->service, 'signVersions' => ['v4']];
    }
}

function session(array $more = []): Credentials
{
    $made = (new Service('sts'))->query('GetSessionToken', $more)->GetSessionTokenResult->Credentials;
    return new Credentials((string) $made->AccessKeyId, (string) $made->SecretAccessKey, (string) $made->SessionToken);
}

function device(): array
{
    return ['SerialNumber' => getenv('MFA_SERIAL'), 'TokenCode' => file_get_contents(getenv('MFA_CODE_URL'))];
}

function refused(callable $call): void
{
    try {
        $call();
    } catch (HttpException $error) {
        echo $error->getAwsCode(), "\n";
    }
}

function assume(array $more = []): Credentials
{
    $made = sts()->assumeRole(['RoleArn' => getenv('ROLE_ARN'), 'RoleSessionName' => ROLE_SESSION] + $more)->getCredentials();
    return new Credentials($made->getAccessKeyId(), $made->getSecretAccessKey(), $made->getSessionToken());
}

switch ($argv[1]) {
    case 'identity':
        echo sts()->getCallerIdentity()->getArn(), "\n";
        break;
    case 'assume-role':
        echo sts(assume())->getCallerIdentity()->getArn(), "\n";
        break;
    case 'assume-role-mfa':
        refused(function () { assume(); });
        echo (new Service('s3', assume(device())))->buckets(), "\n";
        break;
    case 'session-token-mfa':
        refused(function () { (new Service('s3', session()))->buckets(); });
        echo (new Service('s3', session(device())))->buckets(), "\n";
        break;
    case 'role-life':
        $iam = new Service('iam');
        $role = ['RoleName' => getenv('ROLE_NAME')];
        $policy = ['PolicyArn' => getenv('POLICY_ARN')];
        $iam->query('CreateRole', $role + ['AssumeRolePolicyDocument' => getenv('TRUST')]);
        $iam->query('AttachRolePolicy', $role + $policy);
        echo $iam->query('ListAttachedRolePolicies', $role)->xpath('//*[local-name()="PolicyName"]')[0], "\n";
        $iam->query('DetachRolePolicy', $role + $policy);
        $iam->query('DeleteRole', $role);
        refused(function () use ($iam, $role) { $iam->query('GetRole', $role); });
        break;
    case 'federation':
        $made = assume();
        $session = json_encode(['sessionId' => $made->getAccessKeyId(), 'sessionKey' => $made->getSecretKey(), 'sessionToken' => $made->getSessionToken()]);
        $site = getenv('AWS_ENDPOINT_URL') . '/federation?';
        $asked = json_decode(file_get_contents($site . http_build_query(['Action' => 'getSigninToken', 'Session' => $session])), true);
        echo $site . http_build_query(['Action' => 'login', 'Issuer' => 'example.org', 'Destination' => 'https://console.aws.amazon.com/',
                                       'SigninToken' => $asked['SigninToken']]), "\n";
        break;
    case 'denied':
        try {
            assume();
        } catch (HttpException $error) {
            echo $error->getAwsCode(), "\n", $error->getAwsMessage(), "\n";
        }
        break;
    case 'renewal':
        $asking = sts();
        do {
            echo $asking->getCallerIdentity()->getArn(), "\n";
        } while (file_get_contents(getenv('LATER_URL')) === 'again');
        break;
    default:
        exit(2);
}
