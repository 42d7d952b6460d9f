import { goldenTests } from '@parley/proto/golden/tests'
import { audits } from '../src/family.ts'
import { goldens } from './samples.ts'

goldenTests(audits, new URL('./written/', import.meta.url), goldens(), 'packages/audit')
