import {
  findAnnotationMistake,
  findLabelMistake,
  parseQuantity,
  type Resources,
  resourceNames,
} from '#core/runs/check-pod-settings'
import { defined } from '#core/util/defined'
import type { Note } from '#src/yaml/positions'
import type { File } from './schema.ts'

/** Earlier names of settings, and those of Kubernetes that replace them. */
const renamed = { pullSecrets: 'imagePullSecrets', priorityClass: 'priorityClassName' } as const

type FileShell = File['shell']

/** Settings of the shell under their present names. */
export type ShellSettings = Omit<FileShell, keyof typeof renamed | 'image' | 'resources'> & { resources?: Resources }

/** Returns the settings under their present names. Warns of earlier names, and reports values that Kubernetes refuses. */
export function toShellSettings(shell: FileShell, mistake: Note, warning: Note): ShellSettings {
  const { image: _image, pullSecrets, priorityClass, resources, ...settings } = shell
  for (const [earlier, present] of Object.entries(renamed)) {
    if (shell[earlier as keyof typeof renamed] === undefined) continue
    const path = ['shell', earlier]
    if (shell[present] === undefined) warning(path, `"${earlier}" is the earlier name; write "${present}"`)
    else mistake(path, `"${earlier}" is the earlier name of "${present}", which is set too; remove "${earlier}"`)
  }
  checkResources(resources, mistake)
  for (const [key, value] of Object.entries(shell.labels)) {
    const why = findLabelMistake(key, value)
    if (why !== undefined) mistake(['shell', 'labels', key], why)
  }
  for (const key of Object.keys(shell.annotations)) {
    const why = findAnnotationMistake(key)
    if (why !== undefined) mistake(['shell', 'annotations', key], why)
  }
  const [secrets, priority] = [settings.imagePullSecrets ?? pullSecrets, settings.priorityClassName ?? priorityClass]
  return {
    ...settings,
    ...defined({ imagePullSecrets: secrets, priorityClassName: priority }),
    // Without the names of what isn't set.
    ...(resources === undefined ? {} : { resources: JSON.parse(JSON.stringify(resources)) as Resources }),
  }
}

function checkResources({ requests = {}, limits = {} }: NonNullable<FileShell['resources']> = {}, mistake: Note): void {
  for (const name of resourceNames) {
    const [request, limit] = [requests[name], limits[name]]
    for (const [kind, text] of [
      ['requests', request],
      ['limits', limit],
    ] as const) {
      if (text !== undefined && parseQuantity(text) === undefined)
        mistake(['shell', 'resources', kind, name], `"${text}" is no quantity of ${name}; use ${examples[name]}`)
    }
    if (request !== undefined && limit !== undefined && (parseQuantity(request) ?? 0) > (parseQuantity(limit) ?? 0))
      mistake(
        ['shell', 'resources', 'requests', name],
        `debug pods would request ${request} ${name}, but are limited to ${limit}`,
      )
  }
}

const examples = { cpu: '500m or 2', memory: '256Mi or 1Gi', 'ephemeral-storage': '1Gi' }
