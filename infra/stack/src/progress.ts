import { Listr, type ListrTask } from 'listr2'
import pc from 'picocolors'

export type Step =
  | { title: string; run(say: (line: string) => void): Promise<void> }
  | { title: string; together: readonly Step[] }

/** Shows steps while it runs them, one after the other, those `together` at once. */
export type Progress = (steps: readonly Step[]) => Promise<void>

const runQuietly = async (
  step: Step,
  shown: (step: Step, work: () => Promise<void>) => Promise<void>,
): Promise<void> => {
  if ('run' in step) return shown(step, () => step.run(() => undefined))
  const outcomes = await Promise.allSettled(step.together.map((part) => runQuietly(part, shown)))
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
}

export const noProgress: Progress = async (steps) => {
  for (const step of steps) await runQuietly(step, (_, work) => work())
}

export const plainProgress: Progress = async (steps) => {
  for (const step of steps) {
    await runQuietly(step, async ({ title }, work) => {
      const began = performance.now()
      try {
        await work()
        process.stderr.write(`ok      ${title} (${((performance.now() - began) / 1000).toFixed(1)} s)\n`)
      } catch (error) {
        process.stderr.write(`failed  ${title}\n`)
        throw error
      }
    })
  }
}

const asTask = (step: Step): ListrTask =>
  'run' in step
    ? {
        title: step.title,
        task: async (_, task) => {
          const began = performance.now()
          await step.run((line) => (task.output = line))
          task.title = `${step.title} ${pc.dim(`${((performance.now() - began) / 1000).toFixed(1)} s`)}`
        },
      }
    : { title: step.title, task: (_, task) => task.newListr(step.together.map(asTask), { concurrent: true }) }

export const liveProgress: Progress = async (steps) => {
  await new Listr(steps.map(asTask), {
    registerSignalListeners: false,
    rendererOptions: { collapseSubtasks: false, showErrorMessage: false, collapseErrors: false },
  }).run()
}
