import type { Alert } from '#core/alerts/alert'
import { readIncidentAlerts } from '#core/alerts/read-alerts'
import type { Log } from '#core/ports/log'
import { errorMessage } from '#core/util/error-message'
import type { Config } from '#src/config/load'

/** Milliseconds within which PagerDuty has to answer: without its labels, an alert is matched by the words of its title. */
const timeoutMs = 4_000
/** Maximum number of characters of an answer. */
const maxAnswerChars = 2_000_000

/**
 * Creates the function that looks up the labels of the alerts behind an incident, for senders whose token is set. Source:
 * developer.pagerduty.com, "List alerts for an incident".
 */
export function createIncidentLabels({ alerts, secrets }: Config, log: Log, api = 'https://api.pagerduty.com') {
  return async ({ sender, fingerprint }: Alert): Promise<Readonly<Record<string, string>>> => {
    const isPagerDuty = Object.hasOwn(alerts.senders, sender) && alerts.senders[sender]?.from === 'pagerduty'
    const token = isPagerDuty ? secrets.alertTokens[sender] : undefined
    if (token === undefined) return {}
    try {
      // The id has letters and digits only.
      const answer = await fetch(`${api}/incidents/${fingerprint}/alerts?limit=25`, {
        headers: { authorization: `Token token=${token}`, accept: 'application/vnd.pagerduty+json;version=2' },
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      })
      const text = await answer.text()
      if (!answer.ok || text.length > maxAnswerChars) throw new Error(`PagerDuty answered ${answer.status}`)
      return readIncidentAlerts(JSON.parse(text))
    } catch (error) {
      log.warn({ sender, error: errorMessage(error) }, 'the alerts of an incident could not be looked up')
      return {}
    }
  }
}
