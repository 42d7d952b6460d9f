import { runService } from '@parley/service'
import { compose } from './compose.ts'

await runService('agent', compose)
