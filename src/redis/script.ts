import { readFileSync } from 'node:fs'

type ScriptClient = { defineCommand: (name: string, definition: { lua: string; numberOfKeys: number }) => void }

/** Calls a script with its keys, then its arguments. */
export type RedisScript = (...words: readonly (string | number | Buffer)[]) => Promise<unknown>

/**
 * Defines the Lua script `scripts/NAME.lua`, which Redis runs atomically, and returns a function that calls it. The client sends its
 * source with the first call of a connection, then its hash. Scripts are used instead of transactions: ioredis builds each transaction
 * with every script that the connection knows, BullMQ's too.
 */
export function redisScript(redis: ScriptClient, name: string, numberOfKeys: number): RedisScript {
  const command = `retina-${name}`
  redis.defineCommand(command, { lua: scriptText(name), numberOfKeys })
  const call: unknown = Reflect.get(redis, command)
  if (typeof call !== 'function') throw new Error(`the client has no command ${command}`)
  return (...words) => Reflect.apply(call, redis, words) as Promise<unknown>
}

/** Returns the source of a script. A line `-- include NAME` stands for the source of another one, which several share. */
export function scriptText(name: string): string {
  const text = readFileSync(new URL(`scripts/${name}.lua`, import.meta.url), 'utf8')
  return text.replace(/^-- include ([a-z-]+)$/m, (_line, other: string) => scriptText(other).trimEnd())
}
