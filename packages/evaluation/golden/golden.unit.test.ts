import { goldenTests } from '@parley/proto/golden/tests'
import { evaluationFamily } from '../src/family.ts'
import { goldens } from './samples.ts'

goldenTests(evaluationFamily, new URL('./written/', import.meta.url), goldens(), 'packages/evaluation')
