import { type Finding, failed, ok, warning } from '#core/doctor/finding'

/** Differences in seconds. Slack and Teams refuse, and are refused, from five minutes on. */
const limits = { warning: 5, failed: 30 }

/** Compares another clock with this machine's; times in ms since 1970. */
export function diagnoseClock(name: string, { there, here }: { there: number; here: number }): Finding {
  const check = `clock of ${name}`
  const seconds = Math.round(Math.abs(there - here) / 1_000)
  const text = `it is ${seconds} s ${there > here ? 'ahead of' : 'behind'} this machine's`
  const mend = 'synchronise both: timedatectl set-ntp true, or chronyc tracking'
  if (seconds < limits.warning) return ok(check, 'agrees with this machine')
  return (seconds < limits.failed ? warning : failed)(check, text, mend)
}
