// Command retina-run runs one pipeline inside a debug container and tells its caller, over standard output alone,
// everything that happened: what came on which stream and when, and how it ended.
//
//	retina-run --run ID --deadline SECONDS --max-bytes N --words 2,3 -- iptables -nvL head -n 2
//
// --words says how many of the words after -- belong to each stage, so that no word of a user's has a meaning here. A stage whose
// number ends with a dash (2,3-) runs without any Linux capability.
// Each line that it prints is a frame:
//
//	o SEQ MILLISECONDS BASE64    bytes of the last stage's standard output
//	e SEQ MILLISECONDS BASE64    bytes of any stage's standard error
//	x {JSON}                     the end: exit codes, byte counts and SHA-256 of both streams, and what cut it short
//
// A container's log loses or repeats lines when it is rotated or followed again; SEQ shows it, and the end proves the rest.
// This process can't be read or traced by others of its user, so a tool can't write to its standard output.
//
//	retina-run --stop ID         ends the run of that id in this process namespace, and the container that it keeps
//	retina-run --cancel ID       ends the run alone
//
// Both wait a few seconds for a run that has yet to begin: a container runs, and takes execs, before its program has begun.
//
// With --keep IDLE --life SECONDS the container stays after its run, for further ones by exec, until nothing was run in it for
// IDLE seconds or SECONDS after its start. Such a run is begun and followed by
//
//	retina-run --run ID … --spool -- …
//	retina-run --follow ID
//
// The tool is then nobody's child: its frames go into a file, and both print that file from its first frame on, after a line
// "b ID". Repeated, the first one begins nothing and follows; the second one ends with 3 where there is no such run, with 4 where
// what ran it was killed. The file belongs to the tool's own user, who can change it. So each frame ends with a MAC: base64 of the first
// 16 bytes of HMAC-SHA256, with a key that --spool reads from its standard input (a line with 32 bytes as base64), over the run's id, a
// line end and the frame. Both go on until nothing writes the file any more, whatever stands in it.
//
//	retina-run --standby SECONDS
//
// waits for one line on its standard input, {"words": [the words of a command with --spool], "key": "its key"}, and is that command from
// then on: a run then begins without waiting for an exec. A longer deadline than SECONDS is refused. It ends if the line doesn't come.
//
//	retina-run --session ID --detached SECONDS --max SECONDS --size 80x24 -- bash
//
// begins an interactive session: a shell at a terminal of its own, in a process that outlives the caller, which gives it the key of its
// frames as --spool does. The shell gets SIGHUP, and two seconds later SIGKILL with all that it began, when nobody was attached for
// so long, when its time is over, and at --stop. Repeated, it begins nothing; in a container that isn't held for it by --hold neither.
//
//	retina-run --attach ID
//
// connects standard input and output with the session: session_frames.go says what they say to each other. A caller with the key gets the
// output from the byte on that they name, and types. It ends with 3 where there is no such session, with 4 where it was killed.
//
//	retina-run --hold ID --life SECONDS
//
// keeps a container open for one session, until that is over, or for so long.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() {
	protect()
	if len(os.Args) > 3 && os.Args[1] == bareStage {
		runBare(os.Args[2], os.Args[3:])
	}
	if len(os.Args) > 1 && os.Args[1] == batchStage {
		os.Exit(runBatch(os.Args[2:]))
	}
	run := flag.String("run", "", "id of the run, for --stop")
	stop := flag.String("stop", "", "end the run of this id, and the container that it keeps")
	cancel := flag.String("cancel", "", "end the run of this id")
	followed := flag.String("follow", "", "print what the run of this id has said and says")
	idle := flag.Int("keep", 0, "seconds for which the container stays after it was used")
	life := flag.Int("life", 0, "seconds after which it ends in any case")
	spool := flag.Bool("spool", false, "run it apart from the caller, and follow it")
	deadline := flag.Int("deadline", 60, "seconds until the tool is ended")
	maxBytes := flag.Int64("max-bytes", 1<<20, "bytes of output after which the tool is ended")
	words := flag.String("words", "", "how many words each stage has: 2,3- (a dash: without capabilities)")
	sessions := sessionFlags()
	stands := len(os.Args) == 3 && os.Args[1] == "--standby"
	longest := 0
	var key []byte
	if stands {
		longest, key = standBy(os.Args[2], os.Stdin)
	}
	flag.Parse()
	// Who may have it stand ready may have it begin a run that ends, and nothing else: what was allowed is all in its own two words.
	if stands && (!*spool || *deadline > longest || *idle != 0 || *stop+*cancel+*followed != "" || sessions.given()) {
		fmt.Fprintln(os.Stderr, "retina-run: --standby begins only runs with --spool, of at most", longest, "seconds")
		os.Exit(2)
	}

	for _, each := range []struct {
		run    string
		signal syscall.Signal
	}{{*stop, syscall.SIGTERM}, {*cancel, syscall.SIGINT}} {
		if each.run != "" {
			os.Exit(stopRun(each.run, each.signal))
		}
	}
	if *followed != "" {
		os.Exit(followOnly(*followed))
	}
	if sessions.given() {
		os.Exit(sessions.run(seconds(*life), flag.Args()))
	}
	stages, bare, err := split(flag.Args(), *words)
	if err != nil || !isID.MatchString(*run) {
		fmt.Fprintln(os.Stderr, "retina-run: --run and --words must fit the words after --:", err)
		os.Exit(2)
	}
	if *spool && os.Getenv(spooled) == "" {
		if key == nil {
			key = readKey(os.Stdin)
		}
		if len(key) != keyBytes {
			fmt.Fprintln(os.Stderr, "retina-run: --spool wants a key on its standard input")
			os.Exit(2)
		}
		if err := begin(*run, key); err != nil {
			fmt.Fprintln(os.Stderr, "retina-run: it could not be begun:", err)
			os.Exit(unreadable)
		}
		os.Exit(followOnly(*run))
	}
	if *spool {
		key = takeKey(os.Stdin)
	}
	os.Unsetenv(spooled)
	keeper := keeper{seconds(*idle), seconds(*life), time.Now()}
	// One channel for both, so that nothing is lost between the run's end and the keeper's begin.
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	frames := newFrames(os.Stdout, *maxBytes, signature{*run, key})
	exit, stopped := runPipeline(stages, bare, seconds(*deadline), frames, signals)
	if *idle > 0 && !stopped {
		keeper.keep(signals)
	}
	os.Exit(exit)
}

