import { registryImages } from '#src/registry/images'
import { imagesContract } from '#test/contract/images'
import { push } from '#test/fakes/registry/state'
import { useRegistry } from './use-registry.ts'

const { registry } = useRegistry()

imagesContract('The registry', async () => {
  const image = `${registry().host}/retina/shell:v1`
  const move = () => void push(registry().state, 'retina/shell', 'v1')
  move()
  let isReachable = true
  const images = registryImages(() => ({ pin: isReachable ? 'registry' : 'digest', image, insecure: [] }))
  return {
    images,
    image,
    move,
    reach(reachable) {
      isReachable = reachable
    },
  }
})
