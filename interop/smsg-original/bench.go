// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/Snider/Borg/pkg/smsg"
)

const password, license = "bench key", "bench licence"

// figure is one line of `bench`: megabytes (10^6) of attachment per second for each run, and the memory of a process
// that does it once.
type figure struct {
	Case      string    `json:"case"`
	Bytes     int       `json:"bytes"`
	MBPerS    []float64 `json:"mb_per_s"`
	PeakBytes int64     `json:"peak_bytes"`
}

// bench times each case in processes of its own with one processor, a pause for the collector not counted. The
// attachment is pseudo-random: media does not compress. Only the call into the original is timed, not the files.
func bench(args []string) error {
	flags := flag.NewFlagSet("bench", flag.ExitOnError)
	size := flags.Int("size", 128<<20, "bytes of the attachment")
	runs := flags.Int("runs", 3, "runs of each case")
	_ = flags.Parse(args)
	folder, err := os.MkdirTemp("", "smsg-original-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	for _, form := range []string{"v2 zstd", "v2 none", "v3 chunked"} {
		for _, direction := range []string{"encrypt", "decrypt"} {
			line := figure{Case: form + " " + direction, Bytes: *size}
			for range *runs {
				one, err := child(direction, form, *size, filepath.Join(folder, "sealed"))
				if err != nil {
					return fmt.Errorf("%s: %w", line.Case, err)
				}
				line.MBPerS = append(line.MBPerS, one.MBPerS...)
				line.PeakBytes = max(line.PeakBytes, one.PeakBytes)
			}
			if err := show(line); err != nil {
				return err
			}
		}
	}
	return nil
}

func child(direction, form string, size int, sealed string) (*figure, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	command := exec.Command(self, "bench-one", direction, form, strconv.Itoa(size), sealed)
	command.Env = append(os.Environ(), "GOMAXPROCS=1")
	command.Stderr = os.Stderr
	output, err := command.Output()
	if err != nil {
		return nil, err
	}
	one := &figure{}
	return one, json.Unmarshal(output, one)
}

// benchOne is what a child does: one call, timed.
func benchOne(args []string) error {
	direction, form, sealed := args[0], args[1], args[3]
	size, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	work := decrypting(form, sealed)
	if direction == "encrypt" {
		work = encrypting(form, sealed, size)
	}
	begun, taken, err := time.Time{}, time.Duration(0), error(nil)
	err = work(func() { begun = time.Now() }, func() { taken = time.Since(begun) })
	if err != nil {
		return err
	}
	return show(figure{MBPerS: []float64{float64(size) / 1e6 / taken.Seconds()}, PeakBytes: peak()})
}

func encrypting(form, sealed string, size int) func(start, stop func()) error {
	return func(start, stop func()) error {
		attachment := make([]byte, size)
		_, _ = rand.NewChaCha8([32]byte{}).Read(attachment)
		message := smsg.NewMessage("bench").AddBinaryAttachment("a.bin", attachment, "application/octet-stream")
		attachment = nil
		start()
		var file []byte
		var err error
		if form == "v3 chunked" {
			file, err = smsg.EncryptV3(message, &smsg.StreamParams{License: license, ChunkSize: smsg.DefaultChunkSize}, nil)
		} else {
			file, err = smsg.EncryptV2WithOptions(message, password, nil, strings.TrimPrefix(strings.TrimPrefix(form, "v2 "), "none"))
		}
		stop()
		if err != nil {
			return err
		}
		return os.WriteFile(sealed, file, 0o600)
	}
}

func decrypting(form, sealed string) func(start, stop func()) error {
	return func(start, stop func()) error {
		file, err := os.ReadFile(sealed)
		if err != nil {
			return err
		}
		start()
		if form == "v3 chunked" {
			_, _, err = smsg.DecryptV3(file, &smsg.StreamParams{License: license})
		} else {
			_, err = smsg.Decrypt(file, password)
		}
		stop()
		return err
	}
}

// peak is this process's largest resident size, where /proc tells it; else 0.
func peak() int64 {
	status, _ := os.ReadFile("/proc/self/status")
	_, rest, found := bytes.Cut(status, []byte("VmHWM:"))
	if !found {
		return 0
	}
	kib, _ := strconv.ParseInt(string(bytes.Fields(rest)[0]), 10, 64)
	return kib << 10
}
