import { type Infrastructure, openInfrastructure } from '#src/app/infrastructure'
import { createLogger } from '#src/app/logger'
import type { Config } from '#src/config/load'

/** Opens the stores of a configuration, waits for Redis, and closes them after `act`, whose result it returns. */
export async function withInfrastructure<T>(config: Config, act: (parts: Infrastructure) => Promise<T>): Promise<T> {
  const parts = await openInfrastructure(config, createLogger('warn'))
  try {
    await parts.redisReady()
    return await act(parts)
  } finally {
    await parts.close()
  }
}
