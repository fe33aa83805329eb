import { type Insight, interpretWith, type Reader, type ToolOutput } from '#core/request/insight'
import { count } from '#core/util/units'
import { operandsOf, optionValues } from './arguments-of.ts'
import { factsOf, firstMatch, linesOf, listed, matching } from './insight-helpers.ts'

/** State of one unit, as `systemctl status` prints it: `active`, its detail (`(running)`), and since when. */
export type UnitState = {
  unit: string
  state: string
  detail: string
  since: string
  mainPid?: string
  memory?: string
}

/** What `systemctl` proves. */
export type SystemctlData =
  | {
      kind: 'list'
      /** Number of units that are listed. */
      total: number
      failed: readonly string[]
      /** True where failed units would be listed. */
      showsFailed: boolean
      /** Type that was asked for (`service`); undefined for all. */
      type: string | undefined
      /** True where the list has only units of certain names. */
      isNamed: boolean
    }
  | { kind: 'states'; units: readonly UnitState[]; missing: readonly string[] }
  /** State of the whole system, as `systemctl status` prints it: `running`, `degraded`. */
  | { kind: 'system'; state: string; failed: number; jobs: number }
  | { kind: 'jobs'; jobs: readonly { unit: string; type: string; state: string }[] }

/** Options that take the next argument. Source: systemctl(1). */
const valued = [
  '-t',
  '--type',
  '--state',
  '-p',
  '-P',
  '--property',
  '-n',
  '--lines',
  '-o',
  '--output',
  '-H',
  '-M',
  '-s',
]

function readSystemctl(output: ToolOutput): SystemctlData | undefined {
  const { text, argv } = output
  const [command = 'list-units', ...operands] = operandsOf(argv, valued)
  const [loaded] = firstMatch(text, /^(\d+) loaded units listed\./) ?? []
  if (loaded !== undefined) return readList(output, Number(loaded), operands)
  if (command === 'list-jobs') return readJobs(text)
  if (command === 'is-active' || command === 'is-failed') return readIs(text, operands)
  return readSystem(text) ?? readStates(text)
}

function readList({ text, argv }: ToolOutput, total: number, names: readonly string[]): SystemctlData {
  const rows = matching(text, /^[●×*]?\s*(\S+\.\w+)\s+(?:loaded|not-found|masked|error)\s+(\w+)\s/)
  const states = optionValues(argv, '', '--state').flatMap((value) => value.split(','))
  const types = optionValues(argv, 't', '--type').flatMap((value) => value.split(','))
  return {
    kind: 'list',
    total,
    failed: rows.filter(([, active]) => active === 'failed').map(([unit = '']) => unit),
    // Without a state, failed units are among those that are listed.
    showsFailed: states.length === 0 || states.includes('failed') || argv.includes('--failed'),
    type: types.length === 0 ? undefined : types.join(' or '),
    isNamed: names.length > 0,
  }
}

function readJobs(text: string): SystemctlData | undefined {
  if (linesOf(text).includes('No jobs running.')) return { kind: 'jobs', jobs: [] }
  const [total] = firstMatch(text, /^(\d+) jobs listed\.$/) ?? []
  const jobs = matching(text, /^\s*\d+\s+(\S+)\s+([a-z-]+)\s+(running|waiting)$/).map(
    ([unit = '', type = '', state = '']) => ({ unit, type, state }),
  )
  return total !== undefined && jobs.length === Number(total) ? { kind: 'jobs', jobs } : undefined
}

const knownStates = /^(?:active|reloading|inactive|failed|activating|deactivating|maintenance|unknown)$/

/** Reads `is-active` and `is-failed`: a state a line, in the order of the arguments. */
function readIs(text: string, names: readonly string[]): SystemctlData | undefined {
  const states = linesOf(text).filter((line) => line !== '')
  const isPattern = names.some((name) => /[*?[]/.test(name))
  if (
    names.length === 0 ||
    isPattern ||
    states.length !== names.length ||
    !states.every((state) => knownStates.test(state))
  )
    return undefined
  const units = names.map((unit, index) => ({ unit, state: states[index] ?? '', detail: '', since: '' }))
  return { kind: 'states', units, missing: [] }
}

function readSystem(text: string): SystemctlData | undefined {
  const [state] = firstMatch(text, /^\s+State: (\w+)$/) ?? []
  const [failed] = firstMatch(text, /^\s+Failed: (\d+) units?$/) ?? []
  const [jobs] = firstMatch(text, /^\s+Jobs: (\d+) queued$/) ?? []
  if (state === undefined || failed === undefined) return undefined
  return { kind: 'system', state, failed: Number(failed), jobs: Number(jobs ?? 0) }
}

/** Reads `systemctl status` of one unit or several. Lines of logs begin with a date, so none is taken for a unit. */
function readStates(text: string): SystemctlData | undefined {
  const missing = matching(text, /^Unit (\S+) could not be found\.$/).map(([unit = '']) => unit)
  const units: UnitState[] = []
  let unit: string | undefined
  for (const line of linesOf(text)) {
    unit = /^[●○×↻*] (\S+?)(?: - .*)?$/.exec(line)?.[1] ?? unit
    const [, state, detail = '', since = ''] = /^\s+Active: (\w+)((?: \([^)]+\))*)(?: since (.+?))?$/.exec(line) ?? []
    const last = units.at(-1)
    if (state !== undefined && unit !== undefined) {
      units.push({ unit, state, detail: detail.replaceAll('Result: ', ''), since })
      unit = undefined
    } else if (last !== undefined && unit === undefined) {
      const [, mainPid] = /^\s+Main PID: (\d+)/.exec(line) ?? []
      const [, memory] = /^\s+Memory: (\S+)/.exec(line) ?? []
      if (mainPid !== undefined) last.mainPid = mainPid
      if (memory !== undefined) last.memory = memory
    }
  }
  return units.length + missing.length === 0 ? undefined : { kind: 'states', units, missing }
}

