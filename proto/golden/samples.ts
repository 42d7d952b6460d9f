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
 * Golden bytes: a message with every field set, as it was written when it was new. They are made with protobuf-es from the descriptors,
 * not with the generated code that reads them: two implementations have to agree.
 */
export interface Golden {
  /** The file's name. */
  readonly name: string
  readonly message: string
  /** Base64. */
  readonly bytes: string
  /** What it says, as proto3 JSON. */
  readonly json: JsonValue
}

export const registry: FileRegistry = createFileRegistry(
  fromBinary(FileDescriptorSetSchema, fileDescriptorSet),
)

export function descriptorOf(message: string): DescMessage {
  const descriptor = registry.getMessage(message)
  if (descriptor === undefined)
    throw new Error(`${message} is not in gen/descriptors.binpb. Run "npm run generate".`)
  return descriptor
}

/** @param choice Which field of each oneof is set; lists hold every alternative. */
export function sample(message: string, name: string, choice = 0): Golden {
  const descriptor = descriptorOf(message)
  const json = full(descriptor, choice)
  const bytes = toBinary(descriptor, fromJson(descriptor, json, { registry }))
  return { name, message, bytes: Buffer.from(bytes).toString('base64'), json }
}

export function readGolden(file: URL): Golden {
  return JSON.parse(readFileSync(file, 'utf8')) as Golden
}

function full(descriptor: DescMessage, choice: number): Record<string, JsonValue> {
  const json: Record<string, JsonValue> = {}
  for (const field of descriptor.fields) {
    if (field.oneof !== undefined && field.oneof.fields[choice % field.oneof.fields.length] !== field)
      continue
    if (field.fieldKind === 'list') {
      const alternatives = field.message?.oneofs[0]?.fields.length ?? 2
      json[field.jsonName] = Array.from({ length: alternatives }, (_, at) => one(field, at, at + 1))
    } else json[field.jsonName] = one(field, choice, 1)
  }
  return json
}

function one(field: DescField, choice: number, nth: number): JsonValue {
  if (field.message !== undefined) {
    if (field.message.typeName === 'google.protobuf.Timestamp') return `2026-02-0${nth}T03:04:05.678Z`
    return full(field.message, choice)
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
