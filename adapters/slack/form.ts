import type { KnownBlock, PlainTextOption, View } from '@slack/types'
import type { Message } from '#core/messages/message'
import { renderMessage } from '#core/messages/render'
import { quoteText } from '#core/util/quote'
import { toBlocks } from './blocks.ts'

/** Where what a form asks for belongs. */
export type SlackLocation = { channel: string; thread?: string }

const plain = (text: string) => ({ type: 'plain_text' as const, text })

/** What a form's switches mean, in words. */
const switches: readonly { flag: string; text: string; description: string }[] = [
  { flag: '--mount-host-filesystem', text: "Read the node's disk", description: 'It stands under /host, read only.' },
  {
    flag: '--allow-host-filesystem-write',
    text: "Write to the node's disk",
    description: 'Changes the node for good. Somebody else has to approve it.',
  },
  { flag: '--host-pid', text: "See the node's processes", description: 'All of them, those of other pods too.' },
]

/** Form behind `/retina` alone; `checked` is the result of checking its values. */
export function runForm(place: SlackLocation, checked: readonly Message[] = []): View {
  return {
    type: 'modal',
    callback_id: 'run',
    private_metadata: JSON.stringify(place),
    title: plain('Debug the network'),
    submit: plain('Run'),
    close: plain('Close'),
    blocks: [
      {
        type: 'input',
        block_id: 'target',
        label: plain('Node or pod'),
        hint: plain('Type a part of its name; pods as namespace/name.'),
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
          placeholder: plain('dig, ping, curl …'),
        },
      },
      text('words', 'Its arguments', 'As you would type them: example.org +short', true),
      {
        type: 'input',
        block_id: 'host',
        optional: true,
        label: plain('Access to the node'),
        hint: plain('Leave all of this out, and what the tool needs is worked out.'),
        element: { type: 'checkboxes', action_id: 'host', options: switches.map(optionOf) },
      },
      text('capabilities', 'Linux capabilities', 'Exactly these: NET_ADMIN,NET_RAW', true),
      text('reason', 'Reason', 'For those who approve, and for the record', true),
      {
        type: 'actions',
        block_id: 'check',
        elements: [{ type: 'button', action_id: 'check', text: plain('What will it need?') }],
      },
      ...checked.flatMap(blocksOf),
    ],
  }
}

function optionOf({ flag, text: name, description }: (typeof switches)[number]): PlainTextOption {
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
      ...(initial === undefined ? {} : { initial_value: initial }),
    },
  }
}

/** A notice where nothing can be pressed. */
function blocksOf(notice: Message): KnownBlock[] {
  return toBlocks({ ...renderMessage(notice), actions: [] })
}

/** Asks for words to look for in a run's output. */
export function filterForm(place: SlackLocation, run: string): View {
  return {
    type: 'modal',
    callback_id: 'filter',
    private_metadata: JSON.stringify({ ...place, run }),
    title: plain('Filter the output'),
    submit: plain('Filter'),
    close: plain('Close'),
    blocks: [text('words', 'Lines that hold', 'DROP', false)],
  }
}

/** Asks why a request is denied. */
export function denyForm(place: SlackLocation, run: string): View {
  return {
    type: 'modal',
    callback_id: 'deny',
    private_metadata: JSON.stringify({ ...place, run }),
    title: plain('Deny this request'),
    submit: plain('Deny'),
    close: plain('Close'),
    blocks: [text('reason', 'Why not?', 'Not before the backup has ended', true)],
  }
}

/** A command to be changed and run. */
export function rerunForm(place: SlackLocation, typed: string): View {
  return {
    type: 'modal',
    callback_id: 'rerun',
    private_metadata: JSON.stringify(place),
    title: plain('Run again with…'),
    submit: plain('Run'),
    close: plain('Close'),
    blocks: [text('command', 'Command', 'shell node001 dig example.org', false, typed)],
  }
}

/** A person's own page: what waits for them, what they have run, what they may do. */
export function homePage(sections: readonly Message[]): View {
  const begin: KnownBlock = {
    type: 'actions',
    block_id: 'begin',
    elements: [{ type: 'button', action_id: 'begin', style: 'primary', text: plain('Debug the network …') }],
  }
  return {
    type: 'home',
    blocks: [begin, ...sections.flatMap((each): KnownBlock[] => [...blocksOf(each), { type: 'divider' }])],
  }
}

/** What stands in a form, by block: Slack's `view.state.values`. */
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

/** The command that a filled form comes to; undefined while its target or tool is missing. */
export function commandOf(state: FormState): string | undefined {
  const field = (id: string) => state[id]?.[id]
  const target = field('target')?.selected_option?.value
  const tool = field('tool')?.selected_option?.value
  if (target === undefined || tool === undefined) return undefined
  const known = switches.map(({ flag }) => flag)
  const host = (field('host')?.selected_options ?? []).map(({ value }) => value).filter((flag) => known.includes(flag))
  const capabilities = oneWord(field('capabilities')?.value)
  const reason = quoteText(field('reason')?.value)
  return [
    'shell',
    ...(reason === '' ? [] : [`--reason ${reason}`]),
    ...host,
    ...(capabilities === '' ? [] : [`--capabilities ${capabilities}`]),
    target,
    tool,
    (field('words')?.value ?? '').trim(),
  ]
    .join(' ')
    .trim()
}

/** Names with commas between; other signs would begin something else. */
function oneWord(text: string | null | undefined): string {
  return (text ?? '').replaceAll(/[^A-Za-z0-9_,]/g, '')
}
