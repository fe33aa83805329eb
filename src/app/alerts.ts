import type { Log } from '#core/ports/log'
import { acceptAlert, placeOfChannel } from '#src/bot/alerts/receive-alerts'
import type { BotContext } from '#src/bot/context'
import type { Accept } from '#src/bot/inbox/accept'
import { alertVariable } from '#src/config/alert-secrets'
import type { Config } from '#src/config/load'
import type { Mount } from '#src/http/server'
import { mountAlerts } from '#src/web/alerts/routes'
import { UserError } from './user-error.ts'

/** Mounts the webhook of alerts, where `retina.yaml` has senders. Throws `UserError` for a sender without a secret. */
export function openAlerts(
  { config, mount, log }: { config: Config; mount: Mount; log: Log },
  context: BotContext,
  accept: Accept,
): void {
  const names = Object.keys(config.alerts.senders)
  const { alerts: secrets } = config.secrets
  for (const name of names)
    if (secrets[name] === undefined)
      throw new UserError(
        'missing-secret',
        `The sender of alerts "${name}" needs ${alertVariable('SECRET', name)}, which is not set.`,
      )
  if (names.length === 0) return
  const rules = () => context.rules().alerts
  mountAlerts({
    ...{ mount, log, rules, secrets },
    count: context.store.count,
    countAlert: context.countAlert,
    now: context.now,
    async accept(alert) {
      const channel = rules().senders[alert.sender]?.channel
      return channel !== undefined && acceptAlert(accept, alert, placeOfChannel(channel), context.now())
    },
  })
}
