import { pino } from 'pino'
import type { Log } from '#core/ports/log'

/** Names of fields that never reach a log, at any depth that this program's records have. */
const secrets = ['token', 'secret', 'password', 'authorization', 'cookie', 'signature']

/** Creates a logger that writes one JSON object per line to standard error; standard output is for people. */
export function createLogger(level: 'debug' | 'info' | 'warn' | 'error'): Log {
  const paths = secrets.flatMap((name) => [name, `*.${name}`, `*.*.${name}`])
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, redact: paths }
  return pino(options, pino.destination({ dest: 2, sync: true }))
}
