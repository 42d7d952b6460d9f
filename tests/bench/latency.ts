import { setTimeout as pause } from 'node:timers/promises'
import { startStack } from '@parley/stack'
import { SimulatorControl } from '../demo/simulator-control.ts'
import { until } from './inbound.ts'
import { percentile } from './report.ts'

/**
 * Customer's message in → robot's answer accepted by the Graph API, through all five services as processes.
 * Every message is a complete turn: the customer asks for the menu, the robot shows it.
 */
export async function benchLatency(options: {
  dataDir: string
  contacts: number
  messagesPerSecond: number
  seconds: number
}): Promise<string> {
  const { contacts, messagesPerSecond, seconds } = options
  await using stack = await startStack({
    dataDir: options.dataDir,
    randomPorts: true,
    // The limits are Meta's, not ours; they are lifted here so that what is measured is the system.
    env: { WHATSAPP_MESSAGES_PER_SECOND: '1000', WHATSAPP_PAIR_BURST: '10000' },
  })
  const simulator = new SimulatorControl(stack.urls.simulator)
  const customers = Array.from({ length: contacts }, (_, index) => String(5_511_970_000_000 + index))
  const ask = async (waId: string): Promise<number> => {
    const at = Date.now()
    await simulator.write(waId, { type: 'text', text: { body: 'menu' } })
    return at
  }
  // The menu is an interactive message; it is the last thing that the robot says in each turn.
  const answers = async (waId: string): Promise<number[]> =>
    (await simulator.sent(waId))
      .filter(({ body }) => body.type === 'interactive')
      .map(({ acceptedAt }) => Date.parse(acceptedAt))

  for (const waId of customers) {
    await ask(waId)
    await pause(40)
  }
  // One customer after the other: asking for all of them at once would be a load of its own.
  for (const waId of customers) await until(async () => (await answers(waId)).length === 1)

  const askedAt = new Map<string, number[]>(customers.map((waId) => [waId, []]))
  const startedAt = performance.now()
  const count = messagesPerSecond * seconds
  const writing: Promise<unknown>[] = []
  for (let index = 0; index < count; index += 1) {
    const due = startedAt + (index * 1000) / messagesPerSecond
    if (due > performance.now()) await pause(due - performance.now())
    const waId = customers[index % contacts]!
    writing.push(ask(waId).then((at) => askedAt.get(waId)!.push(at)))
  }
  await Promise.all(writing)
  const latencies: number[] = []
  for (const waId of customers) {
    const expected = 1 + askedAt.get(waId)!.length
    let answered: number[] = []
    await until(async () => (answered = (await answers(waId)).slice(1)).length + 1 >= expected)
    for (const [index, at] of askedAt.get(waId)!.entries()) latencies.push(answered[index]! - at)
  }
  await simulator.close()
  const sorted = latencies.toSorted((a, b) => a - b)
  return [
    `message in to answer sent, at ${messagesPerSecond} messages/s for ${seconds} s (${sorted.length} turns, ${contacts} customers)`,
    `  p50 ${percentile(sorted, 0.5)} ms   p90 ${percentile(sorted, 0.9)} ms   p99 ${percentile(sorted, 0.99)} ms   max ${sorted.at(-1)} ms`,
    `  everything (load, simulator, five services, Kafka, MongoDB) shares this machine`,
  ].join('\n')
}
