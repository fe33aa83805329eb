import type { Control } from './control.ts'

/** Controls of what ends or blocks a process: HTTP requests, signed payloads, texts that are slow to read. */
export const hostileInput: readonly Control[] = [
  {
    name: 'http-target',
    why: 'T42: a request whose target is not plainly a path of this server is refused',
    file: 'src/http/request-target.ts',
    find: "if (!path.startsWith('/') || !pathChars.test(path) || !queryChars.test(query)) return undefined",
    replace: "if (!path.startsWith('/')) return undefined",
    tests: ['test/http/request-target.test.ts'],
  },
  {
    name: 'http-body-limit',
    why: 'T42: a body is refused as soon as it is longer than its path accepts',
    file: 'src/http/request-body.ts',
    find: "else resolve({ problem: 'too-long' })",
    replace: 'else parts.length = 0',
    tests: ['test/http/server.test.ts'],
  },
  {
    name: 'http-listener-errors',
    why: 'T42: what a listener throws is answered, and ends nothing else',
    file: 'src/http/server.ts',
    find: 'if (response.headersSent) response.destroy()',
    replace: 'if (response.headersSent || response.writable) response.destroy()',
    tests: ['test/http/server.test.ts'],
  },
  {
    name: 'readiness-cached',
    why: 'T42: asking for readiness often does not ask Slack and the clusters often',
    file: 'src/app/health.ts',
    find: '    readinessCacheMs,\n  )',
    replace: '    readinessCacheMs * 0,\n  )',
    tests: ['test/app/health.test.ts'],
  },
  {
    name: 'unexpected-errors-restart',
    why: 'T42: a process in which errors go on wants to be restarted',
    file: 'src/app/survive-unexpected-errors.ts',
    find: 'return count > maxErrors ?',
    replace: 'return count > maxErrors * 1_000 ?',
    tests: ['test/app/survive-unexpected-errors.test.ts'],
  },
  {
    name: 'slack-payload',
    why: 'T42: a payload that has not the shape of Slack’s is refused, also with a valid signature',
    file: 'adapters/slack/receive.ts',
    find: '    checkPayload(event.body)\n',
    replace: '',
    tests: ['test/redteam/hostile-requests.test.ts'],
  },
  {
    name: 'owner-pattern-reads',
    why: 'T43: what is read of one line for the owner’s expression is bounded',
    file: 'src/core/output/custom-redaction-pattern.ts',
    find: 'reads -= line.length - matcher.start()',
    replace: 'reads -= 0',
    tests: ['test/core/output/custom-redaction-pattern.test.ts'],
  },
  {
    name: 'linear-expressions',
    why: 'T43: an expression that may take more than linear time is refused',
    file: 'src/core/output/sanitise.ts',
    find: 'replaceAll(/\\r+\\n?/g, toLineEnds)',
    replace: "replaceAll(/\\r+\\n/g, '\\n').replaceAll('\\r', '\\n')",
    tests: ['test/dev/regexes.test.ts'],
  },
]
