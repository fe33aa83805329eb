import { parseArgs } from 'node:util'
import { missingRequirements } from '#dev/dev-cluster/missing'
import { openDemo } from './demo-app.ts'

const usage = `npm run demo [-- OPTIONS]
  Sets up what is missing, runs two commands on a real cluster, and keeps running until Ctrl-C.
  --once             exit after the two commands, with code 0 only if both succeeded
  --context NAME     use this context of your own kubeconfig (needs neither Go nor root)
  --image REPO:TAG   with --context: a shell image that the cluster can pull (see shell-image/README.md)
  --node NAME        with --context: the node to run on
  --redis URL        use your own Redis`

const person = 'alice@example.com'
const commands = [
  ['shell', 'node001', 'dig', 'kubernetes.default.svc.cluster.local'],
  ['shell', 'node001', 'ping', '127.0.0.1'],
]

const logProgress = (line: string) => console.error(`demo: ${line}`)

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      once: { type: 'boolean', default: false },
      context: { type: 'string' },
      image: { type: 'string' },
      redis: { type: 'string' },
      node: { type: 'string', default: 'node001' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(usage)
    return 0
  }
  const missing = values.context === undefined ? missingRequirements() : []
  if (missing.length > 0) {
    for (const each of missing) console.error(each)
    console.error('\nTo use your own cluster: npm run demo -- --context NAME   (and --redis URL for your own Redis)')
    return 1
  }
  const { context, redis, image } = values
  const demo = await openDemo({ context, redis, image, onProgress: logProgress })
  const interrupted = new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
  try {
    let failed = 0
    for (const [verb = '', , ...tool] of commands) {
      const command = [verb, values.node, ...tool]
      console.log(`\n${person}> /retina ${command.join(' ')}\n`)
      if ((await demo.runCommand(person, command)) !== 0) failed += 1
    }
    console.log('')
    if (values.once) return failed === 0 ? 0 : 1
    console.log(`The same chat in your browser: ${demo.web}`)
    console.log(
      `There, an interactive shell: as Alice, shell --set net-shell --reason "trying it" ${values.node}; as Bob, Approve; as Alice, the link.`,
    )
    console.log('From another terminal, in this folder:')
    const env = Object.entries(demo.env).map(([name, value]) => `${name}=${value} `)
    console.log(
      `  ${env.join('')}npx retina-chatops run --config .demo/retina.yaml --as ${person} -- shell ${values.node} dig example.org`,
    )
    console.log('Ctrl-C stops everything that this demo started, and nothing else.')
    await interrupted
    return 0
  } finally {
    logProgress('stopping everything that this demo started')
    await demo.stop()
  }
}

main().then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  },
)
