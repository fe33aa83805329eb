import type { Control } from './control.ts'

/** A control of a source file below `src/`, shown by the unit tests of that file, and of others below `test/`. */
const control = (
  source: string,
  name: string,
  why: string,
  [find, replace]: readonly [find: string, replace: string],
  others: readonly string[] = [],
): Control => ({
  ...{ name, why, file: `src/${source}.ts`, find, replace },
  tests: [source, ...others].map((each) => `test/${each}.test.ts`),
})

const bot: readonly Control[] = [
  control('bot/handlers/cancel', 'cancel-own', 'nobody cancels another person’s run', [
    'if (run === undefined || !canManageRun(ctx.person, run)) {',
    'if (run === undefined) {',
  ]),
  control('bot/handlers/cancel', 'cancel-recorded', 'T34: nothing is canceled that can’t be recorded', [
    "await context.span(id, 'audit-cancel', () => context.audit('canceled', id, person, {}))",
    '',
  ]),
  control('bot/handlers/cancel', 'cancel-ended', 'a run that has ended keeps its ending', [
    "if (!runCan('cancel', run)) {",
    "if (run.id === '') {",
  ]),
  control('bot/handlers/end-warm-session', 'end-own', 'nobody ends another person’s session', [
    'if (run === undefined || !canManageRun(person, run)) {',
    'if (run === undefined) {',
  ]),
  control('bot/handlers/end-warm-session', 'end-recorded', 'T34: no session is ended that can’t be recorded', [
    "await context.audit('session-ended', id, person.id, record)",
    'void record',
  ]),
  control(
    'bot/handlers/list-approvals',
    'approvals-to-reviewers',
    'requests are listed for those who may decide them',
    ['    if (!own && !mayReview(run.approval, person)) return []\n', ''],
  ),
  control(
    'bot/runs/nearest-targets',
    'nodes-named',
    'people learn the names of those nodes only that they may name',
    [
      'return mayName(person, policy, { target, labels: node.labels, namespaceLabels: {} }, context.now().toISOString())',
      'return true',
    ],
    ['bot/handlers/listings'],
  ),
  control(
    'bot/runs/nearest-targets',
    'pods-named',
    'people learn the names of those pods only that they may name',
    ['return mayName(person, policy, { target, ...labels }, context.now().toISOString())', 'return true'],
    ['bot/handlers/listings'],
  ),
  control(
    'bot/handlers/show-output',
    'output-viewers',
    'an output is shown to its person, and in the channel of its run',
    [
      'return isSameChannel(run.message, thread) || canManageRun(person, run)',
      "return isSameChannel(run.message, thread) || person.id !== ''",
    ],
    ['bot/handlers/run-page'],
  ),
  control('bot/handlers/show-output', 'output-verified', 'T21: an output that was changed is shown as such', [
    "const changed = run.output !== undefined && digest.digest('hex') !== run.output.sha256",
    'const changed = false',
  ]),
  control('bot/handlers/run-page', 'page-person-again', 'T18: a page isn’t shown to a person who has left', [
    "    if ('refused' in person) return { refused: person.refused }\n",
    '',
  ]),
  control('bot/handlers/show-run-and-rerun', 'show-own', 'a run is shown to its person, and to those who decide it', [
    'run === undefined || !(canDecide || canManageRun(ctx.person, run))',
    'run === undefined',
  ]),
  control('bot/handlers/show-run-and-rerun', 'rerun-own', 'nobody repeats another person’s command', [
    'run !== undefined && canManageRun(ctx.person, run) ? run.request.typed : undefined',
    'run?.request.typed',
  ]),
  control(
    'bot/runs/own-fan-outs',
    'fan-out-own',
    'a fan-out is its own person’s only',
    ['return fanOut?.by.id === person.id ? fanOut : undefined', 'return fanOut'],
    ['bot/handlers/cancel'],
  ),
  control('bot/runs/enqueue', 'queued-recorded', 'T34: nothing is queued that can’t be recorded', [
    "await context.span(draft.id, 'audit-queued', () => context.audit('queued', draft.id, draft.request.by.id, record))",
    'void record',
  ]),
  control('bot/runs/enqueue', 'full-queue-told', 'a run that a full queue refuses ends, and its message says so', [
    "=== 'full') {",
    "=== 'never') {",
  ]),
  control('bot/runs/has-warm-session', 'warm-outlives-run', 'a container that ends before the run does isn’t reused', [
    ' && endsWithinSession(session, spec, context.now().toISOString())',
    '',
  ]),
  control(
    'bot/runs/refuse-while-paused',
    'paused-commands',
    'while all runs are paused, no command starts one',
    ['if (pause === undefined) return false', 'if (pause?.by !== undefined || true) return false'],
    ['bot/handlers/dispatch'],
  ),
  control('bot/shell/fan-out-preview', 'fan-out-expected', 'T28: another number than the expected one is refused', [
    'if (expected === count || (expected',
    'if (expected !== undefined || (expected',
  ]),
  control('bot/shell/fan-out', 'fan-out-no-glass', 'break-glass works for one target at a time', [
    "return !('message' in understood) && command.flags.breakGlass ? { message: oneGlass } : understood",
    'return understood',
  ]),
  {
    ...{ name: 'unpinned-not-approved', file: 'src/bot/shell/admit.ts', tests: ['test/bot/runs/pin-image.test.ts'] },
    why: 'T37: an image without a digest can’t be approved',
    ...{ find: 'if (unpinned !== undefined) {', replace: "if (unpinned === '') {" },
  },
]

