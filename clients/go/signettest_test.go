package signettest_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	signettest "github.com/signet/signet/clients/go"
)

const bootstrap = `{"accounts": [{"id": "123456789012",
  "users": [
    {"name": "admin", "policies": ["arn:aws:iam::aws:policy/AdministratorAccess"],
     "access_keys": [{"access_key_id": "ADMINKEY000000000001", "secret_access_key": "s"}]},
    {"name": "alice", "mfa_devices": [{"name": "phone", "seed": "JBSWY3DPEHPK3PXP"}],
     "access_keys": [{"access_key_id": "ALICEKEY000000000001", "secret_access_key": "s"}]}],
  "roles": [{"name": "deployer", "trust_policy": {"Version": "2012-10-17", "Statement": {
    "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:user/alice"}, "Action": "sts:AssumeRole"}}}]}]}`

func TestMain(m *testing.M) {
	signettest.Main(m, signettest.Options{Bootstrap: bootstrap})
}

func assume(t *testing.T, server *signettest.Server, user string) (aws.Credentials, error) {
	t.Helper()
	client := sts.NewFromConfig(server.Config(server.Credentials(user)))
	answer, err := client.AssumeRole(context.Background(), &sts.AssumeRoleInput{
		RoleArn:         aws.String("arn:aws:iam::" + server.Account + ":role/deployer"),
		RoleSessionName: aws.String("test"),
		DurationSeconds: aws.Int32(900),
	})
	if err != nil {
		return aws.Credentials{}, err
	}
	return aws.Credentials{
		AccessKeyID:     *answer.Credentials.AccessKeyId,
		SecretAccessKey: *answer.Credentials.SecretAccessKey,
		SessionToken:    *answer.Credentials.SessionToken,
	}, nil
}

func code(err error) string {
	var failure smithy.APIError
	if errors.As(err, &failure) {
		return failure.ErrorCode()
	}
	return ""
}

func identity(server *signettest.Server, credentials aws.Credentials) (string, error) {
	client := sts.NewFromConfig(server.Config(credentials))
	answer, err := client.GetCallerIdentity(context.Background(), &sts.GetCallerIdentityInput{})
	if err != nil {
		return "", err
	}
	return *answer.Arn, nil
}

func TestTheAdministratorIsKnown(t *testing.T) {
	server := signettest.New(t)
	arn, err := identity(server, server.Admin())
	if err != nil || arn != "arn:aws:iam::123456789012:user/admin" {
		t.Fatal(arn, err)
	}
}

func TestOnlyWhoIsTrustedAssumesARole(t *testing.T) {
	server := signettest.New(t)
	session, err := assume(t, server, "alice")
	if err != nil {
		t.Fatal(err)
	}
	if arn, err := identity(server, session); err != nil || !strings.HasSuffix(arn, ":assumed-role/deployer/test") {
		t.Fatal(arn, err)
	}
	if _, err := assume(t, server, "admin"); code(err) != "AccessDenied" {
		t.Fatal(err)
	}
	if _, err := identity(server, server.Credentials("nobody")); code(err) != "InvalidClientTokenId" {
		t.Fatal(err)
	}
}

func TestASessionEndsWhenTheClockSaysSo(t *testing.T) {
	server := signettest.New(t)
	session, err := assume(t, server, "alice")
	if err != nil {
		t.Fatal(err)
	}
	if err := server.ShiftClock(time.Hour); err != nil {
		t.Fatal(err)
	}
	if _, err := identity(server, session); code(err) != "ExpiredToken" {
		t.Fatal(err)
	}
}

func TestResetPutsTheClockBack(t *testing.T) {
	server := signettest.New(t)
	moment := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	if err := server.SetClock(moment); err != nil {
		t.Fatal(err)
	}
	if now, err := server.Now(); err != nil || now.Sub(moment).Abs() > 5*time.Second {
		t.Fatal(now, err)
	}
	if now, err := signettest.New(t).Now(); err != nil || time.Since(now).Abs() > 5*time.Second {
		t.Fatal(now, err)
	}
}

func TestAnMFADeviceOfTheBootstrapFile(t *testing.T) {
	server := signettest.New(t)
	digits, err := server.MFACode("JBSWY3DPEHPK3PXP")
	if err != nil {
		t.Fatal(err)
	}
	client := sts.NewFromConfig(server.Config(server.Credentials("alice")))
	input := &sts.GetSessionTokenInput{SerialNumber: aws.String("arn:aws:iam::123456789012:mfa/phone"), TokenCode: &digits}
	if _, err := client.GetSessionToken(context.Background(), input); err != nil {
		t.Fatal(err)
	}
	if _, err := client.GetSessionToken(context.Background(), input); code(err) != "AccessDenied" {
		t.Fatal("a code works once", err)
	}
}

func TestTheEnvironmentNamesTheServer(t *testing.T) {
	server := signettest.New(t)
	variables := strings.Join(server.Environment(server.Admin()), "\n")
	if !strings.Contains(variables, "AWS_ENDPOINT_URL="+server.URL) || strings.Contains(variables, "AWS_SESSION_TOKEN") {
		t.Fatal(variables)
	}
}

func TestABadBootstrapFileIsToldWithItsPlace(t *testing.T) {
	file := filepath.Join(t.TempDir(), "accounts.json")
	if err := os.WriteFile(file, []byte(`{"accounts": [{"id": "123456789012", "user": []}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := signettest.Start(signettest.Options{BootstrapFile: file})
	if err == nil || !strings.Contains(err.Error(), `accounts.json:1:38: accounts[0]: unknown member "user"; did you mean "users"?`) {
		t.Fatal(err)
	}
}

func TestAMissingProgramIsTold(t *testing.T) {
	t.Setenv("SIGNET_BINARY", "")
	t.Setenv("PATH", "/nowhere")
	if _, err := signettest.Start(signettest.Options{}); err == nil || !strings.Contains(err.Error(), "SIGNET_BINARY") {
		t.Fatal(err)
	}
}
