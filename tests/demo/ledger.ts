import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { EventEnvelope } from '@parley/proto/envelope'
import type { CustomerRecord } from './customer.ts'
import type { SentMessage, SimulatorControl } from './simulator-control.ts'

/** The transcript as anybody with the link can download it. */
export interface TranscriptJson {
  readonly conversationId: string
  readonly messages: readonly {
    readonly messageId: string
    readonly providerMessageId: string
    readonly author: { readonly kind: string }
    readonly type: string
    readonly text: string
    readonly status: string
  }[]
  readonly events: readonly {
    readonly type: string
    readonly streamVersion: number
    /** Null where the record holds what is masked: then its hash stands for it. */
    readonly raw: string | null
    readonly hash: string
    readonly prevHash: string
  }[]
}

/**
 * `unsent`: a message of ours that at the end is queued, failed or uncertain. `unanswered`: a customer's message without an answer in
 * time, whatever came later; with agents also a change of theirs that was never answered. `unfinished`: no transcript link, or a
 * conversation that did not end. The last four are about people: see `comparePeople`.
 */
export const FINDING_KINDS = [
  'lost',
  'doubled',
  'disordered',
  'broken_record',
  'unsent',
  'unanswered',
  'unfinished',
  'two_owners',
  'over_capacity',
  'stranded',
  'leaked',
] as const
export type FindingKind = (typeof FINDING_KINDS)[number]

export interface LedgerFinding {
  readonly waId: string
  readonly kind: FindingKind
  readonly what: string
}

export interface LedgerReport {
  readonly customers: number
  readonly written: number
  readonly sent: number
  readonly findings: readonly LedgerFinding[]
}

/** One customer, from both faces of the system: what reached the phone, and what the transcript says. */
export interface Talk {
  readonly waId: string
  readonly sent: readonly SentMessage[]
  /** Undefined where no link came. */
  readonly transcript: TranscriptJson | undefined
}

export interface AuditedReport extends LedgerReport {
  /** What both faces said of each customer. */
  readonly talks: readonly Talk[]
}

/**
 * Compares what customers did and what reached their phones with what the transcripts say. It knows nothing of the system but
 * its two public faces: the simulator's record of the channel, and the transcript behind the link.
 */
export async function audit(
  simulator: Pick<SimulatorControl, 'sent'>,
  customers: readonly CustomerRecord[],
  settleMs = 15_000,
): Promise<AuditedReport> {
  const settledAt = Date.now() + settleMs
  let written = 0
  let sentCount = 0
  const findings: LedgerFinding[] = []
  const talks: Talk[] = []
  for (const { waId, wrote, unanswered, link } of customers) {
    written += wrote.length
    for (const id of unanswered)
      findings.push({ waId, kind: 'unanswered', what: `no answer to ${id} in time` })
    if (link === undefined) {
      const sent = await simulator.sent(waId)
      sentCount += sent.length
      talks.push({ waId, sent, transcript: undefined })
      findings.push({ waId, kind: 'unfinished', what: 'no transcript link arrived' })
      continue
    }
    const { sent, found, transcript } = await settledAudit(simulator, { waId, wrote }, link, settledAt)
    sentCount += sent.length
    findings.push(...found)
    talks.push({ waId, sent, transcript })
  }
  return { customers: customers.length, written, sent: sentCount, findings, talks }
}

/** The read model follows the log by a moment: what is missing at once may be there a moment later; what is wrong stays wrong. */
async function settledAudit(
  simulator: Pick<SimulatorControl, 'sent'>,
  customer: Pick<CustomerRecord, 'waId' | 'wrote'>,
  link: string,
  settledAt: number,
): Promise<{ sent: readonly SentMessage[]; found: LedgerFinding[]; transcript: TranscriptJson | undefined }> {
  for (;;) {
    const sent = await simulator.sent(customer.waId)
    const { found, transcript } = await fetchTranscript(link).then(
      (read) => ({ found: compare(customer, sent, read), transcript: read }),
      (error: Error): { found: LedgerFinding[]; transcript: undefined } => {
        const what = `the transcript cannot be read: ${error.message}`
        return { found: [{ waId: customer.waId, kind: 'broken_record', what }], transcript: undefined }
      },
    )
    if (found.length === 0 || Date.now() >= settledAt) return { sent, found, transcript }
    await pause(250)
  }
}