const approvals: readonly Control[] = [
  control('bot/approvals/review', 'review-by-reviewers', 'who may not decide a request isn’t told of it', [
    'if (found?.approval === undefined || !mayDecide(person, found, found.approval))',
    'if (found?.approval === undefined)',
  ]),
  control('bot/approvals/review', 'review-recorded', 'T34: a review that can’t be recorded isn’t saved', [
    "await context.span(id, 'audit-review', () => context.audit('reviewed', id, person.id, details))",
    'void details',
  ]),
  control('bot/approvals/review', 'confirmed-is-stored', 'T15: what was confirmed on the page is what is approved', [
    'if (given.specHash !== undefined && given.specHash !== context.hash(found.spec)) {',
    "if (given.specHash === '') {",
  ]),
  control('bot/approvals/review', 'approve-paused', 'during a pause nothing is approved', [
    "const pause = given.verdict === 'approve' ? await currentPause(context) : undefined",
    'const pause = undefined',
  ]),
  control(
    'bot/approvals/release',
    'release-decided-again',
    'T18: an approved run is decided again when it is released',
    [': await findRefusal(context, run, asker, now)\n  if (why', ': undefined\n  if (why'],
  ),
  control('bot/approvals/request-approval', 'request-reason', 'approvers get a reason where the policy wants one', [
    "if (rule.reason === 'required' && !hasReason(request)) {",
    "if (request.id === '') {",
  ]),
  control('bot/approvals/request-approval', 'request-recorded', 'T34: no request is shown that can’t be recorded', [
    "await context.span(run.id, 'audit-approval-request', () => context.audit('asked', run.id, request.by.id, record))",
    'void record',
  ]),
  control('bot/approvals/require-passkey', 'passkey-link-to-approvers', 'a link goes to those only who may approve', [
    "  if ('refused' in trial) return undefined\n",
    '',
  ]),
  control('bot/approvals/break-glass', 'glass-recorded', 'T34: break-glass that can’t be recorded runs nothing', [
    "await context.audit('glass-broken', run.id, request.by.id, { set: run.set, spec: context.hash(run.spec), reason })",
    'void reason',
  ]),
  control('bot/approvals/standing-approval', 'standing-revalidated', 'T18: an approver who has left covers nothing', [
    'const approval = await revalidateApproval(context, approvedRun.approval)',
    'const { approval } = approvedRun',
  ]),
]

