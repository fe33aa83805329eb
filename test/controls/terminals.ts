import type { Control } from './control.ts'

const rights = 'src/terminal/find-lost-right.ts'
const session = 'src/core/terminal/terminal-session.ts'

/** Controls of interactive sessions: their links, the browsers that may connect, and rights while they are open. */
export const terminals: readonly Control[] = [
  {
    name: 'shell-link-once',
    why: 'T29: the link of a session works once',
    file: session,
    find: 'return { ...rest, spent, browser:',
    replace: 'return { ...rest, ...session, spent, browser:',
    tests: ['test/core/terminal/terminal-session.test.ts'],
  },
  {
    name: 'shell-link-token',
    why: 'T29: a session is opened by its newest link only',
    file: session,
    find: 'if (link?.hash !== hash) {',
    replace: 'if (link === undefined) {',
    tests: ['test/core/terminal/terminal-session.test.ts'],
  },
  {
    name: 'shell-link-expires',
    why: 'T29: the link of a session expires',
    file: session,
    find: 'if (Date.parse(link.until) <= Date.parse(now))',
    replace: 'if (Date.parse(link.until) <= 0)',
    tests: ['test/core/terminal/terminal-session.test.ts'],
  },
  {
    name: 'shell-browser',
    why: 'T29, T30: only the browser that used the link connects',
    file: 'src/terminal/serve-browser.ts',
    find: ' || !isProven(key, { origin, id: hello.id, nonce }, hello.proof)',
    replace: '',
    tests: ['test/flow/terminal-links.test.ts'],
  },
  {
    name: 'shell-nonce',
    why: 'T30: a proof is valid for one connection',
    file: 'src/terminal/proof.ts',
    find: "return randomBytes(32).toString('base64url')",
    replace: "return randomBytes(32).fill(0).toString('base64url')",
    tests: ['test/flow/terminal-links.test.ts'],
  },
  {
    name: 'shell-origin',
    why: 'T30: a page of another site opens no WebSocket',
    file: 'src/terminal/server.ts',
    find: 'if (request.headers.origin !== context.url.origin)',
    replace: "if (request.headers.origin === '')",
    tests: ['test/flow/terminal-links.test.ts'],
  },
  {
    name: 'shell-rights',
    why: 'T31: a session whose person lost a right is ended while it is open',
    file: 'src/terminal/jobs.ts',
    find: "if (lost !== undefined && lost !== 'unknown') {",
    replace: "if (lost !== undefined && lost !== 'unknown' && run.id === '') {",
    tests: ['test/flow/terminal-rights.test.ts'],
  },
  {
    name: 'shell-rights-new-policy',
    why: 'T31: a changed policy is applied to open sessions at once',
    file: 'src/terminal/jobs.ts',
    find: 'isPaused || areRulesNew ||',
    replace: 'isPaused ||',
    tests: ['test/flow/terminal-rights.test.ts'],
  },
  {
    name: 'shell-rights-connection',
    why: 'T31: rights are asked again at each connection',
    file: 'src/terminal/serve-browser.ts',
    find: 'const over = lost ?? findTimeUp(',
    replace: 'const over = findTimeUp(',
    tests: ['test/flow/terminal-rights.test.ts'],
  },
  {
    name: 'shell-rights-account',
    why: 'T31: an account that is deactivated ends its sessions',
    file: rights,
    find: "return person.temporary ? 'unknown'",
    replace: "return person.temporary || person.refused !== '' ? 'unknown'",
    tests: ['test/flow/terminal-rights.test.ts'],
  },
  {
    name: 'shell-rights-approvers',
    why: 'T31: a session ends when those who approved it may no longer do so',
    file: rights,
    find: "return approvalState(approval, at) === 'approved' ?",
    replace: "return approvalState(approval, at) !== 'denied' ?",
    tests: ['test/flow/terminal-rights.test.ts'],
  },
  {
    name: 'shell-pause',
    why: 'T31: a pause of all runs ends sessions',
    file: rights,
    find: 'if (pause !== undefined) return',
    replace: "if (pause !== undefined && run.id === '') return",
    tests: ['test/flow/terminal-rights.test.ts'],
  },
]