function saySystemctl(data: SystemctlData): Insight | undefined {
  if (data.kind === 'list') return sayList(data)
  if (data.kind === 'system') return saySystem(data)
  return data.kind === 'jobs' ? sayJobs(data.jobs) : sayStates(data.units, data.missing)
}

function sayList({ total, failed, showsFailed, type, isNamed }: Extract<SystemctlData, { kind: 'list' }>): Insight {
  const facts = factsOf({ units: String(total), failed: listed(failed, 6) })
  if (failed.length > 0)
    return { severity: 'bad', headline: `${count(failed.length, 'failed unit')}: ${listed(failed)}`, facts }
  if (!showsFailed)
    return { severity: 'ok', headline: `${count(total, 'unit')} in the states that were asked for`, facts }
  const which = type === undefined ? 'units' : `units of type ${type}`
  return { severity: 'ok', headline: `No failed ${which}${isNamed ? ' of these names' : ''}`, facts }
}

function saySystem({ state, failed, jobs }: Extract<SystemctlData, { kind: 'system' }>): Insight {
  const facts = factsOf({ failed: count(failed, 'unit'), jobs: String(jobs) })
  if (failed > 0) return { severity: 'bad', headline: `The system is ${state}: ${count(failed, 'failed unit')}`, facts }
  return { severity: state === 'running' ? 'ok' : 'warn', headline: `The system is ${state}; no failed units`, facts }
}

function sayJobs(jobs: Extract<SystemctlData, { kind: 'jobs' }>['jobs']): Insight {
  if (jobs.length === 0) return { severity: 'ok', headline: 'No jobs', facts: [] }
  const names = jobs.map(({ unit, type, state }) => `${type} ${unit} (${state})`)
  return { severity: 'warn', headline: `${count(jobs.length, 'job')} not done yet: ${listed(names)}`, facts: [] }
}

const severities: Readonly<Record<string, Insight['severity']>> = { active: 'ok', reloading: 'ok', failed: 'bad' }

function sayState({ unit, state, detail }: UnitState): string {
  return `${unit} ${state === 'failed' ? 'has failed' : `is ${state}`}${detail}`
}

function sayStates(units: readonly UnitState[], missing: readonly string[]): Insight | undefined {
  const facts = (others: readonly UnitState[]) =>
    factsOf(Object.fromEntries(others.slice(0, 6).map(({ unit, state, detail }) => [unit, `${state}${detail}`])))
  if (missing.length > 0)
    return { severity: 'bad', headline: `There is no unit ${listed(missing)} here`, facts: facts(units) }
  const [first, ...more] = units
  if (first === undefined) return undefined
  if (more.length === 0) {
    return {
      severity: severities[first.state] ?? 'warn',
      headline: sayState(first),
      facts: factsOf({ since: first.since, 'main PID': first.mainPid, memory: first.memory }),
    }
  }
  const failed = units.filter(({ state }) => state === 'failed')
  const others = units.filter(({ state }) => severities[state] === undefined)
  const worst = failed.length > 0 ? failed : others
  if (worst.length === 0)
    return { severity: 'ok', headline: `All ${units.length} units are active`, facts: facts(units) }
  return {
    severity: failed.length > 0 ? 'bad' : 'warn',
    headline: listed(worst.map(sayState)),
    facts: facts(units.filter((unit) => !worst.includes(unit))),
  }
}

/** Reader of `systemctl`: failed units, the state of units, and jobs. */
export const systemctlReader: Reader<SystemctlData> = { read: readSystemctl, say: saySystemctl }
export const systemctlInsight = interpretWith(systemctlReader)
