import { placeWords } from '#core/messages/queue-position'
import { runCard } from '#core/messages/run-card'
import { hardenedHint } from '#core/output/pod-security-hint'
import { noMessage } from '#core/people/refs'
import { decide } from '#core/policy/authorize'
import type { ApprovalRule, Decision } from '#core/policy/policy'
import type { Cluster } from '#core/ports/cluster'
import type { ToolRequest } from '#core/request/request'
import { type Target, type TargetFacts, type TargetProblem, targetText } from '#core/request/target'
import { requestDetails } from '#core/runs/audit-record'
import { type DebugSpec, toDebugSpec } from '#core/runs/debug-spec'
import type { Run } from '#core/runs/run'
import { breakGlass } from '#src/bot/approvals/break-glass'
import { ask } from '#src/bot/approvals/request-approval'
import { standing } from '#src/bot/approvals/standing-approval'
import type { Conversation } from '#src/bot/command-context'
import type { House, Rules } from '#src/bot/context'
import { enqueue } from '#src/bot/runs/enqueue'
import { decisionNotice, refusal } from '#src/bot/runs/explain'
import { isReady } from '#src/bot/runs/find-warm-session'
import { toRequest, understand } from '#src/bot/runs/interpret'
import { nearestTargets } from '#src/bot/runs/nearest-targets'
import { pinned, pinnedWayOut } from '#src/bot/runs/pin-image'
import type { ShellCommand } from '#src/command/command'

/** Facts of a target that isn't there, or that nobody has asked the cluster about: no pattern of labels matches them. */
const noFacts: TargetFacts = { uid: '', node: '', os: 'linux', labels: {}, namespaceLabels: {} }

/** Hops 4 to 6 for `shell`: what does it need, may this person have it there, and if so: into the queue. */
export async function admit(house: House, talk: Conversation, command: ShellCommand): Promise<void> {
  const rules = house.rules()
  const typed = talk.inbound.text
  const understood = understand(house, rules, typed, command)
  if ('message' in understood) {
    house.count('misunderstood')
    await talk.say({ kind: 'misunderstood', typed, ...understood })
    return
  }
  const { planned, cluster } = understood
  const target: Target = { ...command.target, cluster: cluster.name }
  const [found, destinations] = await house.span(talk.id, 'find the target', () =>
    Promise.all([cluster.resolve(target), house.locate(planned.destinations)]),
  )
  const facts = 'problem' in found ? noFacts : found
  const request = toRequest(talk, command.flags, { id: talk.id, target, facts }, { ...planned, destinations })
  const decision = decide(request, rules.policy, request.at)
  const record = () => house.audit('decided', talk.id, talk.person.id, decisionDetails(request, decision))
  if (!command.dryRun) await house.span(talk.id, 'record the decision', record)
  house.log.info(
    { run: talk.id, person: talk.person.id, target: targetText(target), effect: decision.effect },
    'decided',
  )

  const on = { rules, request, cluster, found }
  if (decision.effect !== 'deny') return admitted(house, talk, { ...on, decision }, command.dryRun)
  if (command.dryRun) {
    await talk.say(decisionNotice(request, decision))
    return
  }
  house.count('refused')
  const misspelt = decision.reason === 'no-grant'
  const near = misspelt ? await nearestTargets(house, talk.person, cluster, target) : []
  await talk.say(refusal(request, decision, rules, near))
}

type Admitted = {
  rules: Rules
  request: ToolRequest
  decision: Exclude<Decision, { effect: 'deny' }>
  cluster: Cluster
  found: TargetFacts | TargetProblem
}

