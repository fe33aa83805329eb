import type { Message } from './message.ts'
import type { MessageView } from './view.ts'

/** Renders a personal link: to a run's page, to an open session, or to a passkey confirmation. */
export function renderLink(
  message: Extract<Message, { link: string }>,
): Pick<MessageView, 'title' | 'text' | 'link' | 'facts'> {
  const { kind, who, run, link } = message
  if (kind === 'session-link') {
    return {
      title: `${who}, your shell on ${message.target}`,
      text: 'Only you can use this link. It works once, within five minutes, and binds the session to the browser that you open it in.',
      link: { url: link, label: 'Open the shell' },
      facts: [`Session ${run} · set ${message.set}`, ...moreText(message)],
    }
  }
  if (kind === 'replay-link') {
    return {
      title: `${who}, the recording of the shell on ${message.target}`,
      text: 'The link is for you alone and works for 15 minutes. That you open it is recorded.',
      link: { url: link, label: 'Open the replay' },
      facts: [`Session ${run}`],
    }
  }
  if (kind === 'link' && message.timeline === true) {
    return {
      title: `${who}, the page of this timeline`,
      text: 'All events, with search, as Markdown and JSON for a post-mortem. The link is for you alone and works for 15 minutes.',
      link: { url: link, label: 'Open the page' },
      facts: [],
    }
  }
  if (kind === 'link') {
    return {
      title: `${who}, your page for run ${run}`,
      text: 'The whole output, with search, and its audit records. The link is for you alone and works for 15 minutes.',
      link: { url: link, label: 'Open the page' },
      facts: [],
    }
  }
  return {
    title: `${who}, confirm with your passkey`,
    text: 'Only you can use this link. It works once, within five minutes.',
    link: { url: link, label: 'Confirm' },
    facts: [`Request ${run}`],
  }
}

/** Returns the next line: with which sets a shell there could do more. */
function moreText({ more = [], target }: Extract<Message, { kind: 'session-link' }>): string[] {
  if (more.length === 0) return []
  return [`More rights: ${more.map((set) => `shell ${target} --set ${set}`).join(' or ')}`]
}