const worker: readonly Control[] = [
  control('worker/jobs/end-paused', 'pause-ends-requests', 'a pause ends requests that wait for approval', [
    "  if (run.state === 'asking') return endUnstartedRun(context, run, 'asking', why)\n",
    '',
  ]),
  control(
    'worker/jobs/queue-positions',
    'position-of-waiting',
    'the message of a run that isn’t waiting is left alone',
    ["if (run?.state !== 'queued' || run.fanOut !== undefined) return", 'if (run === undefined) return'],
  ),
  control('worker/runs/check-image-unchanged', 'image-moved-recorded', 'T37: a tag that was moved is on record', [
    "  await context.audit('alarm', run.id, run.request.by.id, { why: message, image })\n",
    '',
  ]),
  control(
    'worker/runs/deliver-result',
    'delivered-once',
    'a result that another worker delivered gets no second file',
    ['if (current.end === undefined || current.toldAt !== undefined) return', 'if (current.end === undefined) return'],
  ),
  control(
    'worker/runs/deliver-result',
    'one-delivers',
    'T21: of several workers that deliver a result one posts and attaches',
    [
      'await withLock(context.store, `deliver:${run.id}`, times, async () => {',
      'await Promise.resolve().then(async () => {',
    ],
  ),
  control(
    'worker/runs/saved-live-message',
    'one-output-message',
    'T21: one worker at a time posts the output message',
    [
      'await withLock(context.store, `output-message:${run.id}`, times, async () => {',
      'await Promise.resolve().then(async () => {',
    ],
  ),
  control(
    'worker/runs/execute-run',
    'ending-shown-again',
    'T21: an edit that comes after the ending doesn’t replace it',
    ['    if (ended === undefined) void leaveToOther(run, liveMessage)\n    else', '    if (ended !== undefined)'],
  ),
  control(
    'worker/jobs/queue-positions',
    'ending-after-position',
    'T21: a position that is shown late doesn’t replace the ending',
    ['if (isLate) await showEndingAgain(context, run)', ''],
  ),
  control(
    'worker/jobs/queue-positions',
    'message-lock-of-its-holder',
    'T21: a message that another process has locked since isn’t unlocked',
    ['return tellingUntil === own ? unlocked : undefined', 'return unlocked'],
  ),
  control(
    'bot/approvals/review',
    'decision-after-review',
    'T21: an approval that is shown late doesn’t replace what was decided since',
    [
      'if (current?.approval === undefined || !wasReviewedSince(run, current)) return\n',
      'if (current !== null) return\n',
    ],
  ),
  control('worker/runs/deliver-result', 'ended-once', 'a run has one ending, which is recorded once', [
    "if (saved !== 'broken') return saved?.found === true ? saved.run : undefined",
    "if (saved !== 'broken') return saved?.run",
  ]),
  control('worker/fan-out/all-outputs', 'fan-out-file-verified', 'T21: a changed output isn’t in the file of all', [
    "createHash('sha256').update(text).digest('hex') === output",
    "text !== ''",
  ]),
  control('worker/fan-out/update-fan-outs', 'fan-out-one-writer', 'one worker at a time updates a fan-out’s message', [
    'await withLock(context.store, `fan-out:${id}`, { leaseMs: context.timing.fanOutLeaseMs }, () =>\n        updateMessage(context, adapter, fanOut),\n      )',
    'await updateMessage(context, adapter, fanOut)',
  ]),
  control('worker/sessions/session-jobs', 'session-in-use', 'a container in which something runs isn’t ended', [
    'if (patient && (await findHostRuns(context)).has(session.run)) return',
    '',
  ]),
  control('worker/sessions/session-jobs', 'session-person-left', 'T18: the session of a person who has left is ended', [
    'return person.temporary ? undefined : `${by.name} no longer has access`',
    'return undefined',
  ]),
  control(
    'worker/sessions/session-jobs',
    'session-end-recorded',
    'the end of a session is on record',
    ["await context.audit('session-ended', ref.session.run, reason.by, { why: reason.why, pod: ref.session.pod })", ''],
    ['worker/jobs/end-paused'],
  ),
]

/** Controls of the bot's handlers and of the worker's jobs, each shown by unit tests. */
export const handlers: readonly Control[] = [...bot, ...approvals, ...worker]
