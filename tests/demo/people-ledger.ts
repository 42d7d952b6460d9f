import { setTimeout as pause } from 'node:timers/promises'
import { conversations } from '@parley/conversation'
import { readEvent } from '@parley/kernel'
import { AGENT_SIGN, type AgentRecord } from './clerk.ts'
import type { Desk } from './desk.ts'
import type { LedgerFinding, Talk, TranscriptJson } from './ledger.ts'

/** What `GET /api/workforce` says. */
export interface Workforce {
  readonly agents: readonly { readonly id: string; readonly load: number; readonly capacity: number }[]
  readonly queues: readonly {
    readonly name: string
    readonly waitingCount: number
    readonly offeredCount: number
  }[]
}

/**
 * Pure: what agents did, as their desks were told, against what reached the phones and what the records prove. Lost, doubled and out of
 * order are each message that a desk was told it said; two owners, each version and each record; leaked, what was for colleagues.
 */
export function comparePeople(agents: readonly AgentRecord[], talks: readonly Talk[]): LedgerFinding[] {
  const findings: LedgerFinding[] = []
  const find = (waId: string, kind: LedgerFinding['kind'], what: string): void => {
    findings.push({ waId, kind, what })
  }
  const phones = talks.flatMap(({ waId, sent }) => sent.map((message) => ({ waId, message })))
  const byText = groupedBy(phones, ({ message }) => message.body.text?.body ?? '')
  const isKnown = new Set(agents.flatMap(({ said }) => said.map(({ text }) => text)))

  for (const { agentId, said, refused, unanswered, notes } of agents) {
    for (const what of unanswered) find(agentId, 'unanswered', what)
    for (const { messageId, text } of said) {
      const arrived = byText.get(text) ?? []
      if (arrived.length === 0) find(agentId, 'lost', `${agentId} said ${messageId}, no phone has it`)
      if (arrived.length > 1)
        find(agentId, 'doubled', `${messageId} of ${agentId} is ${arrived.length} times on phones`)
      for (const { waId, message } of arrived)
        if (message.body.biz_opaque_callback_data !== messageId)
          find(waId, 'broken_record', `${messageId} travelled as ${message.body.biz_opaque_callback_data}`)
    }
    for (const text of refused)
      for (const { waId } of byText.get(text) ?? [])
        find(waId, 'leaked', `a refused message of ${agentId} reached the phone`)
    for (const note of notes)
      for (const { waId } of talks.filter((talk) => everythingIn(talk).includes(note)))
        find(waId, 'leaked', `a note of ${agentId} reached the customer`)
    for (const [conversationId, sayings] of groupedBy(said, (each) => each.conversationId)) {
      const order = sayings.map(({ text }) =>
        phones.findIndex((each) => each.message.body.text?.body === text),
      )
      const arrived = order.filter((at) => at >= 0)
      if (arrived.some((at, index) => index > 0 && at < arrived[index - 1]!))
        find(agentId, 'disordered', `what ${agentId} said in ${conversationId}`)
    }
  }
  for (const { waId, message } of phones) {
    const text = message.body.text?.body ?? ''
    if (
      text.startsWith(AGENT_SIGN) &&
      !isKnown.has(text) &&
      !agents.some(({ refused }) => refused.includes(text))
    )
      find(waId, 'unanswered', `${message.id} reached the phone, and no desk was told`)
  }

  const owners = groupedBy(
    agents.flatMap((agent) => agent.owners),
    ({ conversationId, version }) => `${conversationId} at version ${version}`,
  )
  for (const [place, told] of owners)
    if (new Set(told.map(({ ownerId }) => ownerId)).size > 1)
      find('', 'two_owners', `${place}: ${[...new Set(told.map(({ ownerId }) => ownerId))].join(', ')}`)
  for (const { waId, transcript } of talks)
    for (const what of transcript === undefined ? [] : strangersIn(transcript)) find(waId, 'two_owners', what)
  return findings
}

/** Pure. Polled, so only what lasts for a poll is seen; but what the pool allows itself it would allow again. */
export function overCapacity(polls: readonly Workforce[]): LedgerFinding[] {
  const over = new Map<string, string>()
  for (const { agents } of polls)
    for (const { id, load, capacity } of agents)
      if (load > capacity) over.set(id, `${id} had ${load} of ${capacity}`)
  return [...over.values()].map((what) => ({ waId: '', kind: 'over_capacity', what }))
}

/** What still waits, and what agents still have, when all customers are done. */
export async function stranded(supervisor: Desk, settleMs: number): Promise<LedgerFinding[]> {
  const settledAt = Date.now() + settleMs
  for (;;) {
    const { agents, queues } = (await supervisor.read('/api/workforce')) as unknown as Workforce
    const left = [
      ...queues
        .filter(({ waitingCount, offeredCount }) => waitingCount + offeredCount > 0)
        .map(({ name, waitingCount }) => `${waitingCount} wait in ${name}`),
      ...agents.filter(({ load }) => load > 0).map(({ id, load }) => `${id} has ${load}`),
    ]
    if (left.length === 0 || Date.now() >= settledAt)
      return left.map((what) => ({ waId: '', kind: 'stranded', what }))
    await pause(250)
  }
}

/** By the records themselves: nobody but the owner speaks to the customer. */
function strangersIn({ events }: TranscriptJson): readonly string[] {
  let owner = ''
  const found: string[] = []
  for (const { raw } of events) {
    if (raw === null) continue
    const { envelope } = readEvent(Buffer.from(raw, 'base64'))
    const event = conversations.readEvent(envelope)
    switch (event.type) {
      case 'ConversationAssigned':
        owner = event.data.agentId
        break
      case 'HandoverRequested':
      case 'ConversationRequeued':
      case 'ConversationReturnedToRobot':
        owner = ''
        break
      case 'MessageSendRequested':
        if (envelope.actor?.kind === 'agent' && envelope.actor.id !== owner)
          found.push(`${envelope.actor.id} spoke in version ${envelope.streamVersion}, owned by "${owner}"`)
        break
      default:
    }
  }
  return found
}

function everythingIn({ sent, transcript }: Talk): string {
  const records = transcript?.events.map(({ raw }) => Buffer.from(raw ?? '', 'base64').toString('utf8')) ?? []
  return [JSON.stringify(sent), JSON.stringify(transcript?.messages ?? []), ...records].join('\n')
}

function groupedBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): ReadonlyMap<string, Item[]> {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group === undefined) groups.set(keyOf(item), [item])
    else group.push(item)
  }
  return groups
}
