// `npm run golden --prefix packages/evaluation`
import { type Golden, sample } from '@parley/proto/golden'
import { writeMissing } from '@parley/proto/golden/write'
import { evaluationFamily } from '../src/family.ts'

const PACKAGE = 'parley.evaluation.v1'

export function goldens(): readonly Golden[] {
  const types = [
    ...evaluationFamily.eventTypes.filter((type) => evaluationFamily.isFolded(type)),
    ...evaluationFamily.commandTypes.filter((type) => type !== 'AdoptPolicy'),
  ]
  return types.map((type) => sample(`${PACKAGE}.${type}`, `${type}.v1`))
}

if (import.meta.main) writeMissing(new URL('./written/', import.meta.url), goldens())
