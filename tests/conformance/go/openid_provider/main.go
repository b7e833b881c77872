// A real OpenID provider in Go over TLS on loopback: prints its port in JSON. Its client "web" signs people in by code.
package main

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
)

func main() {
	issuer := os.Getenv("ISSUER")
	storage.RegisterClients(storage.WebClient("web", "secret", "http://localhost:9999/callback"))
	store := storage.NewStorage(storage.NewUserStore(issuer))
	provider := exampleop.SetupServer(issuer, store, slog.New(slog.DiscardHandler), false)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Printf("{\"port\":%d}\n", listener.Addr().(*net.TCPAddr).Port)
	panic(http.ServeTLS(listener, provider, os.Getenv("CERTIFICATE"), os.Getenv("KEY")))
}
