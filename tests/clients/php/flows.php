<?php
// The flows of tests/clients/README.md with AsyncAws, the part that Debian 12 has: STS alone.
require_once 'AsyncAws/Core/autoload.php';

use AsyncAws\Core\Credentials\Credentials;
use AsyncAws\Core\Exception\Http\HttpException;
use AsyncAws\Core\Sts\StsClient;

const ROLE_SESSION = 'matrix';

function sts(?Credentials $keys = null): StsClient
{
    $settings = ['endpoint' => getenv('AWS_ENDPOINT_URL'), 'region' => 'us-east-1'];
    return $keys ? new StsClient($settings, $keys) : new StsClient($settings);
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
