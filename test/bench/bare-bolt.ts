import { App } from '@slack/bolt'
import { signingSecret } from '#test/fakes/slack/state'

// Peer of the acknowledgement benchmark: Bolt alone, which acknowledges commands and does nothing else.

const app = new App({ signingSecret, authorize: async () => ({ botId: 'B1', botToken: 'xoxb-none', botUserId: 'U1' }) })
app.command('/retina', async ({ ack }) => ack())
const server = await app.start({ port: Number(process.argv[2]), host: '127.0.0.1' })
console.error(JSON.stringify({ msg: 'started', port: Number(process.argv[2]), listening: server.listening }))
