import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startStack } from '@parley/stack'
import { expect, test } from 'vitest'
import { playCrowd } from '../demo/crowd.ts'
import { audit } from '../demo/ledger.ts'
import { SimulatorControl } from '../demo/simulator-control.ts'
import { SERVERS, SERVICES, type Status, killInTurn } from './disturb.ts'

test('nothing is lost, doubled or disordered while each service is killed and Kafka and MongoDB are restarted', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-kill-'))
  await using stack = await startStack({ dataDir, randomPorts: true })
  const simulator = new SimulatorControl(stack.urls.simulator)
  const status: Status = async () => stack.status()

  let disturbing = true
  const disturbed = killInTurn([...SERVICES, ...SERVERS], status, { pauseMs: 2_000 }).finally(() => {
    disturbing = false
  })
  const records = await playCrowd(
    simulator,
    6,
    { patienceMs: 45_000, deadlineAt: Date.now() + 200_000, pollEveryMs: 200 },
    () => disturbing,
  )
  const disturbances = await disturbed
  const report = await audit(simulator, records, 30_000)

  expect(disturbances.map(({ name }) => name)).toEqual([...SERVICES, ...SERVERS])
  expect(report.findings).toEqual([])
  expect(report.written).toBeGreaterThanOrEqual(6 * 7)
  await simulator.close()
  await stack.stop()
  await rm(dataDir, { recursive: true, force: true })
})
