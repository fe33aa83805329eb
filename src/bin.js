#!/usr/bin/env node
// Is JavaScript and loads first: TypeScript that is loaded before the compile cache is enabled needs Node's compiler of
// TypeScript, whose memory is held as long as the program runs.
import './core/util/disable-background-compilers.js'
import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

// The kernel drops a signal that process 1 of a container has no handler for. Without these handlers, a program that is still starting would
// go on until it is killed. Commands with a handler of their own end as that one says.
if (process.pid === 1) {
  for (const [signal, code] of /** @type {const} */ ([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ])) {
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) process.exit(code)
    })
  }
}

// Uses the user's own cache folder, never a shared one, whose files others could write. Where it can't be written,
// nothing is cached.
const { XDG_CACHE_HOME: cacheHome, NODE_COMPILE_CACHE: compileCache } = process.env
enableCompileCache(compileCache ?? join(cacheHome ?? join(homedir(), '.cache'), 'retina-chatops', 'compiled'))
const { commandLine } = await import('./cli/main.ts')
// Exits explicitly: a resource that could not be closed (an unreachable Redis) must not keep a finished program alive.
process.exit(await commandLine(process.argv.slice(2)))
