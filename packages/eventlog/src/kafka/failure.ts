import errors from 'kafkajs/src/protocol/error.js'
import { LogClientCrashed, PartitionCountMismatch, UnknownTopic } from '../errors.ts'

/** The broker answered, with an error of the protocol: the connection itself is sound. */
export function isProtocolError(error: unknown): boolean {
  return (error as { name?: string }).name === 'KafkaJSProtocolError'
}

/** What the broker answered of one partition: by its name in Kafka, which is what an operator looks for. */
export function answered(errorCode: number): Error {
  return errors.createErrorFromCode(errorCode)
}

/** The broker's word about one of the topics that it was asked about: it is not there, or this user may not see it. */
export function isOfOneTopic(error: unknown): boolean {
  return topicErrors.has(typeOf(error) ?? '')
}

const topicErrors = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'TOPIC_AUTHORIZATION_FAILED',
  'INVALID_TOPIC_EXCEPTION',
])

/** The coordinator's word about this member: it is still the coordinator. */
export function isOfMembership(error: unknown): boolean {
  return membershipErrors.has(typeOf(error) ?? '')
}

const membershipErrors = new Set([
  'REBALANCE_IN_PROGRESS',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'MEMBER_ID_REQUIRED',
  'FENCED_INSTANCE_ID',
])

/** The error's name in Kafka, where the broker answered with one. */
export function typeOf(error: unknown): string | undefined {
  return (error as { type?: string }).type
}

export function codeOf(error: unknown): string {
  const { code, type, name } = error as { code?: unknown; type?: unknown; name?: unknown }
  if (typeof code === 'string') return code
  return typeof type === 'string' ? type : String(name)
}

const NEW_TOPIC_MS = 3_000

/** To ask again gives the same answer. A topic that was made a moment ago is not known to every broker yet. */
export function isForGood(error: unknown, askedSince: number): boolean {
  if (error instanceof PartitionCountMismatch || error instanceof LogClientCrashed) return true
  return error instanceof UnknownTopic && performance.now() > askedSince + NEW_TOPIC_MS
}
