import { createReadStream, globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { CommandLineMistake, didYouMean, readCommandLine } from '@parley/authoring'
import pc from 'picocolors'
import type { HttpCalls } from '../adapters/http-calls.ts'
import { checkFlow } from '../flow/checking.ts'
import { LANGUAGES, isLanguage } from '../flow/language.ts'
import { type Problem, formatProblem } from '../flow/problem.ts'
import { PEOPLE_USAGE, peopleCommand } from './people.ts'
import { linesOf, play } from './play.ts'
import { AUDIT_USAGE, auditCommand } from './audit.ts'
import { CONFIG_USAGE, configCommand } from './config.ts'
import { PROJECTION_USAGE, projectionCommand } from './projection.ts'

const USAGE = `Usage:
  npm run parley -- flow check [FILE…]       all that is wrong, with line and column (default: config/flows)
  npm run parley -- flow test FILE [--language ${LANGUAGES.join('|')}] [--script answers.txt]
                                             play a flow; answers from the keyboard, a pipe or a file, one a line
${CONFIG_USAGE}${AUDIT_USAGE}${PROJECTION_USAGE}${PEOPLE_USAGE}`

/** Results go to stdout, words about the work to stderr. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    if (!args.some((arg) => arg === '--help' || arg === '-h')) {
      if (args[0] === 'projection') return await projectionCommand(args.slice(1))
      if (args[0] === 'config') return await configCommand(args.slice(1))
      if (args[0] === 'audit') return await auditCommand(args.slice(1))
      if (args[0] === 'people') return await peopleCommand(args.slice(1))
    }
    const { values, positionals } = readCommandLine(
      args,
      { language: { type: 'string', default: 'pt' }, script: { type: 'string' } },
      ['flow', 'config', 'projection', 'audit', 'people'],
    )
    const [topic, command, ...files] = positionals
    if (topic === undefined || values.help) {
      process.stdout.write(USAGE)
      return 0
    }
    if (command === 'check') return await checkFiles(files)
    if (command === 'test') return await testFlow(files, values)
    return misused(
      command === undefined
        ? 'flow is followed by check or test'
        : `there is no command "flow ${command}"${didYouMean(command, ['check', 'test'])}`,
    )
  } catch (error) {
    if (error instanceof CommandLineMistake) return misused(error.message)
    throw error
  }
}

function misused(why: string): number {
  process.stderr.write(`parley: ${why} (USAGE)\n\n${USAGE}`)
  return 2
}

async function checkFiles(args: readonly string[]): Promise<number> {
  const files = args.length > 0 ? [...args] : globSync('config/flows/**/*.{yaml,yml}')
  if (files.length === 0) return misused('there is no flow in config/flows')
  const problems: Problem[] = []
  for (const file of files.sort()) {
    const source = await readSource(file)
    if (source === undefined) return 1
    problems.push(...checkFlow(relative('.', file), source).problems)
  }
  for (const problem of problems) process.stdout.write(`${formatProblem(problem)}\n`)
  process.stderr.write(
    problems.length === 0
      ? `${pc.green('✓')} ${files.length} ${files.length === 1 ? 'flow' : 'flows'} checked, nothing wrong\n`
      : `${pc.red('✗')} ${problems.length} ${problems.length === 1 ? 'problem' : 'problems'} in ${files.length} ${files.length === 1 ? 'flow' : 'flows'}\n`,
  )
  return problems.length === 0 ? 0 : 1
}

async function testFlow(
  files: readonly string[],
  { language, script }: { readonly language: string; readonly script?: string | undefined },
): Promise<number> {
  const [file] = files
  if (file === undefined || files.length > 1) return misused('name one flow file')
  if (!isLanguage(language)) return misused(`--language is one of ${LANGUAGES.join(', ')}`)

  const source = await readSource(file)
  if (source === undefined) return 1
  if (script !== undefined && (await readSource(script)) === undefined) return 1
  const { flow, problems } = checkFlow(relative('.', file), source)
  for (const problem of problems) process.stderr.write(`${formatProblem(problem)}\n`)
  if (!flow) return 1

  const isTyped = script === undefined && process.stdin.isTTY
  const secrets = Object.fromEntries(flow.env.map((name) => [name, process.env[name] ?? '']))
  for (const name of flow.env)
    if (secrets[name] === '')
      process.stderr.write(pc.dim(`${name} is not set: calls that use it take their fallback\n`))
  let calls: HttpCalls | undefined
  const outcome = await play({
    flow,
    language,
    secrets,
    lines: linesOf(script === undefined ? process.stdin : createReadStream(script)),
    call: async (call) => {
      // Few flows call: the others need not wait for an HTTP client to be loaded.
      calls ??= (await import('../adapters/http-calls.ts')).httpCalls()
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

async function readSource(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    process.stderr.write(`parley: ${join(file)} cannot be read: ${code} (FILE_UNREADABLE). Check the path.\n`)
    return undefined
  }
}

if (import.meta.main) process.exit(await main(process.argv.slice(2)))
