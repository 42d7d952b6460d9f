import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { flowFiles, loadFlows } from '@parley/bot'
import { afterAll, describe, expect, test } from 'vitest'

const REPOSITORY = join(import.meta.dirname, '../../..')
const BANK = 'config/flows/atendimento.yaml'
const folder = mkdtempSync(join(tmpdir(), 'parley-cli-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function parley(args: string[], input = '', env: NodeJS.ProcessEnv = {}) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, 'parley.ts'), ...args],
    {
      cwd: REPOSITORY,
      env: { ...process.env, ...env },
      input,
      encoding: 'utf8',
      timeout: 30_000,
    },
  )
  return { status, stdout, stderr }
}
const file = (name: string, content: string) => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

describe('npm run parley', () => {
  test('flow test plays the answers of a pipe, numbers are taps, and it ends by itself', () => {
    const { status, stdout } = parley(
      ['flow', 'test', BANK],
      '1\n529.982.247-25\n4321\nontem\nno shopping\n1\n',
    )
    expect(status).toBe(0)
    expect(stdout).toContain('   [1] Perdi meu cartão')
    expect(stdout).toContain('> 529.982.247-25')
    expect(stdout).toMatch(/\[Ver a conversa\] \(the link to the transcript\)\n\(the conversation ends\)\n$/)
  })
  test('flow test takes a language and a script, and says when the answers run out', () => {
    const script = file('answers.txt', '1\n')
    const { status, stdout, stderr } = parley(['flow', 'test', BANK, '--language', 'bn', '--script', script])
    expect(status).toBe(0)
    expect(stdout).toContain('কীভাবে সাহায্য করতে পারি?')
    expect(stderr).toContain('no more answers')
  })
  test('flow test makes the calls, and takes the fallback when they fail', () => {
    const { status, stdout } = parley(
      ['flow', 'test', 'config/flows/examples/card-delivery.yaml', '--language', 'en'],
      '52998224725\n',
    )
    expect(status).toBe(0)
    expect(stdout).toContain('(handed over to people: queue cards)')
  })
  test('config check finds nothing in the example, and names line and column of what is wrong', () => {
    expect(parley(['config', 'check'])).toEqual({
      status: 0,
      stdout: '',
      stderr: expect.stringContaining('3 queues and 10 agents, nothing wrong'),
    })
    const copied = (name: string) => readFileSync(join(REPOSITORY, 'config', name), 'utf8')
    for (const name of ['company.yaml', 'people.yaml', 'workforce.yaml']) file(name, copied(name))
    file('scorecards.yaml', copied('scorecards.yaml').replace('weight: 2', 'wieght: 2'))
    file('quick-replies.yaml', 'hello:\n  pt: { name: Olá, text: "Olá, {Cliente}" }\n')
    file('names.yaml', 'queues:\n  general: { pt: Geral, en: General }\n')
    const beside = parley(['config', 'check', folder])
    expect(beside.status).toBe(1)
    for (const wrong of [
      /scorecards\.yaml:\d+:\d+: .*did you mean "weight"\?/,
      /quick-replies\.yaml:2:\d+: hello\.pt\.text: /,
      /names\.yaml:2:\d+: queues\.general/,
    ])
      expect(beside.stderr).toMatch(wrong)
    for (const name of ['company.yaml', 'people.yaml', 'workforce.yaml'])
      file(name, copied(name).replace('to: general', 'to: genral'))
    const { status, stderr } = parley(['config', 'check', folder])
    expect(status).toBe(1)
    expect(stderr).toMatch(
      /workforce\.yaml:\d+:\d+: queues\.branches\.overflow\.to: .*did you mean "general"/,
    )
    // None hides what is wrong in another.
    expect(stderr).toContain('scorecards.yaml:')
    file('people.yaml', 'teams: []\n')
    file('company.yaml', 'nmae: Banco Aurora\n')
    const all = parley(['config', 'check', folder])
    expect(all.status).toBe(1)
    for (const name of ['people', 'company', 'scorecards', 'quick-replies', 'names'])
      expect(all.stderr).toContain(`${name}.yaml:`)
    expect(all.stderr).toMatch(/company\.yaml:1:1: nmae: .*did you mean "name"\?/)
  })
  test('config check holds what stands beside workforce.yaml to it, and lets be what is of before', () => {
    const company = join(folder, 'held')
    cpSync(join(REPOSITORY, 'config'), company, { recursive: true })
    const change = (name: string, from: string, to: string) => {
      const source = readFileSync(join(company, name), 'utf8')
      expect(source).toContain(from)
      writeFileSync(join(company, name), source.replace(from, to))
    }
    change(
      'names.yaml',
      '\nclose_reasons:',
      '  lending: { pt: Crédito, en: Lending, bn: ঋণ }\n\nclose_reasons:',
    )
    const ofBefore = parley(['config', 'check', company])
    expect(ofBefore.status).toBe(0)
    expect(ofBefore.stderr).toMatch(
      /names\.yaml:\d+:3: queues\.lending: there is no queue "lending"\. One of/,
    )
    change('names.yaml', '  no_answer:', '  no_anser:')
    change('scorecards.yaml', 'percent: 10', 'percent: 10\n    queue: crads')
    const { status, stderr } = parley(['config', 'check', company])
    expect(status).toBe(1)
    expect(stderr).toContain('names.yaml: it names what is not there (CONFIG_CODE_UNKNOWN)')
    expect(stderr).toMatch(/names\.yaml:\d+:3: close_reasons\.no_anser: .*did you mean "no_answer"\?/)
    expect(stderr).toMatch(/scorecards\.yaml:\d+:12: samples\.0\.queue: .*did you mean "cards"\?/)
  })
  test('flow check looks at the flows that the bot would load', () => {
    mkdirSync(join(folder, 'company', 'flows'), { recursive: true })
    file('company/flows/odd.yaml', 'flow: odd\n')
    const { status, stdout } = parley(['flow', 'check'], '', { PARLEY_CONFIG_DIR: join(folder, 'company') })
    expect(status).toBe(1)
    expect(stdout).toContain('company/flows/odd.yaml:')
  })
  test('flow check finds two files of one name where the bot would load both, and so does the bot', async () => {
    const flows = join(folder, 'twice', 'flows')
    cpSync(join(REPOSITORY, 'config', 'flows'), flows, { recursive: true })
    const bank = join(flows, 'atendimento.yaml')
    cpSync(bank, join(flows, 'examples', 'copy.yaml'))
    const env = { PARLEY_CONFIG_DIR: join(folder, 'twice') }
    expect(parley(['flow', 'check'], '', env).status).toBe(0)
    cpSync(bank, join(flows, 'z-copy.yaml'))
    const { status, stdout } = parley(['flow', 'check'], '', env)
    expect(status).toBe(1)
    const twice = /z-copy\.yaml:\d+:7 FLOW_TWICE the flow "atendimento" is in .*atendimento\.yaml too/
    expect(stdout).toMatch(twice)
    await expect(flowFiles(flows).then((files) => loadFlows(files, {}))).rejects.toThrow(twice)
  })
  test('flow check finds nothing in the flows that are shipped', () => {
    expect(parley(['flow', 'check'])).toEqual({
      status: 0,
      stdout: '',
      stderr: expect.stringContaining('2 flows checked, nothing wrong'),
    })
  })
  test('flow check prints every problem with its line and column, and exits 1', () => {
    const broken = file(
      'broken.yaml',
      'flow: x\nversion: 1\npeople: { queue: q }\nsteps:\n  a:\n    goto: b\n  c: { end: {} }\n',
    )
    const { status, stdout } = parley(['flow', 'check', broken])
    expect(status).toBe(1)
    expect(stdout.replaceAll(/^.*broken/gm, 'broken')).toMatchInlineSnapshot(`
      "broken.yaml:6:5 UNKNOWN_STEP there is no step "b"
      broken.yaml:7:3 UNREACHABLE_STEP no way leads to the step "c"
      "
    `)
  })
  test('flow check shows what it warns of, and exits 0', () => {
    const warned = file(
      'warned.yaml',
      'flow: x\nversion: 1\npeople: { queue: q }\nsteps:\n  a:\n    ask:\n      type: choice\n      into: a\n      text: { pt: A?, en: A?, bn: A? }\n      options:\n        - { id: x, title: { pt: Cancelar, en: Back, bn: B } }\n  b: { end: {} }\n',
    )
    const { status, stdout, stderr } = parley(['flow', 'check', warned])
    expect(status).toBe(0)
    expect(stdout).toMatch(/warned\.yaml:11:29 warning AMBIGUOUS_OPTION "Cancelar" stops all messages/)
    expect(stderr).toContain('1 flow checked, nothing wrong, 1 warning')
  })
  test('a file that is not there, and a command that is not, are said so', () => {
    expect(parley(['flow', 'check', 'nowhere.yaml'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('FILE_UNREADABLE'),
    })
    // A file where a folder should be.
    expect(parley(['config', 'check', BANK])).toEqual({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/^parley: ENOTDIR.* \(FILE_UNREADABLE\)\. Check the path\.\n$/),
    })
    expect(parley(['flow', 'test', BANK, '--language', 'fr'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('pt, en, bn'),
    })
    expect(parley(['flows'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('did you mean "flow"? (USAGE)'),
    })
  })
})
