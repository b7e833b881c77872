// Package signettest runs Signet, a server that speaks AWS STS, IAM and S3, for tests: permissions decide as they do in
// AWS, and nothing leaves the machine.
//
//	func TestMain(m *testing.M) { signettest.Main(m) }
//
//	func TestReader(t *testing.T) {
//		server := signettest.New(t) // in its first state
//		client := s3.NewFromConfig(server.Config(server.Credentials("alice")))
//		...
//	}
package signettest

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

const (
	region      = "us-east-1"
	startPeriod = 30 * time.Second
	stopPeriod  = 20 * time.Second
)

// DefaultBootstrap is one account with an administrator.
const DefaultBootstrap = `{"accounts": [{"id": "123456789012", "users": [{"name": "admin",
  "policies": ["arn:aws:iam::aws:policy/AdministratorAccess"],
  "access_keys": [{"access_key_id": "ADMINKEY000000000001", "secret_access_key": "secret of the administrator"}]}]}]}`

// Options of a server.
type Options struct {
	// Bootstrap is the content of a bootstrap file; DefaultBootstrap if it and BootstrapFile are empty.
	Bootstrap string
	// BootstrapFile is the path of one.
	BootstrapFile string
	// Arguments are further flags of `signet serve`.
	Arguments []string
}

type account struct {
	ID    string `json:"id"`
	Users []struct {
		Name       string `json:"name"`
		AccessKeys []struct {
			ID     string `json:"access_key_id"`
			Secret string `json:"secret_access_key"`
		} `json:"access_keys"`
	} `json:"users"`
}

// Server is a running `signet serve --dev`.
type Server struct {
	// URL is its endpoint.
	URL string
	// Account is the id of the first account of the bootstrap file.
	Account string

	accounts []account
	folder   string
	process  *exec.Cmd
	said     *tail
}

// tail keeps the end of what a process said.
type tail struct {
	mutex sync.Mutex
	text  []byte
}

func (t *tail) Write(text []byte) (int, error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.text = append(t.text, text...)
	if excess := len(t.text) - 4000; excess > 0 {
		t.text = t.text[excess:]
	}
	return len(text), nil
}

func (t *tail) String() string {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return string(t.text)
}

func findProgram() (string, error) {
	if program := os.Getenv("SIGNET_BINARY"); program != "" {
		return program, nil
	}
	program, err := exec.LookPath("signet")
	if err != nil {
		return "", errors.New("there is no `signet` on the path: install it (`./run install` in its repository), or name the " +
			"program in SIGNET_BINARY")
	}
	return program, nil
}

var ready = regexp.MustCompile(`listening on (https?://\S+)`)

// Start starts a server; the caller stops it.
func Start(options Options) (*Server, error) {
	program, err := findProgram()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "signet-test-")
	if err != nil {
		return nil, err
	}
	server := &Server{folder: folder, said: &tail{}}
	if err := server.start(program, options); err != nil {
		os.RemoveAll(folder)
		return nil, err
	}
	return server, nil
}

func (s *Server) start(program string, options Options) error {
	file, err := s.bootstrapFile(options)
	if err != nil {
		return err
	}
	arguments := append([]string{"serve", "--dev", "--quiet", "--listen", "127.0.0.1:0", "--bootstrap", file},
		options.Arguments...)
	s.process = exec.Command(program, arguments...)
	s.process.Stderr = s.said
	output, err := s.process.StdoutPipe()
	if err != nil {
		return err
	}
	if err := s.process.Start(); err != nil {
		return err
	}
	address := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(output)
		for lines.Scan() { // to the end, so that the server never waits for its output
			if match := ready.FindStringSubmatch(lines.Text()); match != nil {
				address <- match[1]
			}
		}
		close(address)
	}()
	select {
	case s.URL = <-address:
	case <-time.After(startPeriod):
		s.process.Process.Kill()
	}
	if s.URL == "" {
		s.process.Wait()
		return fmt.Errorf("signet did not start:\n%s", s.said)
	}
	return nil
}

// bootstrapFile returns the path of the file that the server reads, and reads its accounts.
func (s *Server) bootstrapFile(options Options) (string, error) {
	file := options.BootstrapFile
	if file == "" {
		text := options.Bootstrap
		if text == "" {
			text = DefaultBootstrap
		}
		file = filepath.Join(s.folder, "bootstrap.json")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return "", err
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	var content struct {
		Accounts []account `json:"accounts"`
	}
	// What is wrong with the file, the server says better.
	if json.Unmarshal(text, &content) == nil && len(content.Accounts) > 0 {
		s.accounts = content.Accounts
		s.Account = content.Accounts[0].ID
	}
	return file, nil
}

// Stop ends the server.
func (s *Server) Stop() error {
	defer os.RemoveAll(s.folder)
	if err := s.process.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- s.process.Wait() }()
	select {
	case err := <-ended:
		return err
	case <-time.After(stopPeriod):
		s.process.Process.Kill()
		<-ended
		return errors.New("signet did not end; it was killed")
	}
}

