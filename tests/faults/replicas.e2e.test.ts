import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, startStack } from '@parley/stack'
import { expect, onTestFinished, test } from 'vitest'
import { openContactCentre } from '../demo/contact-centre.ts'
import { WITH_PEOPLE, playCrowd } from '../demo/crowd.ts'
import { Desk } from '../demo/desk.ts'
import { audit } from '../demo/ledger.ts'
import { SimulatorControl } from '../demo/simulator-control.ts'
import { startBalancer } from './balancer.ts'
import { Chance } from './chance.ts'
import { SERVICES } from './disturb.ts'
import { Probe } from './probe.ts'
import { endReplica, startReplica } from './replica.ts'

const SEED = 11
const CUSTOMERS = 4
const AGENTS = 3
/**
 * At rest it is under 5 s: 3 s of a session and what the others need to take over. With the session's default it is 13 s. The machine may do
 * something else meanwhile, but not each time: half of the services have to keep to it.
 */
const GOES_ON_WITHIN_MS = 10_000

test('of two replicas of each service one is killed and does not come back: its work goes on at the other one, no desk is reloaded, and nothing is lost, doubled or left behind', async () => {
  const chance = new Chance(SEED)
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-replicas-'))
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }))
  await using balancer = await startBalancer()
  const consoleUrl = `http://localhost:${balancer.port}`
  await using stack = await startStack({
    dataDir,
    randomPorts: true,
    env: { KAFKA_SESSION_TIMEOUT_MS: '3000', AGENT_PUBLIC_URL: consoleUrl, WHATSAPP_PAIR_BURST: '1000000' },
  })
  const agentPort = String(await freePort())
  const replicas = new Map(
    await Promise.all(
      SERVICES.map(async (name) => {
        const replica = await startReplica(
          name,
          stack,
          name === 'agent' ? { AGENT_HTTP_PORT: agentPort } : {},
        )
        onTestFinished(() => endReplica(replica, 'SIGKILL'))
        return [name, replica] as const
      }),
    ),
  )
  balancer.serve([Number(new URL(stack.urls.console).port), Number(agentPort)])

  const simulator = new SimulatorControl(stack.urls.simulator)
  onTestFinished(() => simulator.close())
  const deadlineAt = Date.now() + 150_000
  const staffed = { urls: { console: consoleUrl }, people: stack.stackJson.people }
  const centre = await openContactCentre(staffed, AGENTS, chance, deadlineAt)
  const watcher = new Desk(consoleUrl, centre.supervisor, deadlineAt)
  const heard: string[] = []
  await watcher.read('/api/me')
  watcher.follow(({ name }) => heard.push(name))

  const probe = new Probe(simulator, ['5511980000001', '5511980000002'])
  await probe.start()
  let disturbing = true
  const talking = playCrowd(
    simulator,
    CUSTOMERS,
    { patienceMs: 45_000, deadlineAt, pollEveryMs: 200 },
    () => disturbing,
    WITH_PEOPLE,
  )
  talking.catch(() => undefined)
  const silences = new Map<string, number>()
  for (const name of chance.shuffled(SERVICES)) {
    const killedAt = Date.now()
    await endReplica(replicas.get(name)!, 'SIGKILL')
    expect(await probe.answeredAfter(killedAt + 4_000, 60_000)).toBe(true)
    silences.set(name, probe.longestSilenceMs(killedAt))
  }
  disturbing = false
  const { talks, findings } = await audit(simulator, await talking, 30_000)
  await probe.stop()
  const worked = await centre.close(talks)
  await watcher.close()
  console.info(`longest silence by service, ms: ${JSON.stringify(Object.fromEntries(silences))}`)
  expect([...findings, ...worked.findings]).toEqual([])
  expect(worked.said).toBeGreaterThan(0)
  expect(heard).toContain('conversation')
  expect(heard).not.toContain('refetch')
  const sorted = [...silences.values()].toSorted((one, other) => one - other)
  expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThan(GOES_ON_WITHIN_MS)
})