// Says to the process that begin starts that it is the one which runs the tool.
const spooled = "RETINA_SPOOLED"

// A run's id is part of a file's name here.
var isID = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

// followOnly outlives what ends the run: it has to tell of it.
func followOnly(run string) int {
	signal.Ignore(syscall.SIGTERM, syscall.SIGINT)
	if !isID.MatchString(run) {
		return noSuchRun
	}
	return follow(run, os.Stdout)
}

// runPipeline writes all frames to standard output, and answers the exit code and whether everything here has to end.
func runPipeline(stages [][]string, bare []bool, deadline time.Duration, frames *frames, signals <-chan os.Signal) (exit int, stopped bool) {
	pipeline := start(stages, bare, frames)
	timer := time.NewTimer(deadline)
	ended := make(chan struct{})
	go func() { pipeline.wait(); close(ended) }()

	why := ""
	for why == "" {
		select {
		case <-ended:
			why = "ended"
		case <-timer.C:
			why = "deadline"
		case by := <-signals:
			why = "stopped"
			stopped = by == syscall.SIGTERM
		case <-frames.full:
			why = "output-limit"
		}
	}
	if why != "ended" {
		pipeline.end(ended)
	}
	return frames.close(why, pipeline.codes()), stopped
}

// split answers the words of each stage, and which stages run without capabilities.
func split(words []string, counts string) (stages [][]string, bare []bool, err error) {
	for _, count := range strings.Split(counts, ",") {
		number, isBare := strings.CutSuffix(count, "-")
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 || n > len(words) {
			return nil, nil, fmt.Errorf("--words %q", counts)
		}
		stages = append(stages, words[:n])
		bare = append(bare, isBare)
		words = words[n:]
	}
	if len(words) > 0 {
		return nil, nil, fmt.Errorf("%d words too many", len(words))
	}
	return stages, bare, nil
}
