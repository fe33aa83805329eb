import { build, down, isUp, up } from './cluster.ts'
import { adminKubeconfig } from './control-plane.ts'
import { nodeExec, nodeNames } from './node.ts'

const usage = `npm run cluster -- COMMAND
  up                 build and start what is missing, and print the path of a kubeconfig
  build              only build what is missing
  down               stop the cluster and remove its disks and network; builds stay in the cache
  status             print whether it is running
  kubeconfig         print the path of a kubeconfig with all rights
  kubectl ARGS…      run kubectl in the cluster's own version
  load-image TAR     load an image into both nodes
  node NAME ARGS…    run a program on a node`

async function main(args: readonly string[]): Promise<void> {
  const [command, ...rest] = args
  switch (command) {
    case 'up':
      console.log((await up()).kubeconfig)
      return
    case 'build':
      return build()
    case 'down':
      return down()
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

const silent = { step: () => undefined, detail: () => undefined, done: () => undefined }

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
