package main

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"net"
	"time"
)

const (
	// How long somebody may take to prove that they have the key.
	handshakeTime = 10 * time.Second
	// Connections that haven't proven it, at the most: a program of the shell could open as many as it wants.
	maxStrangers = 16
	// How long the attachment may be silent: it sends a frame more often.
	silence = 60 * time.Second
	// Output in one frame.
	outputBytes = 32 * 1024
	// Between two frames of little output, unless somebody has just typed: a frame costs each program on its way more than its bytes do.
	outputPause = 50 * time.Millisecond
	// Output that is more than little.
	muchOutput = 4 * 1024
	// How long after a key output is its echo, which isn't held back.
	echoTime = 100 * time.Millisecond
)

type frame struct {
	kind    byte
	content []byte
}

// attachment is the one connection that reads and types. All but its connection belongs to the session's mutex.
type attachment struct {
	connection net.Conn
	output     *direction
	input      *direction
	waiting    []frame
	// Number of the next byte that is sent; whether the end was.
	sent  int64
	ended bool
	// When the last output was sent, and the last key came.
	sentAt, typedAt time.Time
	// Whether something wakes nextFrames up when held output is due.
	isHeld bool
	// Why the session ends the connection, once it does.
	fault  string
	closed bool
}

// add appends a frame. Of what changes again before it is sent, the newest state is enough.
func (a *attachment) add(kind byte, content []byte) {
	if last := len(a.waiting) - 1; last >= 0 && a.waiting[last].kind == kind {
		a.waiting[last].content = content
		return
	}
	a.waiting = append(a.waiting, frame{kind, content})
}

func (s *session) accept(listener net.Listener) {
	places := make(chan struct{}, maxStrangers)
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		places <- struct{}{}
		go func() {
			attached, from := s.greet(connection)
			<-places
			if attached == nil {
				connection.Close()
				return
			}
			s.serve(attached, from)
		}()
	}
}

// greet accepts a connection that proves the key; refuses others, and returns nil for them.
func (s *session) greet(connection net.Conn) (attached *attachment, from int64) {
	connection.SetDeadline(time.Now().Add(handshakeTime))
	nonces := make([]byte, nonceBytes, 2*nonceBytes)
	rand.Read(nonces)
	if _, err := connection.Write(join(kindHello, append([]byte{protocolVersion}, nonces...), nil)); err != nil {
		return nil, 0
	}
	kind, rest, err := readFrame(connection)
	if err != nil || kind != kindHello || len(rest) != nonceBytes+8+macBytes {
		return nil, 0
	}
	output, input := directions(s.key, s.id, append(nonces, rest[:nonceBytes]...))
	content, err := input.check(kind, rest)
	if err != nil {
		connection.Write(join(kindFault, []byte("key"), nil))
		return nil, 0
	}
	from, _, ok := readNumber(content[nonceBytes:])
	if !ok {
		return nil, 0
	}
	connection.SetDeadline(time.Time{})
	return &attachment{connection: connection, output: output, input: input}, from
}

// serve returns when the connection has ended.
func (s *session) serve(a *attachment, from int64) {
	s.mutex.Lock()
	if from < s.ring.start() || from > s.ring.total {
		s.mutex.Unlock()
		a.connection.Write(a.output.signed(kindFault, []byte("released")))
		a.connection.Close()
		return
	}
	if s.current != nil {
		s.current.fault = "replaced"
	}
	s.current = a
	a.sent = from
	s.ring.acked = max(s.ring.acked, from)
	a.add(kindInput, numbered(s.typed+int64(len(s.pending)), nil))
	a.add(kindSize, sizeContent(s.size))
	a.add(kindEcho, []byte{s.echo})
	s.changed.Broadcast()
	s.mutex.Unlock()
	go s.receive(a)
	s.send(a)
	// Waits until the connection's buffer is read: a fault is the last frame.
	a.connection.Close()
	s.mutex.Lock()
	if s.current == a {
		s.current = nil
		s.alone = time.Now()
	}
	s.changed.Broadcast()
	s.mutex.Unlock()
}

