import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { openContactCentre } from '../demo/contact-centre.ts'
import { WITH_PEOPLE, playCrowd } from '../demo/crowd.ts'
import { type LedgerReport, audit } from '../demo/ledger.ts'
import { Chance } from './chance.ts'
import { Probe } from './probe.ts'
import type { Scenario } from './scenarios.ts'
import type { Worlds } from './world.ts'

const CUSTOMERS = 6
const AGENTS = 4
const PATIENCE_MS = 45_000
const TALK_AT_MOST_MS = 120_000
const CALM_BEFORE_MS = 2_000
const GOES_ON_WITHIN_MS = 60_000
const SETTLE_MS = 30_000
/** Three customers: with twelve partitions they seldom share one. */
const PROBES = ['5511980000001', '5511980000002', '5511980000003']

export interface ScenarioOutcome {
  readonly ledger: LedgerReport
  /** The longest time without an answer that a customer saw who writes once a second; undefined when no answer came any more. */
  readonly silenceMs: number | undefined
  /** The longest that anybody waited for an answer, of the robot or of a person. */
  readonly slowestAnswerMs: number
}

/** Where the logs of all processes are kept when something was found; the stack itself is gone by then. */
export const logsOf = ({ name }: Scenario): string => join('.data', 'faults', name)

/** Customers talk to the robot and to agents of a stack, the scenario disturbs it, then the ledger is drawn up. */
export async function runScenario(
  scenario: Scenario,
  seed: number,
  worlds: Worlds,
): Promise<ScenarioOutcome> {
  const { world, disturb } = await scenario.begin(worlds)
  await using _ended = world
  const { simulator } = world
  const keepLogs = () => cp(join(world.stack.dataDir, 'logs'), logsOf(scenario), { recursive: true })
  const probe = new Probe(simulator, PROBES)
  await probe.start()
  try {
    const deadlineAt = Date.now() + TALK_AT_MOST_MS + scenario.outageMs
    const centre = await openContactCentre(world.stack.stackJson, AGENTS, new Chance(seed), deadlineAt)
    let disturbing = true
    const talking = playCrowd(
      simulator,
      CUSTOMERS,
      {
        patienceMs: PATIENCE_MS + scenario.outageMs,
        deadlineAt,
        pollEveryMs: 200,
      },
      () => disturbing,
      WITH_PEOPLE,
    )
    // When the disturbance itself fails, nobody awaits them any more.
    void talking.catch(() => undefined)
    await pause(CALM_BEFORE_MS)
    const disturbedAt = Date.now()
    await disturb(new Chance(seed)).finally(() => {
      disturbing = false
    })
    const goesOn = await probe.answeredAfter(Date.now(), GOES_ON_WITHIN_MS)
    const records = await talking
    const { talks, ...audited } = await audit(simulator, records, SETTLE_MS)
    const people = await centre.close(talks)
    const ledger = { ...audited, findings: [...audited.findings, ...people.findings] }
    if (ledger.findings.length > 0 || !goesOn) await keepLogs()
    return {
      ledger,
      silenceMs: goesOn ? probe.longestSilenceMs(disturbedAt) : undefined,
      slowestAnswerMs: Math.max(0, ...records.flatMap(({ answeredAfterMs }) => answeredAfterMs)),
    }
  } catch (error) {
    await keepLogs()
    throw error
  } finally {
    await probe.stop()
  }
}
