import { errorText, type Finding, failed, ok } from '#core/doctor/finding'

/** Time limit for an address to answer. */
const timeoutMs = 5_000

/** Checks that something answers at an address where browsers reach the bot. `key`: its key in `retina.yaml`; `roles`: who answers there. */
export async function diagnoseAddress(key: string, address: string, roles = 'bots'): Promise<Finding> {
  const check = `address ${key}`
  const mend = `see what answers there: curl -I ${address}; the Ingress or load balancer has to lead to port 8080 of the ${roles}`
  try {
    const { status } = await fetch(address, {
      method: 'HEAD',
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    })
    if (status < 500) return ok(check, `${address} answers`)
    return failed(check, `${address} answers with ${status}: nothing is behind it`, mend)
  } catch (error) {
    return failed(check, `${address} does not answer: ${errorText(error)}`, mend)
  }
}
