package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// What --session ends with in a container that is there for something else.
const notHeld = 6

// How long a session may take until somebody can attach to it.
const sessionStart = 10 * time.Second

// How long a container that is held for a session waits for it to begin.
const holdStart = 5 * time.Minute

// sessionCommand is what the flags about sessions say.
type sessionCommand struct {
	begun, attached, held, size *string
	detached, most              *int
}

func sessionFlags() sessionCommand {
	return sessionCommand{
		begun:    flag.String("session", "", "begin the session of this id"),
		attached: flag.String("attach", "", "connect with the session of this id"),
		held:     flag.String("hold", "", "keep the container open for the session of this id"),
		size:     flag.String("size", "80x24", "columns and rows of the terminal"),
		detached: flag.Int("detached", 120, "seconds without anybody attached after which the session ends"),
		most:     flag.Int("max", 3600, "seconds after which the session ends"),
	}
}

func (c sessionCommand) given() bool { return *c.begun+*c.attached+*c.held != "" }

// run answers the exit code.
func (c sessionCommand) run(life time.Duration, words []string) int {
	size, ok := parseSize(*c.size)
	begins := *c.begun != ""
	if !isID.MatchString(*c.begun+*c.attached+*c.held) || begins && (!ok || len(words) == 0 || *c.detached < 1 || *c.most < 1) {
		fmt.Fprintln(os.Stderr, "retina-run: --session wants an id, a size of 1x1 to 1000x1000, seconds, and the words of a shell after --")
		return 2
	}
	switch {
	case *c.attached != "":
		return attach(*c.attached)
	case *c.held != "":
		return hold(*c.held, life)
	case os.Getenv(spooled) != "":
		return runSession(*c.begun, takeKey(os.Stdin), size, seconds(*c.detached), seconds(*c.most), words)
	}
	return startSession(*c.begun, readKey(os.Stdin))
}

// startSession begins a session as a process of its own, and returns when somebody can attach to it. A session that was begun before isn't
// begun again.
func startSession(id string, key []byte) int {
	if len(key) != keyBytes {
		fmt.Fprintln(os.Stderr, "retina-run: --session wants a key on its standard input")
		return 2
	}
	// A run's container isn't meant for a shell: the right to execute this program in it gives none.
	if !isSoon(func() bool { return len(runners("--hold", id)) != 0 }) {
		fmt.Fprintln(os.Stderr, "retina-run: this container is not held for the session", id)
		return notHeld
	}
	if err := begin(id, key); err != nil {
		fmt.Fprintln(os.Stderr, "retina-run: the session could not be begun:", err)
		return unreadable
	}
	for until := time.Now().Add(sessionStart); time.Now().Before(until); time.Sleep(2 * time.Millisecond) {
		_, err := os.Lstat(socketOf(id))
		code := 0
		if isOver := !isHeld(spoolOf(id)); err != nil && !isOver {
			continue
		} else if isOver {
			code = whyNotBegun(id)
		}
		if code == 0 {
			// The caller needs no more than this line.
			fmt.Printf("b %s\n", id)
		}
		return code
	}
	fmt.Fprintln(os.Stderr, "retina-run: the session did not begin in time")
	return unreadable
}

// whyNotBegun returns 0 for a session that is over already, whose end an attachment gets; one that failed printed why.
func whyNotBegun(id string) int {
	said, _ := os.ReadFile(spoolOf(id))
	if len(said) == 0 {
		return 0
	}
	fmt.Fprintf(os.Stderr, "retina-run: %s", said[:min(len(said), 1000)])
	return unreadable
}

// attach connects the caller with a session, and passes on what both say; it understands nothing of it.
func attach(id string) int {
	signal.Ignore(syscall.SIGHUP)
	connection, err := net.Dial("unix", socketOf(id))
	if err != nil {
		fmt.Fprintln(os.Stderr, "retina-run: no session", id, "here")
		if errors.Is(err, syscall.ECONNREFUSED) {
			return cutOff
		}
		return noSuchRun
	}
	ended := make(chan struct{}, 2)
	go func() {
		io.Copy(connection, os.Stdin)
		ended <- struct{}{}
	}()
	go func() {
		io.Copy(os.Stdout, connection)
		ended <- struct{}{}
	}()
	<-ended
	return 0
}

// hold keeps a container open for one session, until that is over, or its own time.
func hold(id string, life time.Duration) int {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	children := make(chan os.Signal, 1)
	signal.Notify(children, syscall.SIGCHLD)
	over, start := time.NewTimer(life), time.NewTimer(holdStart)
	look := time.NewTicker(200 * time.Millisecond)
	defer look.Stop()
	begun := false
	for {
		select {
		case <-signals:
			endSession(id)
			return 0
		case <-over.C:
			endSession(id)
			return 0
		case <-start.C:
			if !begun {
				return 0
			}
		case <-children:
			reap()
		case <-look.C:
			if _, err := os.Lstat(spoolOf(id)); err == nil {
				begun = true
			}
			if begun && !isHeld(spoolOf(id)) {
				return 0
			}
		}
	}
}

// endSession returns when the session has ended its shell, or hasn't in time: then it ends with the container.
func endSession(id string) {
	if !tell(id, syscall.SIGTERM) {
		return
	}
	for until := time.Now().Add(grace + grace/4); isHeld(spoolOf(id)) && time.Now().Before(until); time.Sleep(10 * time.Millisecond) {
		reap()
	}
}
