import '../../src/core/util/disable-background-compilers.js'
import { parseArgs } from 'node:util'
import type { TerminalPort } from '#core/ports/terminal'
import type { Timing } from '#core/util/default-timings'
import type { Role } from '#src/app/infrastructure'
import { createLogger } from '#src/app/logger'
import { knownNames } from '#src/app/policy-file'
import { start } from '#src/app/start'
import type { Terminals } from '#src/app/terminals-by-cluster'
import { traced } from '#src/app/tracing'
import { loadConfig } from '#src/config/load'
import { kubernetesTerminal } from '#src/kubernetes/terminal/kubernetes-terminal'
import { expectValid } from '#test/config/expect-valid'
import { fakeCluster } from '#test/fakes/cluster'
import { localTerminal } from '#test/shell-image/local-terminal'
import { stopLocalSessions } from './local-sessions.ts'

// The program in a process that can be killed. RETINA_SHELL: argv of its shells, as JSON. RETINA_RUNNER: folder of a runner on this machine; without
// it, shells are in containers of the development cluster, which RETINA_CLUSTER names (JSON). RETINA_TEST_TIMING: times, as JSON.

const { values } = parseArgs({
  options: { config: { type: 'string', default: '' }, role: { type: 'string', default: '' } },
})
const { config } = expectValid(loadConfig(values.config, process.env, knownNames()))
const timing = JSON.parse(process.env['RETINA_TEST_TIMING'] ?? '{}') as Partial<Timing>
const log = createLogger('info')
const runner = process.env['RETINA_RUNNER']
const argv = JSON.parse(process.env['RETINA_SHELL'] ?? '[]') as string[]

/** Replaces the shell that a session starts. */
const withOwnShell = (shells: TerminalPort): TerminalPort => ({
  ...shells,
  start: (place, session) => shells.start(place, { ...session, argv }),
})

function openShells(): Terminals {
  if (runner === undefined) {
    const { kubeconfig, namespace } = JSON.parse(process.env['RETINA_CLUSTER'] ?? '{}') as Record<string, string>
    const own = kubernetesTerminal({
      ...{
        name: 'dev',
        namespace: namespace ?? '',
        log,
        span: traced,
        ...(kubeconfig === undefined ? {} : { kubeconfig }),
      },
      containers: { pullPolicy: 'IfNotPresent' },
    })
    return { shells: withOwnShell(own), containers: own }
  }
  const place = { cluster: 'dev', namespace: 'here', pod: 'here', container: 'here', uid: 'here' }
  return {
    shells: withOwnShell(localTerminal(runner, (session) => process.send?.({ session }))),
    containers: { create: async () => place, remove: ({ id }) => stopLocalSessions([id]) },
  }
}

const openCluster = runner === undefined ? {} : { openCluster: () => fakeCluster('dev', {}) }
const running = await start({
  ...{ config, file: values.config, role: values.role as Role, log, timing, terminals: openShells() },
  ...openCluster,
})
process.once('SIGTERM', () => void running.stop().then(() => process.exit(0)))
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
process.send?.({ port: running.port })
