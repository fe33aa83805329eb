import {
  type SessionPlace,
  TerminalConnectionError,
  type TerminalContainers,
  type TerminalPort,
  type TerminalWork,
} from '#core/ports/terminal'

/** Shells in containers of the clusters. */
export type Terminals = { shells: TerminalPort; containers: TerminalContainers }

type ClusterTerminal = TerminalPort & TerminalContainers

/** Combines the shells of several clusters, by name. A cluster that is no longer configured has none. */
export function terminalsByCluster(byName: ReadonlyMap<string, ClusterTerminal>): Terminals {
  const of = (cluster: string): ClusterTerminal => {
    const found = byName.get(cluster)
    if (found === undefined)
      throw new TerminalConnectionError('gone', `the cluster ${cluster} is not in retina.yaml any more`)
    return found
  }
  const at = ({ cluster }: SessionPlace) => of(cluster)
  const forWork = ({ spec }: TerminalWork) => of(spec.target.cluster)
  return {
    shells: {
      start: async (place, session) => at(place).start(place, session),
      attach: async (place, session) => at(place).attach(place, session),
    },
    containers: {
      create: async (work, signal) => forWork(work).create(work, signal),
      remove: async (work) => {
        // The sweep of a worker removes what is left in a cluster that comes back.
        await byName.get(work.spec.target.cluster)?.remove(work)
      },
    },
  }
}
