package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// Frames of runs that began by exec: a worker that follows one reads them from their first on, as often as it takes.
// A variable, so that tests build a runner with a folder of their own.
var spoolFolder = "/tmp"

// What --follow ends with, besides 0.
const (
	noSuchRun  = 3
	cutOff     = 4
	unreadable = 5
)

func spoolOf(run string) string {
	return filepath.Join(spoolFolder, "retina-"+run)
}

func spools() []string {
	paths, _ := filepath.Glob(spoolOf("*"))
	return paths
}

// begin starts the run as a process of its own, which outlives this one and its caller. A run that was begun before isn't
// begun again.
func begin(run string, key []byte) error {
	path := spoolOf(run)
	if _, err := os.Lstat(path); err == nil {
		return nil
	}
	// Locked before it has its name: nobody can meet frames that nobody seems to write.
	own := fmt.Sprintf("%s/.retina-%s-%d", spoolFolder, run, os.Getpid())
	file, err := os.OpenFile(own, os.O_CREATE|os.O_EXCL|os.O_RDWR|os.O_APPEND|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	defer os.Remove(own)
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != nil {
		return err
	}
	if err := os.Link(own, path); err != nil {
		if errors.Is(err, os.ErrExist) {
			return nil
		}
		return err
	}
	// The same words, so that --stop finds it; the lock is the file's, and the child's from here on.
	command := exec.Command("/proc/self/exe", os.Args[1:]...)
	command.Args[0] = os.Args[0]
	command.Env = append(os.Environ(), spooled+"=1")
	command.Stdout = file
	command.Dir = "/"
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	// Never by its words or its environment, which others of its user can read.
	read, write, err := os.Pipe()
	if err != nil {
		os.Remove(path)
		return err
	}
	defer write.Close()
	command.Stdin = read
	err = command.Start()
	read.Close()
	if err != nil {
		os.Remove(path)
		return err
	}
	_, err = write.Write(key)
	return err
}

// follow prints a run's frames from the first one on, until nothing writes them any more: a last frame may be the tool's own work.
func follow(run string, out io.Writer) int {
	file, err := os.OpenFile(spoolOf(run), os.O_RDONLY|syscall.O_NOFOLLOW, 0)
	if errors.Is(err, os.ErrNotExist) {
		fmt.Fprintln(os.Stderr, "retina-run: no run", run, "here")
		return noSuchRun
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "retina-run:", err)
		return unreadable
	}
	defer file.Close()
	// Says that it was begun, before it has said anything.
	fmt.Fprintf(out, "b %s\n", run)
	changes := watch(file.Name())
	defer changes.close()
	tail := lastLine{}
	buffer := make([]byte, 64*1024)
	for {
		alive := isLocked(file)
		for {
			n, err := file.Read(buffer)
			if n == 0 || err != nil {
				break
			}
			tail.add(buffer[:n])
			if _, err := out.Write(buffer[:n]); err != nil {
				return unreadable
			}
		}
		if !alive && tail.isEnd() {
			return 0
		}
		if !alive {
			fmt.Fprintln(os.Stderr, "retina-run: the run", run, "was cut off")
			return cutOff
		}
		changes.wait(time.Second)
	}
}

// isHeld is true while the process that writes these frames lives.
func isHeld(path string) bool {
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return false
	}
	defer file.Close()
	return isLocked(file)
}

// isLocked is true while another process has this file locked: the file that was opened, whatever has its name by now.
func isLocked(file *os.File) bool {
	defer syscall.Flock(int(file.Fd()), syscall.LOCK_UN)
	return errors.Is(syscall.Flock(int(file.Fd()), syscall.LOCK_SH|syscall.LOCK_NB), syscall.EWOULDBLOCK)
}

// lastLine knows whether the last whole line that came is the end of a run.
type lastLine struct {
	isX, whole, within bool
}

func (l *lastLine) add(data []byte) {
	for len(data) > 0 {
		if !l.within {
			l.isX, l.within = data[0] == 'x', true
		}
		at := bytes.IndexByte(data, '\n')
		l.whole = at != -1
		if at == -1 {
			return
		}
		l.within = false
		data = data[at+1:]
	}
}

func (l *lastLine) isEnd() bool { return l.isX && l.whole }
