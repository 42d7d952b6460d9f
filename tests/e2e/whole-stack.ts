import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Stack, startStack } from '@parley/stack'
import { launchBrowser } from '@parley/testkit/browser'
import type { Browser } from 'playwright-core'
import { SimulatorControl } from '../demo/simulator-control.ts'

export interface WholeStack extends AsyncDisposable {
  readonly stack: Stack
  readonly browser: Browser
  readonly simulator: SimulatorControl
}

/** Everything as `npm start` has it, on ports and data of its own, with a browser to look at it. */
export async function wholeStack(): Promise<WholeStack> {
  await using undo = new AsyncDisposableStack()
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-e2e-'))
  undo.defer(() => rm(dataDir, { recursive: true, force: true }))
  const stack = undo.adopt(await startStack({ dataDir, randomPorts: true }), async (it) => {
    await it.stop()
  })
  const browser = undo.adopt(await launchBrowser(), (it) => it.close())
  const simulator = undo.adopt(new SimulatorControl(stack.urls.simulator), (it) => it.close())
  const running = undo.move()
  return { stack, browser, simulator, [Symbol.asyncDispose]: () => running.disposeAsync() }
}
