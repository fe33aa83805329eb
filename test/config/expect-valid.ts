import type { Loaded } from '#src/config/load'

/** Returns what was loaded from a configuration that has to be valid. Throws with its mistakes otherwise. */
export function expectValid(loaded: Loaded): Exclude<Loaded, { mistakes: unknown }> {
  if ('mistakes' in loaded) throw new Error(JSON.stringify(loaded.mistakes))
  return loaded
}
