import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startStack } from '@parley/stack'
import { expect, onTestFinished, test } from 'vitest'
import { playCrowd } from '../demo/crowd.ts'
import { audit } from '../demo/ledger.ts'
import { SimulatorControl } from '../demo/simulator-control.ts'
import { Chance } from './chance.ts'
import { type Disturbance, SERVERS, SERVICES, type Status, killInTurn } from './disturb.ts'

/** Each run the same kills; `npm run demo -- --kill` and `npm run faults` take other seeds. */
const SEED = 8

const CUSTOMERS = 6

test('nothing is lost, doubled, disordered or left without an answer while each service, Kafka and MongoDB are killed', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-kill-'))
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }))
  await using stack = await startStack({ dataDir, randomPorts: true })
  const simulator = new SimulatorControl(stack.urls.simulator)
  onTestFinished(() => simulator.close())
  const status: Status = async () => stack.status()

  let disturbing = true
  const disturbances: Disturbance[] = []
  const disturbed = killInTurn([...SERVICES, ...SERVERS], status, {
    chance: new Chance(SEED),
    pauseMs: [500, 3_000],
    onKilled: (disturbance) => disturbances.push(disturbance),
  }).finally(() => {
    disturbing = false
  })
  const records = await playCrowd(
    simulator,
    CUSTOMERS,
    { patienceMs: 45_000, deadlineAt: Date.now() + 150_000, pollEveryMs: 200 },
    () => disturbing,
  )
  await disturbed
  const { findings, written } = await audit(simulator, records, 30_000)
  expect(disturbances.map(({ name }) => name).toSorted()).toEqual([...SERVICES, ...SERVERS].toSorted())
  expect(findings).toEqual([])
  expect(written).toBeGreaterThanOrEqual(CUSTOMERS)
})
