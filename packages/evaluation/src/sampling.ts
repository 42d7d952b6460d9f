import { sha256 } from '@parley/kernel'
import type { SampleRule } from './scorecards-file.ts'

/** A conversation that is over, as far as rules of sampling look at it. */
export interface Sampleable {
  readonly id: string
  readonly queue: string | null
  /** Null: nobody had it but the robot. */
  readonly lastAgentId: string | null
  readonly closeReason: string | null
}

/**
 * Whether a rule takes a conversation. It is decided by the conversation's id alone, so everybody who asks, whenever they ask, gets the
 * same ones, and nobody can pick theirs; another rule takes others.
 */
export function isSampled(rule: SampleRule, { id, queue, lastAgentId, closeReason }: Sampleable): boolean {
  if ((lastAgentId === null) !== (rule.for === 'robot')) return false
  if (rule.queue !== null && rule.queue !== queue) return false
  if (rule.reasons.length > 0 && (closeReason === null || !rule.reasons.includes(closeReason))) return false
  const drawn = sha256(Buffer.from(`${rule.name} ${id}`)).readUInt32BE(0) / 2 ** 32
  return drawn * 100 < rule.percent
}
