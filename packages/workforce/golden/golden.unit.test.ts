import { goldenTests } from '@parley/proto/golden/tests'
import { workforces } from '../src/family.ts'
import { goldens } from './samples.ts'

goldenTests(workforces, new URL('./written/', import.meta.url), goldens(), 'packages/workforce')
