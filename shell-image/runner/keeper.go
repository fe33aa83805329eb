package main

import (
	"os"
	"os/signal"
	"syscall"
	"time"
)

// How long the frames of a run that has ended are there for the worker that adopts it.
const spoolAge = 10 * time.Minute

// keeper holds a container open for further runs in it.
type keeper struct {
	// How long nothing may be run in the container, and how long it may stand at all, from its start on.
	idle, life time.Duration
	start      time.Time
}

// keep returns when the container has to end: nothing was run in it for long enough, its life is over, or it was asked to.
// A run in it is seen by the lock on its frames, so none is cut off before its own deadline but by the end of the container's life.
func (k keeper) keep(signals <-chan os.Signal) {
	children := make(chan os.Signal, 1)
	signal.Notify(children, syscall.SIGCHLD)
	reap()
	over := time.NewTimer(k.life - time.Since(k.start))
	look := time.NewTicker(min(time.Second, max(k.idle/4, 10*time.Millisecond)))
	defer look.Stop()
	used, seen := time.Now(), newest()
	for {
		select {
		case by := <-signals:
			// Another one is for a run alone, and this one's run has ended.
			if by == syscall.SIGTERM {
				return
			}
		case <-over.C:
			return
		case <-children:
			reap()
		case <-look.C:
			at, busy := lookAtSpools()
			if busy || at.After(seen) {
				used, seen = time.Now(), at
			} else if time.Since(used) > k.idle {
				return
			}
		}
	}
}

// reap takes what has ended and was nobody's child any more: as process 1, all orphans are the keeper's.
func reap() {
	for {
		pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
		if pid <= 0 && err != syscall.EINTR {
			return
		}
	}
}

func newest() time.Time {
	at, _ := lookAtSpools()
	return at
}

// lookAtSpools tells when a run in this container wrote last, and whether one is under way; old frames are removed.
func lookAtSpools() (newest time.Time, busy bool) {
	for _, path := range spools() {
		info, err := os.Lstat(path)
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		if info.ModTime().After(newest) {
			newest = info.ModTime()
		}
		if isHeld(path) {
			busy = true
		} else if time.Since(info.ModTime()) > spoolAge {
			os.Remove(path)
		}
	}
	return newest, busy
}
