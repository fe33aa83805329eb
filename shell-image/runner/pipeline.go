package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// How long a tool has between being asked to end and being ended.
const grace = 2 * time.Second

// How long output may still come after every stage has ended: a child of a tool can hold its pipe open for ever.
const lastWords = time.Second

type pipeline struct {
	stages  []*exec.Cmd
	failed  []int
	readers sync.WaitGroup
	pipes   []*os.File
}

// start begins all stages, joined by pipes; the first one reads nothing. A stage that can't be started says so on
// standard error and counts as ended, with the codes that shells use: 127 not found, 126 not executable.
// A stage that is marked in `bare` has no capabilities.
func start(stages [][]string, bare []bool, out *frames) *pipeline {
	p := &pipeline{failed: make([]int, len(stages))}
	var input *os.File
	stderrRead, stderrWrite, _ := os.Pipe()
	for index, words := range stages {
		read, write, _ := os.Pipe()
		command := commandOf(words, bare[index])
		command.Stdout = write
		command.Stderr = stderrWrite
		if input != nil {
			command.Stdin = input
		}
		// A group of its own, so that what a tool starts ends with it.
		command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		if err := command.Start(); err != nil {
			p.failed[index] = complain(out, words[0], err)
		}
		write.Close()
		if input != nil {
			input.Close()
		}
		input = read
		p.stages = append(p.stages, command)
	}
	stderrWrite.Close()
	p.pipes = []*os.File{input, stderrRead}
	p.readers.Go(func() { out.copy('o', input) })
	p.readers.Go(func() { out.copy('e', stderrRead) })
	return p
}

// commandOf answers a stage's program; where it isn't found, starting it says so.
func commandOf(words []string, bare bool) *exec.Cmd {
	command := exec.Command(words[0], words[1:]...)
	if !bare || command.Err != nil {
		return command
	}
	return exec.Command("/proc/self/exe", append([]string{bareStage, command.Path}, words...)...)
}

func complain(out *frames, program string, err error) int {
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
		out.write('e', []byte(program+": not found in this image\n"))
		return 127
	}
	out.write('e', []byte(program+": "+err.Error()+"\n"))
	return 126
}

// wait returns when every stage has ended and its output has been read.
func (p *pipeline) wait() {
	for _, stage := range p.stages {
		if stage.Process != nil {
			stage.Wait()
		}
	}
	read := make(chan struct{})
	go func() { p.readers.Wait(); close(read) }()
	select {
	case <-read:
	case <-time.After(lastWords):
		p.signal(syscall.SIGKILL)
		// Not closed: where the caller reads slowly, what the tool wrote may still stand in them.
		for _, pipe := range p.pipes {
			pipe.SetReadDeadline(time.Now())
		}
		<-read
	}
}

// end asks all stages to end, and ends them when they don't.
func (p *pipeline) end(ended <-chan struct{}) {
	p.signal(syscall.SIGTERM)
	select {
	case <-ended:
		return
	case <-time.After(grace):
	}
	p.signal(syscall.SIGKILL)
	<-ended
}

func (p *pipeline) signal(signal syscall.Signal) {
	for _, stage := range p.stages {
		if stage.Process != nil {
			syscall.Kill(-stage.Process.Pid, signal)
		}
	}
}

// codes are the stages' exit codes; 128 + n for one that a signal ended.
func (p *pipeline) codes() []int {
	codes := make([]int, len(p.stages))
	for index, stage := range p.stages {
		switch {
		case p.failed[index] != 0:
			codes[index] = p.failed[index]
		case stage.ProcessState == nil:
			codes[index] = 137
		default:
			status := stage.ProcessState.Sys().(syscall.WaitStatus)
			codes[index] = status.ExitStatus()
			if status.Signaled() {
				codes[index] = 128 + int(status.Signal())
			}
		}
	}
	return codes
}

// How long a container's own program may take to begin: a runtime says that a container runs just before it becomes that program.
const programStart = 5 * time.Second

// How long to wait between two looks at all processes, of which a node has many.
const programInterval = 50 * time.Millisecond

// isSoon looks until what it is given is true, for as long as a container's own program may take to begin.
func isSoon(holds func() bool) bool {
	for until := time.Now().Add(programStart); !holds(); time.Sleep(programInterval) {
		if time.Now().After(until) {
			return false
		}
	}
	return true
}

// stopRun gives a signal to a run or session, also if its container has only just started. Returns the exit code.
func stopRun(run string, signal syscall.Signal) int {
	if !isSoon(func() bool { return tell(run, signal) }) {
		os.Stderr.WriteString("retina-run: no run " + run + " here\n")
		return 1
	}
	return 0
}

// tell gives a signal to the runner of that run or session, and to what holds its container, found among all processes that are seen here;
// false where there is none.
func tell(run string, signal syscall.Signal) bool {
	found := false
	for _, pid := range append(append(runners("--run", run), runners("--session", run)...), runners("--hold", run)...) {
		found = syscall.Kill(pid, signal) == nil || found
	}
	return found
}

// runners answers the other processes of this program that begin with a flag and an id. Its own flags stand first, so a tool's words
// can't pass for a run.
func runners(flag, id string) []int {
	var found []int
	entries, _ := os.ReadDir("/proc")
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		line, _ := os.ReadFile("/proc/" + entry.Name() + "/cmdline")
		words := bytes.Split(line, []byte{0})
		if len(words) > 2 && bytes.HasSuffix(words[0], []byte("retina-run")) && string(words[1]) == flag && string(words[2]) == id {
			found = append(found, pid)
		}
	}
	return found
}
