"""What the ratchet (tests/conformance/test_ratchet.py) asks with, and how it looks at what a call may have changed."""
from support import bootstrap, templates
from support.bootstrap import ACCOUNT, OTHER_ACCOUNT
from support.openssl import ANOTHER, STANDING, STANDING_KEY
from support.people import allow, policy, trust
from support.saml import METADATA

DOCUMENT = policy(allow("s3:GetObject"))
OTHER_DOCUMENT = policy(allow("s3:PutObject"))
TRUST = trust(f"arn:aws:iam::{ACCOUNT}:root")
TRUST_ALL_OF_STS = TRUST.replace('"sts:AssumeRole"', '["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]')
POLICY_ARN = f"arn:aws:iam::{ACCOUNT}:policy/subject-policy"
FREE_POLICY_ARN = f"arn:aws:iam::{ACCOUNT}:policy/free-policy"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/subject-role"
TAGS = [{"Key": "team", "Value": "blue"}]
# Two public keys as ssh-keygen writes them.
SSH_KEY = ("ssh-rsa "
           "AAAAB3NzaC1yc2EAAAADAQABAAABAQD85mZ78wb8vLL0wEhxNXLvauUzfvC+HKvu7FWUYeMcu5y4ekYLdXcoWvTbC57ZVBChZ2e+"
           "JJJedamFehBEB6pBqyiBfF8DuxVYlQL1rUV7hgGaVTC0EGLL4kN//K+GSVUZs37XYBqA4bwK73u4FtI2Byl4/VEUKJNCET3KZ/Sk"
           "usy+HLatBjWqgjh8Zs6L/AGVQOiSbUiF3S1Wy7fQ4pdq70XHX2ze+yAl+lqAyB+1ESG7bkCtguaILW1KQVfKd1Z426EDRXigZJOD"
           "geU8hXBpB1Z+OCYbyo8Qv3PyR2eXHyS/h8XHBk18DyH+Pn35FlJymxSPgINwhZAs9U3EMvv7")
OTHER_SSH_KEY = ("ssh-rsa "
                 "AAAAB3NzaC1yc2EAAAADAQABAAABAQDcnZ/NgmA/2UBYTJEQXZxIZ4Ac/HsogzAZjWcyhdtzP6YB/1EnSAKx8Osw8R/yIecg0FC2"
                 "aRqkMWYYJLHdmHex/SZwzYBYSmApfQ8hdcG1yrPnzI4t1hP93giMgKk/nkrQto8w7/Tsk506cPgHmDaP3KA6KqC5PiCprd6faQ6M"
                 "N4T2LpLUWTN3esaiQn7Fsqo+g5Jxsyccfzs5nipTo3zA84P7/CHZ9X+E6RyjVQx8HZosnISSEN7ySBbvCA4Y1ep8Ms6snWG1H/z1"
                 "bqCrpibl9m4neP4sCqnHAwnJTu2ZKfQ3J5lpPxDyhlPCYZZGPdipYXIF4aJizVNK+sicxALN")

