package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"unsafe"
)

type terminalSize struct{ cols, rows uint16 }

// Characters of a line, and lines, at the most.
const largestSize = 1000

func (s terminalSize) valid() bool {
	return s.cols >= 1 && s.cols <= largestSize && s.rows >= 1 && s.rows <= largestSize
}

// parseSize reads 80x24: columns and rows.
func parseSize(text string) (terminalSize, bool) {
	columns, lines, _ := strings.Cut(text, "x")
	cols, errCols := strconv.ParseUint(columns, 10, 16)
	rows, errRows := strconv.ParseUint(lines, 10, 16)
	size := terminalSize{uint16(cols), uint16(rows)}
	return size, errCols == nil && errRows == nil && size.valid()
}

// openPty answers both ends of a new pseudoterminal.
func openPty(size terminalSize) (master, slave *os.File, err error) {
	master, err = os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	var number, unlocked int32
	err = ioctl(master, syscall.TIOCGPTN, unsafe.Pointer(&number))
	if err == nil {
		err = ioctl(master, syscall.TIOCSPTLCK, unsafe.Pointer(&unlocked))
	}
	if err == nil {
		err = setSize(master, size)
	}
	if err == nil {
		slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY|syscall.O_CLOEXEC, 0)
	}
	if err != nil {
		master.Close()
		return nil, nil, err
	}
	return master, slave, nil
}

func setSize(master *os.File, size terminalSize) error {
	window := [4]uint16{size.rows, size.cols}
	return ioctl(master, syscall.TIOCSWINSZ, unsafe.Pointer(&window))
}

// echoFlags answers what the terminal does with what is typed, as the content of a frame: 1 it is echoed, 2 it is read by lines.
func echoFlags(master *os.File) (byte, error) {
	var settings syscall.Termios
	if err := ioctl(master, syscall.TCGETS, unsafe.Pointer(&settings)); err != nil {
		return 0, err
	}
	flags := byte(0)
	if settings.Lflag&syscall.ECHO != 0 {
		flags |= 1
	}
	if settings.Lflag&syscall.ICANON != 0 {
		flags |= 2
	}
	return flags, nil
}

// foreground answers the process group that reads the terminal; 0 where there is none.
func foreground(master *os.File) int {
	var group int32
	if ioctl(master, syscall.TIOCGPGRP, unsafe.Pointer(&group)) != nil {
		return 0
	}
	return int(group)
}

// ioctl doesn't take the descriptor out of the poller, as Fd would.
func ioctl(file *os.File, request uintptr, argument unsafe.Pointer) error {
	raw, err := file.SyscallConn()
	if err != nil {
		return err
	}
	var failed syscall.Errno
	if err := raw.Control(func(fd uintptr) {
		_, _, failed = syscall.Syscall(syscall.SYS_IOCTL, fd, request, uintptr(argument))
	}); err != nil {
		return err
	}
	if failed != 0 {
		return failed
	}
	return nil
}
