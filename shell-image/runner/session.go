package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	// Output beyond what was acknowledged that is sent, and read from the terminal while somebody is attached.
	windowBytes = 256 << 10
	// Typed bytes that the terminal hasn't taken yet.
	maxPending = 256 << 10
	// Bytes that are typed between two looks at the terminal's settings.
	typedAtOnce = 512
	// Between two looks at the terminal's settings: the kernel tells of no change.
	echoInterval = 20 * time.Millisecond
	// The same while nobody is attached: many sessions may be left open on a node.
	aloneInterval = 200 * time.Millisecond
	// How long a session is there after its shell's end, at the most, for an attachment that hasn't seen the end.
	longestLinger = 10 * time.Minute
)

// session is a shell at a pseudoterminal, to which one connection at a time is attached.
type session struct {
	id                 string
	key                []byte
	detached, lifetime time.Duration
	master             *os.File
	shell              int

	mutex   sync.Mutex
	changed *sync.Cond
	ring    *ring
	size    terminalSize
	echo    byte
	// Typed bytes that wait for the terminal, and how many it was given.
	pending []byte
	typed   int64
	current *attachment
	// Since when nobody is attached.
	alone time.Time
	// What ended the shell, as soon as something does; how it ended, as soon as all of its output is here.
	why    string
	exited *syscall.WaitStatus
	end    []byte
	over   time.Time
	// No more output is taken; the attachment has seen the end.
	readToEnd, seen bool
}

type sessionEnd struct {
	Why    string `json:"why"`
	Exit   *int   `json:"exit,omitempty"`
	Signal string `json:"signal,omitempty"`
	Total  int64  `json:"total"`
	SHA256 string `json:"sha256"`
}

func socketOf(id string) string { return spoolOf(id) + ".session" }

// runSession is the process that begin starts: it returns when the session is over, and nothing of it is left.
func runSession(id string, key []byte, size terminalSize, detached, lifetime time.Duration, words []string) int {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	// Taken, not ignored: what is ignored is ignored by the shell too.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP, syscall.SIGPIPE)
	children := make(chan os.Signal, 1)
	signal.Notify(children, syscall.SIGCHLD)
	adoptOrphans()
	s := &session{id: id, key: key, detached: detached, lifetime: lifetime, ring: newRing(), size: size, alone: time.Now()}
	s.changed = sync.NewCond(&s.mutex)
	listener, err := listen(socketOf(id))
	if err != nil {
		fmt.Println("the session could not be begun:", err)
		return unreadable
	}
	defer os.Remove(socketOf(id))
	slave, err := s.begin(words)
	if err != nil {
		return unreadable
	}
	go s.accept(listener)
	read := make(chan struct{})
	go func() { s.readOutput(); close(read) }()
	go s.typeInput()
	s.supervise(signals, children, slave)
	// What a program of the shell left in the terminal is its output too.
	select {
	case <-read:
	case <-time.After(lastWords):
		s.master.SetReadDeadline(time.Now())
		s.mutex.Lock()
		s.readToEnd = true
		s.changed.Broadcast()
		s.mutex.Unlock()
		<-read
	}
	s.finish()
	return 0
}

// listen gives the socket its name when connections to it are accepted.
func listen(path string) (net.Listener, error) {
	own := fmt.Sprintf("%s.%d", path, os.Getpid())
	listener, err := net.Listen("unix", own)
	if err != nil {
		return nil, err
	}
	listener.(*net.UnixListener).SetUnlinkOnClose(false)
	if err = os.Chmod(own, 0o600); err == nil {
		err = os.Rename(own, path)
	}
	return listener, err
}

// begin starts the shell. A shell that can't be started ends as one that a shell can't find: with 127 or 126, and a line of output.
func (s *session) begin(words []string) (slave *os.File, err error) {
	s.master, slave, err = openPty(s.size)
	if err != nil {
		fmt.Println("no terminal could be opened:", err)
		return nil, err
	}
	s.echo, _ = echoFlags(s.master)
	command := exec.Command(words[0], words[1:]...)
	command.Stdin, command.Stdout, command.Stderr = slave, slave, slave
	command.Env = append(shellEnvironment(), "TERM=xterm-256color")
	command.Dir = "/"
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := command.Start(); err != nil {
		code := 126
		if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
			code = 127
		}
		s.ring.add([]byte(fmt.Sprintf("%s can't be started in this container: %v\r\n", words[0], err)))
		status := syscall.WaitStatus(code << 8)
		s.exited, s.why = &status, "exited"
		return slave, nil
	}
	s.shell = command.Process.Pid
	return slave, nil
}

func shellEnvironment() []string {
	var kept []string
	for _, each := range os.Environ() {
		if !strings.HasPrefix(each, "TERM=") && !strings.HasPrefix(each, spooled+"=") {
			kept = append(kept, each)
		}
	}
	return kept
}

