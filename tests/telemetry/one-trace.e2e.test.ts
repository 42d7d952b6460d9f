import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Stack, startStack } from '@parley/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type SentMessage, SimulatorControl } from '../demo/simulator-control.ts'
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from './otlp-receiver.ts'

const waId = '5511987650042'
const [greeting, question] = ['oi, zumbido de besouro', 'perdi meu zumbido de cartão']

let dataDir: string
let collector: OtlpReceiver
let stack: Stack
let simulator: SimulatorControl

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'parley-telemetry-'))
  collector = await startOtlpReceiver()
  stack = await startStack({
    dataDir,
    randomPorts: true,
    env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, LOG_LEVEL: 'trace' },
  })
  simulator = new SimulatorControl(stack.urls.simulator)
})
afterAll(async () => {
  await simulator?.close()
  await stack?.stop()
  await collector?.[Symbol.asyncDispose]()
  await rm(dataDir, { recursive: true, force: true })
})

/** The names under which the product was told of the customer. */
async function namesOfCustomer(): Promise<string[]> {
  const answer = await fetch(`${stack.urls.simulator}/_sim/webhooks?waId=${waId}`)
  const { webhooks } = (await answer.json()) as { webhooks: { bodyBase64: string }[] }
  const bodies = webhooks.map(({ bodyBase64 }) => Buffer.from(bodyBase64, 'base64').toString())
  const values = (key: string) =>
    bodies.flatMap((body) =>
      [...body.matchAll(new RegExp(`"${key}":"([^"]+)"`, 'g'))].map(([, value]) => value!),
    )
  const [name, id] = [values('name')[0], values('user_id')[0]]
  if (name === undefined || id === undefined) throw new Error('The webhooks name no customer.')
  return [waId, id, JSON.parse(`"${name}"`) as string]
}

/** What was sent to the customer, once it is so many messages. */
async function answered(count: number): Promise<readonly SentMessage[]> {
  await expect
    .poll(async () => (await simulator.sent(waId)).length, { timeout: 60_000 })
    .toBeGreaterThanOrEqual(count)
  return simulator.sent(waId)
}

/** The customer's messages, each as the spans of its trace, in order of arrival. */
function tracesOfMessages(): readonly (readonly ReceivedSpan[])[] {
  return [...Map.groupBy(collector.spans(), ({ traceId }) => traceId).values()]
    .filter((spans) => spans.some((span) => span.name === 'decide ReceiveMessage'))
    .map((spans) => spans.toSorted((a, b) => Number(a.startedAt - b.startedAt)))
    .toSorted(([a], [b]) => Number(a!.startedAt - b!.startedAt))
}

const isUnder = (span: ReceivedSpan, ancestor: ReceivedSpan, spans: readonly ReceivedSpan[]): boolean => {
  const parent = spans.find(({ spanId }) => spanId === span.parentSpanId)
  return parent !== undefined && (parent === ancestor || isUnder(parent, ancestor, spans))
}

test("a customer's message is one trace: gateway, routing, bot, routing, gateway, and the readers beside them", async () => {
  await simulator.write(waId, { type: 'text', text: { body: greeting } })
  const before = await answered(2)
  // The robot's next turn waits until its answer is on record as sent, and is of the trace that let it go on.
  await expect
    .poll(
      () => (tracesOfMessages()[0] ?? []).filter(({ name }) => name === 'decide RecordMessageSent').length,
      { timeout: 30_000 },
    )
    .toBeGreaterThanOrEqual(2)
  await simulator.write(waId, { type: 'text', text: { body: question } })
  await answered(before.length + 1)

  const road = [
    ['parley-gateway', 'POST /webhook'],
    ['parley-routing', 'decide ReceiveMessage'],
    ['parley-bot', 'bot turn'],
    ['parley-routing', 'decide CompleteBotTurn'],
    ['parley-gateway', 'send message'],
    ['parley-routing', 'decide RecordMessageSent'],
  ] as const
  const stationOf = ([service, name]: (typeof road)[number], spans: readonly ReceivedSpan[]) =>
    spans.find((span) => span.service === service && span.name === name)
  const traceOfQuestion = () => tracesOfMessages()[1] ?? []

  await expect
    .poll(() => road.filter((station) => stationOf(station, traceOfQuestion()) === undefined), {
      timeout: 30_000,
    })
    .toEqual([])
  await expect
    .poll(() => [...new Set(traceOfQuestion().map(({ service }) => service))].sort(), { timeout: 30_000 })
    .toEqual(['parley-agent', 'parley-archive', 'parley-bot', 'parley-gateway', 'parley-routing'])

  // Each service sends its spans by itself: one may be here before the one that it is under.
  const isWhole = (spans: readonly ReceivedSpan[]) =>
    spans.every(
      ({ parentSpanId }) => parentSpanId === '' || spans.some(({ spanId }) => spanId === parentSpanId),
    )
  await expect.poll(() => isWhole(traceOfQuestion()), { timeout: 30_000 }).toBe(true)

  const spans = traceOfQuestion()
  const stations = road.map((station) => stationOf(station, spans)!)
  expect(spans.filter(({ parentSpanId }) => parentSpanId === '')).toEqual([stations[0]])
  for (const [index, station] of stations.entries()) {
    if (index === 0) continue
    expect(station.startedAt).toBeGreaterThanOrEqual(stations[index - 1]!.startedAt)
    expect(isUnder(station, stations[0]!, spans)).toBe(true)
  }
})

test('the trace of a message is there for the first one too, though the privacy notice goes before the robot', async () => {
  await expect
    .poll(() => (tracesOfMessages()[0] ?? []).filter((span) => span.name === 'send message').length, {
      timeout: 30_000,
    })
    .toBeGreaterThanOrEqual(1)
})

test('every service pushes its metrics, and the gateway how long its webhooks took', async () => {
  const services = (name: string) => [
    ...new Set(
      collector
        .metrics()
        .filter((metric) => metric.name === name)
        .map(({ service }) => service),
    ),
  ]
  await expect
    .poll(() => services('process.memory.usage').toSorted(), { timeout: 40_000 })
    .toEqual(['parley-agent', 'parley-archive', 'parley-bot', 'parley-gateway', 'parley-routing'])
  await expect
    .poll(() => services('http.server.request.duration'), { timeout: 40_000 })
    .toContain('parley-gateway')
})

test('no span, no metric and no log line holds what was said, a name or a phone number', async () => {
  const said = (await simulator.sent(waId)).flatMap(({ body }) => [
    body.text?.body,
    body.interactive?.body.text,
    ...(body.interactive?.action.buttons ?? []).map(({ reply }) => reply.title),
  ])
  const secrets = [...(await namesOfCustomer()), 'zumbido', stack.stackJson.whatsapp.accessToken, ...said]
    .filter((secret) => secret !== undefined)
    .map((secret) => JSON.stringify(secret).slice(1, -1))
  expect(secrets.length).toBeGreaterThan(7)

  const logs = await readdir(join(dataDir, 'logs'))
  const texts = new Map([['telemetry', collector.text()]])
  for (const service of ['gateway', 'routing', 'bot', 'agent', 'archive']) {
    expect(logs).toContain(`${service}.log`)
    texts.set(service, await readFile(join(dataDir, 'logs', `${service}.log`), 'utf8'))
  }
  for (const [where, text] of texts) {
    const found = secrets.filter((secret) => text.includes(secret))
    expect({ where, isEmpty: text === '', found }).toEqual({ where, isEmpty: false, found: [] })
  }
})