// send writes frames until the connection is closed.
func (s *session) send(a *attachment) {
	for {
		data, last := s.nextFrames(a)
		if len(data) > 0 {
			if _, err := a.connection.Write(data); err != nil {
				return
			}
		}
		if last {
			return
		}
	}
}

// nextFrames waits for something to send. last: nothing follows it.
func (s *session) nextFrames(a *attachment) (data []byte, last bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for {
		if a.closed {
			return nil, true
		}
		var out bytes.Buffer
		for _, each := range a.waiting {
			out.Write(a.output.signed(each.kind, each.content))
		}
		a.waiting = nil
		if a.fault != "" {
			out.Write(a.output.signed(kindFault, []byte(a.fault)))
			return out.Bytes(), true
		}
		if upTo := min(s.ring.total, s.ring.acked+windowBytes); a.sent < upTo && !s.holdsBack(a, upTo-a.sent) {
			buffer := make([]byte, 8+min(outputBytes, upTo-a.sent))
			binary.BigEndian.PutUint64(buffer, uint64(a.sent))
			a.sent += int64(s.ring.read(a.sent, buffer[8:]))
			out.Write(a.output.signed(kindOutput, buffer))
			a.sentAt = time.Now()
		}
		if s.end != nil && a.sent == s.ring.total && !a.ended {
			a.ended = true
			out.Write(a.output.signed(kindEnd, s.end))
		}
		if out.Len() > 0 {
			return out.Bytes(), false
		}
		s.changed.Wait()
	}
}

// holdsBack is true for little output that comes soon after other output: it is sent with what follows. The caller holds the mutex.
func (s *session) holdsBack(a *attachment, waiting int64) bool {
	now := time.Now()
	left := outputPause - now.Sub(a.sentAt)
	if left <= 0 || waiting >= muchOutput || s.exited != nil || now.Sub(a.typedAt) < echoTime {
		return false
	}
	if !a.isHeld {
		a.isHeld = true
		time.AfterFunc(left, func() {
			s.mutex.Lock()
			a.isHeld = false
			s.changed.Broadcast()
			s.mutex.Unlock()
		})
	}
	return true
}

// receive carries out frames until the connection ends; it ends the connection at a frame without a valid MAC.
func (s *session) receive(a *attachment) {
	for {
		a.connection.SetReadDeadline(time.Now().Add(silence))
		kind, rest, err := readFrame(a.connection)
		var content []byte
		if err == nil {
			content, err = a.input.check(kind, rest)
		}
		s.mutex.Lock()
		if err != nil {
			a.closed = true
		} else if s.current == a {
			s.obey(a, kind, content)
		}
		s.changed.Broadcast()
		isClosed := a.closed
		s.mutex.Unlock()
		if isClosed {
			// What send writes may wait for a reader who isn't there any more.
			a.connection.Close()
			return
		}
	}
}

// obey does what one frame says; the caller holds the mutex.
func (s *session) obey(a *attachment, kind byte, content []byte) {
	switch kind {
	case kindAlive:
		a.add(kindAlive, nil)
	case kindHangUp:
		if s.why == "" {
			s.why = wanted
		}
	case kindSeen:
		s.seen = a.ended
		a.closed = true
	case kindAck:
		if upTo, _, ok := readNumber(content); ok {
			s.ring.acked = max(s.ring.acked, min(upTo, a.sent))
		}
	case kindSize:
		if len(content) != 4 {
			return
		}
		size := terminalSize{binary.BigEndian.Uint16(content), binary.BigEndian.Uint16(content[2:])}
		if size.valid() && setSize(s.master, size) == nil {
			s.size = size
			a.add(kindSize, sizeContent(size))
		}
	case kindInput:
		from, data, ok := readNumber(content)
		known := s.typed + int64(len(s.pending))
		if !ok || from > known {
			a.fault = "gap"
			return
		}
		if old := known - from; old < int64(len(data)) {
			data = data[old:]
		} else {
			data = nil
		}
		if len(s.pending)+len(data) > maxPending {
			a.fault = "busy"
			return
		}
		s.pending = append(s.pending, data...)
		a.typedAt = time.Now()
	}
}
