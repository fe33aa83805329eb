import { pino } from 'pino'
import type { Log } from '#core/ports/log'

/** Names of fields that never reach a log, at any depth that our own records have. */
const secrets = ['token', 'secret', 'password', 'authorization', 'cookie', 'signature']

/** Structured logs, one JSON object a line, to standard error; standard output is for people. */
export function createLogger(level: 'debug' | 'info' | 'warn' | 'error'): Log {
  const paths = secrets.flatMap((name) => [name, `*.${name}`, `*.*.${name}`])
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, redact: paths }
  return pino(options, pino.destination({ dest: 2, sync: true }))
}