export async function fetchTranscript(link: string): Promise<TranscriptJson> {
  const response = await fetch(`${link.replace(/\/$/, '')}/transcript.json`)
  if (response.status !== 200) throw new Error(`The transcript answered ${response.status}.`)
  return (await response.json()) as TranscriptJson
}

/** Pure: everything that is lost, doubled, out of order or not sent for one customer. */
export function compare(
  customer: Pick<CustomerRecord, 'waId' | 'wrote'>,
  sent: readonly SentMessage[],
  transcript: TranscriptJson,
): LedgerFinding[] {
  const findings: LedgerFinding[] = []
  const find = (kind: LedgerFinding['kind'], what: string): void => {
    findings.push({ waId: customer.waId, kind, what })
  }
  const theirs = transcript.messages.filter(({ author }) => author.kind === 'customer')
  const ours = transcript.messages.filter(({ author }) => author.kind !== 'customer')
  const shown = {
    theirs: theirs.map(({ providerMessageId }) => providerMessageId),
    ours: ours.map(({ providerMessageId }) => providerMessageId).filter((id) => id !== ''),
  }
  const sentIds = sent.map(({ id }) => id)

  for (const id of customer.wrote) if (!shown.theirs.includes(id)) find('lost', `customer's message ${id}`)
  for (const id of sentIds) if (!shown.ours.includes(id)) find('lost', `our message ${id}`)
  for (const id of repeated([...shown.theirs, ...shown.ours])) find('doubled', `transcript shows ${id} twice`)
  for (const id of repeated(
    sent.map(({ body }) => body.biz_opaque_callback_data ?? '').filter((id) => id !== ''),
  ))
    find('doubled', `message ${id} reached the phone twice`)
  for (const { providerMessageId, status } of ours)
    if (['sent', 'delivered', 'read'].includes(status) && !sentIds.includes(providerMessageId))
      find('broken_record', `the record says ${status}, the phone never had ${providerMessageId}`)
  for (const { messageId, status } of ours)
    if (['queued', 'failed', 'uncertain'].includes(status))
      find('unsent', `our message ${messageId} is ${status}`)
  if (!sameOrder(customer.wrote, shown.theirs)) find('disordered', "the customer's messages")
  if (!sameOrder(sentIds, shown.ours)) find('disordered', 'our messages')

  let before: { version: number; hash: string } | undefined
  for (const { type, streamVersion, raw, hash, prevHash } of transcript.events) {
    if (raw !== null) {
      const bytes = Buffer.from(raw, 'base64')
      const event = EventEnvelope.decode(bytes)
      if (
        event.type !== type ||
        event.streamVersion !== streamVersion ||
        event.prevHash.toString('hex') !== prevHash ||
        createHash('sha256').update(bytes).digest('hex') !== hash
      )
        find('broken_record', `event ${streamVersion} is not what its bytes say`)
    }
    if (before !== undefined && streamVersion !== before.version + 1)
      find('broken_record', `versions jump from ${before.version} to ${streamVersion}`)
    else if (before !== undefined && prevHash !== before.hash)
      find('broken_record', `event ${streamVersion} does not continue the one before it`)
    before = { version: streamVersion, hash }
  }
  if (!transcript.events.some(({ type }) => type === 'ConversationClosed'))
    find('unfinished', 'the conversation did not close')
  return findings
}

function repeated(ids: readonly string[]): string[] {
  const seen = new Set<string>()
  return ids.filter((id) => seen.size === seen.add(id).size)
}

function sameOrder(left: readonly string[], right: readonly string[]): boolean {
  const common = left.filter((id) => right.includes(id))
  const inRight = right.filter((id) => left.includes(id))
  return common.every((id, index) => id === inRight[index])
}
