import { fileURLToPath } from 'node:url'
import type { Program } from '../process/program.ts'
import { httpAnswersOk } from '../ready.ts'

type Habit = 'crashes-at-start' | 'ignores-sigterm' | 'falls-ill'

export const workerProgram = (worker: {
  name: string
  port: number
  journal: string
  habits?: Habit[]
}): Program => ({
  name: worker.name,
  child: {
    command: process.execPath,
    args: [
      fileURLToPath(new URL('worker.ts', import.meta.url)),
      worker.name,
      String(worker.port),
      worker.journal,
      ...(worker.habits ?? []),
    ],
  },
  stopBudgetMs: 2_000,
  isReady: () => httpAnswersOk(`http://127.0.0.1:${worker.port}/`),
  isAlive: () => httpAnswersOk(`http://127.0.0.1:${worker.port}/work`),
})