# What the requests are about: entities that exist, so that a call that slipped through would change them.
KNOWN = {
    "UserName": "subject",
    "GroupName": "subjects",
    "RoleName": "subject-role",
    "PolicyName": "inline",
    "PolicyArn": POLICY_ARN,
    "PermissionsBoundary": FREE_POLICY_ARN,
    "PolicyDocument": OTHER_DOCUMENT,
    "AssumeRolePolicyDocument": TRUST,
    "VersionId": "v2",
    "Tags": [{"Key": "cost", "Value": "1"}],
    "TagKeys": ["team"],
    "Status": "Inactive",
    "Path": "/",
    "RoleArn": ROLE_ARN,
    "OpenIDConnectProviderArn": f"arn:aws:iam::{ACCOUNT}:oidc-provider/idp.example.com",
    "CreateOpenIDConnectProvider.Url": "https://idp.example.com",
    "SAMLProviderArn": f"arn:aws:iam::{ACCOUNT}:saml-provider/subject-idp",
    "SAMLMetadataDocument": METADATA,
    "PrincipalArn": f"arn:aws:iam::{ACCOUNT}:saml-provider/subject-idp",
    "SAMLAssertion": "bm90aGluZw==",
    "CreateSAMLProvider.Name": "new-idp",
    "TemplateArn": templates.EVERYTHING,
    # One that is not there: what there is of it is decided first.
    "DelegationRequestId": "0123456789abcdef",
    "EntityArn": f"arn:aws:iam::{ACCOUNT}:delegation-request/0123456789abcdef",
    "NotificationChannel": f"arn:aws:sns:us-east-1:{ACCOUNT}:topic",
    "SessionDuration": 3600,
    "Permissions": {"PolicyTemplateArn": templates.BUCKET},
    "RoleSessionName": "session",
    "WebIdentityToken": "no.token.at-all",
    "TradeInToken": "0123456789abcdef.none",
    "UpdateOpenIDConnectProvider.ContextProvider": {"SubjectSourceKey": "sub"},
    "SourceIdentity": "somebody",
    "CreateUser.UserName": "new-user",
    "CreateGroup.GroupName": "new-group",
    "CreateRole.RoleName": "new-role",
    "CreatePolicy.PolicyName": "new-policy",
    "CreateAccessKey.UserName": "subject",
    "UploadSigningCertificate.UserName": "subject",
    "UpdateSigningCertificate.UserName": "subject",
    "DeleteSigningCertificate.UserName": "subject",
    "ListSigningCertificates.UserName": "subject",
    "ResetServiceSpecificCredential.UserName": "subject",
    "UpdateServiceSpecificCredential.UserName": "subject",
    "DeleteServiceSpecificCredential.UserName": "subject",
    "ListServiceSpecificCredentials.UserName": "subject",
    "DeleteAccessKey.UserName": "subject",
    "UpdateAccessKey.UserName": "subject",
    "UpdateUser.NewPath": "/moved/",
    "UpdateGroup.NewPath": "/moved/",
    "UpdateRole.Description": "changed",
    "UpdateRoleDescription.Description": "changed",
    "DeletePolicy.PolicyArn": FREE_POLICY_ARN,
    "AttachUserPolicy.PolicyArn": FREE_POLICY_ARN,
    "AttachGroupPolicy.PolicyArn": FREE_POLICY_ARN,
    "AttachRolePolicy.PolicyArn": FREE_POLICY_ARN,
    "AddUserToGroup.GroupName": "empty",
    "DeleteGroup.GroupName": "empty",
    "DeleteUser.UserName": "idle",
    "DeleteRole.RoleName": "idle-role",
    "AccountAlias": "another-alias",
    "DeleteAccountAlias.AccountAlias": bootstrap.ALIAS,
    "VirtualMFADeviceName": "new-device",
    "SerialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/subject-device",
    "DeleteVirtualMFADevice.SerialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/free-device",
    "EnableMFADevice.SerialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/free-device",
    "AuthenticationCode1": "123456",
    "AuthenticationCode2": "654321",
    "Password": "Correct-horse-2",
    "CreateLoginProfile.Password": "Correct-horse-2",
    "OldPassword": "Correct-horse-1",
    "NewPassword": "Correct-horse-2",
    "InstanceProfileName": "subject-profile",
    "CreateInstanceProfile.InstanceProfileName": "new-profile",
    "ActionNames": ["s3:GetObject"],
    "PolicyInputList": [DOCUMENT],
    "PolicySourceArn": f"arn:aws:iam::{ACCOUNT}:user/subject",
    "SSHPublicKeyBody": OTHER_SSH_KEY,
    "Encoding": "SSH",
    "Properties": {"entry": {"1": {"key": "RoleManager/Enabled", "value": "true"}}},
    "TargetPrincipal": OTHER_ACCOUNT,
    "TaskPolicyArn": {"arn": "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy"},
    "Audience": ["https://relying.example.com"],
    "SigningAlgorithm": "ES384",
    "Scope": "read",
    "SubjectMode": "OriginIdentity",
    "CreateServiceLinkedRole.AWSServiceName": "batch.amazonaws.com",
    "DeleteServiceLinkedRole.RoleName": "AWSServiceRoleForECS",
    "DeletionTaskId": "task/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS/00000000-0000-4000-8000-000000000000",
    "GenerateServiceLastAccessedDetails.Arn": f"arn:aws:iam::{ACCOUNT}:user/subject",
    "ListPoliciesGrantingServiceAccess.Arn": f"arn:aws:iam::{ACCOUNT}:user/subject",
    "ServiceNamespaces": ["s3"],
    "EntityPath": "o-example123/r-ab12",
    "ServerCertificateName": "subject-certificate",
    "UploadServerCertificate.ServerCertificateName": "new-certificate",
    "UpdateServerCertificate.NewPath": "/moved/",
    "CertificateBody": ANOTHER,
    "UploadServerCertificate.CertificateBody": STANDING,
    "CreateServiceSpecificCredential.ServiceName": "bedrock.amazonaws.com",
    "PrivateKey": STANDING_KEY,
}

