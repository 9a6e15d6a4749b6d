// SPDX-License-Identifier: MIT

package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"flag"
	"fmt"
	"os"

	"github.com/Snider/Borg/pkg/smsg"
)

// content says which bytes an attachment has.
type content struct {
	Name   string `json:"name"`
	Mime   string `json:"mime"`
	Size   int    `json:"size"`
	Sha256 string `json:"sha256"`
}

// open prints header, message and attachments of a file.
func open(args []string) error {
	flags := flag.NewFlagSet("open", flag.ExitOnError)
	key := flags.String("key", "", "password")
	license := flags.String("license-id", "", "licence of a v3 file")
	fingerprint := flags.String("fingerprint", "", "its fingerprint")
	cadence := flags.String("cadence", "", "where the header names none")
	if len(args) == 0 {
		return fmt.Errorf("open needs a file")
	}
	_ = flags.Parse(args[1:])
	file, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	header, err := smsg.GetInfo(file)
	if err != nil {
		return err
	}
	var message *smsg.Message
	if *license != "" {
		params := &smsg.StreamParams{License: *license, Fingerprint: *fingerprint, Cadence: smsg.Cadence(*cadence)}
		message, header, err = smsg.DecryptV3(file, params)
	} else {
		message, err = smsg.Decrypt(file, *key)
	}
	if err != nil {
		return err
	}
	contents := []content{}
	for i := range message.Attachments {
		attachment := &message.Attachments[i]
		raw, err := base64.StdEncoding.DecodeString(attachment.Content)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(raw)
		contents = append(contents, content{attachment.Name, attachment.MimeType, len(raw), hex.EncodeToString(sum[:])})
	}
	message.Attachments = nil
	return show(map[string]any{"header": header, "message": message, "attachments": contents})
}
