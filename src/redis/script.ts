type ScriptClient = { defineCommand: (name: string, definition: { lua: string; numberOfKeys: number }) => void }

/**
 * Defines a Lua script, which Redis runs atomically, and returns a function that calls it with its keys, then its
 * arguments. The client sends the script's hash, and its source only to a server that doesn't know it yet.
 */
export function redisScript(
  redis: ScriptClient,
  name: string,
  numberOfKeys: number,
  lua: string,
): (...words: readonly (string | number)[]) => Promise<unknown> {
  redis.defineCommand(name, { lua, numberOfKeys })
  const command: unknown = Reflect.get(redis, name)
  if (typeof command !== 'function') throw new Error(`the client has no command ${name}`)
  return (...words) => Reflect.apply(command, redis, words) as Promise<unknown>
}
