package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
)

// The two ends of a session's connection send each other frames: four bytes with the length of what follows, one with the frame's kind,
// its content, and the first 16 bytes of an HMAC-SHA256. The MAC is over the frame's number in its direction (eight bytes), its kind and
// its content; numbers are big-endian. The key of each direction is derived for each connection from the session's key, the session's id
// and a nonce of both ends, so that no frame of another connection is accepted.
//
// The session begins with a challenge (kind h: one byte with the version, and its nonce), which alone has no MAC; the answer is a hello
// (kind h: the other nonce, and the number of the first byte of output that is wanted).
const (
	protocolVersion = 1
	nonceBytes      = 16
	// Content of a frame, at the most.
	maxContent = 64 * 1024
)

// Kinds of frames. From the session: output (number of its first byte, bytes), typed (how many bytes the shell was given), echo (1: on,
// 2: canonical), size, alive, fault (why the session ends the connection: its name), end (JSON). To it: hello, input (number of its first
// byte, bytes), size, acknowledge (number of the first byte that is still needed), alive, hang-up, seen (the end).
const (
	kindHello  = 'h'
	kindOutput = 'o'
	kindInput  = 'i'
	kindEcho   = 'e'
	kindSize   = 's'
	kindAck    = 'a'
	kindAlive  = 'k'
	kindFault  = 'f'
	kindEnd    = 'x'
	kindHangUp = 'q'
	kindSeen   = 'z'
)

var errTampered = errors.New("the MAC of a frame is wrong")

// direction signs or checks the frames of one direction of a connection.
type direction struct {
	key  []byte
	next uint64
}

// directions answers the one from the session and the one to it.
func directions(key []byte, session string, nonces []byte) (output, input *direction) {
	derive := func(label string) *direction {
		mac := hmac.New(sha256.New, key)
		io.WriteString(mac, "retina-session "+label+"\n"+session+"\n")
		mac.Write(nonces)
		return &direction{key: mac.Sum(nil)}
	}
	return derive("output"), derive("input")
}

func (d *direction) mac(kind byte, content []byte) []byte {
	mac := hmac.New(sha256.New, d.key)
	var number [8]byte
	binary.BigEndian.PutUint64(number[:], d.next)
	d.next++
	mac.Write(number[:])
	mac.Write([]byte{kind})
	mac.Write(content)
	return mac.Sum(nil)[:macBytes]
}

// signed answers a frame's bytes.
func (d *direction) signed(kind byte, content []byte) []byte {
	return join(kind, content, d.mac(kind, content))
}

// check answers the content of what join made.
func (d *direction) check(kind byte, rest []byte) ([]byte, error) {
	if len(rest) < macBytes {
		return nil, errTampered
	}
	content, sum := rest[:len(rest)-macBytes], rest[len(rest)-macBytes:]
	if !hmac.Equal(sum, d.mac(kind, content)) {
		return nil, errTampered
	}
	return content, nil
}

func join(kind byte, content, sum []byte) []byte {
	frame := make([]byte, 0, 5+len(content)+len(sum))
	frame = binary.BigEndian.AppendUint32(frame, uint32(1+len(content)+len(sum)))
	frame = append(frame, kind)
	frame = append(frame, content...)
	return append(frame, sum...)
}

// readFrame answers a frame's kind, and its content with the MAC.
func readFrame(from io.Reader) (byte, []byte, error) {
	var head [5]byte
	if _, err := io.ReadFull(from, head[:]); err != nil {
		return 0, nil, err
	}
	length := binary.BigEndian.Uint32(head[:4])
	if length < 1 || length > 1+maxContent+macBytes {
		return 0, nil, errTampered
	}
	rest := make([]byte, length-1)
	_, err := io.ReadFull(from, rest)
	return head[4], rest, err
}

func numbered(number int64, data []byte) []byte {
	return append(binary.BigEndian.AppendUint64(make([]byte, 0, 8+len(data)), uint64(number)), data...)
}

// readNumber answers the number at the beginning of a content, and the rest; ok is false where there is none.
func readNumber(content []byte) (number int64, rest []byte, ok bool) {
	if len(content) < 8 {
		return 0, nil, false
	}
	number = int64(binary.BigEndian.Uint64(content))
	return number, content[8:], number >= 0
}

func sizeContent(size terminalSize) []byte {
	return binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, size.cols), size.rows)
}
