import {
  type Actor,
  type NewCommand,
  type Words,
  asBuffer,
  clocksOf,
  deterministicId,
  oneOf,
  wordsNamed,
} from '@parley/kernel'
import type { AuditEntry as WireEntry } from '@parley/proto/audit'
import type { EntryRecorded, RecordEntry } from '@parley/proto/audit-entries'
import { type AuditCommand, audits } from './family.ts'

/** What is traced. What a type covers and its fields: docs/design/audit.md */
export const ENTRY_TYPES = [
  'signed_in',
  'sign_in_failed',
  'signed_out',
  'access_refused',
  'conversation_opened',
  'sensitive_revealed',
  'exported',
  'evaluated',
  'alert_acknowledged',
  'television_added',
  'television_ended',
  'configuration_changed',
  'roles_changed',
  'person_deactivated',
  'person_activated',
  'operator_acted',
] as const
export type EntryType = (typeof ENTRY_TYPES)[number]

export const isEntryType = oneOf(ENTRY_TYPES)

export interface AuditPerson {
  readonly id: string
  readonly login: string
  readonly name: string
}

/** Of whatever else is known of somebody, what the audit names them by. */
export function auditPerson({ id, login, name }: AuditPerson): AuditPerson {
  return { id, login, name }
}

/** What acts are done to, or with. Pages have a word for each. */
export const SUBJECT_KINDS = [
  'person',
  'provider',
  'route',
  'method',
  'conversation',
  'contact',
  'figure',
  'alert',
  'television',
  'configuration',
  'flow',
  'reader',
  'projection',
  'dead_letter',
] as const
export type SubjectKind = (typeof SUBJECT_KINDS)[number]

/** What it was done to, or with. The id is opaque: an id, a route or a code; never a login, a name, a number. */
export interface AuditSubject {
  readonly kind: SubjectKind
  readonly id: string
}

/** An act as whoever sees it happen tells it. */
export interface AuditEntry {
  readonly type: EntryType
  /** Null: nobody was signed in. */
  readonly person: AuditPerson | null
  readonly subject: AuditSubject
  /** Codes and ids. */
  readonly fields?: Readonly<Record<string, string>>
  /** What people wrote or typed: reasons, logins that nobody has. Kept apart from the facts, and shown among the fields. */
  readonly words?: Readonly<Record<string, string>>
}

/** An entry as it is read. */
export interface RecordedEntry {
  readonly id: string
  /** ISO 8601 UTC, milliseconds: when it was done. */
  readonly at: string
  readonly person: AuditPerson | null
  readonly type: string
  readonly subject: { readonly kind: string; readonly id: string }
  readonly fields: Readonly<Record<string, string>>
}

/** Longer words are cut: an entry is a trace, not a store. */
const WORDS_CHARACTERS_MAX = 500

/**
 * Acts of one person are one stream. What nobody did is a stream for each type and subject, so that no stream is everybody's; the id
 * is opaque, because keys of records end up in tools and traces.
 */
export function streamOf({ type, person, subject }: Pick<AuditEntry, 'type' | 'person' | 'subject'>): string {
  return person === null
    ? deterministicId('audit', 'nobody', type, subject.kind, subject.id)
    : deterministicId('audit', 'person', person.id)
}

export interface Circumstances {
  /** The service that saw it. */
  readonly service: string
  /** The request that caused it: the same act told twice is one entry. Only its digest, in the id of the command, is kept. */
  readonly cause: string
  readonly at: Date
}

export function recordEntry(
  entry: AuditEntry,
  { service, cause, at }: Circumstances,
): NewCommand<AuditCommand> {
  const { type, person, subject, fields = {}, words = {} } = entry
  const actor: Actor = person === null ? { kind: 'system', id: service } : { kind: 'agent', id: person.id }
  return {
    ...audits.command('RecordEntry', {
      type,
      personId: person?.id ?? '',
      subjectKind: subject.kind,
      subjectId: subject.id,
      fields: Object.entries(fields).map(([name, value]) => ({ name, value })),
    }),
    commandId: deterministicId('audit', type, subject.kind, subject.id, cause),
    streamId: streamOf(entry),
    occurredAt: at.toISOString(),
    actor,
    correlationId: subject.kind === 'conversation' ? subject.id : '',
    content: [
      ...(person === null ? [] : [part('login', person.login), part('name', person.name)]),
      ...Object.entries(words).map(([name, value]) => part(`${FIELD}${name}`, value)),
    ],
  }
}

const FIELD = 'field.'

function part(name: string, text: string): Words {
  return { name, value: Buffer.from(text.slice(0, WORDS_CHARACTERS_MAX).toWellFormed()) }
}

/** @param event As a reader gets it. */
export function entryOf({
  data,
  envelope,
}: {
  readonly data: EntryRecorded
  readonly envelope: {
    readonly eventId: string
    readonly occurredAt: string | undefined
    readonly recordedAt: string | undefined
    readonly content: readonly Words[]
  }
}): RecordedEntry {
  const { eventId, content } = envelope
  const { type, personId, subjectKind, subjectId, fields } = data
  const textIn = (name: string) => asBuffer(wordsNamed(content, name)[0] ?? new Uint8Array()).toString('utf8')
  return {
    id: eventId,
    at: clocksOf(envelope).occurredAt,
    person: personId === '' ? null : { id: personId, login: textIn('login'), name: textIn('name') },
    type,
    subject: { kind: subjectKind, id: subjectId },
    fields: Object.fromEntries([
      ...fields.map(({ name, value }) => [name, value] as const),
      ...content.flatMap(({ name }) =>
        name.startsWith(FIELD) ? [[name.slice(FIELD.length), textIn(name)] as const] : [],
      ),
    ]),
  }
}

/** As the archive answers by gRPC, read as the entry that it is. */
export function entryFromWire({
  id,
  at = '',
  person,
  type,
  subjectKind,
  subjectId,
  fields,
}: WireEntry): RecordedEntry {
  return {
    id,
    at,
    person: person === undefined ? null : auditPerson(person),
    type,
    subject: { kind: subjectKind, id: subjectId },
    fields: Object.fromEntries(fields.map(({ name, value }) => [name, value])),
  }
}

/** What of an act the rules see. */
export type EntryFacts = Pick<RecordEntry, 'type' | 'personId' | 'subjectKind' | 'subjectId' | 'fields'>
