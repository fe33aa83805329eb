package main

import (
	"os"
	"syscall"
	"time"
)

// Between two looks where the kernel doesn't tell of changes: inotify's instances are counted for each user of a node.
const pause = 20 * time.Millisecond

type watcher struct{ events *os.File }

// watch tells of what is written into a file.
func watch(path string) watcher {
	fd, err := syscall.InotifyInit1(syscall.IN_NONBLOCK | syscall.IN_CLOEXEC)
	if err != nil {
		return watcher{}
	}
	if _, err := syscall.InotifyAddWatch(fd, path, syscall.IN_MODIFY|syscall.IN_CLOSE_WRITE); err != nil {
		syscall.Close(fd)
		return watcher{}
	}
	return watcher{os.NewFile(uintptr(fd), "inotify")}
}

// wait returns after a change, at the latest after so long.
func (w watcher) wait(longest time.Duration) {
	if w.events == nil {
		time.Sleep(pause)
		return
	}
	w.events.SetReadDeadline(time.Now().Add(longest))
	w.events.Read(make([]byte, 4096))
}

func (w watcher) close() {
	if w.events != nil {
		w.events.Close()
	}
}
