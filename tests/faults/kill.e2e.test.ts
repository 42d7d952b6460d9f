import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startStack } from '@parley/stack'
import { expect, onTestFinished, test } from 'vitest'
import { openContactCentre } from '../demo/contact-centre.ts'
import { WITH_PEOPLE, playCrowd } from '../demo/crowd.ts'
import { audit } from '../demo/ledger.ts'
import { SimulatorControl } from '../demo/simulator-control.ts'
import { Chance } from './chance.ts'
import { type Disturbance, SERVERS, SERVICES, type Status, killInTurn } from './disturb.ts'

/** Each run the same kills; `npm run demo -- --kill` and `npm run faults` take other seeds. */
const SEED = 8

const CUSTOMERS = 6
const AGENTS = 4
/** As in the demo: on a machine without a free core the kills of several services add up. */
const PATIENCE_MS = 60_000
const TALK_AT_MOST_MS = 180_000
/** Starting the stack, the talk, and what the ledger waits for. */
const TEST_MS = 360_000

test(
  'nothing is lost, doubled, disordered or left without an answer, and nobody is served by two or left behind, while each service, Kafka and MongoDB are killed',
  async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'parley-kill-'))
    onTestFinished(() => rm(dataDir, { recursive: true, force: true }))
    await using stack = await startStack({ dataDir, randomPorts: true })
    const simulator = new SimulatorControl(stack.urls.simulator)
    onTestFinished(() => simulator.close())
    const status: Status = async () => stack.status()

    const chance = new Chance(SEED)
    const deadlineAt = Date.now() + TALK_AT_MOST_MS
    const centre = await openContactCentre(stack.stackJson, AGENTS, chance, deadlineAt)

    let disturbing = true
    const disturbances: Disturbance[] = []
    const disturbed = killInTurn([...SERVICES, ...SERVERS], status, {
      chance,
      pauseMs: [500, 3_000],
      onKilled: (disturbance) => disturbances.push(disturbance),
    }).finally(() => {
      disturbing = false
    })
    const records = await playCrowd(
      simulator,
      CUSTOMERS,
      { patienceMs: PATIENCE_MS, deadlineAt, pollEveryMs: 200 },
      () => disturbing,
      WITH_PEOPLE,
    )
    await disturbed
    const { findings, written, talks } = await audit(simulator, records, 30_000)
    const people = await centre.close(talks)
    expect(disturbances.map(({ name }) => name).toSorted()).toEqual([...SERVICES, ...SERVERS].toSorted())
    expect([...findings, ...people.findings]).toEqual([])
    expect(people.said).toBeGreaterThan(0)
    expect(written).toBeGreaterThanOrEqual(CUSTOMERS)
  },
  TEST_MS,
)
