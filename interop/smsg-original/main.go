// SPDX-License-Identifier: MIT

// Command smsg-original opens, seals and times SMSG files with the original implementation, github.com/Snider/Borg.
// It is a peer for tests and figures: nothing that OpenSound ships contains or calls it.
//
//	smsg-original open  FILE (-key K | -license-id L [-fingerprint F] [-cadence C])
//	smsg-original seal  WHAT.json OUT
//	smsg-original bench [-size BYTES] [-runs N]
//
// Each prints JSON. Exit status 3: the original refused, with its own words on stderr.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

func main() {
	commands := map[string]func([]string) error{"open": open, "seal": seal, "bench": bench, "bench-one": benchOne}
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: smsg-original open|seal|bench ...; see main.go")
		os.Exit(2)
	}
	if err := commands[os.Args[1]](os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
}

// show prints a value as one line of JSON.
func show(value any) error {
	line, err := json.Marshal(value)
	if err == nil {
		_, err = os.Stdout.Write(append(line, '\n'))
	}
	return err
}
