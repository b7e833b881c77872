// The flows of tests/clients/README.md with the AWS SDK for Go v1, which reads no endpoint from the environment.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/awserr"
	"github.com/aws/aws-sdk-go/aws/credentials"
	"github.com/aws/aws-sdk-go/aws/credentials/stscreds"
	"github.com/aws/aws-sdk-go/aws/session"
	"github.com/aws/aws-sdk-go/service/iam"
	"github.com/aws/aws-sdk-go/service/s3"
	"github.com/aws/aws-sdk-go/service/sts"
)

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func refused(err error) awserr.Error {
	told, is := err.(awserr.Error)
	if !is {
		log.Fatalf("expected a refusal, got %v", err)
	}
	return told
}

func get(address string) []byte {
	answer := must(http.Get(address))
	defer answer.Body.Close()
	return must(io.ReadAll(answer.Body))
}

func code() *string {
	return aws.String(string(get(os.Getenv("MFA_CODE_URL"))))
}

func open(keys *credentials.Credentials) *session.Session {
	config := aws.Config{Endpoint: aws.String(os.Getenv("AWS_ENDPOINT_URL")), Region: aws.String("us-east-1"), S3ForcePathStyle: aws.Bool(true),
		Credentials: keys}
	// The token provider is for profiles with mfa_serial.
	return must(session.NewSessionWithOptions(session.Options{Config: config, AssumeRoleTokenProvider: stscreds.StdinTokenProvider}))
}

func static(made *sts.Credentials) *credentials.Credentials {
	return credentials.NewStaticCredentials(*made.AccessKeyId, *made.SecretAccessKey, *made.SessionToken)
}

func buckets(made *sts.Credentials) (string, error) {
	answer, err := s3.New(open(static(made))).ListBuckets(nil)
	if err != nil {
		return "", err
	}
	var names []string
	for _, bucket := range answer.Buckets {
		names = append(names, *bucket.Name)
	}
	return strings.Join(names, ","), nil
}

func roleLife(client *iam.IAM) {
	name, policy := aws.String(os.Getenv("ROLE_NAME")), aws.String(os.Getenv("POLICY_ARN"))
	must(client.CreateRole(&iam.CreateRoleInput{RoleName: name, AssumeRolePolicyDocument: aws.String(os.Getenv("TRUST"))}))
	must(client.AttachRolePolicy(&iam.AttachRolePolicyInput{RoleName: name, PolicyArn: policy}))
	fmt.Println(*must(client.ListAttachedRolePolicies(&iam.ListAttachedRolePoliciesInput{RoleName: name})).AttachedPolicies[0].PolicyName)
	must(client.DetachRolePolicy(&iam.DetachRolePolicyInput{RoleName: name, PolicyArn: policy}))
	must(client.DeleteRole(&iam.DeleteRoleInput{RoleName: name}))
	_, err := client.GetRole(&iam.GetRoleInput{RoleName: name})
	fmt.Println(refused(err).Code())
}

func federation(keys *sts.Credentials) {
	session := must(json.Marshal(map[string]string{"sessionId": *keys.AccessKeyId, "sessionKey": *keys.SecretAccessKey,
		"sessionToken": *keys.SessionToken}))
	base := os.Getenv("AWS_ENDPOINT_URL") + "/federation?"
	var token struct{ SigninToken string }
	if err := json.Unmarshal(get(base+url.Values{"Action": {"getSigninToken"}, "Session": {string(session)}}.Encode()), &token); err != nil {
		log.Fatal(err)
	}
	fmt.Println(base + url.Values{"Action": {"login"}, "Issuer": {"example.org"}, "Destination": {"https://console.aws.amazon.com/"},
		"SigninToken": {token.SigninToken}}.Encode())
}

func main() {
	own := open(nil)
	client := sts.New(own)
	role := &sts.AssumeRoleInput{RoleArn: aws.String(os.Getenv("ROLE_ARN")), RoleSessionName: aws.String("matrix")}
	serial := aws.String(os.Getenv("MFA_SERIAL"))
	switch os.Args[1] {
	case "identity", "profile-mfa":
		fmt.Println(*must(client.GetCallerIdentity(nil)).Arn)
	case "renewal":
		fmt.Println(*must(client.GetCallerIdentity(nil)).Arn)
		for string(get(os.Getenv("LATER_URL"))) == "again" {
			fmt.Println(*must(client.GetCallerIdentity(nil)).Arn)
		}
	case "assume-role":
		provider := stscreds.NewCredentials(own, *role.RoleArn, func(p *stscreds.AssumeRoleProvider) { p.RoleSessionName = "matrix" })
		fmt.Println(*must(sts.New(open(provider)).GetCallerIdentity(nil)).Arn)
	case "assume-role-mfa":
		_, err := client.AssumeRole(role)
		fmt.Println(refused(err).Code())
		role.SerialNumber, role.TokenCode = serial, code()
		fmt.Println(must(buckets(must(client.AssumeRole(role)).Credentials)))
	case "session-token-mfa":
		_, err := buckets(must(client.GetSessionToken(nil)).Credentials)
		fmt.Println(refused(err).Code())
		fmt.Println(must(buckets(must(client.GetSessionToken(&sts.GetSessionTokenInput{SerialNumber: serial, TokenCode: code()})).Credentials)))
	case "role-life":
		roleLife(iam.New(own))
	case "federation":
		federation(must(client.AssumeRole(role)).Credentials)
	case "denied":
		_, err := iam.New(own).ListUsers(nil)
		told := refused(err)
		fmt.Printf("%s\n%s\n", told.Code(), told.Message())
	}
}
