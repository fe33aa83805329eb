import type { Message } from './message.ts'
import type { MessageView } from './view.ts'

/** Renders a personal link: to a run's page, or to a passkey confirmation. */
export function renderLink({
  kind,
  who,
  run,
  link,
}: Extract<Message, { link: string }>): Pick<MessageView, 'title' | 'text' | 'link' | 'facts'> {
  if (kind === 'link') {
    return {
      title: `${who}, your page of run ${run}`,
      text: 'All of its output, with search, and its record. The link is yours alone and opens for a quarter of an hour.',
      link: { url: link, label: 'Open the page' },
      facts: [],
    }
  }
  return {
    title: `${who}, confirm it with your passkey`,
    text: 'The link is worth nothing to anybody else. It can be used once, within five minutes.',
    link: { url: link, label: 'Confirm' },
    facts: [`Request ${run}`],
  }
}
