import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { companyIn } from '@parley/routing'
import { type Stack, startStack } from '@parley/stack'
import { dateAt } from '@parley/time-zone'
import { expect, onTestFinished, test, vi } from 'vitest'
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
const TEST_MS = 420_000

/** The figures of the day are those that the raw archive gives, whatever was killed in between. */
async function expectRecounted({ stackJson, dataDir }: Stack, day: string): Promise<void> {
  const program = fileURLToPath(new URL('../../infra/operator/src/parley.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [program, 'recount', '--day', day, '--json'],
    {
      env: {
        ...process.env,
        PARLEY_DATA_DIR: dataDir,
        MONGODB_URI: stackJson.mongoUri,
        KAFKA_BROKERS: stackJson.kafkaBrokers.join(','),
        PARLEY_NAMESPACE: stackJson.namespace,
        PARLEY_CONFIG_DIR: stackJson.configDirectory,
      },
      maxBuffer: 2 ** 26,
    },
  )
  const { differentCount, figures } = JSON.parse(stdout) as {
    differentCount: number
    figures: readonly { metric: string; live: { numerator: number } }[]
  }
  expect(differentCount).toBe(0)
  expect(figures.find(({ metric }) => metric === 'opened')?.live.numerator).toBeGreaterThan(0)
}

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
    const { timezone } = await companyIn(stack.stackJson.configDirectory)
    // They begin on it, though midnight may come before they end.
    const day = dateAt(Date.now(), timezone)
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
    await vi.waitFor(() => expectRecounted(stack, day), { timeout: 60_000, interval: 1_000 })
  },
  TEST_MS,
)