/** From here on the person may work on the target, and so may hear what is wrong with it. */
async function admitted(house: House, talk: Conversation, given: Admitted, dryRun: boolean): Promise<void> {
  const { rules, request, decision, cluster, found } = given
  if ('problem' in found && !dryRun) {
    await talk.say(await targetProblem(house, talk, cluster, request.target, found))
    return
  }
  const tagged = toDebugSpec(request, rules.defaults, decision.maxDeadline)
  const { spec, unpinned } = await house.span(request.id, 'pin the image', () => pinned(house, tagged, decision))
  const ready = !dryRun && !('problem' in found) && (await isReady(house, request, spec, decision))
  const rehearse = () => cluster.rehearse({ id: request.id, spec, by: request.by })
  const refused = ready || 'problem' in found ? undefined : await house.span(request.id, 'rehearse', rehearse)
  if (dryRun) {
    const problem = 'problem' in found ? found.message : (refused ?? unpinned)
    await talk.say(decisionNotice(request, decision, { image: spec.image, problem }))
    return
  }
  const { text: typed } = talk.inbound
  if (refused !== undefined) {
    const wayOut = hardenedHint(request.target, request.facts.node, request.pipeline, refused)
    const message = `The cluster would not take it: ${refused}`
    await talk.say({ kind: 'refused', message, typed, ...(wayOut === undefined ? {} : { wayOut }) })
    return
  }
  if (decision.effect === 'allow') return queue(house, talk, { request, spec, decision, ready })
  if (unpinned !== undefined) {
    house.count('refused')
    await talk.say({ kind: 'refused', message: unpinned, wayOut: pinnedWayOut(request, rules), typed })
    return
  }
  const under = await standing(house, request, decision)
  if (under === undefined) return ask(house, talk, request, spec, decision)
  await queue(house, talk, { request, spec, decision, ready, under })
}

export function decisionDetails(request: ToolRequest, decision: Decision): Record<string, string> {
  const { effect } = decision
  const how = effect === 'deny' ? { why: decision.reason } : { set: decision.set, grant: decision.grant }
  return { ...requestDetails(request), decision: effect, ...how }
}

async function targetProblem(house: House, talk: Conversation, cluster: Cluster, target: Target, found: TargetProblem) {
  const near = found.problem === 'missing' ? await nearestTargets(house, talk.person, cluster, target) : []
  const hint = near.length === 0 ? '' : ` Did you mean ${near.join(' or ')}?`
  return { kind: 'refused' as const, message: `${found.message}${hint}`, typed: talk.inbound.text }
}

type Queued = Pick<Admitted, 'request' | 'decision'> & {
  spec: DebugSpec
  /** True where it goes into a container that stands. */
  ready: boolean
  /** The run whose approval stands for it. */
  under?: Run
}

async function queue(house: House, talk: Conversation, { request, spec, decision, ready, under: given }: Queued) {
  const { set, grant } = decision
  const nowhere = noMessage(talk.inbound.thread)
  const run: Run = {
    ...{ id: talk.id, request, spec, set, grant, message: nowhere, state: 'queued', queuedAt: request.at },
    ...(given === undefined ? {} : { under: given.id }),
    ...(house.pages === undefined ? {} : { pages: true }),
  }
  const unapproved = decision.effect === 'allow' ? decision.unapproved : undefined
  if (unapproved !== undefined) await breakGlass(house, talk, run, unapproved)
  await enqueue(house, run, async (place) => {
    // The message stands before the job does: a fast worker would else say "running" before we say "queued".
    const note = noteOf(given, unapproved) ?? (await waitingNote(house, place)) ?? readyNote(ready, spec)
    const notice = { kind: 'queued' as const, run: runCard(run), ...(note === undefined ? {} : { note }) }
    const message = await house.span(run.id, 'say "queued"', () => talk.say(notice))
    const sealed = house.seal({ ...run, message })
    await house.span(run.id, 'save the run', () => house.store.addRun(sealed))
    talk.stands()
    return sealed
  })
}

/** Why it may stay queued for a while; undefined where nothing is in its way. */
async function waitingNote(house: House, place: number): Promise<string | undefined> {
  const [{ workers }, before] = await Promise.all([house.queue.counts(), house.queue.before(place)])
  const words = placeWords({ before })
  if (workers > 0) return words
  const none = 'No worker is running just now; it starts when one does, within five minutes or not at all.'
  return words === undefined ? none : `${none} ${words}`
}

function readyNote(ready: boolean, { target }: DebugSpec): string | undefined {
  if (!ready) return undefined
  return target.kind === 'node' ? 'It goes into a pod that is ready.' : 'It goes into a container that is ready.'
}

function noteOf(given: Run | undefined, unapproved: ApprovalRule | undefined): string | undefined {
  if (unapproved !== undefined) return 'Without approval: the glass was broken, and this is on record.'
  if (given === undefined) return undefined
  const names = given.approval?.reviews.map(({ by }) => by.name).join(', ')
  return `Approved for a while by ${names} (${given.id}).`
}
