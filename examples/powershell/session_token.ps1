<#
Gets session tokens without and with a device's code, and assumes a role. Needs the modules AWS.Tools.SecurityToken and AWS.Tools.S3;
endpoint, region and credentials come from the environment.

    $env:ROLE_ARN = 'arn:aws:iam::123456789012:role/reader'
    ./session_token.ps1 -SerialNumber arn:aws:iam::123456789012:mfa/phone -TokenCode 123456
#>
param(
    [string]$SerialNumber,
    [string]$TokenCode
)
$ErrorActionPreference = 'Stop'

"Original caller: $((Get-STSCallerIdentity).Arn)"

$plain = Get-STSSessionToken -DurationInSeconds 3600
"Session token until $($plain.Expiration.ToUniversalTime().ToString('u'))"

if ($SerialNumber) {
    $withDevice = Get-STSSessionToken -SerialNumber $SerialNumber -TokenCode $TokenCode
    "With MFA: $((Get-S3Bucket -Credential $withDevice | ForEach-Object BucketName) -join ', ')"
}

if ($env:ROLE_ARN) {
    $role = Use-STSRole -RoleArn $env:ROLE_ARN -RoleSessionName ExampleSession
    "Assumed role: $((Get-STSCallerIdentity -Credential $role.Credentials).Arn)"
}