# How the state is looked at. Calls that are not implemented are left out.
STATE = [
    ("GetAccountAuthorizationDetails", {}),
    ("GetAccountSummary", {}),
    ("GetCredentialReport", {}),
    ("GetAccountPasswordPolicy", {}),
    ("GetAccountProperties", {}),
    ("GetOutboundWebIdentityFederationInfo", {}),
    ("ListOrganizationsFeatures", {}),
    ("ListAccountAliases", {}),
    ("ListVirtualMFADevices", {}),
    ("ListInstanceProfiles", {}),
    ("ListUsers", {}),
    ("ListGroups", {}),
    ("ListRoles", {}),
    ("ListPolicies", {"Scope": "Local"}),
    ("ListAccessKeys", {"UserName": "subject"}),
    ("ListAccessKeys", {"UserName": "denied"}),
    ("ListAccessKeys", {"UserName": "nobody"}),
    ("GetUser", {"UserName": "subject"}),
    ("GetUserPolicy", {"UserName": "subject", "PolicyName": "inline"}),
    ("ListUserPolicies", {"UserName": "subject"}),
    ("ListAttachedUserPolicies", {"UserName": "subject"}),
    ("ListGroupsForUser", {"UserName": "subject"}),
    ("ListUserTags", {"UserName": "subject"}),
    ("ListMFADevices", {"UserName": "subject"}),
    ("ListSSHPublicKeys", {"UserName": "subject"}),
    ("ListSigningCertificates", {"UserName": "subject"}),
    ("ListServiceSpecificCredentials", {"UserName": "subject"}),
    ("ListServerCertificates", {}),
    ("GetServerCertificate", {"ServerCertificateName": "subject-certificate"}),
    ("GetGroup", {"GroupName": "subjects"}),
    ("GetGroupPolicy", {"GroupName": "subjects", "PolicyName": "inline"}),
    ("ListGroupPolicies", {"GroupName": "subjects"}),
    ("ListAttachedGroupPolicies", {"GroupName": "subjects"}),
    ("GetRole", {"RoleName": "subject-role"}),
    ("GetRolePolicy", {"RoleName": "subject-role", "PolicyName": "inline"}),
    ("ListRolePolicies", {"RoleName": "subject-role"}),
    ("ListAttachedRolePolicies", {"RoleName": "subject-role"}),
    ("ListRoleTags", {"RoleName": "subject-role"}),
    ("GetPolicy", {"PolicyArn": POLICY_ARN}),
    ("ListPolicyVersions", {"PolicyArn": POLICY_ARN}),
    ("ListPolicyTags", {"PolicyArn": POLICY_ARN}),
    ("ListSAMLProviders", {}),
    ("GetSAMLProvider", {"SAMLProviderArn": KNOWN["SAMLProviderArn"]}),
]
