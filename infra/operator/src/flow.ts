import { createReadStream, globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { CommandLineMistake } from '@parley/authoring'
import { type FlowSource, type Problem, checkFlow, formatProblem, twinsIn } from '@parley/bot/flow'
import type { HttpCalls } from '@parley/bot/http-calls'
import { LANGUAGES, isLanguage } from '@parley/conversation/said'
import type { Calendars } from '@parley/workforce'
import pc from 'picocolors'
import { configFolder } from './folder.ts'

/** `npm run parley -- flow check`: exit code 1 when something is wrong; warnings are shown, and are none. */
export async function checkFiles(args: readonly string[]): Promise<number> {
  const folder = join(configFolder(), 'flows')
  const files =
    args.length > 0
      ? [...args]
      : globSync('**/*.{yaml,yml}', { cwd: folder }).map((file) => join(folder, file))
  if (files.length === 0) throw new CommandLineMistake(`there is no flow in ${folder}`)
  const problems: Problem[] = []
  const warnings: Problem[] = []
  const flows: FlowSource[] = []
  for (const file of files.sort()) {
    const source = await readSource(file)
    if (source === undefined) return 1
    const found = checkFlow(relative('.', file), source)
    problems.push(...found.problems)
    warnings.push(...found.warnings)
    if (found.flow) flows.push({ file: relative('.', file), source, flow: found.flow })
  }
  // The bot loads a folder, and not those inside it.
  for (const together of Map.groupBy(flows, ({ file }) => dirname(file)).values())
    problems.push(...twinsIn(together))
  for (const problem of [...problems, ...warnings]) process.stdout.write(`${formatProblem(problem)}\n`)
  const checked = counted(files.length, 'flow')
  const warned = warnings.length === 0 ? '' : `, ${counted(warnings.length, 'warning')}`
  process.stderr.write(
    problems.length === 0
      ? `${pc.green('✓')} ${checked} checked, nothing wrong${warned}\n`
      : `${pc.red('✗')} ${counted(problems.length, 'problem')} in ${checked}${warned}\n`,
  )
  return problems.length === 0 ? 0 : 1
}

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`

/** `npm run parley -- flow test`: exit code 1 when the flow cannot be played, or goes round in circles. */
export async function testFlow(
  file: string,
  { language, script }: { readonly language: string; readonly script: string | undefined },
): Promise<number> {
  if (!isLanguage(language)) throw new CommandLineMistake(`--language is one of ${LANGUAGES.join(', ')}`)

  const source = await readSource(file)
  if (source === undefined) return 1
  if (script !== undefined && (await readSource(script)) === undefined) return 1
  const { flow, problems, warnings } = checkFlow(relative('.', file), source)
  for (const problem of [...problems, ...warnings]) process.stderr.write(`${formatProblem(problem)}\n`)
  if (!flow) return 1

  // A check plays nothing, and need not load what plays.
  const { linesOf, play } = await import('./play.ts')
  const isTyped = script === undefined && process.stdin.isTTY
  const secrets = Object.fromEntries(flow.env.map((name) => [name, process.env[name] ?? '']))
  for (const name of flow.env)
    if (secrets[name] === '')
      process.stderr.write(pc.dim(`${name} is not set: calls that use it take their fallback\n`))
  let calls: HttpCalls | undefined
  let calendars: Calendars | undefined
  // Loaded only for flows that speak of hours: it is a whole service.
  if (flow.saysHours) {
    const { configurationIn } = await import('./config.ts')
    calendars = await configurationIn(configFolder())
  }
  const outcome = await play({
    flow,
    language,
    calendars,
    secrets,
    lines: linesOf(script === undefined ? process.stdin : createReadStream(script)),
    call: async (call) => {
      // Few flows call: the others need not wait for an HTTP client to be loaded.
      calls ??= await callsOf(process.env)
      const result = await calls.call(call, new AbortController().signal)
      process.stderr.write(
        pc.dim(`(${call.method} ${call.step}: ${result.ok ? 'answered' : `${result.why}, fallback`})\n`),
      )
      return result
    },
    print: (line) => process.stdout.write(`${line}\n`),
    echo: (line) => void (isTyped || process.stdout.write(`> ${line}\n`)),
    prompt: () => void (isTyped && process.stdout.write(pc.cyan('> '))),
  })
  await calls?.close()
  if (outcome === 'waiting') process.stderr.write(pc.dim('(no more answers; the flow waits for one)\n'))
  if (outcome !== 'FLOW_LOOP') return 0
  process.stderr.write(
    `${pc.red('✗')} more than 50 steps without a question (FLOW_LOOP): look for steps that lead back to themselves\n`,
  )
  return 1
}

async function callsOf(env: NodeJS.ProcessEnv): Promise<HttpCalls> {
  const [{ httpCalls }, { wayOutIn }] = await Promise.all([
    import('@parley/bot/http-calls'),
    import('@parley/outbound'),
  ])
  return httpCalls({ wayOut: wayOutIn(env) })
}

async function readSource(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    process.stderr.write(`parley: ${join(file)} cannot be read: ${code} (FILE_UNREADABLE). Check the path.\n`)
    return undefined
  }
}
