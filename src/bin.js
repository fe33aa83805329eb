#!/usr/bin/env node
// JavaScript, and the first to be loaded: what is loaded before the cache of compiled code is open needs the compiler of
// TypeScript's types, which takes memory for as long as the program runs.
import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

// In the user's own cache folder, never in a shared one, whose files others could write. Where it can't be written, nothing is kept.
const { XDG_CACHE_HOME: cache, NODE_COMPILE_CACHE: own } = process.env
enableCompileCache(own ?? join(cache ?? join(homedir(), '.cache'), 'retina-chatops', 'compiled'))
const { commandLine } = await import('./cli/main.ts')
// Said in so many words: what couldn't be closed (a Redis that is away) mustn't keep a program that is done.
process.exit(await commandLine(process.argv.slice(2)))
