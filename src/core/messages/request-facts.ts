import { powerTexts, specialTexts } from '#core/approvals/powers-text'
import { idText, personText } from '#core/people/person-text'
import type { AccountRef } from '#core/people/principal'
import { digestForm, imageName, tagged } from '#core/request/image'
import { type Target, targetText } from '#core/request/target'
import type { Run } from '#core/runs/run'
import { defined } from '#core/util/defined'
import { oneLine, quoteLine } from '#core/util/one-line'
import { boundedCommand, formatPipeline } from '#core/util/quote'
import type { Field } from './view.ts'

/** Maximum number of characters of a command that approvers see; longer ones can't be approved. */
export const maxCommandChars = 1_000
/** Maximum number of characters of a reason, and of a command in a title: the target behind it has to be seen too. */
const maxReasonChars = 300
const maxTitleChars = 100
const maxTextChars = 300

/** What approvers have to know of a request: made of what would run, and shown under the same labels in every chat. */
export type RequestFacts = {
  requester: { id: string; name: string }
  account: AccountRef
  target: Target
  /** Node that the tool runs on. */
  node: string
  pipeline: readonly (readonly string[])[]
  /** What it can do, in plain words, each completing "it can". */
  can: readonly string[]
  /** Special arguments with what they do. */
  special: readonly string[]
  reason?: string
  /** Image, with its digest where that is known. */
  image: string
}

/** Returns the facts of a run. */
export function requestFacts({ request, spec }: Pick<Run, 'request' | 'spec'>): RequestFacts {
  const { by, account, reason } = request
  return {
    requester: { id: by.id, name: by.name },
    account,
    target: spec.target,
    node: spec.node,
    pipeline: spec.pipeline,
    can: powerTexts(request, spec),
    special: specialTexts(request),
    ...defined({ reason }),
    image: spec.image,
  }
}

/** Returns the command and its target in one line, for titles. */
export function commandTitle({ pipeline, target }: Pick<RequestFacts, 'pipeline' | 'target'>): string {
  return `${boundedCommand(formatPipeline(pipeline), maxTitleChars)} on ${targetText(target)}`
}

/** Returns a reason as text, quoted. */
export function reasonText(reason: string | undefined): string {
  return reason === undefined ? 'none given' : quoteLine(reason, maxReasonChars)
}

/** Returns the facts of a request as labelled lines. */
export function requestFields(facts: RequestFacts): Field[] {
  const { requester, account, target, node, pipeline, can, special, reason, image } = facts
  const container = target.kind === 'pod' && target.container !== undefined ? `, container ${target.container}` : ''
  const where = target.kind === 'pod' ? `${container}, on node ${node}` : ''
  return [
    { label: 'Requested by', value: personText(requester, account) },
    { label: 'Target', value: oneLine(`${targetText(target)}${where}, cluster ${target.cluster}`, maxTextChars * 2) },
    { label: 'Command', value: boundedCommand(formatPipeline(pipeline), maxCommandChars), as: 'code' },
    { label: 'What it can do', value: can.join('; ') },
    ...(special.length === 0 ? [] : [{ label: 'Its arguments', value: oneLine(special.join('; '), maxTextChars) }]),
    { label: 'Reason', value: reasonText(reason) },
    { label: 'Image', value: imageFact(image) },
  ]
}

/** Returns an image with its whole digest, since that is what runs. */
function imageFact(image: string): string {
  const { digest } = imageName(image)
  if (digest === undefined || !digestForm.test(digest)) return `${idText(image)}, digest not known`
  return `${idText(tagged(image))}, digest ${digest}`
}
