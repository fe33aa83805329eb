import { isOwnFile, isUnderHost } from '#core/request/is-file-of-target'
import { mergeNeeds, type Reading } from '#core/request/tool'
import { chrootNeeds } from '../chroot.ts'
import { refuse } from './reading-and-needs.ts'

/** Files that the kubelet gives to all containers of a pod. */
const ofPod = /^\/etc\/(?:resolv\.conf|hosts|hostname)$/

/**
 * Adds to the reading of a tool that prints files what makes them the target's: on a node they are the node's own, which
 * the node's own tool reads. Of a pod's containers no file is at hand, which is said.
 */
export function readOwnFiles(reading: Reading, files: readonly string[], on: 'node' | 'pod'): Reading {
  const own = files.filter(isOwnFile)
  if (on === 'pod') {
    const ofImage = own.filter((path) => path.startsWith('/') && !ofPod.test(path))
    if (ofImage.length === 0) return reading
    const note = `${ofImage.join(', ')} is the shell image's own: files of the pod's containers are under /proc/PID/root, which a set has to name`
    return { ...reading, notes: [...reading.notes, note] }
  }
  if (own.length === 0) return reading
  if (files.some(isUnderHost)) {
    const instead = 'Leave out /host: on a node, paths are the node’s own.'
    return refuse(reading.argv, 'Some of these paths begin with /host, and some do not.', instead)
  }
  return { ...reading, viaChroot: true, needs: mergeNeeds(reading.needs, chrootNeeds) }
}
