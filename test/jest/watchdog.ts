import { writeSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'

// A thread beside a test: ends the process when the test keeps it busy beyond its time limit, as then nothing else can.

const { graceMs } = workerData as { graceMs: number }

let timer: NodeJS.Timeout | undefined

parentPort?.on('message', (message: 'ended' | { what: string; limitMs: number }) => {
  clearTimeout(timer)
  if (message === 'ended') return
  const { what, limitMs } = message
  timer = setTimeout(() => {
    const seconds = (limitMs + graceMs) / 1_000
    // Not by the process' own stream, which is written by the thread that hangs.
    writeSync(2, `HANGS ${what}\n  it has kept its process busy for ${seconds} s, so the process is ended\n`)
    process.kill(process.pid, 'SIGKILL')
  }, limitMs + graceMs)
})
