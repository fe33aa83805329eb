// Command tcpdump starts Debian's tcpdump (/usr/bin/tcpdump) with the words that it was given itself, and makes it capture with the
// capability NET_RAW alone.
//
// Debian's tcpdump changes its user and groups after it has opened the device, also with `-Z root`, and ends where it may not: a
// container of uid 0 with NET_RAW alone has neither SETUID nor SETGID. Here the kernel answers these calls with success and does
// nothing (seccomp, SECCOMP_RET_ERRNO with 0), so that tcpdump goes on as the user that it is. It gets no right by that. Where
// the container has both capabilities, nothing is answered in the kernel's place and tcpdump becomes whom it was told to.
//
// Source: seccomp(2); tcpdump 4.99 droproot(), libcap-ng capng_change_id().
package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"unsafe"
)

const (
	realTcpdump = "/usr/bin/tcpdump"

	capSetGID = 6
	capSetUID = 7

	prSetNoNewPrivs = 38
	prSetSeccomp    = 22
	modeFilter      = 2
	allow           = 0x7fff0000
	answerSuccess   = 0x00050000

	// Offsets in struct seccomp_data.
	numberAt       = 0
	architectureAt = 4

	loadWord  = syscall.BPF_LD | syscall.BPF_W | syscall.BPF_ABS
	jumpEqual = syscall.BPF_JMP | syscall.BPF_JEQ | syscall.BPF_K
	answer    = syscall.BPF_RET | syscall.BPF_K
)

// Calls by which a process changes its user and its groups, and libcap-ng its capabilities.
var changes = []uint32{
	syscall.SYS_SETUID, syscall.SYS_SETGID, syscall.SYS_SETGROUPS, syscall.SYS_SETREUID, syscall.SYS_SETREGID,
	syscall.SYS_SETRESUID, syscall.SYS_SETRESGID, syscall.SYS_CAPSET,
}

func main() {
	// A filter belongs to a thread, and exec takes the one of the thread that calls it.
	runtime.LockOSThread()
	if !mayChangeUser() {
		if err := ignoreChanges(); err != 0 {
			fmt.Fprintln(os.Stderr, "tcpdump: seccomp:", err)
			os.Exit(126)
		}
	}
	err := syscall.Exec(realTcpdump, os.Args, os.Environ())
	fmt.Fprintf(os.Stderr, "tcpdump: %s: %v\n", realTcpdump, err)
	os.Exit(127)
}

// mayChangeUser answers whether this process has both SETUID and SETGID.
func mayChangeUser() bool {
	status, err := os.Open("/proc/self/status")
	if err != nil {
		return false
	}
	defer status.Close()
	lines := bufio.NewScanner(status)
	for lines.Scan() {
		text, found := strings.CutPrefix(lines.Text(), "CapEff:")
		if !found {
			continue
		}
		capabilities, err := strconv.ParseUint(strings.TrimSpace(text), 16, 64)
		both := uint64(1)<<capSetUID | uint64(1)<<capSetGID
		return err == nil && capabilities&both == both
	}
	return false
}

func ignoreChanges() syscall.Errno {
	program := filter(changes)
	fprog := syscall.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	if _, _, err := syscall.RawSyscall6(syscall.SYS_PRCTL, prSetNoNewPrivs, 1, 0, 0, 0, 0); err != 0 {
		return err
	}
	_, _, err := syscall.RawSyscall(syscall.SYS_PRCTL, prSetSeccomp, modeFilter, uintptr(unsafe.Pointer(&fprog)))
	return err
}

// filter answers the calls with success, and lets the kernel answer all others and those of other architectures.
func filter(calls []uint32) []syscall.SockFilter {
	program := []syscall.SockFilter{
		{Code: loadWord, K: architectureAt},
		{Code: jumpEqual, K: architecture, Jt: 0, Jf: uint8(len(calls)) + 1},
		{Code: loadWord, K: numberAt},
	}
	for at, call := range calls {
		program = append(program, syscall.SockFilter{Code: jumpEqual, K: call, Jt: uint8(len(calls) - at), Jf: 0})
	}
	return append(program, syscall.SockFilter{Code: answer, K: allow}, syscall.SockFilter{Code: answer, K: answerSuccess})
}
