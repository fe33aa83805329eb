package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// First word of a stage that is a batch: commands that run beside each other, each with limits of its own.
//
//	retina-run --batch --again-after 5 --parallel 4 --deadline 10 --max-bytes 65536 --total 700000 --words 2,3-,2+ -- …
//
// --words says how many of the words after -- belong to each command: with a dash it runs without any Linux capability, with a plus it
// begins --again-after seconds after the batch. Each line of a command's output is printed behind its number and "|", so that no output
// can pass for another's; "NUMBER=EXIT" ends it, or "NUMBER=deadline", "NUMBER=output-limit". Of an output that is longer than
// --max-bytes, the lines are counted: "NUMBER#LINES". A word that names interfaces (interfaces.go) is replaced: "NUMBER@eth0" says by what,
// and a command that is repeated for several has the numbers 3.0, 3.1; "NUMBER=no-interface" where there is none.
const batchStage = "--batch"

type batchCommand struct {
	number string
	// Name of the interface that a word was replaced by.
	interfaceName string
	words         []string
	bare          bool
	later         bool
}

// limited keeps the first bytes of an output, counts the lines of all of it, and says when there are far more.
type limited struct {
	// Not embedded: its ReadFrom would be used instead of Write, without any limit.
	kept  bytes.Buffer
	most  int
	seen  int
	lines int
	full  bool
	over  func()
}

// Of an output that is longer than what is kept, so many times as much is read, to count its lines.
const countedTimes = 256

func (l *limited) Write(piece []byte) (int, error) {
	l.lines += bytes.Count(piece, []byte("\n"))
	before := l.seen
	l.seen += len(piece)
	if l.seen > l.most*countedTimes && before <= l.most*countedTimes {
		l.over()
	}
	if left := l.most - l.kept.Len(); len(piece) > left {
		l.kept.Write(piece[:left])
		l.full = true
		return len(piece), nil
	}
	return l.kept.Write(piece)
}

// runBatch runs the commands of a batch, and answers the exit code: 0 where all of them were run, whatever they said.
func runBatch(arguments []string) int {
	flags := flag.NewFlagSet(batchStage, flag.ContinueOnError)
	againAfter := flags.Int("again-after", 0, "seconds until the commands with a plus begin")
	parallel := flags.Int("parallel", 4, "commands that run at the same time")
	deadline := flags.Int("deadline", 10, "seconds until a command is ended")
	maxBytes := flags.Int("max-bytes", 1<<16, "bytes of a command's output")
	total := flags.Int("total", 1<<20, "bytes of all outputs")
	counts := flags.String("words", "", "how many words each command has")
	if flags.Parse(arguments) != nil {
		return 2
	}
	commands, err := splitBatch(flags.Args(), *counts)
	commands = withInterfaces(commands)
	if err != nil || *parallel < 1 {
		fmt.Fprintln(os.Stderr, "retina-run: --batch:", err)
		return 2
	}
	begin := time.Now()
	stopped := make(chan os.Signal, 1)
	signal.Notify(stopped, syscall.SIGTERM, syscall.SIGINT)
	printer := printer{out: os.Stdout, left: *total}
	slots := make(chan struct{}, *parallel)
	var all sync.WaitGroup
	var running sync.Map
	go func() {
		<-stopped
		running.Range(func(pid, _ any) bool { syscall.Kill(-pid.(int), syscall.SIGKILL); return true })
		os.Exit(143)
	}()
	for _, each := range commands {
		all.Go(func() {
			if each.later {
				time.Sleep(time.Until(begin.Add(seconds(*againAfter))))
			}
			slots <- struct{}{}
			defer func() { <-slots }()
			printer.print(each, runOne(each, seconds(*deadline), *maxBytes, &running))
		})
	}
	all.Wait()
	return 0
}

type outcome struct {
	output []byte
	end    string
	// Lines of an output that is not kept whole.
	lines int
}

func runOne(each batchCommand, deadline time.Duration, maxBytes int, running *sync.Map) outcome {
	if len(each.words) == 0 {
		return outcome{nil, "no-interface", 0}
	}
	command := commandOf(each.words, each.bare)
	ended := make(chan string, 2)
	output := &limited{most: maxBytes, over: func() { ended <- "output-limit" }}
	command.Stdout, command.Stderr = output, output
	command.WaitDelay = lastWords
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := command.Start(); err != nil {
		if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
			return outcome{[]byte(each.words[0] + ": not found in this image\n"), "127", 0}
		}
		return outcome{[]byte(each.words[0] + ": " + err.Error() + "\n"), "126", 0}
	}
	pid := command.Process.Pid
	running.Store(pid, true)
	defer running.Delete(pid)
	finished := make(chan struct{})
	go func() { command.Wait(); close(finished) }()
	timer := time.NewTimer(deadline)
	defer timer.Stop()
	why, lines := "", 0
	select {
	case <-finished:
	case why = <-ended:
	case <-timer.C:
		why = "deadline"
	}
	syscall.Kill(-pid, syscall.SIGKILL)
	<-finished
	if output.full {
		lines = output.lines
		why = "output-limit"
	}
	if why == "" {
		status := command.ProcessState.Sys().(syscall.WaitStatus)
		code := status.ExitStatus()
		if status.Signaled() {
			code = 128 + int(status.Signal())
		}
		why = strconv.Itoa(code)
	}
	return outcome{output.kept.Bytes(), why, lines}
}

// printer prints the outputs of one command after the other, each whole.
type printer struct {
	sync.Mutex
	out  io.Writer
	left int
}

func (p *printer) print(of batchCommand, result outcome) {
	p.Lock()
	defer p.Unlock()
	prefix := of.number
	var text bytes.Buffer
	// A carriage return would start a line without its number where it is shown.
	plain := bytes.ReplaceAll(bytes.ReplaceAll(result.output, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
	for line := range bytes.SplitSeq(bytes.TrimSuffix(plain, []byte("\n")), []byte("\n")) {
		if len(plain) > 0 {
			text.WriteString(prefix + "|")
			text.Write(line)
			text.WriteByte('\n')
		}
	}
	if text.Len() > p.left {
		text.Reset()
		result.end = "output-limit"
	}
	p.left -= text.Len()
	if of.interfaceName != "" {
		text.WriteString(prefix + "@" + of.interfaceName + "\n")
	}
	if result.lines > 0 {
		text.WriteString(prefix + "#" + strconv.Itoa(result.lines) + "\n")
	}
	text.WriteString(prefix + "=" + result.end + "\n")
	p.out.Write(text.Bytes())
}

func splitBatch(words []string, counts string) (commands []batchCommand, err error) {
	for number, count := range strings.Split(counts, ",") {
		rest, isLater := strings.CutSuffix(count, "+")
		rest, isBare := strings.CutSuffix(rest, "-")
		n, err := strconv.Atoi(rest)
		if err != nil || n < 1 || n > len(words) {
			return nil, fmt.Errorf("--words %q", counts)
		}
		commands = append(commands, batchCommand{strconv.Itoa(number), "", words[:n], isBare, isLater})
		words = words[n:]
	}
	if len(words) > 0 {
		return nil, fmt.Errorf("%d words too many", len(words))
	}
	return commands, nil
}
