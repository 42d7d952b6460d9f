import { runService } from '@parley/service'
import { FlowsInvalid } from './adapters/flow-files.ts'
import { compose } from './compose.ts'

await runService('bot', async (context) => {
  try {
    return await compose(context)
  } catch (error) {
    // For people at a terminal; the log has it as one line of JSON.
    if (error instanceof FlowsInvalid) process.stderr.write(`bot: ${error.message}\n`)
    throw error
  }
})
