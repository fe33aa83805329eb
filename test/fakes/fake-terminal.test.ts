import { terminalContract } from '#test/contract/terminal'
import { fakeTerminal } from './fake-terminal.ts'

const place = { cluster: 'dev', namespace: 'retina-chatops', pod: 'retina-aaaaaaaaaaaa', container: 'shell' }

terminalContract('The stand-in', async () => {
  const terminal = fakeTerminal()
  return {
    terminal,
    placeFor: async () => place,
    shell: ['sh'],
    hasEnded: async (id) => !terminal.running().includes(id),
    attachSeconds: 1,
  }
})
