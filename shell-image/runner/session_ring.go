package main

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
)

// Output that is held until somebody has acknowledged it.
const ringBytes = 1 << 20

// What a terminal may still hold when its shell has ended: it is taken although the ring is full.
const lastBytes = 128 << 10

// ring holds the newest output; bytes are numbered from the session's start on.
type ring struct {
	bytes [ringBytes + lastBytes]byte
	// Number of the byte after the newest one, and of the first that nobody has acknowledged.
	total, acked int64
	sum          hash.Hash
}

func newRing() *ring { return &ring{sum: sha256.New()} }

// start answers the number of the oldest byte that is still there.
func (r *ring) start() int64 { return max(0, r.total-int64(len(r.bytes))) }

// add appends bytes; the caller sees to it that nothing is overwritten that wasn't acknowledged.
func (r *ring) add(data []byte) {
	r.sum.Write(data)
	for len(data) > 0 {
		n := copy(r.bytes[r.total%int64(len(r.bytes)):], data)
		r.total += int64(n)
		data = data[n:]
	}
}

// read fills a buffer with what begins at a number, as far as it is there.
func (r *ring) read(from int64, into []byte) int {
	wanted := int(min(int64(len(into)), r.total-from))
	for done := 0; done < wanted; {
		done += copy(into[done:wanted], r.bytes[(from+int64(done))%int64(len(r.bytes)):])
	}
	return wanted
}

func (r *ring) sha256() string { return hex.EncodeToString(r.sum.Sum(nil)) }
