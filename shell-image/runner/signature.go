package main

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"os"
)

const keyBytes = 32

// Bytes of a MAC in a frame.
const macBytes = 16

// signature signs the frames of one run; without a key it leaves them as they are.
type signature struct {
	run string
	key []byte
}

// signed answers a frame as a line, with its MAC.
func (s signature) signed(frame string) string {
	if len(s.key) == 0 {
		return frame + "\n"
	}
	mac := hmac.New(sha256.New, s.key)
	io.WriteString(mac, s.run+"\n"+frame)
	return frame + " " + base64.StdEncoding.EncodeToString(mac.Sum(nil)[:macBytes]) + "\n"
}

// readKey reads a key as one line of base64; nil where none comes.
func readKey(in io.Reader) []byte {
	line, err := bufio.NewReader(io.LimitReader(in, 100)).ReadString('\n')
	if err != nil {
		return nil
	}
	key, err := base64.StdEncoding.DecodeString(line[:len(line)-1])
	if err != nil {
		return nil
	}
	return key
}

// takeKey reads the key that begin passes on, and closes the pipe, so that no tool inherits it.
func takeKey(in *os.File) []byte {
	key, _ := io.ReadAll(io.LimitReader(in, keyBytes))
	in.Close()
	return key
}
