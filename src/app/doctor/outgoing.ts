import { type Finding, failed, ok } from '#core/doctor/finding'
import { errorMessage } from '#core/util/error-message'
import { applyOutgoing, checkProxy, hostsThroughProxy } from '#src/app/outgoing'
import type { Config } from '#src/config/load'

/** Makes this process reach what is outside as the program does, and checks the way. `restore` undoes it. */
export async function diagnoseOutgoing(config: Config): Promise<{ finding: Finding[]; restore: () => void }> {
  let restore: () => void
  try {
    restore = applyOutgoing(config)
  } catch (error) {
    const mend = 'name a file in PEM in caFile, and mount it into bot and workers'
    return { finding: [failed('own certificates', textOf(error), mend)], restore: () => undefined }
  }
  const url = config.proxy?.https
  const hosts = hostsThroughProxy(config)
  if (url === undefined || hosts.length === 0) return { finding: [], restore }
  const mend = 'HTTPS_PROXY and NO_PROXY, or proxy: in retina.yaml; docs/operate.md, "Through a proxy"'
  const finding = await checkProxy(url, hosts).then(
    () => ok('HTTP proxy', `reaches ${hosts.join(', ')}`),
    (error: unknown) => failed('HTTP proxy', textOf(error), mend),
  )
  return { finding: [finding], restore }
}

/** Returns the first line of an error's text; the others say what `start` does. */
const textOf = (error: unknown) => errorMessage(error).split('\n')[0] ?? ''
