import { CommandFailure, CommandLineMistake } from '@parley/authoring'
import { isLoopback } from '@parley/service'
import { type StackJson, stackJsonIn } from '@parley/stack/stack-json'

/**
 * The stack that runs there.
 * @param file its stack.json
 * @throws where it has real customers, too
 */
export async function simulatedStackIn(file: string): Promise<StackJson> {
  const stack = await stackJsonIn(file)
  if (stack !== undefined) return simulated(stack)
  throw new CommandFailure(
    `${file} is not there, so no stack is ready. Start one with \`npm start\` in another terminal, then say it again.`,
    'STACK_NOT_RUNNING',
  )
}

/** Thousands of messages to real phones would be no demonstration and no load but an assault, and an invented day would stand in a real log for ever. */
export function simulated(stack: StackJson): StackJson {
  const { console, simulator } = stack.urls
  for (const url of [console, simulator])
    if (url === '' || !isLoopback(new URL(url).hostname))
      throw new CommandLineMistake(
        `the stack ${url === '' ? 'has no simulator: it writes to real phones' : `is not on this machine: ${url}`}; use one that npm start started without WHATSAPP_*`,
      )
  return stack
}
