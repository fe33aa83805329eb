import { errorText, type Finding, failed, ok } from '#core/doctor/finding'

/** Time limit for an address to answer. */
const timeoutMs = 5_000

const isLocal = ({ hostname }: URL) => ['localhost', '127.0.0.1', '[::1]'].includes(hostname)

/** Checks that something answers at an address where browsers reach the bot. `key`: its key in `retina.yaml`. */
export async function diagnoseAddress(key: string, address: string, needsHttps: boolean): Promise<Finding> {
  const check = `address ${key}`
  const url = new URL(address)
  if (needsHttps && url.protocol !== 'https:' && !isLocal(url)) {
    const [section = ''] = key.split('.')
    return failed(
      check,
      `${address} is not https: browsers have no passkeys there`,
      `${section}: { url: https://${url.host} }`,
    )
  }
  const mend = `see what answers there: curl -I ${address}; the Ingress or load balancer has to lead to port 8080 of the bots`
  try {
    const { status } = await fetch(url, { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) })
    if (status < 500) return ok(check, `${address} answers`)
    return failed(check, `${address} answers with ${status}: nothing is behind it`, mend)
  } catch (error) {
    return failed(check, `${address} does not answer: ${errorText(error)}`, mend)
  }
}
