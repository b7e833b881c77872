// Checks that a history of calls on a few roles is linearizable, with porcupine.
//
// Standard input: a JSON array of calls. Exit code 0: it is; 1: it is not (the roles are named, with a picture in the file that
// the first argument names); 2: what was read is no history.
package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"time"

	"github.com/anishathalye/porcupine"
)

// call is one call as its client saw it. Times are nanoseconds of one clock. Outcome "unknown": no answer, or one that leaves open
// whether it happened; then it may happen at any time after it began.
type call struct {
	Client  int    `json:"client"`
	Role    string `json:"role"`
	Op      string `json:"op"`
	Outcome string `json:"outcome"`
	Begin   int64  `json:"begin"`
	End     int64  `json:"end"`
}

// role is the state of one of them.
type role struct {
	exists   bool
	attached bool
}

// after says what a call on a role answers, and what the role is then. The words are those of the clients.
func after(state role, op string) (string, role) {
	switch op {
	case "create":
		if state.exists {
			return "EntityAlreadyExists", state
		}
		return "ok", role{exists: true}
	case "delete":
		if !state.exists {
			return "NoSuchEntity", state
		}
		if state.attached {
			return "DeleteConflict", state
		}
		return "ok", role{}
	case "attach":
		if !state.exists {
			return "NoSuchEntity", state
		}
		return "ok", role{exists: true, attached: true}
	case "detach":
		if !state.attached {
			return "NoSuchEntity", state
		}
		return "ok", role{exists: true}
	case "get":
		if !state.exists {
			return "NoSuchEntity", state
		}
		return "ok", state
	case "list":
		if !state.exists {
			return "NoSuchEntity", state
		}
		if state.attached {
			return "attached", state
		}
		return "ok", state
	case "assume":
		if !state.exists {
			return "AccessDenied", state
		}
		return "ok", state
	}
	return "no such operation", state
}

var model = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		byRole := map[string][]porcupine.Operation{}
		for _, one := range history {
			name := one.Input.(call).Role
			byRole[name] = append(byRole[name], one)
		}
		var parts [][]porcupine.Operation
		for _, part := range byRole {
			parts = append(parts, part)
		}
		return parts
	},
	Init: func() interface{} { return role{} },
	Step: func(state, input, output interface{}) (bool, interface{}) {
		answer, next := after(state.(role), input.(call).Op)
		return output.(string) == "unknown" || output.(string) == answer, next
	},
	DescribeOperation: func(input, output interface{}) string {
		one := input.(call)
		return fmt.Sprintf("%s(%s) -> %s", one.Op, one.Role, output.(string))
	},
}

func main() {
	var calls []call
	if err := json.NewDecoder(os.Stdin).Decode(&calls); err != nil || len(calls) == 0 {
		fmt.Fprintln(os.Stderr, "no history:", err)
		os.Exit(2)
	}
	var history []porcupine.Operation
	for _, one := range calls {
		end := one.End
		if one.Outcome == "unknown" {
			end = math.MaxInt64
		}
		history = append(history, porcupine.Operation{ClientId: one.Client, Input: one, Call: one.Begin, Output: one.Outcome, Return: end})
	}
	result, info := porcupine.CheckOperationsVerbose(model, history, 5*time.Minute)
	fmt.Printf("%d calls: %s\n", len(calls), result)
	if result != porcupine.Ok {
		if len(os.Args) > 1 {
			if err := porcupine.VisualizePath(model, info, os.Args[1]); err != nil {
				fmt.Fprintln(os.Stderr, err)
			}
		}
		os.Exit(1)
	}
}
