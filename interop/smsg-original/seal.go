// SPDX-License-Identifier: MIT

package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/Snider/Borg/pkg/smsg"
)

// wish is what `seal` is asked for.
type wish struct {
	Format      string         `json:"format"` // v1, v2 or v3
	Compression string         `json:"compression"`
	Key         string         `json:"key"`
	Hint        string         `json:"hint"`
	LicenseID   string         `json:"license_id"`
	Fingerprint string         `json:"fingerprint"`
	Cadence     string         `json:"cadence"`
	ChunkSize   int            `json:"chunk_size"`
	Base64      bool           `json:"base64"` // write the text form (v1 only)
	Message     smsg.Message   `json:"message"`
	Manifest    *smsg.Manifest `json:"manifest"`
	Files       []struct {
		Name string `json:"name"`
		Mime string `json:"mime"`
		Path string `json:"path"`
	} `json:"files"`
}

// seal writes the file that a wish describes.
func seal(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("seal needs a description and a place")
	}
	text, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	var wish wish
	if err := json.Unmarshal(text, &wish); err != nil {
		return err
	}
	for _, file := range wish.Files {
		bytes, err := os.ReadFile(file.Path)
		if err != nil {
			return err
		}
		wish.Message.AddBinaryAttachment(file.Name, bytes, file.Mime)
	}
	sealed, err := wish.seal()
	if err != nil {
		return err
	}
	return os.WriteFile(args[1], sealed, 0o644)
}

func (wish *wish) seal() ([]byte, error) {
	switch {
	case wish.Format == "v3":
		params := &smsg.StreamParams{License: wish.LicenseID, Fingerprint: wish.Fingerprint,
			Cadence: smsg.Cadence(wish.Cadence), ChunkSize: wish.ChunkSize}
		return smsg.EncryptV3(&wish.Message, params, wish.Manifest)
	case wish.Format == "v2":
		return smsg.EncryptV2WithOptions(&wish.Message, wish.Key, wish.Manifest, wish.Compression)
	case wish.Base64:
		text, err := smsg.EncryptWithManifestBase64(&wish.Message, wish.Key, wish.Manifest)
		return []byte(text), err
	case wish.Hint != "":
		return smsg.EncryptWithHint(&wish.Message, wish.Key, wish.Hint)
	default:
		return smsg.EncryptWithManifest(&wish.Message, wish.Key, wish.Manifest)
	}
}
