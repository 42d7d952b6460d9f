// `npm run golden --prefix packages/audit`
import { type Golden, sample } from '@parley/proto/golden'
import { writeMissing } from '@parley/proto/golden/write'
import { audits } from '../src/family.ts'

const PACKAGE = 'parley.audit.v1'

export function goldens(): readonly Golden[] {
  const types = [
    ...audits.eventTypes.filter((type) => audits.isFolded(type)),
    ...audits.commandTypes.filter((type) => type !== 'AdoptPolicy'),
  ]
  return types.map((type) => sample(`${PACKAGE}.${type}`, `${type}.v1`))
}

if (import.meta.main) writeMissing(new URL('./written/', import.meta.url), goldens())
