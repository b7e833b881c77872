// Vault's AWS auth method and AWS secrets engine, as Vault has them, over a storage in memory: what they ask of STS and IAM.
//
//	flows login    who signed a GetCallerIdentity gets in where the role of Vault is bound to them, and nobody else
//	flows secrets  a user with a key of its own, a session of a role, and both gone when Vault revokes
//
// ENDPOINT, BOUND_ARN, ROLE_ARN and OTHER_ROLE_ARN say against what; credentials come from the environment.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-sdk-go/aws/credentials"
	login "github.com/hashicorp/vault/builtin/credential/aws"
	secrets "github.com/hashicorp/vault/builtin/logical/aws"
	"github.com/hashicorp/vault/logical"
)

type values = map[string]interface{}

// mount is a backend with its storage.
type mount struct {
	backend logical.Backend
	storage logical.Storage
}

func open(factory logical.Factory) (mount, error) {
	storage := &logical.InmemStorage{}
	config := logical.TestBackendConfig()
	config.StorageView = storage
	config.System = &logical.StaticSystemView{DefaultLeaseTTLVal: time.Hour, MaxLeaseTTLVal: time.Hour}
	backend, err := factory(context.Background(), config)
	return mount{backend, storage}, err
}

func (m mount) ask(operation logical.Operation, path string, data values, secret *logical.Secret) (*logical.Response, error) {
	response, err := m.backend.HandleRequest(context.Background(), &logical.Request{
		Operation: operation, Path: path, Data: data, Storage: m.storage, Secret: secret, DisplayName: "matrix",
		Connection: &logical.Connection{RemoteAddr: "127.0.0.1"}})
	if response.IsError() {
		return response, response.Error()
	}
	return response, err
}

func (m mount) write(path string, data values) error {
	_, err := m.ask(logical.UpdateOperation, path, data, nil)
	return err
}

func tryLogin() error {
	auth, err := open(login.Factory)
	if err != nil {
		return err
	}
	client := values{"access_key": os.Getenv("AWS_ACCESS_KEY_ID"), "secret_key": os.Getenv("AWS_SECRET_ACCESS_KEY"), "max_retries": 0,
		"iam_endpoint": os.Getenv("ENDPOINT"), "sts_endpoint": os.Getenv("ENDPOINT"), "iam_server_id_header_value": "vault.example.com"}
	bound := values{"auth_type": "iam", "bound_iam_principal_arn": os.Getenv("BOUND_ARN"), "resolve_aws_unique_ids": true}
	// The operation that makes a role is told from the one that changes it by Vault's core, which is not here.
	if err := errors.Join(auth.write("config/client", client), created(auth.ask(logical.CreateOperation, "role/bound", bound, nil))); err != nil {
		return err
	}
	mine := credentials.NewEnvCredentials()
	signed, err := login.GenerateLoginData(mine, "vault.example.com")
	if err != nil {
		return err
	}
	signed["role"] = "bound"
	entered, err := auth.ask(logical.UpdateOperation, "login", signed, nil)
	if err != nil {
		return err
	}
	fmt.Println(entered.Auth.Metadata["canonical_arn"], entered.Auth.Metadata["client_user_id"] != "")
	for _, wrong := range []*credentials.Credentials{
		credentials.NewStaticCredentials(os.Getenv("AWS_ACCESS_KEY_ID"), "not the secret", ""),
		credentials.NewStaticCredentials(os.Getenv("OTHER_KEY"), os.Getenv("OTHER_SECRET"), "")} {
		signed, err := login.GenerateLoginData(wrong, "vault.example.com")
		if err != nil {
			return err
		}
		signed["role"] = "bound"
		_, err = auth.ask(logical.UpdateOperation, "login", signed, nil)
		fmt.Println(err)
	}
	return nil
}

func created(_ *logical.Response, err error) error { return err }

func trySecrets() error {
	engine, err := open(secrets.Factory)
	if err != nil {
		return err
	}
	err = errors.Join(
		engine.write("config/root", values{"access_key": os.Getenv("AWS_ACCESS_KEY_ID"), "secret_key": os.Getenv("AWS_SECRET_ACCESS_KEY"),
			"region": "us-east-1", "iam_endpoint": os.Getenv("ENDPOINT"), "sts_endpoint": os.Getenv("ENDPOINT"), "max_retries": 0}),
		engine.write("roles/user", values{"credential_type": "iam_user", "policy_arns": "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"}),
		engine.write("roles/session", values{"credential_type": "assumed_role", "role_arns": os.Getenv("ROLE_ARN")}),
		engine.write("roles/other", values{"credential_type": "assumed_role", "role_arns": os.Getenv("OTHER_ROLE_ARN")}))
	if err != nil {
		return err
	}
	for _, name := range []string{"user", "session"} {
		made, err := engine.ask(logical.ReadOperation, "creds/"+name, values{}, nil)
		if err != nil {
			return err
		}
		token, _ := made.Data["security_token"].(string)
		fmt.Println(name, made.Data["access_key"], made.Data["secret_key"], token)
		if name == "user" {
			waitForUse()
			_, err = engine.ask(logical.RevokeOperation, "creds/"+name, values{}, made.Secret)
			if err != nil {
				return err
			}
		}
	}
	_, err = engine.ask(logical.ReadOperation, "creds/other", values{}, nil)
	fmt.Println(err)
	return nil
}

// waitForUse lets who started the program look at what was made before it is revoked: until standard input ends.
func waitForUse() {
	os.Stdout.Sync()
	os.Stdin.Read(make([]byte, 1))
}

func main() {
	flow := map[string]func() error{"login": tryLogin, "secrets": trySecrets}[os.Args[1]]
	if err := flow(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