// Credentials are those that the bootstrap file gives a user of its first account. They are empty, and refused by the
// server, if it gives none.
func (s *Server) Credentials(user string) aws.Credentials {
	for _, account := range s.accounts[:min(1, len(s.accounts))] {
		for _, each := range account.Users {
			if each.Name == user && len(each.AccessKeys) > 0 {
				return aws.Credentials{AccessKeyID: each.AccessKeys[0].ID, SecretAccessKey: each.AccessKeys[0].Secret}
			}
		}
	}
	return aws.Credentials{AccessKeyID: "NOSUCHKEY00000000000", SecretAccessKey: "user " + user + " has no key"}
}

// Admin are the credentials of the user `admin`.
func (s *Server) Admin() aws.Credentials { return s.Credentials("admin") }

// Config is what the clients of the AWS SDK are made from.
func (s *Server) Config(credentials aws.Credentials) aws.Config {
	provider := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return credentials, nil })
	return aws.Config{Region: region, BaseEndpoint: aws.String(s.URL), Credentials: provider}
}

// Environment are variables with which an unmodified program finds the server.
func (s *Server) Environment(credentials aws.Credentials) []string {
	variables := []string{
		"AWS_ENDPOINT_URL=" + s.URL,
		"AWS_REGION=" + region,
		"AWS_DEFAULT_REGION=" + region,
		"AWS_ACCESS_KEY_ID=" + credentials.AccessKeyID,
		"AWS_SECRET_ACCESS_KEY=" + credentials.SecretAccessKey,
		"AWS_EC2_METADATA_DISABLED=true",
	}
	if credentials.SessionToken != "" {
		variables = append(variables, "AWS_SESSION_TOKEN="+credentials.SessionToken)
	}
	return variables
}

// Reset brings back the state of the bootstrap file, and the machine's time.
func (s *Server) Reset() error {
	return s.call(http.MethodPost, "/_signet/reset", nil, nil)
}

// Now is the server's time: sessions, MFA codes and signatures follow it.
func (s *Server) Now() (time.Time, error) {
	var answer struct {
		Now time.Time `json:"now"`
	}
	err := s.call(http.MethodGet, "/_signet/clock", nil, &answer)
	return answer.Now, err
}

// ShiftClock moves the server's time; shifts add up.
func (s *Server) ShiftClock(by time.Duration) error {
	return s.call(http.MethodPost, "/_signet/clock", map[string]any{"shift_seconds": int64(by.Seconds())}, nil)
}

// SetClock sets the server's time, to the second.
func (s *Server) SetClock(moment time.Time) error {
	return s.call(http.MethodPost, "/_signet/clock", map[string]any{"set": moment.UTC().Format("2006-01-02T15:04:05Z")}, nil)
}

// MFACode is what a device with this base32 seed shows now, by the server's clock. A code works once.
func (s *Server) MFACode(seed string) (string, error) {
	now, err := s.Now()
	if err != nil {
		return "", err
	}
	return TOTP(seed, now)
}

// TOTP are the six digits that a device with this base32 seed shows at a time (RFC 6238).
func TOTP(seed string, at time.Time) (string, error) {
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ToUpper(strings.TrimRight(seed, "=")))
	if err != nil {
		return "", err
	}
	mac := hmac.New(sha1.New, key)
	binary.Write(mac, binary.BigEndian, uint64(at.Unix()/30))
	digest := mac.Sum(nil)
	offset := digest[len(digest)-1] & 15
	return fmt.Sprintf("%06d", (binary.BigEndian.Uint32(digest[offset:])&0x7fffffff)%1_000_000), nil
}

func (s *Server) call(method, path string, value, answer any) error {
	var body io.Reader
	if value != nil {
		text, err := json.Marshal(value)
		if err != nil {
			return err
		}
		body = bytes.NewReader(text)
	}
	request, err := http.NewRequest(method, s.URL+path, body)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := (&http.Client{Timeout: 30 * time.Second}).Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s: %s", path, response.Status, text)
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(text, answer)
}

var shared *Server

// Main runs the tests of a package with one server; TestMain calls it. An Options may be given.
func Main(m *testing.M, options ...Options) {
	os.Exit(run(m, options))
}

func run(m *testing.M, options []Options) int {
	chosen := Options{}
	if len(options) > 0 {
		chosen = options[0]
	}
	server, err := Start(chosen)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	shared = server
	code := m.Run()
	if err := server.Stop(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// New is the server of Main, in its first state. Tests that use it do not run in parallel.
func New(t testing.TB) *Server {
	t.Helper()
	if shared == nil {
		t.Fatal("call signettest.Main(m) in TestMain, or signettest.Start here")
	}
	if err := shared.Reset(); err != nil {
		t.Fatal(err)
	}
	return shared
}
