import { type Effect, type Needs, noNeeds } from '#core/request/tool'

/** The node's process table; a pod's tool sees the processes of the container that `--container` names. */
export function tableNeeds(effect: Effect, on: 'node' | 'pod'): Needs {
  return on === 'node' ? { ...noNeeds, effect, host: { filesystem: 'none', pid: true } } : { ...noNeeds, effect }
}
