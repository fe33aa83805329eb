import { lock, lockNow } from '#dev/machine/lock'
import { build, down, isUp, up } from './cluster.ts'
import { adminKubeconfig } from './control-plane.ts'
import { nodeExec, nodeNames } from './node.ts'

const usage = `npm run cluster -- COMMAND
  up                 build and start what is missing, and print the path of a kubeconfig
  build              only build what is missing
  down               stop the cluster, unless a test run, benchmark or demo uses it, and remove its disks and network
  status             print whether it is running
  kubeconfig         print the path of a kubeconfig with all rights
  kubectl ARGS…      run kubectl in the cluster's own version
  load-image TAR     load an image into both nodes
  node NAME ARGS…    run a program on a node`

async function main(args: readonly string[]): Promise<void> {
  const [command, ...rest] = args
  switch (command) {
    case 'up':
      return start()
    case 'build':
      return build()
    case 'down':
      return stop()
    case 'status':
      console.log(isUp() ? 'running' : 'not running')
      return
    case 'kubeconfig':
      console.log(adminKubeconfig())
      return
    case 'kubectl':
      process.stdout.write(await (await up(silent)).kubectl(rest))
      return
    case 'load-image':
      return (await up(silent)).loadImage(rest[0] ?? '')
    case 'node': {
      const name = nodeNames().find((each) => each === rest[0])
      if (name === undefined) throw new Error(`unknown node; the nodes are ${nodeNames().join(', ')}`)
      process.stdout.write(await nodeExec(name, rest.slice(1)))
      return
    }
    default:
      console.error(usage)
      process.exitCode = command === 'help' || command === '--help' ? 0 : 2
  }
}

/** Starts the cluster once nobody else starts, stops or uses it; one that is running is left as it is. */
async function start(): Promise<void> {
  const own = isUp() ? undefined : await lock('dev-cluster', 'npm run cluster')
  console.log((await up()).kubeconfig)
  await own?.release()
}

/** Stops the cluster; rejects while a test run, benchmark or demo uses it. */
async function stop(): Promise<void> {
  const own = await lockNow('dev-cluster', 'npm run cluster')
  await down()
  await own.release()
}

const silent = { step: () => undefined, detail: () => undefined, done: () => undefined }

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
