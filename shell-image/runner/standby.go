package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"syscall"
)

// More than the words of any command that a kernel would take.
const longestCommand = 4 << 20

// standBy waits for the words of a command and makes them this program's own; it ends if none come. Answers how many seconds the command
// may take, and the key of its frames.
func standBy(seconds string, in *os.File) (int, []byte) {
	longest, err := strconv.Atoi(seconds)
	if err != nil {
		fmt.Fprintln(os.Stderr, "retina-run: --standby wants a number of seconds:", err)
		os.Exit(2)
	}
	line, err := bufio.NewReader(io.LimitReader(in, longestCommand)).ReadBytes('\n')
	if err != nil || isClosed(in) {
		// Half a line is of somebody who was cut off.
		os.Exit(0)
	}
	var command struct {
		Words []string `json:"words"`
		Key   []byte   `json:"key"`
	}
	if err := json.Unmarshal(line, &command); err != nil || len(command.Key) != keyBytes {
		fmt.Fprintln(os.Stderr, "retina-run: --standby wants the words and the key of a command as JSON:", err)
		os.Exit(2)
	}
	os.Args = append(os.Args[:1], command.Words...)
	return longest, command.Key
}

// isClosed is true where the sender of the words has gone: it has given up on this one, and may have begun the run by another way. Of a run
// that this one began long after that (a node may have slept), no frames might be left to tell that it was begun before.
func isClosed(in *os.File) bool {
	fd := int(in.Fd())
	if err := syscall.SetNonblock(fd, true); err != nil {
		return true
	}
	n, err := syscall.Read(fd, make([]byte, 1))
	return n == 0 && err == nil
}
