package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"sync"
	"syscall"
	"time"
)

// Bytes in one frame: as base64 it stays well under the 16 KiB at which container runtimes split a log line.
const frameBytes = 6 * 1024

// Bytes that a pipe can hold at the most, as Linux comes (pipe-max-size).
const largestPipe = 1 << 20

type stream struct {
	bytes int64
	sum   hash.Hash
}

// frames writes everything that is said, in order, and stops taking more at its limit.
type frames struct {
	mutex   sync.Mutex
	out     *bufio.Writer
	seq     int64
	left    int64
	streams map[byte]*stream
	sign    signature
	once    sync.Once
	// full is closed when the limit is reached.
	full chan struct{}
}

func newFrames(out io.Writer, maxBytes int64, sign signature) *frames {
	streams := map[byte]*stream{'o': {sum: sha256.New()}, 'e': {sum: sha256.New()}}
	return &frames{out: bufio.NewWriterSize(out, 16*1024), left: maxBytes, streams: streams, sign: sign, full: make(chan struct{})}
}

// copy reads a stream to its end, or to its deadline: then it takes what is there, and waits for no more. A caller that reads slowly
// holds the tool back: nothing is kept here.
func (f *frames) copy(name byte, from *os.File) {
	buffer := make([]byte, frameBytes)
	for {
		n, err := from.Read(buffer)
		if n > 0 && !f.write(name, buffer[:n]) {
			return
		}
		if errors.Is(err, os.ErrDeadlineExceeded) {
			f.rest(name, from)
			return
		}
		if err != nil {
			return
		}
	}
}

// rest takes what a pipe holds. A process that goes on writing into it is not followed beyond what a pipe can hold.
func (f *frames) rest(name byte, from *os.File) {
	raw, err := from.SyscallConn()
	if err != nil {
		return
	}
	buffer := make([]byte, frameBytes)
	for taken := 0; taken < largestPipe; {
		n := 0
		// Not Read, which looks at the deadline before it looks at the pipe.
		raw.Control(func(fd uintptr) { n, _ = syscall.Read(int(fd), buffer) })
		if n <= 0 || !f.write(name, buffer[:n]) {
			return
		}
		taken += n
	}
}

func (f *frames) write(name byte, data []byte) bool {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	limit := int64(len(data)) > f.left
	if limit {
		data = data[:f.left]
	}
	if len(data) > 0 {
		f.left -= int64(len(data))
		f.streams[name].bytes += int64(len(data))
		f.streams[name].sum.Write(data)
		frame := fmt.Sprintf("%c %d %d %s", name, f.seq, time.Now().UnixMilli(), base64.StdEncoding.EncodeToString(data))
		f.out.WriteString(f.sign.signed(frame))
		f.seq++
		f.out.Flush()
	}
	if limit {
		f.once.Do(func() { close(f.full) })
	}
	return !limit
}

type streamEnd struct {
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

type end struct {
	// ended, deadline, output-limit or stopped
	Why    string    `json:"why"`
	Exit   int       `json:"exit"`
	Stages []int     `json:"stages"`
	Frames int64     `json:"frames"`
	Stdout streamEnd `json:"stdout"`
	Stderr streamEnd `json:"stderr"`
}

// close writes the last frame and answers the exit code: the last stage's, as a shell has it, or 124 at a deadline as timeout(1) has it.
func (f *frames) close(why string, codes []int) int {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	total := func(name byte) streamEnd {
		return streamEnd{f.streams[name].bytes, hex.EncodeToString(f.streams[name].sum.Sum(nil))}
	}
	exit := codes[len(codes)-1]
	if why == "deadline" {
		exit = 124
	}
	text, _ := json.Marshal(end{why, exit, codes, f.seq, total('o'), total('e')})
	f.out.WriteString(f.sign.signed("x " + string(text)))
	f.out.Flush()
	return exit
}
