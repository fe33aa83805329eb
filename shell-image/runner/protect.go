package main

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
	"unsafe"
)

const (
	prSetDumpable   = 4
	prSetNoNewPrivs = 38
	prCapAmbient    = 47
	ambientClearAll = 4
	capabilitiesV3  = 0x20080522
)

// First word of a stage that runs without capabilities; the path of its program and its words follow.
const bareStage = "--bare"

// protect makes this process one that others of its user can neither trace nor open by /proc: not its standard output, not its memory
// with the key of a run. The image has this program without read permission, so that it is so from its first instruction on.
func protect() {
	syscall.RawSyscall(syscall.SYS_PRCTL, prSetDumpable, 0, 0)
}

// runBare becomes the program of a stage that needs no capability, without any, and without a way to get one back: as root it would
// have all of the container's again after exec. Source: capabilities(7), "Capabilities and execution of programs by root".
func runBare(path string, words []string) {
	// Capabilities belong to a thread, and exec takes those of the thread that calls it.
	runtime.LockOSThread()
	header := struct {
		version uint32
		pid     int32
	}{version: capabilitiesV3}
	var none [6]uint32
	_, _, failed := syscall.RawSyscall6(syscall.SYS_PRCTL, prSetNoNewPrivs, 1, 0, 0, 0, 0)
	if failed == 0 {
		// Kernels before 4.3 have no ambient capabilities.
		syscall.RawSyscall6(syscall.SYS_PRCTL, prCapAmbient, ambientClearAll, 0, 0, 0, 0)
		_, _, failed = syscall.RawSyscall(syscall.SYS_CAPSET, uintptr(unsafe.Pointer(&header)), uintptr(unsafe.Pointer(&none)), 0)
	}
	if failed != 0 {
		fmt.Fprintln(os.Stderr, "retina-run: capabilities could not be dropped:", failed)
		os.Exit(126)
	}
	err := syscall.Exec(path, words, os.Environ())
	fmt.Fprintf(os.Stderr, "%s: %v\n", words[0], err)
	os.Exit(126)
}
