#!/usr/bin/env node
// Is JavaScript and loads first: TypeScript that is loaded before the compile cache is enabled needs Node's compiler of
// TypeScript, whose memory is held as long as the program runs.
import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

// Uses the user's own cache folder, never a shared one, whose files others could write. Where it can't be written,
// nothing is cached.
const { XDG_CACHE_HOME: cacheHome, NODE_COMPILE_CACHE: compileCache } = process.env
enableCompileCache(compileCache ?? join(cacheHome ?? join(homedir(), '.cache'), 'retina-chatops', 'compiled'))
const { commandLine } = await import('./cli/main.ts')
// Exits explicitly: a resource that could not be closed (an unreachable Redis) must not keep a finished program alive.
process.exit(await commandLine(process.argv.slice(2)))
