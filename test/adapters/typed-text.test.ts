import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { addressedText, type MessagePart } from '#adapters/common/addressed-text'
import { typedText as slackText } from '#adapters/slack/typed-text'
import { typedText as teamsText } from '#adapters/teams/typed-text'

const toEntities = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
const collapse = (text: string) => text.replaceAll(/\s+/g, ' ').trim()
const printable = fc.string({ unit: fc.constantFrom(...'ab1 -"\'&<>;#/@.|=$*_`\\\u00a0é'), maxLength: 40 })

test('in Slack, what follows the mention is the command, whatever it is', () => {
  fc.assert(
    fc.property(printable, (typed) => {
      // A command begins with a verb; formatting around it is not part of it.
      const command = toEntities(`shell ${typed}.`)
      expect(slackText(`<@U1> ${command}`, 'U1')).toEqual({ text: command, isAddressed: true })
    }),
    { numRuns: 500 },
  )
})

test('in Teams, what follows the mention is the command, as text and as HTML', () => {
  fc.assert(
    fc.property(printable, (typed) => {
      const command = collapse(`shell ${typed}.`)
      const recipient = { id: '28:bot', name: 'retina' }
      const html = `<p><span itemtype="http://schema.skype.com/Mention" itemid="0">retina</span>&nbsp;${toEntities(command)}</p>`
      const attachments = [{ contentType: 'text/html', content: html }]
      expect(teamsText({ text: '', recipient, attachments }).text).toBe(command)
      expect(teamsText({ text: `<at>retina</at> ${toEntities(command)}`, recipient }).text).toBe(command)
    }),
    { numRuns: 500 },
  )
})

const part: fc.Arbitrary<MessagePart> = fc.oneof(
  fc.constantFrom('nodes', ' ', ', ', ': ', ' "', '" ', ' and ', ' hi ', '.').map((text) => ({ text })),
  fc.constantFrom<MessagePart>({ text: '@bot', mention: 'own' }, { text: '@bob', mention: 'other' }),
)

test('a command is one piece of the message: nothing is joined that was apart, and nothing is added', () => {
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      const whole = parts.map(({ text }) => text).join('')
      const { text, isAddressed } = addressedText(parts)
      expect(whole).toContain(text)
      if (isAddressed) expect(parts.some(({ mention }) => mention === 'own')).toBe(true)
    }),
    { numRuns: 1_000 },
  )
})
