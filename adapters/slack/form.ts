import type { KnownBlock, PlainTextOption, View } from '@slack/types'
import type { Message } from '#core/messages/message'
import { renderMessage } from '#core/messages/render'
import { interactiveShell } from '#core/policy/permissions-of-person'
import type { ActionForm } from '#core/runs/actions'
import { defined } from '#core/util/defined'
import { quoteText } from '#core/util/quote'
import { toBlocks } from './blocks.ts'

/** Channel, and thread if any, in which a form's command runs. */
export type SlackLocation = { channel: string; thread?: string }

const plain = (text: string) => ({ type: 'plain_text' as const, text })

/** Checkboxes of the form. Slack limits `text` and `description` to 75 characters each. */
const hostOptions: readonly { flag: string; text: string; description: string }[] = [
  { flag: '--mount-host-filesystem', text: "Read the node's disk", description: 'Mounted at /host, read-only.' },
  {
    flag: '--allow-host-filesystem-write',
    text: "Write to the node's disk",
    description: 'Changes to the node are permanent. Another person must approve it.',
  },
  {
    flag: '--host-pid',
    text: "See the node's processes",
    description: 'All processes, including those of other pods.',
  },
]

/** Renders the form that `/retina` without arguments opens; `checked`: result of checking its values. */
export function runForm(location: SlackLocation, checked: readonly Message[] = []): View {
  return {
    type: 'modal',
    callback_id: 'run',
    private_metadata: JSON.stringify(location),
    title: plain('Debug the network'),
    submit: plain('Run'),
    close: plain('Close'),
    blocks: [
      {
        type: 'input',
        block_id: 'target',
        label: plain('Node or pod'),
        hint: plain('Type part of the name; for a pod, namespace/name.'),
        element: {
          type: 'external_select',
          action_id: 'target',
          min_query_length: 0,
          placeholder: plain('node001, shop/web-1'),
        },
      },
      {
        type: 'input',
        block_id: 'tool',
        label: plain('Tool'),
        element: {
          type: 'external_select',
          action_id: 'tool',
          min_query_length: 0,
          placeholder: plain('dig, ping, curl, shell …'),
        },
      },
      text('words', 'Arguments', 'As you would type them: example.org +short', true),
      {
        type: 'input',
        block_id: 'host',
        optional: true,
        label: plain('Access to the node'),
        hint: plain('Leave all of these unchecked to use what the tool needs.'),
        element: { type: 'checkboxes', action_id: 'host', options: hostOptions.map(optionOf) },
      },
      text('capabilities', 'Linux capabilities', 'Only these: NET_ADMIN,NET_RAW', true),
      text('reason', 'Reason', 'For the approvers and the audit log', true),
      {
        type: 'actions',
        block_id: 'check',
        elements: [{ type: 'button', action_id: 'check', text: plain('Check what it needs') }],
      },
      ...checked.flatMap(blocksOf),
    ],
  }
}

function optionOf({ flag, text: name, description }: (typeof hostOptions)[number]): PlainTextOption {
  return { value: flag, text: plain(name), description: plain(description) }
}

function text(id: string, label: string, placeholder: string, optional: boolean, initial?: string): KnownBlock {
  return {
    type: 'input',
    block_id: id,
    optional,
    label: plain(label),
    element: {
      type: 'plain_text_input',
      action_id: id,
      placeholder: plain(placeholder),
      max_length: 2_000,
      ...defined({ initial_value: initial }),
    },
  }
}

/** Renders a message without its buttons. */
function blocksOf(message: Message): KnownBlock[] {
  return toBlocks({ ...renderMessage(message), actions: [] })
}

/** Renders the form of an action. `value`: the id of the run, or the command that the form is prefilled with. */
export function actionForm(form: ActionForm, location: SlackLocation, value: string): View {
  const { name, title, submit, field, label, example, required, prefilled } = form
  return {
    type: 'modal',
    callback_id: name,
    private_metadata: JSON.stringify(prefilled ? location : { ...location, run: value }),
    title: plain(title),
    submit: plain(submit),
    close: plain('Close'),
    blocks: [text(field, label, example, !required, prefilled ? value : undefined)],
  }
}

/** Renders a person's home page: requests that they can decide, their runs, their permissions. */
export function homePage(sections: readonly Message[]): View {
  const beginBlock: KnownBlock = {
    type: 'actions',
    block_id: 'begin',
    elements: [{ type: 'button', action_id: 'begin', style: 'primary', text: plain('Debug the network …') }],
  }
  return {
    type: 'home',
    blocks: [beginBlock, ...sections.flatMap((each): KnownBlock[] => [...blocksOf(each), { type: 'divider' }])],
  }
}

/** Values of a form by block and action id: Slack's `view.state.values`. */
export type FormState = Record<
  string,
  Record<
    string,
    {
      value?: string | null
      selected_option?: { value: string } | null
      selected_options?: { value: string }[] | null
    }
  >
>

/** Returns the command for a filled form; undefined while its target or tool is missing. */
export function commandOf(state: FormState): string | undefined {
  const field = (id: string) => state[id]?.[id]
  const target = field('target')?.selected_option?.value
  const tool = field('tool')?.selected_option?.value
  if (target === undefined || tool === undefined) return undefined
  const flags = hostOptions.map(({ flag }) => flag)
  const host = (field('host')?.selected_options ?? []).map(({ value }) => value).filter((flag) => flags.includes(flag))
  const capabilities = capabilityList(field('capabilities')?.value)
  const reason = quoteText(field('reason')?.value)
  return [
    'shell',
    ...(reason === '' ? [] : [`--reason ${reason}`]),
    ...host,
    ...(capabilities === '' ? [] : [`--capabilities ${capabilities}`]),
    target,
    // An interactive shell is a command without a tool.
    ...(tool === interactiveShell ? [] : [tool, (field('words')?.value ?? '').trim()]),
  ]
    .join(' ')
    .trim()
}

/** Reduces a list of capabilities to names and commas, so that it can't contain another argument. */
function capabilityList(text: string | null | undefined): string {
  return (text ?? '').replaceAll(/[^A-Za-z0-9_,]/g, '')
}
