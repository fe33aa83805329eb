package main

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
	"time"
)

const prSetChildSubreaper = 36

// How long processes may take to vanish after SIGKILL.
const vanish = 5 * time.Second

// adoptOrphans makes this process the parent of all that its descendants leave behind, also of those that began a session of their own.
func adoptOrphans() {
	syscall.RawSyscall(syscall.SYS_PRCTL, prSetChildSubreaper, 1, 0)
}

// descendants answers all processes that come from this one.
func descendants() []int {
	parents := map[int]int{}
	entries, _ := os.ReadDir("/proc")
	for _, entry := range entries {
		if pid, err := strconv.Atoi(entry.Name()); err == nil {
			parents[pid] = parentOf(pid)
		}
	}
	own := os.Getpid()
	var found []int
	for pid := range parents {
		for at, steps := pid, 0; at > 1 && steps < len(parents); at, steps = parents[at], steps+1 {
			if parents[at] == own {
				found = append(found, pid)
				break
			}
		}
	}
	return found
}

// parentOf answers a process's parent; 0 where it has gone, or is a zombie, which needs no signal.
func parentOf(pid int) int {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0
	}
	// The name before it can have spaces and parentheses.
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	if len(fields) < 2 || fields[0][0] == 'Z' {
		return 0
	}
	parent, _ := strconv.Atoi(string(fields[1]))
	return parent
}

func signalAll(pids []int, signals ...syscall.Signal) {
	for _, signal := range signals {
		for _, pid := range pids {
			syscall.Kill(pid, signal)
		}
	}
}

// killDescendants returns when nothing is left of what this process began.
func killDescendants() {
	for until := time.Now().Add(vanish); time.Now().Before(until); time.Sleep(5 * time.Millisecond) {
		left := descendants()
		if len(left) == 0 {
			return
		}
		signalAll(left, syscall.SIGKILL)
	}
}