// supervise returns when the shell has ended and none of its processes is left.
func (s *session) supervise(signals <-chan os.Signal, children <-chan os.Signal, slave *os.File) {
	slave.Close()
	look := time.NewTicker(echoInterval)
	defer look.Stop()
	begun := time.Now()
	var killAt time.Time
	hangUp := func(why string) {
		if s.setWhy(why) {
			killAt = time.Now().Add(grace)
			s.hangUp()
		}
	}
	for !s.hasExited() {
		select {
		case <-signals:
			hangUp("stopped")
		case <-children:
			s.reapShell()
		case <-look.C:
			s.lookAtEcho()
			switch {
			case s.wantsHangUp():
				hangUp("hang-up")
			case s.isAbandoned():
				hangUp("detached")
			case time.Since(begun) > s.lifetime:
				hangUp("max-time")
			}
			if !killAt.IsZero() && time.Now().After(killAt) {
				killDescendants()
			}
			s.reapShell()
			look.Reset(s.lookInterval())
		}
	}
	s.setWhy("exited")
	left := descendants()
	signalAll(left, syscall.SIGHUP, syscall.SIGCONT)
	for until := time.Now().Add(grace / 4); len(left) > 0 && time.Now().Before(until); left = descendants() {
		time.Sleep(10 * time.Millisecond)
		reap()
	}
	go func() {
		for range children {
			reap()
		}
	}()
	killDescendants()
}

// hangUp tells the shell, what it runs, and everything that came from it, that the terminal has gone.
func (s *session) hangUp() {
	if group := foreground(s.master); group > 1 {
		syscall.Kill(-group, syscall.SIGHUP)
	}
	signalAll(descendants(), syscall.SIGHUP, syscall.SIGCONT)
}

// reapShell takes all that has ended; of the shell it remembers how.
func (s *session) reapShell() {
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
		if err == syscall.EINTR {
			continue
		}
		if pid <= 0 {
			return
		}
		if pid == s.shell {
			s.mutex.Lock()
			s.exited = &status
			s.changed.Broadcast()
			s.mutex.Unlock()
		}
	}
}

func (s *session) hasExited() bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.exited != nil
}

// setWhy says what ends the shell; the first reason stays. Answers whether this is it.
func (s *session) setWhy(why string) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.why != "" && s.why != wanted {
		return false
	}
	s.why = why
	return true
}

// Reason of an end that the attachment has asked for.
const wanted = "wanted"

func (s *session) wantsHangUp() bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.why == wanted
}

func (s *session) isAbandoned() bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.current == nil && time.Since(s.alone) > s.detached
}

func (s *session) lookInterval() time.Duration {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.current == nil {
		return aloneInterval
	}
	return echoInterval
}

// lookAtEcho sends a change of the terminal's settings to the attachment.
func (s *session) lookAtEcho() {
	flags, err := echoFlags(s.master)
	if err != nil {
		return
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if flags != s.echo {
		s.echo = flags
		s.tell(kindEcho, []byte{flags})
	}
}

// tell sends a frame to the attachment; the caller holds the mutex.
func (s *session) tell(kind byte, content []byte) {
	if s.current != nil {
		s.current.add(kind, content)
		s.changed.Broadcast()
	}
}

// finish sends the end, and returns when an attachment has confirmed it, or none came for long enough.
func (s *session) finish() {
	s.mutex.Lock()
	ended := sessionEnd{Why: s.why, Total: s.ring.total, SHA256: s.ring.sha256()}
	if s.exited.Signaled() {
		ended.Signal = signalName(s.exited.Signal())
	} else {
		code := s.exited.ExitStatus()
		ended.Exit = &code
	}
	s.end, _ = json.Marshal(ended)
	s.over = time.Now()
	if s.current == nil {
		s.alone = s.over
	}
	s.changed.Broadcast()
	s.mutex.Unlock()
	for !s.isSeen() {
		time.Sleep(echoInterval)
	}
}

// isSeen is true when nobody will ask for the rest of the output and the end.
func (s *session) isSeen() bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if time.Since(s.over) > longestLinger {
		return true
	}
	return s.current == nil && (s.seen || time.Since(s.alone) > s.detached)
}

func signalName(number syscall.Signal) string {
	names := map[syscall.Signal]string{
		syscall.SIGHUP: "SIGHUP", syscall.SIGINT: "SIGINT", syscall.SIGQUIT: "SIGQUIT", syscall.SIGABRT: "SIGABRT",
		syscall.SIGKILL: "SIGKILL", syscall.SIGSEGV: "SIGSEGV", syscall.SIGTERM: "SIGTERM", syscall.SIGPIPE: "SIGPIPE",
	}
	if name, known := names[number]; known {
		return name
	}
	return fmt.Sprintf("signal %d", int(number))
}
