// `npm run golden --prefix proto`
import { sample } from './samples.ts'
import { writeMissing } from './write.ts'

/** What stands in topics: the envelopes, and what every family has. */
export const envelopes = [
  'EventEnvelope',
  'CommandEnvelope',
  'DeadLetter',
  'CommandRefused',
  'NothingChanged',
  'AdoptPolicy',
  'PolicyAdopted',
] as const

if (import.meta.main)
  writeMissing(
    new URL('./envelopes/', import.meta.url),
    envelopes.map((name) => sample(`parley.envelope.v1.${name}`, `${name}.v1`)),
  )
