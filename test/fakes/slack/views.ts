import { processorClock } from '#test/fakes/processor-clock'
import type { SlackState } from './state.ts'

type Block = Record<string, unknown>

/** Milliseconds of `processorClock` for which a trigger can open a form. */
const triggerLifeMs = 3_000

/** Web API methods of forms and home pages, with Slack's limits. */
export function slackViews(state: SlackState) {
  let serial = 0
  const parsed = (text: string | undefined) => JSON.parse(text ?? '{}') as Block
  return {
    'views.open': ({ trigger_id = '', view }: Record<string, string>): Block => {
      const trigger = state.triggers.get(trigger_id)
      state.triggers.delete(trigger_id)
      if (trigger === undefined) return { ok: false, error: 'invalid_trigger_id' }
      if (processorClock() - trigger.at > triggerLifeMs) return { ok: false, error: 'expired_trigger_id' }
      const mistake = viewMistake(parsed(view), 'modal')
      if (mistake !== undefined) return { ok: false, error: mistake }
      serial += 1
      const id = `V${serial}`
      state.views.push({ id, user: trigger.user, view: parsed(view) })
      return { ok: true, view: { id } }
    },
    'views.update': ({ view_id = '', view }: Record<string, string>): Block => {
      const open = state.views.find(({ id }) => id === view_id)
      if (open === undefined) return { ok: false, error: 'not_found' }
      const mistake = viewMistake(parsed(view), 'modal')
      if (mistake !== undefined) return { ok: false, error: mistake }
      open.view = parsed(view)
      return { ok: true, view: { id: view_id } }
    },
    'views.publish': ({ user_id = '', view }: Record<string, string>): Block => {
      const mistake = viewMistake(parsed(view), 'home')
      if (mistake !== undefined) return { ok: false, error: mistake }
      state.homes.set(user_id, parsed(view))
      return { ok: true, view: {} }
    },
  }
}

/**
 * Returns Slack's error code for an invalid view, if it is invalid. Sources: docs.slack.dev, "Views", "Block Kit: input block", "Select
 * menu element", "Plain-text input element".
 */
function viewMistake(view: Block, type: string): string | undefined {
  const blocks = view['blocks'] as Block[] | undefined
  if (view['type'] !== type || blocks === undefined || blocks.length > 100) return 'invalid_arguments'
  const tooLong = ['title', 'submit', 'close'].some((name) => textOf(view[name]).length > 24)
  if (tooLong || String(view['private_metadata'] ?? '').length > 3_000) return 'invalid_arguments'
  const ids = blocks.flatMap(({ block_id: id }) => (id === undefined ? [] : [id]))
  if (new Set(ids).size !== ids.length) return 'invalid_arguments'
  return blocks.some((block) => block['type'] === 'input' && inputMistake(block)) ? 'invalid_arguments' : undefined
}

function inputMistake(block: Block): boolean {
  const element = (block['element'] ?? {}) as Block
  const initial = String(element['initial_value'] ?? '')
  const options = (element['options'] ?? []) as Block[]
  return (
    textOf(block['label']).length > 2_000 ||
    textOf(element['placeholder']).length > 150 ||
    initial.length > Number(element['max_length'] ?? 3_000) ||
    options.some((each) => textOf(each['text']).length > 75 || textOf(each['description']).length > 75)
  )
}

function textOf(part: unknown): string {
  return typeof part === 'object' && part !== null ? String((part as Block)['text'] ?? '') : ''
}
