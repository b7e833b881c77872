// The flows of tests/clients/README.md with the AWS SDK for Go v2.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/aws/smithy-go"
)

var ctx = context.Background()

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func refused(err error) smithy.APIError {
	var told smithy.APIError
	if !errors.As(err, &told) {
		log.Fatalf("expected a refusal, got %v", err)
	}
	return told
}

func get(address string) []byte {
	answer := must(http.Get(address))
	defer answer.Body.Close()
	return must(io.ReadAll(answer.Body))
}

func withKeys(cfg aws.Config, keys *ststypes.Credentials) aws.Config {
	cfg = cfg.Copy()
	cfg.Credentials = credentials.NewStaticCredentialsProvider(*keys.AccessKeyId, *keys.SecretAccessKey, *keys.SessionToken)
	return cfg
}

func buckets(cfg aws.Config, keys *ststypes.Credentials) (string, error) {
	client := s3.NewFromConfig(withKeys(cfg, keys), func(options *s3.Options) { options.UsePathStyle = true })
	answer, err := client.ListBuckets(ctx, &s3.ListBucketsInput{})
	if err != nil {
		return "", err
	}
	var names []string
	for _, bucket := range answer.Buckets {
		names = append(names, *bucket.Name)
	}
	return strings.Join(names, ","), nil
}

func roleLife(cfg aws.Config) {
	client, name, policy := iam.NewFromConfig(cfg), aws.String(os.Getenv("ROLE_NAME")), aws.String(os.Getenv("POLICY_ARN"))
	must(client.CreateRole(ctx, &iam.CreateRoleInput{RoleName: name, AssumeRolePolicyDocument: aws.String(os.Getenv("TRUST"))}))
	must(client.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: name, PolicyArn: policy}))
	attached := must(client.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: name}))
	fmt.Println(*attached.AttachedPolicies[0].PolicyName)
	must(client.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: name, PolicyArn: policy}))
	must(client.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: name}))
	_, err := client.GetRole(ctx, &iam.GetRoleInput{RoleName: name})
	var gone *iamtypes.NoSuchEntityException
	if errors.As(err, &gone) {
		fmt.Println("NoSuchEntity")
	}
}

func federation(keys *ststypes.Credentials) {
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
	cfg := must(config.LoadDefaultConfig(ctx, config.WithAssumeRoleCredentialOptions(func(options *stscreds.AssumeRoleOptions) {
		options.TokenProvider = stscreds.StdinTokenProvider // for profiles with mfa_serial
	})))
	client := sts.NewFromConfig(cfg)
	role := &sts.AssumeRoleInput{RoleArn: aws.String(os.Getenv("ROLE_ARN")), RoleSessionName: aws.String("matrix")}
	serial := aws.String(os.Getenv("MFA_SERIAL"))
	code := func() *string { return aws.String(string(get(os.Getenv("MFA_CODE_URL")))) }
	switch os.Args[1] {
	case "identity", "profile-mfa":
		fmt.Println(*must(client.GetCallerIdentity(ctx, nil)).Arn)
	case "renewal":
		fmt.Println(*must(client.GetCallerIdentity(ctx, nil)).Arn)
		for string(get(os.Getenv("LATER_URL"))) == "again" {
			fmt.Println(*must(client.GetCallerIdentity(ctx, nil)).Arn)
		}
	case "assume-role":
		cfg.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(client, *role.RoleArn,
			func(options *stscreds.AssumeRoleOptions) { options.RoleSessionName = "matrix" }))
		fmt.Println(*must(sts.NewFromConfig(cfg).GetCallerIdentity(ctx, nil)).Arn)
	case "assume-role-mfa":
		_, err := client.AssumeRole(ctx, role)
		fmt.Println(refused(err).ErrorCode())
		role.SerialNumber, role.TokenCode = serial, code()
		fmt.Println(must(buckets(cfg, must(client.AssumeRole(ctx, role)).Credentials)))
	case "session-token-mfa":
		_, err := buckets(cfg, must(client.GetSessionToken(ctx, nil)).Credentials)
		fmt.Println(refused(err).ErrorCode())
		session := must(client.GetSessionToken(ctx, &sts.GetSessionTokenInput{SerialNumber: serial, TokenCode: code()}))
		fmt.Println(must(buckets(cfg, session.Credentials)))
	case "role-life":
		roleLife(cfg)
	case "federation":
		federation(must(client.AssumeRole(ctx, role)).Credentials)
	case "denied":
		_, err := iam.NewFromConfig(cfg).ListUsers(ctx, nil)
		told := refused(err)
		fmt.Printf("%s\n%s\n", told.ErrorCode(), told.ErrorMessage())
	}
}
