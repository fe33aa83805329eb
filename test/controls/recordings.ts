import type { Control } from './control.ts'

/** Controls of recordings of interactive sessions. */
export const recordings: readonly Control[] = [
  {
    name: 'recorded-before-shown',
    why: 'T51: output is shown once it is recorded',
    file: 'src/terminal/recorder.ts',
    find: "queue.add({ event: eventOf('o', fresh, upTo), from, bytes, show })",
    replace: "show(from, bytes)\n      queue.add({ event: eventOf('o', fresh, upTo), done: () => undefined })",
    tests: ['test/terminal/recorder.test.ts'],
  },
  {
    name: 'recording-chain',
    why: 'T32: a recording whose chain of hashes has another head is not used',
    file: 'src/terminal/recording/read-recording.ts',
    find: 'if (hash !== recording.hash)',
    replace: "if (hash === '')",
    tests: ['test/terminal/recording/read-recording.test.ts'],
  },
  {
    name: 'recording-place',
    why: 'T32: an event opens at its own place only',
    file: 'src/terminal/recording/cipher.ts',
    find: '`recording:${id}:${number}`',
    replace: '`recording:${id}:${number * 0}`',
    tests: ['test/terminal/recording/read-recording.test.ts'],
  },
  {
    name: 'replay-right',
    why: 'T32: others’ recordings are replayed only by the right',
    file: 'src/core/policy/replay-right.ts',
    find: "set.recordings === 'raw'",
    replace: "set.name !== ''",
    tests: ['test/bot/handlers/recordings.test.ts'],
  },
  {
    name: 'typed-echo',
    why: 'T51: typed input is recorded only as far as it was echoed',
    file: 'src/core/recording/typed-lines.ts',
    find: 'if (line.waiting[0]?.character !== character) {',
    replace: "if (line.waiting[0]?.character === '') {",
    tests: ['test/core/recording/typed-lines.test.ts'],
  },
]
