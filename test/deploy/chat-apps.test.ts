import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { parse as parseYaml } from 'yaml'
import { botScopes } from '#adapters/slack/scopes'
import { parse } from '#src/command/parse'
import { catalogue } from '#src/tools/index'

const deploy = join(import.meta.dirname, '../../deploy')
const read = (path: string) => readFileSync(join(deploy, path))

/** Returns width and height of a PNG. */
function sizeOf(path: string): [number, number] {
  const png = read(path)
  return [png.readUInt32BE(16), png.readUInt32BE(20)]
}

type Command = { title: string; description: string }

test('the Teams app lists existing commands, within Teams’ limits', () => {
  const manifest = JSON.parse(read('teams/manifest.json').toString('utf8')) as {
    name: { short: string; full: string }
    description: { short: string; full: string }
    bots: {
      supportsTargetedMessages: boolean
      scopes: string[]
      commandLists: { triggers: string[]; commands: Command[] }[]
    }[]
  }
  const { name, description, bots } = manifest
  // Source: learn.microsoft.com, "App manifest reference".
  expect([name.short.length <= 30, name.full.length <= 100, description.short.length <= 80]).toEqual([true, true, true])
  const [bot] = bots
  expect(bot?.supportsTargetedMessages).toBe(true)
  expect(bot?.scopes).toEqual(['team', 'groupChat', 'personal'])
  for (const { triggers, commands } of bot?.commandLists ?? []) {
    expect(triggers).toEqual(['mention', 'slash'])
    expect(commands.length).toBeLessThanOrEqual(10)
    for (const { title, description: about } of commands) {
      expect(about.length).toBeLessThanOrEqual(128)
      const understood = parse({ text: title }, catalogue)
      // Some commands need more arguments; none has an unknown first word.
      expect(understood.verb === 'misunderstood' ? understood.code : '').not.toBe('unknown-verb')
    }
  }
  expect(sizeOf('teams/color.png')).toEqual([192, 192])
  expect(sizeOf('teams/outline.png')).toEqual([32, 32])
})

test('the Slack app requests exactly the scopes and events that the adapter uses', () => {
  const manifest = parseYaml(read('slack/manifest.yaml').toString('utf8')) as {
    features: { shortcuts: { callback_id: string }[]; slash_commands: { command: string }[] }
    oauth_config: { scopes: { bot: string[] } }
    settings: { event_subscriptions: { bot_events: string[] }; interactivity: { message_menu_options_url: string } }
  }
  expect(manifest.settings.event_subscriptions.bot_events).toEqual(['app_home_opened', 'app_mention', 'message.im'])
  expect(manifest.features.shortcuts.map(({ callback_id }) => callback_id)).toEqual(['debug', 'triage'])
  expect(manifest.features.slash_commands.map(({ command }) => command)).toEqual(['/retina'])
  expect(manifest.settings.interactivity.message_menu_options_url).toMatch(/\/slack\/events$/)
  expect(manifest.oauth_config.scopes.bot).toEqual(botScopes)
})
