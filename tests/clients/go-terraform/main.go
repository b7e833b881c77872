// Terraform's AWS provider with the core of its time, in one program, since its plugin speaks a protocol that newer ones of Terraform refuse:
// each resource is made, changed, read back, imported and compared, and destroyed, and after each step a plan must be empty.
//
//	flows          all resources, a line each
//	flows refused  making a user with keys that may only read
//
// It runs as it would against AWS: hosts are AWS's (signet run --intercept), region and credentials come from the environment.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform/helper/resource"
	"github.com/hashicorp/terraform/terraform"
	"github.com/terraform-providers/terraform-provider-aws/aws"
)

// failure is what the harness calls with, instead of a test of Go.
type failure struct{ name, text string }

type run struct{ name string }

func (r run) Error(words ...interface{}) { panic(failure{r.name, fmt.Sprint(words...)}) }
func (r run) Fatal(words ...interface{}) { panic(failure{r.name, fmt.Sprint(words...)}) }
func (r run) Skip(words ...interface{})  { panic(failure{r.name, fmt.Sprint(words...)}) }
func (r run) Name() string               { return r.name }
func (r run) Parallel()                  {}

// one is a resource under the address TYPE.it: its configuration, then changed; what else stands beside it.
type one struct {
	kind          string
	beside        string
	first, second string
	ignored       []string // by the comparison after the import
	importID      string   // where it is another than the resource's own
	isNotImported bool     // the provider cannot
}

func configuration(about one, body string) string {
	return about.beside + fmt.Sprintf("\nresource %q \"it\" {\n%s\n}\n", about.kind, body)
}

func check(about one) (problem string) {
	defer func() {
		if raised := recover(); raised != nil {
			told, isOurs := raised.(failure)
			if !isOurs {
				panic(raised)
			}
			problem = told.text
		}
	}()
	steps := []resource.TestStep{{Config: configuration(about, about.first)}}
	if about.second != "" {
		steps = append(steps, resource.TestStep{Config: configuration(about, about.second)})
	}
	if !about.isNotImported {
		steps = append(steps, resource.TestStep{ResourceName: about.kind + ".it", ImportState: true, ImportStateId: about.importID, ImportStateVerify: true,
			ImportStateVerifyIgnore: about.ignored})
	}
	resource.Test(run{about.kind}, resource.TestCase{IsUnitTest: true, Steps: steps, Providers: providers()})
	return ""
}

func providers() map[string]terraform.ResourceProvider {
	return map[string]terraform.ResourceProvider{"aws": aws.Provider()}
}

func refused() string {
	about := one{kind: "aws_iam_user"}
	defer func() { recover() }()
	resource.Test(run{"refused"}, resource.TestCase{IsUnitTest: true, Providers: providers(), Steps: []resource.TestStep{
		{Config: configuration(about, `name = "tf-refused"`), ExpectError: regexp.MustCompile("AccessDenied: .*iam:CreateUser")}}})
	return "refused"
}

func main() {
	log.SetOutput(io.Discard)
	testing.Init() // the harness asks for these flags
	if err := errors.Join(flag.Set("test.v", "true"), flag.CommandLine.Parse(nil)); err != nil {
		panic(err)
	}
	if err := makeFiles(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if len(os.Args) > 1 && os.Args[1] == "refused" {
		fmt.Println(refused())
		return
	}
	failed := false
	for _, about := range resources {
		if problem := check(about); problem != "" {
			failed = true
			fmt.Printf("%s fails: %s\n", about.kind, strings.TrimSpace(problem))
		} else {
			fmt.Println(about.kind)
		}
	}
	if failed {
		os.Exit(1)
	}
}
