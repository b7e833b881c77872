// granted's own command `assume`, from its published package: the program around it is not to be had, since the module of its proxy is not.
package main

import (
	"os"

	"github.com/common-fate/clio"
	"github.com/common-fate/clio/clierr"
	"github.com/common-fate/granted/pkg/assume"
)

func main() {
	if err := assume.GetCliApp().Run(os.Args); err != nil {
		if told, ok := err.(clierr.PrintCLIErrorer); ok {
			told.PrintCLIError()
		} else {
			clio.Error(err.Error())
		}
		os.Exit(1)
	}
}
