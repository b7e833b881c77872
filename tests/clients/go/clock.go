package main

import (
	"os"
	"strconv"
	"strings"
	"time"
	_ "unsafe" // for the linkname below

	_ "github.com/aws/aws-sdk-go-v2/aws"
)

// The SDK's clock. Programs in Go ask the kernel for the time, so that the library which moves the clock of the other clients does
// not reach them; the SDK keeps this variable for its own tests.
//
//go:linkname now github.com/aws/aws-sdk-go-v2/internal/sdk.NowTime
var now func() time.Time

// CLOCK_FILE says by how many seconds the time is moved on.
func init() {
	name := os.Getenv("CLOCK_FILE")
	if name == "" {
		return
	}
	now = func() time.Time {
		seconds, _ := strconv.Atoi(strings.TrimSpace(string(must(os.ReadFile(name)))))
		return time.Now().Add(time.Duration(seconds) * time.Second)
	}
}
