// `npm run golden --prefix packages/workforce`
import { type Golden, sample } from '@parley/proto/golden'
import { writeMissing } from '@parley/proto/golden/write'
import { workforces } from '../src/family.ts'

const PACKAGE = 'parley.workforce.v1'

export function goldens(): readonly Golden[] {
  const types = [
    ...workforces.eventTypes.filter((type) => workforces.isFolded(type)),
    ...workforces.commandTypes.filter((type) => type !== 'AdoptPolicy'),
  ]
  return types.map((type) => sample(`${PACKAGE}.${type}`, `${type}.v1`))
}

if (import.meta.main) writeMissing(new URL('./written/', import.meta.url), goldens())
