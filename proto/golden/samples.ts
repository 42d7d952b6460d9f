import { readFileSync } from 'node:fs'
import {
  type DescField,
  type DescMessage,
  type FileRegistry,
  type JsonValue,
  ScalarType,
  createFileRegistry,
  fromBinary,
  fromJson,
  toBinary,
} from '@bufbuild/protobuf'
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt'
import { fileDescriptorSet } from '../src/descriptors.ts'

/**
 * Golden bytes: one record of every type, every field set, as it was written when the type was new. They are made with protobuf-es
 * from the descriptors, not with the generated code that reads them: two implementations have to agree.
 */
export interface Golden {
  /** The file's name: the envelope, the payload and its schema version; a dot and a word where a type has more than one. */
  readonly name: string
  readonly message: string
  /** Base64: the exact record value. */
  readonly bytes: string
  /** What it says, as proto3 JSON. */
  readonly json: JsonValue
}

export const registry: FileRegistry = createFileRegistry(
  fromBinary(FileDescriptorSetSchema, fileDescriptorSet),
)

/** Envelopes that stand in topics, with the oneof that says what they carry. */
export const envelopes = [
  { folder: 'events', message: 'parley.envelope.v1.EventEnvelope' },
  { folder: 'commands', message: 'parley.envelope.v1.CommandEnvelope' },
  { folder: 'dead-letters', message: 'parley.envelope.v1.DeadLetter' },
] as const

export function payloadsOf(message: string): readonly DescField[] {
  return descriptorOf(message).oneofs.find(({ name }) => name === 'payload')?.fields ?? []
}

function descriptorOf(message: string): DescMessage {
  const descriptor = registry.getMessage(message)
  if (descriptor === undefined)
    throw new Error(`${message} is not in gen/descriptors.binpb. Run pnpm --filter @parley/proto generate.`)
  return descriptor
}

/** Whatever can be said today: each payload, and MessageReceived once more for each kind of message body. */
export function samples(): readonly { folder: string; golden: Golden }[] {
  return envelopes.flatMap(({ folder, message }) => {
    const payloads = payloadsOf(message)
    if (payloads.length === 0) return [{ folder, golden: sample(message, typeOf(message), undefined, 0) }]
    return payloads.flatMap((payload) => {
      const type = typeOf(payload.message!.typeName)
      const one = sample(message, `${type}.v1`, payload, payload.number)
      if (type !== 'MessageReceived') return [{ folder, golden: one }]
      const bodies = descriptorOf('parley.conversation.v1.MessageBody').oneofs.flatMap(({ fields }) => fields)
      return [
        { folder, golden: one },
        ...bodies.map((body, index) => ({
          folder,
          golden: sample(message, `${type}.v1.${body.name}`, payload, index),
        })),
      ]
    })
  })
}

const typeOf = (typeName: string) => typeName.slice(typeName.lastIndexOf('.') + 1)

function sample(message: string, name: string, payload: DescField | undefined, choice: number): Golden {
  const descriptor = descriptorOf(message)
  const json = full(descriptor, { payload, choice })
  const said =
    payload === undefined ? json : { ...json, type: typeOf(payload.message!.typeName), schemaVersion: 1 }
  const bytes = toBinary(descriptor, fromJson(descriptor, said, { registry }))
  return { name, message, bytes: Buffer.from(bytes).toString('base64'), json: said }
}

/** Every field set. Of a oneof the one that is asked for, or one by turns: lists hold every alternative. */
function full(
  descriptor: DescMessage,
  pick: { payload?: DescField | undefined; choice: number },
): Record<string, JsonValue> {
  const json: Record<string, JsonValue> = {}
  for (const field of descriptor.fields) {
    if (field.oneof !== undefined) {
      const chosen =
        field.oneof.name === 'payload' && pick.payload !== undefined
          ? pick.payload
          : field.oneof.fields[pick.choice % field.oneof.fields.length]
      if (chosen?.name !== field.name) continue
    }
    if (field.fieldKind === 'list') {
      const alternatives = field.message?.oneofs[0]?.fields.length ?? 2
      json[field.jsonName] = Array.from({ length: alternatives }, (_, at) =>
        one(field, { choice: at }, at + 1),
      )
    } else json[field.jsonName] = one(field, pick, 1)
  }
  return json
}

function one(field: DescField, pick: { choice: number }, nth: number): JsonValue {
  if (field.message !== undefined) {
    if (field.message.typeName === 'google.protobuf.Timestamp') return `2026-02-0${nth}T03:04:05.678Z`
    return full(field.message, { choice: pick.choice })
  }
  switch (field.scalar) {
    case ScalarType.STRING:
      return `${field.name} ${nth} ção ক`
    case ScalarType.BOOL:
      return true
    case ScalarType.BYTES:
      return Buffer.from([0, 255, field.number, nth]).toString('base64')
    case ScalarType.INT64:
    case ScalarType.UINT64:
      return '9007199254740993'
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return -23.5 - nth
    default:
      return 1_000 + field.number
  }
}

export function readGolden(file: URL): Golden {
  return JSON.parse(readFileSync(file, 'utf8')) as Golden
}
