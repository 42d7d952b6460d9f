import { type ConversationEvent, contentOf, conversations } from '@parley/conversation'
import type { CommonEvent } from '@parley/kernel'
import { Chain, type Sketch } from '@parley/testkit'
import { expect, test } from 'vitest'
import { AGENT_SIGN, type AgentRecord } from './clerk.ts'
import { eventsIn } from './desk.ts'
import type { Talk, TranscriptJson } from './ledger.ts'
import { comparePeople, overCapacity } from './people-ledger.ts'

const WA_ID = '5511900000001'
const [ONE, TWO] = [`${AGENT_SIGN} one`, `${AGENT_SIGN} two`]

const agent = (given: Partial<AgentRecord> = {}): AgentRecord => ({
  agentId: 'ana',
  said: [
    { messageId: 'm-1', conversationId: 'c', text: ONE },
    { messageId: 'm-2', conversationId: 'c', text: TWO },
  ],
  notes: ['for colleagues'],
  refused: [],
  refusals: [],
  unanswered: [],
  owners: [],
  accepted: 1,
  ...given,
})

const onPhone = (...messages: readonly (readonly [id: string, text: string])[]): Talk => ({
  waId: WA_ID,
  sent: messages.map(([id, text], index) => ({
    id: `wamid.${index}`,
    waId: WA_ID,
    acceptedAt: '2026-11-22T12:00:00.000Z',
    body: { type: 'text', text: { body: text }, biz_opaque_callback_data: id },
  })),
  transcript: undefined,
})
const WHOLE = onPhone(['m-1', ONE], ['m-2', TWO])

const kinds = (agents: readonly AgentRecord[], ...talks: readonly Talk[]) =>
  comparePeople(agents, talks).map(({ kind }) => kind)

test('what agents said is on the phones, once and in order: no findings', () => {
  expect(kinds([agent()], WHOLE)).toEqual([])
})

test('a message that a desk was told of and no phone has is lost', () => {
  expect(kinds([agent()], onPhone(['m-1', ONE]))).toEqual(['lost'])
})

test('the words of one post that are on phones twice are doubled, whatever ids they have', () => {
  expect(kinds([agent()], onPhone(['m-1', ONE], ['m-2', TWO], ['m-2', TWO]))).toEqual(['doubled'])
  expect(kinds([agent()], onPhone(['m-1', ONE], ['m-2', TWO], ['m-3', TWO]))).toContain('doubled')
})

test('messages of one agent that arrive in another order are out of order', () => {
  expect(kinds([agent()], onPhone(['m-2', TWO], ['m-1', ONE]))).toEqual(['disordered'])
})

test('a message on the phone that no desk was told of was not answered; so is a change without an answer', () => {
  expect(kinds([agent({ said: [] })], onPhone(['m-1', ONE]))).toEqual(['unanswered'])
  expect(kinds([agent({ unanswered: ['POST /x: no answer'] })], WHOLE)).toEqual(['unanswered'])
})

test('a note, or a message that was refused, on a phone or in a transcript is leaked', () => {
  expect(kinds([agent()], onPhone(['m-1', ONE], ['m-2', TWO], ['', 'for colleagues']))).toEqual(['leaked'])
  expect(kinds([agent({ said: [], refused: [ONE] })], onPhone(['m-1', ONE]))).toEqual(['leaked'])
  const told = transcriptOf({ type: 'NoteAdded', data: { agentId: 'ana' } })
  expect(kinds([agent({ said: [] })], { waId: WA_ID, sent: [], transcript: told })).toEqual(['leaked'])
})

function transcriptOf(...events: readonly Sketch<ConversationEvent | CommonEvent>[]): TranscriptJson {
  const chain = new Chain(conversations, WA_ID)
  return {
    conversationId: 'c',
    messages: [],
    events: events.map((event) => {
      const { raw, envelope } = chain.add(event, {
        actor: { kind: 'agent', id: 'ana' },
        content: event.type === 'NoteAdded' ? contentOf({ note: 'for colleagues' }) : [],
      })
      const { type, streamVersion } = envelope
      return { type, streamVersion, raw: Buffer.from(raw).toString('base64'), hash: '', prevHash: '' }
    }),
  }
}

test('two desks that were told of two owners of one version found two owners', () => {
  const told = (agentId: string, ownerId: string) =>
    agent({ agentId, said: [], owners: [{ conversationId: 'c', version: 7, ownerId }] })
  expect(kinds([told('ana', 'ana'), told('bia', 'ana')])).toEqual([])
  expect(kinds([told('ana', 'ana'), told('bia', 'bia')])).toEqual(['two_owners'])
})

test('a record in which somebody speaks who does not own the conversation has two owners', () => {
  const assigned = (agentId: string) => ({ type: 'ConversationAssigned', data: { agentId } }) as const
  const speaks = { type: 'MessageSendRequested', data: { messageId: 'm' } } as const
  const by = (...events: readonly Sketch<ConversationEvent>[]) =>
    kinds([], { waId: WA_ID, sent: [], transcript: transcriptOf(...events) })
  expect(by(assigned('ana'), speaks)).toEqual([])
  expect(by(assigned('bia'), speaks)).toEqual(['two_owners'])
  expect(by(assigned('ana'), assigned('bia'), speaks)).toEqual(['two_owners'])
  expect(by(assigned('ana'), { type: 'ConversationRequeued' }, speaks)).toEqual(['two_owners'])
})

test('an agent with more than they can hold is found, once', () => {
  const poll = (load: number) => ({ agents: [{ id: 'ana', load, capacity: 4 }], queues: [] })
  expect(overCapacity([poll(4), poll(0)])).toEqual([])
  expect(overCapacity([poll(4), poll(5), poll(6)]).map(({ kind }) => kind)).toEqual(['over_capacity'])
})

test('events of a stream are read however their bytes are cut', async () => {
  const text =
    'id: 1\nevent: ready\ndata: {"position":"x"}\n\n: still here\n\nid: 2\nevent: offer\ndata: {"contact":"José"}\n\n'
  const bytes = Buffer.from(text)
  for (const size of [1, 7, bytes.length]) {
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
      bytes.subarray(at * size, (at + 1) * size),
    )
    const body = (async function* () {
      yield* chunks
    })()
    const events: unknown[] = []
    for await (const event of eventsIn(body)) events.push(event)
    expect(events).toEqual([
      { id: '1', name: 'ready', data: { position: 'x' } },
      { id: '2', name: 'offer', data: { contact: 'José' } },
    ])
  }
})
