import type { Activity } from 'botbuilder'
import { z } from 'zod'
import { parseJsonBody } from '#src/http/request-body'

// Shape of an activity, as far as this adapter and the SDK read it; everything else is left alone. Source: learn.microsoft.com, "Activity object".

const text = z.string()
const withId = z.looseObject({ id: text.nullish() })

const activity = z.looseObject({
  type: text.min(1),
  channelId: text,
  id: text.nullish(),
  timestamp: text.nullish(),
  serviceUrl: text.min(1),
  conversation: z.looseObject({ id: text.min(1), conversationType: text.nullish(), tenantId: text.nullish() }),
  from: z.looseObject({ id: text.nullish(), aadObjectId: text.nullish() }).optional(),
  recipient: withId.nullish(),
  channelData: z.looseObject({ tenant: withId.nullish() }).nullish(),
  text: text.nullish(),
  entities: z.array(z.looseObject({ type: text, mentioned: withId.nullish(), text: text.nullish() })).nullish(),
  attachments: z.array(z.looseObject({ contentType: text.nullish() })).nullish(),
  name: text.nullish(),
})

/** A press of a card's button. */
const press = z.looseObject({ action: z.looseObject({ verb: text, data: z.unknown() }) })

/** Parses a request's body as an activity; undefined for everything that has not its shape. */
export function parseActivity(body: Buffer): Activity | undefined {
  const value = parseJsonBody(body)
  const parsed = activity.safeParse(value)
  if (!parsed.success) return undefined
  const isPress = parsed.data.type === 'invoke' && parsed.data.name === 'adaptiveCard/action'
  return isPress && !press.safeParse(parsed.data['value']).success ? undefined : (value as Activity)
}
