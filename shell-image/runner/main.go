// Command retina-run runs one pipeline inside a debug container and tells its caller, over standard output alone,
// everything that happened: what came on which stream and when, and how it ended.
//
//	retina-run --run ID --deadline SECONDS --max-bytes N --words 2,3 -- iptables -nvL head -n 2
//
// --words says how many of the words after -- belong to each stage, so that no word of a user's has a meaning here.
// Each line that it prints is a frame:
//
//	o SEQ MILLISECONDS BASE64    bytes of the last stage's standard output
//	e SEQ MILLISECONDS BASE64    bytes of any stage's standard error
//	x {JSON}                     the end: exit codes, byte counts and SHA-256 of both streams, and what cut it short
//
// A container's log loses or repeats lines when it is rotated or followed again; SEQ shows it, and the end proves the rest.
//
//	retina-run --stop ID         ends the run of that id in this process namespace
package main

import (
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() {
	run := flag.String("run", "", "id of the run, for --stop")
	stop := flag.String("stop", "", "end the run of this id")
	deadline := flag.Int("deadline", 60, "seconds until the tool is ended")
	maxBytes := flag.Int64("max-bytes", 1<<20, "bytes of output after which the tool is ended")
	words := flag.String("words", "", "how many words each stage has: 2,3")
	flag.Parse()

	if *stop != "" {
		os.Exit(stopRun(*stop))
	}
	stages, err := split(flag.Args(), *words)
	if err != nil || *run == "" {
		fmt.Fprintln(os.Stderr, "retina-run: --run and --words must fit the words after --:", err)
		os.Exit(2)
	}
	frames := newFrames(os.Stdout, *maxBytes)
	pipeline := start(stages, frames)

	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	timer := time.NewTimer(time.Duration(*deadline) * time.Second)
	ended := make(chan struct{})
	go func() { pipeline.wait(); close(ended) }()

	why := ""
	for why == "" {
		select {
		case <-ended:
			why = "ended"
		case <-timer.C:
			why = "deadline"
		case <-signals:
			why = "stopped"
		case <-frames.full:
			why = "output-limit"
		}
	}
	if why != "ended" {
		pipeline.end(ended)
	}
	os.Exit(frames.close(why, pipeline.codes()))
}

func split(words []string, counts string) ([][]string, error) {
	var stages [][]string
	for _, count := range strings.Split(counts, ",") {
		n, err := strconv.Atoi(count)
		if err != nil || n < 1 || n > len(words) {
			return nil, fmt.Errorf("--words %q", counts)
		}
		stages = append(stages, words[:n])
		words = words[n:]
	}
	if len(words) > 0 {
		return nil, fmt.Errorf("%d words too many", len(words))
	}
	return stages, nil
}
