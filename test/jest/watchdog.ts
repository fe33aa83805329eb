import { writeSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'

// A thread that kills the process if a test keeps its main thread busy beyond the test's time limit, as nothing else can then.

const { graceMs } = workerData as { graceMs: number }

let timer: NodeJS.Timeout | undefined

parentPort?.on('message', (message: 'ended' | { what: string; limitMs: number }) => {
  clearTimeout(timer)
  if (message === 'ended') return
  const { what, limitMs } = message
  timer = setTimeout(() => {
    const seconds = (limitMs + graceMs) / 1_000
    // Not process.stderr, which the hanging main thread would have to write.
    writeSync(2, `HANGS ${what}\n  it has kept its process busy for ${seconds} s, so the process is ended\n`)
    process.kill(process.pid, 'SIGKILL')
  }, limitMs + graceMs)
})
